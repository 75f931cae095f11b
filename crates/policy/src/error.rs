//! What can go wrong while deciding, said so that an operator knows what to do.

use engine::EngineError;
use engine::datafusion::error::DataFusionError;
use vocab::Period;

/// An error of deciding, explaining or testing. Faults of the pack are [`pack::Faults`] instead.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// The data plane failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// A plan could not be made or run.
    #[error("failed to {what}")]
    Plan {
        /// What the plan was for.
        what: String,
        /// Why.
        #[source]
        source: Box<DataFusionError>,
    },
    /// A table has another shape than it should.
    #[error(
        "table `{table}`: column `{column}` is missing or of the wrong type; the data folder was written by another version of the program, run again from the feeds"
    )]
    Column {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// The registry has not been made yet.
    #[error("there are no persons yet; run `huimin link` before deciding")]
    NoPersons,
    /// The period was never decided.
    #[error("period {period} has not been decided; run `huimin run --period {period}` first")]
    NotDecided {
        /// The period.
        period: Period,
    },
    /// No person has this id.
    #[error("there is no person `{person}` in the registry of this run")]
    NoPerson {
        /// The id asked for.
        person: String,
    },
    /// No policy has this id.
    #[error("there is no policy `{policy}` in this period; policies: {known}")]
    NoPolicy {
        /// The id asked for.
        policy: String,
        /// Ids that exist.
        known: String,
    },
    /// A stored rule can't be read.
    #[error("the stored rules of period {period} are damaged; decide the period again")]
    Rules {
        /// The period.
        period: Period,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
}

impl PolicyError {
    /// Wraps a DataFusion error with what the plan was for.
    pub(crate) fn plan(what: impl Into<String>) -> impl FnOnce(DataFusionError) -> Self {
        let what = what.into();
        move |source| Self::Plan { what, source: Box::new(source) }
    }
}
