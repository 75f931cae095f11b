//! Consistency proofs, RFC 6962, section 2.1.2: that a tree only grew.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use tlog_tiles::{
    EMPTY_HASH, Error, Hash as Node, HashReader, check_tree, prove_tree, split_stored_hash_index,
};

use super::{Hash, Head, TILE};
use crate::TrustError;

/// Levels of the tree that one level of tiles has.
const HEIGHT: u8 = 8;
/// The library counts leaves in powers of two that have to fit; no tree has so many.
const LARGEST: u64 = i64::MAX.unsigned_abs();

/// A tile by its level and its number within the level.
pub type TileAt = (u8, u64);

/// The tiles that [`prove`] needs for a tree that grew from `old` to `new` leaves.
#[must_use]
pub fn tiles_of_proof(old: u64, new: u64) -> BTreeSet<TileAt> {
    let asked = Asked::default();
    if provable(old, new) {
        // It fails only when the reader does.
        let _ = prove_tree(new, old, &asked);
    }
    asked.0.into_inner().into_iter().map(|index| place(index).0).collect()
}

/// The proof that the tree of `old` leaves is the beginning of the one of `new` leaves; empty when nothing has to
/// be shown, since one is empty or both are of one size.
///
/// # Errors
///
/// [`TrustError::Proof`] when `old` is larger than `new`, or a tile is missing in `tiles` or too narrow.
pub fn prove(
    old: u64,
    new: u64,
    tiles: &BTreeMap<TileAt, Vec<u8>>,
) -> Result<Vec<Hash>, TrustError> {
    if old == 0 {
        return Ok(Vec::new());
    }
    let wrong = || TrustError::Proof { old, new };
    if !provable(old, new) {
        return Err(wrong());
    }
    let proof = prove_tree(new, old, &Stored(tiles)).map_err(|_| wrong())?;
    Ok(proof.into_iter().map(|node| node.0).collect())
}

/// Checks that the tree with the head `old` is the beginning of the one with the head `new`.
///
/// # Errors
///
/// [`TrustError::Proof`] when the proof does not show that.
pub fn check_consistency(proof: &[Hash], old: Head, new: Head) -> Result<(), TrustError> {
    let wrong = || TrustError::Proof { old: old.size, new: new.size };
    if (new.size == 0 && new.root != EMPTY_HASH.0) || (old.size == 0 && !proof.is_empty()) {
        return Err(wrong());
    }
    if old.size == 0 {
        return Ok(());
    }
    if !provable(old.size, new.size) {
        return Err(wrong());
    }
    let proof = proof.iter().copied().map(Node).collect();
    check_tree(&proof, new.size, Node(new.root), old.size, Node(old.root)).map_err(|_| wrong())
}

fn provable(old: u64, new: u64) -> bool {
    (1..=new).contains(&old) && new <= LARGEST
}

/// Notes what is read.
#[derive(Default)]
struct Asked(RefCell<Vec<u64>>);

impl HashReader for Asked {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Node>, Error> {
        self.0.borrow_mut().extend(indexes);
        Ok(vec![EMPTY_HASH; indexes.len()])
    }
}

struct Stored<'t>(&'t BTreeMap<TileAt, Vec<u8>>);

impl HashReader for Stored<'_> {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Node>, Error> {
        let read = |index: &u64| {
            let (tile, first, count) = place(*index);
            let hash = size_of::<Hash>();
            let hashes = self.0.get(&tile)?.get(first * hash..(first + count) * hash)?;
            Some(tlog_tiles::Tile::subtree_hash(hashes))
        };
        indexes.iter().map(|index| read(index).ok_or(Error::InvalidTile)).collect()
    }
}

/// Where a node is found: the tile, and the hashes of it that the node is the root of, by the first and their
/// number.
fn place(index: u64) -> (TileAt, usize, usize) {
    let (level, number) = split_stored_hash_index(index);
    let count = 1_u64 << (level % HEIGHT);
    let first = number * count;
    let tile = TILE as u64;
    let within = usize::try_from(first % tile).unwrap_or(0);
    ((level / HEIGHT, first / tile), within, 1 << (level % HEIGHT))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::log::{Tree, leaf_hash};

    /// A tree of `size` leaves and all its tiles; trees that differ in `kind` differ in the leaves from `from` on.
    fn tree(size: u64, kind: &str, from: u64) -> (Head, BTreeMap<TileAt, Vec<u8>>) {
        let mut tree = Tree::new();
        let mut tiles = BTreeMap::new();
        for number in 0..size {
            let kind = if number < from { "" } else { kind };
            let full = tree.push(leaf_hash(format!("{kind}{number}").as_bytes()));
            tiles.extend(full.into_iter().map(|tile| ((tile.level, tile.number), tile.hashes)));
        }
        tiles.extend(tree.partial().map(|tile| ((tile.level, tile.number), tile.hashes)));
        (Head { size, root: tree.root() }, tiles)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn a_tree_that_grew_is_proved_and_one_written_anew_is_not(
            old in 1_u64..1_200, more in 0_u64..1_200, changed in 0_u64..1_200,
        ) {
            let new = old + more;
            let (before, _) = tree(old, "", 0);
            let (after, tiles) = tree(new, "", 0);
            let needed = tiles_of_proof(old, new);
            prop_assert!(needed.len() <= 12, "{}", needed.len());
            let needed = needed.into_iter().map(|at| (at, tiles[&at].clone())).collect();
            let proof = prove(old, new, &needed).unwrap();
            prop_assert!(check_consistency(&proof, before, after).is_ok());
            for place in 0..proof.len() {
                let mut wrong = proof.clone();
                wrong[place][0] ^= 1;
                prop_assert!(check_consistency(&wrong, before, after).is_err());
                wrong.remove(place);
                prop_assert!(check_consistency(&wrong, before, after).is_err());
            }
            let (anew, tiles) = tree(new, "other ", changed % old);
            let proof = prove(old, new, &tiles).unwrap();
            prop_assert!(check_consistency(&proof, before, anew).is_err());
        }
    }

    #[test]
    fn the_ends_of_what_can_be_proved() {
        let (none, nothing) = tree(0, "", 0);
        let (some, tiles) = tree(300, "", 0);
        assert_eq!(prove(0, 300, &nothing).unwrap(), [[0; 32]; 0]);
        assert!(check_consistency(&[], none, some).is_ok());
        assert!(check_consistency(&[], none, none).is_ok());
        assert!(check_consistency(&[[0; 32]], none, some).is_err());
        assert!(check_consistency(&[], none, Head { size: 0, root: [1; 32] }).is_err());
        assert!(check_consistency(&[], some, none).is_err());
        assert!(prove(300, 299, &tiles).is_err());
        assert!(prove(299, 300, &nothing).is_err());
        for size in [u64::MAX, u64::MAX - 1, 1 << 63] {
            let huge = Head { size, root: [1; 32] };
            assert!(check_consistency(&[], some, huge).is_err());
            assert!(check_consistency(&[], huge, huge).is_err());
            assert!(prove(1, size, &tiles).is_err());
            assert!(tiles_of_proof(1, size).is_empty());
        }
    }
}
