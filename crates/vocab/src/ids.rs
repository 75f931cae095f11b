//! Ids of rows and records.
//!
//! A *row* is what a source wrote under one key; a *record* is a row that speaks of a person in a role. Their ids follow
//! from what the source wrote and from nothing else, so that reading the same delivery again, on another machine, in
//! another order, gives the same ids.

use std::fmt;

use crate::serde_text::serde_by_text;

/// The id of a row of a dataset: 24 small hexadecimal digits.
///
/// It is the first 96 bits of the BLAKE3 hash of `row`, a zero byte, the dataset's id, a zero byte, and the parts of the
/// source's own key joined by the unit separator U+001F. Cleaned text holds no control characters, so that the joining is
/// unambiguous. Among 10⁹ rows the chance of any two sharing an id is below 10⁻¹⁰.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowId([u8; RowId::LENGTH]);

/// The id of a record: the row's id, a colon and the role in which the row speaks of the person, for instance
/// `0123456789abcdef01234567:husband`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId(String);

/// Why a text isn't an id of a row or record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum IdError {
    /// Not 24 small hexadecimal digits.
    #[error("row id: expected 24 hexadecimal digits in small letters")]
    Row,
    /// No row id, colon and role.
    #[error("record id: expected a row id of 24 hexadecimal digits, a colon and a role")]
    Record,
}

const KEY_DOMAIN: &str = "row";
const CONTENT_DOMAIN: &str = "content";
const SEPARATOR: u8 = 0x1f;
/// Longest input that is composed on the stack.
const SHORT: usize = 256;

impl RowId {
    /// The number of characters of a row id.
    pub const LENGTH: usize = 24;

    /// The id of the row that a source keeps under a key.
    ///
    /// * `dataset`: the dataset's id in the city pack.
    /// * `key`: the cleaned values of the contract's key fields, in the contract's order.
    #[must_use]
    pub fn from_key(dataset: &str, key: &[&str]) -> Self {
        Self::hash(KEY_DOMAIN, dataset, key)
    }

    /// The id of a row of a source that keeps no key of its own: from all its cleaned values, in the contract's order.
    ///
    /// Hashed apart from keys (`content` in the place of `row`), so that a row of values never has the id of a key.
    #[must_use]
    pub fn from_content(dataset: &str, values: &[&str]) -> Self {
        Self::hash(CONTENT_DOMAIN, dataset, values)
    }

    /// Reads an id that was written before.
    ///
    /// # Errors
    ///
    /// [`IdError::Row`] unless there are 24 small hexadecimal digits.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        let digits: [u8; Self::LENGTH] = text.as_bytes().try_into().map_err(|_| IdError::Row)?;
        if digits.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
            Ok(Self(digits))
        } else {
            Err(IdError::Row)
        }
    }

    /// The 24 hexadecimal digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Every constructor writes ASCII only, so the fallback is never used.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    fn hash(domain: &str, dataset: &str, parts: &[&str]) -> Self {
        let length = domain.len()
            + dataset.len()
            + 2
            + parts.iter().map(|part| part.len() + 1).sum::<usize>();
        // Nearly all keys are short: one call on a buffer is several times faster than feeding the hasher in pieces.
        if length <= SHORT {
            let mut buffer = [0; SHORT];
            let mut used = 0;
            each_piece(domain, dataset, parts, |piece| {
                if let Some(place) = buffer.get_mut(used..used + piece.len()) {
                    place.copy_from_slice(piece);
                }
                used += piece.len();
            });
            return Self::from_hash(&blake3::hash(buffer.get(..used).unwrap_or_default()));
        }
        let mut hasher = blake3::Hasher::new();
        each_piece(domain, dataset, parts, |piece| {
            hasher.update(piece);
        });
        Self::from_hash(&hasher.finalize())
    }

    fn from_hash(hash: &blake3::Hash) -> Self {
        const HEX: [u8; 16] = *b"0123456789abcdef";
        let mut digits = [b'0'; Self::LENGTH];
        for (pair, byte) in digits.chunks_exact_mut(2).zip(hash.as_bytes()) {
            if let [high, low] = pair {
                // Half a byte is at most 15.
                *high = HEX[usize::from(byte >> 4)];
                *low = HEX[usize::from(byte & 0x0f)];
            }
        }
        Self(digits)
    }
}

fn each_piece(domain: &str, dataset: &str, parts: &[&str], mut take: impl FnMut(&[u8])) {
    take(domain.as_bytes());
    take(&[0]);
    take(dataset.as_bytes());
    take(&[0]);
    for (position, part) in parts.iter().enumerate() {
        if position > 0 {
            take(&[SEPARATOR]);
        }
        take(part.as_bytes());
    }
}

