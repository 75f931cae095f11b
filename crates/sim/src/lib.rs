#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
// This code computes with small whole numbers of people and days; conversions that can lose are written out where they
// matter, and tables are indexed by what they gave out themselves.
#![allow(clippy::similar_names)]

mod address;
mod dataset;
mod day;
mod delivery;
mod divisions;
mod draw;
mod entitlement;
mod error;
mod errors;
mod evolve;
pub mod fiscal;
mod generate;
mod keys;
mod names;
mod options;
mod profile;
mod rows;
#[cfg(feature = "score")]
pub mod score;
pub mod sms;
mod truth;
mod world;

pub use error::SimError;
pub use generate::generate;
pub use options::{Count, Gap, GenerateOptions, Progress, Summary};
