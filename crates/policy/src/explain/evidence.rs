//! What an explanation is made of, read from the tables of the run that decided.

use std::collections::{BTreeMap, BTreeSet};

use engine::arrow::array::{AsArray as _, RecordBatch};
use engine::arrow::datatypes::{Date32Type, Int64Type};
use engine::datafusion::logical_expr::{Expr, ident, in_list, lit};
use engine::datafusion::scalar::ScalarValue;
use engine::{Snapshot, clean};
use pack::{Entity, Unit};

use crate::PolicyError;
use crate::book::RuleBook;
use crate::delivered::date_of;
use crate::explain::model::SourceRow;
use crate::facts::{Moment, current_rows, dataset_variables, row_column};
use crate::rules::{PolicyRules, SourceRule};
use crate::sql::{Lowering, lower};
use crate::tables::{decisions_table, facts_table, rules_table};

/// A row by column name.
pub(super) type Row = BTreeMap<String, ScalarValue>;

/// A row of a dataset, with the variables that it counted for.
#[derive(Debug, Clone)]
pub(super) struct LinkedRow {
    pub(super) source: SourceRow,
    pub(super) role: String,
    /// Variable → whether the row counted.
    pub(super) counted: BTreeMap<String, bool>,
}

/// Reads the rules that decided a policy in the period.
pub(super) async fn rules(
    snapshot: &Snapshot,
    moment: Moment,
    policy: &str,
) -> Result<PolicyRules, PolicyError> {
    let period = moment.period;
    let table = rules_table(period);
    if !snapshot.has(&table) {
        return Err(PolicyError::NotDecided { period });
    }
    let mut known = Vec::new();
    for row in rows(snapshot, &table, None, &["policy", "snapshot"]).await? {
        let id = text(&row, "policy").unwrap_or_default();
        if id == policy {
            let json = text(&row, "snapshot").unwrap_or_default();
            return serde_json::from_str(&json)
                .map_err(|source| PolicyError::Rules { period, source });
        }
        known.push(id);
    }
    Err(PolicyError::NoPolicy { policy: policy.to_owned(), known: known.join(", ") })
}

/// The household that a person lives in by an application; the first by id where there are several.
pub(super) async fn household_of(
    snapshot: &Snapshot,
    person: &str,
) -> Result<Option<String>, PolicyError> {
    if !snapshot.has("members") {
        return Ok(None);
    }
    let of_person = ident("person_id").eq(lit(person));
    let mut households: Vec<String> =
        rows(snapshot, "members", Some(of_person), &["household_id", "kind"])
            .await?
            .into_iter()
            .filter(|row| text(row, "kind").as_deref() == Some("living_together"))
            .filter_map(|row| text(&row, "household_id"))
            .collect();
    households.sort();
    Ok(households.into_iter().next())
}

/// The members of a household with their relations, by person.
pub(super) async fn members_of(
    snapshot: &Snapshot,
    household: &str,
) -> Result<Vec<(String, Option<String>)>, PolicyError> {
    let of_household = ident("household_id").eq(lit(household));
    let mut members: Vec<(String, Option<String>)> =
        rows(snapshot, "members", Some(of_household), &["person_id", "relation"])
            .await?
            .into_iter()
            .filter_map(|row| Some((text(&row, "person_id")?, text(&row, "relation"))))
            .collect();
    members.sort();
    Ok(members)
}

/// The stored facts of some subjects.
pub(super) async fn facts(
    snapshot: &Snapshot,
    moment: Moment,
    unit: Unit,
    subjects: &[String],
) -> Result<BTreeMap<String, Row>, PolicyError> {
    let table = facts_table(unit, moment.period);
    by_subject(snapshot, &table, moment, subjects).await
}

/// The stored decisions on one subject.
pub(super) async fn decision(
    snapshot: &Snapshot,
    moment: Moment,
    unit: Unit,
    subject: &str,
) -> Result<Option<Row>, PolicyError> {
    let table = decisions_table(unit, moment.period);
    let found = by_subject(snapshot, &table, moment, &[subject.to_owned()]).await?;
    Ok(found.into_values().next())
}

async fn by_subject(
    snapshot: &Snapshot,
    table: &str,
    moment: Moment,
    subjects: &[String],
) -> Result<BTreeMap<String, Row>, PolicyError> {
    if !snapshot.has(table) {
        return Err(PolicyError::NotDecided { period: moment.period });
    }
    if subjects.is_empty() {
        return Ok(BTreeMap::new());
    }
    let filter = any_of("subject_id", subjects);
    Ok(rows(snapshot, table, Some(filter), &[])
        .await?
        .into_iter()
        .filter_map(|row| Some((text(&row, "subject_id")?, row)))
        .collect())
}

