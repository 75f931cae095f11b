//! 困难残疾人生活补贴: holders of a valid card in families on either roll (国发〔2015〕52号 and the province's rules).

use super::{Answer, PersonFacts, amounts, decide};
use crate::day::Month;

pub(super) fn answer(facts: &PersonFacts, month: Month) -> Answer {
    let conditions = [
        Some(facts.card_in(month).is_some()),
        Some(facts.on_dibao_roll || facts.on_lowincome_roll),
        Some(!facts.orphan && !facts.unattended),
        Some(!facts.on_tekun_roll),
        Some(!facts.in_custody(month)),
        facts.local(month),
        facts.alive(month),
    ];
    decide(conditions, || Some(amounts::disability_living(month)))
}
