//! Sending: intent first, then the file, and what is not known is asked for.

use std::collections::HashSet;

use jiff::Timestamp;
use serde::Serialize;
use store::audit::{self, Act};
use store::sea_orm::sea_query::Expr;
use store::sea_orm::{ColumnTrait, ConnectionTrait, DatabaseConnection, EntityTrait, QueryFilter};
use store::{begin_write, instant_text, outbox};
use trust::ColumnKeys;

use super::approve::{APPROVERS, approvals, check_content};
use super::file::instruction_file;
use super::load;
use super::refresh::refresh;
use crate::BenefitsError;
use crate::channel::{Channel, ChannelError};
use crate::entity::{batch, payment};
use crate::model::{BatchState, Delivery, PaymentState};
use crate::programme::Programmes;

/// What became of sending a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sent {
    /// The batch.
    pub batch_id: String,
    /// Its state.
    pub state: BatchState,
    /// What is known of the file. `unknown`: send again, which asks first.
    pub delivery: Delivery,
    /// Payments in the batch.
    pub items: i64,
    /// Payments that went out just now. Fewer than `items` when the platform had others already.
    pub sent_now: u64,
    /// Why the outcome is not known, for the person at the console.
    pub note: Option<String>,
}

/// Sends an approved batch.
///
/// The intent is stored before the first byte goes out. Called again for a batch whose delivery is
/// not known (the process was killed, the answer was lost), it asks the platform which
/// instructions it knows, and sends the others under the same ids. A batch that is known to have
/// arrived is not sent again.
///
/// An unknown outcome is not an error: the result says so, and the batch stays `sent`.
///
/// # Errors
///
/// [`BenefitsError::BatchState`] when the batch is not approved,
/// [`BenefitsError::ContentChanged`] and [`BenefitsError::Stale`] as for approving, and
/// [`BenefitsError::Channel`] when the platform could not be reached or refused the file; then
/// nothing was paid and the batch can be sent again.
pub async fn send(
    db: &DatabaseConnection,
    keys: &ColumnKeys,
    programmes: &Programmes,
    batch_id: &str,
    channel: &dyn Channel,
    user: &str,
    at: Timestamp,
) -> Result<Sent, BenefitsError> {
    let (batch, first) = intend(db, batch_id, channel.name(), user, at).await?;
    let mut sent = Sent {
        batch_id: batch.id.clone(),
        state: load::state(&batch)?,
        delivery: load::delivery(&batch)?,
        items: batch.items,
        sent_now: 0,
        note: None,
    };
    if sent.delivery == Delivery::Accepted {
        return Ok(sent);
    }
    let mut payments = load::payments(db, batch_id).await?;
    if !first {
        let known = match channel.ask(batch_id).await {
            Ok(lines) => lines.into_iter().map(|line| line.instruction_id).collect(),
            Err(error) => return failed(sent, error),
        };
        leave_out(&mut payments, &known);
    }
    if !payments.is_empty() {
        let file = instruction_file(&batch, &payments, programmes, keys)?;
        match channel.send(&file).await {
            Ok(()) => sent.sent_now = payments.len() as u64,
            Err(error) => {
                let delivery = match error {
                    ChannelError::Unreachable { .. } => Delivery::None,
                    ChannelError::Refused { .. } => Delivery::Refused,
                    ChannelError::Unknown { .. } | ChannelError::Answer { .. } => Delivery::Unknown,
                };
                set_delivery(db, batch_id, delivery).await?;
                sent.delivery = delivery;
                return failed(sent, error);
            }
        }
    }
    set_delivery(db, batch_id, Delivery::Accepted).await?;
    sent.delivery = Delivery::Accepted;
    Ok(sent)
}

fn leave_out(payments: &mut Vec<payment::Model>, known: &HashSet<String>) {
    payments.retain(|payment| !known.contains(&payment.instruction_id));
}

/// An outcome that is not known is a result; a failure before anything was taken is an error.
fn failed(sent: Sent, error: ChannelError) -> Result<Sent, BenefitsError> {
    match error {
        ChannelError::Unknown { .. } | ChannelError::Answer { .. } => {
            Ok(Sent { note: Some(error.to_string()), ..sent })
        }
        source => Err(BenefitsError::Channel { batch: sent.batch_id, source }),
    }
}

/// Stores that the batch is about to be sent; true when nobody did so before.
async fn intend(
    db: &DatabaseConnection,
    batch_id: &str,
    channel: &str,
    user: &str,
    at: Timestamp,
) -> Result<(batch::Model, bool), BenefitsError> {
    let transaction = begin_write(db).await?;
    load::alone(&transaction).await?;
    let mut batch = load::locked(&transaction, batch_id).await?;
    let state = load::state(&batch)?;
    let user = user.trim().to_lowercase();
    match state {
        BatchState::Sent | BatchState::Settled => return Ok((batch, false)),
        BatchState::Prepared => {
            return Err(BenefitsError::BatchState {
                batch: batch.id,
                state,
                needed: "two different people have to approve it first (`huimin batch approve`)",
            });
        }
        BatchState::Approved => {}
    }
    check_content(&transaction, &batch, None).await?;
    if approvals(&transaction, &batch).await? < APPROVERS {
        return Err(BenefitsError::BatchState {
            batch: batch.id,
            state,
            needed: "but this content lacks approvals; approve it again",
        });
    }
    batch.state = BatchState::Sent.as_str().to_owned();
    batch.channel = Some(channel.to_owned());
    batch.sent_at = Some(instant_text(at));
    batch::Entity::update_many()
        .col_expr(batch::Column::State, Expr::value(batch.state.as_str()))
        .col_expr(batch::Column::Channel, Expr::value(channel))
        .col_expr(batch::Column::SentAt, Expr::value(instant_text(at)))
        .filter(batch::Column::Id.eq(batch_id))
        .exec(&transaction)
        .await
        .map_err(BenefitsError::db("mark the batch as sent"))?;
    payment::Entity::update_many()
        .col_expr(payment::Column::State, Expr::value(PaymentState::Sent.as_str()))
        .filter(payment::Column::BatchId.eq(batch_id))
        .exec(&transaction)
        .await
        .map_err(BenefitsError::db("mark the payments as sent"))?;
    refresh(&transaction, &batch.period, Some(batch_id)).await?;
    let act = Act {
        who: &user,
        what: "batch.send",
        subject: &format!("batch:{batch_id}"),
        at,
        purpose: "payment of the period",
    };
    let detail = serde_json::json!({
        "channel": channel, "hash": batch.hash, "items": batch.items, "amount_fen": batch.amount_fen,
    });
    audit::record(&transaction, act, &detail).await?;
    outbox::publish(&transaction, "benefits.batch_sent", batch_id, &detail, at).await?;
    transaction.commit().await.map_err(BenefitsError::db("commit the intent to send"))?;
    Ok((batch, true))
}

pub(super) async fn set_delivery<C: ConnectionTrait>(
    db: &C,
    batch_id: &str,
    delivery: Delivery,
) -> Result<(), BenefitsError> {
    batch::Entity::update_many()
        .col_expr(batch::Column::Delivery, Expr::value(delivery.as_str()))
        .filter(batch::Column::Id.eq(batch_id))
        // What is known to have arrived stays known, whatever a slower sender believes.
        .filter(batch::Column::Delivery.ne(Delivery::Accepted.as_str()))
        .exec(db)
        .await
        .map_err(BenefitsError::db("store what is known of the delivery"))?;
    Ok(())
}
