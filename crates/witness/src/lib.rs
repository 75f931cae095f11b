#![doc = include_str!("../README.md")]

mod client;
mod error;
mod memory;
mod routes;
mod witness;

pub use client::{Answer, Client, ClientError};
pub use error::WitnessError;
pub use routes::{Clock, router};
pub use witness::{Log, Refusal, Witness};
