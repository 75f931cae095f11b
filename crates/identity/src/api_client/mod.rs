//! Partners' programs (接口客户端): a department or a charity whose program asks this one, with a key of its own for each
//! request, about what an agreement says.
//!
//! * [`key`]: public keys, and that no signed request counts twice.
//! * [`agreement`]: which policy a partner may ask about, on which basis and until when (数据共享).

pub mod agreement;
pub mod key;

use jiff::Timestamp;
use serde_json::{Value, json};
use store::sea_orm::entity::prelude::*;
use store::sea_orm::sea_query::OnConflict;
use store::sea_orm::{
    ActiveValue, DatabaseConnection, DatabaseTransaction, JoinType, QueryOrder, QuerySelect,
    QueryTrait as _,
};
use store::{StoreError, begin_write, instant_text};
use vocab::DivisionCode;

use crate::organisation::{self, Organisation, is_name};
use crate::table::{api_client as row, organisation as organisations};
use crate::{IdentityError, trail};

/// A partner's program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiClient {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// Whose it is.
    pub organisation: String,
    /// By whom it was written down.
    pub made_by: String,
    /// When; UTC, RFC 3339.
    pub made_at: String,
    /// When it ended: from then on none of its keys counts.
    pub ended_at: Option<String>,
}

/// A program to be written down.
#[derive(Debug, Clone, Copy)]
pub struct NewApiClient<'a> {
    /// 1 to 64 lower-case letters, digits, `.`, `-` and `_`.
    pub id: &'a str,
    /// What it is called; 1 to 100 characters.
    pub name: &'a str,
    /// Whose it is.
    pub organisation: &'a str,
}

/// How a program is named in the audit trail.
#[must_use]
pub fn subject(id: &str) -> String {
    format!("{SUBJECT}{id}")
}

/// The id of the program that an entry of the audit trail names; `None` for anybody else.
#[must_use]
pub fn of_subject(subject: &str) -> Option<&str> {
    subject.strip_prefix(SUBJECT)
}

const SUBJECT: &str = "api_client:";

/// Writes a program down, on behalf of `by`.
///
/// # Errors
///
/// [`IdentityError`]: a bad id or name, no such organisation, or a program with this id.
pub async fn create_in(
    transaction: &DatabaseTransaction,
    new: NewApiClient<'_>,
    by: &str,
    now: Timestamp,
) -> Result<ApiClient, IdentityError> {
    if !organisation::is_id(new.id) {
        return Err(IdentityError::ApiClientId(new.id.to_owned()));
    }
    if !is_name(new.name) {
        return Err(IdentityError::Name);
    }
    if organisation::find(transaction, new.organisation).await?.is_none() {
        return Err(IdentityError::OrganisationUnknown(new.organisation.to_owned()));
    }
    let made = row::Model {
        id: new.id.to_owned(),
        name: new.name.to_owned(),
        organisation_id: new.organisation.to_owned(),
        made_by: by.to_owned(),
        made_at: instant_text(now),
        ended_at: None,
    };
    let values: row::ActiveModel = made.clone().into();
    let once = OnConflict::column(row::Column::Id).do_nothing().to_owned();
    let inserted = row::Entity::insert(values.reset_all())
        .on_conflict(once)
        .exec_without_returning(transaction)
        .await
        .map_err(StoreError::db("write the API client"))?;
    if inserted == 0 {
        return Err(IdentityError::ApiClientExists(new.id.to_owned()));
    }
    let detail = json!({ "organisation": new.organisation });
    record(transaction, (by, "api_client.create"), new.id, now, &detail).await?;
    Ok(made.into())
}

