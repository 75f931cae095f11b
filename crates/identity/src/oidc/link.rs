//! Who at a provider signs in with which account. A link is made and taken away by whoever looks after accounts, never by
//! signing in, and nobody links their own account.

use jiff::Timestamp;
use serde_json::json;
use store::sea_orm::entity::prelude::*;
use store::sea_orm::{ActiveValue, DatabaseConnection, DatabaseTransaction};
use store::{StoreError, begin_write, instant_text};

use crate::table::oidc_link as row;
use crate::{IdentityError, account, session};

/// Longest `sub` (OpenID Connect Core 1.0, section 2).
const LONGEST: usize = 255;

/// A link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The provider.
    pub issuer: String,
    /// What it calls them.
    pub subject: String,
    /// Who made the link.
    pub made_by: String,
    /// When, UTC, RFC 3339.
    pub made_at: String,
}

/// The link of an account, if it has one.
///
/// # Errors
///
/// When the database fails.
pub async fn of<C: ConnectionTrait>(db: &C, username: &str) -> Result<Option<Link>, StoreError> {
    let found = row::Entity::find_by_id(username)
        .one(db)
        .await
        .map_err(StoreError::db("read the link of an account"))?;
    Ok(found.map(|row| Link {
        issuer: row.issuer,
        subject: row.subject,
        made_by: row.made_by,
        made_at: row.made_at,
    }))
}

/// The account that somebody at a provider signs in with.
///
/// # Errors
///
/// When the database fails.
pub async fn username<C: ConnectionTrait>(
    db: &C,
    issuer: &str,
    subject: &str,
) -> Result<Option<String>, StoreError> {
    if !is_subject(subject) {
        return Ok(None);
    }
    let found = row::Entity::find()
        .filter(row::Column::Issuer.eq(issuer))
        .filter(row::Column::Subject.eq(subject))
        .one(db)
        .await
        .map_err(StoreError::db("read whose link it is"))?;
    Ok(found.map(|row| row.username))
}

/// Links an account, on behalf of `by`, in place of a link that it has. Its sessions end.
///
/// # Errors
///
/// [`IdentityError`]: one's own account, a bad subject, or one that another account is linked to.
pub async fn set(
    db: &DatabaseConnection,
    account: &str,
    (issuer, subject): (&str, &str),
    by: &str,
    now: Timestamp,
) -> Result<(), IdentityError> {
    if account == by {
        return Err(IdentityError::Own);
    }
    if !is_subject(subject) {
        return Err(IdentityError::OidcSubject);
    }
    let transaction = begin_write(db).await?;
    account::lock(&transaction, account).await?;
    if username(&transaction, issuer, subject).await?.is_some_and(|other| other != account) {
        return Err(IdentityError::OidcLinkExists);
    }
    remove(&transaction, account).await?;
    let values = row::ActiveModel {
        username: ActiveValue::Set(account.to_owned()),
        issuer: ActiveValue::Set(issuer.to_owned()),
        subject: ActiveValue::Set(subject.to_owned()),
        made_by: ActiveValue::Set(by.to_owned()),
        made_at: ActiveValue::Set(instant_text(now)),
    };
    let written = row::Entity::insert(values).exec_without_returning(&transaction).await;
    written.map_err(|error| match error.sql_err() {
        // On a server two accounts may have been linked to the same at once.
        Some(SqlErr::UniqueConstraintViolation(_)) => IdentityError::OidcLinkExists,
        _ => StoreError::db("write the link of an account")(error).into(),
    })?;
    let detail = json!({ "issuer": issuer, "sub": subject });
    account::record(&transaction, by, "oidc.link", account, now, &detail).await?;
    transaction.commit().await.map_err(StoreError::db("commit the link of an account"))?;
    Ok(())
}

/// Takes the link of an account away, on behalf of `by`. Its sessions end.
///
/// # Errors
///
/// [`IdentityError`]: one's own account, or no link.
pub async fn take_away(
    db: &DatabaseConnection,
    account: &str,
    by: &str,
    now: Timestamp,
) -> Result<(), IdentityError> {
    if account == by {
        return Err(IdentityError::Own);
    }
    let transaction = begin_write(db).await?;
    account::lock(&transaction, account).await?;
    let before = of(&transaction, account).await?.ok_or(IdentityError::NoOidcLink)?;
    remove(&transaction, account).await?;
    let detail = json!({ "issuer": before.issuer, "sub": before.subject });
    account::record(&transaction, by, "oidc.unlink", account, now, &detail).await?;
    transaction.commit().await.map_err(StoreError::db("commit the end of a link"))?;
    Ok(())
}

/// Removes the link, and whatever somebody might go on with that began by it.
async fn remove(transaction: &DatabaseTransaction, account: &str) -> Result<(), StoreError> {
    row::Entity::delete_by_id(account)
        .exec(transaction)
        .await
        .map_err(StoreError::db("remove the link of an account"))?;
    super::waiting::end_all_of(transaction, account).await?;
    session::end_all_of(transaction, account).await
}

fn is_subject(text: &str) -> bool {
    (1..=LONGEST).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}
