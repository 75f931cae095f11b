//! The keys, and the operations on single cells.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::key_file::{self, KeyFile, Stamp};
use crate::key_text::KeyText;
use crate::suite::{MASTER, Master, Secrets, Suite};
use crate::{SealedColumn, TokenKind, TrustError, hex};

/// The keys of the sensitive columns.
///
/// New cells are sealed with one of them, the present one; tokens and digests are made with one of them, which
/// after a rotation is an older one; every one of them opens what it has sealed.
pub struct ColumnKeys {
    suite: Suite,
    present: Arc<Key>,
    older: Vec<Arc<Key>>,
    tokens: Arc<Key>,
    source: Option<Source>,
}

/// One key, with what follows from it.
pub(crate) struct Key {
    pub(crate) secrets: Secrets,
    pub(crate) id: String,
}

/// The file that keys were read from, and its state then.
#[derive(Clone)]
struct Source {
    path: PathBuf,
    stamp: Stamp,
}

/// What one of the keys is used for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyUse {
    /// Its public name, as [`ColumnKeys::id`] gives it.
    pub id: String,
    /// New cells are sealed with it: it is the present one.
    pub seals: bool,
    /// Tokens and digests are made with it.
    pub makes_tokens: bool,
}

impl ColumnKeys {
    /// Reads the key file, whatever its suite, or makes one with a new random key of the international suite
    /// (mode 0600) when there is none.
    ///
    /// Two processes that start at the same time end up with the same key.
    ///
    /// # Errors
    ///
    /// As [`ColumnKeys::load`]; and when the file can't be written.
    pub fn load_or_create(path: &Path) -> Result<Self, TrustError> {
        key_file::read_or_create(path, Suite::International)
            .map(|file| Self::from_file(path, &file))
    }

    /// As [`ColumnKeys::load_or_create`], with a suite that was chosen.
    ///
    /// # Errors
    ///
    /// As [`ColumnKeys::load_or_create`]; and [`TrustError::OtherSuite`] when there is a file of another suite.
    pub fn load_or_create_of(path: &Path, suite: Suite) -> Result<Self, TrustError> {
        key_file::read_or_create_of(path, suite).map(|file| Self::from_file(path, &file))
    }

    /// Reads the key file.
    ///
    /// # Errors
    ///
    /// [`TrustError::Missing`], [`TrustError::TooOpen`] when others than the owner have access,
    /// [`TrustError::Malformed`] when it holds no key, and [`TrustError::KeyText`] when its keys do not fit
    /// together.
    pub fn load(path: &Path) -> Result<Self, TrustError> {
        key_file::read(path).map(|file| Self::from_file(path, &file))
    }

    /// Reads keys from a text of the form that a key file has, for instance out of an environment variable.
    /// `place` says in messages where it came from, such as "environment variable `NAME`".
    ///
    /// # Errors
    ///
    /// [`TrustError::KeyText`].
    pub fn parse(text: &str, place: &str) -> Result<Self, TrustError> {
        match KeyText::parse(text.as_bytes()) {
            Ok(text) => Ok(Self::from_text(&text, None)),
            Err(fault) => {
                Err(TrustError::KeyText { place: place.to_owned(), reason: fault.to_string() })
            }
        }
    }

    /// The keys of the international suite that follow from a master key.
    #[must_use]
    pub fn from_master(master: &[u8; MASTER]) -> Self {
        Self::from_master_of(Suite::International, master)
    }

    /// The keys of a suite that follow from a master key.
    #[must_use]
    pub fn from_master_of(suite: Suite, master: &[u8; MASTER]) -> Self {
        Self::from_text(&KeyText::single(suite, Zeroizing::new(*master)), None)
    }

    pub(crate) fn from_file(path: &Path, file: &KeyFile) -> Self {
        let source = Source { path: path.to_owned(), stamp: file.stamp.clone() };
        Self::from_text(&file.text, Some(source))
    }

    fn from_text(text: &KeyText, source: Option<Source>) -> Self {
        let derive = |master: &Master| Arc::new(Key::derive(text.suite, master));
        let present = derive(&text.present);
        let older: Vec<_> = text.older.iter().map(|key| derive(&key.master)).collect();
        let makes_tokens = text.older.iter().zip(&older).find(|(key, _)| key.makes_tokens);
        let tokens = makes_tokens.map_or(&present, |(_, key)| key).clone();
        Self { suite: text.suite, present, older, tokens, source }
    }

