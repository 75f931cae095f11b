//! Lock-out: five wrong passwords, and sign-in with that username is refused for some minutes.
//!
//! Unknown usernames are counted like known ones, so that the lock does not tell them apart. They
//! are kept as hashes, since people type passwords into the wrong field.

use jiff::{SignedDuration, Timestamp};
use store::sea_orm::ActiveValue;
use store::sea_orm::entity::prelude::*;
use store::sea_orm::sea_query::{ExprTrait as _, OnConflict};
use store::{StoreError, instant_text};

use crate::table::failure;

/// Wrong passwords until sign-in is locked.
pub const MOST: i32 = 5;
/// How long it stays locked, and after which time wrong passwords are forgotten.
pub const LOCKED: SignedDuration = SignedDuration::from_mins(10);

/// How long the username is still locked; `None` if it is not.
///
/// # Errors
///
/// When the database fails.
pub async fn locked_for<C: ConnectionTrait>(
    db: &C,
    username: &str,
    now: Timestamp,
) -> Result<Option<SignedDuration>, StoreError> {
    let Some(row) = read(db, username).await? else { return Ok(None) };
    let left = last_at(&row).saturating_add(LOCKED).unwrap_or(now).duration_since(now);
    Ok((row.failures >= MOST && left.is_positive()).then_some(left))
}

/// Counts a wrong password or code, and returns whether the username is locked now. In one statement,
/// so that guesses at several servers at once are all counted.
///
/// # Errors
///
/// When the database fails.
pub async fn count<C: ConnectionTrait>(
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
    let row = failure::ActiveModel {
        username_hash: ActiveValue::Set(key(username)),
        failures: ActiveValue::Set(1),
        last_at: ActiveValue::Set(instant_text(now)),
    };
    let one_more = Expr::col((failure::Entity, failure::Column::Failures)).add(1);
    failure::Entity::insert(row)
        .on_conflict(
            OnConflict::column(failure::Column::UsernameHash)
                .value(failure::Column::Failures, one_more)
                .update_column(failure::Column::LastAt)
                .to_owned(),
        )
        .exec_without_returning(db)
        .await
        .map_err(StoreError::db("count a sign-in failure"))?;
    let failures = read(db, username).await?.map_or(0, |row| row.failures);
    Ok(failures >= MOST)
}

/// Forgets the wrong passwords of a username.
///
/// # Errors
///
/// When the database fails.
pub async fn forget<C: ConnectionTrait>(db: &C, username: &str) -> Result<(), StoreError> {
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
