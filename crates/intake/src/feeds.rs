//! What was delivered: the manifests of the feeds folder.
//!
//! ```text
//! FEEDS/2024-01/manifest.json      what lies in this folder
//! FEEDS/2024-01/<file>             one delivery each
//! ```

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use jiff::civil::Date;
use serde::Deserialize;
use vocab::Period;

use crate::{IntakeError, Kind};

/// A larger manifest is none.
const LARGEST_MANIFEST: u64 = 16 << 20;

/// One delivery as announced.
#[derive(Debug, Clone)]
pub(crate) struct Announced {
    pub(crate) dataset: String,
    pub(crate) period: Period,
    /// The file's name in its folder.
    pub(crate) file: String,
    /// The file itself.
    pub(crate) path: PathBuf,
    pub(crate) manifest: PathBuf,
    pub(crate) kind: Kind,
    pub(crate) as_of: Date,
    pub(crate) received: Date,
    pub(crate) sequence: u32,
    /// Rows that the file should have.
    pub(crate) rows: Option<u64>,
    /// SHA-256 that the file should have, 64 small hexadecimal digits.
    pub(crate) sha256: Option<String>,
}

#[derive(Deserialize)]
struct ManifestFile {
    period: String,
    deliveries: Vec<DeliveryEntry>,
}

#[derive(Deserialize)]
struct DeliveryEntry {
    dataset: String,
    file: String,
    as_of: Date,
    received: Date,
    sequence: u32,
    kind: Kind,
    rows: Option<u64>,
    sha256: Option<String>,
}

/// Reads the manifests of all periods up to `through`, in order.
///
/// # Errors
///
/// [`IntakeError::NoFeeds`] without any, [`IntakeError::Manifest`] when one can't be read.
pub(crate) fn announced(feeds: &Path, through: Period) -> Result<Vec<Announced>, IntakeError> {
    let no_feeds = || IntakeError::NoFeeds { feeds: feeds.to_owned(), through };
    let entries = match fs::read_dir(feeds) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(no_feeds()),
        Err(error) => return Err(IntakeError::io("read the folder", feeds)(error)),
    };
    let mut periods = Vec::new();
    for entry in entries {
        let entry = entry.map_err(IntakeError::io("read the folder", feeds))?;
        // Folders with other names are not ours.
        if let Some(period) = entry.file_name().to_str().and_then(|name| Period::parse(name).ok())
            && period <= through
        {
            periods.push((period, entry.path()));
        }
    }
    if periods.is_empty() {
        return Err(no_feeds());
    }
    periods.sort_unstable_by_key(|(period, _)| *period);
    let mut all = Vec::new();
    for (period, folder) in periods {
        all.extend(manifest(period, &folder)?);
    }
    Ok(all)
}

fn manifest(period: Period, folder: &Path) -> Result<Vec<Announced>, IntakeError> {
    let path = folder.join("manifest.json");
    let fault = |reason: String| IntakeError::Manifest { path: path.clone(), reason };
    let size = match fs::metadata(&path) {
        Ok(metadata) => metadata.len(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(fault("there is none in this folder".to_owned()));
        }
        Err(error) => return Err(IntakeError::io("look at", path)(error)),
    };
    if size > LARGEST_MANIFEST {
        return Err(fault(format!("it is larger than {} MiB", LARGEST_MANIFEST >> 20)));
    }
    let bytes = fs::read(&path).map_err(IntakeError::io("read", &path))?;
    let file: ManifestFile =
        serde_json::from_slice(&bytes).map_err(|error| fault(error.to_string()))?;
    if file.period != period.to_string() {
        return Err(fault(format!("it is for period `{}`, its folder for {period}", file.period)));
    }
    let mut deliveries = Vec::with_capacity(file.deliveries.len());
    for entry in file.deliveries {
        let name = Path::new(&entry.file);
        let mut parts = name.components();
        // A name with folders could reach outside of the feeds.
        if !matches!((parts.next(), parts.next()), (Some(Component::Normal(_)), None)) {
            return Err(fault(format!(
                "delivery of `{}`: `file` must be a file name without folders",
                entry.dataset
            )));
        }
        let sha256 = match entry.sha256 {
            Some(hash) if hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit()) => {
                Some(hash.to_ascii_lowercase())
            }
            Some(_) => {
                return Err(fault(format!(
                    "delivery of `{}`: `sha256` must be 64 hexadecimal digits",
                    entry.dataset
                )));
            }
            None => None,
        };
        if entry.as_of > entry.received {
            return Err(fault(format!(
                "delivery of `{}`: received on {}, before the day {} that it shows",
                entry.dataset, entry.received, entry.as_of
            )));
        }
        deliveries.push(Announced {
            path: folder.join(&entry.file),
            manifest: path.clone(),
            dataset: entry.dataset,
            period,
            file: entry.file,
            kind: entry.kind,
            as_of: entry.as_of,
            received: entry.received,
            sequence: entry.sequence,
            rows: entry.rows,
            sha256,
        });
    }
    Ok(deliveries)
}
