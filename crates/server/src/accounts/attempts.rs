//! Lock-out: five wrong passwords, and sign-in with that username is refused for some minutes.
//!
//! Unknown usernames are counted like known ones, so that the lock does not tell them apart. They
//! are kept as hashes, since people type passwords into the wrong field.

use jiff::{SignedDuration, Timestamp};
use store::sea_orm::entity::prelude::*;
use store::sea_orm::sea_query::OnConflict;
use store::{StoreError, instant_text};

use super::table::failure;

/// Wrong passwords until sign-in is locked.
pub(crate) const MOST: i32 = 5;
/// How long it stays locked, and after which time wrong passwords are forgotten.
pub(crate) const LOCKED: SignedDuration = SignedDuration::from_mins(10);

/// How long the username is still locked; `None` if it is not.
pub(crate) async fn locked_for<C: ConnectionTrait>(
    db: &C,
    username: &str,
    now: Timestamp,
) -> Result<Option<SignedDuration>, StoreError> {
    let Some(row) = read(db, username).await? else { return Ok(None) };
    let left = last_at(&row).saturating_add(LOCKED).unwrap_or(now).duration_since(now);
    Ok((row.failures >= MOST && left.is_positive()).then_some(left))
}

/// Counts a wrong password and returns whether the username is locked now.
pub(crate) async fn count<C: ConnectionTrait>(
    db: &C,
    username: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let oldest = now.checked_sub(LOCKED).unwrap_or(now);
    failure::Entity::delete_many()
        .filter(failure::Column::LastAt.lte(instant_text(oldest)))
        .exec(db)
        .await
        .map_err(StoreError::db("forget old sign-in failures"))?;
    let failures = read(db, username).await?.map_or(0, |row| row.failures).saturating_add(1);
    let row = failure::ActiveModel {
        username_hash: store::sea_orm::ActiveValue::Set(key(username)),
        failures: store::sea_orm::ActiveValue::Set(failures),
        last_at: store::sea_orm::ActiveValue::Set(instant_text(now)),
    };
    failure::Entity::insert(row)
        .on_conflict(
            OnConflict::column(failure::Column::UsernameHash)
                .update_columns([failure::Column::Failures, failure::Column::LastAt])
                .to_owned(),
        )
        .exec_without_returning(db)
        .await
        .map_err(StoreError::db("count a sign-in failure"))?;
    Ok(failures >= MOST)
}

/// Forgets the wrong passwords of a username.
pub(crate) async fn forget<C: ConnectionTrait>(db: &C, username: &str) -> Result<(), StoreError> {
    failure::Entity::delete_many()
        .filter(failure::Column::UsernameHash.eq(key(username)))
        .exec(db)
        .await
        .map_err(StoreError::db("forget sign-in failures"))?;
    Ok(())
}

async fn read<C: ConnectionTrait>(
    db: &C,
    username: &str,
) -> Result<Option<failure::Model>, StoreError> {
    failure::Entity::find_by_id(key(username))
        .one(db)
        .await
        .map_err(StoreError::db("read sign-in failures"))
}

/// The instant of the last wrong password. A text that is no instant counts as long ago.
fn last_at(row: &failure::Model) -> Timestamp {
    row.last_at.parse().unwrap_or(Timestamp::UNIX_EPOCH)
}

fn key(username: &str) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(b"sign-in\0");
    hasher.update(username.as_bytes());
    hasher.finalize().to_hex().to_string()
}
