//! A transparency log: an append-only Merkle tree whose head is signed.
//!
//! Hashing is that of RFC 6962, section 2.1, with SHA-256. Tiles, checkpoints and signatures have the formats
//! of C2SP's `tlog-tiles`, `tlog-checkpoint`, `signed-note`, `tlog-cosignature` and `tlog-witness`, so that tools
//! that know those can read the log.
//!
//! * [`Tree`] appends leaves and says which tiles are new. It needs the right edge of the tree only.
//! * [`LogKey`] signs a [`Head`] as a checkpoint, [`LogVerifier`] opens one.
//! * [`prove`] and [`check_consistency`] show that a tree only grew; a [`Submission`] carries that to a witness.
//! * [`WitnessKey`] co-signs a checkpoint, as somebody outside who has seen that the tree only grew.

mod checkpoint;
mod consistency;
mod key;
mod sm;
mod submission;
mod tree;
mod verifier_key;
mod witness;

pub use checkpoint::{Head, Opened, open_checkpoint, origin_of, with_cosignature};
pub use consistency::{TileAt, check_consistency, prove, tiles_of_proof};
pub use key::{LogKey, LogVerifier};
pub use submission::Submission;
pub use tree::{Place, TILE, Tile, Tree, count_tiles, edge, leaf_hash, tiles_of};
pub use witness::{WitnessKey, WitnessVerifier};

/// A node of the tree: SHA-256.
pub type Hash = [u8; 32];
