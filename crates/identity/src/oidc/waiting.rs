//! Whom a provider has named, and who has to give a code of their account's second factor yet: for five minutes, in the
//! browser that holds the cookie.

use jiff::{SignedDuration, Timestamp};
use store::sea_orm::ActiveValue;
use store::sea_orm::entity::prelude::*;
use store::{StoreError, instant_text};

use crate::cookie::Cookie;
use crate::session::Token;
use crate::table::oidc_waiting as row;

/// How long somebody may take to give a code.
pub const LASTS: SignedDuration = SignedDuration::from_mins(5);

/// The cookie; it goes to where the code is taken alone.
#[must_use]
pub const fn cookie(path: &str) -> Cookie<'_> {
    Cookie::below(path, "huimin_oidc_code", LASTS)
}

/// Begins to wait for a code, in the transaction of the sign-in.
///
/// # Errors
///
/// When the database fails.
pub async fn begin<C: ConnectionTrait>(
    db: &C,
    token: &Token,
    username: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    row::Entity::delete_many()
        .filter(row::Column::ExpiresAt.lte(instant_text(now)))
        .exec(db)
        .await
        .map_err(StoreError::db("sweep out those who gave no code"))?;
    let values = row::ActiveModel {
        token_hash: ActiveValue::Set(token.hash()),
        username: ActiveValue::Set(username.to_owned()),
        expires_at: ActiveValue::Set(instant_text(now.saturating_add(LASTS).unwrap_or(now))),
    };
    row::Entity::insert(values)
        .exec_without_returning(db)
        .await
        .map_err(StoreError::db("write who has to give a code"))?;
    Ok(())
}

/// Whose code is waited for.
///
/// # Errors
///
/// When the database fails.
pub async fn username<C: ConnectionTrait>(
    db: &C,
    token: &Token,
    now: Timestamp,
) -> Result<Option<String>, StoreError> {
    let found = row::Entity::find_by_id(token.hash())
        .filter(row::Column::ExpiresAt.gt(instant_text(now)))
        .one(db)
        .await
        .map_err(StoreError::db("read who has to give a code"))?;
    Ok(found.map(|found| found.username))
}

/// Waits no longer; returns whether it did.
///
/// # Errors
///
/// When the database fails.
pub async fn end<C: ConnectionTrait>(db: &C, token: &Token) -> Result<bool, StoreError> {
    let ended = row::Entity::delete_by_id(token.hash())
        .exec(db)
        .await
        .map_err(StoreError::db("end waiting for a code"))?;
    Ok(ended.rows_affected == 1)
}

/// Waits for no code of an account any longer.
///
/// # Errors
///
/// When the database fails.
pub(super) async fn end_all_of<C: ConnectionTrait>(
    db: &C,
    username: &str,
) -> Result<(), StoreError> {
    row::Entity::delete_many()
        .filter(row::Column::Username.eq(username))
        .exec(db)
        .await
        .map_err(StoreError::db("end waiting for codes of an account"))?;
    Ok(())
}
