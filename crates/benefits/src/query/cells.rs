//! The entries of a period, counted by everything that tells them apart.
//!
//! One query; all sums on pages and in reports are made from its cells, so that they agree.

use store::sea_orm::{self, ConnectionTrait, FromQueryResult, Statement, Value};
use vocab::Period;

use crate::BenefitsError;
use crate::cause;

/// Entries of one policy that are alike.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub(crate) struct Cell {
    pub(crate) policy: String,
    pub(crate) registered: bool,
    pub(crate) eligible: bool,
    pub(crate) is_due: bool,
    pub(crate) cause: Option<String>,
    pub(crate) pay_cause: Option<String>,
    pub(crate) entries: i64,
    pub(crate) due_fen: i64,
    pub(crate) paid_entries: i64,
    pub(crate) paid_fen: i64,
}

impl Cell {
    /// Whether more was paid than is due.
    pub(crate) fn overpaid(&self) -> bool {
        self.pay_cause.as_deref() == Some(cause::OVERPAID)
    }
}

/// Counts the entries of a period, of one policy or all, of one division (a prefix) or all.
pub(crate) async fn cells<C: ConnectionTrait>(
    db: &C,
    period: Period,
    policy: Option<&str>,
    division: Option<&str>,
) -> Result<Vec<Cell>, BenefitsError> {
    let mut values: Vec<Value> = vec![period.to_string().into()];
    let mut sql = "SELECT policy, registered, eligible, due_fen IS NOT NULL AS is_due, cause, \
         pay_cause, COUNT(*) AS entries, CAST(COALESCE(SUM(due_fen), 0) AS BIGINT) AS due_fen, \
         CAST(SUM(CASE WHEN paid_fen > 0 THEN 1 ELSE 0 END) AS BIGINT) AS paid_entries, \
         CAST(SUM(paid_fen) AS BIGINT) AS paid_fen FROM list_entry WHERE period = $1"
        .to_owned();
    if let Some(policy) = policy {
        values.push(policy.into());
        sql.push_str(&format!(" AND policy = ${}", values.len()));
    }
    if let Some(division) = division {
        values.push(format!("{}%", digits(division)).into());
        sql.push_str(&format!(" AND division LIKE ${}", values.len()));
    }
    sql.push_str(
        " GROUP BY policy, registered, eligible, due_fen IS NOT NULL, cause, pay_cause \
         ORDER BY policy, registered, eligible, is_due, cause, pay_cause",
    );
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    Cell::find_by_statement(statement)
        .all(db)
        .await
        .map_err(BenefitsError::db("count the entries of the lists"))
}

/// A division code without anything that `LIKE` would read as a pattern.
pub(crate) fn digits(code: &str) -> String {
    code.chars().filter(char::is_ascii_digit).collect()
}
