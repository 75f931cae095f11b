//! The place of an entry in the log that proves it.

use std::ops::Range;

use jiff::Timestamp;
use sea_orm::entity::prelude::*;
use sea_orm::{DbBackend, PaginatorTrait, QueryOrder, QuerySelect, Statement, Value};

use super::{Entry, entity};
use crate::{StoreError, instant_text};

/// What sealing adds to an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seal {
    /// The entry.
    pub id: i64,
    /// Its leaf in the log, from 0.
    pub leaf: i64,
    /// Random bytes that go into its commitment.
    pub salt: Vec<u8>,
}

/// An entry with its place in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedEntry {
    /// The entry.
    pub entry: Entry,
    /// Its leaf in the log, from 0.
    pub leaf: i64,
    /// Random bytes that went into its commitment.
    pub salt: Vec<u8>,
    /// When it was sealed, UTC, RFC 3339.
    pub sealed_at: String,
}

/// The first `limit` entries that have no place in the log yet.
///
/// # Errors
///
/// When the database fails.
pub async fn unsealed<C: ConnectionTrait>(db: &C, limit: u64) -> Result<Vec<Entry>, StoreError> {
    let rows = entity::Entity::find()
        .filter(entity::Column::Leaf.is_null())
        .order_by_asc(entity::Column::Id)
        .limit(limit)
        .all(db)
        .await
        .map_err(StoreError::db("read the entries that are not sealed"))?;
    Ok(rows.into_iter().map(Entry::from).collect())
}

/// How many entries have no place in the log yet.
///
/// # Errors
///
/// When the database fails.
pub async fn count_unsealed<C: ConnectionTrait>(db: &C) -> Result<u64, StoreError> {
    entity::Entity::find()
        .filter(entity::Column::Leaf.is_null())
        .count(db)
        .await
        .map_err(StoreError::db("count the entries that are not sealed"))
}

/// How many entries have a place in the log.
///
/// # Errors
///
/// When the database fails.
pub async fn count_sealed<C: ConnectionTrait>(db: &C) -> Result<u64, StoreError> {
    entity::Entity::find()
        .filter(entity::Column::Leaf.is_not_null())
        .count(db)
        .await
        .map_err(StoreError::db("count the entries that are sealed"))
}

/// Writes the places of entries, all at once. Each entry takes one place, once: the database refuses another.
///
/// # Errors
///
/// When the database refuses.
pub async fn seal<C: ConnectionTrait>(
    db: &C,
    seals: &[Seal],
    at: Timestamp,
) -> Result<(), StoreError> {
    let backend = db.get_database_backend();
    for chunk in seals.chunks(CHUNK) {
        let mut values: Vec<Value> = vec![instant_text(at).into()];
        for seal in chunk {
            values.extend([seal.id.into(), seal.leaf.into(), seal.salt.clone().into()]);
        }
        let statement = Statement::from_sql_and_values(backend, sql(backend, chunk.len()), values);
        let result = db.execute_raw(statement).await.map_err(StoreError::db("seal entries"))?;
        if result.rows_affected() != chunk.len() as u64 {
            return Err(StoreError::db("seal entries")(DbErr::RecordNotUpdated));
        }
    }
    Ok(())
}

/// Entries a statement.
const CHUNK: usize = 500;

fn sql(backend: DbBackend, rows: usize) -> String {
    let (id, leaf, salt) = match backend {
        DbBackend::Postgres => ("::bigint", "::bigint", "::bytea"),
        _ => ("", "", ""),
    };
    let rows: Vec<String> = (0..rows)
        .map(|row| {
            let first = 2 + 3 * row;
            format!("(${first}{id}, ${}{leaf}, ${}{salt})", first + 1, first + 2)
        })
        .collect();
    format!(
        "WITH seal (id, leaf, salt) AS (VALUES {}) UPDATE audit_entry \
         SET leaf = seal.leaf, salt = seal.salt, sealed_at = $1 \
         FROM seal WHERE audit_entry.id = seal.id",
        rows.join(", ")
    )
}

/// The sealed entries whose leaf is in `leaves`, in the order of the log. A leaf that has no entry is left out.
///
/// # Errors
///
/// When the database fails.
pub async fn sealed<C: ConnectionTrait>(
    db: &C,
    leaves: Range<i64>,
) -> Result<Vec<SealedEntry>, StoreError> {
    let rows = entity::Entity::find()
        .filter(entity::Column::Leaf.gte(leaves.start))
        .filter(entity::Column::Leaf.lt(leaves.end))
        .order_by_asc(entity::Column::Leaf)
        .all(db)
        .await
        .map_err(StoreError::db("read the sealed entries"))?;
    Ok(rows
        .into_iter()
        .map(|mut row| SealedEntry {
            leaf: row.leaf.unwrap_or_default(),
            salt: row.salt.take().unwrap_or_default(),
            sealed_at: row.sealed_at.take().unwrap_or_default(),
            entry: Entry::from(row),
        })
        .collect())
}
