//! The log as files, in the layout of C2SP `tlog-tiles`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use store::audit::{self, SealedEntry};
use store::sea_orm::ConnectionTrait;
use trust::log::{TILE, Tile, tiles_of};

use crate::{AuditError, leaf, read};

/// Writes the log as it was signed last into `folder`: `checkpoint`, and below `tile/` the hashes and the
/// leaves. Whatever knows the format can check it, and serve it from any web server. Files that are there
/// already are written over; full tiles never change, so that exporting again into the same folder adds to it.
///
/// Gives the number of leaves.
///
/// # Errors
///
/// [`AuditError::Nothing`] when nothing was ever sealed, [`AuditError::Write`] when a file can't be written,
/// and failures of the database.
pub async fn export<C: ConnectionTrait>(db: &C, folder: &Path) -> Result<u64, AuditError> {
    let last = read::last(db).await?.ok_or(AuditError::Nothing)?;
    for tile in tiles_of(last.size) {
        let stored = read::tiles(db, tile.level, tile.number..tile.number + 1).await?;
        // A tile that has grown since the head was signed is cut to what it was then.
        let width = tile.width * size_of::<trust::log::Hash>();
        let hashes = stored.into_values().next().unwrap_or_default();
        let hashes = hashes.get(..width).ok_or(AuditError::Changed { size: last.size })?.to_vec();
        let tile = Tile { level: tile.level, number: tile.number, hashes };
        write(&folder.join(tile.path()), &tile.hashes)?;
        if tile.level == 0 {
            let first = tile.number * TILE as u64;
            let leaves = read::number(first)?..read::number(first + tile.width() as u64)?;
            let entries = audit::sealed(db, leaves).await?;
            write(&folder.join(tile.entries_path()), &bundle(&entries))?;
        }
    }
    // At last, so that a folder never has a head without what it is of.
    write(&folder.join("checkpoint"), last.note.as_bytes())?;
    Ok(last.size)
}

/// Leaves one after the other, each behind its length.
fn bundle(entries: &[SealedEntry]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in entries {
        let leaf = leaf::leaf(entry);
        // A leaf has no part that anybody could make long.
        bytes.extend(u16::try_from(leaf.len()).unwrap_or(u16::MAX).to_be_bytes());
        bytes.extend(leaf);
    }
    bytes
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), AuditError> {
    let failed = |path: &Path| {
        let path: PathBuf = path.to_owned();
        move |source: io::Error| AuditError::Write { path, source }
    };
    let parent = path.parent().unwrap_or(path);
    fs::create_dir_all(parent).map_err(failed(parent))?;
    fs::write(path, bytes).map_err(failed(path))
}
