//! Parquet: columns by name, every value as its text.

use std::fs::File;

use engine::arrow::array::{Array, AsArray as _};
use engine::arrow::compute::cast;
use engine::arrow::datatypes::DataType;
use engine::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::block::Span;
use super::{Feed, Piece, ROWS_PER_PIECE, RowBlock};
use crate::IntakeError;
use crate::code::Codes;

/// Reads all rows in order.
pub(super) fn read(
    feed: &Feed<'_>,
    sink: &mut dyn FnMut(Piece) -> Result<(), IntakeError>,
) -> Result<(), IntakeError> {
    let damaged = "it is not a Parquet file, is damaged, or was cut off";
    let file = File::open(feed.path).map_err(IntakeError::io("open", feed.path))?;
    let builder =
        ParquetRecordBatchReaderBuilder::try_new(file).map_err(|_| feed.format_error(damaged))?;
    let schema = builder.schema().clone();
    let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    let columns = feed.columns(&names)?;
    let reader =
        builder.with_batch_size(ROWS_PER_PIECE).build().map_err(|_| feed.format_error(damaged))?;
    let width = feed.layout.fields.len();
    let mut number = 0;
    for batch in reader {
        let batch = batch.map_err(|_| feed.format_error(damaged))?;
        let texts = batch
            .columns()
            .iter()
            .zip(&names)
            .map(|(column, name)| {
                cast(column, &DataType::Utf8).map_err(|_| {
                    let kind = column.data_type();
                    feed.columns_error(format!("column `{name}` of type {kind} has no text form"))
                })
            })
            .collect::<Result<Vec<_>, _>>()?;
        let mut block = RowBlock::new(width);
        for row in 0..batch.num_rows() {
            number += 1;
            block.start(number, Span::default(), Codes::NONE);
            for (column, field) in texts.iter().zip(&columns) {
                if column.is_valid(row) {
                    block.push(*field, column.as_string::<i32>().value(row));
                }
            }
        }
        if !block.is_empty() {
            sink(Piece::Rows(block))?;
        }
    }
    Ok(())
}
