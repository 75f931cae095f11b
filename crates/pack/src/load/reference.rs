//! References from one file to another, noted while reading and resolved at the end.

use crate::span::Spanned;

/// A name that has to exist somewhere else in the pack.
#[derive(Debug, Clone)]
pub(crate) struct Reference {
    /// What kind of thing it names.
    pub(crate) target: Target,
    /// The name, where it stands.
    pub(crate) name: Spanned<String>,
}

/// What a reference names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    CodeList,
    Dataset,
    Policy,
}

impl Reference {
    pub(crate) fn new(target: Target, name: &Spanned<String>) -> Self {
        Self { target, name: name.clone() }
    }
}
