//! The manifest of a month's deliveries.

use std::path::Path;

use serde::Serialize;

use crate::error::SimError;

/// One file of a month.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Delivery {
    pub(crate) dataset: &'static str,
    pub(crate) file: String,
    /// The day whose state it shows.
    pub(crate) as_of: String,
    pub(crate) received: String,
    pub(crate) sequence: u32,
    /// `full` or `delta`.
    pub(crate) kind: &'static str,
    /// Rows in the file, repeated and broken ones included, without the header.
    pub(crate) rows: u64,
    pub(crate) sha256: String,
}

#[derive(Serialize)]
struct Manifest<'a> {
    period: &'a str,
    deliveries: &'a [Delivery],
}

/// Writes `manifest.json` into the month's folder.
pub(crate) fn write_manifest(
    folder: &Path,
    period: &str,
    deliveries: &[Delivery],
) -> Result<(), SimError> {
    let path = folder.join("manifest.json");
    // Texts and numbers only: this can't fail.
    let mut text =
        serde_json::to_string_pretty(&Manifest { period, deliveries }).unwrap_or_default();
    text.push('\n');
    std::fs::write(&path, text).map_err(SimError::file("write", &path))
}
