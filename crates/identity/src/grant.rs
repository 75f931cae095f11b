//! Purposes: what for somebody may look at persons, from a day to a day, with a reason.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;
use store::sea_orm::entity::prelude::*;
use store::sea_orm::{ActiveValue, DatabaseConnection, DatabaseTransaction, QueryOrder};
use store::{StoreError, begin_write, instant_text};

use crate::statement::stated;
use crate::table::grant;
use crate::{IdentityError, account, session};

/// What a person's data are looked at for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Work on a case (业务经办).
    Casework,
    /// Writing and checking policies (政策管理).
    PolicyWork,
    /// Paying what is due (待遇发放).
    Payment,
    /// Finding and mending faults of data (数据治理).
    DataQuality,
    /// Supervision (审计监督).
    Supervision,
}

impl Purpose {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Casework, Self::PolicyWork, Self::Payment, Self::DataQuality, Self::Supervision];

    /// The word in the database, in policies and in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Casework => "casework",
            Self::PolicyWork => "policy_work",
            Self::Payment => "payment",
            Self::DataQuality => "data_quality",
            Self::Supervision => "supervision",
        }
    }

    /// Reads the word.
    ///
    /// # Errors
    ///
    /// [`IdentityError::Purpose`].
    pub fn parse(text: &str) -> Result<Self, IdentityError> {
        let found = Self::ALL.into_iter().find(|purpose| purpose.as_str() == text);
        found.ok_or_else(|| IdentityError::Purpose(text.to_owned()))
    }
}

/// The words of all purposes.
pub(crate) fn names() -> String {
    Purpose::ALL.map(Purpose::as_str).join(", ")
}

/// A purpose that was granted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Grant {
    /// Its id.
    pub id: String,
    /// For what.
    pub purpose: Purpose,
    /// From this instant on; UTC, RFC 3339.
    pub from_at: String,
    /// Before this instant.
    pub until_at: String,
    /// Why.
    pub reason: String,
    /// By whom.
    pub granted_by: String,
    /// When it was taken back.
    pub revoked_at: Option<String>,
}

/// A purpose to be granted.
#[derive(Debug, Clone, Copy)]
pub struct NewGrant<'a> {
    /// For what.
    pub purpose: Purpose,
    /// From this instant on.
    pub from: Timestamp,
    /// Before this instant.
    pub until: Timestamp,
    /// Why; 1 to 500 characters.
    pub reason: &'a str,
}

/// Grants a purpose to an account, on behalf of `by`.
///
/// # Errors
///
/// [`IdentityError`]: no such account, one's own, no reason, or an end that is not after the beginning.
pub async fn create(
    db: &DatabaseConnection,
    username: &str,
    new: NewGrant<'_>,
    by: &str,
    now: Timestamp,
) -> Result<Grant, IdentityError> {
    let transaction = begin_write(db).await?;
    let made = create_in(&transaction, username, new, by, now).await?;
    transaction.commit().await.map_err(StoreError::db("commit the grant"))?;
    Ok(made)
}

/// As [`create`], in a transaction of the caller's.
///
/// # Errors
///
/// As [`create`].
pub async fn create_in(
    transaction: &DatabaseTransaction,
    username: &str,
    new: NewGrant<'_>,
    by: &str,
    now: Timestamp,
) -> Result<Grant, IdentityError> {
    let reason = stated(new.reason).filter(|_| new.from < new.until).ok_or(IdentityError::Grant)?;
    if username == by {
        return Err(IdentityError::Own);
    }
    if account::find(transaction, username).await?.is_none() {
        return Err(IdentityError::UserUnknown(username.to_owned()));
    }
    let row = grant::Model {
        id: session::random_hex::<12>()?.to_string(),
        username: username.to_owned(),
        purpose: new.purpose.as_str().to_owned(),
        from_at: instant_text(new.from),
        until_at: instant_text(new.until),
        reason: reason.to_owned(),
        granted_by: by.to_owned(),
        granted_at: instant_text(now),
        revoked_at: None,
    };
    let values: grant::ActiveModel = row.clone().into();
    grant::Entity::insert(values.reset_all())
        .exec_without_returning(transaction)
        .await
        .map_err(StoreError::db("write the grant"))?;
    let detail = json!({
        "grant": row.id, "purpose": row.purpose, "from": row.from_at, "until": row.until_at,
        "reason": row.reason,
    });
    account::record(transaction, by, "purpose.grant", username, now, &detail).await?;
    read(row)
}

