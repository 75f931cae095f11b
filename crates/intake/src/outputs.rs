//! The tables beside the clean ones: deliveries, closed versions, quarantine.

use std::collections::BTreeSet;
use std::sync::Arc;

use engine::arrow::array::{
    Array, ArrayRef, AsArray as _, BooleanArray, Date32Array, Int64Array, RecordBatch, StringArray,
};
use engine::arrow::compute::filter_record_batch;
use engine::arrow::datatypes::{DataType, Date32Type, Field, Int64Type, Schema, SchemaRef};
use engine::{EngineError, Snapshot, TableWriter, Tables, WriteMode, clean};
use futures::StreamExt as _;
use jiff::civil::Date;
use trust::ColumnKeys;
use vocab::Period;

use crate::chunk::BadRow;
use crate::clean::{date_of, days};
use crate::state::{Closing, Reason, write_hex};
use crate::{DeliveryAccount, Hold, IntakeError, Kind};

/// Name of the table of deliveries and their row accounts.
pub const DELIVERIES: &str = "deliveries";
/// Name of the table of rows that could not be taken in.
pub const QUARANTINE: &str = "quarantine";

/// Rows collected before they are written.
const ROWS_PER_WRITE: usize = 16_384;

/// The row part of the place that a quarantined row's original text is sealed for:
/// `keys.open(QUARANTINE, "original", &quarantine_place(delivery_id, line), text)`.
#[must_use]
pub fn quarantine_place(delivery_id: &str, line: i64) -> String {
    format!("{delivery_id}:{line}")
}

fn schema(columns: &[(&str, DataType, bool)]) -> SchemaRef {
    let fields: Vec<Field> = columns
        .iter()
        .map(|(name, kind, nullable)| Field::new(*name, kind.clone(), *nullable))
        .collect();
    Arc::new(Schema::new(fields))
}

/// The deliveries table.
fn deliveries_schema() -> SchemaRef {
    use DataType::{Date32, Int64, Utf8};
    schema(&[
        ("delivery_id", Utf8, false),
        ("dataset", Utf8, false),
        ("period", Utf8, false),
        ("file", Utf8, false),
        ("kind", Utf8, false),
        ("as_of", Date32, false),
        ("received", Date32, false),
        ("sequence", Int64, false),
        ("raw_sha256", Utf8, false),
        ("rows_in", Int64, false),
        ("inserted", Int64, false),
        ("changed", Int64, false),
        ("unchanged", Int64, false),
        ("ended", Int64, false),
        ("duplicate", Int64, false),
        ("quarantined", Int64, false),
        ("missing_ended", Int64, false),
        ("held_endings", Int64, false),
        ("hold", Utf8, true),
        ("warnings", Int64, false),
        ("open_before", Int64, false),
        ("open_after", Int64, false),
        ("key_id", Utf8, false),
    ])
}

/// The closed table.
fn closed_schema() -> SchemaRef {
    use DataType::{Date32, Int64, Utf8};
    schema(&[
        ("dataset", Utf8, false),
        ("row_id", Utf8, false),
        ("version", Int64, false),
        ("valid_to", Date32, false),
        ("known_to", Date32, false),
        ("reason", Utf8, false),
        ("by_delivery", Utf8, false),
    ])
}

/// The quarantine table.
fn quarantine_schema() -> SchemaRef {
    use DataType::{Date32, Int64, Utf8};
    schema(&[
        ("delivery_id", Utf8, false),
        ("dataset", Utf8, false),
        ("line", Int64, false),
        ("codes", Utf8, false),
        ("columns", Utf8, false),
        ("original", Utf8, false),
        ("received", Date32, false),
    ])
}

/// A table that all datasets write to, in the making.
///
/// The writer is opened with the first row, so that a run without news makes no new version.
struct Shared<'t> {
    tables: &'t Tables,
    name: &'static str,
    schema: SchemaRef,
    base: Option<i64>,
    writer: Option<TableWriter>,
}

impl<'t> Shared<'t> {
    fn new(tables: &'t Tables, name: &'static str, schema: SchemaRef, base: Option<i64>) -> Self {
        Self { tables, name, schema, base, writer: None }
    }

