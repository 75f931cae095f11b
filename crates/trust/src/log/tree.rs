//! The tree: appending at its right edge.

use tlog_tiles::{EMPTY_HASH, Hash as Node, node_hash, record_hash};

use super::Hash;
use crate::TrustError;

/// Hashes of a full tile.
pub const TILE: usize = 256;
const HASH: usize = size_of::<Hash>();

/// The hash of a leaf, RFC 6962: SHA-256 of a zero byte and the data.
#[must_use]
pub fn leaf_hash(data: &[u8]) -> Hash {
    record_hash(data).0
}

/// Some hashes of one level of the tree that lie beside each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tile {
    /// 0 for the hashes of leaves; a hash of level `n + 1` stands for a full tile of level `n`.
    pub level: u8,
    /// Its place within the level, from 0.
    pub number: u64,
    /// 1 to 256 hashes of 32 bytes.
    pub hashes: Vec<u8>,
}

impl Tile {
    /// How many hashes it has.
    #[must_use]
    pub fn width(&self) -> usize {
        self.hashes.len() / HASH
    }

    /// Where it is found below the root of the log, such as `tile/0/x001/234.p/5`.
    #[must_use]
    pub fn path(&self) -> String {
        path(&self.level.to_string(), self.number, self.width())
    }

    /// Where the bundle of the leaves is found that the hashes of a tile of level 0 are of.
    #[must_use]
    pub fn entries_path(&self) -> String {
        path("entries", self.number, self.width())
    }
}

/// C2SP `tlog-tiles`: three digits a folder, all but the last ones marked.
fn path(level: &str, number: u64, width: usize) -> String {
    let mut parts = vec![format!("{:03}", number % 1_000)];
    let mut rest = number / 1_000;
    while rest > 0 {
        parts.push(format!("x{:03}", rest % 1_000));
        rest /= 1_000;
    }
    parts.reverse();
    let partial = if width < TILE { format!(".p/{width}") } else { String::new() };
    format!("tile/{level}/{}{partial}", parts.join("/"))
}

/// A tree of `size` leaves, known by its right edge: of every level the hashes that do not fill a tile.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree {
    size: u64,
    edge: Vec<Vec<u8>>,
}

impl Tree {
    /// The tree without a leaf.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The tree of `size` leaves, from its partial tiles; a level whose last tile is full has none.
    ///
    /// # Errors
    ///
    /// [`TrustError::Edge`] when these tiles are not the edge of a tree of that size.
    pub fn from_edge(
        size: u64,
        partial: impl IntoIterator<Item = Tile>,
    ) -> Result<Self, TrustError> {
        let mut edge: Vec<Vec<u8>> = widths(size).map(|_| Vec::new()).collect();
        let wrong = || TrustError::Edge { size };
        for tile in partial {
            let level = edge.get_mut(usize::from(tile.level)).ok_or_else(wrong)?;
            if !level.is_empty() || tile.number != above(size, tile.level) {
                return Err(wrong());
            }
            *level = tile.hashes;
        }
        let fits = widths(size).zip(&edge).all(|(width, hashes)| hashes.len() == width * HASH);
        if fits { Ok(Self { size, edge }) } else { Err(wrong()) }
    }

    /// The number of leaves.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf by its hash. Gives the tiles that it fills.
    pub fn push(&mut self, leaf: Hash) -> Vec<Tile> {
        self.size += 1;
        let mut full = Vec::new();
        let mut hash = leaf;
        for level in 0_u8.. {
            let at = usize::from(level);
            if self.edge.len() == at {
                self.edge.push(Vec::new());
            }
            let Some(hashes) = self.edge.get_mut(at) else { break };
            hashes.extend_from_slice(&hash);
            if hashes.len() < TILE * HASH {
                break;
            }
            let hashes = std::mem::take(hashes);
            hash = perfect(&hashes);
            full.push(Tile { level, number: above(self.size, level) - 1, hashes });
        }
        full
    }

    /// The tiles at the right edge that are not full.
    pub fn partial(&self) -> impl Iterator<Item = Tile> {
        self.edge.iter().zip(0_u8..).filter(|(hashes, _)| !hashes.is_empty()).map(
            |(hashes, level)| Tile {
                level,
                number: above(self.size, level),
                hashes: hashes.clone(),
            },
        )
    }

    /// The root, RFC 6962: the Merkle tree hash of all leaves.
    #[must_use]
    pub fn root(&self) -> Hash {
        // The perfect subtrees from the largest, which is on the left, to the smallest.
        let mut subtrees = Vec::new();
        for hashes in self.edge.iter().rev() {
            let mut rest = hashes.as_slice();
            for bit in (0..8).rev().filter(|bit| (hashes.len() / HASH) >> bit & 1 == 1) {
                let (subtree, right) = rest.split_at(HASH << bit);
                subtrees.push(Node(perfect(subtree)));
                rest = right;
            }
        }
        let root = subtrees.into_iter().rev().reduce(|right, left| node_hash(left, right));
        root.unwrap_or(EMPTY_HASH).0
    }
}

/// The place of a tile in a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Its level.
    pub level: u8,
    /// Its number within the level.
    pub number: u64,
    /// How many hashes it has.
    pub width: usize,
}

