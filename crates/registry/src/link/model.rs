//! What linking takes for granted of the population: how many people there are, and how frequent each
//! name is.
//!
//! A weight depends on both, so that every newcomer would move the weights of all others a little.
//! The model is therefore learnt once and kept: then what a day brings changes only what it touches,
//! and linking by days gives the same persons as linking everything at once.

use std::sync::Arc;

use engine::arrow::array::{Int64Builder, RecordBatch, StringBuilder};
use engine::arrow::datatypes::{DataType, Field, Int64Type, Schema, SchemaRef};
use engine::{EngineError, Snapshot, Tables, Versions, WriteMode};
use hashbrown::HashSet;

use crate::RegistryError;
use crate::records::{NO_NAME, Records, number_column, string_column};

/// Name of the table that keeps the model: `kind`, `key`, `count`.
pub const MODEL: &str = "link_model";

/// A model stops to fit when the registry has grown to this many times the records it was learnt from.
const OUTGROWN: u64 = 2;

const PERSONS: &str = "persons";
const RECORDS: &str = "records";
const NAME: &str = "name";

/// The scalars of the model; the frequencies of names are with the names, in [`Records::names`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub(crate) struct Model {
    /// Distinct identity numbers: how many people there are.
    pub(crate) persons: u32,
    /// Records that the model was learnt from.
    pub(crate) records: u64,
    /// Names in them: the sum of all frequencies.
    pub(crate) named: u64,
}

impl Model {
    /// Learns the model from all records.
    pub(crate) fn learn(records: &mut Records) -> Self {
        let persons: HashSet<u128> = records.id.iter().copied().filter(|id| *id != 0).collect();
        records.names.count.fill(0);
        let mut named = 0;
        for name in records.name.iter().chain(&records.former) {
            if *name != NO_NAME {
                let count = &mut records.names.count[*name as usize];
                *count = count.saturating_add(1);
                named += 1;
            }
        }
        Self {
            persons: u32::try_from(persons.len()).unwrap_or(u32::MAX),
            records: records.len() as u64,
            named,
        }
    }

    /// Whether the model still speaks of a population like this one.
    pub(crate) fn fits(&self, records: usize) -> bool {
        records as u64 <= self.records.saturating_mul(OUTGROWN)
    }

    /// The kept model, its names put into `records`; `None` when nothing has been learnt yet.
    pub(crate) async fn read(
        snapshot: &Snapshot,
        records: &mut Records,
    ) -> Result<Option<Self>, RegistryError> {
        if !snapshot.has(MODEL) {
            return Ok(None);
        }
        let mut model = Self::default();
        for batch in snapshot.query(&[MODEL], "SELECT kind, key, count FROM link_model").await? {
            let (kind, key) =
                (string_column(&batch, MODEL, "kind")?, string_column(&batch, MODEL, "key")?);
            let count = number_column::<Int64Type>(&batch, MODEL, "count")?;
            for at in 0..batch.num_rows() {
                let count = u64::try_from(count.value(at)).unwrap_or_default();
                let short = u32::try_from(count).unwrap_or(u32::MAX);
                match kind.value(at) {
                    PERSONS => model.persons = short,
                    RECORDS => model.records = count,
                    _ => {
                        let number = records.names.intern_simple(key.value(at));
                        records.names.count[number as usize] = short;
                        model.named += count;
                    }
                }
            }
        }
        Ok(Some(model))
    }

    /// Keeps the model and returns the table's version.
    pub(crate) async fn write(
        &self,
        tables: &Tables,
        base: &Versions,
        records: &Records,
    ) -> Result<i64, RegistryError> {
        let schema: SchemaRef = Arc::new(Schema::new(vec![
            Field::new("kind", DataType::Utf8, false),
            Field::new("key", DataType::Utf8, false),
            Field::new("count", DataType::Int64, false),
        ]));
        let (mut kinds, mut keys, mut counts) =
            (StringBuilder::new(), StringBuilder::new(), Int64Builder::new());
        let mut push = |kind: &str, key: &str, count: u64| {
            kinds.append_value(kind);
            keys.append_value(key);
            counts.append_value(i64::try_from(count).unwrap_or(i64::MAX));
        };
        push(PERSONS, "", u64::from(self.persons));
        push(RECORDS, "", self.records);
        for (text, count) in records.names.text.iter().zip(&records.names.count) {
            if *count > 0 {
                push(NAME, text, u64::from(*count));
            }
        }
        let batch = RecordBatch::try_new(
            Arc::clone(&schema),
            vec![Arc::new(kinds.finish()), Arc::new(keys.finish()), Arc::new(counts.finish())],
        )
        .map_err(EngineError::arrow("build the linking model"))?;
        Ok(tables
            .write(MODEL, schema, base.get(MODEL).copied(), WriteMode::Overwrite, &[batch])
            .await?)
    }
}
