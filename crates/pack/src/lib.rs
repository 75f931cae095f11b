#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![warn(missing_docs, clippy::pedantic)]
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test that fails may panic"))]

mod check;
mod fault;
mod load;
mod model;
mod read;
mod schema;
mod span;
mod suggest;
mod yaml;

pub use fault::{Fault, Faults, Style};
pub use load::{load, load_texts};
pub use model::*;
pub use schema::schemas;
pub use span::{Sources, Span, Spanned};
