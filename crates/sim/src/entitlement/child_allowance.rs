//! 孤儿基本生活保障 (国办发〔2010〕54号) and 事实无人抚养儿童基本生活补贴 (民发〔2019〕62号).

use super::{Answer, PersonFacts, amounts, decide};
use crate::day::Month;

pub(super) fn orphan(facts: &PersonFacts, month: Month) -> Answer {
    answer(facts, month, facts.orphan)
}

pub(super) fn unattended(facts: &PersonFacts, month: Month) -> Answer {
    answer(facts, month, facts.unattended)
}

fn answer(facts: &PersonFacts, month: Month, listed: bool) -> Answer {
    let minor = facts.birth.age_on(month.first) < 18;
    decide([Some(listed), Some(minor), facts.local(month), facts.alive(month)], || {
        Some(amounts::child(month))
    })
}
