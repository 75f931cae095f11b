//! A block of rows as text: all cells in one buffer.

use crate::Code;
use crate::code::Codes;

/// A part of the block's text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Span {
    start: u32,
    length: u32,
}

impl Span {
    /// Pieces are a few megabytes, so that positions fit; beyond, the span is empty.
    pub(crate) fn new(start: usize, end: usize) -> Self {
        match (u32::try_from(start), u32::try_from(end.saturating_sub(start))) {
            (Ok(start), Ok(length)) => Self { start, length },
            _ => Self::default(),
        }
    }

    fn of(self, text: &str) -> &str {
        let start = self.start as usize;
        text.get(start..start + self.length as usize).unwrap_or_default()
    }
}

/// Rows of a file, each with one cell for each field of the contract; empty text is no value.
#[derive(Debug, Default)]
pub(crate) struct RowBlock {
    text: String,
    width: usize,
    cells: Vec<Span>,
    rows: Vec<Row>,
    /// Which fields were named at all, for formats without a header; bit per field.
    pub(crate) named: u64,
    /// Rows with a name that the contract does not know.
    pub(crate) unknown_names: u64,
    /// Where the first bytes that are no text lie in the file.
    pub(crate) undecodable_at: Option<u64>,
}

#[derive(Debug, Clone, Copy)]
struct Row {
    line: u64,
    original: Span,
    codes: Codes,
}

impl RowBlock {
    /// A block of rows with `width` fields.
    pub(crate) fn new(width: usize) -> Self {
        Self { width, ..Self::default() }
    }

    /// A block over text that is already there; cells are set as parts of it.
    pub(crate) fn over(text: String, width: usize, rows: usize) -> Self {
        Self {
            text,
            width,
            cells: Vec::with_capacity(width * rows),
            rows: Vec::with_capacity(rows),
            ..Self::default()
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Begins a row; its cells are empty until set.
    pub(crate) fn start(&mut self, line: u64, original: Span, codes: Codes) {
        self.rows.push(Row { line, original, codes });
        self.cells.resize(self.rows.len() * self.width, Span::default());
    }

    /// Sets a cell of the row begun last to a part of the text.
    pub(crate) fn set(&mut self, field: usize, span: Span) {
        let at = (self.rows.len().saturating_sub(1)) * self.width + field;
        if field < self.width
            && let Some(cell) = self.cells.get_mut(at)
        {
            *cell = span;
        }
    }

    /// Sets a cell of the row begun last to new text.
    pub(crate) fn push(&mut self, field: usize, text: &str) {
        let start = self.text.len();
        self.text.push_str(text);
        self.set(field, Span::new(start, self.text.len()));
    }

    /// Adds text behind the text of the block, which cells may have been set to already.
    pub(crate) fn append(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Marks the row begun last.
    pub(crate) fn fault(&mut self, code: Code) {
        if let Some(row) = self.rows.last_mut() {
            row.codes.add(code);
        }
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Takes the text out, so that cells can be set while it is read; [`RowBlock::put_text`] puts it
    /// back.
    pub(crate) fn take_text(&mut self) -> String {
        std::mem::take(&mut self.text)
    }

    pub(crate) fn put_text(&mut self, text: String) {
        self.text = text;
    }

    pub(crate) fn line(&self, row: usize) -> u64 {
        self.rows.get(row).map_or(0, |row| row.line)
    }

    pub(crate) fn codes(&self, row: usize) -> Codes {
        self.rows.get(row).map_or(Codes::NONE, |row| row.codes)
    }

    pub(crate) fn cell(&self, row: usize, field: usize) -> &str {
        self.cells.get(row * self.width + field).map_or("", |span| span.of(&self.text))
    }

    /// The row as it was sent: its text, or its cells separated by commas where a format has no
    /// text of a row.
    pub(crate) fn original(&self, row: usize) -> String {
        let span = self.rows.get(row).map_or(Span::default(), |row| row.original);
        if span.length > 0 {
            return span.of(&self.text).to_owned();
        }
        let cells: Vec<&str> = (0..self.width).map(|field| self.cell(row, field)).collect();
        cells.join(",")
    }
}
