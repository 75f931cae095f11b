//! What can go wrong in the transaction plane, said so that an operator knows what to do.

use std::io;
use std::path::{Path, PathBuf};

use sea_orm::DbErr;

/// An error of the transaction plane.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The URL names no kind of database that this program speaks.
    #[error(
        "`{scheme}` is not a database that this program speaks; give a URL that begins with `sqlite:` or `postgres:`"
    )]
    Scheme {
        /// The part of the URL before the first colon. The rest may hold a password.
        scheme: String,
    },
    /// The database could not be opened.
    #[error(
        "failed to open the {kind} database; check the URL, that the server runs, and that the folder exists and is writable"
    )]
    Open {
        /// `SQLite` or `PostgreSQL`.
        kind: &'static str,
        /// Why.
        #[source]
        source: Box<DbErr>,
    },
    /// The schema was written by a newer program.
    #[error(
        "the database's schema is newer than this program (it has `{migration}`, and {others} more that this program does not know); use the newer program that wrote it"
    )]
    NewerSchema {
        /// The first migration that this program does not know.
        migration: String,
        /// How many more there are.
        others: usize,
    },
    /// Two migrations have the same name.
    #[error("two migrations are called `{name}`; names are unique over all crates")]
    DuplicateMigration {
        /// The name.
        name: String,
    },
    /// Somebody else has taken the job.
    #[error(
        "job {job} was taken over by another worker, whose turn it is now; nothing was changed"
    )]
    LeaseLost {
        /// The job.
        job: i64,
    },
    /// The task that writes readings down has ended.
    #[error(
        "readings can't be written down any more, so that nothing is shown; start the program again"
    )]
    NoRecorder,
    /// A program of the database's maker failed.
    #[error("`{program}` failed: {reason}; it belongs to the package postgresql-client")]
    Tool {
        /// Its name.
        program: &'static str,
        /// What it said.
        reason: String,
    },
    /// The database that is to be filled has tables.
    #[error("the database is not empty; give one without tables")]
    NotEmpty,
    /// The database is damaged.
    #[error("the database is damaged: {reason}; restore it from a backup")]
    Damaged {
        /// What was found first.
        reason: String,
    },
    /// A file can't be used.
    #[error("failed to {what} `{path}`")]
    File {
        /// The verb.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A schedule can't be read.
    #[error("schedule `{schedule}`: {reason}")]
    Cadence {
        /// The schedule.
        schedule: String,
        /// What was expected.
        reason: String,
    },
    /// A statement failed.
    #[error("failed to {what}")]
    Database {
        /// The verb and its object.
        what: &'static str,
        /// Why.
        #[source]
        source: Box<DbErr>,
    },
    /// An event's payload could not be written as JSON.
    #[error("the payload of an event of topic `{topic}` can't be written as JSON")]
    Payload {
        /// The topic.
        topic: String,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
}

impl StoreError {
    /// Wraps a database error with what was tried.
    pub fn db(what: &'static str) -> impl FnOnce(DbErr) -> Self {
        move |source| Self::Database { what, source: Box::new(source) }
    }

    pub(crate) fn file(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { what, path, source }
    }
}
