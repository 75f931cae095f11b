//! What can go wrong while a city is made.

use std::path::PathBuf;

/// Why no city was made, or only a part of it.
#[derive(Debug, thiserror::Error)]
pub enum SimError {
    /// An option is out of its range.
    #[error("option `{option}`: {found} is out of range; expected {expected}")]
    Option {
        /// The option's name.
        option: &'static str,
        /// What was given.
        found: String,
        /// What is possible.
        expected: &'static str,
    },
    /// The folder for the output holds something already.
    #[error("the folder `{path}` isn't empty; name a new folder, or remove its content first")]
    NotEmpty {
        /// The folder.
        path: PathBuf,
    },
    /// A file could not be read or written.
    #[error("failed to {action} `{path}`")]
    File {
        /// What was tried: `create`, `write`, `read`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's answer.
        #[source]
        source: std::io::Error,
    },
    /// The profile isn't TOML, lacks a figure or has one too many.
    #[error(
        "the profile `{path}` can't be read; compare it with the one that comes with the program"
    )]
    Profile {
        /// The file.
        path: PathBuf,
        /// The parser's answer, with line and column.
        #[source]
        source: Box<toml::de::Error>,
    },
    /// A figure of the profile makes no sense.
    #[error("the profile `{path}`, {figure}: expected {expected}")]
    ProfileFigure {
        /// The file.
        path: PathBuf,
        /// The place in the profile.
        figure: String,
        /// What is possible.
        expected: &'static str,
    },
    /// A table that comes with the program doesn't read.
    #[error("the table `{table}` that comes with the program is damaged in line {line}")]
    Table {
        /// The table.
        table: &'static str,
        /// The line.
        line: usize,
    },
    /// A spreadsheet could not be written.
    #[error("failed to write the spreadsheet `{path}`")]
    Spreadsheet {
        /// The file.
        path: PathBuf,
        /// The writer's answer.
        #[source]
        source: Box<rust_xlsxwriter::XlsxError>,
    },
    /// A database file could not be written.
    #[error("failed to write the database file `{path}`")]
    Database {
        /// The file.
        path: PathBuf,
        /// The database's answer.
        #[source]
        source: Box<rusqlite::Error>,
    },
}

impl SimError {
    /// Says which file an input or output error is about.
    pub(crate) fn file(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { action, path, source }
    }
}
