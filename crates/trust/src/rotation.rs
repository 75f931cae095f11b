//! Exchanging the keys of a data folder while it is in use.
//!
//! 1. [`ColumnKeys::rotate`] adds a key. New cells are sealed with it from then on, old ones still open.
//! 2. A run seals all cells anew, and makes all tokens and digests anew by [`ColumnKeys::with_tokens_of`].
//!    [`crate::SealedColumn::sealed_by`] says which cells are left.
//! 3. [`ColumnKeys::move_tokens`] makes tokens with the new key from then on.
//! 4. [`ColumnKeys::retire`] takes the old key out. What is still sealed with it can't be opened any more.

use std::path::Path;

use crate::key_file;
use crate::key_text::{KeyText, MOST};
use crate::keys::Key;
use crate::suite::Master;
use crate::{ColumnKeys, TrustError};

const SEALS: &str = "new cells are sealed with it; add a new key before";
const MAKES_TOKENS: &str = "tokens are made with it; make all of them anew with another key before";

impl ColumnKeys {
    /// Adds a new random key of the file's suite, with which new cells are sealed. Tokens and digests stay with
    /// the key that they were made with. Gives the keys as they are then.
    ///
    /// The file is replaced as a whole, so that it holds the old keys or the new ones whenever the machine
    /// stops. Of two processes at once each adds a key.
    ///
    /// # Errors
    ///
    /// As [`ColumnKeys::load`]; [`TrustError::TooManyKeys`]; and when the file can't be replaced.
    pub fn rotate(path: &Path) -> Result<Self, TrustError> {
        update(path, |text| {
            if text.older.len() + 1 >= MOST {
                return Err(TrustError::TooManyKeys { path: path.to_owned(), most: MOST });
            }
            Ok(text.rotated(key_file::new_master()?))
        })
    }

    /// Makes tokens and digests with the key of this name from now on. Every token and digest that is kept must
    /// have been made anew with it before: others can't be compared any more.
    ///
    /// # Errors
    ///
    /// As [`ColumnKeys::load`]; [`TrustError::UnknownKey`]; and when the file can't be replaced.
    pub fn move_tokens(path: &Path, id: &str) -> Result<Self, TrustError> {
        update(path, |mut text| {
            let to = find(&text, id)?;
            for (at, key) in text.older.iter_mut().enumerate() {
                key.makes_tokens = to == Some(at);
            }
            Ok(text)
        })
    }

    /// Whether [`ColumnKeys::retire`] would take the key of this name out, as far as its uses go.
    ///
    /// # Errors
    ///
    /// [`TrustError::UnknownKey`], and [`TrustError::KeyInUse`].
    pub fn check_retirable(&self, id: &str) -> Result<(), TrustError> {
        let uses = self.uses();
        let known = || uses.iter().map(|key| key.id.as_str()).collect::<Vec<_>>().join(", ");
        let used = uses.iter().find(|key| key.id == id);
        let used =
            used.ok_or_else(|| TrustError::UnknownKey { id: id.to_owned(), known: known() })?;
        let what = match used {
            key if key.seals => SEALS,
            key if key.makes_tokens => MAKES_TOKENS,
            _ => return Ok(()),
        };
        Err(TrustError::KeyInUse { id: id.to_owned(), what })
    }

    /// Takes the key of this name out of the file. No cell may be sealed with it any more: none would open. Nor
    /// may a process that has not noticed a rotation still seal with it.
    ///
    /// # Errors
    ///
    /// As [`ColumnKeys::load`]; [`TrustError::UnknownKey`]; [`TrustError::KeyInUse`] for the key that cells are
    /// sealed with and the one that tokens are made with; and when the file can't be replaced.
    pub fn retire(path: &Path, id: &str) -> Result<Self, TrustError> {
        update(path, |mut text| {
            let in_use = |what| TrustError::KeyInUse { id: id.to_owned(), what };
            let Some(at) = find(&text, id)? else {
                return Err(in_use(SEALS));
            };
            if text.older.get(at).is_some_and(|key| key.makes_tokens) {
                return Err(in_use(MAKES_TOKENS));
            }
            text.older.remove(at);
            Ok(text)
        })
    }
}

fn update(
    path: &Path,
    change: impl FnOnce(KeyText) -> Result<KeyText, TrustError>,
) -> Result<ColumnKeys, TrustError> {
    key_file::update(path, change).map(|file| ColumnKeys::from_file(path, &file))
}

/// The place of a key among the older ones; nothing for the present one.
fn find(text: &KeyText, id: &str) -> Result<Option<usize>, TrustError> {
    let id_of = |master: &Master| Key::derive(text.suite, master).id;
    let present = id_of(&text.present);
    if present == id {
        return Ok(None);
    }
    let older: Vec<String> = text.older.iter().map(|key| id_of(&key.master)).collect();
    match older.iter().position(|of| of == id) {
        Some(at) => Ok(Some(at)),
        None => Err(TrustError::UnknownKey {
            id: id.to_owned(),
            known: std::iter::once(present).chain(older).collect::<Vec<_>>().join(", "),
        }),
    }
}
