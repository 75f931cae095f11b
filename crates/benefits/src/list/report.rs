//! What a listing says when it is done.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use store::sea_orm::ConnectionTrait;

use super::due::Written;
use super::entries::Entry;
use super::{ListInput, Period};
use crate::BenefitsError;
use crate::batch::prepare::Prepared;
use crate::model::Side;
use crate::query::cells::{Cell, cells};

/// The three lists of a period after a listing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListReport {
    /// The run.
    pub run_id: String,
    /// The period.
    pub period: Period,
    /// What was known.
    pub known_at: Date,
    /// Entries on the register.
    pub registered: i64,
    /// Entries with something due.
    pub due: i64,
    /// What is due.
    pub due_fen: i64,
    /// Entries for which receipts say that something was paid.
    pub paid: i64,
    /// What was paid.
    pub paid_fen: i64,
    /// Eligible entries, registered or not.
    pub eligible: i64,
    /// Eligible and not registered.
    pub found: i64,
    /// Due items that are new.
    pub new_items: u64,
    /// Due items whose amount is another one than an earlier run said.
    pub revised_items: u64,
    /// The figures of each policy that has an entry.
    pub policies: Vec<PolicyCount>,
    /// Every difference between the lists, by policy and cause.
    pub differences: Vec<DifferenceCount>,
    /// The batch that waits for approval; none when nothing is to be paid.
    pub batch: Option<Prepared>,
    /// True when the period showed this run's lists already and nothing was done.
    pub unchanged: bool,
}

/// The figures of a policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyCount {
    /// The policy.
    pub policy: String,
    /// Entries on its register.
    pub registered: i64,
    /// Entries with something due.
    pub due: i64,
    /// What is due.
    pub due_fen: i64,
    /// Entries for which receipts say that something was paid.
    pub paid: i64,
    /// What was paid.
    pub paid_fen: i64,
    /// Eligible, registered or not.
    pub eligible: i64,
    /// Eligible and not registered.
    pub found: i64,
}

/// One cause of a difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DifferenceCount {
    /// Between which lists.
    pub side: Side,
    /// The policy.
    pub policy: String,
    /// The code of the cause.
    pub cause: String,
    /// Number of entries.
    pub count: i64,
    /// The money in it.
    pub amount_fen: i64,
}

/// The instant that acts of a run carry: the beginning of the day up to which it knows. A run does
/// not read the clock, so that the same run writes the same.
pub(super) fn instant_of(known_at: Date) -> Timestamp {
    known_at
        .to_zoned_datetime(jiff::tz::TimeZone::UTC)
        .map_or(Timestamp::UNIX_EPOCH, |day| day.timestamp())
}

/// Reads the report from what was written, not from what was meant to be.
pub(super) async fn make<C: ConnectionTrait>(
    db: &C,
    input: &ListInput<'_>,
    entries: &[Entry],
    written: Written,
    batch: Option<Prepared>,
) -> Result<ListReport, BenefitsError> {
    let mut report = ListReport {
        run_id: input.run_id.to_owned(),
        period: input.period,
        known_at: input.known_at,
        registered: 0,
        due: 0,
        due_fen: 0,
        paid: 0,
        paid_fen: 0,
        eligible: 0,
        found: 0,
        new_items: written.new,
        revised_items: written.revised,
        policies: Vec::new(),
        differences: Vec::new(),
        batch,
        unchanged: false,
    };
    let counted = report.recount(db).await?;
    if counted != i64::try_from(entries.len()).unwrap_or(i64::MAX) {
        return Err(BenefitsError::DoesNotClose {
            period: input.period,
            policy: "all policies".to_owned(),
            equation: format!("{} entries were made, {counted} are stored", entries.len()),
        });
    }
    Ok(report)
}

impl ListReport {
    /// Fills in the figures of the lists as they are now: payments go on after a listing. Gives the
    /// number of entries.
    pub(super) async fn recount<C: ConnectionTrait>(
        &mut self,
        db: &C,
    ) -> Result<i64, BenefitsError> {
        let cells = cells(db, self.period, None, None).await?;
        let all = crate::query::summarise(&cells, true);
        (self.registered, self.eligible, self.found) = (all.registered, all.eligible, 0);
        (self.due, self.due_fen) = (all.due, all.due_amount_fen);
        (self.paid, self.paid_fen) = (all.paid, all.paid_amount_fen);
        self.policies.clear();
        self.differences.clear();
        for of_policy in cells.chunk_by(|one, other| one.policy == other.policy) {
            let (count, differences) = of_one_policy(self.period, of_policy)?;
            self.found += count.found;
            self.policies.push(count);
            self.differences.extend(differences);
        }
        Ok(cells.iter().map(|cell| cell.entries).sum())
    }
}

fn of_one_policy(
    period: Period,
    cells: &[Cell],
) -> Result<(PolicyCount, Vec<DifferenceCount>), BenefitsError> {
    let sum = crate::query::summarise(cells, true);
    let policy = cells.first().map(|cell| cell.policy.clone()).unwrap_or_default();
    if !sum.closes {
        return Err(BenefitsError::DoesNotClose {
            period,
            policy,
            equation: format!(
                "{} registered, {} due, {} fen due, {} fen paid, differences {:?}",
                sum.registered, sum.due, sum.due_amount_fen, sum.paid_amount_fen, sum.differences
            ),
        });
    }
    let found = cells
        .iter()
        .filter(|cell| cell.eligible && !cell.registered)
        .map(|cell| cell.entries)
        .sum();
    let differences = sum
        .differences
        .into_iter()
        .map(|one| DifferenceCount {
            side: one.side,
            policy: policy.clone(),
            cause: one.cause,
            count: one.count,
            amount_fen: one.amount_fen,
        })
        .collect();
    let count = PolicyCount {
        policy,
        registered: sum.registered,
        due: sum.due,
        due_fen: sum.due_amount_fen,
        paid: sum.paid,
        paid_fen: sum.paid_amount_fen,
        eligible: sum.eligible,
        found,
    };
    Ok((count, differences))
}
