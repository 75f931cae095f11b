//! Worked examples, on both sides of each threshold and date.

use super::*;
use crate::day::Day;

fn month(year: i32, month: i32) -> Month {
    Month::new(year, month, 0)
}

fn hukou(district: u32, rural: bool) -> HukouFacts {
    HukouFacts { from: Day::new(1990, 1, 1), to: None, district, rural }
}

fn person(birth: (i32, i32, i32)) -> PersonFacts {
    PersonFacts {
        birth: Day::new(birth.0, birth.1, birth.2),
        vital: Vital::Alive,
        hukou: Some(hukou(440_104, false)),
        on_dibao_roll: false,
        on_lowincome_roll: false,
        on_tekun_roll: false,
        orphan: false,
        unattended: false,
        card: None,
        self_care_level: None,
        custody: None,
        tax_income: 0,
        pension: 0,
        other_income: 0,
        savings: Some(0),
        vehicles: 0,
        homes: 0,
        capital: 0,
        cremation: None,
    }
}

/// A household whose incomes in yuan are given, one per member.
fn household(incomes: &[i64]) -> HouseholdFacts {
    HouseholdFacts {
        consented: Day::new(2023, 11, 20),
        active: true,
        applicant_hukou: Some(hukou(440_104, false)),
        members: incomes
            .iter()
            .map(|yuan| PersonFacts { tax_income: yuan * 100, ..person((1980, 1, 1)) })
            .collect(),
    }
}

#[track_caller]
fn yuan(answer: Answer, expected: i64) {
    assert_eq!(answer, Answer::Entitled(expected * 100));
}

fn card(class: u8, level: u8) -> Option<CardFacts> {
    Some(CardFacts {
        class,
        level,
        issued: Day::new(2018, 5, 1),
        expires: Some(Day::new(2028, 4, 30)),
        active: true,
    })
}

#[test]
fn three_people_with_2100_a_month_get_1746() {
    yuan(HouseholdPolicy::MinimumLiving.answer(&household(&[2_100, 0, 0]), month(2024, 3)), 1_746);
}

#[test]
fn the_same_three_with_a_further_2300_are_a_low_income_family() {
    let facts = household(&[2_100, 2_300, 0]);
    assert_eq!(HouseholdPolicy::MinimumLiving.answer(&facts, month(2024, 3)), Answer::Not);
    yuan(HouseholdPolicy::LowIncome.answer(&facts, month(2024, 3)), 0);
}

#[test]
fn income_exactly_at_the_line_is_low_income_and_at_one_and_a_half_times_neither() {
    assert_eq!(
        HouseholdPolicy::MinimumLiving.answer(&household(&[1_282]), month(2024, 3)),
        Answer::Not
    );
    yuan(HouseholdPolicy::LowIncome.answer(&household(&[1_282]), month(2024, 3)), 0);
    assert_eq!(
        HouseholdPolicy::LowIncome.answer(&household(&[1_923]), month(2024, 3)),
        Answer::Not
    );
    yuan(HouseholdPolicy::LowIncome.answer(&household(&[1_922]), month(2024, 3)), 0);
}

#[test]
fn an_application_counts_from_the_month_after_consent() {
    let facts = household(&[500]);
    assert_eq!(HouseholdPolicy::MinimumLiving.answer(&facts, month(2023, 11)), Answer::Not);
    yuan(HouseholdPolicy::MinimumLiving.answer(&facts, month(2023, 12)), 738);
    yuan(HouseholdPolicy::MinimumLiving.answer(&facts, month(2024, 1)), 782);
}

#[test]
fn savings_are_counted_by_head_and_more_is_left_to_one_alone() {
    let mut alone = household(&[0]);
    alone.members[0].savings = Some(36 * 128_200);
    yuan(HouseholdPolicy::MinimumLiving.answer(&alone, month(2024, 3)), 1_282);
    alone.members[0].savings = Some(36 * 128_200 + 1);
    assert_eq!(HouseholdPolicy::MinimumLiving.answer(&alone, month(2024, 3)), Answer::Not);
    let mut two = household(&[0, 0]);
    two.members[0].savings = Some(24 * 2 * 128_200);
    yuan(HouseholdPolicy::MinimumLiving.answer(&two, month(2024, 3)), 2_564);
    two.members[1].savings = Some(1);
    assert_eq!(HouseholdPolicy::MinimumLiving.answer(&two, month(2024, 3)), Answer::Not);
    two.members[1].savings = None;
    assert_eq!(HouseholdPolicy::MinimumLiving.answer(&two, month(2024, 3)), Answer::Ask);
}

