//! Tasks that follow from a run: rows that were put aside, and pairs of records that may be one person.

use engine::Snapshot;
use identity::Role;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use serde_json::{Value, json};
use store::sea_orm::DatabaseConnection;
use store::{StoreError, begin_write};
use tasks::{NewTask, TaskError};
use vocab::{DivisionCode, Period};

use crate::problem::ApiError;
use crate::rows::{literal, rows};

/// Days that a data steward has.
const DAYS: i64 = 10;

/// Why the inbox could not be filled.
#[derive(Debug, thiserror::Error)]
pub enum InboxError {
    /// The published tables can't be read.
    #[error("the tables of the run can't be read for the work inbox")]
    Tables(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A task can't be written.
    #[error(transparent)]
    Task(#[from] TaskError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes the tasks that follow from what was published for a period, and returns how many are new. Run again, it makes
/// none twice.
///
/// # Errors
///
/// [`InboxError`]; no task was made then.
pub async fn fill_inbox(
    db: &DatabaseConnection,
    snapshot: &Snapshot,
    city: &DivisionCode,
    (period, known_at): (Period, Date),
    by: &str,
    now: Timestamp,
) -> Result<u64, InboxError> {
    let mut wanted = quarantine(snapshot, period).await?;
    wanted.extend(review(snapshot, period).await?);
    let due_on = known_at.saturating_add(DAYS.days());
    let transaction = begin_write(db).await?;
    let mut made = 0;
    for (kind, subject, data) in &wanted {
        let new = NewTask {
            kind,
            subject,
            role: Role::DataSteward.as_str(),
            division: city.as_str(),
            due_on,
            data,
        };
        made += u64::from(tasks::open(&transaction, &new, by, now).await?);
    }
    transaction.commit().await.map_err(StoreError::db("commit the tasks of a run"))?;
    Ok(made)
}

type Wanted = (&'static str, String, Value);

/// One task a delivery that had rows which nobody could read.
async fn quarantine(snapshot: &Snapshot, period: Period) -> Result<Vec<Wanted>, InboxError> {
    if !snapshot.has(intake::DELIVERIES) {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT delivery_id, dataset, quarantined FROM deliveries \
         WHERE period = {} AND quarantined > 0 ORDER BY delivery_id",
        literal(&period.to_string())
    );
    let found = snapshot.query(&[intake::DELIVERIES], &sql).await.map_err(unreadable)?;
    rows(&found)
        .map(|row| {
            let delivery = row.text_or_empty("delivery_id").map_err(api)?;
            let data = json!({
                "period": period.to_string(),
                "dataset": row.text_or_empty("dataset").map_err(api)?,
                "rows": row.count("quarantined").map_err(api)?,
            });
            Ok(("quarantine", format!("delivery:{delivery}"), data))
        })
        .collect()
}

/// One task a month for the pairs that are neither one person nor two.
async fn review(snapshot: &Snapshot, period: Period) -> Result<Vec<Wanted>, InboxError> {
    if !snapshot.has(registry::REVIEW) {
        return Ok(Vec::new());
    }
    let sql = format!("SELECT count(*) AS pairs FROM {}", registry::REVIEW);
    let found = snapshot.query(&[registry::REVIEW], &sql).await.map_err(unreadable)?;
    let pairs = rows(&found).next().map_or(Ok(0), |row| row.count("pairs")).map_err(api)?;
    let data = json!({ "period": period.to_string(), "pairs": pairs });
    Ok(if pairs == 0 {
        Vec::new()
    } else {
        vec![("link_review", format!("period:{period}"), data)]
    })
}

fn unreadable(error: impl std::error::Error + Send + Sync + 'static) -> InboxError {
    InboxError::Tables(Box::new(error))
}

#[expect(clippy::needless_pass_by_value, reason = "map_err gives it by value")]
fn api(error: ApiError) -> InboxError {
    InboxError::Tables(error.problem().title.en.into())
}
