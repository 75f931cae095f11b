//! Reading what is stored of the log.

use std::collections::BTreeMap;
use std::ops::Range;

use store::sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
};
use trust::log::{Hash, Tile, Tree};

use crate::AuditError;
use crate::entity::{checkpoint, tile};

/// A stored head.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    pub(crate) size: u64,
    pub(crate) root: Vec<u8>,
    pub(crate) note: String,
}

impl From<checkpoint::Model> for Stored {
    fn from(row: checkpoint::Model) -> Self {
        // A negative size is no size; as one beyond all others it is found.
        Self { size: u64::try_from(row.size).unwrap_or(u64::MAX), root: row.root, note: row.note }
    }
}

/// The head that was signed last.
pub(crate) async fn last<C: ConnectionTrait>(db: &C) -> Result<Option<Stored>, AuditError> {
    let row = checkpoint::Entity::find()
        .order_by_desc(checkpoint::Column::Size)
        .one(db)
        .await
        .map_err(AuditError::db("read the last checkpoint"))?;
    Ok(row.map(Stored::from))
}

/// The heads of a number of leaves in `sizes`, from the smallest.
pub(crate) async fn checkpoints<C: ConnectionTrait>(
    db: &C,
    sizes: Range<u64>,
) -> Result<Vec<Stored>, AuditError> {
    let rows = checkpoint::Entity::find()
        .filter(checkpoint::Column::Size.gte(number(sizes.start)?))
        .filter(checkpoint::Column::Size.lt(number(sizes.end)?))
        .order_by_asc(checkpoint::Column::Size)
        .all(db)
        .await
        .map_err(AuditError::db("read the checkpoints"))?;
    Ok(rows.into_iter().map(Stored::from).collect())
}

/// The hashes of the tiles of a level whose number is in `numbers`, by number.
pub(crate) async fn tiles<C: ConnectionTrait>(
    db: &C,
    level: u8,
    numbers: Range<u64>,
) -> Result<BTreeMap<u64, Vec<u8>>, AuditError> {
    let rows = tile::Entity::find()
        .filter(tile::Column::Level.eq(i16::from(level)))
        .filter(tile::Column::Number.gte(number(numbers.start)?))
        .filter(tile::Column::Number.lt(number(numbers.end)?))
        .all(db)
        .await
        .map_err(AuditError::db("read the tiles of the audit log"))?;
    let numbered = |row: tile::Model| Some((u64::try_from(row.number).ok()?, row.hashes));
    Ok(rows.into_iter().filter_map(numbered).collect())
}

/// How many tiles are stored.
pub(crate) async fn count_tiles<C: ConnectionTrait>(db: &C) -> Result<u64, AuditError> {
    tile::Entity::find().count(db).await.map_err(AuditError::db("count the tiles of the audit log"))
}

/// A number as the database keeps it.
pub(crate) fn number(number: u64) -> Result<i64, AuditError> {
    i64::try_from(number).map_err(|_| AuditError::Full)
}

/// The tree that a head was signed of, from its stored edge.
pub(crate) async fn tree<C: ConnectionTrait>(db: &C, head: &Stored) -> Result<Tree, AuditError> {
    let mut edge = Vec::new();
    for partial in trust::log::edge(head.size) {
        let stored = tiles(db, partial.level, partial.number..partial.number + 1).await?;
        let hashes = stored.into_values().next().unwrap_or_default();
        edge.push(Tile { level: partial.level, number: partial.number, hashes });
    }
    let changed = || AuditError::Changed { size: head.size };
    let tree = Tree::from_edge(head.size, edge).map_err(|_| changed())?;
    let root: &Hash = &tree.root();
    if root.as_slice() == head.root.as_slice() { Ok(tree) } else { Err(changed()) }
}
