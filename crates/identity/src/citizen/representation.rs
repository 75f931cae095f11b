//! Who acts for whom: guardians, written down at a counter with the paper that proves it (《中华人民共和国民法典》 arts. 27,
//! 28 and 33), and people whom somebody has asked to act for them (委托代理, art. 165), for a time and until it is taken back.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::json;
use store::sea_orm::entity::prelude::*;
use store::sea_orm::{ActiveValue, DatabaseConnection, DatabaseTransaction, QueryOrder};
use store::{StoreError, begin_write, instant_text};

use crate::statement::stated;
use crate::table::representation as row;
use crate::{IdentityError, session};

/// People who may act for one person at a time. More is a broker, not a family.
pub const MOST: usize = 10;
/// Longest time for which somebody can be asked to act, a year; after that they are asked again.
pub const LONGEST: SignedDuration = SignedDuration::from_hours(366 * 24);

/// Why somebody may act for another person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// By law, for somebody who can't act alone (监护).
    Guardian,
    /// Because the person has asked for it (委托, 代办).
    Entrusted,
}

impl Kind {
    /// The word in the database, in policies and in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Guardian => "guardian",
            Self::Entrusted => "entrusted",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Guardian, Self::Entrusted].into_iter().find(|kind| kind.as_str() == text)
    }
}

/// That one person may act for another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Representation {
    /// Its id.
    pub id: String,
    /// The person who is acted for; the id when it was written down.
    pub principal: String,
    /// The person who acts; the id when it was written down.
    pub representative: String,
    /// Why they may.
    pub kind: Kind,
    /// Before this instant; UTC, RFC 3339.
    pub until_at: String,
    /// The paper that proves it, or the person's own words.
    pub basis: String,
    /// By whom it was written down.
    pub made_by: String,
    /// When.
    pub made_at: String,
}

/// A representation to be written down.
#[derive(Debug, Clone, Copy)]
pub struct NewRepresentation<'a> {
    /// The person who is acted for.
    pub principal: &'a str,
    /// The person who acts.
    pub representative: &'a str,
    /// Why they may.
    pub kind: Kind,
    /// Before this instant.
    pub until: Timestamp,
    /// The paper that proves it; 1 to 500 characters.
    pub basis: &'a str,
}

/// Writes a representation down, on behalf of `by` as the audit trail names them.
///
/// # Errors
///
/// [`IdentityError::Representation`]: for oneself, without a basis, with an end that is past, for more than a year if
/// asked to, or one too many; [`IdentityError::RepresentationExists`].
pub async fn create_in(
    transaction: &DatabaseTransaction,
    new: NewRepresentation<'_>,
    by: &str,
    now: Timestamp,
) -> Result<Representation, IdentityError> {
    let latest = now.saturating_add(LONGEST).unwrap_or(now);
    let in_time = new.until > now && (new.kind == Kind::Guardian || new.until <= latest);
    let sound = in_time && new.principal != new.representative;
    let basis = stated(new.basis).filter(|_| sound).ok_or(IdentityError::Representation)?;
    let present = of_principals(transaction, &[new.principal], now).await?;
    if present.len() >= MOST {
        return Err(IdentityError::Representation);
    }
    if present.iter().any(|one| one.representative == new.representative && one.kind == new.kind) {
        return Err(IdentityError::RepresentationExists);
    }
    let made = Representation {
        id: session::random_hex::<12>()?.to_string(),
        principal: new.principal.to_owned(),
        representative: new.representative.to_owned(),
        kind: new.kind,
        until_at: instant_text(new.until),
        basis: basis.to_owned(),
        made_by: by.to_owned(),
        made_at: instant_text(now),
    };
    let values = row::ActiveModel {
        id: ActiveValue::Set(made.id.clone()),
        principal: ActiveValue::Set(made.principal.clone()),
        representative: ActiveValue::Set(made.representative.clone()),
        kind: ActiveValue::Set(made.kind.as_str().to_owned()),
        until_at: ActiveValue::Set(made.until_at.clone()),
        basis: ActiveValue::Set(made.basis.clone()),
        made_by: ActiveValue::Set(made.made_by.clone()),
        made_at: ActiveValue::Set(made.made_at.clone()),
        ended_at: ActiveValue::Set(None),
    };
    row::Entity::insert(values)
        .exec_without_returning(transaction)
        .await
        .map_err(StoreError::db("write the representation"))?;
    let detail = json!({
        "representation": made.id, "representative": made.representative, "kind": made.kind.as_str(),
        "until": made.until_at, "basis": made.basis,
    });
    super::record(transaction, (by, "representation.create"), new.principal, now, &detail).await?;
    Ok(made)
}

/// Ends a representation of one of the ids of a person; it ends at once.
///
/// # Errors
///
/// [`IdentityError::RepresentationUnknown`], and failures of the database.
pub async fn end(
    db: &DatabaseConnection,
    principals: &[&str],
    id: &str,
    by: &str,
    now: Timestamp,
) -> Result<(), IdentityError> {
    let transaction = begin_write(db).await?;
    let present = of_principals(&transaction, principals, now).await?;
    let found = present.iter().find(|one| one.id == id);
    let Some(found) = found else { return Err(IdentityError::RepresentationUnknown) };
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
        .map_err(StoreError::db("end the representation"))?;
    if changed.rows_affected == 0 {
        return Err(IdentityError::RepresentationUnknown);
    }
    let detail = json!({ "representation": id, "representative": found.representative });
    let act = (by, "representation.end");
    super::record(&transaction, act, &found.principal, now, &detail).await?;
    transaction.commit().await.map_err(StoreError::db("commit the end"))?;
    Ok(())
}

/// Who may act for a person now; `principals` are the person's ids of now and before. In the order in which they were
/// written down.
///
/// # Errors
///
/// When the database fails.
pub async fn of_principals<C: ConnectionTrait>(
    db: &C,
    principals: &[&str],
    now: Timestamp,
) -> Result<Vec<Representation>, StoreError> {
    in_force(db, row::Column::Principal, principals, now).await
}

/// For whom a person may act now; `representatives` are the person's ids of now and before.
///
/// # Errors
///
/// When the database fails.
pub async fn of_representatives<C: ConnectionTrait>(
    db: &C,
    representatives: &[&str],
    now: Timestamp,
) -> Result<Vec<Representation>, StoreError> {
    in_force(db, row::Column::Representative, representatives, now).await
}

async fn in_force<C: ConnectionTrait>(
    db: &C,
    column: row::Column,
    persons: &[&str],
    now: Timestamp,
) -> Result<Vec<Representation>, StoreError> {
    let rows = row::Entity::find()
        .filter(column.is_in(persons.iter().copied()))
        .filter(row::Column::EndedAt.is_null())
        .filter(row::Column::UntilAt.gt(instant_text(now)))
        .order_by_asc(row::Column::MadeAt)
        .order_by_asc(row::Column::Id)
        .all(db)
        .await
        .map_err(StoreError::db("read the representations"))?;
    // A kind that this program does not know gives no power.
    Ok(rows.into_iter().filter_map(read).collect())
}

fn read(row: row::Model) -> Option<Representation> {
    Some(Representation {
        kind: Kind::parse(&row.kind)?,
        id: row.id,
        principal: row.principal,
        representative: row.representative,
        until_at: row.until_at,
        basis: row.basis,
        made_by: row.made_by,
        made_at: row.made_at,
    })
}
