//! Files that are listed, hashed and copied.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use super::inventory::FileEntry;
use super::{BackupError, failed};

/// All files below a folder with their bytes, in the order of their names. Links are not followed.
pub(super) fn list(root: &Path) -> Result<Vec<(PathBuf, u64)>, BackupError> {
    let mut files = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        let at = root.join(&folder);
        for entry in fs::read_dir(&at).map_err(failed("read the folder", &at))? {
            let entry = entry.map_err(failed("read the folder", &at))?;
            let path = folder.join(entry.file_name());
            let kind = entry.metadata().map_err(failed("look at", &at))?;
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() {
                files.push((path, kind.len()));
            } else {
                let source = io::Error::other("it is neither a file nor a folder");
                return Err(failed("copy", &root.join(&path))(source));
            }
        }
    }
    files.sort();
    Ok(files)
}

/// Copies a file, flushes it, and describes what was written under `name`.
pub(super) fn copy(from: &Path, to: &Path, name: &Path) -> Result<FileEntry, BackupError> {
    let parent = to.parent().unwrap_or(to);
    fs::create_dir_all(parent).map_err(failed("make the folder", parent))?;
    let source = File::open(from).map_err(failed("read", from))?;
    let mut target = File::create(to).map_err(failed("write", to))?;
    let entry =
        read(source, name, |bytes| target.write_all(bytes)).map_err(failed("copy", from))?;
    let rights = fs::metadata(from).map_err(failed("look at", from))?.permissions();
    fs::set_permissions(to, rights).map_err(failed("protect", to))?;
    target.sync_all().map_err(failed("flush", to))?;
    Ok(entry)
}

/// Size and hash of a file.
pub(super) fn describe(path: &Path, name: &Path) -> Result<FileEntry, BackupError> {
    let file = File::open(path).map_err(failed("read", path))?;
    read(file, name, |_| Ok(())).map_err(failed("read", path))
}

fn read(
    mut file: File,
    name: &Path,
    mut each: impl FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<FileEntry> {
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; 1 << 20];
    let mut bytes = 0;
    loop {
        let read = file.read(&mut buffer)?;
        let Some(part) = buffer.get(..read).filter(|part| !part.is_empty()) else { break };
        hasher.update(part);
        each(part)?;
        bytes += read as u64;
    }
    let path = name.to_string_lossy().into_owned();
    Ok(FileEntry { path, bytes, blake3: hasher.finalize().to_hex().to_string() })
}

/// Makes sure that what was created in a folder is found there after a power cut.
pub(super) fn flush_folder(folder: &Path) -> Result<(), BackupError> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed("flush", folder))
}
