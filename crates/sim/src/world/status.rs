//! What departments know of somebody's life.

use super::{NEVER_MONTH, PersonIndex, World};
use crate::day::Day;
use crate::errors::Kind;

impl World {
    /// Have departments learnt of somebody's death, by register or certificate?
    pub(crate) fn is_known_dead(&self, person: PersonIndex) -> bool {
        self.person(person).death != Day::NEVER
            && self.deaths.get(&person).is_some_and(|death| {
                let learnt =
                    if death.register == NEVER_MONTH { death.certificate } else { death.register };
                learnt <= self.now.index
            })
    }

    /// Is a pension paid, as the pension office believes?
    pub(crate) fn draws_pension(&self, person: PersonIndex) -> bool {
        let entry = self.person(person);
        entry.pension > 0 && entry.left == Day::NEVER && !self.is_known_dead(person)
    }

    /// Counts a change of a roll, if there was one, and whether it shows late.
    pub(crate) fn count_update(&mut self, late: Option<bool>) {
        if let Some(late) = late {
            self.tally.count(Kind::NotUpdated, late);
        }
    }
}
