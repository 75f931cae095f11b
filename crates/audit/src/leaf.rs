//! What a leaf of the log is.

use serde::Serialize;
use sha2::{Digest, Sha256};
use store::audit::{Entry, SealedEntry};
use trust::log::{Hash, leaf_hash};

/// Bytes of a salt.
pub(crate) const SALT: usize = 16;

/// A leaf, as one line of JSON. It says nothing of a person.
#[derive(Serialize)]
struct Leaf<'a> {
    id: i64,
    at: &'a str,
    what: &'a str,
    sealed: &'a str,
    /// SHA-256, in hexadecimal digits.
    commitment: String,
}

/// The bytes of an entry's leaf.
pub(crate) fn leaf(sealed: &SealedEntry) -> Vec<u8> {
    let leaf = Leaf {
        id: sealed.entry.id,
        at: &sealed.entry.at,
        what: &sealed.entry.what,
        sealed: &sealed.sealed_at,
        commitment: hex(&commitment(&sealed.salt, &sealed.entry)),
    };
    // Texts and numbers can always be written as JSON.
    serde_json::to_vec(&leaf).unwrap_or_default()
}

/// The hash of an entry's leaf.
pub(crate) fn hash(sealed: &SealedEntry) -> Hash {
    leaf_hash(&leaf(sealed))
}

/// SHA-256 over the salt and the entry as a JSON array of its parts.
fn commitment(salt: &[u8], entry: &Entry) -> Hash {
    let parts = (
        entry.id,
        &entry.at,
        &entry.who,
        &entry.what,
        &entry.subject,
        &entry.purpose,
        &entry.detail,
    );
    let mut hash = Sha256::new();
    // The length goes first, so that no other salt and entry give the same bytes.
    hash.update((salt.len() as u64).to_be_bytes());
    hash.update(salt);
    hash.update(serde_json::to_vec(&parts).unwrap_or_default());
    hash.finalize().into()
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;

    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a text never fails.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
