//! The audit log, and what a verification says after somebody with the right to write to the database has changed
//! something.
#![allow(clippy::unwrap_used, missing_docs)]

mod sealing;
mod tampering;
mod world;
