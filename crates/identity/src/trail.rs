//! Entries of the audit trail about accounts and organisations.

use jiff::Timestamp;
use serde_json::Value;
use store::StoreError;
use store::audit::{self, Act};
use store::sea_orm::ConnectionTrait;

/// Writes an entry, in the transaction of the effect.
pub(crate) async fn record<C: ConnectionTrait>(
    db: &C,
    (who, what): (&str, &str),
    subject: &str,
    at: Timestamp,
    detail: &Value,
) -> Result<(), StoreError> {
    audit::record(db, Act { who, what, subject, at, purpose: "access control" }, detail).await
}