    /// The suite of all these keys.
    #[must_use]
    pub fn suite(&self) -> Suite {
        self.suite
    }

    /// A public name of the present key, 16 hexadecimal digits: to notice that data was written with
    /// another one. The key can't be computed from it.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.present.id
    }

    /// The public name of the key that tokens and digests are made with. Data whose tokens or digests were made
    /// with another one can't be compared with new ones.
    #[must_use]
    pub fn token_id(&self) -> &str {
        &self.tokens.id
    }

    /// All keys and their uses, the present one first.
    #[must_use]
    pub fn uses(&self) -> Vec<KeyUse> {
        let (seals, makes_tokens) = (self.id(), self.token_id());
        self.all()
            .map(|key| KeyUse {
                id: key.id.clone(),
                seals: key.id == seals,
                makes_tokens: key.id == makes_tokens,
            })
            .collect()
    }

    /// The same keys, with tokens and digests made by the one of this name, whatever the key file says: for a
    /// run that writes all of them anew, and for reading data that such a run has written.
    ///
    /// # Errors
    ///
    /// [`TrustError::UnknownKey`].
    pub fn with_tokens_of(&self, id: &str) -> Result<Self, TrustError> {
        let mut keys = std::iter::once(&self.present).chain(&self.older);
        let tokens = keys.find(|key| key.id == id).ok_or_else(|| TrustError::UnknownKey {
            id: id.to_owned(),
            known: self.all().map(|key| key.id.as_str()).collect::<Vec<_>>().join(", "),
        })?;
        Ok(Self {
            suite: self.suite,
            present: Arc::clone(&self.present),
            older: self.older.clone(),
            tokens: Arc::clone(tokens),
            source: self.source.clone(),
        })
    }

    /// Whether the file that the keys were read from is another one now: somebody has rotated or retired a key.
    /// It is looked at, not read. Keys that came from elsewhere never change.
    ///
    /// # Errors
    ///
    /// [`TrustError::Missing`] when it is gone, [`TrustError::Io`].
    pub fn has_changed(&self) -> Result<bool, TrustError> {
        self.changed_file().map(|path| path.is_some())
    }

    /// The file that the keys were read from, if it is another one now.
    pub(crate) fn changed_file(&self) -> Result<Option<&Path>, TrustError> {
        match &self.source {
            Some(source) if Stamp::at(&source.path)? != source.stamp => Ok(Some(&source.path)),
            _ => Ok(None),
        }
    }

    /// Seals one cell with the present key.
    ///
    /// The result is base64 without padding: in the international suite of nonce (12 bytes), ciphertext and tag
    /// (16 bytes), in the SM suite of synthetic IV (16 bytes) and ciphertext. The same cell in the same place
    /// always gives the same text, as long as the present key is the same.
    #[must_use]
    pub fn seal(&self, dataset: &str, column: &str, row_id: &str, plain: &str) -> String {
        let mut out = String::new();
        self.column(dataset, column).seal_into(row_id, plain, &mut out);
        out
    }

    /// Opens one cell, whichever of the keys it was sealed with.
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
        TokenKind::new(&self.tokens, kind)
    }

    /// A keyed digest of bytes, for noticing changes.
    ///
    /// It is keyed because a plain hash of a row would let anybody who reads it try out the few
    /// identity numbers that a birth date leaves open.
    #[must_use]
    pub fn digest(&self, bytes: &[u8]) -> u64 {
        self.tokens.secrets.digest(bytes)
    }

    /// All keys, the present one first.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Key> {
        std::iter::once(&self.present).chain(&self.older).map(AsRef::as_ref)
    }
}

impl Key {
    pub(crate) fn derive(suite: Suite, master: &[u8; MASTER]) -> Self {
        let (secrets, name) = Secrets::derive(suite, master);
        let mut id = String::new();
        hex::push(&name, &mut id);
        Self { secrets, id }
    }
}

impl fmt::Debug for ColumnKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ColumnKeys").field("id", &self.id()).finish_non_exhaustive()
    }
}