    /// Opens the writer in advance; with datasets that are built anew, their old rows are left out.
    async fn open(
        &mut self,
        rebuilt: &BTreeSet<&str>,
        snapshot: &Snapshot,
    ) -> Result<(), IntakeError> {
        let wrong = || IntakeError::engine(self.name);
        let replace = !rebuilt.is_empty() && self.base.is_some();
        let mode = if replace { WriteMode::Overwrite } else { WriteMode::Append };
        let mut writer = self
            .tables
            .writer(self.name, Arc::clone(&self.schema), self.base, mode)
            .await
            .map_err(wrong())?;
        if replace {
            let mut batches = stream(snapshot, self.name, &[]).await?;
            while let Some(batch) = batches.next().await {
                let batch = batch.map_err(EngineError::query("read a table")).map_err(wrong())?;
                let datasets = text(&batch, "dataset", self.name)?;
                let stays: BooleanArray = datasets
                    .iter()
                    .map(|dataset| Some(dataset.is_some_and(|name| !rebuilt.contains(name))))
                    .collect();
                let kept = filter_record_batch(&batch, &stays)
                    .map_err(EngineError::arrow("keep rows"))
                    .map_err(wrong())?
                    .with_schema(Arc::clone(&self.schema))
                    .map_err(EngineError::arrow("keep rows"))
                    .map_err(wrong())?;
                if kept.num_rows() > 0 {
                    writer.write(&kept).map_err(wrong())?;
                }
            }
        }
        self.writer = Some(writer);
        Ok(())
    }

    fn write(&mut self, columns: Vec<ArrayRef>) -> Result<(), IntakeError> {
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), columns)
            .map_err(EngineError::arrow("write rows"))
            .map_err(IntakeError::engine(self.name))?;
        match &mut self.writer {
            Some(writer) => writer.write(&batch).map_err(IntakeError::engine(self.name)),
            None => Err(IntakeError::Stopped { dataset: self.name.to_owned(), what: "the writer" }),
        }
    }

    async fn commit(self) -> Result<Option<i64>, IntakeError> {
        match self.writer {
            Some(writer) => writer.commit().await.map(Some).map_err(IntakeError::engine(self.name)),
            None => Ok(self.base),
        }
    }
}

/// The closed table in the making.
pub(crate) struct ClosedTable<'t> {
    shared: Shared<'t>,
}

impl<'t> ClosedTable<'t> {
    pub(crate) async fn open(
        tables: &'t Tables,
        snapshot: &Snapshot,
        rebuilt: &BTreeSet<&str>,
    ) -> Result<Self, IntakeError> {
        let base = snapshot.versions().get(clean::CLOSED).copied();
        let mut shared = Shared::new(tables, clean::CLOSED, closed_schema(), base);
        shared.open(rebuilt, snapshot).await?;
        Ok(Self { shared })
    }

    pub(crate) fn write(
        &mut self,
        dataset: &str,
        delivery_id: &str,
        closings: &[Closing],
    ) -> Result<(), IntakeError> {
        for part in closings.chunks(ROWS_PER_WRITE) {
            let ids = part.iter().map(|closing| {
                let mut text = String::with_capacity(2 * closing.key.len());
                write_hex(&closing.key, &mut text);
                text
            });
            let reasons = part.iter().map(|closing| match closing.reason {
                Reason::Changed => "changed",
                Reason::Ended => "ended",
            });
            let count = part.len();
            self.shared.write(vec![
                constant(dataset, count),
                Arc::new(StringArray::from_iter_values(ids)),
                Arc::new(Int64Array::from_iter_values(
                    part.iter().map(|closing| i64::from(closing.version)),
                )),
                Arc::new(Date32Array::from_iter_values(
                    part.iter().map(|closing| closing.valid_to),
                )),
                Arc::new(Date32Array::from_iter_values(
                    part.iter().map(|closing| closing.known_to),
                )),
                Arc::new(StringArray::from_iter_values(reasons)),
                constant(delivery_id, count),
            ])?;
        }
        Ok(())
    }

    pub(crate) async fn commit(self) -> Result<Option<i64>, IntakeError> {
        self.shared.commit().await
    }
}

/// The quarantine table in the making.
pub(crate) struct QuarantineTable<'t> {
    shared: Shared<'t>,
    keys: &'t ColumnKeys,
}

impl<'t> QuarantineTable<'t> {
    pub(crate) async fn open(
        tables: &'t Tables,
        snapshot: &Snapshot,
        rebuilt: &BTreeSet<&str>,
        keys: &'t ColumnKeys,
    ) -> Result<Self, IntakeError> {
        let base = snapshot.versions().get(QUARANTINE).copied();
        let mut shared = Shared::new(tables, QUARANTINE, quarantine_schema(), base);
        shared.open(rebuilt, snapshot).await?;
        Ok(Self { shared, keys })
    }

