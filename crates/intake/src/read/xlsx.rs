//! XLSX: the first sheet of a workbook, header in its first row.

use std::fs::File;
use std::io::BufReader;

use calamine::{DataRef, Reader as _, Xlsx};

use super::block::Span;
use super::{Feed, Piece, ROWS_PER_PIECE, RowBlock, zip_guard};
use crate::code::Codes;
use crate::{Code, IntakeError};

/// Largest number of columns of the format.
const MOST_COLUMNS: u32 = 16_384;

/// Reads the first sheet, cell by cell.
pub(super) fn read(
    feed: &Feed<'_>,
    sink: &mut dyn FnMut(Piece) -> Result<(), IntakeError>,
) -> Result<(), IntakeError> {
    zip_guard::check(feed)?;
    let damaged = |_| feed.format_error("the workbook is damaged");
    let file = File::open(feed.path).map_err(IntakeError::io("open", feed.path))?;
    let mut workbook = Xlsx::new(BufReader::with_capacity(256 << 10, file)).map_err(damaged)?;
    let sheet = workbook
        .sheet_names()
        .first()
        .cloned()
        .ok_or_else(|| feed.format_error("the workbook has no sheet"))?;
    let mut cells = workbook.worksheet_cells_reader(&sheet).map_err(damaged)?;
    let mut header: Vec<String> = Vec::new();
    let mut sheet = Sheet::new(feed.layout.fields.len());
    let mut text = String::new();
    while let Some(cell) = cells.next_cell().map_err(damaged)? {
        let (row, column) = cell.get_position();
        if column >= MOST_COLUMNS {
            return Err(feed.format_error("a cell lies outside the sheet"));
        }
        text.clear();
        let fault = write(cell.get_value(), &mut text);
        if row == 0 {
            header.resize(header.len().max(column as usize + 1), String::new());
            if let Some(place) = header.get_mut(column as usize) {
                place.clone_from(&text);
            }
            continue;
        }
        if sheet.columns.is_empty() {
            sheet.columns = columns(feed, &header)?;
        }
        if !fault && text.is_empty() {
            continue;
        }
        sheet.turn(row, feed, sink)?;
        match sheet.columns.get(column as usize) {
            Some(field) => sheet.block.push(*field, &text),
            None => sheet.block.fault(Code::Columns),
        }
        if fault {
            sheet.block.fault(Code::CellError);
        }
    }
    if sheet.columns.is_empty() {
        columns(feed, &header)?;
    }
    sheet.flush(sink)
}

/// The rows of the piece in the making.
struct Sheet {
    width: usize,
    columns: Vec<usize>,
    block: RowBlock,
    row: Option<u32>,
}

impl Sheet {
    fn new(width: usize) -> Self {
        Self { width, columns: Vec::new(), block: RowBlock::new(width), row: None }
    }

    /// Goes on to `row`. Rows without any cell are no rows.
    fn turn(
        &mut self,
        row: u32,
        feed: &Feed<'_>,
        sink: &mut dyn FnMut(Piece) -> Result<(), IntakeError>,
    ) -> Result<(), IntakeError> {
        match self.row {
            Some(current) if current == row => return Ok(()),
            Some(current) if current > row => {
                return Err(feed.format_error(format!("row {} comes after a later one", row + 1)));
            }
            _ => {}
        }
        if self.block.len() >= ROWS_PER_PIECE {
            self.flush(sink)?;
        }
        self.row = Some(row);
        self.block.start(u64::from(row) + 1, Span::default(), Codes::NONE);
        Ok(())
    }

    fn flush(
        &mut self,
        sink: &mut dyn FnMut(Piece) -> Result<(), IntakeError>,
    ) -> Result<(), IntakeError> {
        let block = std::mem::replace(&mut self.block, RowBlock::new(self.width));
        if block.is_empty() { Ok(()) } else { sink(Piece::Rows(block)) }
    }
}

fn columns(feed: &Feed<'_>, header: &[String]) -> Result<Vec<usize>, IntakeError> {
    let used = header.iter().rposition(|name| !name.trim().is_empty()).map_or(0, |last| last + 1);
    let names: Vec<&str> = header.iter().take(used).map(String::as_str).collect();
    feed.columns(&names)
}

/// Writes a cell as text and says whether it is an error value.
fn write(value: &DataRef<'_>, out: &mut String) -> bool {
    use std::fmt::Write as _;

    // Writing to a string does not fail.
    let _ = match value {
        DataRef::Empty => Ok(()),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            out.push_str(text);
            Ok(())
        }
        DataRef::SharedString(text) => {
            out.push_str(text);
            Ok(())
        }
        DataRef::Int(number) => write!(out, "{number}"),
        // The shortest text that reads back as the same number: 1282.5 is written 1282.5.
        DataRef::Float(number) => write!(out, "{number}"),
        DataRef::Bool(truth) => write!(out, "{truth}"),
        DataRef::DateTime(date) => {
            let (year, month, day, hour, minute, second, _) = date.to_ymd_hms_milli();
            let day = write!(out, "{year:04}-{month:02}-{day:02}");
            if (hour, minute, second) == (0, 0, 0) {
                day
            } else {
                day.and_then(|()| write!(out, " {hour:02}:{minute:02}:{second:02}"))
            }
        }
        DataRef::Error(error) => {
            let _ = write!(out, "{error}");
            return true;
        }
    };
    false
}
