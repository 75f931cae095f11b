//! Takes what became of payments over into the lists.

use store::sea_orm::{ConnectionTrait, Statement, Value};

use crate::BenefitsError;

/// The payments of an entry.
const OF_ENTRY: &str = "payment.period = list_entry.period AND payment.policy = list_entry.policy \
     AND payment.subject_id = list_entry.subject_id";

/// Brings `paid_fen`, `state` and `pay_cause` of a period's entries up to date: of those that the
/// payments of `batch` concern, or of all.
///
/// The paid list is made from receipts only: `paid_fen` adds up payments in state `paid`.
pub(crate) async fn refresh<C: ConnectionTrait>(
    db: &C,
    period: &str,
    batch: Option<&str>,
) -> Result<(), BenefitsError> {
    let latest = |column: &str| {
        format!(
            "(SELECT payment.{column} FROM payment WHERE {OF_ENTRY} \
             ORDER BY payment.revision DESC, payment.attempt DESC LIMIT 1)"
        )
    };
    let mut values: Vec<Value> = vec![period.into()];
    let concerned = match batch {
        Some(batch) => {
            values.push(batch.into());
            format!("EXISTS (SELECT 1 FROM payment WHERE {OF_ENTRY} AND payment.batch_id = $2)")
        }
        // An entry whose payment was taken out of a batch has a state, but no payment.
        None => {
            format!("(pay_state IS NOT NULL OR EXISTS (SELECT 1 FROM payment WHERE {OF_ENTRY}))")
        }
    };
    let money = format!(
        "UPDATE list_entry SET \
         paid_fen = COALESCE((SELECT CAST(SUM(payment.amount_fen) AS BIGINT) FROM payment \
             WHERE {OF_ENTRY} AND payment.state = 'paid'), 0), \
         pay_state = {}, pay_code = {} \
         WHERE period = $1 AND {concerned}",
        latest("state"),
        latest("code"),
    );
    // An entry with nothing due keeps the state that says why, even when money went out for it;
    // the cause `overpaid` then raises the alarm.
    let words = format!(
        "UPDATE list_entry SET \
         state = CASE \
             WHEN due_fen IS NULL THEN state \
             WHEN paid_fen > due_fen THEN 'overpaid' \
             WHEN paid_fen = due_fen THEN 'paid' \
             WHEN pay_state IN ('prepared', 'approved', 'sent', 'rejected', 'returned') THEN pay_state \
             ELSE 'due' END, \
         pay_cause = CASE \
             WHEN paid_fen > COALESCE(due_fen, 0) THEN 'overpaid' \
             WHEN paid_fen = COALESCE(due_fen, 0) THEN NULL \
             WHEN pay_state = 'sent' THEN 'awaiting_receipt' \
             WHEN hold IS NOT NULL THEN hold \
             WHEN pay_state = 'prepared' THEN 'awaiting_approval' \
             WHEN pay_state = 'approved' THEN 'awaiting_send' \
             WHEN pay_state = 'rejected' THEN 'rejected:' || COALESCE(pay_code, 'other') \
             WHEN pay_state = 'returned' THEN 'returned:' || COALESCE(pay_code, 'other') \
             ELSE 'awaiting_batch' END \
         WHERE period = $1 AND {}",
        match batch {
            Some(_) => concerned.as_str(),
            None => "(due_fen IS NOT NULL OR paid_fen > 0 OR pay_state IS NOT NULL)",
        }
    );
    for sql in [money, words] {
        let statement =
            Statement::from_sql_and_values(db.get_database_backend(), sql, values.clone());
        db.execute_raw(statement)
            .await
            .map_err(BenefitsError::db("take receipts over into the lists"))?;
    }
    Ok(())
}
