//! 殡葬基本服务费用减免: the fee of the basic services, up to a cap by hardship and registration.

use super::{Answer, PersonFacts, amounts, decide};
use crate::day::Month;

pub(super) fn answer(facts: &PersonFacts, month: Month) -> Answer {
    let cremated = facts.cremation.filter(|(day, _)| month.contains(*day));
    let hardship = facts.on_dibao_roll || facts.on_lowincome_roll || facts.on_tekun_roll;
    let [in_hardship, registered, others] = amounts::FUNERAL;
    decide([Some(cremated.is_some())], || {
        let cap = match (hardship, facts.local(month)?) {
            (true, _) => in_hardship,
            (false, true) => registered,
            (false, false) => others,
        };
        Some(cremated?.1.min(cap))
    })
}
