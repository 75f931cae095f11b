//! Receiving: receipts make the paid list, and nothing else does.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::Timestamp;
use serde::Serialize;
use store::audit::{self, Act};
use store::bulk::{Bulk, CHUNK_ROWS, OnConflict};
use store::sea_orm::sea_query::Expr;
use store::sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, EntityTrait, QueryFilter, QuerySelect,
};
use store::{begin_write, instant_text, outbox};

use super::load;
use super::refresh::refresh;
use super::send::set_delivery;
use crate::BenefitsError;
use crate::channel::{Channel, ReceiptLine};
use crate::entity::{batch, payment, receipt};
use crate::model::{BatchState, Delivery, PaymentState, ReceiptKind, RejectReason};

/// A batch after its receipts were asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Received {
    /// The batch.
    pub batch_id: String,
    /// Its state.
    pub state: BatchState,
    /// What is known of the file.
    pub delivery: Delivery,
    /// Payments that are paid.
    pub paid: u64,
    /// What was paid.
    pub paid_fen: i64,
    /// Payments that were refused.
    pub rejected: u64,
    /// Payments that were sent back.
    pub returned: u64,
    /// Payments without a final receipt.
    pub open: u64,
    /// Instructions that the platform does not know: send the batch again.
    pub not_there: u64,
    /// Receipts that changed something just now.
    pub new: u64,
    /// Receipts that contradict what is known; stored, not followed, for a person to settle.
    pub contradictory: u64,
    /// Receipts for instructions that are not of this batch; not stored.
    pub foreign: u64,
}

/// Asks for the receipts of a batch and takes them over, all in one transaction.
///
/// Asking again is always safe: a receipt that is known changes nothing. A batch is settled when
/// each payment has a final receipt; money may still be sent back later, so settled batches can be
/// asked for as well.
///
/// # Errors
///
/// [`BenefitsError::BatchState`] when the batch was not sent, [`BenefitsError::Channel`] when the
/// platform did not answer, and [`BenefitsError::ReceiptAmount`] for a receipt over another amount
/// than was instructed.
pub async fn receive(
    db: &DatabaseConnection,
    batch_id: &str,
    channel: &dyn Channel,
    user: &str,
    at: Timestamp,
) -> Result<Received, BenefitsError> {
    check_sent(&load::locked(db, batch_id).await?)?;
    let lines = channel
        .ask(batch_id)
        .await
        .map_err(|source| BenefitsError::Channel { batch: batch_id.to_owned(), source })?;

    let transaction = begin_write(db).await?;
    load::alone(&transaction).await?;
    let batch = load::locked(&transaction, batch_id).await?;
    check_sent(&batch)?;
    let payments = load::payments(&transaction, batch_id).await?;
    let stored = stored(&transaction, batch_id).await?;
    let taken = take(&batch, &payments, &stored, lines)?;
    write_receipts(&transaction, &taken.receipts, at).await?;
    write_payments(&transaction, &taken.changed).await?;

    let mut received = count(&batch, &payments, &taken)?;
    if received.not_there == 0 {
        set_delivery(&transaction, batch_id, Delivery::Accepted).await?;
        received.delivery = Delivery::Accepted;
    }
    let settles = received.open == 0 && received.state == BatchState::Sent;
    if settles {
        received.state = BatchState::Settled;
        mark_settled(&transaction, batch_id).await?;
    }
    if received.new > 0 || received.contradictory > 0 || settles {
        refresh(&transaction, &batch.period, Some(batch_id)).await?;
        let user = user.trim().to_lowercase();
        let act = Act {
            who: &user,
            what: "batch.receive",
            subject: &format!("batch:{batch_id}"),
            at,
            purpose: "payment of the period",
        };
        let detail = serde_json::json!({
            "paid": received.paid, "paid_fen": received.paid_fen, "rejected": received.rejected,
            "returned": received.returned, "open": received.open, "new": received.new,
            "contradictory": received.contradictory,
        });
        audit::record(&transaction, act, &detail).await?;
        outbox::publish(&transaction, "benefits.receipts", batch_id, &detail, at).await?;
    }
    transaction.commit().await.map_err(BenefitsError::db("commit the receipts"))?;
    Ok(received)
}

fn check_sent(batch: &batch::Model) -> Result<(), BenefitsError> {
    let state = load::state(batch)?;
    if matches!(state, BatchState::Sent | BatchState::Settled) {
        return Ok(());
    }
    Err(BenefitsError::BatchState {
        batch: batch.id.clone(),
        state,
        needed: "it has to be sent before it can have receipts (`huimin batch send`)",
    })
}

