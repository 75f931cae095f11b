//! Persons whose identity number is one slip away from a mistyped one.
//!
//! Valid numbers are stored as keyed tokens only, so they can't be compared digit by digit. The other
//! way round works: all valid numbers that one slip turns into the mistyped one are few (about
//! twenty), and their tokens are looked up.

use hashbrown::HashMap;
use trust::ColumnKeys;
use vocab::IdNumber;

use crate::records::Records;

/// The groups whose identity number becomes this record's mistyped number by replacing one
/// character or swapping two neighbours.
pub(crate) fn groups(
    records: &Records,
    record: u32,
    keys: &ColumnKeys,
    by_id: &HashMap<u128, u32>,
) -> Vec<u32> {
    let Some(typed) = records.bad_id.get(&record) else { return Vec::new() };
    let typed: Vec<u8> = typed.trim().to_ascii_uppercase().into_bytes();
    if typed.len() != 18 || !typed.iter().all(u8::is_ascii_alphanumeric) {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut look_up = |candidate: &[u8]| {
        let Ok(text) = std::str::from_utf8(candidate) else { return };
        if let Ok(number) = IdNumber::parse(text) {
            let token = keys.token("id_number", number.expose());
            if let Some(group) =
                u128::from_str_radix(&token, 16).ok().and_then(|token| by_id.get(&token))
            {
                found.push(*group);
            }
        }
    };
    let mut candidate = typed.clone();
    for at in 0..18 {
        let original = candidate[at];
        for digit in b"0123456789X" {
            if *digit != original && (*digit != b'X' || at == 17) {
                candidate[at] = *digit;
                look_up(&candidate);
            }
        }
        candidate[at] = original;
        if at + 1 < 18 && candidate[at] != candidate[at + 1] {
            candidate.swap(at, at + 1);
            look_up(&candidate);
            candidate.swap(at, at + 1);
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}
