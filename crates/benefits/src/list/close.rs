//! The last check before the lists become visible: against the due items and the decisions.

use std::collections::BTreeMap;

use store::sea_orm::{self, ConnectionTrait, FromQueryResult, Statement};

use super::entries::Entry;
use super::{ListInput, ListReport};
use crate::BenefitsError;
use crate::list::register::Outcome;

#[derive(FromQueryResult)]
struct DueSum {
    policy: String,
    items: i64,
    amount_fen: i64,
}

/// Checks that the due items add up to the due list, and that the eligible entries are those that
/// the decisions name. That each difference has a cause was checked when the report was made.
pub(super) async fn check<C: ConnectionTrait>(
    db: &C,
    input: &ListInput<'_>,
    entries: &[Entry],
    report: &ListReport,
) -> Result<(), BenefitsError> {
    let statement = Statement::from_sql_and_values(
        db.get_database_backend(),
        "SELECT policy, COUNT(*) AS items, CAST(SUM(amount_fen) AS BIGINT) AS amount_fen \
         FROM due_item WHERE period = $1 AND current AND amount_fen > 0 GROUP BY policy",
        [input.period.to_string().into()],
    );
    let items: BTreeMap<String, (i64, i64)> = DueSum::find_by_statement(statement)
        .all(db)
        .await
        .map_err(BenefitsError::db("add up the due items"))?
        .into_iter()
        .map(|sum| (sum.policy, (sum.items, sum.amount_fen)))
        .collect();
    let mut eligible: BTreeMap<&str, i64> = BTreeMap::new();
    for entry in entries {
        let is_eligible =
            entry.candidate.as_ref().is_some_and(|one| one.outcome == Outcome::Eligible);
        if let Some(programme) = input.programmes.all.get(entry.programme) {
            *eligible.entry(&programme.id).or_default() += i64::from(is_eligible);
        }
    }
    for count in &report.policies {
        let (due, due_fen) = items.get(&count.policy).copied().unwrap_or_default();
        let decided = eligible.get(count.policy.as_str()).copied().unwrap_or_default();
        if (due, due_fen, decided) != (count.due, count.due_fen, count.eligible) {
            return Err(BenefitsError::DoesNotClose {
                period: input.period,
                policy: count.policy.clone(),
                equation: format!(
                    "due items {due} of {due_fen} fen, list {} of {} fen; eligible {decided}, list {}",
                    count.due, count.due_fen, count.eligible
                ),
            });
        }
    }
    Ok(())
}
