//! The way back: a backup is checked as a whole before a file of it is used.

use std::collections::BTreeSet;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Component, Path};

use engine::{DataFolder, Manifest};

use crate::KeySource;

use super::files::{copy, flush_folder, list};
use super::{
    BackupError, DATA, DUMP, INVENTORY, Inventory, OWN_FILE, Progress, begin, check_tables, failed,
    finish,
};

/// Reads a whole backup and compares it with what was written.
///
/// # Errors
///
/// [`BackupError::Damaged`] for the first thing that is missing, too much, or changed.
pub fn check_backup(from: &Path, progress: Progress<'_>) -> Result<Inventory, BackupError> {
    let inventory = Inventory::read(from)?;
    let damaged = |reason: String| BackupError::Damaged { path: from.to_owned(), reason };
    let expected: BTreeSet<&str> = inventory.files.iter().map(|file| file.path.as_str()).collect();
    for path in &expected {
        // What is restored stays within its folder.
        let within = |part: Component<'_>| matches!(part, Component::Normal(_));
        if !Path::new(path).components().all(within) {
            return Err(damaged(format!("it names `{path}`")));
        }
    }
    for (path, _) in list(from)? {
        let name = path.to_string_lossy();
        if name != INVENTORY && !expected.contains(&*name) {
            return Err(damaged(format!("`{name}` was not written with it")));
        }
    }
    let total = inventory.bytes();
    let mut done = 0;
    for file in &inventory.files {
        inventory.check(from, file)?;
        done += file.bytes;
        progress(done, total);
    }
    Ok(inventory)
}

/// Makes a data folder and its database from a backup. `data` is not there yet; a database on a server is empty.
/// `keys` is the folder that the keys were kept in, when they are neither in the backup nor given by `source`.
///
/// # Errors
///
/// [`BackupError`]; `data` is not there then, and a database on a server is as it was, or, when only the last
/// steps failed, to be emptied.
pub async fn restore(
    from: &Path,
    data: &Path,
    url: Option<&str>,
    keys: Option<&Path>,
    source: &KeySource,
    progress: Progress<'_>,
) -> Result<Inventory, BackupError> {
    let inventory = check_backup(from, progress)?;
    let on_server = inventory.files.iter().any(|file| file.path == DUMP);
    match (on_server, url) {
        (true, None) => return Err(BackupError::NoServer),
        (false, Some(_)) => return Err(BackupError::OwnFile),
        _ => {}
    }
    if !inventory.with_keys && keys.is_none() && source.is_folder() {
        return Err(BackupError::NoKeys);
    }
    let partial = begin(data)?;
    let made = fill(from, &inventory, &partial, url, (keys, source), progress).await;
    made.inspect_err(|_| drop(fs::remove_dir_all(&partial)))?;
    finish(&partial, data)?;
    Ok(inventory)
}

async fn fill(
    from: &Path,
    inventory: &Inventory,
    to: &Path,
    url: Option<&str>,
    (keys, source): (Option<&Path>, &KeySource),
    progress: Progress<'_>,
) -> Result<(), BackupError> {
    let total = inventory.bytes();
    let mut done = 0;
    for file in &inventory.files {
        let target = match Path::new(&file.path).strip_prefix(DATA) {
            Ok(path) => to.join(path),
            Err(_) if file.path == OWN_FILE => to.join("huimin.db"),
            Err(_) => continue,
        };
        copy(&from.join(&file.path), &target, Path::new(&file.path))?;
        done += file.bytes;
        progress(done, total);
    }
    // Git and other tools do not keep empty folders either.
    for folder in ["keys", "raw", "tables", "manifests", "index"] {
        let path = to.join(folder);
        fs::create_dir_all(&path).map_err(failed("make the folder", &path))?;
    }
    if let Some(keys) = keys {
        for (name, _) in list(keys)? {
            copy(&keys.join(&name), &to.join("keys").join(&name), &name)?;
        }
    }
    protect(&to.join("keys"))?;
    let folder = DataFolder::open(to)?;
    check_keys(&folder, source)?;
    check_tables(&folder, Manifest::current(&folder)?.as_ref()).await?;
    match url {
        Some(url) => store::dump::load_postgres(url, &from.join(DUMP)).await?,
        None => {
            let db = store::connect(&store::sqlite_url(&folder.database_file())).await?;
            store::dump::check(&db).await?;
            db.close().await.map_err(store::StoreError::db("close the database"))?;
        }
    }
    flush_folder(to)
}

/// Without its keys a folder would be given new ones, which open nothing.
fn check_keys(folder: &DataFolder, source: &KeySource) -> Result<(), BackupError> {
    let wrong = |error: trust::TrustError| BackupError::WrongKeys { reason: error.to_string() };
    if Manifest::current(folder)?.is_some() {
        source.column(folder).map_err(wrong)?;
    }
    source.audit(folder, "huimin").map_err(wrong)?;
    Ok(())
}

/// Only the owner may read keys, whatever a copy has made of their rights.
fn protect(keys: &Path) -> Result<(), BackupError> {
    let set = |path: &Path, mode| {
        fs::set_permissions(path, Permissions::from_mode(mode)).map_err(failed("protect", path))
    };
    set(keys, 0o700)?;
    for (name, _) in list(keys)? {
        set(&keys.join(name), 0o600)?;
    }
    Ok(())
}
