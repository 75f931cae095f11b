//! What one person receives.

use serde::Serialize;
use store::sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

use crate::BenefitsError;
use crate::entity::{list_entry, payment};
use crate::model::PaymentState;

/// One month of one benefit of a person, or of a household that the person heads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PersonPayment {
    /// The month.
    pub period: String,
    /// The policy.
    pub policy: String,
    /// The person or household.
    pub subject_id: String,
    /// Its due item; none when nothing is due.
    pub due_item_id: Option<String>,
    /// What is due.
    pub amount_fen: Option<i64>,
    /// What was paid.
    pub paid_fen: i64,
    /// A word of [`crate::EntryState`].
    pub state: String,
    /// Day of the receipt that says that it was paid.
    pub paid_on: Option<String>,
    /// Code of the cause why it was not paid, or is not due.
    pub reason: Option<String>,
}

/// Months that are shown of a person at most: all benefits of some years.
const ROWS_MAX: u64 = 2_000;

/// What a person receives and received, latest month first.
///
/// # Errors
///
/// When the database fails.
pub async fn payments_of_person<C: ConnectionTrait>(
    db: &C,
    person_id: &str,
) -> Result<Vec<PersonPayment>, BenefitsError> {
    let entries = list_entry::Entity::find()
        .filter(list_entry::Column::PersonId.eq(person_id))
        .order_by_desc(list_entry::Column::Period)
        .order_by_asc(list_entry::Column::Policy)
        .limit(ROWS_MAX)
        .all(db)
        .await
        .map_err(BenefitsError::db("read a person's entries"))?;
    let paid = payment::Entity::find()
        .filter(payment::Column::PersonId.eq(person_id))
        .filter(payment::Column::State.eq(PaymentState::Paid.as_str()))
        .all(db)
        .await
        .map_err(BenefitsError::db("read a person's payments"))?;
    Ok(entries
        .into_iter()
        .map(|entry| {
            let paid_on = paid
                .iter()
                .filter(|one| {
                    one.period == entry.period
                        && one.policy == entry.policy
                        && one.subject_id == entry.subject_id
                })
                .filter_map(|one| one.settled_on.clone())
                .max();
            PersonPayment {
                period: entry.period,
                policy: entry.policy,
                subject_id: entry.subject_id,
                due_item_id: entry.due_item_id,
                amount_fen: entry.due_fen,
                paid_fen: entry.paid_fen,
                state: entry.state,
                paid_on,
                reason: entry.pay_cause.or(entry.cause),
            }
        })
        .collect())
}
