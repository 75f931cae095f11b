//! Reading the truth's files.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use vocab::Period;

use super::ScoreError;

/// A record and the true person it speaks of.
#[derive(Debug, Deserialize)]
pub(super) struct TrueRecord {
    pub(super) record_id: String,
    pub(super) person: u64,
    /// 1 for rows that no one can read.
    #[serde(default)]
    pub(super) broken: u8,
}

#[derive(Debug, Deserialize)]
struct TrueEntitlement {
    policy: String,
    subject: u64,
    amount_fen: i64,
}

#[derive(Debug, Deserialize)]
struct TrueCause {
    policy: String,
    subject: u64,
    kind: String,
    cause: String,
}

/// Amounts by policy and subject.
pub(super) type Entitlements = BTreeMap<String, HashMap<u64, i64>>;
/// Why the ceiling differs from the truth, by (policy, subject, kind).
pub(super) type Causes = HashMap<(String, u64, String), String>;

/// All records that deliveries up to `period` brought.
pub(super) fn records(truth: &Path, period: Period) -> Result<Vec<TrueRecord>, ScoreError> {
    let folder = truth.join("records");
    let mut names: Vec<_> = std::fs::read_dir(&folder)
        .map_err(|error| ScoreError::Truth { path: folder.clone(), reason: error.to_string() })?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| {
            path.file_stem()
                .and_then(|stem| stem.to_str())
                .and_then(|stem| Period::parse(stem).ok())
                .is_some_and(|month| month <= period)
        })
        .collect();
    names.sort();
    let mut all = Vec::new();
    for path in names {
        all.extend(read::<TrueRecord>(&path)?);
    }
    Ok(all)
}

/// `entitlements` or `ceiling` of a period.
pub(super) fn entitlements(
    truth: &Path,
    what: &str,
    period: Period,
) -> Result<Entitlements, ScoreError> {
    let mut all = Entitlements::new();
    for row in read::<TrueEntitlement>(&truth.join(what).join(format!("{period}.csv")))? {
        all.entry(row.policy).or_default().insert(row.subject, row.amount_fen);
    }
    Ok(all)
}

/// The causes of a period.
pub(super) fn causes(truth: &Path, period: Period) -> Result<Causes, ScoreError> {
    Ok(read::<TrueCause>(&truth.join("causes").join(format!("{period}.csv")))?
        .into_iter()
        .map(|row| ((row.policy, row.subject, row.kind), row.cause))
        .collect())
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, ScoreError> {
    let failed =
        |error: csv::Error| ScoreError::Truth { path: path.to_owned(), reason: error.to_string() };
    csv::Reader::from_path(path)
        .map_err(failed)?
        .deserialize()
        .collect::<Result<_, _>>()
        .map_err(failed)
}
