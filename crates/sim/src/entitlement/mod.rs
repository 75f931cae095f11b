//! Who is entitled to what, computed by code of the simulation alone: the yardstick that the platform's decisions are
//! measured with. It shares no code and no file with the policy engine or the city pack.
//!
//! One file per policy. Each answers for one subject and one month from plain facts; the same functions run over the true
//! facts and over those that deliveries have told.
//! `Option<bool>` is a condition whose `None` means that a fact isn't known; see [`all`].

pub(crate) mod amounts;
mod centenarian_gift;
mod child_allowance;
mod disability_care;
mod disability_living;
mod extreme_poverty;
mod facts;
mod festival;
mod funeral_waiver;
mod household;
mod longevity;
mod price_subsidy;
mod sewage;

#[cfg(test)]
mod worked_examples;

pub(crate) use facts::{CardFacts, HouseholdFacts, HukouFacts, PersonFacts, Prices, Vital};
pub(crate) use household::{is_counted, relief_category};

use crate::day::Month;

/// The answer of a policy for a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Not entitled.
    Not,
    /// A fact is missing: somebody has to be asked.
    Ask,
    /// Entitled to so many fen; nothing for a recognition without money.
    Entitled(i64),
}

impl Answer {
    /// The amount for somebody entitled.
    pub(crate) fn amount(self) -> Option<i64> {
        match self {
            Self::Entitled(fen) => Some(fen),
            Self::Not | Self::Ask => None,
        }
    }
}

/// A policy for single people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum PersonPolicy {
    Longevity,
    CentenarianGift,
    SpringFestival,
    MidAutumn,
    Sewage,
    ExtremePoverty,
    Orphan,
    UnattendedChild,
    DisabilityLiving,
    DisabilityCare,
    PriceSubsidy,
    FuneralWaiver,
}

impl PersonPolicy {
    /// All of them.
    pub(crate) const ALL: [Self; 12] = [
        Self::Longevity,
        Self::CentenarianGift,
        Self::SpringFestival,
        Self::MidAutumn,
        Self::Sewage,
        Self::ExtremePoverty,
        Self::Orphan,
        Self::UnattendedChild,
        Self::DisabilityLiving,
        Self::DisabilityCare,
        Self::PriceSubsidy,
        Self::FuneralWaiver,
    ];

    /// The policy's id in the city pack.
    pub(crate) fn id(self) -> &'static str {
        match self {
            Self::Longevity => "longevity-allowance",
            Self::CentenarianGift => "centenarian-gift",
            Self::SpringFestival => "spring-festival-consolation",
            Self::MidAutumn => "mid-autumn-consolation",
            Self::Sewage => "sewage-subsidy",
            Self::ExtremePoverty => "extreme-poverty-support",
            Self::Orphan => "orphan-allowance",
            Self::UnattendedChild => "unattended-child-allowance",
            Self::DisabilityLiving => "disability-living-subsidy",
            Self::DisabilityCare => "severe-disability-care-subsidy",
            Self::PriceSubsidy => "price-subsidy",
            Self::FuneralWaiver => "funeral-fee-waiver",
        }
    }

    /// What the person gets for the month.
    pub(crate) fn answer(
        self,
        facts: &PersonFacts,
        month: Month,
        prices: Option<Prices>,
    ) -> Answer {
        match self {
            Self::Longevity => longevity::answer(facts, month),
            Self::CentenarianGift => centenarian_gift::answer(facts, month),
            Self::SpringFestival => festival::spring(facts, month),
            Self::MidAutumn => festival::mid_autumn(facts, month),
            Self::Sewage => sewage::answer(facts, month),
            Self::ExtremePoverty => extreme_poverty::answer(facts, month),
            Self::Orphan => child_allowance::orphan(facts, month),
            Self::UnattendedChild => child_allowance::unattended(facts, month),
            Self::DisabilityLiving => disability_living::answer(facts, month),
            Self::DisabilityCare => disability_care::answer(facts, month),
            Self::PriceSubsidy => price_subsidy::answer(facts, month, prices),
            Self::FuneralWaiver => funeral_waiver::answer(facts, month),
        }
    }
}

/// A policy for households.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum HouseholdPolicy {
    MinimumLiving,
    LowIncome,
}

impl HouseholdPolicy {
    /// All of them.
    pub(crate) const ALL: [Self; 2] = [Self::MinimumLiving, Self::LowIncome];

    /// The policy's id in the city pack.
    pub(crate) fn id(self) -> &'static str {
        match self {
            Self::MinimumLiving => "minimum-living-allowance",
            Self::LowIncome => "low-income-family",
        }
    }

    /// What the household gets for the month.
    pub(crate) fn answer(self, facts: &HouseholdFacts, month: Month) -> Answer {
        match self {
            Self::MinimumLiving => household::minimum_living(facts, month),
            Self::LowIncome => household::low_income(facts, month),
        }
    }
}

/// Several conditions together: false if one is false, unknown if one is unknown and none false, else true.
fn all(conditions: impl IntoIterator<Item = Option<bool>>) -> Option<bool> {
    let mut result = Some(true);
    for condition in conditions {
        match condition {
            Some(false) => return Some(false),
            None => result = None,
            Some(true) => {}
        }
    }
    result
}

/// The answer of conditions and an amount that is asked for only when they hold.
fn decide(
    conditions: impl IntoIterator<Item = Option<bool>>,
    amount: impl FnOnce() -> Option<i64>,
) -> Answer {
    match all(conditions) {
        Some(false) => Answer::Not,
        None => Answer::Ask,
        Some(true) => amount().map_or(Answer::Ask, Answer::Entitled),
    }
}

/// Fen rounded up to whole yuan.
fn up_to_yuan(fen: i64) -> i64 {
    (fen + 99).div_euclid(100) * 100
}
