//! Options about the keys of the sealed columns.

use clap::{Args, Subcommand, ValueEnum};
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
    /// sealed.
    Rotate(PlaceArgs),
    /// Seal with the present key whatever another one has sealed: tables, in every version that is still read, and the
    /// database. Servers may go on; a run is refused meanwhile. The files of before are removed.
    Reseal(ResealArgs),
    /// Take a key out of the file, once nothing is sealed with it; what is left is sealed anew before.
    Retire(RetireArgs),
}

/// Options of `keys reseal`.
#[derive(Debug, Args)]
pub(crate) struct ResealArgs {
    /// The data folder and its database.
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    /// Seconds for which readers of the files of before have time to end.
    #[arg(long, default_value_t = 60, value_name = "SECONDS")]
    pub(crate) grace: u64,
}

/// Options of `keys retire`.
#[derive(Debug, Args)]
pub(crate) struct RetireArgs {
    /// The key's public name, as `keys status` shows it.
    #[arg(long)]
    pub(crate) key: String,
    /// Where, and how long readers have time.
    #[command(flatten)]
    pub(crate) reseal: ResealArgs,
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
