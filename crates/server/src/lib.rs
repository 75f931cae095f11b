//! The web application: a JSON API under `/api/v1`, sign-in, exports, and the embedded console.
//!
//! * [`serve`] answers requests over a data folder until it is told to stop.
//! * [`open_database`] opens the transaction plane with the schema of all crates.
//! * [`backup`] copies both planes, and brings them back.
//! * [`AuditLog`] seals the audit trail, and has witnesses co-sign it.
//! * [`fill_inbox`] makes the tasks that follow from a run.
//! * [`openapi_json`] describes the API; the console's client is generated from it.
//!
//! Inside, `api/` has one file a resource, `access/` the rule of every operation, `problem` makes all errors, `published` holds what the
//! last run has published, and `envelope` adds to each answer what all have in common.
//!
//! Invariants: every request reads one published manifest and nothing newer or older; nothing
//! personal is shown without leave of the access policies, and no person's file without an entry in the audit trail;
//! sensitive values leave this crate masked.

mod access;
mod api;
mod app;
mod audit_log;
pub mod backup;
mod database;
mod envelope;
mod export;
mod exposure;
mod health;
mod idempotent;
mod inbox;
mod key_source;
mod labels;
mod limits;
mod metrics;
mod oidc;
mod overview;
mod paging;
mod params;
mod problem;
mod published;
mod readings;
mod router;
mod rows;
mod serve;
mod sms;
mod tags;
mod text;
mod web;
mod why;
mod witnesses;

pub use app::Clock;
pub use audit_log::{AuditLog, AuditLogError};
pub use database::{DatabaseError, database_status, migrate_database, open_database};
pub use exposure::{Exposure, Mode, Unsafe};
pub use inbox::{InboxError, fill_inbox};
pub use key_source::{AUDIT_KEY, COLUMN_KEYS, KeySource, KeySourceError};
pub use oidc::{
    Oidc, OidcProvider, OidcSettings, OidcSetupError, oidc_provider, redirect_path, secret_variable,
};
pub use router::openapi_json;
pub use serve::{ServeOptions, ServerError, serve, serve_until};
pub use sms::{SmsSetupError, sms_gateway};
pub use witnesses::CosignError;

/// Version of this program.
const CODE_VERSION: &str = env!("CARGO_PKG_VERSION");
