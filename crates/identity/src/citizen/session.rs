//! Sessions of citizens: short, because telephones are handed round in families.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use store::sea_orm::ActiveValue;
use store::sea_orm::entity::prelude::*;
use store::{StoreError, instant_text};

use crate::cookie::Cookie;
use crate::session::Token;
use crate::table::citizen_session as row;

/// How long a session lasts.
pub const LASTS: SignedDuration = SignedDuration::from_hours(2);

/// The cookie; another one than that of the staff, who are citizens too.
pub const COOKIE: Cookie<'static> = Cookie::of_site("huimin_citizen", LASTS);

/// Starts a session, in the transaction that takes the code; sessions that have ended are swept out.
///
/// # Errors
///
/// When the database fails.
pub async fn start<C: ConnectionTrait>(
    db: &C,
    token: &Token,
    person: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    row::Entity::delete_many()
        .filter(row::Column::ExpiresAt.lte(instant_text(now)))
        .exec(db)
        .await
        .map_err(StoreError::db("sweep out old sessions"))?;
    let values = row::ActiveModel {
        token_hash: ActiveValue::Set(token.hash()),
        person_id: ActiveValue::Set(person.to_owned()),
        created_at: ActiveValue::Set(instant_text(now)),
        expires_at: ActiveValue::Set(instant_text(now.saturating_add(LASTS).unwrap_or(now))),
    };
    row::Entity::insert(values)
        .exec_without_returning(db)
        .await
        .map_err(StoreError::db("write the session"))?;
    let who = super::subject(person);
    super::record(db, (&who, "citizen.sign_in"), person, now, &json!({})).await
}

/// Whose session it is: the person's id when it began. `None` when there is none or it has ended.
///
/// # Errors
///
/// When the database fails.
pub async fn person<C: ConnectionTrait>(
    db: &C,
    token: &Token,
    now: Timestamp,
) -> Result<Option<String>, StoreError> {
    let found = row::Entity::find_by_id(token.hash())
        .filter(row::Column::ExpiresAt.gt(instant_text(now)))
        .one(db)
        .await
        .map_err(StoreError::db("read the session"))?;
    Ok(found.map(|found| found.person_id))
}

/// Ends a session; harmless when there is none.
///
/// # Errors
///
/// When the database fails.
pub async fn end<C: ConnectionTrait>(
    db: &C,
    token: &Token,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some(person) = person(db, token, now).await? else { return Ok(()) };
    row::Entity::delete_by_id(token.hash())
        .exec(db)
        .await
        .map_err(StoreError::db("end the session"))?;
    let who = super::subject(&person);
    super::record(db, (&who, "citizen.sign_out"), &person, now, &json!({})).await
}

/// Writes down that somebody was refused, in the transaction that counted the try.
///
/// # Errors
///
/// When the database fails.
pub async fn refused<C: ConnectionTrait>(
    db: &C,
    person: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    super::record(db, ("server", "citizen.refuse"), person, now, &json!({})).await
}
