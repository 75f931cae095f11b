//! What can go wrong with the log, said so that an operator knows what to do.

use std::io;
use std::path::PathBuf;

use store::sea_orm::DbErr;

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] store::StoreError),
    /// A statement failed.
    #[error("failed to {what}")]
    Database {
        /// The verb and its object.
        what: &'static str,
        /// Why.
        #[source]
        source: Box<DbErr>,
    },
    /// A key or checkpoint does not hold.
    #[error(transparent)]
    Trust(#[from] trust::TrustError),
    /// What is stored of the tree is not what was signed last.
    #[error(
        "the audit log was changed: its stored tiles do not give the root that was signed at {size} entries; nothing more is sealed. Run `huimin audit verify`, and restore the database from a backup"
    )]
    Changed {
        /// Entries in the log.
        size: u64,
    },
    /// The log does not have a head that was seen before.
    #[error(
        "the audit log is not the one that was seen here before: it does not have the checkpoint of {size} entries; an old copy was put in its place, or it was written anew. Nothing more is sealed. Run `huimin audit verify`"
    )]
    Replaced {
        /// Entries of the head that was seen.
        size: u64,
    },
    /// The head before was signed with another key.
    #[error(
        "the audit log was signed with another key than the one in keys/audit.key; restore that file from a backup: nothing more is sealed"
    )]
    OtherKey,
    /// Nothing was ever sealed.
    #[error("the audit log is empty: nothing was sealed yet")]
    Nothing,
    /// A file can't be written.
    #[error("failed to write `{path}`")]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The log has outgrown the numbers that a database can hold.
    #[error("the audit log has no numbers left")]
    Full,
}

impl AuditError {
    pub(crate) fn db(what: &'static str) -> impl FnOnce(DbErr) -> Self {
        move |source| Self::Database { what, source: Box::new(source) }
    }
}
