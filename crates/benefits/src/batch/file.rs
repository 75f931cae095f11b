//! Making the instruction file of a batch. The only place where account numbers are opened.

use jiff::Timestamp;
use trust::ColumnKeys;

use crate::BenefitsError;
use crate::channel::{InstructionFile, InstructionLine};
use crate::entity::{batch, payment};
use crate::list::SEALED_AS;
use crate::programme::Programmes;

/// The instructions of `payments`. The same batch always gives the same bytes.
pub(super) fn instruction_file(
    batch: &batch::Model,
    payments: &[payment::Model],
    programmes: &Programmes,
    keys: &ColumnKeys,
) -> Result<InstructionFile, BenefitsError> {
    let (table, column) = SEALED_AS;
    let lines = payments
        .iter()
        .map(|payment| {
            let account = keys.open(table, column, &payment.person_id, &payment.account).map_err(
                |source| BenefitsError::Account { person_id: payment.person_id.clone(), source },
            )?;
            Ok(InstructionLine {
                seq: payment.seq,
                instruction_id: payment.instruction_id.clone(),
                policy: payment.policy.clone(),
                policy_name: programmes
                    .get(&payment.policy)
                    .map_or_else(|| payment.policy.clone(), |one| one.name.zh.clone()),
                period: payment.period.clone(),
                name: payment.name.clone(),
                account,
                amount_fen: payment.amount_fen,
                division: payment.division.clone(),
            })
        })
        .collect::<Result<Vec<_>, BenefitsError>>()?;
    Ok(InstructionFile {
        batch_id: batch.id.clone(),
        hash: batch.hash.clone(),
        pay_on: batch.sent_at.as_deref().map(beijing_day).unwrap_or_default(),
        lines,
    })
}

/// The day of an instant in China, `YYYY-MM-DD`.
fn beijing_day(instant: &str) -> String {
    // China has had one zone, UTC+8, without summer time since 1992.
    let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(8));
    instant
        .parse::<Timestamp>()
        .map(|instant| instant.to_zoned_datetime(zone).date().to_string())
        .unwrap_or_default()
}
