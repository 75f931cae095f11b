//! Reading cells out of query results by column name.

use engine::arrow::array::{Array, AsArray, RecordBatch};
use engine::arrow::datatypes::{DataType, Date32Type, Int8Type, Int32Type, Int64Type, UInt64Type};
use jiff::civil::Date;

use crate::problem::ApiError;

/// A row of a query result.
#[derive(Clone, Copy)]
pub(crate) struct Row<'a> {
    batch: &'a RecordBatch,
    at: usize,
}

/// A column that is not there or not of the type that its reader expects.
#[derive(Debug, thiserror::Error)]
#[error("column `{column}` is {found}, expected {expected}; run again with this program")]
struct ColumnError {
    column: String,
    found: String,
    expected: &'static str,
}

/// All rows of a result.
pub(crate) fn rows(batches: &[RecordBatch]) -> impl Iterator<Item = Row<'_>> {
    batches.iter().flat_map(|batch| (0..batch.num_rows()).map(move |at| Row { batch, at }))
}

impl<'a> Row<'a> {
    /// Whether the result has the column.
    pub(crate) fn has(&self, column: &str) -> bool {
        self.batch.column_by_name(column).is_some()
    }

    /// A text, or `None` for null.
    pub(crate) fn text(&self, column: &str) -> Result<Option<&'a str>, ApiError> {
        let array = self.column(column, "text")?;
        if array.is_null(self.at) {
            return Ok(None);
        }
        let text = match array.data_type() {
            DataType::Utf8 => array.as_string_opt::<i32>().map(|array| array.value(self.at)),
            DataType::Utf8View => array.as_string_view_opt().map(|array| array.value(self.at)),
            _ => None,
        };
        text.map(Some).ok_or_else(|| self.wrong(column, "text"))
    }

    /// A text, empty for null.
    pub(crate) fn text_or_empty(&self, column: &str) -> Result<&'a str, ApiError> {
        Ok(self.text(column)?.unwrap_or_default())
    }

    /// An integer of any width, or `None` for null.
    pub(crate) fn integer(&self, column: &str) -> Result<Option<i64>, ApiError> {
        let array = self.column(column, "an integer")?;
        if array.is_null(self.at) {
            return Ok(None);
        }
        let number = match array.data_type() {
            DataType::Int64 => {
                array.as_primitive_opt::<Int64Type>().map(|array| array.value(self.at))
            }
            DataType::Int32 => {
                array.as_primitive_opt::<Int32Type>().map(|array| i64::from(array.value(self.at)))
            }
            DataType::Int8 => {
                array.as_primitive_opt::<Int8Type>().map(|array| i64::from(array.value(self.at)))
            }
            DataType::UInt64 => array
                .as_primitive_opt::<UInt64Type>()
                .and_then(|array| i64::try_from(array.value(self.at)).ok()),
            _ => None,
        };
        number.map(Some).ok_or_else(|| self.wrong(column, "an integer"))
    }

    /// A count; null and negative numbers are 0.
    pub(crate) fn count(&self, column: &str) -> Result<u64, ApiError> {
        Ok(self.integer(column)?.and_then(|number| u64::try_from(number).ok()).unwrap_or_default())
    }

    /// A truth value, or `None` for null.
    pub(crate) fn boolean(&self, column: &str) -> Result<Option<bool>, ApiError> {
        let array = self.column(column, "a truth value")?;
        if array.is_null(self.at) {
            return Ok(None);
        }
        array
            .as_boolean_opt()
            .map(|array| Some(array.value(self.at)))
            .ok_or_else(|| self.wrong(column, "a truth value"))
    }

    /// A date, or `None` for null.
    pub(crate) fn date(&self, column: &str) -> Result<Option<Date>, ApiError> {
        let array = self.column(column, "a date")?;
        if array.is_null(self.at) {
            return Ok(None);
        }
        array
            .as_primitive_opt::<Date32Type>()
            .and_then(|array| day(array.value(self.at)))
            .map(Some)
            .ok_or_else(|| self.wrong(column, "a date"))
    }

    /// A date that is never null.
    pub(crate) fn given_date(&self, column: &str) -> Result<Date, ApiError> {
        self.date(column)?.ok_or_else(|| self.wrong(column, "a date"))
    }

    fn column(&self, column: &str, expected: &'static str) -> Result<&'a dyn Array, ApiError> {
        self.batch
            .column_by_name(column)
            .map(AsRef::as_ref)
            .ok_or_else(|| self.wrong(column, expected))
    }

    fn wrong(&self, column: &str, expected: &'static str) -> ApiError {
        let found = self
            .batch
            .column_by_name(column)
            .map_or_else(|| "not there".to_owned(), |array| array.data_type().to_string());
        ApiError::internal(ColumnError { column: column.to_owned(), found, expected })
    }
}

/// A text as an SQL literal.
pub(crate) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// The day so many days after 1970-01-01.
fn day(days: i32) -> Option<Date> {
    const EPOCH: Date = Date::constant(1970, 1, 1);
    EPOCH.checked_add(jiff::Span::new().try_days(days).ok()?).ok()
}
