//! 长者长寿保健金: registered people from 70 on, by age, monthly; until the month of death or of moving out.

use super::{Answer, PersonFacts, amounts, decide};
use crate::day::Month;

pub(super) fn answer(facts: &PersonFacts, month: Month) -> Answer {
    let age = facts.age(month);
    decide([Some(age >= 70), facts.local(month), facts.alive(month)], || amounts::longevity(age))
}
