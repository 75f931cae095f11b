//! Working on a job: taking it, keeping it, and ending it.

use jiff::{SignedDuration, Timestamp};
use sea_orm::entity::prelude::*;
use sea_orm::{DatabaseConnection, DbBackend, FromQueryResult, Statement, Value};

use super::entity::job;
use super::state;
use crate::{StoreError, instant_text};

/// Wait before the second attempt; it doubles with each one after.
const FIRST_WAIT: SignedDuration = SignedDuration::from_secs(10);
/// The longest wait.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(1);
/// So much of an error is kept.
const ERROR_CHARS: usize = 2_000;

/// A job that a worker has.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct Claim {
    /// The job: the key by which an outside system knows a repetition.
    pub id: i64,
    /// What is to be done.
    pub kind: String,
    /// JSON.
    pub payload: String,
    /// How often it has been begun, this time included.
    #[sea_orm(from_alias = "attempts")]
    pub attempt: i32,
    /// Larger than that of every earlier claim of the job.
    pub fence: i64,
}

/// Takes the job of one of `kinds` that has been due for longest, for `lease` from `now` on: one that
/// waits, or one whose lease has run out. `None` when nothing is to be done.
///
/// # Errors
///
/// When the database fails.
pub async fn claim(
    db: &DatabaseConnection,
    worker: &str,
    kinds: &[&str],
    now: Timestamp,
    lease: SignedDuration,
) -> Result<Option<Claim>, StoreError> {
    if kinds.is_empty() {
        return Ok(None);
    }
    bury(db, now).await?;
    let backend = db.get_database_backend();
    let mut values: Vec<Value> =
        vec![worker.into(), until(now, lease).into(), instant_text(now).into()];
    let places: Vec<String> = kinds
        .iter()
        .map(|kind| {
            values.push((*kind).into());
            format!("${}", values.len())
        })
        .collect();
    // Workers on PostgreSQL pass over a row that another one is just taking. SQLite has one writer.
    let skip = if backend == DbBackend::Postgres { "FOR UPDATE SKIP LOCKED" } else { "" };
    let sql = format!(
        "UPDATE job SET state = 'running', worker = $1, lease_until = $2, fence = fence + 1, \
         attempts = attempts + 1 WHERE id = ( \
             SELECT id FROM job WHERE kind IN ({}) AND ( \
                 (state = 'waiting' AND due_at <= $3) OR (state = 'running' AND lease_until <= $3)) \
             ORDER BY due_at, id LIMIT 1 {skip}) \
         RETURNING id, kind, payload, attempts, fence",
        places.join(", ")
    );
    Claim::find_by_statement(Statement::from_sql_and_values(backend, sql, values))
        .one(db)
        .await
        .map_err(StoreError::db("take a job"))
}

/// A job whose worker was gone before its last attempt ended is dead: whatever ends a worker would end the
/// next one too.
async fn bury(db: &DatabaseConnection, now: Timestamp) -> Result<(), StoreError> {
    use sea_orm::ExprTrait as _;

    job::Entity::update_many()
        .col_expr(job::Column::State, Expr::value(state::DEAD))
        .col_expr(job::Column::EndedAt, Expr::value(instant_text(now)))
        .col_expr(job::Column::Error, Expr::value("the worker was gone before the job was done"))
        .filter(job::Column::State.eq(state::RUNNING))
        .filter(job::Column::LeaseUntil.lte(instant_text(now)))
        .filter(Expr::col(job::Column::Attempts).gte(Expr::col(job::Column::MostAttempts)))
        .exec(db)
        .await
        .map_err(StoreError::db("bury a job"))?;
    Ok(())
}

/// Keeps a job for `lease` from `now` on.
///
/// # Errors
///
/// [`StoreError::LeaseLost`] when somebody else has taken it, and failures of the database.
pub async fn renew(
    db: &DatabaseConnection,
    claim: &Claim,
    now: Timestamp,
    lease: SignedDuration,
) -> Result<(), StoreError> {
    let update = job::Entity::update_many()
        .col_expr(job::Column::LeaseUntil, Expr::value(until(now, lease)));
    held(claim, update, db).await
}

