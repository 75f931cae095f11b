#![doc = include_str!("../README.md")]

mod cosigned;
mod entity;
mod error;
mod export;
mod leaf;
mod migrations;
mod proof;
mod read;
mod seal;
mod verify;

pub use cosigned::{Cosigned, cosigned, keep_cosigned};
pub use error::AuditError;
pub use export::export;
pub use migrations::migrations;
pub use proof::consistency;
pub use seal::{Sealed, checkpoint, seal};
pub use verify::{Finding, Report, verify};
