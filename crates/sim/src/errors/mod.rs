//! The errors that departments make, each in one place, so that the rates of the profile are the rates in the files.
//!
//! Errors of a row are drawn from the row's own coordinates (seed, dataset, key): a roll that is delivered again next month
//! shows the same error in the same row. Whether a delivery breaks a row depends on the month of the version, too.
//! Some errors are possible in a part of the rows only (a number of 15 digits needs a birth before 2000); their rate among
//! the possible ones is raised so that the rate among all is the profile's ([`share`]).

pub(crate) mod birth;
pub(crate) mod broken;
pub(crate) mod contact;
pub(crate) mod identity;
pub(crate) mod name;
pub(crate) mod repeated;
mod tally;

pub(crate) use tally::{Kind, Tally};

/// Of the rows that could carry an error, the share in which it is possible. Measured on generated cities.
pub(crate) mod share {
    /// Numbers of people born before 2000.
    pub(crate) const BORN_BEFORE_2000: f64 = 0.79;
    /// Names with a traditional or variant form.
    pub(crate) const HAS_TRADITIONAL: f64 = 0.77;
    /// Dates whose day could be a month and isn't the same number: (12 × 12 − 12) of 365.25.
    pub(crate) const SWAPPABLE: f64 = 132.0 / 365.25;
    /// Grown-ups with another grown-up in the family.
    pub(crate) const SHARES_PHONE: f64 = 0.80;
}

/// A rate among the possible rows that makes the given rate among all.
pub(crate) fn among(rate: f64, share: f64) -> f64 {
    (rate / share).min(1.0)
}
