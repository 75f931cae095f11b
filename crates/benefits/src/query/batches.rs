//! Batches with their approvals and receipts.

use std::collections::HashMap;

use serde::Serialize;
use store::sea_orm::{self, ConnectionTrait, EntityTrait, FromQueryResult, QueryOrder, Statement};

use crate::BenefitsError;
use crate::entity::{batch, batch_approval};
use crate::model::PaymentState;

/// A batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BatchView {
    /// The batch.
    pub batch_id: String,
    /// Its period.
    pub period: String,
    /// A word of [`crate::BatchState`].
    pub state: String,
    /// A word of [`crate::Delivery`].
    pub delivery: String,
    /// Number of payments.
    pub items: i64,
    /// Their sum.
    pub amount_fen: i64,
    /// Hash of the content.
    pub hash: String,
    /// Who approved the present content, and when.
    pub approvals: Vec<ApprovalView>,
    /// When it was sent.
    pub sent_at: Option<String>,
    /// What became of its payments.
    pub receipts: ReceiptCounts,
    /// Payments to an account that several people of the batch share.
    pub shared_account: i64,
}

/// One person's approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ApprovalView {
    /// Who.
    pub user: String,
    /// When.
    pub at: String,
}

/// What became of the payments of a batch.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ReceiptCounts {
    /// Paid.
    pub paid: i64,
    /// What was paid.
    pub paid_fen: i64,
    /// Refused.
    pub rejected: i64,
    /// Sent back.
    pub returned: i64,
    /// Without a final receipt, or not sent.
    pub open: i64,
}

#[derive(FromQueryResult)]
struct Count {
    batch_id: String,
    state: String,
    shared: i64,
    payments: i64,
    amount_fen: i64,
}

/// All batches, the latest period first and within it the latest batch.
///
/// # Errors
///
/// When the database fails.
pub async fn batches<C: ConnectionTrait>(db: &C) -> Result<Vec<BatchView>, BenefitsError> {
    let batches = batch::Entity::find()
        .order_by_desc(batch::Column::Period)
        .order_by_desc(batch::Column::Ordinal)
        .all(db)
        .await
        .map_err(BenefitsError::db("read the batches"))?;
    let approvals = batch_approval::Entity::find()
        .order_by_asc(batch_approval::Column::At)
        .all(db)
        .await
        .map_err(BenefitsError::db("read the approvals"))?;
    let statement = Statement::from_string(
        db.get_database_backend(),
        "SELECT batch_id, state, COUNT(*) AS payments, \
         CAST(SUM(CASE WHEN flags = '' THEN 0 ELSE 1 END) AS BIGINT) AS shared, \
         CAST(SUM(amount_fen) AS BIGINT) AS amount_fen FROM payment GROUP BY batch_id, state",
    );
    let mut counts: HashMap<String, (ReceiptCounts, i64)> = HashMap::new();
    for count in Count::find_by_statement(statement)
        .all(db)
        .await
        .map_err(BenefitsError::db("count the payments of the batches"))?
    {
        let (receipts, shared) = counts.entry(count.batch_id).or_default();
        *shared += count.shared;
        match PaymentState::parse(&count.state) {
            Some(PaymentState::Paid) => {
                receipts.paid += count.payments;
                receipts.paid_fen += count.amount_fen;
            }
            Some(PaymentState::Rejected) => receipts.rejected += count.payments,
            Some(PaymentState::Returned) => receipts.returned += count.payments,
            _ => receipts.open += count.payments,
        }
    }
    Ok(batches
        .into_iter()
        .map(|one| {
            let (receipts, shared_account) = counts.remove(&one.id).unwrap_or_default();
            let approvals = approvals
                .iter()
                // An approval of an earlier content does not count.
                .filter(|approval| approval.batch_id == one.id && approval.hash == one.hash)
                .map(|approval| ApprovalView {
                    user: approval.user.clone(),
                    at: approval.at.clone(),
                })
                .collect();
            BatchView {
                batch_id: one.id,
                period: one.period,
                state: one.state,
                delivery: one.delivery,
                items: one.items,
                amount_fen: one.amount_fen,
                hash: one.hash,
                approvals,
                sent_at: one.sent_at,
                receipts,
                shared_account,
            }
        })
        .collect())
}
