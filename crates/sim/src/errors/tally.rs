//! Counts of errors made and of chances to make them.

use std::collections::BTreeMap;

use crate::options::Count;

/// A kind of error, named as in the profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    IdMissing,
    IdMistyped,
    Id15Digits,
    NameSimilar,
    NameTraditional,
    NameOutsideBmp,
    NameSpacing,
    BirthSwapped,
    PhoneOld,
    PhoneShared,
    AddressOld,
    Repeated,
    Broken,
    DeathLate,
    DeathOneSource,
    NotUpdated,
}

impl Kind {
    const ALL: [(Self, &'static str); 16] = [
        (Self::IdMissing, "id_missing"),
        (Self::IdMistyped, "id_mistyped"),
        (Self::Id15Digits, "id_15_digits"),
        (Self::NameSimilar, "name_similar"),
        (Self::NameTraditional, "name_traditional"),
        (Self::NameOutsideBmp, "name_outside_bmp"),
        (Self::NameSpacing, "name_spacing"),
        (Self::BirthSwapped, "birth_swapped"),
        (Self::PhoneOld, "phone_old"),
        (Self::PhoneShared, "phone_shared"),
        (Self::AddressOld, "address_old"),
        (Self::Repeated, "repeated"),
        (Self::Broken, "broken"),
        (Self::DeathLate, "death_late"),
        (Self::DeathOneSource, "death_one_source"),
        (Self::NotUpdated, "not_updated"),
    ];
}

/// All counts.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tally([Count; Kind::ALL.len()]);

impl Tally {
    /// Counts a chance, and whether it was taken.
    pub(crate) fn count(&mut self, kind: Kind, hit: bool) {
        let count = &mut self.0[kind as usize];
        count.chances += 1;
        count.hits += u64::from(hit);
    }

    /// Takes in another's counts.
    pub(crate) fn add(&mut self, other: &Self) {
        for (count, more) in self.0.iter_mut().zip(&other.0) {
            count.hits += more.hits;
            count.chances += more.chances;
        }
    }

    /// The counts by the names of the profile.
    pub(crate) fn named(&self) -> BTreeMap<&'static str, Count> {
        Kind::ALL.iter().map(|(kind, name)| (*name, self.0[*kind as usize])).collect()
    }
}
