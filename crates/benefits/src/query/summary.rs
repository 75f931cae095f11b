//! The three lists of a period in figures, and whether they close.

use std::collections::BTreeMap;

use serde::Serialize;
use store::sea_orm::ConnectionTrait;
use vocab::Period;

use super::cells::{Cell, cells};
use crate::BenefitsError;
use crate::model::Side;

/// One cause of a difference between two lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Between which lists.
    pub side: Side,
    /// The policy; `None` when all policies were asked for.
    pub policy: Option<String>,
    /// The code; [`crate::cause::name`] gives its name.
    pub cause: String,
    /// Number of entries.
    pub count: i64,
    /// The money that makes the difference; zero where no amount was ever due.
    pub amount_fen: i64,
}

/// The three lists of a period.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Entries on the register (在册).
    pub registered: i64,
    /// Entries with something due (应发).
    pub due: i64,
    /// Entries for which receipts say that something was paid (实发).
    pub paid: i64,
    /// Eligible entries, registered or not.
    pub eligible: i64,
    /// What is due.
    pub due_amount_fen: i64,
    /// What was paid.
    pub paid_amount_fen: i64,
    /// Every difference by cause.
    pub differences: Vec<Difference>,
    /// Whether the differences explain everything.
    pub closes: bool,
}

/// The lists of a period in figures, of one policy or all, of one division (a prefix) or all.
///
/// # Errors
///
/// When the database fails.
pub async fn summary<C: ConnectionTrait>(
    db: &C,
    period: Period,
    policy: Option<&str>,
    division: Option<&str>,
) -> Result<Summary, BenefitsError> {
    let cells = cells(db, period, policy, division).await?;
    Ok(summarise(&cells, policy.is_some()))
}

/// Adds cells up. With `by_policy`, differences name their policy.
pub(crate) fn summarise(cells: &[Cell], by_policy: bool) -> Summary {
    let mut sum = Summary::default();
    let mut causes: BTreeMap<(Side, Option<&str>, &str), (i64, i64)> = BTreeMap::new();
    for cell in cells {
        if cell.registered {
            sum.registered += cell.entries;
        }
        if cell.eligible {
            sum.eligible += cell.entries;
        }
        if cell.is_due {
            sum.due += cell.entries;
        }
        sum.paid += cell.paid_entries;
        sum.due_amount_fen += cell.due_fen;
        sum.paid_amount_fen += cell.paid_fen;
        for (side, cause, amount) in differences(cell) {
            let policy = by_policy.then_some(cell.policy.as_str());
            let (count, fen) = causes.entry((side, policy, cause)).or_default();
            *count += cell.entries;
            *fen += amount;
        }
    }
    sum.differences = causes
        .into_iter()
        .map(|((side, policy, cause), (count, amount_fen))| Difference {
            side,
            policy: policy.map(str::to_owned),
            cause: cause.to_owned(),
            count,
            amount_fen,
        })
        .collect();
    sum.closes = closes(&sum, cells);
    sum
}

/// The differences that the entries of a cell make.
fn differences(cell: &Cell) -> impl Iterator<Item = (Side, &str, i64)> {
    let listed = match (cell.registered, cell.is_due) {
        (true, false) => Some(Side::RegisteredDue),
        (false, false) => Some(Side::EligibleRegistered),
        (_, true) => None,
    };
    let unlisted = listed.zip(cell.cause.as_deref()).map(|(side, cause)| (side, cause, 0));
    let unpaid = cell.pay_cause.as_deref().map(|cause| {
        if cell.overpaid() {
            (Side::PaidDue, cause, cell.paid_fen - cell.due_fen)
        } else {
            (Side::DuePaid, cause, cell.due_fen - cell.paid_fen)
        }
    });
    unlisted.into_iter().chain(unpaid)
}

/// registered = due + Σ registered-due; due money = paid money + Σ due-paid - Σ paid-due; and
/// every entry is either on a list or has a cause.
fn closes(sum: &Summary, cells: &[Cell]) -> bool {
    let total = |side: Side, of: fn(&Difference) -> i64| -> i64 {
        sum.differences.iter().filter(|one| one.side == side).map(of).sum()
    };
    let registered = sum.due + total(Side::RegisteredDue, |one| one.count);
    let due_money = sum.paid_amount_fen + total(Side::DuePaid, |one| one.amount_fen)
        - total(Side::PaidDue, |one| one.amount_fen);
    let each_explained = cells.iter().all(|cell| {
        (cell.registered || !cell.is_due)
            && (cell.is_due || cell.cause.is_some())
            && (cell.pay_cause.is_some() || cell.due_fen == cell.paid_fen)
    });
    sum.registered == registered && sum.due_amount_fen == due_money && each_explained
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(registered: bool, due: Option<i64>, cause: Option<&str>) -> Cell {
        Cell {
            policy: "tennis-grant".to_owned(),
            registered,
            eligible: due.is_some(),
            is_due: due.is_some(),
            cause: cause.map(str::to_owned),
            pay_cause: due.map(|_| "awaiting_batch".to_owned()),
            entries: 2,
            due_fen: due.unwrap_or_default(),
            paid_entries: 0,
            paid_fen: 0,
        }
    }

    #[test]
    fn lists_close_when_every_difference_has_a_cause() {
        let cells = [
            cell(true, Some(600), None),
            cell(true, None, Some("dead")),
            cell(false, None, Some("not_enrolled")),
        ];
        let sum = summarise(&cells, false);
        assert_eq!((sum.registered, sum.due, sum.due_amount_fen), (4, 2, 600));
        assert!(sum.closes);
        let sides: Vec<_> =
            sum.differences.iter().map(|one| (one.side, one.count, one.amount_fen)).collect();
        assert_eq!(
            sides,
            [
                (Side::RegisteredDue, 2, 0),
                (Side::DuePaid, 2, 600),
                (Side::EligibleRegistered, 2, 0)
            ]
        );
    }

    #[test]
    fn lists_do_not_close_with_an_entry_without_cause_or_a_payment_without_registration() {
        assert!(!summarise(&[cell(true, None, None)], false).closes);
        assert!(!summarise(&[cell(false, Some(600), None)], false).closes);
        let mut unexplained = cell(true, Some(600), None);
        unexplained.pay_cause = None;
        assert!(!summarise(&[unexplained], false).closes);
    }

    #[test]
    fn more_paid_than_due_is_an_alarm_of_its_own_and_still_adds_up() {
        let mut over = cell(true, Some(600), None);
        (over.paid_fen, over.paid_entries) = (1_000, 2);
        over.pay_cause = Some(crate::cause::OVERPAID.to_owned());
        let sum = summarise(&[over], false);
        assert_eq!(sum.differences[0].side, Side::PaidDue);
        assert_eq!(sum.differences[0].amount_fen, 400);
        assert!(sum.closes);
    }
}
