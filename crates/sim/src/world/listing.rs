//! Entries of rolls that are delivered whole every month: what is true, what the roll shows, what deliveries have told.

use crate::draw::{Hashed, Random};

/// An entry of a full roll.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Listing<T> {
    /// What should stand in the roll; `None` when nothing should.
    pub(crate) truth: Option<T>,
    /// What stands in the roll.
    pub(crate) shown: Option<T>,
    /// What could be read from deliveries so far.
    pub(crate) known: Option<T>,
    /// The month in which the shown entry last changed.
    pub(crate) version: i32,
    /// The roll isn't updated before this month.
    held_until: i32,
    /// Was a row ever delivered?
    pub(crate) delivered: bool,
}

impl<T: Copy + PartialEq> Listing<T> {
    /// An entry that stands in the roll from the beginning.
    pub(crate) fn new(entry: Option<T>, month: i32) -> Self {
        Self {
            truth: entry,
            shown: entry,
            known: None,
            version: month,
            held_until: month,
            delivered: false,
        }
    }

    /// Brings the roll up to date, unless this change is one of those that show late.
    ///
    /// * `rate`: share of changes that show one to three months late.
    ///
    /// Returns whether this change is late, or `None` if there was none.
    pub(crate) fn update(
        &mut self,
        entry: Option<T>,
        month: i32,
        rate: f64,
        mut draw: Hashed,
    ) -> Option<bool> {
        let changed = entry != self.truth;
        self.truth = entry;
        let late = changed && month > self.held_until && draw.chance(rate);
        if late {
            self.held_until = month + draw.between(1, 3);
        }
        if month >= self.held_until && self.shown != self.truth {
            self.shown = self.truth;
            self.version = month;
        }
        changed.then_some(late)
    }

    /// Does the roll lag behind the truth?
    pub(crate) fn is_stale(&self) -> bool {
        self.truth != self.shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_shows_at_once_when_no_change_is_late() {
        let mut listing = Listing::new(Some(1), 0);
        assert_eq!(listing.update(Some(2), 3, 0.0, Hashed::new(&[1])), Some(false));
        assert_eq!((listing.shown, listing.version), (Some(2), 3));
    }

    #[test]
    fn a_late_change_shows_after_one_to_three_months() {
        let mut listing = Listing::new(Some(1), 0);
        assert_eq!(listing.update(None, 3, 1.0, Hashed::new(&[1])), Some(true));
        assert_eq!(listing.shown, Some(1));
        assert!(listing.is_stale());
        let shown = (4..=6).find(|month| {
            listing.update(None, *month, 1.0, Hashed::new(&[2]));
            listing.shown.is_none()
        });
        assert!(shown.is_some());
    }
}
