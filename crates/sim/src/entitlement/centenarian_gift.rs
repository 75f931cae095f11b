//! 百岁长者慰问金: registered people of 100 and more, once a year, in October (敬老月).

use super::{Answer, PersonFacts, amounts, decide};
use crate::day::Month;

pub(super) fn answer(facts: &PersonFacts, month: Month) -> Answer {
    let conditions = [
        Some(month.month == 10),
        Some(facts.age(month) >= 100),
        facts.local(month),
        facts.alive(month),
    ];
    decide(conditions, || Some(amounts::CENTENARIAN))
}
