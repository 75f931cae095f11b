//! Asking for a job.

use jiff::Timestamp;
use sea_orm::ActiveValue;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use serde::Serialize;

use super::entity::job;
use super::state;
use crate::{StoreError, instant_text};

/// A job to be done.
#[derive(Debug, Clone, Copy)]
pub struct NewJob<'a, T> {
    /// What is to be done, such as `benefits.send_batch`.
    pub kind: &'a str,
    /// Of one kind and key there is one job at most, for ever.
    pub key: Option<&'a str>,
    /// What the worker needs to know; written as JSON. No personal data: an id will do.
    pub payload: &'a T,
    /// Not before this instant.
    pub due_at: Timestamp,
    /// How often it may be begun before it is dead; at least once.
    pub most_attempts: i32,
}

/// Writes a job, in the transaction `db` of the effect that asks for it, and says whether it is new: a
/// second job of the same kind and key changes nothing.
///
/// # Errors
///
/// [`StoreError::Payload`], and failures of the database.
pub async fn enqueue<C: ConnectionTrait, T: Serialize + Sync>(
    db: &C,
    new: NewJob<'_, T>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let payload = serde_json::to_string(new.payload)
        .map_err(|source| StoreError::Payload { topic: new.kind.to_owned(), source })?;
    let row = job::ActiveModel {
        id: ActiveValue::NotSet,
        kind: ActiveValue::Set(new.kind.to_owned()),
        key: ActiveValue::Set(new.key.map(str::to_owned)),
        payload: ActiveValue::Set(payload),
        state: ActiveValue::Set(state::WAITING.to_owned()),
        due_at: ActiveValue::Set(instant_text(new.due_at)),
        attempts: ActiveValue::Set(0),
        most_attempts: ActiveValue::Set(new.most_attempts.max(1)),
        worker: ActiveValue::Set(None),
        lease_until: ActiveValue::Set(None),
        fence: ActiveValue::Set(0),
        error: ActiveValue::Set(None),
        created_at: ActiveValue::Set(instant_text(now)),
        ended_at: ActiveValue::Set(None),
    };
    let written = job::Entity::insert(row)
        .on_conflict(
            OnConflict::columns([job::Column::Kind, job::Column::Key]).do_nothing().to_owned(),
        )
        .exec_without_returning(db)
        .await
        .map_err(StoreError::db("write a job"))?;
    Ok(written > 0)
}
