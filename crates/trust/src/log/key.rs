//! The key that the log's own checkpoints are signed with.

use std::fmt;
use std::path::Path;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ed25519_dalek::SigningKey;
use signed_note::{StandardSigner, StandardVerifier, Verifier as _, is_key_name_valid, key_id};
use zeroize::Zeroizing;

use crate::{TrustError, key_file};

/// Names Ed25519 in the keys of signed notes.
const ED25519: u8 = 1;

/// The private key of a log. Its name is the log's origin.
pub struct LogKey {
    pub(super) signer: StandardSigner,
    pub(super) name: String,
    verifier: String,
}

impl LogKey {
    /// Reads the key file, or makes one with a new random key (mode 0600) when there is none.
    ///
    /// # Errors
    ///
    /// As those of the column key; and [`TrustError::KeyName`].
    pub fn load_or_create(path: &Path, name: &str) -> Result<Self, TrustError> {
        key_file::read_or_create(path).and_then(|seed| Self::from_seed(name, &seed))
    }

    /// Reads the key file.
    ///
    /// # Errors
    ///
    /// As those of the column key; and [`TrustError::KeyName`].
    pub fn load(path: &Path, name: &str) -> Result<Self, TrustError> {
        key_file::read(path).and_then(|seed| Self::from_seed(name, &seed))
    }

    /// The key that follows from a secret.
    ///
    /// # Errors
    ///
    /// [`TrustError::KeyName`] for a name that is empty or has a space or plus sign in it.
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, TrustError> {
        let wrong = || TrustError::KeyName { name: name.to_owned() };
        if !is_key_name_valid(name) {
            return Err(wrong());
        }
        let key = SigningKey::from_bytes(seed);
        let public = [&[ED25519], key.verifying_key().as_bytes().as_slice()].concat();
        let private = Zeroizing::new([&[ED25519], seed.as_slice()].concat());
        let private = Zeroizing::new(BASE64_STANDARD.encode(&*private));
        let id = key_id(name, &public);
        let text = Zeroizing::new(format!("PRIVATE+KEY+{name}+{id:08x}+{}", *private));
        let signer = StandardSigner::new(&text).map_err(|_| wrong())?;
        let verifier = format!("{name}+{id:08x}+{}", BASE64_STANDARD.encode(&public));
        Ok(Self { signer, name: name.to_owned(), verifier })
    }

    /// What others check its signatures with, in the form of C2SP `signed-note`: it is published.
    #[must_use]
    pub fn verifier_key(&self) -> &str {
        &self.verifier
    }
}

impl fmt::Debug for LogKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LogKey").field(&self.verifier).finish()
    }
}

/// The public key of a log.
#[derive(Clone)]
pub struct LogVerifier(pub(super) StandardVerifier);

impl LogVerifier {
    /// From the form that [`LogKey::verifier_key`] gives.
    ///
    /// # Errors
    ///
    /// [`TrustError::VerifierKey`] for another text.
    pub fn parse(text: &str) -> Result<Self, TrustError> {
        StandardVerifier::new(text.trim())
            .map(Self)
            .map_err(|error| TrustError::VerifierKey { reason: error.to_string() })
    }

    /// The log's origin.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.name()
    }
}

impl fmt::Debug for LogVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LogVerifier").field(&self.name()).finish()
    }
}