impl RecordId {
    /// The id of the record in which a row speaks of a person in a role.
    ///
    /// * `role`: the role's id in the contract, for instance `subject` or `mother`.
    #[must_use]
    pub fn new(row: &RowId, role: &str) -> Self {
        let mut text = String::with_capacity(RowId::LENGTH + 1 + role.len());
        text.push_str(row.as_str());
        text.push(':');
        text.push_str(role);
        Self(text)
    }

    /// Reads an id that was written before.
    ///
    /// # Errors
    ///
    /// [`IdError::Record`] unless it is a row id, a colon and a role of at least one character.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        let (row, role) = text.split_at_checked(RowId::LENGTH).ok_or(IdError::Record)?;
        RowId::parse(row).map_err(|_| IdError::Record)?;
        match role.strip_prefix(':') {
            Some(role) if !role.is_empty() => Ok(Self(text.to_owned())),
            _ => Err(IdError::Record),
        }
    }

    /// The whole id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id of the row, 24 hexadecimal digits.
    #[must_use]
    pub fn row(&self) -> &str {
        // Both constructors put a row id in front.
        self.0.get(..RowId::LENGTH).unwrap_or_default()
    }

    /// The role.
    #[must_use]
    pub fn role(&self) -> &str {
        self.0.get(RowId::LENGTH + 1..).unwrap_or_default()
    }
}

impl fmt::Display for RowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for RowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RowId({})", self.as_str())
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RecordId({})", self.as_str())
    }
}

serde_by_text!(RowId, |id| id.as_str(), "a row id of 24 hexadecimal digits");
serde_by_text!(RecordId, |id| id.as_str(), "a record id: row id, colon, role");

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition, spelled out.
    fn first_96_bits(input: &[u8]) -> String {
        blake3::hash(input).to_hex()[..24].to_owned()
    }

    #[test]
    fn the_id_of_a_key_is_the_hash_that_the_definition_says() {
        let id = RowId::from_key("assistance_application", &["2024-0001", "02"]);
        assert_eq!(id.as_str(), first_96_bits(b"row\0assistance_application\x002024-0001\x1f02"));
    }

    #[test]
    fn ids_stay_what_they_were() {
        // Written in stored tables: a change here is a change of format.
        assert_eq!(
            RowId::from_key("household_register", &["P0001"]).as_str(),
            "0793161dfa42fc5de21bc76d"
        );
        assert_eq!(
            RowId::from_content("household_register", &["P0001"]).as_str(),
            "72840373206ffd8ece451639"
        );
    }

    #[test]
    fn long_keys_have_the_id_that_the_definition_says() {
        for length in [SHORT - 10, SHORT - 9, SHORT - 8, SHORT - 7, SHORT - 6, SHORT, 10 * SHORT] {
            let key = "长".repeat(length / 3) + &"k".repeat(length % 3);
            let id = RowId::from_key("abc", &[&key]);
            assert_eq!(
                id.as_str(),
                first_96_bits(format!("row\0abc\0{key}").as_bytes()),
                "{length}"
            );
        }
    }

    #[test]
    fn datasets_keys_and_contents_do_not_meet() {
        let ids = [
            RowId::from_key("a", &["b", "c"]),
            RowId::from_key("a", &["bc"]),
            RowId::from_key("ab", &["c"]),
            RowId::from_key("a", &["b", "c", ""]),
            RowId::from_key("a", &[]),
            RowId::from_key("", &["a"]),
            RowId::from_content("a", &["b", "c"]),
        ];
        for (position, id) in ids.iter().enumerate() {
            assert!(!ids.iter().skip(position + 1).any(|other| other == id), "{position}");
        }
    }

    #[test]
    fn a_record_is_a_row_in_a_role() {
        let row = RowId::from_key("marriage", &["M1"]);
        let record = RecordId::new(&row, "husband");
        assert_eq!(record.as_str(), format!("{row}:husband"));
        assert_eq!((record.row(), record.role()), (row.as_str(), "husband"));
        assert_eq!(RecordId::parse(record.as_str()), Ok(record));
    }

    #[test]
    fn texts_of_another_form_are_no_ids() {
        for text in [
            "",
            "0123456789abcdef0123456",
            "0123456789ABCDEF01234567",
            "0123456789abcdef012345678",
            "0123456789abcdef0123456g",
            "四四四四四四四四",
        ] {
            assert_eq!(RowId::parse(text), Err(IdError::Row), "{text}");
        }
        for text in [
            "",
            "0123456789abcdef01234567",
            "0123456789abcdef01234567:",
            "0123456789abcdef01234567-subject",
            "x:subject",
            "0123456789abcdef0123456四:x",
        ] {
            assert_eq!(RecordId::parse(text), Err(IdError::Record), "{text}");
        }
    }
}
