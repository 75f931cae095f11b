//! Due items: what is due, frozen, with a revision for every change of an amount.

use std::collections::HashMap;

use store::bulk::{Bulk, OnConflict};
use store::sea_orm::sea_query::Expr;
use store::sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use super::ListInput;
use super::entries::{DueItem, Entry};
use super::read::Id;
use super::register::{Candidate, Outcome, withdrawn};
use crate::BenefitsError;
use crate::batch::instructed::instructed_fen;
use crate::entity::due_item;
use crate::ids;

/// How many due items a listing made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Written {
    /// First revisions.
    pub(super) new: u64,
    /// Later revisions: another amount than before, or nothing any more.
    pub(super) revised: u64,
}

/// The latest revision of what is due for a subject.
struct Current {
    id: String,
    revision: i32,
    amount_fen: i64,
}

const TABLE: Bulk<'static> = Bulk {
    table: "due_item",
    columns: &[
        "id",
        "policy",
        "subject_id",
        "period",
        "revision",
        "person_id",
        "amount_fen",
        "payable_fen",
        "inputs_hash",
        "run_id",
        "current",
    ],
    on_conflict: OnConflict::Fail,
};

/// Writes a due item for each due entry that has none of this amount, takes back those that are no
/// longer due, and puts the item's id into the entry.
///
/// Entries are added for what was instructed and is on no list any more, so that money that has
/// gone out never disappears from the lists.
pub(super) async fn write<C: ConnectionTrait>(
    db: &C,
    input: &ListInput<'_>,
    entries: &mut Vec<Entry>,
    facts: &HashMap<Id, blake3::Hash>,
) -> Result<Written, BenefitsError> {
    let period = input.period.to_string();
    let mut current = load(db, input).await?;
    let instructed = instructed_fen(db, input.period, None).await?;
    let index: HashMap<&str, usize> = input
        .programmes
        .all
        .iter()
        .enumerate()
        .map(|(index, programme)| (programme.id.as_str(), index))
        .collect();
    let mut written = Written::default();
    let mut superseded = Vec::new();
    let mut rows = Vec::new();
    let mut add = |policy: &str,
                   subject: &str,
                   payee: &str,
                   old: Option<&Current>,
                   amount: i64,
                   hash: String| {
        let revision = old.map_or(1, |old| old.revision + 1);
        let id = ids::due_item(policy, subject, input.period, revision);
        let sent =
            instructed.get(&(policy.to_owned(), subject.to_owned())).copied().unwrap_or_default();
        rows.push(vec![
            id.as_str().into(),
            policy.into(),
            subject.into(),
            period.as_str().into(),
            revision.into(),
            payee.into(),
            amount.into(),
            (amount - sent).into(),
            hash.into(),
            input.run_id.into(),
            true.into(),
        ]);
        superseded.extend(old.map(|old| old.id.clone()));
        DueItem { id, revision }
    };
    for entry in entries.iter_mut() {
        let (Some(amount), Some(candidate)) = (entry.judged.due_fen, &entry.candidate) else {
            continue;
        };
        let Some(programme) = input.programmes.all.get(entry.programme) else { continue };
        let old = current.remove(&(programme.id.clone(), entry.subject.to_string()));
        entry.due_item = Some(match old {
            Some(old) if old.amount_fen == amount => DueItem { id: old.id, revision: old.revision },
            old => {
                match old {
                    None => written.new += 1,
                    Some(_) => written.revised += 1,
                }
                let hash = inputs_hash(input, &programme.id, candidate, facts);
                let payee = entry.payee.as_deref().unwrap_or_default();
                add(
                    &programme.id,
                    &entry.subject,
                    payee,
                    old.as_ref(),
                    amount,
                    hash.to_hex().as_str().to_owned(),
                )
            }
        });
    }
    // What is left was due by an earlier run and is not any more.
    let mut listed: Vec<(usize, String)> =
        entries.iter().map(|entry| (entry.programme, entry.subject.to_string())).collect();
    listed.sort_unstable();
    let mut left: Vec<_> = current.into_iter().collect();
    left.sort_unstable_by(|one, other| one.0.cmp(&other.0));
    for ((policy, subject), old) in left {
        if old.amount_fen != 0 {
            written.revised += 1;
            add(&policy, &subject, "", Some(&old), 0, String::new());
        }
        let Some(programme) = index.get(policy.as_str()).copied() else { continue };
        let sent = instructed.contains_key(&(policy, subject.clone()));
        let key = (programme, subject);
        if sent && listed.binary_search(&key).is_err() {
            let (programme, subject) = key;
            let mut entry =
                Entry::new(programme, Id::from(subject.as_str()), String::new(), withdrawn(), None);
            entry.payee = Some(entry.subject.clone());
            entries.push(entry);
        }
    }
    supersede(db, &superseded).await?;
    TABLE.write(db, rows).await?;
    Ok(written)
}

async fn load<C: ConnectionTrait>(
    db: &C,
    input: &ListInput<'_>,
) -> Result<HashMap<(String, String), Current>, BenefitsError> {
    let rows: Vec<(String, String, String, i32, i64)> = due_item::Entity::find()
        .select_only()
        .column(due_item::Column::Policy)
        .column(due_item::Column::SubjectId)
        .column(due_item::Column::Id)
        .column(due_item::Column::Revision)
        .column(due_item::Column::AmountFen)
        .filter(due_item::Column::Period.eq(input.period.to_string()))
        .filter(due_item::Column::Current.eq(true))
        .into_tuple()
        .all(db)
        .await
        .map_err(BenefitsError::db("read the period's due items"))?;
    Ok(rows
        .into_iter()
        .map(|(policy, subject, id, revision, amount_fen)| {
            ((policy, subject), Current { id, revision, amount_fen })
        })
        .collect())
}

async fn supersede<C: ConnectionTrait>(db: &C, ids: &[String]) -> Result<(), BenefitsError> {
    for chunk in ids.chunks(store::bulk::CHUNK_ROWS) {
        due_item::Entity::update_many()
            .col_expr(due_item::Column::Current, Expr::value(false))
            .filter(due_item::Column::Id.is_in(chunk.iter().map(String::as_str)))
            .exec(db)
            .await
            .map_err(BenefitsError::db("supersede due items"))?;
    }
    Ok(())
}

/// The hash of everything that an amount was computed from.
fn inputs_hash(
    input: &ListInput<'_>,
    policy: &str,
    candidate: &Candidate,
    facts: &HashMap<Id, blake3::Hash>,
) -> blake3::Hash {
    let outcome = match candidate.outcome {
        Outcome::Not => "not",
        Outcome::Eligible => "eligible",
        Outcome::Ask => "ask",
    };
    let facts =
        facts.get(&candidate.subject).map_or_else(String::new, |hash| hash.to_hex().to_string());
    ids::hash_parts(
        "huimin due item inputs v1",
        [
            policy,
            &input.programmes.pack_hash,
            &input.period.to_string(),
            &candidate.subject,
            outcome,
            &candidate.amount_fen.to_string(),
            &candidate.held.to_string(),
            &candidate.unknown.to_string(),
            &facts,
        ],
    )
}
