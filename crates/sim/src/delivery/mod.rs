//! Deliveries: files in the formats of the departments, and the manifest of a month.

mod csv_file;
mod jsonl_file;
mod manifest;
mod outbox;
mod sqlite_file;
mod sums;
mod xlsx_file;

pub(crate) use manifest::{Delivery, write_manifest};
pub(crate) use outbox::{Outbox, Records, Verdict};

use std::path::Path;

use crate::dataset::{Format, Spec};
use crate::error::SimError;

/// What is wrong with a line as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Shape {
    #[default]
    Whole,
    /// One column too many.
    ExtraColumn,
    /// The last column is missing.
    MissingColumn,
    /// Ends in the middle.
    Cut,
}

/// The cells of a row, in the order of the dataset's columns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Line {
    text: String,
    ends: Vec<usize>,
    pub(crate) shape: Shape,
}

impl Line {
    /// Empties the line.
    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
        self.shape = Shape::Whole;
    }

    /// Adds a cell.
    pub(crate) fn push(&mut self, cell: &str) {
        self.text.push_str(cell);
        self.ends.push(self.text.len());
    }

    /// Adds a cell that is written by a function.
    pub(crate) fn push_with(&mut self, write: impl FnOnce(&mut String)) {
        write(&mut self.text);
        self.ends.push(self.text.len());
    }

    /// The number of cells.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The cells.
    pub(crate) fn cells(&self) -> impl Iterator<Item = &str> {
        let mut start = 0;
        self.ends.iter().map(move |end| {
            // Ends are where cells ended when they were written.
            let cell = self.text.get(start..*end).unwrap_or_default();
            start = *end;
            cell
        })
    }

    /// Replaces a cell.
    pub(crate) fn replace(&mut self, place: usize, by: &str) {
        let mut replaced = Self { shape: self.shape, ..Self::default() };
        for (index, cell) in self.cells().enumerate() {
            replaced.push(if index == place { by } else { cell });
        }
        *self = replaced;
    }
}

/// A file being written.
enum FileWriter {
    Csv(Box<csv_file::CsvFile>),
    Jsonl(jsonl_file::JsonlFile),
    Xlsx(Box<xlsx_file::XlsxFile>),
    Sqlite(sqlite_file::SqliteFile),
}

impl FileWriter {
    fn create(path: &Path, spec: &Spec) -> Result<Self, SimError> {
        Ok(match spec.format {
            Format::Csv => Self::Csv(Box::new(csv_file::CsvFile::create(path, spec)?)),
            Format::Jsonl => Self::Jsonl(jsonl_file::JsonlFile::create(path, spec)?),
            Format::Xlsx => Self::Xlsx(Box::new(xlsx_file::XlsxFile::create(path, spec)?)),
            Format::Sqlite(table) => {
                Self::Sqlite(sqlite_file::SqliteFile::create(path, table, spec)?)
            }
        })
    }

    fn write(&mut self, line: &Line) -> Result<(), SimError> {
        match self {
            Self::Csv(file) => file.write(line),
            Self::Jsonl(file) => file.write(line),
            Self::Xlsx(file) => file.write(line),
            Self::Sqlite(file) => file.write(line),
        }
    }

    /// Completes the file and returns its SHA-256 in hexadecimal digits.
    fn finish(self) -> Result<String, SimError> {
        match self {
            Self::Csv(file) => file.finish(),
            Self::Jsonl(file) => file.finish(),
            Self::Xlsx(file) => file.finish(),
            Self::Sqlite(file) => file.finish(),
        }
    }
}
