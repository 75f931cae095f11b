//! 困难群众春节、中秋慰问金: people in hardship on the cut-off date, the last day of the month before the festival.

use super::{Answer, PersonFacts, amounts, decide};
use crate::day::Month;

/// Year and month of the cut-off before the Spring Festival of 2023 to 2027.
const SPRING: [(i32, i32); 5] = [(2022, 12), (2024, 1), (2024, 12), (2026, 1), (2027, 1)];
/// Year and month of the cut-off before the Mid-Autumn Festival of 2023 to 2027.
const MID_AUTUMN: [(i32, i32); 5] = [(2023, 8), (2024, 8), (2025, 9), (2026, 8), (2027, 8)];

pub(super) fn spring(facts: &PersonFacts, month: Month) -> Answer {
    answer(facts, month, &SPRING, amounts::SPRING_FESTIVAL)
}

pub(super) fn mid_autumn(facts: &PersonFacts, month: Month) -> Answer {
    answer(facts, month, &MID_AUTUMN, amounts::MID_AUTUMN)
}

fn answer(facts: &PersonFacts, month: Month, cut_offs: &[(i32, i32)], fen: i64) -> Answer {
    let in_time = cut_offs.contains(&(month.year, month.month));
    decide([Some(in_time), Some(facts.in_hardship()), facts.alive_at_end(month)], || Some(fen))
}
