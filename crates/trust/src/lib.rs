#![doc = include_str!("../README.md")]

mod column;
mod error;
mod key_file;
mod keys;
pub mod log;

pub use column::{SealedColumn, TokenKind};
pub use error::TrustError;
pub use keys::ColumnKeys;
