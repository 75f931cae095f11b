//! Sealing the cells of the persons anew, after a rotation of keys.

use std::collections::HashMap;
use std::sync::Arc;

use engine::EngineError;
use engine::arrow::array::{Array as _, ArrayRef, AsArray as _, RecordBatch, StringBuilder};
use trust::{ColumnKeys, SealedColumn};

use crate::RegistryError;
use crate::tables::PERSONS;

/// Seals the cells of the table of persons anew; for [`engine::rewrite`].
///
/// A golden value is the cell of the record that it came from, sealed for its place there.
#[derive(Debug)]
pub struct Reseal<'k> {
    keys: &'k ColumnKeys,
    /// The column of each source, `dataset.field`.
    columns: HashMap<String, SealedColumn<'k>>,
    /// Cells that were looked at.
    pub cells: u64,
    /// Cells that were sealed anew.
    pub sealed: u64,
}

impl<'k> Reseal<'k> {
    /// For a table of this name; `None` when the registry seals nothing in it.
    #[must_use]
    pub fn of(table: &str, keys: &'k ColumnKeys) -> Option<Self> {
        (table == PERSONS).then(|| Self { keys, columns: HashMap::new(), cells: 0, sealed: 0 })
    }

    /// The rows with their cells sealed anew; `None` when all were sealed with the present key.
    ///
    /// # Errors
    ///
    /// [`RegistryError::Sealed`] for a cell that does not open.
    pub fn rows(&mut self, batch: &RecordBatch) -> Result<Option<RecordBatch>, RegistryError> {
        let mut columns: Vec<ArrayRef> = batch.columns().to_vec();
        let before = self.sealed;
        for (at, field) in batch.schema().fields().iter().enumerate() {
            let beside = |suffix: &str| {
                let column = batch.column_by_name(&format!("{}__{suffix}", field.name()));
                column.and_then(|column| column.as_string_opt::<i32>())
            };
            // Only sealed attributes name the field of their source.
            let (Some(source), Some(record)) = (beside("source"), beside("record")) else {
                continue;
            };
            let cells = batch.column(at).as_string::<i32>();
            let mut anew = StringBuilder::with_capacity(cells.len(), cells.value_data().len());
            for row in 0..cells.len() {
                if cells.is_null(row) {
                    anew.append_null();
                    continue;
                }
                self.cells += 1;
                let place = (source.value(row), record.value(row));
                match self.cell(place, cells.value(row))? {
                    Some(text) => {
                        self.sealed += 1;
                        anew.append_value(text);
                    }
                    None => anew.append_value(cells.value(row)),
                }
            }
            if let Some(column) = columns.get_mut(at) {
                *column = Arc::new(anew.finish());
            }
        }
        if self.sealed == before {
            return Ok(None);
        }
        let anew = RecordBatch::try_new(batch.schema(), columns);
        Ok(Some(anew.map_err(EngineError::arrow("seal persons anew"))?))
    }

    fn cell(
        &mut self,
        (source, record): (&str, &str),
        cell: &str,
    ) -> Result<Option<String>, RegistryError> {
        let (dataset, field) = source.split_once('.').unwrap_or((source, ""));
        let row = record.split_once(':').map_or(record, |(row, _)| row);
        if !self.columns.contains_key(source) {
            self.columns.insert(source.to_owned(), self.keys.column(dataset, field));
        }
        let wrong =
            || RegistryError::Sealed { dataset: dataset.to_owned(), column: field.to_owned() };
        let column = self.columns.get_mut(source).ok_or_else(wrong)?;
        column.reseal(row, cell).map_err(|_| wrong())
    }
}
