//! What people own and earn: tax, vehicles, homes, businesses, bank balances.

use super::keys_of::case_number;
use super::{Hand, names_of};
use crate::day::Day;
use crate::draw::Random;
use crate::keys::credit_code;

pub(super) fn income_tax(slot: u32, entry: u8, hand: &mut Hand<'_>) {
    let person = hand.world.person(slot).clone();
    hand.of("subject", slot, hand.some_time_ago(slot));
    hand.key(slot, entry);
    hand.name();
    hand.id_number();
    hand.phone();
    hand.money(person.tax.into());
    hand.month(person.tax_month.into());
    hand.address();
}

pub(super) fn vehicle(slot: u32, entry: u8, hand: &mut Hand<'_>) {
    let Some(vehicle) = hand.world.vehicles.get(slot as usize).copied() else { return };
    hand.of("subject", vehicle.owner, vehicle.registered);
    hand.key(slot, entry);
    hand.name();
    hand.id_number();
    hand.phone();
    hand.address();
    let mut draw = hand.draw(1);
    hand.text(names_of::model(&mut draw));
    hand.plain(vehicle.usage);
    hand.date(vehicle.registered);
    hand.active(vehicle.active);
}

pub(super) fn real_estate(slot: u32, entry: u8, hand: &mut Hand<'_>) {
    let Some(home) = hand.world.homes.get(slot as usize).copied() else { return };
    hand.of("subject", home.owner, home.registered);
    hand.key(slot, entry);
    hand.name();
    hand.id_number();
    hand.phone();
    hand.place(home.address);
    hand.money(home.area.into());
    hand.date(home.registered);
    hand.active(home.active);
}

pub(super) fn business_owner(slot: u32, entry: u8, hand: &mut Hand<'_>) {
    let Some(business) = hand.world.businesses.get(slot as usize).copied() else { return };
    let is_company = business.capital > 2_000_000;
    hand.of("subject", business.owner, business.registered);
    hand.key(slot, entry);
    // Numbers of employers are the low ones.
    hand.text(&credit_code(if is_company { "91" } else { "92" }, 1_000_000 + u64::from(slot)));
    hand.text(&names_of::business(slot, is_company));
    hand.name();
    hand.id_number();
    hand.phone();
    hand.address();
    hand.money_number(business.capital);
    hand.date(business.registered);
    hand.active(business.active);
}

pub(super) fn bank_balance(slot: u32, entry: u8, hand: &mut Hand<'_>) {
    let world = hand.world;
    let Some(reply) = world.replies.get(slot as usize).copied() else { return };
    let member =
        world.cases.get(reply.case as usize).and_then(|case| case.members.get(reply.line as usize));
    let Some(member) = member else { return };
    hand.of("subject", member.person, Day::NEVER);
    hand.key(slot, entry);
    hand.text(&case_number(world, reply.case));
    hand.name();
    hand.id_number();
    hand.phone();
    // Some banks answer with the yuan only of whole amounts.
    let whole = reply.balance % 100 == 0 && hand.draw(1).chance(0.3);
    if whole {
        hand.plain(reply.balance / 100);
    } else {
        hand.money(reply.balance);
    }
    hand.date(reply.asked);
}
