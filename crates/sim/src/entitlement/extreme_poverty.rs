//! 特困人员救助供养: people on the roll who depend on support by age or disability (《特困人员认定办法》, 民发〔2021〕43号).

use super::{Answer, PersonFacts, amounts, decide, up_to_yuan};
use crate::day::Month;

pub(super) fn answer(facts: &PersonFacts, month: Month) -> Answer {
    let age = facts.age(month);
    let disabled = facts
        .card
        .filter(|card| card.active)
        .is_some_and(|card| matches!((card.class, card.level), (5 | 6, ..=3) | (4, ..=2) | (1, 1)));
    let dependent = !(16..60).contains(&age) || disabled;
    let conditions =
        [Some(facts.on_tekun_roll), Some(dependent), facts.local(month), facts.alive(month)];
    decide(conditions, || {
        let hukou = facts.hukou?;
        let care = amounts::extreme_poverty_care(month, facts.self_care_level?)?;
        Some(up_to_yuan(amounts::extreme_poverty_base(month, hukou.district, hukou.rural) + care))
    })
}
