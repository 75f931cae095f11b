#![doc = include_str!("../README.md")]

mod entity;
mod error;
mod export;
mod leaf;
mod migrations;
mod read;
mod seal;
mod verify;

pub use error::AuditError;
pub use export::export;
pub use migrations::migrations;
pub use seal::{Sealed, checkpoint, seal};
pub use verify::{Finding, Report, verify};
