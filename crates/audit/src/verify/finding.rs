//! What a verification can find.

use std::fmt;

/// Something in the log that is not what was sealed. Entries are named by their leaf, from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// An entry has another content, or another place, than when it was sealed.
    Entry {
        /// Its leaf.
        leaf: u64,
        /// Its number in the trail.
        id: i64,
    },
    /// The entry of a leaf is gone.
    Missing {
        /// The leaf.
        leaf: u64,
    },
    /// More or fewer entries are marked as sealed than the log has leaves.
    Sealed {
        /// So many are marked.
        entries: u64,
        /// So many leaves there are.
        leaves: u64,
    },
    /// The clock went back between two entries that were sealed one after the other.
    Clock {
        /// The later one.
        leaf: u64,
    },
    /// A stored tile is not what its leaves give.
    Tile {
        /// Its level.
        level: u8,
        /// Its number within the level.
        number: u64,
    },
    /// More or fewer tiles are stored than the tree has.
    Tiles {
        /// So many are stored.
        stored: u64,
        /// So many there should be.
        expected: u64,
    },
    /// The entries do not give the root of a stored head.
    Root {
        /// The leaves of the last head that they do give.
        from: u64,
        /// The leaves of this head.
        to: u64,
    },
    /// A stored head does not hold.
    Checkpoint {
        /// The leaves that it names.
        size: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// A head that somebody else has kept is of more entries than there are.
    Cut {
        /// The leaves of that head.
        size: u64,
        /// The leaves that are here.
        here: u64,
    },
    /// A head that somebody else has kept has another root: history was written anew.
    Rewritten {
        /// The leaves of the last kept head that fits.
        from: u64,
        /// The leaves of that head.
        to: u64,
    },
    /// What somebody else has kept is no head of this log.
    Kept {
        /// Its place among those that were given, from 0.
        place: usize,
        /// What is wrong with it.
        reason: String,
    },
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Entry { leaf, id } => {
                write!(
                    f,
                    "leaf {leaf}: entry {id} is not what was sealed there: it was changed, or moved"
                )
            }
            Self::Missing { leaf } => write!(f, "leaf {leaf}: its entry is gone"),
            Self::Sealed { entries, leaves } => {
                write!(f, "{entries} entries are marked as sealed, the log has {leaves} leaves")
            }
            Self::Clock { leaf } => {
                write!(f, "leaf {leaf}: sealed earlier than the leaf before it")
            }
            Self::Tile { level, number } => {
                write!(f, "tile {number} of level {level} is missing, or not what its leaves give")
            }
            Self::Tiles { stored, expected } => {
                write!(f, "{stored} tiles are stored, the tree has {expected}")
            }
            Self::Root { from, to } => write!(
                f,
                "leaves {from} to {to} (without it): one of them was changed, and the tiles with it"
            ),
            Self::Checkpoint { size, reason } => {
                write!(f, "the stored checkpoint of {size} leaves does not hold: {reason}")
            }
            Self::Cut { size, here } => write!(
                f,
                "a kept checkpoint is of {size} leaves, here are {here}: the end was cut off, or an old copy put in its place"
            ),
            Self::Rewritten { from, to } => write!(
                f,
                "leaves {from} to {to} (without it) were written anew: a kept checkpoint has another root"
            ),
            Self::Kept { place, reason } => {
                write!(f, "kept checkpoint {}: {reason}", place + 1)
            }
        }
    }
}