#[test]
fn a_vehicle_ends_minimum_living_but_not_low_income() {
    let mut facts = household(&[800]);
    facts.members[0].vehicles = 1;
    assert_eq!(HouseholdPolicy::MinimumLiving.answer(&facts, month(2024, 3)), Answer::Not);
    let mut facts = household(&[1_500]);
    facts.members[0].vehicles = 1;
    yuan(HouseholdPolicy::LowIncome.answer(&facts, month(2024, 3)), 0);
    facts.members[0].vehicles = 2;
    assert_eq!(HouseholdPolicy::LowIncome.answer(&facts, month(2024, 3)), Answer::Not);
}

#[test]
fn members_in_custody_on_the_tekun_roll_or_dead_are_not_counted() {
    let mut facts = household(&[0, 0, 0, 0]);
    facts.members[1].custody = Some((Day::new(2024, 1, 1), None));
    facts.members[2].on_tekun_roll = true;
    facts.members[3].vital = Vital::Dead(Day::new(2024, 3, 31));
    yuan(HouseholdPolicy::MinimumLiving.answer(&facts, month(2024, 3)), 1_282);
    facts.members[3].vital = Vital::Uncertain(Day::new(2024, 3, 31));
    assert_eq!(HouseholdPolicy::MinimumLiving.answer(&facts, month(2024, 3)), Answer::Ask);
}

#[test]
fn extreme_poverty_support_takes_the_higher_rural_standard() {
    let facts = |district, rural| PersonFacts {
        hukou: Some(hukou(district, rural)),
        on_tekun_roll: true,
        self_care_level: Some(2),
        ..person((1950, 1, 1))
    };
    let answer = |district, rural| {
        PersonPolicy::ExtremePoverty.answer(&facts(district, rural), month(2024, 3), None)
    };
    yuan(answer(440_113, true), 3_202);
    yuan(answer(440_104, false), 2_742);
    yuan(answer(440_113, false), 2_742);
    yuan(answer(440_111, true), 2_742);
}

#[test]
fn extreme_poverty_support_needs_an_assessment_and_a_reason() {
    let mut facts = PersonFacts { on_tekun_roll: true, ..person((1990, 1, 1)) };
    let answer =
        |facts: &PersonFacts| PersonPolicy::ExtremePoverty.answer(facts, month(2024, 3), None);
    assert_eq!(answer(&facts), Answer::Not);
    facts.card = card(4, 2);
    assert_eq!(answer(&facts), Answer::Ask);
    facts.self_care_level = Some(1);
    yuan(answer(&facts), 2_098);
    facts.card = card(4, 3);
    assert_eq!(answer(&facts), Answer::Not);
}

#[test]
fn the_hundredth_birthday_changes_the_band_and_brings_the_gift_in_october() {
    let facts = person((1924, 10, 5));
    yuan(PersonPolicy::Longevity.answer(&facts, month(2024, 9), None), 200);
    yuan(PersonPolicy::Longevity.answer(&facts, month(2024, 10), None), 300);
    yuan(PersonPolicy::CentenarianGift.answer(&facts, month(2024, 10), None), 1_000);
    assert_eq!(PersonPolicy::CentenarianGift.answer(&facts, month(2024, 11), None), Answer::Not);
    assert_eq!(PersonPolicy::CentenarianGift.answer(&facts, month(2023, 10), None), Answer::Not);
}

#[test]
fn the_longevity_allowance_ends_with_the_month_of_death_or_of_moving_out() {
    let mut facts = person((1950, 3, 31));
    assert_eq!(
        PersonPolicy::Longevity.answer(&person((1954, 4, 1)), month(2024, 3), None),
        Answer::Not
    );
    yuan(PersonPolicy::Longevity.answer(&person((1954, 3, 31)), month(2024, 3), None), 30);
    facts.vital = Vital::Dead(Day::new(2024, 3, 1));
    yuan(PersonPolicy::Longevity.answer(&facts, month(2024, 3), None), 30);
    assert_eq!(PersonPolicy::Longevity.answer(&facts, month(2024, 4), None), Answer::Not);
    facts.vital = Vital::Uncertain(Day::new(2024, 3, 1));
    yuan(PersonPolicy::Longevity.answer(&facts, month(2024, 3), None), 30);
    assert_eq!(PersonPolicy::Longevity.answer(&facts, month(2024, 4), None), Answer::Ask);
    facts.vital = Vital::Alive;
    facts.hukou = Some(HukouFacts { to: Some(Day::new(2024, 2, 29)), ..hukou(440_104, false) });
    yuan(PersonPolicy::Longevity.answer(&facts, month(2024, 2), None), 30);
    assert_eq!(PersonPolicy::Longevity.answer(&facts, month(2024, 3), None), Answer::Not);
}

