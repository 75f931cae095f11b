//! 国密: SM4 in the mode SIV (RFC 5297), and SM3.
//!
//! SIV makes the place in a counter mode's key stream from a MAC over place and text, and that MAC is the tag
//! as well: there is no nonce that could repeat. ADR 0003 has the argument and its bound.

use std::ops::Range;

use aes_siv::KeyInit as _;
use aes_siv::siv::{CmacSiv, IV_SIZE};
use hkdf::Hkdf;
use hmac::{Hmac, Mac as _};
use sm3::Sm3;
use sm4::Sm4;
use zeroize::Zeroizing;

use super::{ID, MASTER, TOKEN, first};

/// The key of the MAC, then that of the counter mode; each is a key of SM4, of 16 bytes.
const SEAL_KEY: usize = 32;

/// Derived from the master by HKDF (RFC 5869) with SM3 and no salt.
pub(crate) struct Secrets {
    seal_key: Zeroizing<[u8; SEAL_KEY]>,
    token: Hmac<Sm3>,
    digest: Hmac<Sm3>,
}

impl Secrets {
    pub(super) fn derive(master: &[u8; MASTER]) -> (Self, [u8; ID]) {
        let source = Hkdf::<Sm3>::new(None, master);
        let secrets = Self {
            seal_key: expand(&source, "huimin 2026-11 sm column seal"),
            token: hmac(&expand(&source, "huimin 2026-11 sm column token")),
            digest: hmac(&expand(&source, "huimin 2026-11 sm row digest")),
        };
        (secrets, *expand(&source, "huimin 2026-11 sm key id"))
    }

    pub(super) fn sealer(&self) -> Sealer {
        Sealer(CmacSiv::new(&(*self.seal_key).into()))
    }

    pub(super) fn token(&self, message: &[u8]) -> [u8; TOKEN] {
        first(&self.token.clone().chain_update(message).finalize().into_bytes())
    }

    pub(super) fn digest(&self, bytes: &[u8]) -> u64 {
        u64::from_be_bytes(first(&self.digest.clone().chain_update(bytes).finalize().into_bytes()))
    }
}

/// 32 bytes for a private key of SM2, where those of the attempts before were none.
pub(crate) fn sm2_secret(seed: &[u8; MASTER], attempt: u8) -> Zeroizing<[u8; 32]> {
    let source = Hkdf::<Sm3>::new(None, seed);
    expand(&source, &format!("huimin 2026-11 sm log signature {attempt}"))
}

/// A key or name of its own for one use.
fn expand<const N: usize>(source: &Hkdf<Sm3>, use_of: &str) -> Zeroizing<[u8; N]> {
    let mut bytes = Zeroizing::new([0; N]);
    source
        .expand(use_of.as_bytes(), bytes.as_mut())
        .unwrap_or_else(|_| unreachable!("HKDF gives up to 255 times 32 bytes"));
    bytes
}

fn hmac(key: &[u8; 32]) -> Hmac<Sm3> {
    Hmac::new_from_slice(key).unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"))
}

/// A cell is the synthetic IV (16 bytes), which is its tag too, and ciphertext.
pub(crate) struct Sealer(CmacSiv<Sm4>);

impl Sealer {
    pub(super) fn seal(&mut self, place: &[u8], plain: &[u8], cell: &mut Vec<u8>) -> Option<()> {
        cell.clear();
        cell.resize(IV_SIZE, 0);
        cell.extend_from_slice(plain);
        let (iv, text) = cell.split_first_chunk_mut::<IV_SIZE>()?;
        *iv = self.0.encrypt_inout_detached([place], text.into()).ok()?.into();
        Some(())
    }

    pub(super) fn open(&mut self, place: &[u8], cell: &mut [u8]) -> Option<Range<usize>> {
        let (iv, text) = cell.split_first_chunk_mut::<IV_SIZE>()?;
        self.0.decrypt_inout_detached([place], (&mut *text).into(), &(*iv).into()).ok()?;
        Some(IV_SIZE..IV_SIZE + text.len())
    }
}
