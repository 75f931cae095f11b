//! What can go wrong with keys and sealed cells, said so that an operator knows what to do.

use std::io;
use std::path::PathBuf;

use crate::Suite;

/// An error of the keys or of a sealed cell. Never holds a value or a key.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// There is no key file.
    #[error(
        "there is no key file at `{path}`; restore it from the backup of the data folder: without it the sensitive columns can't be read"
    )]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// Others than the owner may read the key file.
    #[error(
        "key file `{path}` has mode {mode:04o}: others than its owner may read or write it; run `chmod 600 {path}`, and if somebody may have read it, make a new key"
    )]
    TooOpen {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The key file does not hold a key.
    #[error(
        "key file `{path}` does not hold a key: expected 64 hexadecimal digits; restore it from the backup of the data folder"
    )]
    Malformed {
        /// The file.
        path: PathBuf,
    },
    /// The keys of a text can't be used. Says nothing of the keys.
    #[error("the keys in {place} can't be used: {reason}")]
    KeyText {
        /// Where the text stands: the key file, or what the caller named.
        place: String,
        /// What is wrong with it, with the line.
        reason: String,
    },
    /// There is a key file, of another suite than the one that is set.
    #[error(
        "key file `{path}` is of the suite `{found}`, not `{wanted}`; the suite of a data folder can't be changed: set `{found}`"
    )]
    OtherSuite {
        /// The file.
        path: PathBuf,
        /// Its suite.
        found: Suite,
        /// The one that is set.
        wanted: Suite,
    },
    /// A text that names no suite.
    #[error("`{text}` is no suite of algorithms; set `international` or `sm`")]
    Suite {
        /// The text.
        text: String,
    },
    /// There is no key of this name.
    #[error("there is no key `{id}`; there are {known}")]
    UnknownKey {
        /// The name that was asked for.
        id: String,
        /// The names that there are.
        known: String,
    },
    /// A key that can't be taken out.
    #[error("key `{id}` can't be retired: {what}")]
    KeyInUse {
        /// Its name.
        id: String,
        /// What it is used for, and what to do.
        what: &'static str,
    },
    /// No more keys fit in.
    #[error(
        "key file `{path}` holds {most} keys already; seal everything anew and retire old ones"
    )]
    TooManyKeys {
        /// The file.
        path: PathBuf,
        /// How many a file may hold.
        most: usize,
    },
    /// A key file for a log that holds several keys.
    #[error("key file `{path}` holds several keys; a log is signed with one")]
    SeveralKeys {
        /// The file.
        path: PathBuf,
    },
    /// A file operation on the key file failed.
    #[error("failed to {what} key file `{path}`")]
    Io {
        /// The verb, such as `create`.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The operating system gave no random bytes for a new key.
    #[error("the operating system gave no random bytes for a new key: {reason}")]
    Random {
        /// What it said.
        reason: String,
    },
    /// A cell does not open.
    #[error(
        "a sealed cell of column `{column}` in dataset `{dataset}` does not open: it was sealed with another key, or was moved or changed; check that the key file is the one that this data folder was written with"
    )]
    Sealed {
        /// Dataset that the caller named.
        dataset: String,
        /// Column that the caller named.
        column: String,
    },
    /// A name that no key of a log can have.
    #[error(
        "`{name}` can't be the name of a log or witness: it must not be empty, nor have spaces or `+` in it"
    )]
    KeyName {
        /// The name.
        name: String,
    },
    /// A text that is not a public key.
    #[error("this is not a verifier key of C2SP signed-note: {reason}")]
    VerifierKey {
        /// What is wrong with it.
        reason: String,
    },
    /// A checkpoint that can't be made, or does not hold.
    #[error("the checkpoint of the log does not hold: {reason}")]
    Checkpoint {
        /// What is wrong with it.
        reason: String,
    },
    /// A proof that can't be made, or does not show that the log only grew.
    #[error("it is not shown that the log of {new} entries only grew from the one of {old}")]
    Proof {
        /// Entries before.
        old: u64,
        /// Entries now.
        new: u64,
    },
    /// A text that no log sends to a witness.
    #[error("this is no request of C2SP tlog-witness: {reason}")]
    Submission {
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Tiles that are not the right edge of a tree of this size.
    #[error("the stored tiles are not the right edge of a log of {size} entries")]
    Edge {
        /// The size.
        size: u64,
    },
}
