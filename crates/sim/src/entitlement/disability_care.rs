//! 重度残疾人护理补贴: level 1 or 2, or any level of an intellectual or mental disability (国发〔2015〕52号, province's rules).

use super::{Answer, PersonFacts, amounts, decide};
use crate::day::Month;

pub(super) fn answer(facts: &PersonFacts, month: Month) -> Answer {
    let severe =
        facts.card_in(month).is_some_and(|card| card.level <= 2 || matches!(card.class, 5 | 6));
    let conditions = [
        Some(severe),
        Some(!facts.on_tekun_roll),
        Some(!facts.in_custody(month)),
        facts.local(month),
        facts.alive(month),
    ];
    decide(conditions, || Some(amounts::disability_care(month)))
}
