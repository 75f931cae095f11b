#![doc = include_str!("../README.md")]

mod column;
mod error;
mod hex;
mod key_file;
mod key_text;
mod keys;
pub mod log;
pub mod request;
mod rotation;
mod suite;
mod watch;

pub use column::{SealedColumn, TokenKind};
pub use error::TrustError;
pub use keys::{ColumnKeys, KeyUse};
pub use suite::Suite;
pub use watch::WatchedKeys;
