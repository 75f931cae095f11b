//! This crate's own tables.

mod m20260101_000001_create_audit_entry;
mod m20260101_000002_create_outbox;
mod m20260101_000003_create_installation;
mod m20260101_000004_create_job;
mod m20260101_000005_seal_audit_entry;
mod m20260101_000006_create_idempotency_key;

use crate::MigrationSet;

/// The migrations of this crate. [`crate::migrate`] always applies them first.
#[must_use]
pub fn migrations() -> MigrationSet {
    vec![
        Box::new(m20260101_000001_create_audit_entry::Migration),
        Box::new(m20260101_000002_create_outbox::Migration),
        Box::new(m20260101_000003_create_installation::Migration),
        Box::new(m20260101_000004_create_job::Migration),
        Box::new(m20260101_000005_seal_audit_entry::Migration),
        Box::new(m20260101_000006_create_idempotency_key::Migration),
    ]
}
