//! 最低生活保障 and 最低生活保障边缘家庭: the people of an application together, by income and means.
//!
//! 《最低生活保障审核确认办法》 (民发〔2021〕57号), 《广东省最低生活保障制度实施办法》. The limits of means are defaults of national
//! practice.

use super::{Answer, HouseholdFacts, PersonFacts, amounts, decide, up_to_yuan};
use crate::day::Month;

/// What the counted members have together.
struct Means {
    members: i64,
    income: i64,
    /// `None` when the banks' answer about a member is missing.
    savings: Option<i64>,
    vehicles: u32,
    homes: u32,
    capital: i64,
}

/// Says on which roll the household's members stand for the month: 1 minimum living, 2 low income.
pub(crate) fn relief_category(facts: &HouseholdFacts, month: Month) -> Option<u8> {
    if minimum_living(facts, month).amount().is_some() {
        return Some(1);
    }
    low_income(facts, month).amount().map(|_| 2)
}

/// Is the member one whom the household's means are divided by?
pub(crate) fn is_counted(member: &PersonFacts, month: Month) -> Option<bool> {
    let elsewhere =
        member.in_custody(month) || member.on_tekun_roll || member.orphan || member.unattended;
    if elsewhere { Some(false) } else { member.alive_at_end(month) }
}

pub(super) fn minimum_living(facts: &HouseholdFacts, month: Month) -> Answer {
    let Some(means) = means(facts, month) else { return unknown_members(facts, month) };
    let standard = amounts::minimum_living(month);
    let line = standard * means.members;
    let months_saved = if means.members == 1 { 36 } else { 24 };
    let conditions = filed(facts, month).into_iter().chain([
        Some(means.members >= 1),
        Some(means.income < line),
        means.savings.map(|savings| savings <= months_saved * line),
        Some(means.vehicles == 0),
        Some(means.homes <= 1),
        Some(means.capital <= amounts::CAPITAL),
    ]);
    decide(conditions, || Some(up_to_yuan(line - means.income)))
}

pub(super) fn low_income(facts: &HouseholdFacts, month: Month) -> Answer {
    let Some(means) = means(facts, month) else { return unknown_members(facts, month) };
    let line = amounts::minimum_living(month) * means.members;
    let conditions = filed(facts, month).into_iter().chain([
        Some(means.members >= 1),
        Some(means.income >= line),
        Some(means.income * 2 < line * 3),
        means.savings.map(|savings| savings <= 36 * line),
        Some(means.vehicles <= 1),
        Some(means.homes <= 1),
        Some(means.capital <= amounts::CAPITAL),
    ]);
    decide(conditions, || Some(0))
}

/// Filed before the month began, by somebody who is registered.
fn filed(facts: &HouseholdFacts, month: Month) -> [Option<bool>; 2] {
    [
        Some(facts.active && facts.consented < month.first),
        Some(facts.applicant_hukou.is_some_and(|hukou| hukou.covers(month))),
    ]
}

/// Whether a member counts isn't known: nothing can be said, unless the household fails anyway.
fn unknown_members(facts: &HouseholdFacts, month: Month) -> Answer {
    decide(filed(facts, month).into_iter().chain([None]), || None)
}

fn means(facts: &HouseholdFacts, month: Month) -> Option<Means> {
    let mut means =
        Means { members: 0, income: 0, savings: Some(0), vehicles: 0, homes: 0, capital: 0 };
    for member in &facts.members {
        if !is_counted(member, month)? {
            continue;
        }
        means.members += 1;
        means.income += member.tax_income + member.pension + member.other_income;
        means.savings = means.savings.zip(member.savings).map(|(sum, savings)| sum + savings);
        means.vehicles += member.vehicles;
        means.homes += member.homes;
        means.capital += member.capital;
    }
    Some(means)
}
