//! Valid identity numbers that are one slip away from a mistyped one.
//!
//! Valid numbers are stored as keyed tokens only, so they can't be compared digit by digit. The other
//! way round works: all valid numbers that one slip turns into the mistyped one are few (about
//! twenty), and their tokens can be looked up.

use trust::ColumnKeys;
use vocab::IdNumber;

/// The tokens of all valid numbers that become `typed` by replacing one character or swapping two
/// neighbours; sorted, none twice.
pub(crate) fn tokens(typed: &str, keys: &ColumnKeys) -> Box<[u128]> {
    let typed: Vec<u8> = typed.trim().to_ascii_uppercase().into_bytes();
    if typed.len() != 18 || !typed.iter().all(u8::is_ascii_alphanumeric) {
        return Box::default();
    }
    let mut found = Vec::new();
    let mut offer = |candidate: &[u8]| {
        let Ok(text) = std::str::from_utf8(candidate) else { return };
        if let Ok(number) = IdNumber::parse(text) {
            let token = keys.token("id_number", number.expose());
            found.extend(u128::from_str_radix(&token, 16));
        }
    };
    let mut candidate = typed;
    for at in 0..18 {
        let original = candidate[at];
        for digit in b"0123456789X" {
            if *digit != original && (*digit != b'X' || at == 17) {
                candidate[at] = *digit;
                offer(&candidate);
            }
        }
        candidate[at] = original;
        if at + 1 < 18 && candidate[at] != candidate[at + 1] {
            candidate.swap(at, at + 1);
            offer(&candidate);
            candidate.swap(at, at + 1);
        }
    }
    found.sort_unstable();
    found.dedup();
    found.into_boxed_slice()
}
