//! Answers that are given again: somebody who did not hear the answer asks once more with the same key, and
//! nothing is made twice (the `Idempotency-Key` header; draft-ietf-httpapi-idempotency-key-header).
//!
//! The key is taken, and the answer kept, in the transaction of the effect: either both are there or neither is.

use jiff::{SignedDuration, Timestamp};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue, DatabaseTransaction};

use crate::{StoreError, instant_text};

/// How long an answer is kept.
pub const KEPT: SignedDuration = SignedDuration::from_hours(24);

pub(crate) mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "idempotency_key")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) who: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) key: String,
        pub(crate) request: String,
        pub(crate) answer: String,
        pub(crate) at: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What is known of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// Nobody has used it: the effect may happen.
    New,
    /// The same request was answered like this.
    Before(String),
    /// It was used for another request.
    OtherRequest,
}

/// Takes the key of `who` for a request, in the transaction of its effect. `request` is a hash of what is asked for.
/// On a server, whoever comes with the same key meanwhile waits for the end of this transaction.
///
/// # Errors
///
/// When the database fails.
pub async fn take(
    transaction: &DatabaseTransaction,
    who: &str,
    key: &str,
    request: &str,
    now: Timestamp,
) -> Result<Taken, StoreError> {
    let oldest = now.checked_sub(KEPT).unwrap_or(now);
    entity::Entity::delete_many()
        .filter(entity::Column::At.lte(instant_text(oldest)))
        .exec(transaction)
        .await
        .map_err(StoreError::db("forget old answers"))?;
    let row = entity::ActiveModel {
        who: ActiveValue::Set(who.to_owned()),
        key: ActiveValue::Set(key.to_owned()),
        request: ActiveValue::Set(request.to_owned()),
        answer: ActiveValue::Set(String::new()),
        at: ActiveValue::Set(instant_text(now)),
    };
    let columns = [entity::Column::Who, entity::Column::Key];
    let inserted = entity::Entity::insert(row)
        .on_conflict(OnConflict::columns(columns).do_nothing().to_owned())
        .exec_without_returning(transaction)
        .await
        .map_err(StoreError::db("take a key"))?;
    if inserted == 1 {
        return Ok(Taken::New);
    }
    let row = entity::Entity::find_by_id((who.to_owned(), key.to_owned()))
        .one(transaction)
        .await
        .map_err(StoreError::db("read a kept answer"))?;
    Ok(match row {
        Some(row) if row.request == request => Taken::Before(row.answer),
        // Gone between the two statements: whoever asks again gets it.
        Some(_) | None => Taken::OtherRequest,
    })
}

/// Keeps the answer to the request that has taken the key, in the same transaction.
///
/// # Errors
///
/// When the database fails.
pub async fn keep(
    transaction: &DatabaseTransaction,
    who: &str,
    key: &str,
    answer: &str,
) -> Result<(), StoreError> {
    entity::Entity::update_many()
        .set(entity::ActiveModel {
            answer: ActiveValue::Set(answer.to_owned()),
            ..Default::default()
        })
        .filter(entity::Column::Who.eq(who))
        .filter(entity::Column::Key.eq(key))
        .exec(transaction)
        .await
        .map_err(StoreError::db("keep an answer"))?;
    Ok(())
}
