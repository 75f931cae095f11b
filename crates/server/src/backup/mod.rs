//! Backups: the data folder and the database as they were at one moment, in a folder that can be checked.
//!
//! ```text
//! backup.json    what it is, and size and hash of every file; written last
//! data/          the data folder, without the keys unless they were asked for
//! database/      huimin.db, or postgres.dump
//! ```
//!
//! The run lock is held meanwhile, so that no run publishes; the console goes on. The database is copied last: it
//! may know of acts that came after the files, never the other way round.

mod files;
mod inventory;
mod restore;

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use engine::{DataFolder, EngineError, Manifest, Tables};
use jiff::Timestamp;
use store::StoreError;
use store::sea_orm::DatabaseConnection;

use self::files::{copy, flush_folder, list};
pub use self::inventory::{FileEntry, Inventory};
pub use self::restore::{check_backup, restore};

/// The file that says what a backup is.
const INVENTORY: &str = "backup.json";
const DATA: &str = "data";
const OWN_FILE: &str = "database/huimin.db";
const DUMP: &str = "database/postgres.dump";

/// Why a backup can't be made, or not be used.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The place is taken.
    #[error("`{path}` is there already and is not empty; give another folder")]
    Exists {
        /// The folder.
        path: PathBuf,
    },
    /// A backup within what it is of.
    #[error("`{path}` lies in the data folder; give a folder elsewhere, best on another disk")]
    Within {
        /// The folder.
        path: PathBuf,
    },
    /// The keys are not those of the backup.
    #[error(
        "the keys are not those of this backup ({reason}); give the folder that they were kept in by --keys"
    )]
    WrongKeys {
        /// What is wrong with them.
        reason: String,
    },
    /// The backup is not what was written.
    #[error("the backup `{path}` is damaged: {reason}; nothing was restored. Use another backup")]
    Damaged {
        /// The backup.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The backup is of a newer program.
    #[error(
        "the backup `{path}` has format {format}, this program knows {known}; use the newer program that wrote it"
    )]
    Newer {
        /// The backup.
        path: PathBuf,
        /// Its format.
        format: u32,
        /// What this program knows.
        known: u32,
    },
    /// The keys are not in the backup.
    #[error("the keys are not in the backup; give the folder that they were kept in by --keys")]
    NoKeys,
    /// The database was on a server.
    #[error(
        "the database of this backup was on a server; give an empty one by --database or HUIMIN_DATABASE"
    )]
    NoServer,
    /// The database was a file.
    #[error(
        "the database of this backup was a file in the data folder; leave --database and HUIMIN_DATABASE out"
    )]
    OwnFile,
    /// A file can't be read or written.
    #[error("failed to {what} `{path}`")]
    Io {
        /// The verb.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The data folder can't be used.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The database can't be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn failed(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> BackupError {
    let path = path.to_owned();
    move |source| BackupError::Io { what, path, source }
}

/// How far a backup or its way back has got, in bytes, and of how many.
pub type Progress<'a> = &'a (dyn Fn(u64, u64) + Sync);

/// Makes a backup in the folder `to`, which is not there yet.
///
/// # Errors
///
/// [`BackupError::Exists`], [`EngineError::Locked`] while a run works, and whatever keeps a file from being read or
/// written. `to` is not there then.
pub async fn backup(
    folder: &DataFolder,
    database: (&DatabaseConnection, Option<&str>),
    to: &Path,
    with_keys: bool,
    at: Timestamp,
    progress: Progress<'_>,
) -> Result<Inventory, BackupError> {
    let _lock = folder.lock()?;
    let published = Manifest::current(folder)?;
    check_tables(folder, published.as_ref()).await?;
    let partial = begin(to)?;
    let within = is_within(&partial, folder.root());
    let made = match within {
        Ok(true) => Err(BackupError::Within { path: to.to_owned() }),
        Err(error) => Err(error),
        Ok(false) => write(folder, database, &partial, with_keys, (at, published), progress).await,
    };
    let inventory = made.inspect_err(|_| drop(fs::remove_dir_all(&partial)))?;
    finish(&partial, to)?;
    Ok(inventory)
}