    pub(crate) fn write(
        &mut self,
        delivery: &DeliveryAccount,
        rows: &[BadRow],
    ) -> Result<(), IntakeError> {
        let mut column = self.keys.column(QUARANTINE, "original");
        let line = |row: &BadRow| i64::try_from(row.line).unwrap_or(i64::MAX);
        for part in rows.chunks(ROWS_PER_WRITE) {
            let originals = part.iter().map(|row| {
                let mut sealed = String::new();
                let place = quarantine_place(&delivery.delivery_id, line(row));
                column.seal_into(&place, &row.original, &mut sealed);
                sealed
            });
            let originals = StringArray::from_iter_values(originals);
            let count = part.len();
            self.shared.write(vec![
                constant(&delivery.delivery_id, count),
                constant(&delivery.dataset, count),
                Arc::new(Int64Array::from_iter_values(part.iter().map(line))),
                Arc::new(StringArray::from_iter_values(part.iter().map(|row| row.codes.as_str()))),
                Arc::new(StringArray::from_iter_values(
                    part.iter().map(|row| row.columns.as_str()),
                )),
                Arc::new(originals),
                Arc::new(Date32Array::from_value(days(delivery.received), count)),
            ])?;
        }
        Ok(())
    }

    pub(crate) async fn commit(self) -> Result<Option<i64>, IntakeError> {
        self.shared.commit().await
    }
}

/// Writes all deliveries, in the order of datasets and deliveries.
pub(crate) async fn write_deliveries(
    tables: &Tables,
    base: Option<i64>,
    key_id: &str,
    deliveries: &[DeliveryAccount],
) -> Result<i64, IntakeError> {
    let texts = |value: fn(&DeliveryAccount) -> String| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(deliveries.iter().map(value)))
    };
    let counts = |value: fn(&DeliveryAccount) -> u64| -> ArrayRef {
        let values = deliveries.iter().map(|d| i64::try_from(value(d)).unwrap_or(i64::MAX));
        Arc::new(Int64Array::from_iter_values(values))
    };
    let dates = |value: fn(&DeliveryAccount) -> Date| -> ArrayRef {
        Arc::new(Date32Array::from_iter_values(deliveries.iter().map(|d| days(value(d)))))
    };
    let columns: Vec<ArrayRef> = vec![
        texts(|d| d.delivery_id.clone()),
        texts(|d| d.dataset.clone()),
        texts(|d| d.period.to_string()),
        texts(|d| d.file.clone()),
        texts(|d| d.kind.as_str().to_owned()),
        dates(|d| d.as_of),
        dates(|d| d.received),
        counts(|d| u64::from(d.sequence)),
        texts(|d| d.raw_sha256.clone()),
        counts(|d| d.rows_in),
        counts(|d| d.inserted),
        counts(|d| d.changed),
        counts(|d| d.unchanged),
        counts(|d| d.ended),
        counts(|d| d.duplicate),
        counts(|d| d.quarantined),
        counts(|d| d.missing_ended),
        counts(|d| d.held_endings),
        Arc::new(StringArray::from_iter(deliveries.iter().map(|d| d.hold.map(Hold::as_str)))),
        counts(|d| d.warnings),
        counts(|d| d.open_before),
        counts(|d| d.open_after),
        constant(key_id, deliveries.len()),
    ];
    let wrong = || IntakeError::engine(DELIVERIES);
    let schema = deliveries_schema();
    let batch = RecordBatch::try_new(Arc::clone(&schema), columns)
        .map_err(EngineError::arrow("write deliveries"))
        .map_err(wrong())?;
    tables.write(DELIVERIES, schema, base, WriteMode::Overwrite, &[batch]).await.map_err(wrong())
}

