//! What can go wrong in the data plane, said so that an operator knows what to do.

use std::io;
use std::path::PathBuf;

/// An error of the data plane.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The data folder does not exist.
    #[error(
        "there is no data folder at `{path}`; run `huimin run --data {path}` first, or give the right --data"
    )]
    NoDataFolder {
        /// The folder asked for.
        path: PathBuf,
    },
    /// The data folder lies where the Delta log can't be found again.
    #[error(
        "data folder `{path}` has a `%` in its path, which the table format would take for an escape; give --data a path without it"
    )]
    PercentInPath {
        /// The folder, from the root.
        path: PathBuf,
    },
    /// The data folder was written by a newer program.
    #[error(
        "data folder `{path}` has layout version {found}, this program knows {known} at most; use the newer program that wrote it"
    )]
    NewerFormat {
        /// The folder.
        path: PathBuf,
        /// The version found in its `FORMAT` file.
        found: u32,
        /// The newest version that this program knows.
        known: u32,
    },
    /// A file of the data folder holds something else than it should.
    #[error(
        "`{path}` is damaged: {reason}; restore the data folder from a backup. Only where nothing was paid from it: delete it and run again from the feeds"
    )]
    Damaged {
        /// The damaged file.
        path: PathBuf,
        /// What was expected.
        reason: String,
    },
    /// Another run holds the lock.
    #[error("another run is working on data folder `{path}`; wait until it ends")]
    Locked {
        /// The folder.
        path: PathBuf,
    },
    /// Nothing has been published in the data folder yet.
    #[error("data folder `{path}` has no published run yet; run `huimin run` first")]
    NothingPublished {
        /// The folder.
        path: PathBuf,
    },
    /// A table that should be there is missing.
    #[error("table `{table}` is not in this run; {hint}")]
    NoTable {
        /// The table's name.
        table: String,
        /// What makes it.
        hint: String,
    },
    /// A file operation failed.
    #[error("failed to {what} `{path}`")]
    Io {
        /// The verb, such as `write`.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The Delta table could not be read or written.
    #[error("table `{table}`: failed to {what}")]
    Delta {
        /// The table's name.
        table: String,
        /// The verb.
        what: &'static str,
        /// Why.
        #[source]
        source: Box<deltalake_core::DeltaTableError>,
    },
    /// A Parquet file could not be written.
    #[error("table `{table}`: failed to write a Parquet file")]
    Parquet {
        /// The table's name.
        table: String,
        /// Why.
        #[source]
        source: parquet::errors::ParquetError,
    },
    /// A query failed.
    #[error("query failed ({what})")]
    Query {
        /// What the query was for.
        what: String,
        /// Why.
        #[source]
        source: Box<datafusion::error::DataFusionError>,
    },
    /// An Arrow kernel failed.
    #[error("a column operation failed ({what})")]
    Arrow {
        /// What it was for.
        what: String,
        /// Why.
        #[source]
        source: arrow::error::ArrowError,
    },
}

impl EngineError {
    /// Wraps a DataFusion error with what the query was for.
    pub fn query(
        what: impl Into<String>,
    ) -> impl FnOnce(datafusion::error::DataFusionError) -> Self {
        let what = what.into();
        move |source| Self::Query { what, source: Box::new(source) }
    }

    /// Wraps an Arrow error with what the operation was for.
    pub fn arrow(what: impl Into<String>) -> impl FnOnce(arrow::error::ArrowError) -> Self {
        let what = what.into();
        move |source| Self::Arrow { what, source }
    }

    pub(crate) fn io(
        what: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { what, path, source }
    }

    pub(crate) fn delta(
        table: &str,
        what: &'static str,
    ) -> impl FnOnce(deltalake_core::DeltaTableError) -> Self {
        let table = table.to_owned();
        move |source| Self::Delta { table, what, source: Box::new(source) }
    }
}
