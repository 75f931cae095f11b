//! Which datasets have come at all, and how old they are.

use std::collections::BTreeMap;

use engine::Snapshot;
use engine::arrow::array::AsArray as _;
use engine::arrow::datatypes::Date32Type;
use engine::clean;
use jiff::ToSpan as _;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::PolicyError;
use crate::book::RuleBook;
use crate::facts::Moment;

/// The last as-of day of every dataset that has been delivered.
pub(crate) struct Delivered {
    last: BTreeMap<String, Option<Date>>,
}

/// Something that a reader of the decisions should know about a dataset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatasetNote {
    /// The dataset.
    pub dataset: String,
    /// What is the matter.
    pub state: DatasetState,
    /// As-of day of its last delivery.
    pub last_as_of: Option<Date>,
}

/// What is the matter with a dataset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DatasetState {
    /// It has never been delivered, so that everything from it is unknown.
    Missing,
    /// Its last delivery is older than its contract allows at the end of the period.
    Stale,
}

impl Delivered {
    /// Reads the deliveries that had been received by the day of knowledge.
    pub(crate) async fn read(snapshot: &Snapshot, moment: Moment) -> Result<Self, PolicyError> {
        let mut last = BTreeMap::new();
        if snapshot.has("deliveries") {
            let sql = format!(
                "SELECT dataset, CAST(max(as_of) AS DATE) AS last FROM deliveries \
                 WHERE received <= DATE '{}' GROUP BY dataset",
                moment.known_at
            );
            for batch in snapshot.query(&["deliveries"], &sql).await? {
                let wrong = |column: &str| PolicyError::Column {
                    table: "deliveries".to_owned(),
                    column: column.to_owned(),
                };
                let dataset = batch
                    .column_by_name("dataset")
                    .and_then(|column| column.as_string_opt::<i32>())
                    .ok_or_else(|| wrong("dataset"))?;
                let day = batch
                    .column_by_name("last")
                    .and_then(|column| column.as_primitive_opt::<Date32Type>())
                    .ok_or_else(|| wrong("as_of"))?;
                for (dataset, day) in dataset.iter().zip(day.iter()) {
                    if let Some(dataset) = dataset {
                        last.insert(dataset.to_owned(), day.and_then(date_of));
                    }
                }
            }
        } else {
            // Without an account of deliveries, a clean table is what shows that one has come.
            for table in snapshot.versions().keys() {
                if let Some(dataset) = table.strip_prefix("clean_")
                    && table == &clean::table_name(dataset)
                {
                    last.insert(dataset.to_owned(), None);
                }
            }
        }
        Ok(Self { last })
    }

    /// Whether the dataset has come.
    pub(crate) fn has(&self, dataset: &str) -> bool {
        self.last.contains_key(dataset)
    }

    /// What there is to say about the datasets that the rules use.
    pub(crate) fn notes(&self, book: &RuleBook, moment: Moment) -> Vec<DatasetNote> {
        book.datasets
            .iter()
            .filter_map(|(dataset, info)| {
                let note = |state, last_as_of| {
                    Some(DatasetNote { dataset: dataset.clone(), state, last_as_of })
                };
                let Some(last) = self.last.get(dataset) else {
                    return note(DatasetState::Missing, None);
                };
                let (last, fresh) = (last.as_ref()?, i64::from(info.freshness_days?));
                let until = last.checked_add(fresh.days()).ok()?;
                if until < moment.period.last_day() {
                    return note(DatasetState::Stale, Some(*last));
                }
                None
            })
            .collect()
    }
}

/// The date of days since 1970-01-01.
pub(crate) fn date_of(days: i32) -> Option<Date> {
    Date::constant(1970, 1, 1).checked_add(i64::from(days).days()).ok()
}
