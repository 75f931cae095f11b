//! The keys, and the operations on single cells.

use std::fmt;
use std::path::Path;

use aes_gcm_siv::{Aes256GcmSiv, Key, KeyInit};
use zeroize::{Zeroize, Zeroizing};

use crate::{SealedColumn, TokenKind, TrustError, key_file};

/// Length of the master key in bytes.
pub(crate) const MASTER: usize = 32;

/// The keys of the sensitive columns.
///
/// Every use has a key of its own, derived from the master by BLAKE3's key derivation, so that
/// what one of them gives away says nothing about the others.
pub struct ColumnKeys {
    pub(crate) cipher: Aes256GcmSiv,
    pub(crate) nonce_key: [u8; 32],
    pub(crate) token_key: [u8; 32],
    digest_key: [u8; 32],
    id: String,
}

impl ColumnKeys {
    /// Reads the key file, or makes one with a new random key (mode 0600) when there is none.
    ///
    /// Two processes that start at the same time end up with the same key.
    ///
    /// # Errors
    ///
    /// As [`ColumnKeys::load`]; and when the file can't be written.
    pub fn load_or_create(path: &Path) -> Result<Self, TrustError> {
        key_file::read_or_create(path).map(|master| Self::from_master(&master))
    }

    /// Reads the key file.
    ///
    /// # Errors
    ///
    /// [`TrustError::Missing`], [`TrustError::TooOpen`] when others than the owner have access, and
    /// [`TrustError::Malformed`].
    pub fn load(path: &Path) -> Result<Self, TrustError> {
        key_file::read(path).map(|master| Self::from_master(&master))
    }

    /// The keys that follow from a master key.
    #[must_use]
    pub fn from_master(master: &[u8; MASTER]) -> Self {
        let seal_key = Zeroizing::new(blake3::derive_key("huimin 2026-01 column seal", master));
        let id_key = Zeroizing::new(blake3::derive_key("huimin 2026-01 key id", master));
        let id = blake3::keyed_hash(&id_key, b"").to_hex();
        Self {
            cipher: Aes256GcmSiv::new(Key::<Aes256GcmSiv>::from_slice(seal_key.as_ref())),
            nonce_key: blake3::derive_key("huimin 2026-01 column nonce", master),
            token_key: blake3::derive_key("huimin 2026-01 column token", master),
            digest_key: blake3::derive_key("huimin 2026-01 row digest", master),
            id: id.get(..16).unwrap_or_default().to_owned(),
        }
    }

    /// A public name of this key, 16 hexadecimal digits: to notice that data was written with
    /// another one. The key can't be computed from it.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Seals one cell.
    ///
    /// The result is base64 without padding of nonce (12 bytes), ciphertext and tag (16 bytes). The
    /// same cell in the same place always gives the same text.
    #[must_use]
    pub fn seal(&self, dataset: &str, column: &str, row_id: &str, plain: &str) -> String {
        let mut out = String::new();
        self.column(dataset, column).seal_into(row_id, plain, &mut out);
        out
    }

    /// Opens one cell.
    ///
    /// # Errors
    ///
    /// [`TrustError::Sealed`] when it was sealed with another key or for another place, or changed.
    pub fn open(
        &self,
        dataset: &str,
        column: &str,
        row_id: &str,
        sealed: &str,
    ) -> Result<String, TrustError> {
        self.column(dataset, column).open(row_id, sealed)
    }

    /// The token of a value, 32 hexadecimal digits.
    ///
    /// `kind` is the family of attributes that can be equal to each other: `id_number`, `phone`,
    /// `account`, `address`. Equal values of one kind have equal tokens in all datasets.
    #[must_use]
    pub fn token(&self, kind: &str, plain: &str) -> String {
        let mut out = String::new();
        self.tokens(kind).token_into(plain, &mut out);
        out
    }

    /// Seals and opens many cells of one column.
    #[must_use]
    pub fn column(&self, dataset: &str, column: &str) -> SealedColumn<'_> {
        SealedColumn::new(self, dataset, column)
    }

    /// Makes many tokens of one kind.
    #[must_use]
    pub fn tokens(&self, kind: &str) -> TokenKind<'_> {
        TokenKind::new(self, kind)
    }

    /// A keyed digest of bytes, for noticing changes.
    ///
    /// It is keyed because a plain hash of a row would let anybody who reads it try out the few
    /// identity numbers that a birth date leaves open.
    #[must_use]
    pub fn digest(&self, bytes: &[u8]) -> u64 {
        let hash = blake3::keyed_hash(&self.digest_key, bytes);
        let mut first = [0; 8];
        for (place, byte) in first.iter_mut().zip(hash.as_bytes()) {
            *place = *byte;
        }
        u64::from_be_bytes(first)
    }
}

impl Drop for ColumnKeys {
    fn drop(&mut self) {
        self.nonce_key.zeroize();
        self.token_key.zeroize();
        self.digest_key.zeroize();
    }
}

impl fmt::Debug for ColumnKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ColumnKeys").field("id", &self.id).finish_non_exhaustive()
    }
}
