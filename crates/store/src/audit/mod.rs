//! The audit trail: who did what to whom, when and for what purpose.
//!
//! [`record`] takes the transaction of the effect, so that there is no effect without an entry and
//! no entry without its effect. The database refuses to change or delete entries.
//!
//! A [`Recorder`] writes down what was read, where no transaction is that the entry could be part of.
//!
//! Afterwards an entry gets its place in a log that proves it ([`unsealed`], [`seal`]); what that log is, is for
//! a higher floor to say.

mod recorder;
mod sealed;

use jiff::Timestamp;
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue, QueryOrder, QuerySelect};

pub use self::recorder::{Reading, Recorder};
pub use self::sealed::{Seal, SealedEntry, count_sealed, count_unsealed, seal, sealed, unsealed};
use crate::{StoreError, instant_text};

pub(crate) mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "audit_entry")]
    pub(crate) struct Model {
        #[sea_orm(primary_key)]
        pub(crate) id: i64,
        pub(crate) at: String,
        pub(crate) who: String,
        pub(crate) what: String,
        pub(crate) subject: String,
        pub(crate) purpose: String,
        pub(crate) detail: String,
        pub(crate) leaf: Option<i64>,
        pub(crate) salt: Option<Vec<u8>>,
        pub(crate) sealed_at: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Something that was done, to be written down.
#[derive(Debug, Clone, Copy)]
pub struct Act<'a> {
    /// The user or program that did it.
    pub who: &'a str,
    /// The act, `<noun>.<verb>`.
    pub what: &'a str,
    /// What it was done to, `<kind>:<id>`. Never a name or a number of a person.
    pub subject: &'a str,
    /// When.
    pub at: Timestamp,
    /// What for, in the words of the person who did it, or the business purpose.
    pub purpose: &'a str,
}

/// An entry of the trail.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Entry {
    /// Its place in the trail.
    pub id: i64,
    /// When, UTC, RFC 3339.
    pub at: String,
    /// The user or program.
    pub who: String,
    /// The act.
    pub what: String,
    /// What it was done to.
    pub subject: String,
    /// What for.
    pub purpose: String,
    /// JSON with what the act needs besides.
    pub detail: String,
}

/// Writes an entry, in the transaction `db` of the effect itself.
///
/// # Errors
///
/// When the database refuses; the caller then gives the effect up too.
pub async fn record<C: ConnectionTrait>(
    db: &C,
    act: Act<'_>,
    detail: &serde_json::Value,
) -> Result<(), StoreError> {
    let row = entity::ActiveModel {
        id: ActiveValue::NotSet,
        at: ActiveValue::Set(instant_text(act.at)),
        who: ActiveValue::Set(act.who.to_owned()),
        what: ActiveValue::Set(act.what.to_owned()),
        subject: ActiveValue::Set(act.subject.to_owned()),
        purpose: ActiveValue::Set(act.purpose.to_owned()),
        detail: ActiveValue::Set(detail.to_string()),
        leaf: ActiveValue::NotSet,
        salt: ActiveValue::NotSet,
        sealed_at: ActiveValue::NotSet,
    };
    entity::Entity::insert(row)
        .exec_without_returning(db)
        .await
        .map_err(StoreError::db("write an audit entry"))?;
    Ok(())
}

/// The entries about `subject` (or about everything) after entry `after`, oldest first.
///
/// # Errors
///
/// When the database fails.
pub async fn list<C: ConnectionTrait>(
    db: &C,
    subject: Option<&str>,
    after: i64,
    limit: u64,
) -> Result<Vec<Entry>, StoreError> {
    let mut query = entity::Entity::find()
        .filter(entity::Column::Id.gt(after))
        .order_by_asc(entity::Column::Id)
        .limit(limit);
    if let Some(subject) = subject {
        query = query.filter(entity::Column::Subject.eq(subject));
    }
    let rows = query.all(db).await.map_err(StoreError::db("read the audit trail"))?;
    Ok(rows.into_iter().map(Entry::from).collect())
}

/// Which entries are wanted; `None` is any.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted<'a> {
    /// Those about one of these; about anything when there are none.
    pub subjects: &'a [&'a str],
    /// Those of this user or program.
    pub who: Option<&'a str>,
    /// Those of this act.
    pub what: Option<&'a str>,
}

/// Entries before entry `before` (or the last ones), newest first.
///
/// # Errors
///
/// When the database fails.
pub async fn newest<C: ConnectionTrait>(
    db: &C,
    wanted: &Wanted<'_>,
    before: Option<i64>,
    limit: u64,
) -> Result<Vec<Entry>, StoreError> {
    let mut query = entity::Entity::find().order_by_desc(entity::Column::Id).limit(limit);
    if let Some(before) = before {
        query = query.filter(entity::Column::Id.lt(before));
    }
    if !wanted.subjects.is_empty() {
        query = query.filter(entity::Column::Subject.is_in(wanted.subjects.iter().copied()));
    }
    let parts = [(entity::Column::Who, wanted.who), (entity::Column::What, wanted.what)];
    for (column, value) in parts {
        if let Some(value) = value {
            query = query.filter(column.eq(value));
        }
    }
    let rows = query.all(db).await.map_err(StoreError::db("read the newest audit entries"))?;
    Ok(rows.into_iter().map(Entry::from).collect())
}

impl From<entity::Model> for Entry {
    fn from(row: entity::Model) -> Self {
        Self {
            id: row.id,
            at: row.at,
            who: row.who,
            what: row.what,
            subject: row.subject,
            purpose: row.purpose,
            detail: row.detail,
        }
    }
}
