//! Whether somebody who says who they are can be that person.

use engine::Snapshot;
use jiff::ToSpan as _;
use jiff::civil::Date;
use pack::Pack;
use trust::ColumnKeys;
use vocab::{IdNumber, Phone};

use crate::person::{Sensitive, person_file};
use crate::records::string_column;
use crate::search::{Hit, PersonIndex};
use crate::{RegistryError, names};

/// From this authority on a source's telephone numbers are those that people gave for themselves. A number of less
/// authority may be a relative's: both parents' on a birth certificate is one.
const OWN_PHONE: u8 = 70;
/// For so many years a source's statement that a number is somebody's is believed; numbers are given out again.
const YEARS: i64 = 2;
/// Merges that are followed back; a person has few.
const MERGES: usize = 100;

/// What somebody says of themselves.
#[derive(Debug, Clone, Copy)]
pub struct Claim<'a> {
    /// Identity number.
    pub id_number: &'a IdNumber,
    /// Name; another spelling of the same characters is the same name.
    pub name: &'a str,
    /// A telephone number that they can be reached at.
    pub phone: Option<&'a Phone>,
}

/// The person that a claim is right for: the only one with this identity number, of this name, and with this telephone
/// number in a record that is certainly theirs, lately, from a source that people gave it to themselves. `None` for anybody
/// else.
///
/// The number in a record that may be another person's would let that other one in.
///
/// # Errors
///
/// When a table or the index can't be read.
pub async fn claimed(
    snapshot: &Snapshot,
    index: &PersonIndex,
    pack: &Pack,
    keys: &ColumnKeys,
    known_at: Date,
    claim: Claim<'_>,
) -> Result<Option<Hit>, RegistryError> {
    let mut found = index.search(claim.id_number.expose(), None, keys, 0, 2)?.hits;
    let Some(hit) = found.pop().filter(|_| found.is_empty()) else { return Ok(None) };
    let same_name = hit
        .name
        .as_deref()
        .is_some_and(|name| names::simplify(name) == names::simplify(claim.name));
    let Some(phone) = claim.phone else { return Ok(Some(hit).filter(|_| same_name)) };
    // Read whether the name is right or not: how long the answer takes does not tell.
    let open = Sensitive::Open("phone");
    let file = person_file(snapshot, index, pack, keys, &hit.person_id, known_at, open).await?;
    let oldest = known_at.saturating_sub(YEARS.years());
    let known = file.is_some_and(|file| {
        let phones = file.attributes.iter().filter(|entry| entry.attribute == "phone");
        phones.flat_map(|entry| &entry.competing).any(|stated| {
            stated.certain
                && stated.authority >= OWN_PHONE
                && stated.as_of >= oldest
                && Phone::parse(&stated.value).is_ok_and(|stated| stated == *phone)
        })
    });
    Ok((known && same_name).then_some(hit))
}

/// The ids that a person had before persons were merged, the present one first.
///
/// # Errors
///
/// When a table can't be read.
pub async fn all_ids(snapshot: &Snapshot, person_id: &str) -> Result<Vec<String>, RegistryError> {
    let mut ids = vec![person_id.to_owned()];
    if !snapshot.has(crate::ID_EVENTS) {
        return Ok(ids);
    }
    let mut asked = 0;
    while asked < ids.len() && ids.len() < MERGES {
        let news: Vec<String> =
            ids[asked..].iter().map(|id| format!("'{}'", id.replace('\'', "''"))).collect();
        asked = ids.len();
        let sql = format!(
            "SELECT DISTINCT old_id FROM id_events WHERE new_id IN ({}) AND kind = 'merged' ORDER BY old_id",
            news.join(", ")
        );
        for batch in snapshot.query(&[crate::ID_EVENTS], &sql).await? {
            let old = string_column(&batch, crate::ID_EVENTS, "old_id")?;
            for id in old.iter().flatten() {
                if !ids.iter().any(|known| known == id) {
                    ids.push(id.to_owned());
                }
            }
        }
    }
    Ok(ids)
}
