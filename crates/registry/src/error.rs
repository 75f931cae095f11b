//! Errors of the registry.

use std::path::PathBuf;

/// What can go wrong while linking or reading the registry.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// The data plane failed.
    #[error(transparent)]
    Engine(#[from] engine::EngineError),
    /// A clean table has a column that is not of the type that the contract gives.
    #[error(
        "clean table of dataset `{dataset}`: column `{column}` is {found}, expected {expected}; ingest the dataset again with this pack"
    )]
    Column {
        /// The dataset.
        dataset: String,
        /// The column.
        column: String,
        /// The type found.
        found: String,
        /// The type expected.
        expected: &'static str,
    },
    /// The pack's linking rules name something unknown.
    #[error("linkage.yaml: {0}")]
    Rules(String),
    /// The search index failed.
    #[error("person search index `{path}`: failed to {what}; run `huimin link` to build it again")]
    Index {
        /// The index folder.
        path: PathBuf,
        /// The verb.
        what: &'static str,
        /// Why.
        #[source]
        source: tantivy::TantivyError,
    },
    /// A file operation on the search index, or on what linking keeps, failed.
    #[error("failed to {what} `{path}`")]
    Io {
        /// The verb.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// What the next run goes on from could not be written.
    #[error("failed to write `{path}`; see that the disk has room")]
    Kept {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: engine::arrow::error::ArrowError,
    },
    /// A sealed value could not be opened.
    #[error(
        "dataset `{dataset}`, column `{column}`: a sealed value can't be opened with this key file; use the key file that the data folder was made with"
    )]
    Sealed {
        /// The dataset.
        dataset: String,
        /// The column.
        column: String,
    },
    /// A person id that leads nowhere.
    #[error("there is no person {0} in this registry")]
    NoPerson(String),
}
