//! Organisations in four levels, each with the division that it works in.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;
use store::sea_orm::entity::prelude::*;
use store::sea_orm::sea_query::OnConflict;
use store::sea_orm::{
    DatabaseConnection, DatabaseTransaction, ExprTrait as _, QueryOrder, QuerySelect,
};
use store::{StoreError, begin_write, instant_text};
use vocab::DivisionCode;

use crate::IdentityError;
use crate::table::organisation;
use crate::trail::record;

/// What an organisation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Civil affairs: bureau, street office, community (民政).
    CivilAffairs,
    /// Another department (其他部门).
    Department,
    /// A charity (慈善组织).
    Charity,
    /// An audit office (审计机关).
    Audit,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::CivilAffairs, Self::Department, Self::Charity, Self::Audit];

    /// The word in the database and in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CivilAffairs => "civil_affairs",
            Self::Department => "department",
            Self::Charity => "charity",
            Self::Audit => "audit",
        }
    }

    /// Reads the word; `None` for another one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// An organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Organisation {
    /// Its id.
    pub id: String,
    /// Its name in Chinese.
    pub name_zh: String,
    /// Its name in English; empty where nobody has given one.
    pub name_en: String,
    /// What it does.
    pub kind: Kind,
    /// The division that it works in; its level is that of the organisation.
    #[serde(serialize_with = "digits")]
    pub division: DivisionCode,
    /// The organisation above.
    pub parent: Option<String>,
}

fn digits<S: serde::Serializer>(code: &DivisionCode, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(code.as_str())
}

/// An organisation to be made.
#[derive(Debug, Clone, Copy)]
pub struct NewOrganisation<'a> {
    /// 1 to 64 lower-case letters, digits, `.`, `-` and `_`.
    pub id: &'a str,
    /// Its name in Chinese.
    pub name_zh: &'a str,
    /// Its name in English, or nothing.
    pub name_en: &'a str,
    /// What it does.
    pub kind: Kind,
    /// The division that it works in.
    pub division: DivisionCode,
    /// The organisation above; its division contains this one's.
    pub parent: Option<&'a str>,
}

/// Makes organisations, all or none, on behalf of `by`. One of them may stand above a later one.
///
/// # Errors
///
/// [`IdentityError`]: a bad id or name, an id that is taken, a parent that is not there or whose
/// division does not contain the organisation's.
pub async fn create(
    db: &DatabaseConnection,
    new: &[NewOrganisation<'_>],
    by: &str,
    now: Timestamp,
) -> Result<(), IdentityError> {
    let transaction = begin_write(db).await?;
    create_in(&transaction, new, by, now).await?;
    transaction.commit().await.map_err(StoreError::db("commit the organisations"))?;
    Ok(())
}

/// As [`create`], in a transaction of the caller's.
///
/// # Errors
///
/// As [`create`].
pub async fn create_in(
    transaction: &DatabaseTransaction,
    new: &[NewOrganisation<'_>],
    by: &str,
    now: Timestamp,
) -> Result<(), IdentityError> {
    for one in new {
        check(transaction, one).await?;
        let row = organisation::Model {
            id: one.id.to_owned(),
            name_zh: one.name_zh.to_owned(),
            name_en: one.name_en.to_owned(),
            kind: one.kind.as_str().to_owned(),
            division: one.division.as_str().to_owned(),
            parent_id: one.parent.map(str::to_owned),
            created_at: instant_text(now),
        };
        let values: organisation::ActiveModel = row.into();
        // Somebody may have made it since it was looked for.
        let once = OnConflict::column(organisation::Column::Id).do_nothing().to_owned();
        let inserted = organisation::Entity::insert(values.reset_all())
            .on_conflict(once)
            .exec_without_returning(transaction)
            .await
            .map_err(StoreError::db("write the organisation"))?;
        if inserted == 0 {
            return Err(IdentityError::OrganisationExists(one.id.to_owned()));
        }
        let detail = json!({
            "kind": one.kind.as_str(), "division": one.division.as_str(), "parent": one.parent,
        });
        let subject = format!("organisation:{}", one.id);
        record(transaction, (by, "organisation.create"), &subject, now, &detail).await?;
    }
    Ok(())
}

async fn check<C: ConnectionTrait>(db: &C, new: &NewOrganisation<'_>) -> Result<(), IdentityError> {
    if !is_id(new.id) {
        return Err(IdentityError::OrganisationId(new.id.to_owned()));
    }
    if !is_name(new.name_zh) || (!new.name_en.is_empty() && !is_name(new.name_en)) {
        return Err(IdentityError::Name);
    }
    if find(db, new.id).await?.is_some() {
        return Err(IdentityError::OrganisationExists(new.id.to_owned()));
    }
    if let Some(id) = new.parent {
        let parent = find(db, id).await?;
        let parent = parent.ok_or_else(|| IdentityError::OrganisationUnknown(id.to_owned()))?;
        if !parent.division.contains(&new.division) {
            return Err(IdentityError::OutsideParent);
        }
    }
    Ok(())
}

pub(crate) fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|byte| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-_".contains(&byte)
        })
}

