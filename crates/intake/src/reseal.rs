//! Sealing the cells of the tables of intake anew, after a rotation of keys.

use std::sync::Arc;

use engine::arrow::array::{Array as _, ArrayRef, AsArray as _, RecordBatch, StringBuilder};
use engine::arrow::datatypes::{DataType, Int64Type};
use engine::{EngineError, clean};
use trust::{ColumnKeys, SealedColumn};

use crate::IntakeError;
use crate::layout::TOKEN;
use crate::outputs::{QUARANTINE, quarantine_place};

/// Seals the cells of one table anew; for [`engine::rewrite`].
///
/// It goes by the table alone and needs no pack: a table that no contract describes any more has sealed cells too.
#[derive(Debug)]
pub struct Reseal<'k> {
    keys: &'k ColumnKeys,
    /// As the places of its cells name it.
    table: String,
    /// Cells that were looked at.
    pub cells: u64,
    /// Cells that were sealed anew.
    pub sealed: u64,
}

impl<'k> Reseal<'k> {
    /// For a table of this name; `None` when intake seals nothing in it.
    #[must_use]
    pub fn of(table: &str, keys: &'k ColumnKeys) -> Option<Self> {
        let dataset = match table {
            QUARANTINE => QUARANTINE,
            other => other.strip_prefix(&clean::table_name(""))?,
        };
        Some(Self { keys, table: dataset.to_owned(), cells: 0, sealed: 0 })
    }

    /// The rows with their cells sealed anew; `None` when all were sealed with the present key.
    ///
    /// # Errors
    ///
    /// [`IntakeError::Sealed`] for a cell that does not open, and [`IntakeError::Engine`] for a table that intake has
    /// not written.
    pub fn rows(&mut self, batch: &RecordBatch) -> Result<Option<RecordBatch>, IntakeError> {
        let places = self.places(batch)?;
        let mut columns: Vec<ArrayRef> = batch.columns().to_vec();
        let mut is_changed = false;
        for (at, field) in batch.schema().fields().iter().enumerate() {
            let name = field.name();
            let is_sealed = if self.table == QUARANTINE {
                name == "original"
            } else {
                *field.data_type() == DataType::Utf8
                    && batch.schema().index_of(&format!("{name}{TOKEN}")).is_ok()
            };
            if is_sealed {
                let keys = self.keys;
                let mut column = keys.column(&self.table, name);
                if let Some(anew) = self.column(batch.column(at), &places, &mut column)?
                    && let Some(old) = columns.get_mut(at)
                {
                    *old = anew;
                    is_changed = true;
                }
            }
        }
        if !is_changed {
            return Ok(None);
        }
        let anew = RecordBatch::try_new(batch.schema(), columns);
        let failed = EngineError::arrow("seal rows anew");
        Ok(Some(anew.map_err(failed).map_err(IntakeError::engine(self.table.as_str()))?))
    }

    fn column(
        &mut self,
        cells: &ArrayRef,
        places: &[String],
        column: &mut SealedColumn<'_>,
    ) -> Result<Option<ArrayRef>, IntakeError> {
        let cells = cells.as_string::<i32>();
        let before = self.sealed;
        let mut anew = StringBuilder::with_capacity(cells.len(), cells.value_data().len());
        for (cell, place) in cells.iter().zip(places) {
            let Some(cell) = cell else {
                anew.append_null();
                continue;
            };
            self.cells += 1;
            match column.reseal(place, cell).map_err(IntakeError::Sealed)? {
                Some(text) => {
                    self.sealed += 1;
                    anew.append_value(text);
                }
                None => anew.append_value(cell),
            }
        }
        Ok((self.sealed > before).then(|| Arc::new(anew.finish()) as ArrayRef))
    }

    /// The row part of the place of each row's cells.
    fn places(&self, batch: &RecordBatch) -> Result<Vec<String>, IntakeError> {
        let text =
            |name: &str| batch.column_by_name(name).and_then(|one| one.as_string_opt::<i32>());
        let places = if self.table == QUARANTINE {
            let line = batch.column_by_name("line");
            let line = line.and_then(|line| line.as_primitive_opt::<Int64Type>());
            text("delivery_id").zip(line).map(|(delivery, line)| {
                let rows = delivery.iter().zip(line.iter());
                rows.map(|(delivery, line)| {
                    quarantine_place(delivery.unwrap_or_default(), line.unwrap_or_default())
                })
                .collect()
            })
        } else {
            text("row_id")
                .map(|row| row.iter().map(|row| row.unwrap_or_default().to_owned()).collect())
        };
        places.ok_or_else(|| {
            IntakeError::engine(self.table.as_str())(EngineError::NoTable {
                table: self.table.clone(),
                hint: "it lacks the columns that name its rows".to_owned(),
            })
        })
    }
}
