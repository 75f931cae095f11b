//! Where a value stands in the files of a pack.
//!
//! Every value that a message may have to point at is loaded as [`Spanned`]: the value and the
//! place that it was read from. Lines and columns count from 1, columns in characters (an editor's
//! column); `offset` and `len` count bytes, which is what the renderer underlines with.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::Arc;

/// A place in a file of the pack.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Path of the file relative to the pack's root, with `/` between parts.
    pub file: Arc<str>,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// Byte offset of the first byte in the file.
    pub offset: usize,
    /// Length in bytes; 0 points between two characters.
    pub len: usize,
    /// Whether the text in the file is the value itself, byte for byte (quotes left out).
    /// Only then can a place inside the value be translated to a place inside the file.
    pub verbatim: bool,
}

impl Span {
    /// The very beginning of a file: for faults that concern the file as a whole.
    #[must_use]
    pub fn file_start(file: impl Into<Arc<str>>) -> Self {
        Self { file: file.into(), line: 1, column: 1, offset: 0, len: 0, verbatim: false }
    }

    /// The place of `len` bytes from byte `start` of the value, for instance of one identifier in
    /// an SQL expression.
    ///
    /// Falls back to the whole value where the file does not show it verbatim (escapes, folded
    /// blocks) or where the range does not lie inside it.
    #[must_use]
    pub fn inside(&self, value: &str, start: usize, len: usize) -> Self {
        let Some(before) = value.get(..start) else { return self.clone() };
        let fits = start.checked_add(len).is_some_and(|end| value.get(start..end).is_some());
        if !self.verbatim || self.len != value.len() || !fits || before.contains('\n') {
            return self.clone();
        }
        let columns = u32::try_from(before.chars().count()).unwrap_or(0);
        Self {
            column: self.column.saturating_add(columns),
            offset: self.offset + start,
            len,
            ..self.clone()
        }
    }
}

/// A value with the place that it was read from.
///
/// Comparing compares the values only: two packs are the same when they say the same, wherever.
#[derive(Debug, Clone)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Its place.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// Joins a value and its place.
    pub fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }

    /// The same place with another value.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Spanned<U> {
        Spanned { value: f(self.value), span: self.span }
    }
}

impl Spanned<String> {
    /// The place of `len` bytes from byte `start` of the text; see [`Span::inside`].
    #[must_use]
    pub fn inside(&self, start: usize, len: usize) -> Span {
        self.span.inside(&self.value, start, len)
    }
}

impl<T> Deref for Spanned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: PartialEq> PartialEq for Spanned<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: Eq> Eq for Spanned<T> {}

/// The texts of the pack's files by relative path, kept so that later checks (of SQL, by the crates
/// that know the tables) can underline what they complain about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sources {
    files: BTreeMap<Arc<str>, Arc<str>>,
}

impl Sources {
    /// Adds a file.
    pub fn insert(&mut self, file: impl Into<Arc<str>>, text: impl Into<Arc<str>>) {
        self.files.insert(file.into(), text.into());
    }

    /// The text of a file.
    #[must_use]
    pub fn get(&self, file: &str) -> Option<&Arc<str>> {
        self.files.get(file)
    }

    /// Files in the order of their paths.
    pub fn iter(&self) -> impl Iterator<Item = (&Arc<str>, &Arc<str>)> {
        self.files.iter()
    }
}
