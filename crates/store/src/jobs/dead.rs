//! Jobs that failed too often: a person looks at them.

use jiff::Timestamp;
use sea_orm::entity::prelude::*;
use sea_orm::{DatabaseConnection, QueryOrder, QuerySelect};

use super::entity::job;
use super::state;
use crate::audit::{self, Act};
use crate::{StoreError, begin_write, instant_text};

/// A job that failed too often.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct DeadJob {
    /// The job.
    pub id: i64,
    /// What was to be done.
    pub kind: String,
    /// JSON.
    pub payload: String,
    /// How often it was begun.
    pub attempts: i32,
    /// What went wrong the last time.
    pub error: String,
    /// When it died, UTC, RFC 3339.
    pub at: String,
}

/// The dead jobs after job `after`, oldest first, at most `limit`.
///
/// # Errors
///
/// When the database fails.
pub async fn dead(
    db: &DatabaseConnection,
    after: i64,
    limit: u64,
) -> Result<Vec<DeadJob>, StoreError> {
    let rows = job::Entity::find()
        .filter(job::Column::State.eq(state::DEAD))
        .filter(job::Column::Id.gt(after))
        .order_by_asc(job::Column::Id)
        .limit(limit)
        .all(db)
        .await
        .map_err(StoreError::db("read the dead jobs"))?;
    Ok(rows
        .into_iter()
        .map(|row| DeadJob {
            id: row.id,
            kind: row.kind,
            payload: row.payload,
            attempts: row.attempts,
            error: row.error.unwrap_or_default(),
            at: row.ended_at.unwrap_or_default(),
        })
        .collect())
}

/// Has a dead job tried again from the beginning, on behalf of `who`; says whether it was dead.
///
/// # Errors
///
/// When the database fails.
pub async fn revive(
    db: &DatabaseConnection,
    id: i64,
    who: &str,
    purpose: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let transaction = begin_write(db).await?;
    let changed = job::Entity::update_many()
        .col_expr(job::Column::State, Expr::value(state::WAITING))
        .col_expr(job::Column::DueAt, Expr::value(instant_text(now)))
        .col_expr(job::Column::Attempts, Expr::value(0))
        .col_expr(job::Column::EndedAt, Expr::value(None::<String>))
        .filter(job::Column::Id.eq(id))
        .filter(job::Column::State.eq(state::DEAD))
        .exec(&transaction)
        .await
        .map_err(StoreError::db("revive a job"))?;
    let revived = changed.rows_affected > 0;
    if revived {
        let act = Act { who, what: "job.revive", subject: &format!("job:{id}"), at: now, purpose };
        audit::record(&transaction, act, &serde_json::Value::Null).await?;
    }
    transaction.commit().await.map_err(StoreError::db("commit the revived job"))?;
    Ok(revived)
}
