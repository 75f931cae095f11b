//! The key that the log's own checkpoints are signed with.

use std::fmt;
use std::path::Path;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ed25519_dalek::SigningKey;
use signed_note::{Signer, StandardSigner, StandardVerifier, Verifier, is_key_name_valid, key_id};
use zeroize::Zeroizing;

use super::sm::{Sm2Signer, Sm2Verifier, UNASSIGNED};
use super::verifier_key::{self, VerifierKey};
use crate::TrustError;
use crate::key_file::{self, KeyFile};
use crate::key_text::KeyText;
use crate::suite::{MASTER, Suite};

/// Names Ed25519 in the keys of signed notes.
const ED25519: u8 = 1;

/// The private key of a log. Its name is the log's origin.
///
/// It signs with Ed25519 or SM2, as the suite says. The hashes of the tree are SHA-256 in both suites: RFC 6962
/// and the formats of C2SP know no other, and no tool could follow a log that has another.
pub struct LogKey {
    pub(super) signer: Box<dyn Signer + Send + Sync>,
    pub(super) name: String,
    verifier: String,
}

impl LogKey {
    /// Reads the key file, whatever its suite, or makes one with a new random key of the international suite
    /// (mode 0600) when there is none.
    ///
    /// # Errors
    ///
    /// As those of the column key; [`TrustError::SeveralKeys`]; and [`TrustError::KeyName`].
    pub fn load_or_create(path: &Path, name: &str) -> Result<Self, TrustError> {
        let file = key_file::read_or_create(path, Suite::International)?;
        Self::from_file(path, name, &file)
    }

    /// As [`LogKey::load_or_create`], with a suite that was chosen.
    ///
    /// # Errors
    ///
    /// As [`LogKey::load_or_create`]; and [`TrustError::OtherSuite`] when there is a file of another suite.
    pub fn load_or_create_of(path: &Path, suite: Suite, name: &str) -> Result<Self, TrustError> {
        Self::from_file(path, name, &key_file::read_or_create_of(path, suite)?)
    }

    /// Reads the key file.
    ///
    /// # Errors
    ///
    /// As those of the column key; [`TrustError::SeveralKeys`]; and [`TrustError::KeyName`].
    pub fn load(path: &Path, name: &str) -> Result<Self, TrustError> {
        Self::from_file(path, name, &key_file::read(path)?)
    }

    /// Reads the key from a text of the form that a key file has. `place` says in messages where it came from.
    ///
    /// # Errors
    ///
    /// [`TrustError::KeyText`], also when it holds several keys; and [`TrustError::KeyName`].
    pub fn parse(text: &str, place: &str, name: &str) -> Result<Self, TrustError> {
        let wrong = |reason| TrustError::KeyText { place: place.to_owned(), reason };
        let text = KeyText::parse(text.as_bytes()).map_err(|fault| wrong(fault.to_string()))?;
        if !text.older.is_empty() {
            return Err(wrong("there are several; a log is signed with one".to_owned()));
        }
        Self::from_seed_of(text.suite, name, &text.present)
    }

    fn from_file(path: &Path, name: &str, file: &KeyFile) -> Result<Self, TrustError> {
        if !file.text.older.is_empty() {
            return Err(TrustError::SeveralKeys { path: path.to_owned() });
        }
        Self::from_seed_of(file.text.suite, name, &file.text.present)
    }

    /// The key of the international suite that follows from a secret.
    ///
    /// # Errors
    ///
    /// [`TrustError::KeyName`] for a name that is empty or has a space or plus sign in it.
    pub fn from_seed(name: &str, seed: &[u8; MASTER]) -> Result<Self, TrustError> {
        Self::from_seed_of(Suite::International, name, seed)
    }

    /// The key of a suite that follows from a secret.
    ///
    /// # Errors
    ///
    /// As [`LogKey::from_seed`].
    pub fn from_seed_of(suite: Suite, name: &str, seed: &[u8; MASTER]) -> Result<Self, TrustError> {
        let wrong = || TrustError::KeyName { name: name.to_owned() };
        if !is_key_name_valid(name) {
            return Err(wrong());
        }
        let (signer, verifier): (Box<dyn Signer + Send + Sync>, _) = match suite {
            Suite::International => {
                let (signer, verifier) = ed25519(name, seed).ok_or_else(wrong)?;
                (Box::new(signer), verifier)
            }
            Suite::Sm => {
                let (signer, verifier) = Sm2Signer::from_seed(name, seed);
                (Box::new(signer), verifier)
            }
        };
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

fn ed25519(name: &str, seed: &[u8; MASTER]) -> Option<(StandardSigner, String)> {
    let key = SigningKey::from_bytes(seed);
    let public = [&[ED25519], key.verifying_key().as_bytes().as_slice()].concat();
    let private = Zeroizing::new([&[ED25519], seed.as_slice()].concat());
    let private = Zeroizing::new(BASE64_STANDARD.encode(&*private));
    let id = key_id(name, &public);
    let text = Zeroizing::new(format!("PRIVATE+KEY+{name}+{id:08x}+{}", *private));
    Some((StandardSigner::new(&text).ok()?, verifier_key::to_text(name, &public)))
}

/// The public key of a log, of either suite.
#[derive(Clone)]
pub struct LogVerifier(Kind);

#[derive(Clone)]
enum Kind {
    Ed25519(StandardVerifier),
    Sm2(Sm2Verifier),
}

impl LogVerifier {
    /// From the form that [`LogKey::verifier_key`] gives.
    ///
    /// # Errors
    ///
    /// [`TrustError::VerifierKey`] for another text.
    pub fn parse(text: &str) -> Result<Self, TrustError> {
        let parts = VerifierKey::parse(text)?;
        if parts.bytes.first() == Some(&UNASSIGNED) {
            return Sm2Verifier::new(&parts).map(Kind::Sm2).map(Self);
        }
        StandardVerifier::new(text.trim())
            .map(Kind::Ed25519)
            .map(Self)
            .map_err(|error| TrustError::VerifierKey { reason: error.to_string() })
    }

    /// The log's origin.
    #[must_use]
    pub fn name(&self) -> &str {
        self.kind().name()
    }

    fn kind(&self) -> &dyn Verifier {
        match &self.0 {
            Kind::Ed25519(verifier) => verifier,
            Kind::Sm2(verifier) => verifier,
        }
    }
}

impl Verifier for LogVerifier {
    fn name(&self) -> &str {
        self.kind().name()
    }

    fn key_id(&self) -> u32 {
        self.kind().key_id()
    }

    fn verify(&self, text: &[u8], signature: &[u8]) -> bool {
        self.kind().verify(text, signature)
    }
}

impl fmt::Debug for LogVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LogVerifier").field(&self.name()).finish()
    }
}
