//! Approving: two different people, for exactly this content.

use jiff::Timestamp;
use serde::Serialize;
use store::audit::{self, Act};
use store::sea_orm::sea_query::Expr;
use store::sea_orm::{
    self, ActiveValue, ColumnTrait, ConnectionTrait, DatabaseConnection, EntityTrait,
    FromQueryResult, PaginatorTrait, QueryFilter, Statement,
};
use store::{begin_write, instant_text};

use super::refresh::refresh;
use super::{content, load};
use crate::BenefitsError;
use crate::entity::{batch, batch_approval, payment};
use crate::model::{BatchState, PaymentState};

/// How many different people have to approve.
pub(super) const APPROVERS: u64 = 2;

/// A batch after an approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Approval {
    /// The batch.
    pub batch_id: String,
    /// `prepared` until the second person has approved, then `approved`.
    pub state: BatchState,
    /// How many people have approved this content.
    pub approvals: u64,
    /// The content that was approved.
    pub hash: String,
}

/// Approves the content of a batch in the name of `user`.
///
/// `seen` is the hash of the content that the person looked at; give it wherever there was a
/// moment between looking and approving.
///
/// # Errors
///
/// [`BenefitsError::SamePerson`] for the second approval of one person,
/// [`BenefitsError::ContentChanged`] when the content is not what was seen or not what the batch
/// was prepared with, [`BenefitsError::Stale`] when a payment is no longer due as it stands, and
/// [`BenefitsError::BatchState`] when the batch does not wait for approval.
pub async fn approve(
    db: &DatabaseConnection,
    batch_id: &str,
    user: &str,
    seen: Option<&str>,
    at: Timestamp,
) -> Result<Approval, BenefitsError> {
    // Sign-in names are compared without regard to case, so that one person is not two.
    let user = user.trim().to_lowercase();
    if user.is_empty() {
        return Err(BenefitsError::NoUser);
    }
    let transaction = begin_write(db).await?;
    load::alone(&transaction).await?;
    let batch = load::locked(&transaction, batch_id).await?;
    let state = load::state(&batch)?;
    if state != BatchState::Prepared {
        return Err(BenefitsError::BatchState {
            batch: batch.id,
            state,
            needed: "only a prepared batch takes approvals",
        });
    }
    check_content(&transaction, &batch, seen).await?;
    let earlier = batch_approval::Entity::find()
        .filter(batch_approval::Column::BatchId.eq(batch_id))
        .filter(batch_approval::Column::Hash.eq(batch.hash.as_str()))
        .filter(batch_approval::Column::User.eq(user.as_str()))
        .one(&transaction)
        .await
        .map_err(BenefitsError::db("read the approvals"))?;
    if earlier.is_some() {
        return Err(BenefitsError::SamePerson { batch: batch.id, user });
    }
    let row = batch_approval::ActiveModel {
        batch_id: ActiveValue::Set(batch.id.clone()),
        hash: ActiveValue::Set(batch.hash.clone()),
        user: ActiveValue::Set(user.clone()),
        at: ActiveValue::Set(instant_text(at)),
    };
    batch_approval::Entity::insert(row)
        .exec_without_returning(&transaction)
        .await
        .map_err(BenefitsError::db("write the approval"))?;
    let approvals = approvals(&transaction, &batch).await?;
    let state = if approvals >= APPROVERS {
        mark_approved(&transaction, &batch).await?;
        BatchState::Approved
    } else {
        BatchState::Prepared
    };
    let act = Act {
        who: &user,
        what: "batch.approve",
        subject: &format!("batch:{}", batch.id),
        at,
        purpose: "payment of the period",
    };
    let detail = serde_json::json!({ "hash": batch.hash, "approvals": approvals });
    audit::record(&transaction, act, &detail).await?;
    transaction.commit().await.map_err(BenefitsError::db("commit the approval"))?;
    Ok(Approval { batch_id: batch.id, state, approvals, hash: batch.hash })
}

/// How many different people have approved the batch's present content.
pub(super) async fn approvals<C: ConnectionTrait>(
    db: &C,
    batch: &batch::Model,
) -> Result<u64, BenefitsError> {
    // (batch, content, user) is the key, so each row is another person.
    batch_approval::Entity::find()
        .filter(batch_approval::Column::BatchId.eq(batch.id.as_str()))
        .filter(batch_approval::Column::Hash.eq(batch.hash.as_str()))
        .count(db)
        .await
        .map_err(BenefitsError::db("count the approvals"))
}

/// Checks that the payments are those that the batch's hash was made of, that it is the content
/// that was seen, and that each payment is still due as it stands.
pub(super) async fn check_content<C: ConnectionTrait>(
    db: &C,
    batch: &batch::Model,
    seen: Option<&str>,
) -> Result<(), BenefitsError> {
    let now = content::hash(&batch.id, &load::payments(db, &batch.id).await?);
    for approved in std::iter::once(batch.hash.as_str()).chain(seen) {
        if approved != now {
            return Err(BenefitsError::ContentChanged {
                batch: batch.id.clone(),
                approved: content::short(approved),
                now: content::short(&now),
            });
        }
    }
    match stale(db, &batch.id).await? {
        0 => Ok(()),
        count => Err(BenefitsError::Stale { batch: batch.id.clone(), count }),
    }
}

#[derive(FromQueryResult)]
struct Count {
    n: i64,
}

/// Payments whose due item was superseded or taken back, or which must not be paid now.
async fn stale<C: ConnectionTrait>(db: &C, batch_id: &str) -> Result<u64, BenefitsError> {
    let statement = Statement::from_sql_and_values(
        db.get_database_backend(),
        "SELECT COUNT(*) AS n FROM payment p LEFT JOIN list_entry e \
         ON e.period = p.period AND e.policy = p.policy AND e.subject_id = p.subject_id \
         WHERE p.batch_id = $1 AND (e.due_item_id IS NULL OR e.due_item_id <> p.due_item_id \
         OR e.hold IS NOT NULL OR e.due_fen < p.amount_fen)",
        [batch_id.into()],
    );
    let count = Count::find_by_statement(statement)
        .one(db)
        .await
        .map_err(BenefitsError::db("check that the payments are still due"))?;
    Ok(count.and_then(|count| u64::try_from(count.n).ok()).unwrap_or_default())
}

async fn mark_approved<C: ConnectionTrait>(
    db: &C,
    batch: &batch::Model,
) -> Result<(), BenefitsError> {
    batch::Entity::update_many()
        .col_expr(batch::Column::State, Expr::value(BatchState::Approved.as_str()))
        .filter(batch::Column::Id.eq(batch.id.as_str()))
        .exec(db)
        .await
        .map_err(BenefitsError::db("mark the batch as approved"))?;
    payment::Entity::update_many()
        .col_expr(payment::Column::State, Expr::value(PaymentState::Approved.as_str()))
        .filter(payment::Column::BatchId.eq(batch.id.as_str()))
        .exec(db)
        .await
        .map_err(BenefitsError::db("mark the payments as approved"))?;
    refresh(db, &batch.period, Some(&batch.id)).await
}
