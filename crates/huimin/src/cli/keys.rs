//! Options about the keys of the sealed columns.

use clap::{Subcommand, ValueEnum};
use trust::Suite;

use super::PlaceArgs;

/// What can be done with the keys.
#[derive(Debug, Subcommand)]
pub(crate) enum KeysAction {
    /// Make the keys of a new data folder, before anything else does, with a suite of one's choice.
    Create {
        /// The data folder and its database.
        #[command(flatten)]
        place: PlaceArgs,
        /// The algorithms.
        #[arg(long, value_enum, default_value_t)]
        suite: SuiteName,
    },
    /// Show which keys there are, by their public names, and what each is used for.
    Status(PlaceArgs),
    /// Add a key that seals from now on. Servers and runs need not stop; the keys of before go on opening what they have
    /// sealed, and have to be kept.
    Rotate(PlaceArgs),
}

/// The algorithms that keys work with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum SuiteName {
    /// AES-256-GCM-SIV, BLAKE3, Ed25519.
    #[default]
    International,
    /// 国密: SM4, SM3, SM2.
    Sm,
}

impl From<SuiteName> for Suite {
    fn from(name: SuiteName) -> Self {
        match name {
            SuiteName::International => Self::International,
            SuiteName::Sm => Self::Sm,
        }
    }
}