/// Ends a program: from now on none of its keys counts. One that has ended stays so.
///
/// # Errors
///
/// [`IdentityError::ApiClientUnknown`], and failures of the database.
pub async fn end(
    db: &DatabaseConnection,
    id: &str,
    by: &str,
    now: Timestamp,
) -> Result<(), IdentityError> {
    let transaction = begin_write(db).await?;
    let ended = row::ActiveModel {
        ended_at: ActiveValue::Set(Some(instant_text(now))),
        ..Default::default()
    };
    let changed = row::Entity::update_many()
        .set(ended)
        .filter(row::Column::Id.eq(id))
        .filter(row::Column::EndedAt.is_null())
        .exec(&transaction)
        .await
        .map_err(StoreError::db("end the API client"))?;
    if changed.rows_affected == 0 {
        let known = find(&transaction, id).await?;
        return known.map(|_| ()).ok_or(IdentityError::ApiClientUnknown);
    }
    record(&transaction, (by, "api_client.end"), id, now, &json!({})).await?;
    transaction.commit().await.map_err(StoreError::db("commit the end of the API client"))?;
    Ok(())
}

/// The program of an id, also one that has ended.
///
/// # Errors
///
/// When the database fails.
pub async fn find<C: ConnectionTrait>(
    db: &C,
    id: &str,
) -> Result<Option<ApiClient>, IdentityError> {
    // What can't be an id is nobody's, and some texts a database does not even take.
    if !organisation::is_id(id) {
        return Ok(None);
    }
    let found =
        row::Entity::find_by_id(id).one(db).await.map_err(StoreError::db("read an API client"))?;
    Ok(found.map(ApiClient::from))
}

/// The programs of some ids, also those that have ended, each with the organisation whose it is; in one query.
///
/// # Errors
///
/// When the database fails.
pub async fn with_owners<C: ConnectionTrait>(
    db: &C,
    ids: &[&str],
) -> Result<Vec<(ApiClient, Option<Organisation>)>, IdentityError> {
    let ids: Vec<&str> = ids.iter().copied().filter(|id| organisation::is_id(id)).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let owner = row::Entity::belongs_to(organisations::Entity)
        .from(row::Column::OrganisationId)
        .to(organisations::Column::Id);
    let rows = row::Entity::find()
        .filter(row::Column::Id.is_in(ids))
        .join(JoinType::LeftJoin, owner.into())
        .select_also(organisations::Entity)
        .order_by_asc(row::Column::Id)
        .all(db)
        .await
        .map_err(StoreError::db("read API clients and whose they are"))?;
    let read = |(client, owner): (row::Model, Option<_>)| {
        (ApiClient::from(client), owner.and_then(organisation::read))
    };
    Ok(rows.into_iter().map(read).collect())
}

/// The programs of organisations within a division, by id, from after `after` on; also those that have ended.
///
/// # Errors
///
/// When the database fails.
pub async fn list<C: ConnectionTrait>(
    db: &C,
    within: &DivisionCode,
    after: Option<&str>,
    limit: u64,
) -> Result<Vec<ApiClient>, IdentityError> {
    let owners = organisations::Entity::find()
        .select_only()
        .column(organisations::Column::Id)
        .filter(organisations::Column::Division.starts_with(within.as_str()))
        .into_query();
    let mut query = row::Entity::find()
        .filter(row::Column::OrganisationId.in_subquery(owners))
        .order_by_asc(row::Column::Id)
        .limit(limit);
    if let Some(after) = after {
        query = query.filter(row::Column::Id.gt(after));
    }
    let rows = query.all(db).await.map_err(StoreError::db("read the API clients"))?;
    Ok(rows.into_iter().map(ApiClient::from).collect())
}

/// The program of an id, if it has not ended.
async fn in_force<C: ConnectionTrait>(db: &C, id: &str) -> Result<ApiClient, IdentityError> {
    let found = find(db, id).await?.filter(|found| found.ended_at.is_none());
    found.ok_or(IdentityError::ApiClientUnknown)
}

/// Writes an entry about a program, in the transaction of the effect.
async fn record<C: ConnectionTrait>(
    db: &C,
    act: (&str, &str),
    id: &str,
    at: Timestamp,
    detail: &Value,
) -> Result<(), StoreError> {
    trail::record(db, act, &subject(id), at, detail).await
}

impl From<row::Model> for ApiClient {
    fn from(row: row::Model) -> Self {
        Self {
            id: row.id,
            name: row.name,
            organisation: row.organisation_id,
            made_by: row.made_by,
            made_at: row.made_at,
            ended_at: row.ended_at,
        }
    }
}