/// For each person, the record that each golden column came from.
pub(super) async fn golden_records(
    snapshot: &Snapshot,
    persons: &[String],
    columns: &BTreeSet<&str>,
) -> Result<BTreeMap<(String, String), String>, PolicyError> {
    if persons.is_empty() || columns.is_empty() {
        return Ok(BTreeMap::new());
    }
    let failed = || PolicyError::plan("read the golden records");
    let frame = snapshot.table("persons").await?;
    let provenance: Vec<(String, String)> = columns
        .iter()
        .map(|column| ((*column).to_owned(), format!("{column}__record")))
        .filter(|(_, record)| frame.schema().has_column_with_unqualified_name(record))
        .collect();
    let mut select = vec![ident("person_id")];
    select.extend(provenance.iter().map(|(_, record)| ident(record)));
    let batches = frame
        .filter(any_of("person_id", persons))
        .and_then(|frame| frame.select(select))
        .map_err(failed())?
        .collect()
        .await
        .map_err(failed())?;
    let mut found = BTreeMap::new();
    for row in batches.iter().flat_map(rows_of) {
        let Some(person) = text(&row, "person_id") else { continue };
        for (column, record) in &provenance {
            if let Some(record) = text(&row, record) {
                found.insert((person.clone(), column.clone()), record);
            }
        }
    }
    Ok(found)
}

/// A link of a row: person, role, record, and whether it is certain.
type Link = (String, String, String, bool);

/// For each person, the current rows of the datasets that the rules look at, and those named by
/// `records`.
pub(super) async fn linked_rows(
    book: &RuleBook,
    snapshot: &Snapshot,
    moment: Moment,
    rules: &PolicyRules,
    persons: &[String],
    records: &BTreeSet<&str>,
) -> Result<BTreeMap<(String, String), Vec<LinkedRow>>, PolicyError> {
    if persons.is_empty() {
        return Ok(BTreeMap::new());
    }
    let datasets: BTreeSet<&str> = rules
        .variables
        .values()
        .filter_map(|variable| match &variable.source {
            SourceRule::Dataset { dataset, .. } => Some(dataset.as_str()),
            _ => None,
        })
        .collect();
    let wanted = ["record_id", "row_id", "dataset", "role", "person_id", "certain"];
    // dataset → row → links
    let mut links: BTreeMap<String, BTreeMap<String, Vec<Link>>> = BTreeMap::new();
    for row in rows(snapshot, "links", Some(any_of("person_id", persons)), &wanted).await? {
        let (Some(record), Some(row_id), Some(dataset), Some(role), Some(person)) = (
            text(&row, "record_id"),
            text(&row, "row_id"),
            text(&row, "dataset"),
            text(&row, "role"),
            text(&row, "person_id"),
        ) else {
            continue;
        };
        if datasets.contains(dataset.as_str()) || records.contains(record.as_str()) {
            let certain = row.get("certain") == Some(&ScalarValue::Boolean(Some(true)));
            links
                .entry(dataset)
                .or_default()
                .entry(row_id)
                .or_default()
                .push((person, role, record, certain));
        }
    }
    let same_pack = book.pack_hash == rules.pack_hash;
    let mut found: BTreeMap<(String, String), Vec<LinkedRow>> = BTreeMap::new();
    for (dataset, of_rows) in links {
        if !snapshot.has(&clean::table_name(&dataset)) {
            continue;
        }
        for (row_id, delivery, line, as_of, counted) in
            clean_rows(book, snapshot, moment, &dataset, &of_rows, same_pack).await?
        {
            let info = book.datasets.get(&dataset);
            let name = |zh: Option<&pack::Text>| {
                zh.cloned()
                    .unwrap_or_else(|| pack::Text { zh: dataset.clone(), en: dataset.clone() })
            };
            for (person, role, record, certain) in of_rows.get(&row_id).into_iter().flatten() {
                found.entry((person.clone(), dataset.clone())).or_default().push(LinkedRow {
                    source: SourceRow {
                        dataset: dataset.clone(),
                        dataset_name: name(info.map(|info| &info.name)),
                        department: name(info.map(|info| &info.department)),
                        record_id: record.clone(),
                        row: line,
                        delivery_id: delivery.clone(),
                        as_of,
                        certain: *certain,
                        counted: None,
                    },
                    role: role.clone(),
                    counted: counted.clone(),
                });
            }
        }
    }
    for rows in found.values_mut() {
        rows.sort_by(|a, b| a.source.record_id.cmp(&b.source.record_id));
    }
    Ok(found)
}

