//! Citizens: they have no account and no password. Whoever gives an identity number, the name that goes with it and the
//! code that was sent to a telephone number that the registry knows, is that person.
//!
//! * [`code`]: one-time codes.
//! * [`session`]: what a code opens.
//! * [`representation`]: guardians (监护人), and people whom somebody has asked to act for them (代办).
//!
//! This crate knows persons by their ids alone. Whether number, name and telephone belong together is for the registry to say.

pub mod code;
pub mod representation;
pub mod session;

use jiff::Timestamp;
use serde_json::Value;
use store::StoreError;
use store::audit::{self, Act};
use store::sea_orm::ConnectionTrait;

use crate::Purpose;

/// How a person is named in the audit trail.
#[must_use]
pub fn subject(person: &str) -> String {
    format!("person:{person}")
}

/// Writes an entry about a person, in the transaction of the effect.
async fn record<C: ConnectionTrait>(
    db: &C,
    (who, what): (&str, &str),
    person: &str,
    at: Timestamp,
    detail: &Value,
) -> Result<(), StoreError> {
    let subject = subject(person);
    // Whatever is no person and no program is an account of the staff, at a counter.
    let is_own = who == "server" || who.starts_with("person:");
    let purpose = if is_own { "self" } else { Purpose::Casework.as_str() };
    let act = Act { who, what, subject: &subject, at, purpose };
    audit::record(db, act, detail).await
}
