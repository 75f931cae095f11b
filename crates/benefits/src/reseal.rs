//! Sealing the accounts of payees and payments anew, after a rotation of keys.

use store::sea_orm::DatabaseConnection;
use store::{Changed, TextColumn, change_column};
use trust::ColumnKeys;

use crate::BenefitsError;
use crate::list::SEALED_AS;

/// Seals every account with the present key that another one has sealed. Lists and batches may be worked with meanwhile.
///
/// # Errors
///
/// [`BenefitsError::Account`] for one that does not open, and failures of the database.
pub async fn reseal(db: &DatabaseConnection, keys: &ColumnKeys) -> Result<Changed, BenefitsError> {
    let (table, column) = SEALED_AS;
    let mut change = |person_id: &str, cell: &str| {
        keys.column(table, column)
            .reseal(person_id, cell)
            .map_err(|source| BenefitsError::Account { person_id: person_id.to_owned(), source })
    };
    let of = |table, key| TextColumn { table, key, place: "person_id", value: "account" };
    let payees = change_column(db, of("payee", "person_id"), &mut change).await?;
    let payments = change_column(db, of("payment", "instruction_id"), &mut change).await?;
    Ok(payees + payments)
}
