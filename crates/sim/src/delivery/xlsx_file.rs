//! Spreadsheets.

use std::path::{Path, PathBuf};

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, XlsxError};

use super::Line;
use super::sums::sum_of;
use crate::dataset::{Column, Spec};
use crate::error::SimError;

pub(super) struct XlsxFile {
    path: PathBuf,
    workbook: Workbook,
    columns: &'static [(&'static str, Column)],
    row: u32,
    date: Format,
    money: Format,
}

/// Rows of a sheet, without its header.
const MOST_ROWS: u32 = 1_048_575;

impl XlsxFile {
    pub(super) fn create(path: &Path, spec: &Spec) -> Result<Self, SimError> {
        let failed = |source| failed(path, source);
        let mut workbook = Workbook::new();
        // A fixed date, so that the same city gives the same bytes.
        let created = ExcelDateTime::from_ymd(2000, 1, 1).map_err(failed)?;
        workbook.set_properties(&DocProperties::new().set_creation_datetime(&created));
        let sheet = workbook.add_worksheet_with_constant_memory().map_err(failed)?;
        sheet.set_name("名册").map_err(failed)?;
        for (column, (header, _)) in (0..).zip(spec.columns) {
            sheet.write_string(0, column, *header).map_err(failed)?;
        }
        Ok(Self {
            path: path.to_path_buf(),
            workbook,
            columns: spec.columns,
            row: 0,
            date: Format::new().set_num_format("yyyy-mm-dd"),
            money: Format::new().set_num_format("0.00"),
        })
    }

    pub(super) fn write(&mut self, line: &Line) -> Result<(), SimError> {
        self.row += 1;
        if self.row > MOST_ROWS {
            return Err(failed(&self.path, XlsxError::RowColumnLimitError));
        }
        let failed = |source| failed(&self.path, source);
        let sheet = self.workbook.worksheet_from_index(0).map_err(failed)?;
        for (column, ((_, kind), cell)) in (0..).zip(self.columns.iter().zip(line.cells())) {
            if cell.is_empty() {
                continue;
            }
            match kind {
                Column::DateCell => match date_of(cell) {
                    Some(date) => {
                        sheet.write_datetime_with_format(self.row, column, &date, &self.date)
                    }
                    None => sheet.write_string(self.row, column, cell),
                },
                Column::MoneyNumber => match cell.parse::<f64>() {
                    Ok(yuan) => sheet.write_number_with_format(self.row, column, yuan, &self.money),
                    Err(_) => sheet.write_string(self.row, column, cell),
                },
                _ => sheet.write_string(self.row, column, cell),
            }
            .map_err(failed)?;
        }
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<String, SimError> {
        self.workbook.save(&self.path).map_err(|source| failed(&self.path, source))?;
        sum_of(&self.path)
    }
}

/// A date as the rows write it for date cells: `2024-01-05`.
fn date_of(cell: &str) -> Option<ExcelDateTime> {
    let date: jiff::civil::Date = cell.parse().ok()?;
    let (month, day) = (u8::try_from(date.month()).ok()?, u8::try_from(date.day()).ok()?);
    ExcelDateTime::from_ymd(u16::try_from(date.year()).ok()?, month, day).ok()
}

fn failed(path: &Path, source: XlsxError) -> SimError {
    SimError::Spreadsheet { path: path.to_path_buf(), source: Box::new(source) }
}