/// What a payment becomes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Outcome {
    state: PaymentState,
    code: Option<RejectReason>,
    on: String,
}

/// What an answer changes.
#[derive(Debug, Default)]
struct Taken {
    receipts: Vec<(ReceiptLine, bool)>,
    changed: BTreeMap<String, Outcome>,
    known: HashSet<String>,
    contradictory: u64,
    foreign: u64,
}

/// A receipt that is stored already: instruction, kind, number.
type Stored = HashSet<(String, String, String)>;

/// Works out what an answer changes, without changing anything.
fn take(
    batch: &batch::Model,
    payments: &[payment::Model],
    stored: &Stored,
    mut lines: Vec<ReceiptLine>,
) -> Result<Taken, BenefitsError> {
    let mut state = HashMap::with_capacity(payments.len());
    for payment in payments {
        let now = load::payment_state(payment)?;
        state.insert(payment.instruction_id.as_str(), (now, payment.amount_fen));
    }
    // Whatever the order of the answer, a payment comes before its return.
    lines.sort_by(|one, other| {
        (&one.instruction_id, rank(one.kind), &one.receipt_no).cmp(&(
            &other.instruction_id,
            rank(other.kind),
            &other.receipt_no,
        ))
    });
    // An answer may tell the same receipt twice.
    lines.dedup_by(|one, other| {
        (&one.instruction_id, one.kind, &one.receipt_no)
            == (&other.instruction_id, other.kind, &other.receipt_no)
    });
    let mut taken = Taken::default();
    for line in lines {
        let Some((now, instructed)) = state.get_mut(line.instruction_id.as_str()) else {
            taken.foreign += 1;
            continue;
        };
        taken.known.insert(line.instruction_id.clone());
        if line.kind == ReceiptKind::Accepted {
            continue;
        }
        if line.amount_fen != *instructed {
            return Err(BenefitsError::ReceiptAmount {
                batch: batch.id.clone(),
                instruction: line.instruction_id,
                told: line.amount_fen,
                instructed: *instructed,
            });
        }
        let key = (line.instruction_id, line.kind.as_str().to_owned(), line.receipt_no);
        if stored.contains(&key) {
            continue;
        }
        let line = ReceiptLine { instruction_id: key.0, receipt_no: key.2, ..line };
        let next = follow(*now, line.kind);
        match next {
            Some(next) => {
                *now = next;
                let outcome = Outcome { state: next, code: line.reason, on: line.on.clone() };
                taken.changed.insert(line.instruction_id.clone(), outcome);
            }
            None => taken.contradictory += 1,
        }
        taken.receipts.push((line, next.is_some()));
    }
    Ok(taken)
}

fn rank(kind: ReceiptKind) -> u8 {
    match kind {
        ReceiptKind::Accepted => 0,
        ReceiptKind::Paid => 1,
        ReceiptKind::Rejected => 2,
        ReceiptKind::Returned => 3,
    }
}

/// What a payment becomes by a receipt; `None` when the receipt contradicts what is known.
fn follow(now: PaymentState, kind: ReceiptKind) -> Option<PaymentState> {
    match (now, kind) {
        (PaymentState::Sent, ReceiptKind::Paid) => Some(PaymentState::Paid),
        (PaymentState::Sent, ReceiptKind::Rejected) => Some(PaymentState::Rejected),
        // What is sent back was paid before, even if that receipt was never seen.
        (PaymentState::Sent | PaymentState::Paid, ReceiptKind::Returned) => {
            Some(PaymentState::Returned)
        }
        _ => None,
    }
}

fn count(
    batch: &batch::Model,
    payments: &[payment::Model],
    taken: &Taken,
) -> Result<Received, BenefitsError> {
    let mut received = Received {
        batch_id: batch.id.clone(),
        state: load::state(batch)?,
        delivery: load::delivery(batch)?,
        paid: 0,
        paid_fen: 0,
        rejected: 0,
        returned: 0,
        open: 0,
        not_there: 0,
        new: taken.receipts.iter().filter(|(_, applied)| *applied).count() as u64,
        contradictory: taken.contradictory,
        foreign: taken.foreign,
    };
    for payment in payments {
        let state = match taken.changed.get(&payment.instruction_id) {
            Some(outcome) => outcome.state,
            None => load::payment_state(payment)?,
        };
        match state {
            PaymentState::Paid => {
                received.paid += 1;
                received.paid_fen = received
                    .paid_fen
                    .checked_add(payment.amount_fen)
                    .ok_or_else(|| BenefitsError::Amount { what: format!("batch {}", batch.id) })?;
            }
            PaymentState::Rejected => received.rejected += 1,
            PaymentState::Returned => received.returned += 1,
            _ => {
                received.open += 1;
                received.not_there += u64::from(!taken.known.contains(&payment.instruction_id));
            }
        }
    }
    Ok(received)
}

