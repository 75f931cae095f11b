//! What can go wrong with keys and sealed cells, said so that an operator knows what to do.

use std::io;
use std::path::PathBuf;

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
    /// Tiles that are not the right edge of a tree of this size.
    #[error("the stored tiles are not the right edge of a log of {size} entries")]
    Edge {
        /// The size.
        size: u64,
    },
}
