//! What the data plane says: decisions, payees, and the facts behind a due item.
//!
//! Whole tables are streamed batch by batch; only rows that can end up on a list are kept, so that
//! memory grows with the lists and not with the population.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use engine::arrow::array::{Array, RecordBatch};
use engine::arrow::util::display::{ArrayFormatter, FormatOptions};
use engine::{EngineError, Snapshot};
use futures::StreamExt as _;
use vocab::Period;

use super::columns::{Columns, cell};
use super::register::{Candidate, Outcome};
use crate::BenefitsError;
use crate::programme::{Mode, Programme, Programmes, SubjectKind};

/// A subject's id, shared between the entries of all its policies.
pub(super) type Id = Arc<str>;

/// By policy (its place in the pack), the subjects that were on its register a month ago.
pub(super) type Carried = HashMap<usize, HashSet<String>>;

/// The decisions of a period, as far as they matter for the lists.
pub(super) struct Decided {
    pub(super) candidates: Vec<Candidate>,
    /// Policies (by their place in the pack) that apply in the period.
    pub(super) applicable: HashSet<usize>,
}

/// What is known of a payee.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Person {
    pub(super) name: String,
    pub(super) vital: Vital,
    pub(super) account: Option<SourceAccount>,
}

/// Whether somebody is alive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Vital {
    Alive,
    Dead,
    Uncertain,
}

/// An account number as its source row has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SourceAccount {
    pub(super) sealed: String,
    pub(super) token: String,
    pub(super) dataset: String,
    pub(super) field: String,
    pub(super) row_id: String,
}

/// A period's table of a kind, such as `decisions_person_2024_01`.
pub(super) fn table(kind: &str, unit: SubjectKind, period: Period) -> String {
    format!("{kind}_{}_{}", unit.as_str(), period.to_string().replace('-', "_"))
}

/// Every decision that can end up on a list, sorted by policy (in the order of the pack) and
/// subject.
///
/// Who is in `carried` can end up on a list whatever was decided.
pub(super) async fn candidates(
    snapshot: &Snapshot,
    programmes: &Programmes,
    period: Period,
    carried: &Carried,
) -> Result<Decided, BenefitsError> {
    let mut found = Decided { candidates: Vec::new(), applicable: HashSet::new() };
    let mut decided = false;
    for unit in [SubjectKind::Person, SubjectKind::Household] {
        let table = table("decisions", unit, period);
        if !snapshot.has(&table) {
            continue;
        }
        decided = true;
        let of_unit: Vec<(usize, &Programme)> =
            programmes.all.iter().enumerate().filter(|(_, one)| one.unit == unit).collect();
        each_batch(snapshot, &table, None, |batch| {
            let columns = Columns { table: &table, batch };
            collect(&columns, &of_unit, carried, &mut found)
        })
        .await?;
    }
    if !decided {
        return Err(BenefitsError::NoDecisions { period });
    }
    found.candidates.sort_unstable_by(|one, other| {
        (one.programme, &one.subject).cmp(&(other.programme, &other.subject))
    });
    Ok(found)
}

