#![doc = include_str!("../README.md")]

pub mod access;
pub mod account;
pub mod api_client;
pub mod attempts;
pub mod citizen;
pub mod cookie;
mod error;
pub mod grant;
mod migrations;
pub mod oidc;
pub mod organisation;
mod password;
pub mod role;
pub mod second_factor;
pub mod session;
pub mod sms;
mod statement;
mod table;
mod trail;

pub use error::IdentityError;
pub use grant::Purpose;
pub use migrations::migrations;
pub use password::{HashError, PASSWORD_MAX, PASSWORD_MIN, PasswordFault, verify_in_turn};
pub use role::Role;