/// Ends a job, in the transaction `db` of its effect.
///
/// # Errors
///
/// [`StoreError::LeaseLost`] when somebody else has taken it: the caller then gives the effect up too.
/// Failures of the database.
pub async fn complete<C: ConnectionTrait>(
    db: &C,
    claim: &Claim,
    now: Timestamp,
) -> Result<(), StoreError> {
    let update = job::Entity::update_many()
        .col_expr(job::Column::State, Expr::value(state::DONE))
        .col_expr(job::Column::EndedAt, Expr::value(instant_text(now)));
    held(claim, update, db).await
}

/// Gives a job back after `error`: it is tried again later, or is dead after the last attempt. Tells when
/// it is tried again.
///
/// `error` holds no personal data.
///
/// # Errors
///
/// [`StoreError::LeaseLost`] when somebody else has taken it, and failures of the database.
pub async fn fail(
    db: &DatabaseConnection,
    claim: &Claim,
    error: &str,
    now: Timestamp,
) -> Result<Option<Timestamp>, StoreError> {
    let error: String = error.chars().take(ERROR_CHARS).collect();
    let row = job::Entity::find_by_id(claim.id)
        .one(db)
        .await
        .map_err(StoreError::db("read a job"))?
        .ok_or(StoreError::LeaseLost { job: claim.id })?;
    let again = (claim.attempt < row.most_attempts)
        .then(|| now.saturating_add(wait(claim)).unwrap_or(Timestamp::MAX));
    let update = job::Entity::update_many().col_expr(job::Column::Error, Expr::value(error));
    let update = match again {
        Some(again) => update
            .col_expr(job::Column::State, Expr::value(state::WAITING))
            .col_expr(job::Column::DueAt, Expr::value(instant_text(again))),
        None => update
            .col_expr(job::Column::State, Expr::value(state::DEAD))
            .col_expr(job::Column::EndedAt, Expr::value(instant_text(now))),
    };
    held(claim, update, db).await?;
    Ok(again)
}

/// Changes the job if the claim still holds.
async fn held<C: ConnectionTrait>(
    claim: &Claim,
    update: sea_orm::UpdateMany<job::Entity>,
    db: &C,
) -> Result<(), StoreError> {
    let changed = update
        .filter(job::Column::Id.eq(claim.id))
        .filter(job::Column::Fence.eq(claim.fence))
        .filter(job::Column::State.eq(state::RUNNING))
        .exec(db)
        .await
        .map_err(StoreError::db("change a job"))?;
    match changed.rows_affected {
        0 => Err(StoreError::LeaseLost { job: claim.id }),
        _ => Ok(()),
    }
}

fn until(now: Timestamp, lease: SignedDuration) -> String {
    instant_text(now.saturating_add(lease).unwrap_or(Timestamp::MAX))
}

/// The wait after an attempt: doubled each time, and up to a quarter longer by the job's number, so that
/// jobs that failed together don't come back together.
fn wait(claim: &Claim) -> SignedDuration {
    let doublings = u32::try_from(claim.attempt.saturating_sub(1)).unwrap_or(0).min(16);
    let wait = FIRST_WAIT.saturating_mul(1 << doublings).min(LONGEST_WAIT);
    let spread = i32::try_from(claim.id.rem_euclid(26)).unwrap_or(0);
    wait + wait.saturating_mul(spread) / 100
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(attempt: i32, id: i64) -> i64 {
        wait(&Claim { id, kind: String::new(), payload: String::new(), attempt, fence: 1 })
            .as_secs()
    }

    #[test]
    fn waits_double_up_to_an_hour_and_differ_between_jobs() {
        assert_eq!([1, 2, 3, 9, 10, 1_000].map(|n| after(n, 0)), [10, 20, 40, 2_560, 3_600, 3_600]);
        assert_eq!((after(1, 25), after(10, 25), after(1, 26)), (12, 4_500, 10));
    }
}
