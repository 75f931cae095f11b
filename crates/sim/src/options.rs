//! What a city is made from, and what making it tells.

use std::collections::BTreeMap;
use std::path::PathBuf;

use vocab::Period;

use crate::error::SimError;

/// What to make.
#[derive(Debug, Clone)]
pub struct GenerateOptions {
    /// Residents at the beginning, with and without the city's household registration: 1 to 4,000,000.
    pub people: u32,
    /// The first month: the one with the full deliveries.
    pub start: Period,
    /// How many months, the first included: 1 to 120.
    pub months: u32,
    /// The same seed, options and profile give the same bytes.
    pub seed: u64,
    /// The share of residents who live in households in hardship: 0 to 0.5. More than in the real city, so that every
    /// policy has somebody entitled even in a small one.
    pub hardship_share: f64,
    /// Multiplies every rate of error and delay of the profile: 0 for deliveries without error, 1 for the profile's own.
    pub error_scale: f64,
    /// The folder to write `feeds/` and `truth/` into; created when it isn't there, refused when it isn't empty.
    pub out: PathBuf,
    /// Another profile than the one that comes with the program.
    pub profile: Option<PathBuf>,
}

impl GenerateOptions {
    /// The usual city: nine months, so that from a January on both festivals lie within.
    #[must_use]
    pub fn new(people: u32, start: Period, seed: u64, out: PathBuf) -> Self {
        Self {
            people,
            start,
            months: 9,
            seed,
            hardship_share: 0.03,
            error_scale: 1.0,
            out,
            profile: None,
        }
    }

    pub(crate) fn check(&self) -> Result<(), SimError> {
        let wrong =
            |option, found: String, expected| Err(SimError::Option { option, found, expected });
        if !(1..=4_000_000).contains(&self.people) {
            return wrong("people", self.people.to_string(), "1 to 4,000,000");
        }
        if !(1..=120).contains(&self.months) {
            return wrong("months", self.months.to_string(), "1 to 120");
        }
        if !(1990..=2100).contains(&self.start.year()) {
            return wrong("start", self.start.to_string(), "a month of the years 1990 to 2100");
        }
        if !(0.0..=0.5).contains(&self.hardship_share) {
            return wrong("hardship-share", self.hardship_share.to_string(), "0 to 0.5");
        }
        if !(0.0..=5.0).contains(&self.error_scale) {
            return wrong("error-scale", self.error_scale.to_string(), "0 to 5");
        }
        Ok(())
    }
}

/// How far the work has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress<'a> {
    /// The step, for instance `people` or `2024-03`.
    pub step: &'a str,
    /// Units of the step that are done.
    pub done: u64,
    /// Units of the step.
    pub total: u64,
}

/// What was made.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Summary {
    /// Everybody who ever lived in the city, as far as the truth lists them.
    pub people: u64,
    /// Living residents at the end.
    pub residents: u64,
    /// The months delivered.
    pub periods: Vec<Period>,
    /// Rows delivered, by month and dataset.
    pub rows: BTreeMap<Period, BTreeMap<&'static str, u64>>,
    /// How often each kind of error was made, and out of how many chances.
    pub errors: BTreeMap<&'static str, Count>,
    /// Entitled subjects by month and policy, in truth.
    pub entitled: BTreeMap<Period, BTreeMap<&'static str, u64>>,
    /// By month and policy: entitled in truth but not by what is known, and the other way round.
    pub ceiling: BTreeMap<Period, BTreeMap<&'static str, Gap>>,
}

/// How often something happened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// Times it happened.
    pub hits: u64,
    /// Times it could have happened.
    pub chances: u64,
}

impl Count {
    /// The rate; 0 without a chance.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts of rows are far below 2^52")]
    pub fn rate(self) -> f64 {
        if self.chances == 0 { 0.0 } else { self.hits as f64 / self.chances as f64 }
    }
}

/// How far the known facts are from the true ones.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Gap {
    /// Entitled in truth, not by the known facts.
    pub missed: u64,
    /// Entitled by the known facts, not in truth.
    pub wrong: u64,
    /// Entitled by both, to different amounts.
    pub amount: u64,
}
