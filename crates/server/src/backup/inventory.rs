//! What a backup says of itself.

use std::fs;
use std::path::Path;

use engine::Manifest;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::files::describe;
use super::{BackupError, failed};

/// Counts up when a program could no longer read what an earlier one has written.
const FORMAT: u32 = 1;

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inventory {
    /// Version of this layout.
    pub format: u32,
    /// Version of the program that made it.
    pub code_version: String,
    /// When.
    pub made_at: Timestamp,
    /// Whether the keys are in it.
    pub with_keys: bool,
    /// The run that was published; `None` before the first.
    pub run_id: Option<String>,
    /// The latest month that was decided.
    pub period: Option<String>,
    /// Every file.
    pub files: Vec<FileEntry>,
    /// A hash of everything above.
    pub sum: String,
}

/// A file of a backup.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FileEntry {
    /// Where it lies in the backup.
    pub path: String,
    /// Its size.
    pub bytes: u64,
    /// The hash of its content.
    pub blake3: String,
}

impl Inventory {
    pub(super) fn new(
        made_at: Timestamp,
        with_keys: bool,
        published: Option<&Manifest>,
        files: Vec<FileEntry>,
    ) -> Self {
        let mut inventory = Self {
            format: FORMAT,
            code_version: crate::CODE_VERSION.to_owned(),
            made_at,
            with_keys,
            run_id: published.map(|manifest| manifest.run_id.clone()),
            period: published.map(|manifest| manifest.period.to_string()),
            files,
            sum: String::new(),
        };
        inventory.sum = inventory.computed_sum();
        inventory
    }

    /// Bytes of all files.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }

    fn computed_sum(&self) -> String {
        let unsigned = Self { sum: String::new(), ..self.clone() };
        // Texts and numbers can always be written as JSON.
        let text = serde_json::to_vec(&unsigned).unwrap_or_default();
        blake3::hash(&text).to_hex().to_string()
    }

    pub(super) fn write(&self, path: &Path) -> Result<(), BackupError> {
        let text = serde_json::to_vec_pretty(self).unwrap_or_default();
        fs::write(path, text).map_err(failed("write", path))?;
        fs::File::open(path).and_then(|file| file.sync_all()).map_err(failed("flush", path))
    }

    /// Reads what a backup says of itself, and that nobody has changed it.
    pub(super) fn read(backup: &Path) -> Result<Self, BackupError> {
        let damaged = |reason: String| BackupError::Damaged { path: backup.to_owned(), reason };
        let path = backup.join(super::INVENTORY);
        let text = fs::read(&path)
            .map_err(|error| damaged(format!("backup.json can't be read ({error})")))?;
        let not_one = |error| damaged(format!("backup.json is not what it should be ({error})"));
        let value: serde_json::Value = serde_json::from_slice(&text).map_err(not_one)?;
        let format = value.get("format").and_then(serde_json::Value::as_u64).unwrap_or_default();
        if format > u64::from(FORMAT) {
            let format = u32::try_from(format).unwrap_or(u32::MAX);
            return Err(BackupError::Newer { path: backup.to_owned(), format, known: FORMAT });
        }
        let inventory: Self = serde_json::from_value(value).map_err(not_one)?;
        if inventory.computed_sum() != inventory.sum {
            return Err(damaged("backup.json was changed".to_owned()));
        }
        Ok(inventory)
    }

    /// Compares a file with what it should be.
    pub(super) fn check(&self, backup: &Path, entry: &FileEntry) -> Result<(), BackupError> {
        let damaged = |reason: String| BackupError::Damaged { path: backup.to_owned(), reason };
        let found = describe(&backup.join(&entry.path), Path::new(&entry.path))
            .map_err(|_| damaged(format!("`{}` can't be read", entry.path)))?;
        if found == *entry {
            Ok(())
        } else {
            Err(damaged(format!("`{}` is not what was written", entry.path)))
        }
    }
}
