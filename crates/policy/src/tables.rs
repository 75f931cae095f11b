//! Names and schemas of the tables that deciding writes.

use std::sync::Arc;

use engine::EngineError;
use engine::arrow::array::RecordBatch;
use engine::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use engine::datafusion::dataframe::DataFrame;
use pack::Unit;
use vocab::Period;

use crate::PolicyError;
use crate::report::unit_word;

/// `2024-01` → `2024_01`, as table names write a period.
fn suffix(period: Period) -> String {
    period.to_string().replace('-', "_")
}

/// The table of facts of a period: `facts_person_2024_01`, `facts_household_2024_01`.
#[must_use]
pub fn facts_table(unit: Unit, period: Period) -> String {
    format!("facts_{}_{}", unit_word(unit), suffix(period))
}

/// The table of decisions of a period: `decisions_person_2024_01`, `decisions_household_2024_01`.
#[must_use]
pub fn decisions_table(unit: Unit, period: Period) -> String {
    format!("decisions_{}_{}", unit_word(unit), suffix(period))
}

/// The table of the rules that a period was decided by: `rules_2024_01`.
#[must_use]
pub fn rules_table(period: Period) -> String {
    format!("rules_{}", suffix(period))
}

/// Prefix of a policy's columns in a decisions table: its id with `_` for `-`.
#[must_use]
pub fn policy_column(policy: &str) -> String {
    crate::book::column_prefix(policy)
}

/// The schema in which a frame is stored: its columns, all of which may be null. Which columns can
/// be null in fact depends on the optimiser, and a table's schema must not.
pub(crate) fn stored_schema(frame: &DataFrame) -> SchemaRef {
    let fields: Vec<Field> = frame
        .schema()
        .fields()
        .iter()
        .map(|field| Field::new(field.name(), field.data_type().clone(), true))
        .collect();
    Arc::new(Schema::new(fields))
}

/// A batch with the stored schema.
pub(crate) fn stored(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, PolicyError> {
    RecordBatch::try_new(Arc::clone(schema), batch.columns().to_vec())
        .map_err(EngineError::arrow("store facts or decisions"))
        .map_err(PolicyError::from)
}

/// The schema of the table of rules.
///
/// ```text
/// policy      Utf8
/// unit        Utf8    person, household
/// applicable  Boolean whether the policy was decided in the period
/// reason_zh, reason_en  Utf8, null when applicable
/// period      Utf8
/// known_at    Date32
/// pack_hash   Utf8
/// snapshot    Utf8    the policy and its variables as JSON
/// ```
pub(crate) fn rules_schema() -> SchemaRef {
    let text = |name: &str| Field::new(name, DataType::Utf8, true);
    Arc::new(Schema::new(vec![
        text("policy"),
        text("unit"),
        Field::new("applicable", DataType::Boolean, true),
        text("reason_zh"),
        text("reason_en"),
        text("period"),
        Field::new("known_at", DataType::Date32, true),
        text("pack_hash"),
        text("snapshot"),
    ]))
}
