//! What has come since: deliveries, and the records that they close.

use std::collections::BTreeSet;

use engine::arrow::datatypes::{Date32Type, Int64Type};
use engine::{Snapshot, clean};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{About, Kept};
use crate::RegistryError;
use crate::records::{RowVersions, date_in, number_column, row_bytes, row_version, string_column};

/// Name of the table of deliveries, which intake writes.
const DELIVERIES: &str = "deliveries";

/// A delivery that the clean tables hold. Those of a dataset are ordered as its rows are built.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Delivery {
    dataset: String,
    as_of: Date,
    sequence: i64,
    received: Date,
    id: String,
}

/// All deliveries of a snapshot.
pub(crate) async fn deliveries(snapshot: &Snapshot) -> Result<BTreeSet<Delivery>, RegistryError> {
    let mut found = BTreeSet::new();
    if !snapshot.has(DELIVERIES) {
        return Ok(found);
    }
    let sql = "SELECT delivery_id, dataset, as_of, received, sequence FROM deliveries";
    for batch in snapshot.query(&[DELIVERIES], sql).await? {
        let text = |column| string_column(&batch, DELIVERIES, column);
        let (id, dataset) = (text("delivery_id")?, text("dataset")?);
        let day = |column| number_column::<Date32Type>(&batch, DELIVERIES, column);
        let (as_of, received) = (day("as_of")?, day("received")?);
        let sequence = number_column::<Int64Type>(&batch, DELIVERIES, "sequence")?;
        for at in 0..batch.num_rows() {
            found.insert(Delivery {
                dataset: dataset.value(at).to_owned(),
                as_of: date_in(as_of.value(at), DELIVERIES, "as_of")?,
                sequence: sequence.value(at),
                received: date_in(received.value(at), DELIVERIES, "received")?,
                id: id.value(at).to_owned(),
            });
        }
    }
    Ok(found)
}

impl About {
    /// The datasets that have news as known at a day; `None` when a dataset has not just grown, but
    /// was built anew because a delivery came out of order.
    pub(crate) fn datasets_with_news(
        &self,
        deliveries: &BTreeSet<Delivery>,
        known_at: Date,
    ) -> Option<BTreeSet<String>> {
        let before = &self.deliveries;
        if !before.is_subset(deliveries) {
            return None;
        }
        let mut news = BTreeSet::new();
        for delivery in deliveries {
            let is_later = delivery.received > self.known_at;
            if !before.contains(delivery) {
                let on_top = before
                    .iter()
                    .filter(|earlier| earlier.dataset == delivery.dataset)
                    .all(|earlier| earlier < delivery && earlier.received <= delivery.received);
                if !is_later || !on_top {
                    return None;
                }
            }
            if is_later && delivery.received <= known_at {
                news.insert(delivery.dataset.clone());
            }
        }
        Some(news)
    }

    /// The row versions that are closed by the news.
    pub(crate) async fn closed(
        &self,
        snapshot: &Snapshot,
        known_at: Date,
    ) -> Result<RowVersions, RegistryError> {
        let mut closed = RowVersions::new();
        if !snapshot.has(clean::CLOSED) {
            return Ok(closed);
        }
        let sql = format!(
            "SELECT row_id, version FROM closed \
             WHERE known_to > DATE '{}' AND known_to <= DATE '{known_at}'",
            self.known_at
        );
        for batch in snapshot.query(&[clean::CLOSED], &sql).await? {
            let row = string_column(&batch, clean::CLOSED, "row_id")?;
            let version = number_column::<Int64Type>(&batch, clean::CLOSED, "version")?;
            for at in 0..batch.num_rows() {
                closed.insert((row_bytes(row.value(at)), row_version(version.value(at))));
            }
        }
        Ok(closed)
    }
}

impl Kept {
    /// The records whose row version is among these, as true.
    pub(crate) fn gone(&self, closed: &RowVersions) -> Vec<bool> {
        let records = &self.records;
        let is_closed = |at: usize| closed.contains(&(records.row[at], records.version[at]));
        (0..records.len()).map(|at| !closed.is_empty() && is_closed(at)).collect()
    }
}