async fn stored<C: ConnectionTrait>(db: &C, batch_id: &str) -> Result<Stored, BenefitsError> {
    use store::sea_orm::sea_query::Query;

    let of_batch = Query::select()
        .column(payment::Column::InstructionId)
        .from(payment::Entity)
        .and_where(payment::Column::BatchId.eq(batch_id))
        .to_owned();
    let rows: Vec<(String, String, String)> = receipt::Entity::find()
        .select_only()
        .column(receipt::Column::InstructionId)
        .column(receipt::Column::Kind)
        .column(receipt::Column::ReceiptNo)
        .filter(receipt::Column::InstructionId.in_subquery(of_batch))
        .into_tuple()
        .all(db)
        .await
        .map_err(BenefitsError::db("read the batch's receipts"))?;
    Ok(rows.into_iter().collect())
}

async fn write_receipts<C: ConnectionTrait>(
    db: &C,
    receipts: &[(ReceiptLine, bool)],
    at: Timestamp,
) -> Result<(), BenefitsError> {
    const TABLE: Bulk<'static> = Bulk {
        table: "receipt",
        columns: &[
            "instruction_id",
            "receipt_no",
            "kind",
            "code",
            "amount_fen",
            "settled_on",
            "received_at",
            "applied",
        ],
        on_conflict: OnConflict::Keep { key: &["instruction_id", "kind", "receipt_no"] },
    };
    let at = instant_text(at);
    let rows = receipts.iter().map(|(line, applied)| {
        vec![
            line.instruction_id.as_str().into(),
            line.receipt_no.as_str().into(),
            line.kind.as_str().into(),
            line.reason.map(|reason| reason.as_str().to_owned()).into(),
            line.amount_fen.into(),
            line.on.as_str().into(),
            at.as_str().into(),
            (*applied).into(),
        ]
    });
    TABLE.write(db, rows).await?;
    Ok(())
}

/// Payments that become the same are changed together.
async fn write_payments<C: ConnectionTrait>(
    db: &C,
    changed: &BTreeMap<String, Outcome>,
) -> Result<(), BenefitsError> {
    let mut alike: BTreeMap<&Outcome, Vec<&str>> = BTreeMap::new();
    for (instruction, outcome) in changed {
        alike.entry(outcome).or_default().push(instruction);
    }
    for (outcome, instructions) in alike {
        for chunk in instructions.chunks(CHUNK_ROWS) {
            payment::Entity::update_many()
                .col_expr(payment::Column::State, Expr::value(outcome.state.as_str()))
                .col_expr(
                    payment::Column::Code,
                    Expr::value(outcome.code.map(RejectReason::as_str)),
                )
                .col_expr(payment::Column::SettledOn, Expr::value(outcome.on.as_str()))
                .filter(payment::Column::InstructionId.is_in(chunk.iter().copied()))
                .exec(db)
                .await
                .map_err(BenefitsError::db("take the receipts over"))?;
        }
    }
    Ok(())
}

async fn mark_settled<C: ConnectionTrait>(db: &C, batch_id: &str) -> Result<(), BenefitsError> {
    batch::Entity::update_many()
        .col_expr(batch::Column::State, Expr::value(BatchState::Settled.as_str()))
        .filter(batch::Column::Id.eq(batch_id))
        .exec(db)
        .await
        .map_err(BenefitsError::db("mark the batch as settled"))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_receipts_that_fit_what_is_known_are_followed() {
        use PaymentState as S;
        use ReceiptKind as K;
        for (now, kind, next) in [
            (S::Sent, K::Paid, Some(S::Paid)),
            (S::Sent, K::Rejected, Some(S::Rejected)),
            (S::Sent, K::Returned, Some(S::Returned)),
            (S::Paid, K::Returned, Some(S::Returned)),
            (S::Paid, K::Paid, None),
            (S::Paid, K::Rejected, None),
            (S::Rejected, K::Paid, None),
            (S::Rejected, K::Returned, None),
            (S::Returned, K::Paid, None),
        ] {
            assert_eq!(follow(now, kind), next, "{now:?} {kind:?}");
        }
    }
}