/// Whether a text may be the name of somebody or something.
pub(crate) fn is_name(text: &str) -> bool {
    !text.trim().is_empty() && text.chars().count() <= 100 && !text.chars().any(char::is_control)
}

/// The organisation of an id.
///
/// # Errors
///
/// When the database fails.
pub async fn find<C: ConnectionTrait>(
    db: &C,
    id: &str,
) -> Result<Option<Organisation>, IdentityError> {
    // What can't be an id is nobody's, and some texts a database does not even take.
    if !is_id(id) {
        return Ok(None);
    }
    let row = organisation::Entity::find_by_id(id)
        .one(db)
        .await
        .map_err(StoreError::db("read an organisation"))?;
    Ok(row.and_then(read))
}

/// The organisations within a division, by division and id, from after `after` on.
///
/// # Errors
///
/// When the database fails.
pub async fn list<C: ConnectionTrait>(
    db: &C,
    within: &DivisionCode,
    after: Option<(&str, &str)>,
    limit: u64,
) -> Result<Vec<Organisation>, IdentityError> {
    use organisation::Column;

    let mut query = organisation::Entity::find()
        .filter(Column::Division.starts_with(within.as_str()))
        .order_by_asc(Column::Division)
        .order_by_asc(Column::Id)
        .limit(limit);
    if let Some((division, id)) = after {
        let later =
            Column::Division.gt(division).or(Column::Division.eq(division).and(Column::Id.gt(id)));
        query = query.filter(later);
    }
    let rows = query.all(db).await.map_err(StoreError::db("read the organisations"))?;
    Ok(rows.into_iter().filter_map(read).collect())
}

/// The organisations within a division that work in none of the divisions `known` (significant digits), by division
/// and id.
///
/// # Errors
///
/// When the database fails.
pub async fn elsewhere<C: ConnectionTrait>(
    db: &C,
    within: &DivisionCode,
    known: &[&str],
) -> Result<Vec<Organisation>, IdentityError> {
    use organisation::Column;

    let rows = organisation::Entity::find()
        .filter(Column::Division.starts_with(within.as_str()))
        .filter(Column::Division.is_not_in(known.iter().copied()))
        .order_by_asc(Column::Division)
        .order_by_asc(Column::Id)
        .all(db)
        .await
        .map_err(StoreError::db("read the organisations"))?;
    Ok(rows.into_iter().filter_map(read).collect())
}

/// A row that no version of this program has written is no organisation.
pub(crate) fn read(row: organisation::Model) -> Option<Organisation> {
    Some(Organisation {
        kind: Kind::parse(&row.kind)?,
        division: DivisionCode::parse(&row.division).ok()?,
        id: row.id,
        name_zh: row.name_zh,
        name_en: row.name_en,
        parent: row.parent_id,
    })
}
