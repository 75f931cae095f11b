//! Rows twice in one delivery: the same row again, or entered again under another key.

use crate::dataset::Repeats;
use crate::draw::{Hashed, Random};

/// How a row is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repeat {
    Once,
    SameRow,
    AnotherKey,
}

/// Draws how a row is repeated.
pub(crate) fn draw(rate: f64, repeats: Repeats, mut draw: Hashed) -> Repeat {
    match repeats {
        Repeats::Never => Repeat::Once,
        _ if !draw.chance(rate) => Repeat::Once,
        Repeats::SameRow => Repeat::SameRow,
        Repeats::Both => {
            if draw.chance(0.5) {
                Repeat::SameRow
            } else {
                Repeat::AnotherKey
            }
        }
    }
}
