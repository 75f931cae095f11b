//! What has been instructed: money that has gone out or may have.

use std::collections::HashMap;

use store::sea_orm::{self, ConnectionTrait, FromQueryResult, Statement};
use vocab::Period;

use crate::BenefitsError;

#[derive(FromQueryResult)]
struct Row {
    policy: String,
    subject_id: String,
    amount_fen: i64,
}

/// Fen instructed and neither refused nor sent back, by policy and subject, for a period.
///
/// A payment whose outcome is open counts: it may have been paid. `except` leaves out a batch.
pub(crate) async fn instructed_fen<C: ConnectionTrait>(
    db: &C,
    period: Period,
    except: Option<&str>,
) -> Result<HashMap<(String, String), i64>, BenefitsError> {
    let statement = Statement::from_sql_and_values(
        db.get_database_backend(),
        "SELECT policy, subject_id, CAST(SUM(amount_fen) AS BIGINT) AS amount_fen FROM payment \
         WHERE period = $1 AND state IN ('sent', 'paid') AND batch_id <> $2 \
         GROUP BY policy, subject_id",
        [period.to_string().into(), except.unwrap_or_default().into()],
    );
    let rows = Row::find_by_statement(statement)
        .all(db)
        .await
        .map_err(BenefitsError::db("add up what was instructed"))?;
    Ok(rows.into_iter().map(|row| ((row.policy, row.subject_id), row.amount_fen)).collect())
}
