//! The raw store: delivered bytes, kept under their SHA-256.
//!
//! Files are copied, not linked: a sender who writes the file anew in place must not change what
//! was received. Everything later reads the kept bytes, so that a rebuild sees what the first
//! reading saw.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::IntakeError;
use crate::feeds::Announced;
use crate::state::write_hex;

/// Folder for files in the making.
const INCOMING: &str = "incoming";
/// Bytes read at once.
const PART: usize = 1 << 20;
/// Digits of a hash in a message.
const SHOWN: usize = 12;

/// Where the bytes with this hash are.
pub(crate) fn path(raw: &Path, sha256: &str) -> PathBuf {
    raw.join(sha256.get(..2).unwrap_or("00")).join(sha256)
}

/// Removes what a killed run left half-copied.
pub(crate) fn clean_up(raw: &Path) -> Result<(), IntakeError> {
    let incoming = raw.join(INCOMING);
    match fs::remove_dir_all(&incoming) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(IntakeError::io("clean up", incoming)(error))
        }
        _ => Ok(()),
    }
}

/// Keeps a delivery's bytes and returns their hash.
///
/// # Errors
///
/// When the file is missing, empty, or not what its manifest announces.
pub(crate) fn keep(raw: &Path, delivery: &Announced) -> Result<String, IntakeError> {
    let source = &delivery.path;
    let dataset = || delivery.dataset.clone();
    let mut file = File::open(source).map_err(|error| {
        if error.kind() == io::ErrorKind::NotFound {
            IntakeError::MissingFile { dataset: dataset(), path: source.clone() }
        } else {
            IntakeError::io("open", source)(error)
        }
    })?;
    let size = file.metadata().map_err(IntakeError::io("look at", source))?.len();
    if size == 0 {
        return Err(IntakeError::EmptyFile { dataset: dataset(), path: source.clone() });
    }
    if let Some(hash) = &delivery.sha256 {
        let kept = path(raw, hash);
        // The announced bytes are here already, complete because they came by a rename.
        if fs::metadata(&kept).is_ok_and(|kept| kept.len() == size) && digest(source)? == *hash {
            return Ok(hash.clone());
        }
    }
    let incoming = raw.join(INCOMING);
    fs::create_dir_all(&incoming).map_err(IntakeError::io("make the folder", &incoming))?;
    let temporary = incoming.join(format!("{}-{}", delivery.period, delivery.file));
    let mut copy = File::create(&temporary).map_err(IntakeError::io("create", &temporary))?;
    let mut hasher = Sha256::new();
    let mut part = vec![0; PART];
    loop {
        let read = file.read(&mut part).map_err(IntakeError::io("read", source))?;
        let Some(bytes) = part.get(..read).filter(|bytes| !bytes.is_empty()) else {
            break;
        };
        hasher.update(bytes);
        copy.write_all(bytes).map_err(IntakeError::io("write", &temporary))?;
    }
    let found = hex(&hasher.finalize());
    if let Some(expected) = &delivery.sha256
        && *expected != found
    {
        return Err(IntakeError::Checksum {
            dataset: dataset(),
            path: source.clone(),
            expected: expected.chars().take(SHOWN).collect(),
            found: found.chars().take(SHOWN).collect(),
        });
    }
    copy.sync_all().map_err(IntakeError::io("flush", &temporary))?;
    let kept = path(raw, &found);
    let folder = kept.parent().unwrap_or(raw);
    fs::create_dir_all(folder).map_err(IntakeError::io("make the folder", folder))?;
    fs::rename(&temporary, &kept).map_err(IntakeError::io("keep the bytes at", &kept))?;
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(IntakeError::io("flush the folder", folder))?;
    Ok(found)
}

fn digest(path: &Path) -> Result<String, IntakeError> {
    let mut file = File::open(path).map_err(IntakeError::io("open", path))?;
    let mut hasher = Sha256::new();
    let mut part = vec![0; PART];
    loop {
        let read = file.read(&mut part).map_err(IntakeError::io("read", path))?;
        match part.get(..read) {
            Some(bytes) if !bytes.is_empty() => hasher.update(bytes),
            _ => return Ok(hex(&hasher.finalize())),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    write_hex(bytes, &mut text);
    text
}
