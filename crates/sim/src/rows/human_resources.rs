//! Human resources and the housing fund: insurance, cards, pensions, contracts, fund accounts.

use super::{Hand, names_of};
use crate::day::Day;
use crate::draw::{Hashed, Random};
use crate::keys::credit_code;
use crate::world::NOTHING;

pub(super) fn social_insurance(slot: u32, entry: u8, hand: &mut Hand<'_>) {
    let world = hand.world;
    let person = world.person(slot).clone();
    let since = hand.some_time_ago(slot).max(person.birth);
    hand.of("subject", slot, since);
    hand.key(slot, entry);
    hand.name();
    hand.sex();
    hand.id_number();
    hand.phone();
    let job = world.jobs.get(person.job as usize).filter(|_| person.job != NOTHING);
    hand.text(if job.is_some() { "1" } else { "2" });
    match job {
        Some(job) => {
            hand.money(person.wage.into());
            hand.text(&credit_code("91", job.employer.into()));
        }
        None => {
            hand.text("");
            hand.text("");
        }
    }
    let gone = person.left != Day::NEVER || world.is_known_dead(slot);
    hand.active(!gone);
    hand.month(world.now.index_of(since));
}

pub(super) fn social_card(slot: u32, entry: u8, hand: &mut Hand<'_>) {
    let world = hand.world;
    let person = world.person(slot).clone();
    let issued = hand.some_time_ago(slot).max(person.birth.plus(1));
    hand.of("subject", slot, issued);
    hand.key(slot, entry);
    hand.name();
    hand.sex();
    hand.birth();
    hand.id_number();
    hand.phone();
    hand.account(0);
    hand.date(issued);
    let gone = person.left != Day::NEVER || world.is_known_dead(slot);
    hand.active(!gone);
}

pub(super) fn pension(slot: u32, entry: u8, hand: &mut Hand<'_>) {
    let world = hand.world;
    let person = world.person(slot).clone();
    let (first, index) = (world.now.plus(-world.now.index), i32::from(person.pension_month));
    hand.of("subject", slot, first.plus(index).first);
    hand.key(slot, entry);
    hand.name();
    hand.birth();
    hand.id_number();
    hand.phone();
    hand.money(person.pension.into());
    hand.month(index);
    hand.active(world.draws_pension(slot));
    hand.account(0);
}

pub(super) fn employment(slot: u32, entry: u8, hand: &mut Hand<'_>) {
    let world = hand.world;
    let Some(job) = world.jobs.get(slot as usize).copied() else { return };
    hand.of("subject", job.person, job.from);
    hand.key(slot, entry);
    hand.name();
    hand.id_number();
    hand.phone();
    hand.birth();
    hand.text(&names_of::employer(job.employer));
    hand.date(job.from);
    hand.date(job.to);
    hand.active(job.to == Day::NEVER);
}

pub(super) fn housing_fund(slot: u32, entry: u8, hand: &mut Hand<'_>) {
    let world = hand.world;
    let person = world.person(slot).clone();
    hand.of("subject", slot, hand.some_time_ago(slot));
    hand.key(slot, entry);
    hand.name();
    hand.birth();
    hand.id_number();
    hand.phone();
    hand.money_number(person.wage.into());
    let mut draw = Hashed::new(&[world.seed, 0x6675_6e64, slot.into()]);
    let months = i64::from(draw.between(2, 90)) + i64::from(world.now.index);
    hand.money_number(i64::from(person.wage) / 10 * months);
    let gone = person.left != Day::NEVER || world.is_known_dead(slot);
    hand.active(!gone && person.job != NOTHING);
}
