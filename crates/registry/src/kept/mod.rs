//! What linking keeps from run to run, so that the next one has to look at the news only.
//!
//! It is made from the tables and is no source of anything: a run that finds it missing, damaged or
//! of another pack links everybody again, with the same outcome.

mod files;
mod news;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use engine::DataFolder;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tokio::task::JoinHandle;

pub(crate) use news::{Delivery, deliveries};

use crate::RegistryError;
use crate::identity::PersonId;
use crate::index::IndexNews;
use crate::link::{Linked, Model};
use crate::records::Records;

/// Version of the files' layout and of the linking method: one of another number is not gone on with.
const LAYOUT: u32 = 1;

/// What the last run left.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    pub(crate) about: About,
    pub(crate) records: Records,
    pub(crate) linked: Linked,
    /// Version of each record's row in `links`.
    pub(crate) link_version: Vec<u32>,
    /// Person by cluster.
    pub(crate) person: Vec<PersonId>,
    /// Version of each cluster's row in `persons`.
    pub(crate) person_version: Vec<u32>,
}

/// What the published run left, while it is being read.
#[derive(Debug)]
pub struct KeptFiles {
    pub(crate) dir: PathBuf,
    reading: JoinHandle<Option<Kept>>,
}

/// Begins to read what the published run left in the folder `linkage`, which its manifest names: it takes
/// a while, and other steps can go on meanwhile.
///
/// # Panics
///
/// Outside a Tokio runtime.
#[must_use]
pub fn read_kept(folder: &DataFolder, linkage: &str) -> KeptFiles {
    let dir = folder.linkage_dir().join(linkage);
    let from = dir.clone();
    KeptFiles { dir, reading: tokio::task::spawn_blocking(move || Kept::read(&from)) }
}

impl KeptFiles {
    /// What was read; `None` when a file is missing or is not what was written.
    pub(crate) async fn read(self) -> Option<Kept> {
        // A panic while reading is no other than files that can't be read.
        self.reading.await.ok().flatten()
    }
}

/// What it was made from.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct About {
    pub(crate) layout: u32,
    pub(crate) pack_hash: String,
    pub(crate) known_at: Date,
    pub(crate) model: Model,
    /// Counts the runs since the tables were last written as a whole.
    pub(crate) version: u32,
    /// Rows of `links` and of `persons`, and those of them that are closed.
    pub(crate) link_rows: u64,
    pub(crate) closed_links: u64,
    pub(crate) person_rows: u64,
    pub(crate) closed_persons: u64,
    /// Version of the table `links` that this belongs to.
    pub(crate) links: i64,
    pub(crate) deliveries: BTreeSet<Delivery>,
}

impl About {
    pub(crate) fn new(
        pack_hash: &str,
        known_at: Date,
        model: Model,
        deliveries: BTreeSet<Delivery>,
    ) -> Self {
        Self {
            layout: LAYOUT,
            pack_hash: pack_hash.to_owned(),
            known_at,
            model,
            deliveries,
            ..Self::default()
        }
    }

    /// What the published run left; `None` when there is nothing that can be gone on with.
    pub(crate) fn read(dir: &Path, pack_hash: &str, known_at: Date, links: i64) -> Option<Self> {
        files::about(dir).filter(|about| {
            about.layout == LAYOUT
                && about.pack_hash == pack_hash
                && about.known_at <= known_at
                && about.links == links
        })
    }

    /// Whether so many rows are closed that writing the tables anew pays, since every reader has to
    /// leave them out.
    pub(crate) fn is_worn(&self) -> bool {
        self.closed_links * 3 > self.link_rows || self.closed_persons * 3 > self.person_rows
    }
}

/// What linking has still to write: the news in the person search index, and what the next run goes on
/// from.
///
/// Nothing reads it before the manifest names it, so that it can be written beside the steps that follow.
#[derive(Debug)]
pub struct Leftover {
    pub(crate) index: Option<IndexNews>,
    pub(crate) dir: PathBuf,
    pub(crate) kept: Kept,
    /// By record: those that are not kept.
    pub(crate) gone: Vec<bool>,
}

impl Leftover {
    /// Writes the index, and the files without the records that are gone and without empty clusters.
    /// Whatever lay in the folders is replaced.
    ///
    /// # Errors
    ///
    /// When a file can't be written, for instance because the disk is full.
    pub fn write(self) -> Result<(), RegistryError> {
        if let Some(index) = self.index {
            index.build()?;
        }
        files::write(&self.dir, &self.kept, &self.gone)
    }
}

impl Kept {
    /// Reads what [`About::read`] tells of; `None` when a file is missing or is not what was written.
    pub(crate) fn read(dir: &Path) -> Option<Self> {
        files::read(dir)
    }
}

/// Deletes what earlier runs left to go on from; `keep` is what the published one left.
///
/// # Errors
///
/// When a folder can't be read or deleted. Nothing that anybody reads is lost then.
pub fn forget_earlier(folder: &DataFolder, keep: Option<&str>) -> Result<(), RegistryError> {
    let dir = folder.linkage_dir();
    if !dir.exists() {
        return Ok(());
    }
    let io = |what: &'static str, path: &Path| {
        let path = path.to_owned();
        move |source| RegistryError::Io { what, path, source }
    };
    for entry in std::fs::read_dir(&dir).map_err(io("read", &dir))? {
        let path = entry.map_err(io("read", &dir))?.path();
        if path.file_name().and_then(|name| name.to_str()) != keep {
            std::fs::remove_dir_all(&path).map_err(io("delete", &path))?;
        }
    }
    Ok(())
}
