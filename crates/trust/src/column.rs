//! Sealing and tokens prepared for one column.
//!
//! Each of these keeps its buffers, so that a cell costs no allocation of its own; make one per
//! column and thread.

use std::fmt;

use aes_gcm_siv::aead::AeadInPlace;
use aes_gcm_siv::{Nonce, Tag};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use crate::{ColumnKeys, TrustError};

const NONCE: usize = 12;
const TAG: usize = 16;
/// Separates dataset, column and row; none of them holds control characters.
const SEPARATOR: u8 = 0x1f;

/// One column whose cells are sealed and opened.
pub struct SealedColumn<'k> {
    keys: &'k ColumnKeys,
    dataset: String,
    column: String,
    /// `dataset, separator, column, separator`.
    place: Vec<u8>,
    aad: Vec<u8>,
    hashed: Vec<u8>,
    cell: Vec<u8>,
}

impl<'k> SealedColumn<'k> {
    pub(crate) fn new(keys: &'k ColumnKeys, dataset: &str, column: &str) -> Self {
        let mut place = Vec::with_capacity(dataset.len() + column.len() + 2);
        for part in [dataset, column] {
            place.extend_from_slice(part.as_bytes());
            place.push(SEPARATOR);
        }
        Self {
            keys,
            dataset: dataset.to_owned(),
            column: column.to_owned(),
            place,
            aad: Vec::new(),
            hashed: Vec::new(),
            cell: Vec::new(),
        }
    }

    /// Seals a cell and appends the text to `out`.
    pub fn seal_into(&mut self, row_id: &str, plain: &str, out: &mut String) {
        self.place_of(row_id);
        let nonce = self.nonce(plain);
        self.cell.clear();
        self.cell.extend_from_slice(&nonce);
        self.cell.extend_from_slice(plain.as_bytes());
        let text = self.cell.get_mut(NONCE..).unwrap_or_default();
        // Sealing fails only beyond 2^36 bytes (RFC 8452, section 6); a cell is far shorter.
        if let Ok(tag) =
            self.keys.cipher.encrypt_in_place_detached(Nonce::from_slice(&nonce), &self.aad, text)
        {
            self.cell.extend_from_slice(&tag);
            STANDARD_NO_PAD.encode_string(&self.cell, out);
        }
    }

    /// Opens a cell.
    ///
    /// # Errors
    ///
    /// [`TrustError::Sealed`] when it was sealed with another key or for another place, or changed.
    pub fn open(&mut self, row_id: &str, sealed: &str) -> Result<String, TrustError> {
        let mut out = String::new();
        self.open_into(row_id, sealed, &mut out).map(|()| out)
    }

    /// Opens a cell and appends the plain text to `out`.
    ///
    /// # Errors
    ///
    /// As [`SealedColumn::open`]; `out` is then as it was.
    pub fn open_into(
        &mut self,
        row_id: &str,
        sealed: &str,
        out: &mut String,
    ) -> Result<(), TrustError> {
        self.place_of(row_id);
        self.try_open(sealed, out).ok_or_else(|| TrustError::Sealed {
            dataset: self.dataset.clone(),
            column: self.column.clone(),
        })
    }

    fn try_open(&mut self, sealed: &str, out: &mut String) -> Option<()> {
        self.cell.clear();
        STANDARD_NO_PAD.decode_vec(sealed, &mut self.cell).ok()?;
        let (nonce, rest) = self.cell.split_at_mut_checked(NONCE)?;
        let (text, tag) = rest.split_at_mut_checked(rest.len().checked_sub(TAG)?)?;
        self.keys
            .cipher
            .decrypt_in_place_detached(
                Nonce::from_slice(nonce),
                &self.aad,
                text,
                Tag::from_slice(tag),
            )
            .ok()?;
        out.push_str(std::str::from_utf8(text).ok()?);
        Some(())
    }

    fn place_of(&mut self, row_id: &str) {
        self.aad.clear();
        self.aad.extend_from_slice(&self.place);
        self.aad.extend_from_slice(row_id.as_bytes());
    }

    /// The nonce follows from place and text. GCM-SIV stays safe when a nonce repeats; deriving it
    /// makes sealing repeatable, and two cells with different text never share one by accident.
    fn nonce(&mut self, plain: &str) -> [u8; NONCE] {
        self.hashed.clear();
        self.hashed.extend_from_slice(&self.aad);
        self.hashed.push(SEPARATOR);
        self.hashed.extend_from_slice(plain.as_bytes());
        let hash = blake3::keyed_hash(&self.keys.nonce_key, &self.hashed);
        let mut nonce = [0; NONCE];
        for (place, byte) in nonce.iter_mut().zip(hash.as_bytes()) {
            *place = *byte;
        }
        nonce
    }
}

impl fmt::Debug for SealedColumn<'_> {
    // The buffers hold plain text of the last cell.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealedColumn")
            .field("dataset", &self.dataset)
            .field("column", &self.column)
            .finish_non_exhaustive()
    }
}

/// One family of values whose tokens can be compared.
pub struct TokenKind<'k> {
    keys: &'k ColumnKeys,
    hashed: Vec<u8>,
    prefix: usize,
}

impl<'k> TokenKind<'k> {
    pub(crate) fn new(keys: &'k ColumnKeys, kind: &str) -> Self {
        let mut hashed = kind.as_bytes().to_vec();
        hashed.push(SEPARATOR);
        let prefix = hashed.len();
        Self { keys, hashed, prefix }
    }

    /// Appends the token of a value, 32 hexadecimal digits, to `out`.
    pub fn token_into(&mut self, plain: &str, out: &mut String) {
        const HEX: [u8; 16] = *b"0123456789abcdef";
        self.hashed.truncate(self.prefix);
        self.hashed.extend_from_slice(plain.as_bytes());
        let hash = blake3::keyed_hash(&self.keys.token_key, &self.hashed);
        for byte in hash.as_bytes().iter().take(16) {
            // Both indexes are below 16.
            out.push(char::from(HEX[usize::from(byte >> 4)]));
            out.push(char::from(HEX[usize::from(byte & 0x0f)]));
        }
    }
}

impl fmt::Debug for TokenKind<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenKind").finish_non_exhaustive()
    }
}