#[test]
fn an_orphan_with_a_severe_disability_gets_the_care_but_not_the_living_subsidy() {
    let facts =
        PersonFacts { orphan: true, on_dibao_roll: true, card: card(4, 1), ..person((2012, 5, 1)) };
    yuan(PersonPolicy::Orphan.answer(&facts, month(2024, 3), None), 2_976);
    yuan(PersonPolicy::DisabilityCare.answer(&facts, month(2024, 3), None), 270);
    assert_eq!(PersonPolicy::DisabilityLiving.answer(&facts, month(2024, 3), None), Answer::Not);
    assert_eq!(PersonPolicy::UnattendedChild.answer(&facts, month(2024, 3), None), Answer::Not);
}

#[test]
fn a_child_of_eighteen_on_the_first_of_the_month_gets_nothing() {
    let facts = PersonFacts { unattended: true, ..person((2006, 3, 2)) };
    yuan(PersonPolicy::UnattendedChild.answer(&facts, month(2024, 3), None), 2_976);
    assert_eq!(PersonPolicy::UnattendedChild.answer(&facts, month(2024, 4), None), Answer::Not);
}

#[test]
fn a_card_holds_until_the_month_in_which_it_expires() {
    let facts = PersonFacts { on_lowincome_roll: true, card: card(2, 4), ..person((1970, 1, 1)) };
    yuan(PersonPolicy::DisabilityLiving.answer(&facts, month(2024, 3), None), 202);
    yuan(PersonPolicy::DisabilityLiving.answer(&facts, month(2028, 4), None), 202);
    assert_eq!(PersonPolicy::DisabilityLiving.answer(&facts, month(2028, 5), None), Answer::Not);
    yuan(PersonPolicy::DisabilityLiving.answer(&facts, month(2023, 12), None), 195);
    assert_eq!(PersonPolicy::DisabilityCare.answer(&facts, month(2024, 3), None), Answer::Not);
}

#[test]
fn prices_up_by_3_6_percent_give_46_16() {
    let facts = PersonFacts { on_dibao_roll: true, ..person((1970, 1, 1)) };
    let answer = |cpi, food| {
        PersonPolicy::PriceSubsidy.answer(&facts, month(2024, 6), Some(Prices { cpi, food }))
    };
    assert_eq!(answer(36, 0), Answer::Entitled(4_616));
    assert_eq!(answer(34, 59), Answer::Not);
    assert_eq!(answer(34, 60), Answer::Entitled(4_359));
    assert_eq!(answer(-2, 60), Answer::Not);
    assert_eq!(PersonPolicy::PriceSubsidy.answer(&facts, month(2024, 6), None), Answer::Ask);
}

#[test]
fn a_low_income_family_of_four_gets_28_for_sewage() {
    let facts = PersonFacts { on_lowincome_roll: true, ..person((1970, 1, 1)) };
    let four: i64 = (0..4)
        .filter_map(|_| PersonPolicy::Sewage.answer(&facts, month(2024, 3), None).amount())
        .sum();
    assert_eq!(four, 2_800);
}

#[test]
fn festival_money_comes_once_in_the_month_before_the_festival() {
    let facts = PersonFacts { on_tekun_roll: true, ..person((1950, 1, 1)) };
    for (at, spring, autumn) in [
        ((2024, 1), true, false),
        ((2024, 2), false, false),
        ((2024, 8), false, true),
        ((2024, 9), false, false),
    ] {
        let at = month(at.0, at.1);
        assert_eq!(
            PersonPolicy::SpringFestival.answer(&facts, at, None).amount().is_some(),
            spring
        );
        assert_eq!(PersonPolicy::MidAutumn.answer(&facts, at, None).amount().is_some(), autumn);
    }
    let dead = PersonFacts { vital: Vital::Dead(Day::new(2024, 1, 31)), ..facts };
    assert_eq!(PersonPolicy::SpringFestival.answer(&dead, month(2024, 1), None), Answer::Not);
}

#[test]
fn the_funeral_fee_is_waived_up_to_the_cap() {
    let cremated = |fee: i64| PersonFacts {
        vital: Vital::Dead(Day::new(2024, 3, 2)),
        cremation: Some((Day::new(2024, 3, 5), fee * 100)),
        ..person((1940, 1, 1))
    };
    let answer =
        |facts: &PersonFacts| PersonPolicy::FuneralWaiver.answer(facts, month(2024, 3), None);
    yuan(answer(&cremated(1_500)), 1_500);
    yuan(answer(&cremated(2_900)), 1_680);
    yuan(answer(&PersonFacts { on_tekun_roll: true, ..cremated(2_900) }), 2_900);
    yuan(answer(&PersonFacts { hukou: None, ..cremated(2_900) }), 1_330);
    assert_eq!(
        PersonPolicy::FuneralWaiver.answer(&cremated(1_500), month(2024, 4), None),
        Answer::Not
    );
}
