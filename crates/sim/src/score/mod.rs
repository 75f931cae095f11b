//! The score: what the main job found, against the truth.
//!
//! The truth lies in files that only this module reads. It says which record speaks of which true
//! person, who is entitled to what, and the *ceiling*: what perfect linking could have found with the
//! facts that deliveries had brought by then.

mod policies;
mod registry;
mod truth;

use std::path::{Path, PathBuf};

use engine::{DataFolder, Manifest, Snapshot, Tables};
use serde::Serialize;
use vocab::Period;

pub use policies::PolicyScore;
pub use registry::RegistryScore;

/// The score of one period.
#[derive(Debug, Clone, Serialize)]
pub struct Score {
    /// The period.
    pub period: Period,
    /// How well records were linked.
    pub registry: RegistryScore,
    /// How well each policy was decided.
    pub policies: Vec<PolicyScore>,
    /// All policies together.
    pub total: PolicyScore,
}

/// What can go wrong while scoring.
#[derive(Debug, thiserror::Error)]
pub enum ScoreError {
    /// The data folder can't be read.
    #[error(transparent)]
    Engine(#[from] engine::EngineError),
    /// A truth file can't be read.
    #[error("truth file `{path}`: {reason}; make the city again with `huimin sim generate`")]
    Truth {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The period was not decided in this data folder.
    #[error(
        "{period} has no decisions in this data folder; run `huimin run --period {period}` first"
    )]
    NotDecided {
        /// The period.
        period: Period,
    },
}

/// Compares the registry that a period was decided with, and its decisions, with the truth.
///
/// # Errors
///
/// When the period has not been decided, or a file can't be read.
pub async fn score(truth: &Path, data: &Path, period: Period) -> Result<Score, ScoreError> {
    let folder = DataFolder::open(data)?;
    let manifest = Manifest::published(&folder)?;
    let run = manifest.periods.get(&period.to_string()).ok_or(ScoreError::NotDecided { period })?;
    let snapshot = Snapshot::new(Tables::new(&folder), run.tables.clone(), 2);
    let (registry, people) = registry::score(&snapshot, truth, period).await?;
    let policies = policies::score(&snapshot, truth, period, &people).await?;
    let total = PolicyScore::total(&policies);
    Ok(Score { period, registry, policies, total })
}
