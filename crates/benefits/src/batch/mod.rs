//! Batches: prepared from due items, approved by two people, sent, and settled by receipts.
//!
//! ```text
//! prepared ──two different people approve this content──▶ approved ──▶ sent ──every payment has a receipt──▶ settled
//!     ▲                                                      │
//!     └──────── the lists changed: content is new ───────────┘
//! ```
//!
//! Once a batch is sent its content never changes. The state `sent` is stored before the first
//! byte goes out, so that a process that is killed at any point leaves either a batch that was
//! never sent, or one that has to be asked for.

mod approve;
mod content;
mod file;
pub(crate) mod instructed;
pub(crate) mod load;
pub(crate) mod prepare;
mod receive;
pub(crate) mod refresh;
mod send;

pub use approve::{Approval, approve};
pub use prepare::{Prepared, prepare};
pub use receive::{Received, receive};
pub use send::{Sent, send};
