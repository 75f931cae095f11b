//! Events for other domains, written in the same transaction as the effect that they tell of.
//!
//! [`deliver`] makes a job of each event for everybody who wants to hear of it, once. Telling an outside
//! system is such a job too; killed on the way it tells again, so that the other side goes by the event's id.

use std::collections::BTreeSet;

use jiff::Timestamp;
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue, DatabaseConnection, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};

use crate::jobs::{NewJob, enqueue};
use crate::{StoreError, begin_write, instant_text};

pub(crate) mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "outbox")]
    pub(crate) struct Model {
        #[sea_orm(primary_key)]
        pub(crate) id: i64,
        pub(crate) topic: String,
        pub(crate) key: String,
        pub(crate) payload: String,
        pub(crate) at: String,
        pub(crate) delivered_at: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// An event that waits for delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Its place in the order of events; the same at every delivery.
    pub id: i64,
    /// The kind, such as `benefits.batch_sent`.
    pub topic: String,
    /// What it speaks of.
    pub key: String,
    /// JSON.
    pub payload: String,
    /// When it happened, UTC, RFC 3339.
    pub at: String,
}

/// Writes an event, in the transaction `db` of the effect.
///
/// # Errors
///
/// [`StoreError::Payload`], and failures of the database.
pub async fn publish<C: ConnectionTrait>(
    db: &C,
    topic: &str,
    key: &str,
    payload: &(impl Serialize + Sync),
    at: Timestamp,
) -> Result<(), StoreError> {
    let payload = serde_json::to_string(payload)
        .map_err(|source| StoreError::Payload { topic: topic.to_owned(), source })?;
    let row = entity::ActiveModel {
        id: ActiveValue::NotSet,
        topic: ActiveValue::Set(topic.to_owned()),
        key: ActiveValue::Set(key.to_owned()),
        payload: ActiveValue::Set(payload),
        at: ActiveValue::Set(instant_text(at)),
        delivered_at: ActiveValue::Set(None),
    };
    entity::Entity::insert(row)
        .exec_without_returning(db)
        .await
        .map_err(StoreError::db("write an event"))?;
    Ok(())
}

/// The oldest events that wait for delivery, at most `limit`.
///
/// # Errors
///
/// When the database fails.
pub async fn pending<C: ConnectionTrait>(db: &C, limit: u64) -> Result<Vec<Event>, StoreError> {
    let rows = waiting()
        .limit(limit)
        .all(db)
        .await
        .map_err(StoreError::db("read the events that wait"))?;
    Ok(rows.into_iter().map(Event::from).collect())
}

fn waiting() -> Select<entity::Entity> {
    entity::Entity::find()
        .filter(entity::Column::DeliveredAt.is_null())
        .order_by_asc(entity::Column::Id)
}

impl From<entity::Model> for Event {
    fn from(row: entity::Model) -> Self {
        Self { id: row.id, topic: row.topic, key: row.key, payload: row.payload, at: row.at }
    }
}

/// Who wants to hear of a kind of event: a job of this kind is made of each, with the event as payload.
#[derive(Debug, Clone, Copy)]
pub struct Subscription<'a> {
    /// The kind of event.
    pub topic: &'a str,
    /// The kind of job.
    pub job: &'a str,
    /// How often the job may be begun before it is dead.
    pub most_attempts: i32,
}

/// Makes the jobs of the oldest events that wait and somebody of `subscriptions` wants to hear of, at most
/// `limit` events, and returns how many events were delivered. A job is made once, however often and by
/// however many servers this is called. Events of other topics go on waiting: a newer program may know who
/// wants them. The jobs of two events may be done in any order.
///
/// # Errors
///
/// When the database fails.
pub async fn deliver(
    db: &DatabaseConnection,
    subscriptions: &[Subscription<'_>],
    limit: u64,
    now: Timestamp,
) -> Result<usize, StoreError> {
    let topics: BTreeSet<&str> = subscriptions.iter().map(|one| one.topic).collect();
    let transaction = begin_write(db).await?;
    let waiting = waiting().filter(entity::Column::Topic.is_in(topics)).limit(limit);
    let rows = waiting.all(&transaction).await;
    let rows = rows.map_err(StoreError::db("read the events that wait"))?;
    let number = rows.len();
    for row in rows {
        let event = Event::from(row);
        let key = format!("event:{}", event.id);
        for subscription in subscriptions.iter().filter(|one| one.topic == event.topic) {
            let new = NewJob {
                kind: subscription.job,
                key: Some(&key),
                payload: &event,
                due_at: now,
                most_attempts: subscription.most_attempts,
            };
            enqueue(&transaction, new, now).await?;
        }
        delivered(&transaction, event.id, now).await?;
    }
    transaction.commit().await.map_err(StoreError::db("commit the delivery of events"))?;
    Ok(number)
}

/// Marks an event as delivered; harmless when it already is.
///
/// # Errors
///
/// When the database fails.
pub async fn delivered<C: ConnectionTrait>(
    db: &C,
    id: i64,
    at: Timestamp,
) -> Result<(), StoreError> {
    entity::Entity::update_many()
        .col_expr(entity::Column::DeliveredAt, Expr::value(instant_text(at)))
        .filter(entity::Column::Id.eq(id))
        .filter(entity::Column::DeliveredAt.is_null())
        .exec(db)
        .await
        .map_err(StoreError::db("mark an event as delivered"))?;
    Ok(())
}
