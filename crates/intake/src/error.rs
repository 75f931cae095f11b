//! What makes intake refuse a delivery or stop, said so that an operator knows what to do.
//!
//! A bad row is not an error: it goes to the quarantine with a [`crate::Code`]. An error here means
//! that a whole file was refused, or that something outside the file failed; nothing of the run
//! then becomes visible.

use std::io;
use std::path::PathBuf;

use jiff::civil::Date;
use vocab::Period;

/// An error of intake. Names files, lines and columns, never the content of a cell.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IntakeError {
    /// The feeds folder has no folder for any period up to the one asked for.
    #[error(
        "`{feeds}` has no deliveries up to {through}: expected folders named YYYY-MM, each with a manifest.json; check --feeds and --period"
    )]
    NoFeeds {
        /// The feeds folder.
        feeds: PathBuf,
        /// The last period asked for.
        through: Period,
    },
    /// There are deliveries of earlier periods only.
    #[error(
        "`{feeds}` has no deliveries of {period}, the last ones are of {last}; check --period, wait for them, or say with --known-at that what is known by a day is meant to do"
    )]
    PeriodNotDelivered {
        /// The feeds folder.
        feeds: PathBuf,
        /// The period asked for.
        period: Period,
        /// The last period that has deliveries.
        last: Period,
    },
    /// A manifest does not say what it must.
    #[error("manifest `{path}`: {reason}; ask the sender for a corrected manifest")]
    Manifest {
        /// The manifest file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A manifest names a dataset that the city pack has no contract for.
    #[error(
        "manifest `{path}` delivers dataset `{dataset}`, for which the city pack has no contract; add datasets/{dataset}.yaml to the pack, or correct the name in the manifest"
    )]
    UnknownDataset {
        /// The manifest file.
        path: PathBuf,
        /// The name found in it.
        dataset: String,
    },
    /// The file that a manifest names is not there.
    #[error(
        "dataset `{dataset}`: file `{path}` is named in the manifest but is not there; have it delivered again, or take it out of the manifest"
    )]
    MissingFile {
        /// The dataset.
        dataset: String,
        /// The file.
        path: PathBuf,
    },
    /// A file without any content.
    #[error(
        "dataset `{dataset}`: file `{path}` is empty; have it delivered again (a delivery without news still has its header)"
    )]
    EmptyFile {
        /// The dataset.
        dataset: String,
        /// The file.
        path: PathBuf,
    },
    /// The bytes are not those that the manifest announces.
    #[error(
        "dataset `{dataset}`: file `{path}` does not have the SHA-256 that its manifest announces ({expected}…, found {found}…): it was cut off or changed on the way; have it delivered again"
    )]
    Checksum {
        /// The dataset.
        dataset: String,
        /// The file.
        path: PathBuf,
        /// First digits of the announced hash.
        expected: String,
        /// First digits of the hash found.
        found: String,
    },
    /// The number of rows is not the one that the manifest announces.
    #[error(
        "dataset `{dataset}`: file `{path}` has {found} rows, its manifest announces {expected}: it was cut off, or the manifest is wrong; have both delivered again"
    )]
    RowCount {
        /// The dataset.
        dataset: String,
        /// The file.
        path: PathBuf,
        /// Rows announced.
        expected: u64,
        /// Rows found.
        found: u64,
    },
    /// The last line stops in the middle.
    #[error(
        "dataset `{dataset}`: file `{path}` ends in the middle of line {line}: it was cut off; have it delivered again"
    )]
    TornLine {
        /// The dataset.
        dataset: String,
        /// The file.
        path: PathBuf,
        /// The last line.
        line: u64,
    },
    /// The file is not in the encoding of its contract.
    #[error(
        "dataset `{dataset}`: file `{path}` is not {declared}, as its contract says: {reason}; have it delivered in {declared}, or correct `encoding` in datasets/{dataset}.yaml"
    )]
    Encoding {
        /// The dataset.
        dataset: String,
        /// The file.
        path: PathBuf,
        /// Encoding of the contract.
        declared: &'static str,
        /// What was seen, with the byte offset.
        reason: String,
    },
    /// The columns are not those of the contract.
    #[error(
        "dataset `{dataset}`: file `{path}` does not have the columns of its contract: {reason}; have it delivered with the agreed columns, or change datasets/{dataset}.yaml"
    )]
    Columns {
        /// The dataset.
        dataset: String,
        /// The file.
        path: PathBuf,
        /// Missing, unexpected and repeated columns.
        reason: String,
    },
    /// The file can't be read as what its contract says.
    #[error(
        "dataset `{dataset}`: file `{path}` can't be read as {format}: {reason}; have it delivered again as {format}"
    )]
    Format {
        /// The dataset.
        dataset: String,
        /// The file.
        path: PathBuf,
        /// Format of the contract.
        format: &'static str,
        /// What was found.
        reason: String,
    },
    /// The file would take too much memory or disk when unpacked.
    #[error(
        "dataset `{dataset}`: file `{path}` is refused because it unpacks to far more than a workbook of its size holds ({reason}); have the data delivered as CSV"
    )]
    ZipBomb {
        /// The dataset.
        dataset: String,
        /// The file.
        path: PathBuf,
        /// The part and the sizes.
        reason: String,
    },
    /// A dataset that must come whole came as a delta.
    #[error(
        "manifest `{path}`: dataset `{dataset}` is announced as a delta, but its contract says that every delivery is full; have it delivered whole, or correct `mode` in datasets/{dataset}.yaml"
    )]
    NotFull {
        /// The manifest file.
        path: PathBuf,
        /// The dataset.
        dataset: String,
    },
    /// A quality rule of a contract is not SQL over its fields.
    #[error("{place}: rule `{rule}` of dataset `{dataset}` can't be used: {reason}")]
    Rule {
        /// File, line and column in the pack.
        place: String,
        /// The dataset.
        dataset: String,
        /// The rule's id.
        rule: String,
        /// What is wrong.
        reason: String,
    },
    /// A bound or code list of a contract can't be used.
    #[error("datasets/{dataset}.yaml: field `{field}`: {reason}; correct the city pack")]
    Contract {
        /// The dataset.
        dataset: String,
        /// The field.
        field: String,
        /// What is wrong.
        reason: String,
    },
    /// The row account of a delivery does not close: a fault of this program.
    #[error(
        "dataset `{dataset}`, delivery as of {as_of}: the row account does not close ({reason}); nothing was published. This is a fault of the program, please report it"
    )]
    Account {
        /// The dataset.
        dataset: String,
        /// The delivery's as-of date.
        as_of: Date,
        /// The sum that does not match.
        reason: String,
    },
    /// Bytes that were kept earlier are gone.
    #[error(
        "`{path}` is missing or damaged, although delivery {file} of dataset `{dataset}` was kept there; restore the data folder's raw/ from a backup"
    )]
    RawLost {
        /// Where the bytes should be.
        path: PathBuf,
        /// The dataset.
        dataset: String,
        /// The delivered file's name.
        file: String,
    },
    /// Tokens and digests of the data were made with another key.
    #[error(
        "the key file is not the one that this data folder was written with; restore keys/column.key from the backup of the data folder"
    )]
    WrongKey,
    /// A file operation failed.
    #[error("failed to {what} `{path}`{}", disk_full(source))]
    Io {
        /// The verb.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A sealed cell does not open.
    #[error(transparent)]
    Sealed(trust::TrustError),
    /// The data plane failed.
    #[error("dataset `{dataset}`: the tables could not be read or written")]
    Engine {
        /// The dataset or table.
        dataset: String,
        /// Why.
        #[source]
        source: engine::EngineError,
    },
    /// A part of the program stopped unexpectedly.
    #[error(
        "dataset `{dataset}`: {what} stopped unexpectedly; run again, and report it if it happens again"
    )]
    Stopped {
        /// The dataset.
        dataset: String,
        /// Which part.
        what: &'static str,
    },
}

impl IntakeError {
    pub(crate) fn io(
        what: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { what, path, source }
    }

    pub(crate) fn engine(dataset: impl Into<String>) -> impl FnOnce(engine::EngineError) -> Self {
        let dataset = dataset.into();
        move |source| Self::Engine { dataset, source }
    }
}

/// The next step that an operator would otherwise have to guess.
fn disk_full(source: &io::Error) -> &'static str {
    if source.kind() == io::ErrorKind::StorageFull {
        "; the disk is full: free some space and run again, what was published is unchanged"
    } else {
        ""
    }
}
