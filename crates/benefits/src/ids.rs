//! Ids that are computed from what they name, so that a second run gives the same ones.

use vocab::Period;

/// Hash of parts, each with its length, so that no two different lists of parts run together.
pub(crate) fn hash_parts<'a>(
    context: &str,
    parts: impl IntoIterator<Item = &'a str>,
) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new_derive_key(context);
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize()
}

fn hex(hash: blake3::Hash, digits: usize) -> String {
    let mut hex = hash.to_hex().to_string();
    hex.truncate(digits);
    hex
}

/// The id of a due item: 32 hexadecimal digits of (policy, subject, period, revision).
pub(crate) fn due_item(policy: &str, subject: &str, period: Period, revision: i32) -> String {
    let (period, revision) = (period.to_string(), revision.to_string());
    hex(hash_parts("huimin due item v1", [policy, subject, &period, &revision]), 32)
}

/// The id of an instruction: `I` and 31 hexadecimal digits of (due item, revision, attempt).
///
/// It is made from the stored due item and never from a person's id, which a merge can change. A
/// new attempt exists only after a definite refusal or return.
pub(crate) fn instruction(due_item: &str, revision: i32, attempt: i32) -> String {
    let (revision, attempt) = (revision.to_string(), attempt.to_string());
    format!("I{}", hex(hash_parts("huimin instruction v1", [due_item, &revision, &attempt]), 31))
}

/// The id of a batch: its period and its number within it.
pub(crate) fn batch(period: Period, ordinal: i32) -> String {
    format!("{period}-{ordinal:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn january() -> Period {
        Period::new(2024, 1).unwrap_or_else(|| unreachable!("a month"))
    }

    #[test]
    fn ids_depend_on_every_part_and_on_nothing_else() {
        let id = due_item("sewage-subsidy", "p1", january(), 1);
        assert_eq!(id, due_item("sewage-subsidy", "p1", january(), 1));
        assert_eq!(id.len(), 32);
        for other in [
            due_item("sewage-subsidy", "p1", january(), 2),
            due_item("sewage-subsidy", "p1", january().next(), 1),
            due_item("sewage-subsidy", "p11", january(), 1),
            due_item("sewage-subsidyp", "1", january(), 1),
        ] {
            assert_ne!(id, other);
        }
        assert_ne!(instruction(&id, 1, 1), instruction(&id, 1, 2));
        assert_eq!(instruction(&id, 1, 1).len(), 32);
    }
}
