//! Where the money goes: the latest account that is known of each payee.

use std::collections::{HashMap, HashSet};

use store::bulk::{Bulk, OnConflict};
use store::sea_orm::{ConnectionTrait, EntityTrait, QuerySelect};
use trust::ColumnKeys;

use super::ListInput;
use super::entries::Entry;
use super::read::{Id, Person, SourceAccount};
use crate::BenefitsError;
use crate::entity::payee;

/// Table and column under which accounts are sealed here; the row is the person's id.
pub(crate) const SEALED_AS: (&str, &str) = ("payee", "account");

/// A payee whose name or account is new.
pub(super) struct Changed {
    person_id: Id,
    name: String,
    account: Option<(String, String)>,
    known_at: String,
}

/// The payees of due entries that are not stored as they are known now.
///
/// An account that was known later than this run's moment stays: listing an old period again must
/// not bring an old account back.
pub(super) async fn collect(
    input: &ListInput<'_>,
    entries: &[Entry],
    persons: &HashMap<Id, Person>,
) -> Result<Vec<Changed>, BenefitsError> {
    let wanted: HashSet<&Id> = entries
        .iter()
        .filter(|entry| entry.judged.due_fen.is_some())
        .filter_map(|entry| entry.payee.as_ref())
        .collect();
    let stored = stored(input.db).await?;
    let known_at = input.known_at.to_string();
    let mut changed = Vec::new();
    for person_id in wanted {
        let Some(person) = persons.get(person_id) else { continue };
        let token = person.account.as_ref().map(|account| account.token.as_str());
        if let Some(old) = stored.get(&**person_id) {
            let same = old.name == person.name && old.token.as_deref() == token;
            if same || old.known_at > known_at {
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
        changed.push(Changed {
            person_id: person_id.clone(),
            name: person.name.clone(),
            account,
            known_at: known_at.clone(),
        });
    }
    changed.sort_unstable_by(|one, other| one.person_id.cmp(&other.person_id));
    Ok(changed)
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

pub(super) async fn write<C: ConnectionTrait>(
    db: &C,
    payees: Vec<Changed>,
) -> Result<(), BenefitsError> {
    const TABLE: Bulk<'static> = Bulk {
        table: "payee",
        columns: &["person_id", "name", "account", "account_token", "known_at"],
        on_conflict: OnConflict::Replace { key: &["person_id"] },
    };
    let rows = payees.into_iter().map(|payee| {
        let (account, token) = payee.account.unzip();
        vec![
            (&*payee.person_id).into(),
            payee.name.into(),
            account.into(),
            token.into(),
            payee.known_at.into(),
        ]
    });
    TABLE.write(db, rows).await?;
    Ok(())
}

struct Stored {
    name: String,
    token: Option<String>,
    known_at: String,
}

async fn stored<C: ConnectionTrait>(db: &C) -> Result<HashMap<String, Stored>, BenefitsError> {
    let rows: Vec<(String, String, Option<String>, String)> = payee::Entity::find()
        .select_only()
        .column(payee::Column::PersonId)
        .column(payee::Column::Name)
        .column(payee::Column::AccountToken)
        .column(payee::Column::KnownAt)
        .into_tuple()
        .all(db)
        .await
        .map_err(BenefitsError::db("read the known payees"))?;
    Ok(rows
        .into_iter()
        .map(|(id, name, token, known_at)| (id, Stored { name, token, known_at }))
        .collect())
}
