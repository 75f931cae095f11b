//! A hash of a table's content that does not depend on the order of rows or on batches.

use arrow::array::RecordBatch;
use arrow::row::{RowConverter, SortField};

use crate::EngineError;

/// Hashes the rows of `batches` as a multiset.
///
/// Two tables have the same hash when they hold the same rows, in whatever order, batches or
/// partitions: each row is hashed on its own and the hashes are added up modulo 2^256, which keeps
/// repeated rows apart from single ones (an exclusive or would not).
///
/// The result is 64 hexadecimal digits.
///
/// # Errors
///
/// When a column's type has no row format.
pub fn content_hash(batches: &[RecordBatch]) -> Result<String, EngineError> {
    let Some(first) = batches.first() else {
        return Ok("0".repeat(64));
    };
    let fields = first
        .schema()
        .fields()
        .iter()
        .map(|field| SortField::new(field.data_type().clone()))
        .collect();
    let converter = RowConverter::new(fields).map_err(EngineError::arrow("hash a table"))?;
    let mut sum = [0u64; 4];
    for batch in batches {
        let rows = converter
            .convert_columns(batch.columns())
            .map_err(EngineError::arrow("hash a table"))?;
        for row in &rows {
            add(&mut sum, blake3::hash(row.as_ref()).as_bytes());
        }
    }
    Ok(sum.iter().map(|word| format!("{word:016x}")).collect())
}

/// Adds a 256-bit little-endian number to `sum`, modulo 2^256.
fn add(sum: &mut [u64; 4], bytes: &[u8; 32]) {
    let mut carry = false;
    for (word, chunk) in sum.iter_mut().zip(bytes.chunks_exact(8)) {
        let mut part = [0u8; 8];
        part.copy_from_slice(chunk);
        let (first, overflow_first) = word.overflowing_add(u64::from_le_bytes(part));
        let (second, overflow_second) = first.overflowing_add(u64::from(carry));
        *word = second;
        carry = overflow_first || overflow_second;
    }
}
