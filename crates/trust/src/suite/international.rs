//! AES-256-GCM-SIV (RFC 8452) and BLAKE3.

use std::ops::Range;

use aes_gcm_siv::aead::AeadInPlace;
use aes_gcm_siv::{Aes256GcmSiv, Key, KeyInit, Nonce, Tag};
use zeroize::{Zeroize, Zeroizing};

use super::{ID, MASTER, TOKEN, first};
use crate::column::SEPARATOR;

const NONCE: usize = 12;
const TAG: usize = 16;

/// Derived from the master by BLAKE3's key derivation.
pub(crate) struct Secrets {
    cipher: Aes256GcmSiv,
    nonce_key: [u8; 32],
    token_key: [u8; 32],
    digest_key: [u8; 32],
}

impl Secrets {
    pub(super) fn derive(master: &[u8; MASTER]) -> (Self, [u8; ID]) {
        let seal_key = Zeroizing::new(blake3::derive_key("huimin 2026-01 column seal", master));
        let id_key = Zeroizing::new(blake3::derive_key("huimin 2026-01 key id", master));
        let secrets = Self {
            cipher: Aes256GcmSiv::new(Key::<Aes256GcmSiv>::from_slice(seal_key.as_ref())),
            nonce_key: blake3::derive_key("huimin 2026-01 column nonce", master),
            token_key: blake3::derive_key("huimin 2026-01 column token", master),
            digest_key: blake3::derive_key("huimin 2026-01 row digest", master),
        };
        (secrets, first(blake3::keyed_hash(&id_key, b"").as_bytes()))
    }

    pub(super) fn sealer(&self) -> Sealer<'_> {
        Sealer { secrets: self, hashed: Vec::new() }
    }

    pub(super) fn token(&self, message: &[u8]) -> [u8; TOKEN] {
        first(blake3::keyed_hash(&self.token_key, message).as_bytes())
    }

    pub(super) fn digest(&self, bytes: &[u8]) -> u64 {
        u64::from_be_bytes(first(blake3::keyed_hash(&self.digest_key, bytes).as_bytes()))
    }
}

impl Drop for Secrets {
    fn drop(&mut self) {
        self.nonce_key.zeroize();
        self.token_key.zeroize();
        self.digest_key.zeroize();
    }
}

/// A cell is nonce (12 bytes), ciphertext, tag (16 bytes).
pub(crate) struct Sealer<'k> {
    secrets: &'k Secrets,
    hashed: Vec<u8>,
}

impl Sealer<'_> {
    pub(super) fn seal(&mut self, place: &[u8], plain: &[u8], cell: &mut Vec<u8>) -> Option<()> {
        let nonce = self.nonce(place, plain);
        cell.clear();
        cell.extend_from_slice(&nonce);
        cell.extend_from_slice(plain);
        let text = cell.get_mut(NONCE..)?;
        let tag = self
            .secrets
            .cipher
            .encrypt_in_place_detached(Nonce::from_slice(&nonce), place, text)
            .ok()?;
        cell.extend_from_slice(&tag);
        Some(())
    }

    pub(super) fn open(&mut self, place: &[u8], cell: &mut [u8]) -> Option<Range<usize>> {
        let (nonce, rest) = cell.split_at_mut_checked(NONCE)?;
        let (text, tag) = rest.split_at_mut_checked(rest.len().checked_sub(TAG)?)?;
        self.secrets
            .cipher
            .decrypt_in_place_detached(Nonce::from_slice(nonce), place, text, Tag::from_slice(tag))
            .ok()?;
        Some(NONCE..NONCE + text.len())
    }

    /// The nonce follows from place and text. GCM-SIV stays safe when a nonce repeats; deriving it
    /// makes sealing repeatable, and two cells with different text never share one by accident.
    fn nonce(&mut self, place: &[u8], plain: &[u8]) -> [u8; NONCE] {
        self.hashed.clear();
        self.hashed.extend_from_slice(place);
        self.hashed.push(SEPARATOR);
        self.hashed.extend_from_slice(plain);
        first(blake3::keyed_hash(&self.secrets.nonce_key, &self.hashed).as_bytes())
    }
}

impl Drop for Sealer<'_> {
    // It holds the plain text of the last cell.
    fn drop(&mut self) {
        self.hashed.zeroize();
    }
}