/// Takes a grant back; it ends at once.
///
/// # Errors
///
/// [`IdentityError::GrantUnknown`], [`IdentityError::Own`], and failures of the database.
pub async fn revoke(
    db: &DatabaseConnection,
    username: &str,
    id: &str,
    by: &str,
    now: Timestamp,
) -> Result<(), IdentityError> {
    if username == by {
        return Err(IdentityError::Own);
    }
    // No id of another form was ever given.
    if !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(IdentityError::GrantUnknown);
    }
    let transaction = begin_write(db).await?;
    let changed = grant::Entity::update_many()
        .set(grant::ActiveModel {
            revoked_at: ActiveValue::Set(Some(instant_text(now))),
            ..Default::default()
        })
        .filter(grant::Column::Id.eq(id))
        .filter(grant::Column::Username.eq(username))
        .filter(grant::Column::RevokedAt.is_null())
        .exec(&transaction)
        .await
        .map_err(StoreError::db("take the grant back"))?;
    if changed.rows_affected == 0 {
        return Err(IdentityError::GrantUnknown);
    }
    let detail = json!({ "grant": id });
    account::record(&transaction, by, "purpose.revoke", username, now, &detail).await?;
    transaction.commit().await.map_err(StoreError::db("commit the end of the grant"))?;
    Ok(())
}

/// Takes all grants of an account back, in the transaction of what they end with.
pub(crate) async fn revoke_all<C: ConnectionTrait>(
    db: &C,
    username: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let ended = grant::ActiveModel {
        revoked_at: ActiveValue::Set(Some(instant_text(now))),
        ..Default::default()
    };
    grant::Entity::update_many()
        .set(ended)
        .filter(grant::Column::Username.eq(username))
        .filter(grant::Column::RevokedAt.is_null())
        .exec(db)
        .await
        .map_err(StoreError::db("take all grants back"))?;
    Ok(())
}

/// All grants of an account, newest first; those that have ended as well.
///
/// # Errors
///
/// When the database fails.
pub async fn list<C: ConnectionTrait>(db: &C, username: &str) -> Result<Vec<Grant>, IdentityError> {
    let rows = grant::Entity::find()
        .filter(grant::Column::Username.eq(username))
        .order_by_desc(grant::Column::GrantedAt)
        .order_by_asc(grant::Column::Id)
        .all(db)
        .await
        .map_err(StoreError::db("read the grants"))?;
    rows.into_iter().map(read).collect()
}

/// The purposes that are granted to an account at an instant.
///
/// # Errors
///
/// When the database fails.
pub async fn in_force<C: ConnectionTrait>(
    db: &C,
    username: &str,
    now: Timestamp,
) -> Result<Vec<Purpose>, IdentityError> {
    let rows = grant::Entity::find()
        .filter(grant::Column::Username.eq(username))
        .filter(grant::Column::RevokedAt.is_null())
        .filter(grant::Column::FromAt.lte(instant_text(now)))
        .filter(grant::Column::UntilAt.gt(instant_text(now)))
        .all(db)
        .await
        .map_err(StoreError::db("read the purposes in force"))?;
    let mut purposes: Vec<Purpose> =
        rows.iter().filter_map(|row| Purpose::parse(&row.purpose).ok()).collect();
    purposes.sort_unstable();
    purposes.dedup();
    Ok(purposes)
}

fn read(row: grant::Model) -> Result<Grant, IdentityError> {
    Ok(Grant {
        purpose: Purpose::parse(&row.purpose)?,
        id: row.id,
        from_at: row.from_at,
        until_at: row.until_at,
        reason: row.reason,
        granted_by: row.granted_by,
        revoked_at: row.revoked_at,
    })
}
