//! Clean tables: one per dataset, in which nothing is overwritten.
//!
//! `clean_<dataset>` holds every version of every row; `closed` says which versions stopped being
//! the source's current statement, on which day, and since when that is known. The current rows as
//! known at a day are the one minus the other.

use datafusion::dataframe::DataFrame;
use jiff::civil::Date;

use crate::{EngineError, Snapshot};

/// Name of the table that holds the clean rows of a dataset.
#[must_use]
pub fn table_name(dataset: &str) -> String {
    format!("clean_{dataset}")
}

/// Name of the table of closed row versions, of all datasets.
pub const CLOSED: &str = "closed";

/// SQL of the current rows of a dataset, as a sub-query without alias.
///
/// * `known_at`: only what had been received by that day.
/// * `valid_on`: only what the source stated for that day; `None` for its latest statement.
///
/// The tables must be registered; [`current`] does both.
#[must_use]
pub fn current_sql(
    snapshot: &Snapshot,
    dataset: &str,
    known_at: Date,
    valid_on: Option<Date>,
) -> String {
    let table = table_name(dataset);
    let (mut stated, mut closed) = (String::new(), String::new());
    if let Some(day) = valid_on {
        stated = format!(" AND c.as_of <= DATE '{day}'");
        closed = format!(" AND valid_to <= DATE '{day}'");
    }
    if snapshot.has(CLOSED) {
        format!(
            "(SELECT c.* FROM \"{table}\" c LEFT ANTI JOIN \
             (SELECT row_id, version FROM \"{CLOSED}\" WHERE dataset = '{dataset}' \
             AND known_to <= DATE '{known_at}'{closed}) x \
             ON c.row_id = x.row_id AND c.version = x.version \
             WHERE c.known_from <= DATE '{known_at}'{stated})"
        )
    } else {
        format!("(SELECT c.* FROM \"{table}\" c WHERE c.known_from <= DATE '{known_at}'{stated})")
    }
}

/// The current rows of a dataset as a data frame; the columns are those of the clean table.
///
/// # Errors
///
/// [`EngineError::NoTable`] when no delivery of the dataset has come yet.
pub async fn current(
    snapshot: &Snapshot,
    dataset: &str,
    known_at: Date,
    valid_on: Option<Date>,
) -> Result<DataFrame, EngineError> {
    register(snapshot, dataset).await?;
    let sql = format!("SELECT * FROM {}", current_sql(snapshot, dataset, known_at, valid_on));
    snapshot
        .context()
        .sql(&sql)
        .await
        .map_err(EngineError::query(format!("current rows of {dataset}")))
}

/// Makes a dataset's tables known to SQL.
///
/// # Errors
///
/// [`EngineError::NoTable`] when no delivery of the dataset has come yet.
pub async fn register(snapshot: &Snapshot, dataset: &str) -> Result<(), EngineError> {
    snapshot.register(&table_name(dataset)).await?;
    if snapshot.has(CLOSED) {
        snapshot.register(CLOSED).await?;
    }
    Ok(())
}
