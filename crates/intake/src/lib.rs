#![doc = include_str!("../README.md")]

mod account;
mod chunk;
mod clean;
mod code;
mod error;
mod feeds;
mod ingest;
mod layout;
mod outputs;
mod pipeline;
mod raw;
mod read;
mod reseal;
mod rules;
mod seal;
mod state;

pub use account::{DeliveryAccount, Hold, Kind};
pub use chunk::Warnings;
pub use code::Code;
pub use error::IntakeError;
pub use ingest::{IngestContext, IngestReport, Progress, ingest};
pub use outputs::{DELIVERIES, QUARANTINE, quarantine_place};
pub use reseal::Reseal;
