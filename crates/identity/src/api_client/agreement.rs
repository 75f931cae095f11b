//! What a partner may ask about: one policy, on the basis of a law or a paper, for a time (《政务数据共享条例》, State Council
//! Order No. 809, 2025).

use jiff::Timestamp;
use serde_json::json;
use store::sea_orm::entity::prelude::*;
use store::sea_orm::{ActiveValue, DatabaseConnection, DatabaseTransaction, QueryOrder};
use store::{StoreError, begin_write, instant_text};

use super::key::is_hex;
use crate::statement::stated;
use crate::table::agreement as row;
use crate::{IdentityError, session};

/// That a partner may ask about a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreement {
    /// Its id.
    pub id: String,
    /// Which policy.
    pub policy: String,
    /// The law or the paper that it rests on, and what the answer is used for.
    pub basis: String,
    /// Before this instant; UTC, RFC 3339.
    pub until_at: String,
    /// By whom it was written down.
    pub made_by: String,
    /// When.
    pub made_at: String,
    /// When it was ended early.
    pub ended_at: Option<String>,
}

/// An agreement to be written down.
#[derive(Debug, Clone, Copy)]
pub struct NewAgreement<'a> {
    /// Which policy; that there is such a one is for the caller to see.
    pub policy: &'a str,
    /// The law or the paper, and what for; 1 to 500 characters.
    pub basis: &'a str,
    /// Before this instant.
    pub until: Timestamp,
}

/// Writes an agreement down, on behalf of `by`.
///
/// # Errors
///
/// [`IdentityError`]: no such program, no basis, an end that is past, or an agreement about this policy in force.
pub async fn create_in(
    transaction: &DatabaseTransaction,
    client: &str,
    new: NewAgreement<'_>,
    by: &str,
    now: Timestamp,
) -> Result<Agreement, IdentityError> {
    let client = super::in_force(transaction, client).await?;
    let basis = stated(new.basis).filter(|_| now < new.until).ok_or(IdentityError::Agreement)?;
    if in_force(transaction, &client.id, new.policy, now).await?.is_some() {
        return Err(IdentityError::AgreementExists);
    }
    let made = row::Model {
        id: session::random_hex::<12>()?.to_string(),
        client_id: client.id.clone(),
        policy: new.policy.to_owned(),
        basis: basis.to_owned(),
        until_at: instant_text(new.until),
        made_by: by.to_owned(),
        made_at: instant_text(now),
        ended_at: None,
    };
    let values: row::ActiveModel = made.clone().into();
    row::Entity::insert(values.reset_all())
        .exec_without_returning(transaction)
        .await
        .map_err(StoreError::db("write the agreement"))?;
    let detail = json!({
        "agreement": made.id, "policy": made.policy, "basis": made.basis, "until": made.until_at,
    });
    super::record(transaction, (by, "agreement.create"), &client.id, now, &detail).await?;
    Ok(made.into())
}

/// Ends an agreement; it ends at once.
///
/// # Errors
///
/// [`IdentityError::AgreementUnknown`], and failures of the database.
pub async fn end(
    db: &DatabaseConnection,
    client: &str,
    id: &str,
    by: &str,
    now: Timestamp,
) -> Result<(), IdentityError> {
    if !is_hex(id) {
        return Err(IdentityError::AgreementUnknown);
    }
    let transaction = begin_write(db).await?;
    let ended = row::ActiveModel {
        ended_at: ActiveValue::Set(Some(instant_text(now))),
        ..Default::default()
    };
    let changed = row::Entity::update_many()
        .set(ended)
        .filter(row::Column::Id.eq(id))
        .filter(row::Column::ClientId.eq(client))
        .filter(row::Column::EndedAt.is_null())
        .exec(&transaction)
        .await
        .map_err(StoreError::db("end the agreement"))?;
    if changed.rows_affected == 0 {
        return Err(IdentityError::AgreementUnknown);
    }
    let detail = json!({ "agreement": id });
    super::record(&transaction, (by, "agreement.end"), client, now, &detail).await?;
    transaction.commit().await.map_err(StoreError::db("commit the end of the agreement"))?;
    Ok(())
}

/// All agreements of a program, newest first; those that have ended as well.
///
/// # Errors
///
/// When the database fails.
pub async fn list<C: ConnectionTrait>(
    db: &C,
    client: &str,
) -> Result<Vec<Agreement>, IdentityError> {
    let rows = row::Entity::find()
        .filter(row::Column::ClientId.eq(client))
        .order_by_desc(row::Column::MadeAt)
        .order_by_asc(row::Column::Id)
        .all(db)
        .await
        .map_err(StoreError::db("read the agreements"))?;
    Ok(rows.into_iter().map(Agreement::from).collect())
}

/// The agreement of a program about a policy that is in force at an instant.
///
/// # Errors
///
/// When the database fails.
pub async fn in_force<C: ConnectionTrait>(
    db: &C,
    client: &str,
    policy: &str,
    now: Timestamp,
) -> Result<Option<Agreement>, IdentityError> {
    let agreements = list(db, client).await?;
    Ok(agreements.into_iter().find(|one| one.policy == policy && one.is_in_force(now)))
}

impl Agreement {
    /// Whether it is in force at an instant.
    #[must_use]
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        self.ended_at.is_none() && instant_text(now) < self.until_at
    }
}

impl From<row::Model> for Agreement {
    fn from(row: row::Model) -> Self {
        Self {
            id: row.id,
            policy: row.policy,
            basis: row.basis,
            until_at: row.until_at,
            made_by: row.made_by,
            made_at: row.made_at,
            ended_at: row.ended_at,
        }
    }
}
