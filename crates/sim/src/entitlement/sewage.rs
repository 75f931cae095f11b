//! 困难群众污水处理费补贴: members of families on either roll, and people in extreme difficulty (穗府办规〔2022〕14号).

use super::{Answer, PersonFacts, amounts, decide};
use crate::day::Month;

pub(super) fn answer(facts: &PersonFacts, month: Month) -> Answer {
    let listed = facts.on_dibao_roll || facts.on_lowincome_roll || facts.on_tekun_roll;
    decide([Some(listed), facts.alive(month)], || Some(amounts::SEWAGE))
}
