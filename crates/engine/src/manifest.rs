//! The manifest: which version of every table is published.

use std::fs;
use std::io;
use std::path::PathBuf;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use vocab::Period;

use crate::folder::{sync_dir, write_atomically};
use crate::{DataFolder, EngineError, Tables, Versions};

/// One published state of the data plane.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// 1 for the first one; each publication counts up.
    pub number: u64,
    /// Hash of the run's inputs; the same inputs give the same run id.
    pub run_id: String,
    /// The latest period that was decided.
    pub period: Period,
    /// What was known: deliveries received up to this day.
    pub known_at: Date,
    /// Hash of the city pack.
    pub pack_hash: String,
    /// Version of the program.
    pub code_version: String,
    /// Version of each table.
    pub tables: Versions,
    /// Folder name of the person search index under `index/`.
    pub index: Option<String>,
    /// Folder name under `linkage/` of what the next linking goes on from.
    #[serde(default)]
    pub linkage: Option<String>,
    /// What each period's decisions were computed with, by period.
    #[serde(default)]
    pub periods: std::collections::BTreeMap<String, PeriodRun>,
    /// Milliseconds and counts of each step of the run, for the overview.
    #[serde(default)]
    pub steps: Vec<Step>,
}

/// The run that decided a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeriodRun {
    /// The run's id.
    pub run_id: String,
    /// What it knew.
    pub known_at: Date,
    /// The pack that it used.
    pub pack_hash: String,
    /// The program that it ran.
    pub code_version: String,
    /// Table versions that its decisions were computed from. They are never vacuumed.
    pub tables: Versions,
    /// The run's steps.
    pub steps: Vec<Step>,
}

/// One step of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// `ingest`, `link`, `decide`, `list`.
    pub id: String,
    /// Wall time.
    pub ms: u64,
    /// What it worked on: rows, records, subjects, items.
    pub items: u64,
    /// The parts of the step, in their order; none when it has no parts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stages: Vec<Stage>,
}

/// A part of a step, such as reading records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stage {
    /// What was done.
    pub id: String,
    /// Wall time.
    pub ms: u64,
}

impl Manifest {
    /// The published manifest, or `None` in a new data folder.
    ///
    /// # Errors
    ///
    /// When a file can't be read or is damaged.
    pub fn current(folder: &DataFolder) -> Result<Option<Self>, EngineError> {
        let pointer = folder.root().join("CURRENT");
        let missing = |error: &io::Error| error.kind() == io::ErrorKind::NotFound;
        let name = match fs::read_to_string(&pointer) {
            Ok(name) => name,
            // A run that ended before its first publication leaves one manifest, which nobody saw.
            Err(error) if missing(&error) && !manifests(folder).join(file_name(2)).exists() => {
                return Ok(None);
            }
            Err(error) if missing(&error) => {
                let reason = "it is missing, though runs were published".to_owned();
                return Err(EngineError::Damaged { path: pointer, reason });
            }
            Err(source) => return Err(EngineError::Io { what: "read", path: pointer, source }),
        };
        let path = manifests(folder).join(name.trim());
        let text = match fs::read_to_string(&path) {
            Err(error) if missing(&error) => {
                let reason = format!("it names `{}`, which is not there", path.display());
                return Err(EngineError::Damaged { path: pointer, reason });
            }
            text => text.map_err(EngineError::io("read", &path))?,
        };
        serde_json::from_str(&text)
            .map(Some)
            .map_err(|error| EngineError::Damaged { path, reason: error.to_string() })
    }

    /// The published manifest.
    ///
    /// # Errors
    ///
    /// [`EngineError::NothingPublished`] in a data folder without a finished run.
    pub fn published(folder: &DataFolder) -> Result<Self, EngineError> {
        Self::current(folder)?
            .ok_or_else(|| EngineError::NothingPublished { path: folder.root().to_owned() })
    }

    /// Publishes this manifest: from now on readers see its table versions, all at once.
    ///
    /// The table logs are flushed first, so that after a power cut the manifest never names a
    /// version that is not there.
    ///
    /// # Errors
    ///
    /// When a file can't be written; what readers see is then as before.
    pub fn publish(&self, folder: &DataFolder) -> Result<(), EngineError> {
        let tables = Tables::new(folder);
        for (table, version) in &self.tables {
            tables.sync_log(table, *version)?;
        }
        let name = file_name(self.number);
        let text = serde_json::to_vec_pretty(self).map_err(|error| EngineError::Damaged {
            path: manifests(folder).join(&name),
            reason: error.to_string(),
        })?;
        write_atomically(&manifests(folder).join(&name), &text)?;
        write_atomically(&folder.root().join("CURRENT"), name.as_bytes())?;
        sync_dir(folder.root())
    }
}

fn manifests(folder: &DataFolder) -> PathBuf {
    folder.root().join("manifests")
}

fn file_name(number: u64) -> String {
    format!("{number:08}.json")
}
