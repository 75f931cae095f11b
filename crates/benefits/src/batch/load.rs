//! Reading a batch, in a transaction that is going to change it.

use store::sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

use crate::BenefitsError;
use crate::entity::{batch, payment};
use crate::model::{BatchState, Delivery, PaymentState};

/// Waits until no other transaction lists, prepares, approves, sends or receives. What the lists say of
/// payments is made from both, so that two at once could each miss what the other one writes.
pub(crate) async fn alone<C: ConnectionTrait>(db: &C) -> Result<(), BenefitsError> {
    // On SQLite a transaction that writes has the whole database for itself.
    if db.get_database_backend() == DbBackend::Postgres {
        // Any number will do, as long as every version of the program uses the same.
        db.execute_unprepared("SELECT pg_advisory_xact_lock(4401000002)")
            .await
            .map_err(BenefitsError::db("wait for another program to finish its lists"))?;
    }
    Ok(())
}

/// The batch, locked against other transactions until this one ends.
pub(super) async fn locked<C: ConnectionTrait>(
    db: &C,
    id: &str,
) -> Result<batch::Model, BenefitsError> {
    let mut query = batch::Entity::find_by_id(id);
    // On SQLite a transaction that writes has the whole database for itself.
    if db.get_database_backend() == DbBackend::Postgres {
        query = query.lock_exclusive();
    }
    query
        .one(db)
        .await
        .map_err(BenefitsError::db("read the batch"))?
        .ok_or_else(|| BenefitsError::NoBatch { batch: id.to_owned() })
}

/// The payments of a batch in their order.
pub(super) async fn payments<C: ConnectionTrait>(
    db: &C,
    id: &str,
) -> Result<Vec<payment::Model>, BenefitsError> {
    payment::Entity::find()
        .filter(payment::Column::BatchId.eq(id))
        .order_by_asc(payment::Column::Seq)
        .all(db)
        .await
        .map_err(BenefitsError::db("read the batch's payments"))
}

pub(super) fn state(batch: &batch::Model) -> Result<BatchState, BenefitsError> {
    BatchState::parse(&batch.state).ok_or_else(|| unknown("a batch's state", &batch.state))
}

pub(super) fn delivery(batch: &batch::Model) -> Result<Delivery, BenefitsError> {
    Delivery::parse(&batch.delivery).ok_or_else(|| unknown("a batch's delivery", &batch.delivery))
}

pub(super) fn payment_state(payment: &payment::Model) -> Result<PaymentState, BenefitsError> {
    PaymentState::parse(&payment.state).ok_or_else(|| unknown("a payment's state", &payment.state))
}

fn unknown(what: &'static str, word: &str) -> BenefitsError {
    BenefitsError::Word { what, word: word.to_owned() }
}