/// Reads the deliveries taken in so far, and checks that their tokens and digests were made with this key: others can't be
/// compared with new ones.
pub(crate) async fn read_deliveries(
    snapshot: &Snapshot,
    key_id: &str,
) -> Result<Vec<DeliveryAccount>, IntakeError> {
    if !snapshot.has(DELIVERIES) {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    let mut batches = stream(snapshot, DELIVERIES, &[]).await?;
    while let Some(batch) = batches.next().await {
        let batch = batch
            .map_err(EngineError::query("read deliveries"))
            .map_err(IntakeError::engine(DELIVERIES))?;
        for row in 0..batch.num_rows() {
            if string(&batch, "key_id", row)? != key_id {
                return Err(IntakeError::WrongKey);
            }
            found.push(delivery(&batch, row)?);
        }
    }
    Ok(found)
}

fn delivery(batch: &RecordBatch, row: usize) -> Result<DeliveryAccount, IntakeError> {
    let text = |name| string(batch, name, row);
    let count = |name| -> Result<u64, IntakeError> {
        let column = batch.column_by_name(name).and_then(|c| c.as_primitive_opt::<Int64Type>());
        let value =
            column.map(|column| column.value(row)).ok_or_else(|| damaged(DELIVERIES, name))?;
        u64::try_from(value).map_err(|_| damaged(DELIVERIES, name))
    };
    let date = |name| -> Result<Date, IntakeError> {
        let column = batch.column_by_name(name).and_then(|c| c.as_primitive_opt::<Date32Type>());
        column
            .and_then(|column| date_of(column.value(row)))
            .ok_or_else(|| damaged(DELIVERIES, name))
    };
    let hold = batch
        .column_by_name("hold")
        .and_then(|column| column.as_string_opt::<i32>())
        .filter(|column| column.is_valid(row))
        .map(|column| column.value(row));
    Ok(DeliveryAccount {
        delivery_id: text("delivery_id")?,
        dataset: text("dataset")?,
        period: Period::parse(&text("period")?).map_err(|_| damaged(DELIVERIES, "period"))?,
        file: text("file")?,
        kind: if text("kind")? == Kind::Full.as_str() { Kind::Full } else { Kind::Delta },
        as_of: date("as_of")?,
        received: date("received")?,
        sequence: u32::try_from(count("sequence")?).map_err(|_| damaged(DELIVERIES, "sequence"))?,
        raw_sha256: text("raw_sha256")?,
        rows_in: count("rows_in")?,
        inserted: count("inserted")?,
        changed: count("changed")?,
        unchanged: count("unchanged")?,
        ended: count("ended")?,
        duplicate: count("duplicate")?,
        quarantined: count("quarantined")?,
        missing_ended: count("missing_ended")?,
        held_endings: count("held_endings")?,
        hold: hold.and_then(|hold| {
            [Hold::UnreadableKeys, Hold::Shrink].into_iter().find(|known| known.as_str() == hold)
        }),
        warnings: count("warnings")?,
        open_before: count("open_before")?,
        open_after: count("open_after")?,
    })
}

/// Streams a table's columns; all of them when none is named.
pub(crate) async fn stream(
    snapshot: &Snapshot,
    table: &str,
    columns: &[&str],
) -> Result<engine::datafusion::execution::SendableRecordBatchStream, IntakeError> {
    let wrong = || IntakeError::engine(table);
    let mut frame = snapshot.table(table).await.map_err(wrong())?;
    if !columns.is_empty() {
        frame = frame
            .select_columns(columns)
            .map_err(EngineError::query("read a table"))
            .map_err(wrong())?;
    }
    frame.execute_stream().await.map_err(EngineError::query("read a table")).map_err(wrong())
}

/// A text column of a table of ours.
pub(crate) fn text<'b>(
    batch: &'b RecordBatch,
    name: &str,
    table: &str,
) -> Result<&'b StringArray, IntakeError> {
    batch
        .column_by_name(name)
        .and_then(|column| column.as_string_opt::<i32>())
        .ok_or_else(|| damaged(table, name))
}

/// A number column of a table of ours.
pub(crate) fn number<'b>(
    batch: &'b RecordBatch,
    name: &str,
    table: &str,
) -> Result<&'b Int64Array, IntakeError> {
    batch
        .column_by_name(name)
        .and_then(|column| column.as_primitive_opt::<Int64Type>())
        .ok_or_else(|| damaged(table, name))
}

fn string(batch: &RecordBatch, name: &str, row: usize) -> Result<String, IntakeError> {
    text(batch, name, DELIVERIES).map(|column| column.value(row).to_owned())
}

pub(crate) fn damaged(table: &str, column: &str) -> IntakeError {
    IntakeError::Engine {
        dataset: table.to_owned(),
        source: EngineError::Damaged {
            path: table.into(),
            reason: format!("column `{column}` is missing or has another type"),
        },
    }
}

fn constant(value: &str, count: usize) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(std::iter::repeat_n(value, count)))
}
