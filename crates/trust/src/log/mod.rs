//! A transparency log: an append-only Merkle tree whose head is signed.
//!
//! Hashing is that of RFC 6962, section 2.1, with SHA-256. Tiles, checkpoints and signatures have the formats
//! of C2SP's `tlog-tiles`, `tlog-checkpoint`, `signed-note` and `tlog-cosignature`, so that tools that know
//! those can read the log.
//!
//! * [`Tree`] appends leaves and says which tiles are new. It needs the right edge of the tree only.
//! * [`LogKey`] signs a [`Head`] as a checkpoint, [`LogVerifier`] opens one.
//! * [`WitnessKey`] co-signs a checkpoint, as somebody outside who has seen that the tree only grew.

mod checkpoint;
mod key;
mod sm;
mod tree;
mod verifier_key;
mod witness;

pub use checkpoint::{Head, Opened, open_checkpoint};
pub use key::{LogKey, LogVerifier};
pub use tree::{Place, TILE, Tile, Tree, count_tiles, edge, leaf_hash, tiles_of};
pub use witness::{WitnessKey, WitnessVerifier};

/// A node of the tree: SHA-256.
pub type Hash = [u8; 32];