fn collect(
    columns: &Columns<'_>,
    programmes: &[(usize, &Programme)],
    carried: &Carried,
    found: &mut Decided,
) -> Result<(), BenefitsError> {
    let subjects = columns.text("subject_id")?;
    let divisions = columns.text("division")?;
    let mut shared: Vec<Option<Id>> = vec![None; columns.batch.num_rows()];
    for (index, programme) in programmes {
        let prefix = programme.column_prefix();
        let carried = carried.get(index);
        // A policy that came into the pack after the period was decided has no columns.
        if columns.batch.column_by_name(&format!("{prefix}__outcome")).is_none() {
            continue;
        }
        let outcomes = columns.integer(&format!("{prefix}__outcome"))?;
        let amounts = columns.integer(&format!("{prefix}__amount"))?;
        let held = columns.integer(&format!("{prefix}__held"))?;
        let unknown = columns.integer(&format!("{prefix}__unknown"))?;
        let enrolled = columns.boolean(&format!("{prefix}__enrolled"))?;
        if outcomes.null_count() < outcomes.len() {
            found.applicable.insert(*index);
        }
        for (row, id) in shared.iter_mut().enumerate() {
            // No outcome: the policy is not applicable in this period.
            if outcomes.is_null(row) {
                continue;
            }
            let outcome = match outcomes.value(row) {
                1 => Outcome::Eligible,
                2 => Outcome::Ask,
                _ => Outcome::Not,
            };
            let is_enrolled = enrolled.is_valid(row) && enrolled.value(row);
            let of_interest = outcome != Outcome::Not
                || (programme.mode == Mode::Enrolled && is_enrolled)
                || carried.is_some_and(|carried| carried.contains(subjects.value(row)));
            if !of_interest {
                continue;
            }
            let amount = if amounts.is_null(row) { 0 } else { amounts.value(row) };
            if amount < 0 {
                return Err(BenefitsError::Column {
                    table: columns.table.to_owned(),
                    column: format!("{prefix}__amount"),
                    expected: "an amount that is not negative",
                });
            }
            found.candidates.push(Candidate {
                programme: *index,
                subject: id.get_or_insert_with(|| Arc::from(subjects.value(row))).clone(),
                division: cell(&divisions, row).unwrap_or_default().to_owned(),
                outcome,
                amount_fen: amount,
                held: held.value(row),
                unknown: unknown.value(row),
                enrolled: is_enrolled,
            });
        }
    }
    Ok(())
}

/// The head of each wanted household living together.
pub(super) async fn heads(
    snapshot: &Snapshot,
    wanted: &HashSet<Id>,
) -> Result<HashMap<Id, Id>, BenefitsError> {
    let mut heads = HashMap::with_capacity(wanted.len());
    if wanted.is_empty() {
        return Ok(heads);
    }
    let read = ["household_id", "head_person"];
    each_batch(snapshot, "households", Some(&read), |batch| {
        let columns = Columns { table: "households", batch };
        let households = columns.text("household_id")?;
        let persons = columns.text("head_person")?;
        for row in 0..batch.num_rows() {
            let (Some(household), Some(person)) = (cell(&households, row), cell(&persons, row))
            else {
                continue;
            };
            if let Some(id) = wanted.get(household) {
                heads.insert(id.clone(), Arc::from(person));
            }
        }
        Ok(())
    })
    .await?;
    Ok(heads)
}

/// What is known of each wanted person.
pub(super) async fn persons(
    snapshot: &Snapshot,
    wanted: &HashSet<Id>,
) -> Result<HashMap<Id, Person>, BenefitsError> {
    let mut persons = HashMap::with_capacity(wanted.len());
    let read = [
        "person_id",
        "name",
        "vital_status",
        "account",
        "account__token",
        "account__record",
        "account__source",
    ];
    each_batch(snapshot, "persons", Some(&read), |batch| {
        let columns = Columns { table: "persons", batch };
        let ids = columns.text("person_id")?;
        let names = columns.text("name")?;
        let vital = columns.text("vital_status")?;
        let [account, token, record, source] =
            ["account", "account__token", "account__record", "account__source"]
                .map(|column| columns.text(column));
        let (account, token, record, source) = (account?, token?, record?, source?);
        for row in 0..batch.num_rows() {
            let Some(id) = cell(&ids, row).and_then(|id| wanted.get(id)) else { continue };
            persons.insert(
                id.clone(),
                Person {
                    name: cell(&names, row).unwrap_or_default().to_owned(),
                    vital: match cell(&vital, row) {
                        Some("dead") => Vital::Dead,
                        Some("alive") => Vital::Alive,
                        _ => Vital::Uncertain,
                    },
                    account: source_account(
                        cell(&account, row),
                        cell(&token, row),
                        cell(&record, row),
                        cell(&source, row),
                    ),
                },
            );
        }
        Ok(())
    })
    .await?;
    Ok(persons)
}

