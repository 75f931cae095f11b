//! Co-signatures of witnesses, C2SP `tlog-cosignature`, version 1.
//!
//! A witness signs a head together with the moment at which it saw that the tree had only grown to it. Somebody
//! who has the log's key and its store can write another history; they can't make the witness forget.

use std::fmt;
use std::path::Path;

use ed25519_dalek::{Signature, Signer as _, SigningKey, Verifier as _, VerifyingKey};
use signed_note::{Signer, Verifier, is_key_name_valid, key_id};

use super::verifier_key::{self, VerifierKey, wrong};
use crate::key_file;
use crate::{Suite, TrustError};

/// Names co-signatures with Ed25519 in the keys of signed notes.
const COSIGNATURE: u8 = 4;
/// A co-signature begins with its seconds since 1970.
const TIME: usize = 8;

/// The private key of a witness.
pub struct WitnessKey {
    name: String,
    key: SigningKey,
}

impl WitnessKey {
    /// The key that follows from a secret.
    ///
    /// # Errors
    ///
    /// [`TrustError::KeyName`] for a name that is empty or has a space or plus sign in it.
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, TrustError> {
        if !is_key_name_valid(name) {
            return Err(TrustError::KeyName { name: name.to_owned() });
        }
        Ok(Self { name: name.to_owned(), key: SigningKey::from_bytes(seed) })
    }

    /// Reads the key file, or makes one with a new random key (mode 0600) when there is none. Co-signatures are
    /// Ed25519: the format has no other.
    ///
    /// # Errors
    ///
    /// As those of the column key; [`TrustError::OtherSuite`]; [`TrustError::SeveralKeys`]; and
    /// [`TrustError::KeyName`].
    pub fn load_or_create(path: &Path, name: &str) -> Result<Self, TrustError> {
        let file = key_file::read_or_create_of(path, Suite::International)?;
        if !file.text.older.is_empty() {
            return Err(TrustError::SeveralKeys { path: path.to_owned() });
        }
        Self::from_seed(name, &file.text.present)
    }

    /// What others check its co-signatures with.
    #[must_use]
    pub fn verifier_key(&self) -> String {
        verifier_key::to_text(&self.name, &public(&self.key.verifying_key()))
    }

    /// Signs at a moment, in seconds since 1970.
    pub(super) fn at(&self, seconds: u64) -> impl Signer {
        At { witness: self, seconds }
    }
}

impl fmt::Debug for WitnessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("WitnessKey").field(&self.name).finish()
    }
}

struct At<'a> {
    witness: &'a WitnessKey,
    seconds: u64,
}

impl Signer for At<'_> {
    fn name(&self) -> &str {
        &self.witness.name
    }

    fn key_id(&self) -> u32 {
        key_id(&self.witness.name, &public(&self.witness.key.verifying_key()))
    }

    fn sign(&self, text: &[u8]) -> Result<Vec<u8>, ed25519_dalek::SignatureError> {
        let signature = self.witness.key.try_sign(&signed(self.seconds, text))?;
        Ok([self.seconds.to_be_bytes().as_slice(), &signature.to_bytes()].concat())
    }
}

/// The public key of a witness.
#[derive(Clone)]
pub struct WitnessVerifier {
    name: String,
    id: u32,
    key: VerifyingKey,
}

impl WitnessVerifier {
    /// From the form that [`WitnessKey::verifier_key`] gives.
    ///
    /// # Errors
    ///
    /// [`TrustError::VerifierKey`] for another text.
    pub fn parse(text: &str) -> Result<Self, TrustError> {
        let parts = VerifierKey::parse(text)?;
        let Some((&COSIGNATURE, public)) = parts.bytes.split_first() else {
            return Err(wrong("it is not a witness's key for co-signatures with Ed25519"));
        };
        let public: &[u8; 32] =
            public.try_into().map_err(|_| wrong("the key is too short or long"))?;
        let key =
            VerifyingKey::from_bytes(public).map_err(|_| wrong("it is no point of the curve"))?;
        Ok(Self { name: parts.name.to_owned(), id: parts.id, key })
    }

    /// The witness's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Debug for WitnessVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("WitnessVerifier").field(&self.name).finish()
    }
}

impl Verifier for WitnessVerifier {
    fn name(&self) -> &str {
        &self.name
    }

    fn key_id(&self) -> u32 {
        self.id
    }

    fn verify(&self, text: &[u8], signature: &[u8]) -> bool {
        let Some((seconds, signature)) = seconds_of(signature) else { return false };
        let Ok(signature) = Signature::from_slice(signature) else { return false };
        self.key.verify(&signed(seconds, text), &signature).is_ok()
    }
}

/// The moment that a co-signature names, and the signature proper.
pub(super) fn seconds_of(signature: &[u8]) -> Option<(u64, &[u8])> {
    let (seconds, rest) = signature.split_first_chunk::<TIME>()?;
    Some((u64::from_be_bytes(*seconds), rest))
}

fn signed(seconds: u64, text: &[u8]) -> Vec<u8> {
    [format!("cosignature/v1\ntime {seconds}\n").as_bytes(), text].concat()
}

fn public(key: &VerifyingKey) -> Vec<u8> {
    [&[COSIGNATURE], key.as_bytes().as_slice()].concat()
}