/// The tiles that are not full of a tree of `size` leaves.
pub fn edge(size: u64) -> impl Iterator<Item = Place> {
    let partial = move |(width, level): (usize, u8)| {
        (width > 0).then(|| Place { level, number: above(size, level), width })
    };
    widths(size).zip(0_u8..).filter_map(partial)
}

/// All tiles of a tree of `size` leaves.
pub fn tiles_of(size: u64) -> impl Iterator<Item = Place> {
    let full = (0..8_u8).flat_map(move |level| {
        (0..above(size, level)).map(move |number| Place { level, number, width: TILE })
    });
    full.chain(edge(size))
}

/// How many tiles a tree of `size` leaves has.
#[must_use]
pub fn count_tiles(size: u64) -> u64 {
    let full: u64 = (0..8).map(|level| above(size, level)).sum();
    full + edge(size).count() as u64
}

/// How many full tiles a level of a tree has.
fn above(size: u64, level: u8) -> u64 {
    size.checked_shr(8 * (u32::from(level) + 1)).unwrap_or(0)
}

/// Of each level that a tree has, how many hashes lie beyond its full tiles.
fn widths(size: u64) -> impl Iterator<Item = usize> {
    let level_size = move |level: u32| size.checked_shr(8 * level).filter(|size| *size > 0);
    (0..).map_while(level_size).map(|size| usize::try_from(size % TILE as u64).unwrap_or(0))
}

/// The root of a perfect subtree: the number of hashes is a power of two.
fn perfect(hashes: &[u8]) -> Hash {
    tlog_tiles::Tile::subtree_hash(hashes).0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tlog_tiles::{HashReader, Tile as Reference, stored_hashes, tree_hash};

    use super::*;

    /// The hashes of a tree as the library stores them: another way to the same figures.
    struct Stored(Vec<Node>);

    impl HashReader for Stored {
        fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Node>, tlog_tiles::Error> {
            Ok(indexes.iter().map(|index| self.0[usize::try_from(*index).unwrap()]).collect())
        }
    }

    fn leaf(number: u64) -> Vec<u8> {
        format!("leaf {number}").into_bytes()
    }

    #[test]
    fn roots_and_tiles_are_those_of_the_reference() {
        let mut tree = Tree::new();
        assert_eq!(tree.root(), EMPTY_HASH.0);
        let mut stored = Stored(Vec::new());
        let mut full = 0;
        for number in 0..1_700 {
            stored.0.extend(stored_hashes(number, &leaf(number), &stored).unwrap());
            let mut now = tree.push(leaf_hash(&leaf(number)));
            full += now.len();
            now.extend(tree.partial());
            let edge: Vec<_> = edge(number + 1).map(|tile| (tile.level, tile.number)).collect();
            let partial = tree.partial().map(|tile| (tile.level, tile.number));
            assert_eq!(edge, partial.collect::<Vec<_>>());
            assert_eq!(count_tiles(number + 1), (full + edge.len()) as u64);
            assert_eq!(tiles_of(number + 1).count(), full + edge.len());
            assert_eq!(Node(tree.root()), tree_hash(number + 1, &stored).unwrap());
            for reference in Reference::new_tiles(8, number, number + 1) {
                let found = now.iter().find(|tile| {
                    (tile.level, tile.number) == (reference.level(), reference.level_index())
                });
                let found = found.unwrap();
                assert_eq!(found.hashes, reference.read_data(&stored).unwrap());
                assert_eq!(found.path(), reference.path().replacen("tile/8/", "tile/", 1));
            }
        }
    }

    #[test]
    fn a_path_has_three_digits_a_folder() {
        let tile = |number, width| Tile { level: 0, number, hashes: vec![0; width * HASH] };
        assert_eq!(tile(1_234_067, 256).path(), "tile/0/x001/x234/067");
        assert_eq!(tile(5, 1).path(), "tile/0/005.p/1");
        assert_eq!(tile(1_000, 7).entries_path(), "tile/entries/x001/000.p/7");
    }

    #[test]
    fn an_edge_that_does_not_fit_the_size_is_refused() {
        let mut tree = Tree::new();
        (0..300).for_each(|number| drop(tree.push(leaf_hash(&leaf(number)))));
        let edge: Vec<Tile> = tree.partial().collect();
        assert_eq!(Tree::from_edge(300, edge.clone()).unwrap(), tree);
        assert!(Tree::from_edge(299, edge.clone()).is_err());
        assert!(Tree::from_edge(300, edge[1..].to_vec()).is_err());
        assert!(Tree::from_edge(300 + 256, edge.clone()).is_err());
        assert!(Tree::from_edge(300, edge.iter().chain(&edge).cloned()).is_err());
        assert!(Tree::from_edge(0, edge).is_err());
    }

    proptest! {
        // Beyond 65,536 leaves there is a third level.
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn going_on_from_the_edge_is_going_on(
            size in prop_oneof![0_u64..1_000, 65_300_u64..65_800], more in 1_u64..600,
        ) {
            // The leaves' content does not matter here, their number does.
            let mut tree = Tree::new();
            for number in 0..size {
                tree.push([u8::try_from(number % 251).unwrap(); 32]);
            }
            let mut again = Tree::from_edge(size, tree.partial()).unwrap();
            for _ in 0..more {
                prop_assert_eq!(again.push([7; 32]), tree.push([7; 32]));
            }
            prop_assert_eq!(again.root(), tree.root());
        }
    }
}
