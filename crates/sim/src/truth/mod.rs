//! The truth that the score is taken against: who is who, who is entitled, and how far known facts can carry.
//!
//! Written to `truth/`, which nothing but the score reads.

mod causes;
mod evaluate;
mod facts;
mod files;
mod learn;

pub(crate) use evaluate::{Entitlements, evaluate};
pub(crate) use facts::{Side, household_facts};
pub(crate) use files::{write_month, write_persons};
pub(crate) use learn::{learn, person_of};
