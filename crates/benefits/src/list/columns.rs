//! Typed access to the columns of a batch.

use engine::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Int64Array, RecordBatch, StringArray,
};
use engine::arrow::compute::cast;
use engine::arrow::datatypes::{DataType, Int64Type};

use crate::BenefitsError;

/// A batch with the name of its table, for messages.
pub(super) struct Columns<'a> {
    pub(super) table: &'a str,
    pub(super) batch: &'a RecordBatch,
}

impl Columns<'_> {
    /// A text column.
    pub(super) fn text(&self, column: &str) -> Result<StringArray, BenefitsError> {
        let array = self.as_type(column, &DataType::Utf8, "text")?;
        array.as_string_opt::<i32>().cloned().ok_or_else(|| self.wrong(column, "text"))
    }

    /// A column of whole numbers.
    pub(super) fn integer(&self, column: &str) -> Result<Int64Array, BenefitsError> {
        let array = self.as_type(column, &DataType::Int64, "a whole number")?;
        array
            .as_primitive_opt::<Int64Type>()
            .cloned()
            .ok_or_else(|| self.wrong(column, "a whole number"))
    }

    /// A column of yes and no.
    pub(super) fn boolean(&self, column: &str) -> Result<BooleanArray, BenefitsError> {
        let array = self.as_type(column, &DataType::Boolean, "yes or no")?;
        array.as_boolean_opt().cloned().ok_or_else(|| self.wrong(column, "yes or no"))
    }

    fn as_type(
        &self,
        column: &str,
        kind: &DataType,
        expected: &'static str,
    ) -> Result<ArrayRef, BenefitsError> {
        let array =
            self.batch.column_by_name(column).ok_or_else(|| self.wrong(column, expected))?;
        if array.data_type() == kind {
            return Ok(array.clone());
        }
        cast(array, kind).map_err(|_| self.wrong(column, expected))
    }

    fn wrong(&self, column: &str, expected: &'static str) -> BenefitsError {
        BenefitsError::Column { table: self.table.to_owned(), column: column.to_owned(), expected }
    }
}

/// The text of a cell, if there is one.
pub(super) fn cell(array: &StringArray, row: usize) -> Option<&str> {
    (!array.is_null(row)).then(|| array.value(row))
}
