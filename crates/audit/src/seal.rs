//! Giving entries their place in the log.

use jiff::Timestamp;
use rand::RngCore;
use store::audit::{Seal, SealedEntry};
use store::bulk::{Bulk, OnConflict};
use store::sea_orm::{
    ActiveValue, ConnectionTrait, DatabaseConnection, DbBackend, EntityTrait as _,
};
use store::{begin_write, instant_text};
use trust::log::{Head, LogKey, LogVerifier, Tile, Tree, open_checkpoint};

use crate::entity::checkpoint;
use crate::leaf::{SALT, hash};
use crate::{AuditError, read};

/// Entries that one transaction seals.
const BATCH: u64 = 5_000;

/// What sealing has done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The head of the log; `None` as long as nothing was ever sealed.
    pub head: Option<Head>,
    /// How many entries were given their place now.
    pub entries: u64,
}

/// Seals all entries that have no place in the log yet, some thousands a transaction.
///
/// Several programs may do it at once; each entry gets one place. `known` is a head that the caller has seen: a log
/// that does not have it is an old copy, or was written anew, and is not signed.
///
/// # Errors
///
/// [`AuditError::Changed`] when what is stored of the log is not what was signed, [`AuditError::OtherKey`] when
/// it was signed with another key, and failures of the database.
/// What an earlier transaction has sealed stays sealed.
pub async fn seal(
    db: &DatabaseConnection,
    key: &LogKey,
    known: Option<Head>,
    at: Timestamp,
    random: &mut (dyn RngCore + Send),
) -> Result<Sealed, AuditError> {
    let mut entries = 0;
    loop {
        let (head, sealed) = seal_some(db, key, known, at, random).await?;
        entries += sealed;
        if sealed < BATCH {
            return Ok(Sealed { head, entries });
        }
    }
}

/// The head that was signed last, as a signed note: what others keep to prove the log by. `None` when nothing was
/// ever sealed.
///
/// # Errors
///
/// When the database fails.
pub async fn checkpoint<C: ConnectionTrait>(db: &C) -> Result<Option<String>, AuditError> {
    Ok(read::last(db).await?.map(|last| last.note))
}

async fn seal_some(
    db: &DatabaseConnection,
    key: &LogKey,
    known: Option<Head>,
    at: Timestamp,
    random: &mut (dyn RngCore + Send),
) -> Result<(Option<Head>, u64), AuditError> {
    // Most often there is nothing to do, and nobody has to wait for that.
    if store::audit::unsealed(db, 1).await?.is_empty() {
        let last = read::last(db).await?;
        return Ok((last.and_then(|last| head(&last)), 0));
    }
    let transaction = begin_write(db).await?;
    alone(&transaction).await?;
    let last = read::last(&transaction).await?;
    if let Some(known) = known.filter(|known| known.size > 0) {
        let there = read::checkpoints(&transaction, known.size..known.size + 1).await?;
        if there.first().and_then(head) != Some(known) {
            return Err(AuditError::Replaced { size: known.size });
        }
    }
    let mut tree = match &last {
        Some(last) => {
            let own = LogVerifier::parse(key.verifier_key())?;
            open_checkpoint(last.note.as_bytes(), &own, &[]).map_err(|_| AuditError::OtherKey)?;
            read::tree(&transaction, last).await?
        }
        None => Tree::new(),
    };
    let entries = store::audit::unsealed(&transaction, BATCH).await?;
    if entries.is_empty() {
        return Ok((last.and_then(|last| head(&last)), 0));
    }
    let count = entries.len() as u64;
    let at = not_before(&transaction, &tree, at).await?;
    let sealed_at = instant_text(at);
    let mut seals = Vec::with_capacity(entries.len());
    let mut tiles = Vec::new();
    for entry in entries {
        let mut salt = vec![0; SALT];
        random.fill_bytes(&mut salt);
        let leaf = read::number(tree.size())?;
        let sealed = SealedEntry { entry, leaf, salt, sealed_at: sealed_at.clone() };
        tiles.extend(tree.push(hash(&sealed)));
        seals.push(Seal { id: sealed.entry.id, leaf, salt: sealed.salt });
    }
    tiles.extend(tree.partial());
    store::audit::seal(&transaction, &seals, at).await?;
    write_tiles(&transaction, tiles).await?;
    let head = Head { size: tree.size(), root: tree.root() };
    write_checkpoint(&transaction, head, &key.sign(head)?).await?;
    transaction.commit().await.map_err(AuditError::db("commit the sealed entries"))?;
    Ok((Some(head), count))
}

/// The moment of sealing: `at`, or that of the last leaf when another program with a clock a little ahead has come
/// first.
async fn not_before<C: ConnectionTrait>(
    db: &C,
    tree: &Tree,
    at: Timestamp,
) -> Result<Timestamp, AuditError> {
    let next = read::number(tree.size())?;
    let last = store::audit::sealed(db, next - 1..next).await?.pop();
    let last = last.and_then(|last| last.sealed_at.parse::<Timestamp>().ok());
    Ok(last.map_or(at, |last| last.max(at)))
}

/// Waits until no other program seals.
async fn alone<C: ConnectionTrait>(db: &C) -> Result<(), AuditError> {
    // On SQLite a transaction that writes has the whole database for itself.
    if db.get_database_backend() == DbBackend::Postgres {
        // Any number will do, as long as every version of the program uses the same.
        // A server that has vanished holds its lock until the database notices.
        db.execute_unprepared("SET LOCAL lock_timeout = '20s'")
            .await
            .map_err(AuditError::db("limit how long sealing waits"))?;
        db.execute_unprepared("SELECT pg_advisory_xact_lock(4401000003)")
            .await
            .map_err(AuditError::db("wait for another program to finish sealing"))?;
    }
    Ok(())
}

async fn write_tiles<C: ConnectionTrait>(db: &C, tiles: Vec<Tile>) -> Result<(), AuditError> {
    let bulk = Bulk {
        table: "audit_tile",
        columns: &["level", "number", "hashes"],
        on_conflict: OnConflict::Replace { key: &["level", "number"] },
    };
    let mut rows = Vec::with_capacity(tiles.len());
    for tile in tiles {
        let number = read::number(tile.number)?;
        rows.push(vec![i16::from(tile.level).into(), number.into(), tile.hashes.into()]);
    }
    bulk.write(db, rows).await?;
    Ok(())
}

async fn write_checkpoint<C: ConnectionTrait>(
    db: &C,
    head: Head,
    note: &[u8],
) -> Result<(), AuditError> {
    let row = checkpoint::ActiveModel {
        size: ActiveValue::Set(read::number(head.size)?),
        root: ActiveValue::Set(head.root.to_vec()),
        note: ActiveValue::Set(String::from_utf8_lossy(note).into_owned()),
    };
    checkpoint::Entity::insert(row)
        .exec_without_returning(db)
        .await
        .map_err(AuditError::db("store the checkpoint"))?;
    Ok(())
}

fn head(stored: &read::Stored) -> Option<Head> {
    Some(Head { size: stored.size, root: stored.root.as_slice().try_into().ok()? })
}