type CleanRow = (String, String, i64, jiff::civil::Date, BTreeMap<String, bool>);

/// Rows of one dataset with their place in the delivered file and the variables they count for.
async fn clean_rows<V>(
    book: &RuleBook,
    snapshot: &Snapshot,
    moment: Moment,
    dataset: &str,
    wanted: &BTreeMap<String, V>,
    same_pack: bool,
) -> Result<Vec<CleanRow>, PolicyError> {
    let failed = || PolicyError::plan(format!("read rows of {dataset}"));
    let ids: Vec<String> = wanted.keys().cloned().collect();
    let column = row_column(book, dataset, moment.period);
    let none = BTreeMap::new();
    let to = Lowering { parameters: &none, day: moment.period.last_day(), column: &column };
    let mut select = vec![ident("row_id"), ident("delivery_id"), ident("line"), ident("as_of")];
    let mut variables = Vec::new();
    if same_pack {
        for (compiled, aggregation) in dataset_variables(book, Entity::Person, dataset) {
            let counts =
                aggregation.filter.as_ref().map_or_else(|| lit(true), |tree| lower(tree, &to));
            select.push(counts.is_true().alias(format!("__counts__{}", compiled.variable.id)));
            variables.push(compiled.variable.id.clone());
        }
    }
    let batches = current_rows(book, snapshot, moment, dataset)
        .await?
        .filter(any_of("row_id", &ids))
        .and_then(|frame| frame.select(select))
        .map_err(failed())?
        .collect()
        .await
        .map_err(failed())?;
    let mut found = Vec::new();
    for batch in &batches {
        let wrong = |column: &str| PolicyError::Column {
            table: clean::table_name(dataset),
            column: column.to_owned(),
        };
        let line = batch
            .column_by_name("line")
            .and_then(|array| array.as_primitive_opt::<Int64Type>())
            .ok_or_else(|| wrong("line"))?;
        let as_of = batch
            .column_by_name("as_of")
            .and_then(|array| array.as_primitive_opt::<Date32Type>())
            .ok_or_else(|| wrong("as_of"))?;
        for (at, row) in rows_of(batch).into_iter().enumerate() {
            let (Some(row_id), Some(delivery)) = (text(&row, "row_id"), text(&row, "delivery_id"))
            else {
                continue;
            };
            let counted = variables
                .iter()
                .map(|variable| {
                    let counts = row.get(&format!("__counts__{variable}"));
                    (variable.clone(), counts == Some(&ScalarValue::Boolean(Some(true))))
                })
                .collect();
            let day = date_of(as_of.value(at)).unwrap_or(moment.known_at);
            found.push((row_id, delivery, line.value(at), day, counted));
        }
    }
    Ok(found)
}

fn any_of(column: &str, values: &[String]) -> Expr {
    in_list(ident(column), values.iter().map(|value| lit(value.as_str())).collect(), false)
}

/// Rows of a table; all columns when none are named.
async fn rows(
    snapshot: &Snapshot,
    table: &str,
    filter: Option<Expr>,
    columns: &[&str],
) -> Result<Vec<Row>, PolicyError> {
    let failed = || PolicyError::plan(format!("read {table}"));
    let mut frame = snapshot.table(table).await?;
    if let Some(filter) = filter {
        frame = frame.filter(filter).map_err(failed())?;
    }
    if !columns.is_empty() {
        frame = frame.select(columns.iter().map(|name| ident(*name))).map_err(failed())?;
    }
    let batches = frame.collect().await.map_err(failed())?;
    Ok(batches.iter().flat_map(rows_of).collect())
}

fn rows_of(batch: &RecordBatch) -> Vec<Row> {
    let schema = batch.schema();
    (0..batch.num_rows())
        .map(|at| {
            schema
                .fields()
                .iter()
                .zip(batch.columns())
                .filter_map(|(field, column)| {
                    Some((field.name().clone(), ScalarValue::try_from_array(column, at).ok()?))
                })
                .collect()
        })
        .collect()
}

/// A text of a row.
pub(super) fn text(row: &Row, column: &str) -> Option<String> {
    match row.get(column) {
        Some(ScalarValue::Utf8(text)) => text.clone(),
        _ => None,
    }
}
