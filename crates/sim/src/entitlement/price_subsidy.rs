//! 价格临时补贴: when consumer prices rise by 3.5 % or food by 6 % over the year (发改价格〔2021〕1553号).

use super::{Answer, PersonFacts, Prices, amounts, decide};
use crate::day::Month;

pub(super) fn answer(facts: &PersonFacts, month: Month, prices: Option<Prices>) -> Answer {
    let triggered = prices.map(|prices| (prices.cpi >= 35 || prices.food >= 60) && prices.cpi > 0);
    decide([Some(facts.in_hardship()), triggered, facts.alive(month)], || {
        // Standard in fen times tenths of a percent, rounded up to whole fen.
        Some((amounts::minimum_living(month) * prices?.cpi + 999).div_euclid(1_000))
    })
}
