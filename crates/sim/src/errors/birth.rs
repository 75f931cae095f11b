//! Birth dates: day and month exchanged.

use super::{Kind, Tally, among, share};
use crate::day::Day;
use crate::draw::{Hashed, Random};
use crate::profile::Errors;

/// What a clerk writes for a birth date.
pub(crate) fn write(birth: Day, errors: &Errors, mut draw: Hashed, tally: &mut Tally) -> Day {
    let (year, month, day) = birth.civil();
    let possible = day <= 12 && day != month;
    let swapped = possible && draw.chance(among(errors.birth_swapped, share::SWAPPABLE));
    tally.count(Kind::BirthSwapped, swapped);
    if swapped { Day::new(year, day, month) } else { birth }
}
