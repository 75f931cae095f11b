//! Work that outlives the process that asked for it.
//!
//! ```text
//!             enqueue                claim                   complete
//! (effect) ───────────▶ waiting ───────────────▶ running ───────────────▶ done
//!                          ▲                       │  │
//!                          │  fail: later again    │  │ the lease ran out: whoever claims next has it
//!                          └───────────────────────┘  │
//!                          ▲         fail, or gone, for the last time
//!                          └── revive ── dead ◀───────┘
//! ```
//!
//! A job is written in the transaction of the effect that asks for it, and is done in the transaction of
//! its own effect. Whoever works on it holds a lease; one who held it too long, because the machine slept
//! or the network was away, is told so by [`complete`] and gives the effect up: each claim has a larger
//! *fence* than the one before. What goes to outside systems is at least once, with a key by which they
//! know it again: [`Claim::id`].
//!
//! Instants are arguments. The clocks of servers must agree to well within a lease: one that is ahead takes
//! jobs from the others, which repeats work (the fence keeps the effect single), and puts what it touches
//! off to its own time.

mod claim;
mod dead;
mod enqueue;
pub(crate) mod entity;
mod schedule;
mod worker;

pub use claim::{Claim, claim, complete, fail, renew};
pub use dead::{DeadJob, dead, revive};
pub use enqueue::{NewJob, enqueue};
pub use schedule::{Cadence, schedule, tick, unschedule};
pub use worker::{Handler, Worker};

/// What a job can be, as it stands in the column.
mod state {
    /// To be done when it is due.
    pub(super) const WAITING: &str = "waiting";
    /// Somebody has it, or had it and is gone.
    pub(super) const RUNNING: &str = "running";
    /// Done, for good.
    pub(super) const DONE: &str = "done";
    /// Failed too often: a person has to look at it.
    pub(super) const DEAD: &str = "dead";
}