fn source_account(
    sealed: Option<&str>,
    token: Option<&str>,
    record: Option<&str>,
    source: Option<&str>,
) -> Option<SourceAccount> {
    let (dataset, field) = source?.split_once('.')?;
    // A record id is the row's id, a colon and the role.
    let (row_id, _) = record?.split_once(':')?;
    Some(SourceAccount {
        sealed: sealed.filter(|text| !text.is_empty())?.to_owned(),
        token: token.filter(|text| !text.is_empty())?.to_owned(),
        dataset: dataset.to_owned(),
        field: field.to_owned(),
        row_id: row_id.to_owned(),
    })
}

/// A hash of all facts of each wanted subject in the period: what its decision was computed from.
///
/// The text that is hashed is made here, column by column in the order of their names, so that it
/// does not depend on a library's row format and can be made again years later.
pub(super) async fn facts(
    snapshot: &Snapshot,
    unit: SubjectKind,
    period: Period,
    wanted: &HashSet<Id>,
) -> Result<HashMap<Id, blake3::Hash>, BenefitsError> {
    let mut hashes = HashMap::with_capacity(wanted.len());
    if wanted.is_empty() {
        return Ok(hashes);
    }
    let table = table("facts", unit, period);
    each_batch(snapshot, &table, None, |batch| {
        let columns = Columns { table: &table, batch };
        let subjects = columns.text("subject_id")?;
        let wanted: Vec<(usize, Id)> = (0..batch.num_rows())
            .filter_map(|row| {
                cell(&subjects, row).and_then(|id| wanted.get(id)).map(|id| (row, id.clone()))
            })
            .collect();
        if !wanted.is_empty() {
            hash_rows(batch, wanted, &mut hashes)?;
        }
        Ok(())
    })
    .await?;
    Ok(hashes)
}

fn hash_rows(
    batch: &RecordBatch,
    rows: Vec<(usize, Id)>,
    hashes: &mut HashMap<Id, blake3::Hash>,
) -> Result<(), BenefitsError> {
    use std::fmt::Write as _;

    let options = FormatOptions::default().with_null("\u{0}");
    let schema = batch.schema();
    let mut columns = schema
        .fields()
        .iter()
        .zip(batch.columns())
        .map(|(field, array)| {
            ArrayFormatter::try_new(array.as_ref(), &options)
                .map(|formatter| (field.name().as_str(), formatter))
        })
        .collect::<Result<Vec<_>, _>>()
        .map_err(EngineError::arrow("write facts as text"))?;
    columns.sort_unstable_by_key(|(name, _)| *name);
    let mut text = String::new();
    for (row, id) in rows {
        text.clear();
        for (name, formatter) in &columns {
            // A value can't hold the separators: they are taken out when a cell is read.
            let written = write!(text, "{name}\u{1f}{}\u{1e}", formatter.value(row));
            if written.is_err() {
                return Err(BenefitsError::Column {
                    table: "facts".to_owned(),
                    column: (*name).to_owned(),
                    expected: "something that can be written as text",
                });
            }
        }
        hashes.insert(id, blake3::hash(text.as_bytes()));
    }
    Ok(())
}

/// Hands every batch of a table, or of some of its columns, to `work`.
async fn each_batch(
    snapshot: &Snapshot,
    table: &str,
    columns: Option<&[&str]>,
    mut work: impl FnMut(&RecordBatch) -> Result<(), BenefitsError>,
) -> Result<(), BenefitsError> {
    let what = || format!("read table {table}");
    let mut frame = snapshot.table(table).await?;
    if let Some(columns) = columns {
        frame = frame.select_columns(columns).map_err(EngineError::query(what()))?;
    }
    let mut stream = frame.execute_stream().await.map_err(EngineError::query(what()))?;
    while let Some(batch) = stream.next().await {
        work(&batch.map_err(EngineError::query(what()))?)?;
    }
    Ok(())
}
