//! Why a witness can't work, said so that its operator knows what to do.

use std::io;
use std::path::PathBuf;

use trust::TrustError;

/// An error of the witness itself.
#[derive(Debug, thiserror::Error)]
pub enum WitnessError {
    /// The folder or a file in it can't be used.
    #[error("failed to {what} `{path}`")]
    Io {
        /// The verb.
        what: &'static str,
        /// The folder or file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Two programs would not see what the other has co-signed.
    #[error(
        "another witness works with `{path}`; two would contradict each other: stop that one, or take another folder"
    )]
    Held {
        /// The folder.
        path: PathBuf,
    },
    /// What is remembered can't be true.
    #[error(
        "`{path}` is not what this witness has written: {reason}. It is what keeps a log from forgetting: restore it from a backup that is not older than the last co-signature"
    )]
    Memory {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The key can't be used.
    #[error(transparent)]
    Key(#[from] TrustError),
}

impl WitnessError {
    pub(crate) fn io(
        what: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { what, path, source }
    }
}
