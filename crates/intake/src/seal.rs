//! From standardised rows to rows of the clean table: level-4 cells are sealed here.

use std::sync::Arc;

use engine::EngineError;
use engine::arrow::array::{
    Array, ArrayRef, AsArray as _, Date32Array, Int64Array, RecordBatch, StringArray,
    StringBuilder, UInt32Array,
};
use engine::arrow::compute::{cast, take};
use engine::arrow::datatypes::DataType;
use pack::FieldKind;
use trust::ColumnKeys;

use crate::IntakeError;
use crate::chunk::{CleanChunk, Row};
use crate::layout::Layout;
use crate::state::{Turn, write_hex};

/// Length of a sealed cell of `plain` bytes at most: base64 of nonce (12), text and tag (16).
fn sealed_length(plain: usize) -> usize {
    (plain + 28).div_ceil(3) * 4
}

/// Builds rows of the clean table from those rows of a chunk that are kept.
pub(crate) fn rows(
    layout: &Layout<'_>,
    keys: &ColumnKeys,
    turn: &Turn,
    delivery_id: &str,
    chunk: &CleanChunk,
    keep: &[u32],
) -> Result<RecordBatch, IntakeError> {
    let kept: Vec<Row> =
        keep.iter().filter_map(|row| chunk.rows.get(*row as usize).copied().flatten()).collect();
    let count = kept.len();
    let wrong =
        |error| IntakeError::engine(layout.dataset())(EngineError::arrow("keep rows")(error));
    let all = count == chunk.rows.len();
    let indices = UInt32Array::from(keep.to_vec());
    let mut hashes = StringBuilder::with_capacity(count, count * 16);
    let mut text = String::new();
    for row in &kept {
        text.clear();
        write_hex(&row.digest.to_be_bytes(), &mut text);
        hashes.append_value(&text);
    }
    let mut columns: Vec<ArrayRef> = Vec::with_capacity(layout.table.fields().len());
    columns.push(Arc::new(StringArray::from_iter_values(
        kept.iter().map(|row| row.id.as_str().to_owned()),
    )));
    columns.push(Arc::new(Int64Array::from_value(i64::from(turn.version), count)));
    columns.push(Arc::new(StringArray::from_iter_values(std::iter::repeat_n(delivery_id, count))));
    columns.push(Arc::new(Int64Array::from_iter_values(
        kept.iter().map(|row| i64::try_from(row.line).unwrap_or(i64::MAX)),
    )));
    columns.push(Arc::new(Date32Array::from_value(turn.as_of, count)));
    columns.push(Arc::new(Date32Array::from_value(turn.received, count)));
    columns.push(Arc::new(hashes.finish()));
    for (position, (field, plain)) in layout.fields.iter().zip(chunk.plain.columns()).enumerate() {
        let plain =
            if all { Arc::clone(plain) } else { take(plain, &indices, None).map_err(wrong)? };
        if field.sealed {
            let plain = if plain.data_type() == &DataType::Utf8 {
                plain
            } else {
                cast(&plain, &DataType::Utf8).map_err(wrong)?
            };
            let (sealed, tokens) =
                seal(layout.dataset(), &field.id, field.family, keys, plain.as_string(), &kept);
            columns.push(Arc::new(sealed));
            columns.push(Arc::new(tokens));
        } else {
            columns.push(plain);
        }
        if field.kind == FieldKind::IdNumber {
            let states = chunk.states.get(position).map(Vec::as_slice).unwrap_or_default();
            columns.push(Arc::new(StringArray::from_iter(
                keep.iter().map(|row| states.get(*row as usize).map(|state| state.as_str())),
            )));
        }
    }
    RecordBatch::try_new(Arc::clone(&layout.table), columns).map_err(wrong)
}

fn seal(
    dataset: &str,
    field: &str,
    family: &str,
    keys: &ColumnKeys,
    plain: &StringArray,
    rows: &[Row],
) -> (StringArray, StringArray) {
    let count = plain.len();
    let bytes = plain.value_data().len();
    let mut column = keys.column(dataset, field);
    let mut kind = keys.tokens(family);
    let mut sealed = StringBuilder::with_capacity(count, count * sealed_length(0) + bytes * 4 / 3);
    let mut tokens = StringBuilder::with_capacity(count, count * 32);
    let mut text = String::new();
    for (value, row) in plain.iter().zip(rows) {
        let Some(value) = value else {
            sealed.append_null();
            tokens.append_null();
            continue;
        };
        text.clear();
        column.seal_into(row.id.as_str(), value, &mut text);
        sealed.append_value(&text);
        text.clear();
        kind.token_into(value, &mut text);
        tokens.append_value(&text);
    }
    (sealed.finish(), tokens.finish())
}