/// Whether a folder lies in another one.
fn is_within(inner: &Path, outer: &Path) -> Result<bool, BackupError> {
    let inner = fs::canonicalize(inner).map_err(failed("look at", inner))?;
    let outer = fs::canonicalize(outer).map_err(failed("look at", outer))?;
    Ok(inner.starts_with(outer))
}

/// A folder that is damaged already is no backup of anything.
async fn check_tables(
    folder: &DataFolder,
    published: Option<&Manifest>,
) -> Result<(), BackupError> {
    let tables = Tables::new(folder);
    for (table, version) in published.into_iter().flat_map(|manifest| &manifest.tables) {
        tables.provider(table, *version).await?;
    }
    Ok(())
}

/// An empty folder beside `to` that only the owner may enter, and that gets its name in the end.
fn begin(to: &Path) -> Result<PathBuf, BackupError> {
    let taken = match fs::read_dir(to) {
        Ok(mut entries) => entries.next().is_some(),
        Err(error) => error.kind() != io::ErrorKind::NotFound,
    };
    let Some(name) = to.file_name().filter(|_| !taken) else {
        return Err(BackupError::Exists { path: to.to_owned() });
    };
    let parent = to.parent().filter(|parent| !parent.as_os_str().is_empty());
    let parent = parent.unwrap_or(Path::new("."));
    fs::create_dir_all(parent).map_err(failed("make the folder", parent))?;
    // A name that nobody else has: what lies beside is never touched.
    let mut partial = name.to_owned();
    partial.push(format!(".partial-{}", std::process::id()));
    let partial = parent.join(partial);
    DirBuilder::new().mode(0o700).create(&partial).map_err(failed("make the folder", &partial))?;
    Ok(partial)
}

/// Gives a finished folder its name, or removes it.
fn finish(partial: &Path, to: &Path) -> Result<(), BackupError> {
    let named = || {
        if to.exists() {
            fs::remove_dir(to).map_err(failed("take the place of", to))?;
        }
        fs::rename(partial, to).map_err(failed("name the finished folder", to))?;
        flush_folder(to.parent().unwrap_or(to))
    };
    named().inspect_err(|_| drop(fs::remove_dir_all(partial)))
}

async fn write(
    folder: &DataFolder,
    (db, url): (&DatabaseConnection, Option<&str>),
    to: &Path,
    with_keys: bool,
    (at, published): (Timestamp, Option<Manifest>),
    progress: Progress<'_>,
) -> Result<Inventory, BackupError> {
    let wanted = |path: &Path| {
        let first = path.components().next().map(|part| part.as_os_str().to_owned());
        let first = first.unwrap_or_default();
        let first = first.to_string_lossy();
        // The database is copied by itself, the lock is ours, deliveries on their way have no name yet.
        !(first.starts_with("huimin.db")
            || first == "lock"
            // The head that was seen last is of the folder that it was seen in.
            || first == "AUDIT"
            || (first == "keys" && !with_keys)
            || path.starts_with("raw/incoming"))
    };
    let found: Vec<_> = list(folder.root())?.into_iter().filter(|(path, _)| wanted(path)).collect();
    let total = found.iter().map(|(_, bytes)| bytes).sum();
    let mut files = Vec::with_capacity(found.len() + 1);
    let mut done = 0;
    for (path, _) in found {
        let name = Path::new(DATA).join(&path);
        let entry = copy(&folder.root().join(&path), &to.join(&name), &name)?;
        done += entry.bytes;
        progress(done, total);
        files.push(entry);
    }
    let (name, url) = match url {
        Some(url) => (DUMP, url.to_owned()),
        None => (OWN_FILE, store::sqlite_url(&folder.database_file())),
    };
    let file = to.join(name);
    let parent = file.parent().unwrap_or(to);
    fs::create_dir_all(parent).map_err(failed("make the folder", parent))?;
    store::dump::dump(db, &url, &file).await?;
    files.push(files::describe(&file, Path::new(name))?);
    let inventory = Inventory::new(at, with_keys, published.as_ref(), files);
    inventory.write(&to.join(INVENTORY))?;
    flush_folder(to)?;
    Ok(inventory)
}
