//! Randomness: everything random follows from the seed and from what is drawn, never from the order of drawing elsewhere.
//!
//! Two kinds. A [`Stream`] (ChaCha8) is for one process over one part of the city in one month, for instance "deaths of
//! month 3": its draws follow each other. A [`Hashed`] draw is for one property of one row, for instance "is the identity
//! number of this row mistyped": it is computed from the row's own coordinates, so that a roll delivered again shows the
//! same error in the same row.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// A source of random 64-bit words, with the few distributions that the simulation needs.
///
/// The distributions are written out here, so that no new version of a library moves a city.
pub(crate) trait Random {
    /// The next 64 random bits.
    fn bits(&mut self) -> u64;

    /// A number in `0.0..1.0`.
    fn unit(&mut self) -> f64 {
        unit_of(self.bits())
    }

    /// True with the given probability; a rate of 0 or less is never, of 1 or more always.
    fn chance(&mut self, rate: f64) -> bool {
        self.unit() < rate
    }

    /// A number in `0..bound`; 0 when `bound` is 0.
    fn below(&mut self, bound: u32) -> u32 {
        // Multiply-shift; its bias is below 2⁻³² and harmless here.
        let high = self.bits() >> 32;
        u32::try_from((high * u64::from(bound)) >> 32).unwrap_or_default()
    }

    /// A number in `low..=high`.
    fn between(&mut self, low: i32, high: i32) -> i32 {
        let span = u32::try_from(high.saturating_sub(low)).unwrap_or_default().saturating_add(1);
        low.saturating_add(i32::try_from(self.below(span)).unwrap_or_default())
    }

    /// One of the items; `None` from an empty slice.
    fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        items.get(self.below(u32::try_from(items.len()).unwrap_or(u32::MAX)) as usize)
    }

    /// A bell-shaped number with mean 0 and deviation 1 (sum of four uniform ones; never beyond ±3.5).
    fn bell(&mut self) -> f64 {
        let sum = self.unit() + self.unit() + self.unit() + self.unit();
        (sum - 2.0) * 1.732_050_807_568_877_2
    }
}

/// A stream of draws for one process.
pub(crate) struct Stream(ChaCha8Rng);

impl Stream {
    /// The stream of the process named by the parts.
    pub(crate) fn new(parts: &[u64]) -> Self {
        Self(ChaCha8Rng::seed_from_u64(mix(parts)))
    }
}

impl Random for Stream {
    fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }
}

/// Draws that belong to one thing; SplitMix64 from a hash of its coordinates.
#[derive(Clone, Copy)]
pub(crate) struct Hashed(u64);

impl Hashed {
    /// The draws of the thing with these coordinates.
    pub(crate) fn new(parts: &[u64]) -> Self {
        Self(mix(parts))
    }
}

impl Random for Hashed {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        finish(self.0)
    }
}

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// Hashes coordinates to 64 bits.
pub(crate) fn mix(parts: &[u64]) -> u64 {
    parts
        .iter()
        .fold(GOLDEN, |state, part| finish(state.rotate_left(23) ^ part.wrapping_mul(GOLDEN)))
}

/// A number in `0.0..1.0` from 64 random bits.
#[expect(clippy::cast_precision_loss, reason = "53 bits are exactly what the number holds")]
fn unit_of(bits: u64) -> f64 {
    (bits >> 11) as f64 / (1_u64 << 53) as f64
}

/// The finaliser of SplitMix64.
fn finish(state: u64) -> u64 {
    let state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}

/// Weights, for drawing an index in proportion to them.
#[derive(Debug, Clone)]
pub(crate) struct Weights(Vec<f64>);

impl Weights {
    /// From weights of any scale; negative ones count as 0.
    pub(crate) fn new(weights: impl IntoIterator<Item = f64>) -> Self {
        let mut sum = 0.0;
        Self(
            weights
                .into_iter()
                .map(|weight| {
                    sum += weight.max(0.0);
                    sum
                })
                .collect(),
        )
    }

    /// Draws an index; 0 when there are no weights.
    pub(crate) fn draw(&self, random: &mut impl Random) -> usize {
        let total = self.0.last().copied().unwrap_or_default();
        let point = random.unit() * total;
        self.0.partition_point(|sum| *sum <= point).min(self.0.len().saturating_sub(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_coordinates_give_the_same_draws() {
        assert_eq!(Stream::new(&[1, 2]).bits(), Stream::new(&[1, 2]).bits());
        assert_ne!(Stream::new(&[1, 2]).bits(), Stream::new(&[2, 1]).bits());
        assert_ne!(mix(&[0, 1]), mix(&[1, 0]));
    }

    #[test]
    fn a_chance_is_met_as_often_as_it_says() {
        let hits = (0..100_000).filter(|n| Hashed::new(&[7, *n]).chance(0.015)).count();
        assert!((1_350..1_650).contains(&hits), "{hits}");
        assert!(!Hashed::new(&[7]).chance(0.0));
    }

    #[test]
    fn weights_are_drawn_in_proportion_and_a_zero_weight_never() {
        let weights = Weights::new([1.0, 0.0, 3.0]);
        let mut stream = Stream::new(&[3]);
        let mut counts = [0; 3];
        for _ in 0..40_000 {
            counts[weights.draw(&mut stream)] += 1;
        }
        assert_eq!(counts[1], 0);
        assert!((9_400..10_600).contains(&counts[0]), "{counts:?}");
    }

    #[test]
    fn a_bound_is_never_reached() {
        let mut stream = Stream::new(&[4]);
        assert!((0..10_000).all(|_| stream.below(7) < 7));
        assert_eq!(stream.below(0), 0);
        assert!((0..1_000).all(|_| (-2..=3).contains(&stream.between(-2, 3))));
    }
}
