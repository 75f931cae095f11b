//! Where the money goes: the latest account that is known of each payee.

use std::collections::{HashMap, HashSet};

use store::bulk::{Bulk, OnConflict};
use store::sea_orm::{ConnectionTrait, EntityTrait};
use trust::ColumnKeys;

use super::ListInput;
use super::entries::Entry;
use super::read::{Id, Person, SourceAccount};
use crate::BenefitsError;
use crate::entity::payee;

/// Table and column under which accounts are sealed here; the row is the person's id.
pub(crate) const SEALED_AS: (&str, &str) = ("payee", "account");

/// A payee as it is stored from now on.
pub(super) struct Payee {
    pub(super) name: String,
    /// The sealed number and its token.
    pub(super) account: Option<(String, String)>,
    known_at: String,
    /// Whether it is stored already.
    stored: bool,
}

/// The payees of due entries.
///
/// An account that was known later than this run's moment stays: listing an old period again must
/// not bring an old account back.
pub(super) async fn collect(
    input: &ListInput<'_>,
    entries: &[Entry],
    persons: &HashMap<Id, Person>,
) -> Result<HashMap<Id, Payee>, BenefitsError> {
    let wanted: HashSet<&Id> = entries
        .iter()
        .filter(|entry| entry.judged.due_fen.is_some())
        .filter_map(|entry| entry.payee.as_ref())
        .collect();
    let mut stored = stored(input.db).await?;
    let known_at = input.known_at.to_string();
    let mut payees = HashMap::with_capacity(wanted.len());
    for person_id in wanted {
        let Some(person) = persons.get(person_id) else { continue };
        let token = person.account.as_ref().map(|account| account.token.as_str());
        if let Some(old) = stored.remove(&**person_id) {
            let old_token = old.account.as_ref().map(|(_, token)| token.as_str());
            let same = old.name == person.name && old_token == token;
            if same || old.known_at > known_at {
                payees.insert(person_id.clone(), old);
                continue;
            }
        }
        let account = person
            .account
            .as_ref()
            .map(|account| {
                reseal(input.keys, person_id, account).map(|sealed| (sealed, account.token.clone()))
            })
            .transpose()?;
        let (name, known_at) = (person.name.clone(), known_at.clone());
        payees.insert(person_id.clone(), Payee { name, account, known_at, stored: false });
    }
    Ok(payees)
}

/// Seals an account for this table, so that its ciphertext is of no use in another row or table.
fn reseal(
    keys: &ColumnKeys,
    person_id: &str,
    account: &SourceAccount,
) -> Result<String, BenefitsError> {
    let plain = keys
        .open(&account.dataset, &account.field, &account.row_id, &account.sealed)
        .map_err(|source| BenefitsError::Account { person_id: person_id.to_owned(), source })?;
    let (table, column) = SEALED_AS;
    Ok(keys.seal(table, column, person_id, &plain))
}

/// Stores those that are not stored as they are known now.
pub(super) async fn write<C: ConnectionTrait>(
    db: &C,
    payees: &HashMap<Id, Payee>,
) -> Result<(), BenefitsError> {
    const TABLE: Bulk<'static> = Bulk {
        table: "payee",
        columns: &["person_id", "name", "account", "account_token", "known_at"],
        on_conflict: OnConflict::Replace { key: &["person_id"] },
    };
    let mut changed: Vec<_> = payees.iter().filter(|(_, payee)| !payee.stored).collect();
    changed.sort_unstable_by_key(|(id, _)| *id);
    let rows = changed.into_iter().map(|(id, payee)| {
        let (account, token) = payee.account.clone().unzip();
        vec![
            (&**id).into(),
            payee.name.as_str().into(),
            account.into(),
            token.into(),
            payee.known_at.as_str().into(),
        ]
    });
    TABLE.write(db, rows).await?;
    Ok(())
}

async fn stored<C: ConnectionTrait>(db: &C) -> Result<HashMap<String, Payee>, BenefitsError> {
    let rows =
        payee::Entity::find().all(db).await.map_err(BenefitsError::db("read the known payees"))?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let account = row.account.zip(row.account_token);
            let (name, known_at) = (row.name, row.known_at);
            (row.person_id, Payee { name, account, known_at, stored: true })
        })
        .collect())
}
