//! Sealing and tokens prepared for one column.
//!
//! Each of these keeps its buffers, so that a cell costs no allocation of its own; make one per
//! column and thread.

use std::fmt;
use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use zeroize::{Zeroize as _, Zeroizing};

use crate::keys::Key;
use crate::suite::Sealer;
use crate::{ColumnKeys, TrustError};

/// Separates dataset, column and row; none of them holds control characters.
pub(crate) const SEPARATOR: u8 = 0x1f;

/// One column whose cells are sealed and opened.
pub struct SealedColumn<'k> {
    dataset: String,
    column: String,
    /// `dataset, separator, column, separator`.
    place: Vec<u8>,
    aad: Vec<u8>,
    cell: Vec<u8>,
    /// One a key; the first one seals.
    openers: Vec<Opener<'k>>,
    /// The one that opened the cell before.
    last: usize,
}

struct Opener<'k> {
    sealer: Sealer<'k>,
    id: &'k str,
}

impl<'k> Opener<'k> {
    fn new(key: &'k Key) -> Self {
        Self { sealer: key.secrets.sealer(), id: &key.id }
    }
}

impl<'k> SealedColumn<'k> {
    pub(crate) fn new(keys: &'k ColumnKeys, dataset: &str, column: &str) -> Self {
        let mut place = Vec::with_capacity(dataset.len() + column.len() + 2);
        for part in [dataset, column] {
            place.extend_from_slice(part.as_bytes());
            place.push(SEPARATOR);
        }
        Self {
            dataset: dataset.to_owned(),
            column: column.to_owned(),
            place,
            aad: Vec::new(),
            cell: Vec::new(),
            openers: keys.all().map(Opener::new).collect(),
            last: 0,
        }
    }

    /// Seals a cell with the present key and appends the text to `out`.
    pub fn seal_into(&mut self, row_id: &str, plain: &str, out: &mut String) {
        self.place_of(row_id);
        // Sealing fails only beyond 2^36 bytes (RFC 8452, section 6); a cell is far shorter.
        if let Some(present) = self.openers.first_mut()
            && present.sealer.seal(&self.aad, plain.as_bytes(), &mut self.cell).is_some()
        {
            STANDARD_NO_PAD.encode_string(&self.cell, out);
        }
    }

    /// Opens a cell, whichever of the keys it was sealed with.
    ///
    /// # Errors
    ///
    /// [`TrustError::Sealed`] when it was sealed with another key or for another place, or changed.
    pub fn open(&mut self, row_id: &str, sealed: &str) -> Result<String, TrustError> {
        let mut out = String::new();
        self.open_into(row_id, sealed, &mut out).map(|()| out)
    }

    /// Opens a cell, whichever of the keys it was sealed with, and appends the plain text to `out`.
    ///
    /// Keys are tried, the one that opened the cell before first: cells that lie beside each other are mostly
    /// of one key.
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
        let (_, text) = self.try_open(row_id, sealed).ok_or_else(|| self.refused())?;
        let text = self.cell.get(text).and_then(|text| std::str::from_utf8(text).ok());
        out.push_str(text.ok_or_else(|| self.refused())?);
        Ok(())
    }

    /// The name of the key that a cell was sealed with, as [`ColumnKeys::id`] gives it: whoever seals all cells
    /// anew learns which ones are left.
    ///
    /// # Errors
    ///
    /// As [`SealedColumn::open`].
    pub fn sealed_by(&mut self, row_id: &str, sealed: &str) -> Result<&'k str, TrustError> {
        self.try_open(row_id, sealed).map(|(id, _)| id).ok_or_else(|| self.refused())
    }

    /// Seals a cell anew with the present key; `None` when it was sealed with it already.
    ///
    /// # Errors
    ///
    /// As [`SealedColumn::open`].
    pub fn reseal(&mut self, row_id: &str, sealed: &str) -> Result<Option<String>, TrustError> {
        let present = self.openers.first().map(|opener| opener.id);
        if present == Some(self.sealed_by(row_id, sealed)?) {
            return Ok(None);
        }
        let mut plain = Zeroizing::new(String::new());
        self.open_into(row_id, sealed, &mut plain)?;
        let mut anew = String::with_capacity(sealed.len());
        self.seal_into(row_id, &plain, &mut anew);
        Ok(Some(anew))
    }

    /// The key that the cell opens with, and where in `cell` its text lies then.
    fn try_open(&mut self, row_id: &str, sealed: &str) -> Option<(&'k str, Range<usize>)> {
        self.place_of(row_id);
        let last = self.last;
        let others = (0..self.openers.len()).filter(|at| *at != last);
        for at in std::iter::once(last).chain(others) {
            let opener = self.openers.get_mut(at)?;
            // Decoded again for every key: a failed attempt may leave anything there.
            self.cell.clear();
            STANDARD_NO_PAD.decode_vec(sealed, &mut self.cell).ok()?;
            if let Some(text) = opener.sealer.open(&self.aad, &mut self.cell) {
                self.last = at;
                return Some((opener.id, text));
            }
        }
        None
    }

    fn place_of(&mut self, row_id: &str) {
        self.aad.clear();
        self.aad.extend_from_slice(&self.place);
        self.aad.extend_from_slice(row_id.as_bytes());
    }

    fn refused(&self) -> TrustError {
        TrustError::Sealed { dataset: self.dataset.clone(), column: self.column.clone() }
    }
}

impl Drop for SealedColumn<'_> {
    // It holds the plain text of the last cell.
    fn drop(&mut self) {
        self.cell.zeroize();
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
    key: &'k Key,
    hashed: Vec<u8>,
    prefix: usize,
}

impl<'k> TokenKind<'k> {
    pub(crate) fn new(key: &'k Key, kind: &str) -> Self {
        let mut hashed = kind.as_bytes().to_vec();
        hashed.push(SEPARATOR);
        let prefix = hashed.len();
        Self { key, hashed, prefix }
    }

    /// Appends the token of a value, 32 hexadecimal digits, to `out`.
    pub fn token_into(&mut self, plain: &str, out: &mut String) {
        self.hashed.truncate(self.prefix);
        self.hashed.extend_from_slice(plain.as_bytes());
        crate::hex::push(&self.key.secrets.token(&self.hashed), out);
    }
}

impl Drop for TokenKind<'_> {
    // It holds the last value.
    fn drop(&mut self) {
        self.hashed.zeroize();
    }
}

impl fmt::Debug for TokenKind<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenKind").finish_non_exhaustive()
    }
}
