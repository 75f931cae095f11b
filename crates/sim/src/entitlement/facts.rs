//! The facts that policies look at. Money is fen.

use crate::day::{Day, Month};

/// Alive or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Vital {
    Alive,
    Dead(Day),
    /// One source alone says that the person died on this day.
    Uncertain(Day),
}

/// A registration in a household book of the city.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct HukouFacts {
    pub(crate) from: Day,
    /// The day of moving out; a death doesn't end it.
    pub(crate) to: Option<Day>,
    /// Six digits.
    pub(crate) district: u32,
    pub(crate) rural: bool,
}

/// A disabled person's card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CardFacts {
    pub(crate) class: u8,
    pub(crate) level: u8,
    pub(crate) issued: Day,
    pub(crate) expires: Option<Day>,
    pub(crate) active: bool,
}

/// What is to be known of a person for a month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PersonFacts {
    pub(crate) birth: Day,
    pub(crate) vital: Vital,
    pub(crate) hukou: Option<HukouFacts>,
    /// On the roll of minimum living.
    pub(crate) on_dibao_roll: bool,
    /// On the roll of low-income families.
    pub(crate) on_lowincome_roll: bool,
    pub(crate) on_tekun_roll: bool,
    pub(crate) orphan: bool,
    pub(crate) unattended: bool,
    pub(crate) card: Option<CardFacts>,
    /// 1 whole, 2 partial, 3 none; `None` without an assessment.
    pub(crate) self_care_level: Option<u8>,
    pub(crate) custody: Option<(Day, Option<Day>)>,
    /// The latest six months' mean at the tax office; nothing without a file.
    pub(crate) tax_income: i64,
    pub(crate) pension: i64,
    pub(crate) other_income: i64,
    /// The latest answer of the banks; `None` without any.
    pub(crate) savings: Option<i64>,
    /// Vehicles that aren't for a disabled person.
    pub(crate) vehicles: u32,
    pub(crate) homes: u32,
    pub(crate) capital: i64,
    /// The day of cremation, and the fee of the basic services.
    pub(crate) cremation: Option<(Day, i64)>,
}

/// An application with the people who live together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HouseholdFacts {
    pub(crate) consented: Day,
    /// The application stands.
    pub(crate) active: bool,
    pub(crate) applicant_hukou: Option<HukouFacts>,
    pub(crate) members: Vec<PersonFacts>,
}

/// Percent above the year before, times 10 (3.6 % is 36).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Prices {
    pub(crate) cpi: i64,
    pub(crate) food: i64,
}

impl PersonFacts {
    /// Lives in the month, at least on its first day: what began goes on to the end of the month of death.
    pub(super) fn alive(&self, month: Month) -> Option<bool> {
        match self.vital {
            Vital::Alive => Some(true),
            Vital::Dead(day) => Some(day >= month.first),
            // Either way alive when the day in doubt is late enough.
            Vital::Uncertain(day) => (day >= month.first).then_some(true),
        }
    }

    /// Lives on the last day of the month.
    pub(super) fn alive_at_end(&self, month: Month) -> Option<bool> {
        match self.vital {
            Vital::Alive => Some(true),
            Vital::Dead(day) => Some(day > month.last),
            Vital::Uncertain(day) => (day > month.last).then_some(true),
        }
    }

    /// Is registered in the city in the month.
    pub(super) fn local(&self, month: Month) -> Option<bool> {
        Some(self.hukou.is_some_and(|hukou| hukou.covers(month)))
    }

    /// Completed years on the last day of the month.
    pub(super) fn age(&self, month: Month) -> i32 {
        self.birth.age_on(month.last)
    }

    /// In any of the five kinds of hardship.
    pub(super) fn in_hardship(&self) -> bool {
        self.on_dibao_roll
            || self.on_lowincome_roll
            || self.on_tekun_roll
            || self.orphan
            || self.unattended
    }

    /// Held on the last day of the month.
    pub(super) fn in_custody(&self, month: Month) -> bool {
        self.custody
            .is_some_and(|(from, to)| from <= month.last && to.is_none_or(|to| to > month.last))
    }

    /// Has a card that is valid in the month.
    pub(super) fn card_in(&self, month: Month) -> Option<CardFacts> {
        self.card.filter(|card| {
            card.active
                && card.issued <= month.last
                && card.expires.is_none_or(|expires| expires >= month.first)
        })
    }
}

impl HukouFacts {
    /// Registered on some day of the month.
    pub(super) fn covers(self, month: Month) -> bool {
        self.from <= month.last && self.to.is_none_or(|to| to >= month.first)
    }
}
