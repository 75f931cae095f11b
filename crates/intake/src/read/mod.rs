//! Readers: from a file to blocks of rows.
//!
//! A reader runs on a thread of its own and hands on pieces of the file in order. For CSV and JSON
//! Lines a piece is bytes of whole records, so that decoding and splitting happen on the workers;
//! the other formats come as rows already. Memory is bounded by the size of a piece, whatever the
//! size of the file.
//!
//! What makes a whole file unusable is an [`IntakeError`]; what concerns one row is a code on that
//! row.

mod block;
mod csv;
mod decode;
mod jsonl;
mod parquet;
mod records;
mod sqlite;
mod text;
mod xlsx;
mod zip_guard;

use std::path::Path;
use std::sync::Arc;

use pack::{Encoding, Format};

pub(crate) use block::RowBlock;
pub(crate) use jsonl::bit;

use crate::IntakeError;
use crate::layout::{self, Layout};

/// Rows of a piece for formats that come as rows.
const ROWS_PER_PIECE: usize = 8_192;
/// Longest record of a text file. A longer one is no record but a file of another kind.
const LONGEST_RECORD: usize = 4 << 20;

/// A file to be read, and what is agreed about it.
#[derive(Clone, Copy)]
pub(crate) struct Feed<'a> {
    pub(crate) layout: &'a Layout<'a>,
    /// Where the bytes are.
    pub(crate) path: &'a Path,
    /// The path to name in messages: where the sender put the file.
    pub(crate) shown: &'a Path,
    /// Whether the bytes are known to be all that was sent (their hash was announced).
    pub(crate) whole: bool,
}

/// A piece of a file.
pub(crate) enum Piece {
    /// Whole CSV records.
    Csv(TextPiece),
    /// Whole lines of JSON.
    Jsonl(TextPiece),
    /// Rows.
    Rows(RowBlock),
}

/// Bytes of whole records.
pub(crate) struct TextPiece {
    bytes: Vec<u8>,
    /// Line number of the first byte, from 1.
    first_line: u64,
    /// Position of the first byte in the file.
    offset: u64,
    encoding: Encoding,
    /// For CSV: field position of each column of the file.
    columns: Arc<[usize]>,
}

impl Piece {
    /// Splits the piece into rows of `width` fields.
    pub(crate) fn into_rows(self, layout: &Layout<'_>) -> RowBlock {
        match self {
            Self::Csv(piece) => csv::rows(piece, layout.fields.len()),
            Self::Jsonl(piece) => jsonl::rows(piece, layout),
            Self::Rows(rows) => rows,
        }
    }
}

/// Reads a file and gives its pieces to `sink`, in order.
///
/// # Errors
///
/// When the file can't be used as a whole, and whatever `sink` returns.
pub(crate) fn read(
    feed: &Feed<'_>,
    sink: &mut dyn FnMut(Piece) -> Result<(), IntakeError>,
) -> Result<(), IntakeError> {
    match feed.layout.contract.format {
        Format::Csv => csv::read(feed, sink),
        Format::Jsonl => jsonl::read(feed, sink),
        Format::Xlsx => xlsx::read(feed, sink),
        Format::Sqlite => sqlite::read(feed, sink),
        Format::Parquet => parquet::read(feed, sink),
    }
}

impl Feed<'_> {
    fn dataset(&self) -> String {
        self.layout.dataset().to_owned()
    }

    fn format_error(&self, reason: impl Into<String>) -> IntakeError {
        IntakeError::Format {
            dataset: self.dataset(),
            path: self.shown.to_owned(),
            format: match self.layout.contract.format {
                Format::Csv => "CSV",
                Format::Jsonl => "JSON Lines",
                Format::Xlsx => "XLSX",
                Format::Sqlite => "SQLite database",
                Format::Parquet => "Parquet",
            },
            reason: reason.into(),
        }
    }

    pub(crate) fn columns_error(&self, reason: impl Into<String>) -> IntakeError {
        IntakeError::Columns {
            dataset: self.dataset(),
            path: self.shown.to_owned(),
            reason: reason.into(),
        }
    }

    pub(crate) fn encoding_error(&self, reason: impl Into<String>) -> IntakeError {
        IntakeError::Encoding {
            dataset: self.dataset(),
            path: self.shown.to_owned(),
            declared: decode::name(self.layout.contract.encoding),
            reason: reason.into(),
        }
    }

    /// Finds the field of each column, and refuses the file unless the two sets are the same.
    ///
    /// The order of columns does not matter.
    fn columns(&self, headers: &[&str]) -> Result<Vec<usize>, IntakeError> {
        match match_columns(self.layout, headers) {
            Ok(columns) => Ok(columns),
            Err(reason) => Err(self.columns_error(reason)),
        }
    }
}

fn match_columns(layout: &Layout<'_>, headers: &[&str]) -> Result<Vec<usize>, String> {
    let mut columns = Vec::with_capacity(headers.len());
    let mut faults = Vec::new();
    for shown in headers {
        let name = layout::header(shown);
        match layout.fields.iter().position(|field| field.header == name) {
            Some(field) if columns.contains(&field) => {
                faults.push(format!("column `{shown}` comes twice"));
            }
            Some(field) => columns.push(field),
            None => faults.push(format!("unexpected column `{}`", short(shown))),
        }
    }
    if columns.is_empty() {
        // Without a header the first row is taken for one, and its cells are nobody's business here.
        return Err("its first line has none of their names; is the header missing".to_owned());
    }
    for (position, field) in layout.contract.fields.iter().enumerate() {
        if !columns.contains(&position) {
            faults.push(format!("no column `{}`", field.header));
        }
    }
    if faults.is_empty() { Ok(columns) } else { Err(faults.join(", ")) }
}

/// A header as it may stand in a message: a file without header has data there.
fn short(header: &str) -> String {
    let masked = vocab::mask::digits_in_text(header);
    let mut text: String = masked.chars().take(20).collect();
    if text.chars().count() < masked.chars().count() {
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests;
