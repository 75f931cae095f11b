//! Civil affairs: marriages, the rolls, self-care, applications, confirmations.

use super::Hand;
use super::keys_of::family_number;
use crate::day::Day;
use crate::world::{MOST_MEMBERS, NOBODY};

pub(super) fn marriage(slot: u32, entry: u8, hand: &mut Hand<'_>) {
    let Some(union) = hand.world.unions.get(slot as usize).copied() else { return };
    // The key stands before the people, who are named in turn.
    hand.key(slot, entry);
    hand.text(if union.is_divorce { "2" } else { "1" });
    hand.date(union.day);
    for (role, person) in [("husband", union.husband), ("wife", union.wife)] {
        hand.of(role, person, union.day);
        hand.name();
        hand.id_number();
        hand.birth();
    }
}

pub(super) fn dibao_roll(slot: u32, entry: u8, hand: &mut Hand<'_>) {
    let world = hand.world;
    let Some(relief) = world.relief.get(&slot).and_then(|listing| listing.shown) else { return };
    let case = world.case_of.get(&slot).copied().unwrap_or_default();
    let applicant = world.cases.get(case as usize).map_or(slot, |case| case.applicant);
    hand.of("subject", slot, Day::NEVER);
    hand.key(slot, entry);
    hand.text(&family_number(world, case));
    hand.plain(relief.category);
    hand.name();
    hand.id_number();
    hand.text(world.relation_to_applicant(applicant, slot));
    hand.phone();
    hand.address();
    hand.month(relief.from);
    // The family's money goes to the applicant's account.
    let account = crate::keys::account(applicant, 1);
    hand.text(&account);
}

pub(super) fn tekun_roll(slot: u32, entry: u8, hand: &mut Hand<'_>) {
    let Some(tekun) = hand.world.tekun.get(&slot).and_then(|listing| listing.shown) else { return };
    hand.of("subject", slot, Day::NEVER);
    hand.key(slot, entry);
    hand.name();
    hand.sex();
    hand.birth();
    hand.id_number();
    hand.plain(tekun.care_mode);
    hand.month(tekun.from);
    hand.address();
    hand.phone();
    hand.account(2);
}

pub(super) fn orphan_roll(slot: u32, entry: u8, hand: &mut Hand<'_>) {
    let Some(child) = hand.world.children.get(&slot).and_then(|listing| listing.shown) else {
        return;
    };
    hand.of("subject", slot, Day::NEVER);
    hand.key(slot, entry);
    hand.plain(child.kind);
    hand.name();
    hand.sex();
    hand.birth();
    hand.id_number();
    hand.other_name(child.guardian);
    hand.other_phone((child.guardian != NOBODY).then_some(child.guardian));
    hand.month(child.from);
    hand.address();
    hand.account(3);
}

pub(super) fn self_care(slot: u32, entry: u8, hand: &mut Hand<'_>) {
    let Some(care) = hand.world.self_care.get(&slot).copied() else { return };
    hand.of("subject", slot, care.assessed);
    hand.key(slot, entry);
    hand.name();
    hand.id_number();
    hand.birth();
    hand.date(care.assessed);
    hand.plain(care.failed);
    hand.plain(care.level());
    hand.address();
}

pub(super) fn assistance_application(slot: u32, entry: u8, hand: &mut Hand<'_>) {
    let world = hand.world;
    let Some(case) = world.cases.get((slot / MOST_MEMBERS) as usize) else { return };
    let Some(member) = case.members.get((slot % MOST_MEMBERS) as usize) else { return };
    hand.of("subject", member.person, case.applied);
    hand.key(slot, entry);
    hand.name();
    hand.id_number();
    hand.birth();
    hand.text(world.relation_to_applicant(case.applicant, member.person));
    hand.phone();
    hand.address();
    hand.date(case.consented);
    hand.date(case.applied);
    hand.money_number(member.other_income.into());
    let account = crate::keys::account(case.applicant, 1);
    hand.text(&account);
    hand.active(case.active);
}

pub(super) fn benefit_confirmation(slot: u32, entry: u8, hand: &mut Hand<'_>) {
    let confirmed = hand.world.confirmed.get(&slot).copied().unwrap_or(Day::NEVER);
    hand.of("subject", slot, confirmed);
    hand.key(slot, entry);
    hand.text("longevity-allowance");
    hand.name();
    hand.id_number();
    hand.birth();
    hand.phone();
    hand.date(confirmed);
    hand.account(4);
}
