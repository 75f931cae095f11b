//! Health, funeral services, water, schools, custody, the disabled persons' federation.

use super::{Hand, names_of};
use crate::day::Day;
use crate::draw::Random;
use crate::errors::contact;
use crate::world::{LEFT_SCHOOL, NOBODY, SCHOOL_STAGE};

pub(super) fn birth_certificate(slot: u32, entry: u8, hand: &mut Hand<'_>) {
    let world = hand.world;
    let child = world.person(slot).clone();
    hand.of("subject", slot, child.birth);
    hand.key(slot, entry);
    hand.name();
    hand.sex();
    hand.birth();
    // The number is given out by the register, later.
    hand.text("");
    hand.of("mother", child.mother, child.birth);
    hand.name();
    hand.id_number();
    if child.father == NOBODY {
        hand.text("");
        hand.text("");
    } else {
        hand.of("father", child.father, child.birth);
        hand.name();
        hand.id_number();
    }
    let phone = contact::true_phone(child.mother);
    hand.text(&phone);
    hand.address();
}

pub(super) fn death_certificate(slot: u32, entry: u8, hand: &mut Hand<'_>) {
    const CAUSES: [&str; 6] = [
        "循环系统疾病",
        "恶性肿瘤",
        "呼吸系统疾病",
        "损伤和中毒",
        "内分泌营养代谢疾病",
        "其他疾病",
    ];
    let death = hand.world.person(slot).death;
    hand.of("subject", slot, death);
    hand.key(slot, entry);
    hand.name();
    hand.sex();
    hand.birth();
    hand.id_number();
    hand.date(death);
    hand.address();
    let mut draw = hand.draw(1);
    hand.text(draw.pick(&CAUSES).copied().unwrap_or_default());
}

pub(super) fn cremation(slot: u32, entry: u8, hand: &mut Hand<'_>) {
    let world = hand.world;
    let Some(death) = world.deaths.get(&slot).copied() else { return };
    hand.of("subject", slot, world.person(slot).death);
    hand.key(slot, entry);
    hand.name();
    hand.sex();
    hand.birth();
    hand.id_number();
    hand.date_cell(world.person(slot).death);
    hand.date_cell(death.cremated_on);
    hand.money_number(death.fee);
    hand.address();
    hand.other_phone(world.family_phone_holder(slot));
}

pub(super) fn water_account(slot: u32, entry: u8, hand: &mut Hand<'_>) {
    let world = hand.world;
    hand.of("subject", slot, hand.some_time_ago(slot));
    hand.key(slot, entry);
    hand.name();
    hand.id_number();
    hand.phone();
    hand.address();
    let count = world
        .families
        .get(world.person(slot).family as usize)
        .map_or(1, |family| family.members.len());
    let mut draw = hand.draw(1);
    let tenths = (0..count.max(1)).map(|_| draw.between(20, 75)).sum::<i32>();
    hand.plain(format_args!("{}.{}", tenths / 10, tenths % 10));
    hand.active(world.person(slot).left == Day::NEVER);
}

pub(super) fn education(slot: u32, entry: u8, hand: &mut Hand<'_>) {
    let world = hand.world;
    let person = world.person(slot).clone();
    let stage = person.school & SCHOOL_STAGE;
    hand.of("subject", slot, hand.some_time_ago(slot).max(person.birth));
    hand.key(slot, entry);
    hand.name();
    hand.sex();
    hand.birth();
    hand.id_number();
    let street =
        world.families.get(person.family as usize).map_or(0, |family| family.address.street);
    let mut draw = crate::draw::Hashed::new(&[world.seed, 0x7363_686f, slot.into(), stage.into()]);
    hand.text(&names_of::school(&world.divisions.district(street).name, stage, &mut draw));
    hand.plain(stage);
    let gone = person.left != Day::NEVER || world.is_known_dead(slot);
    hand.active(person.school < LEFT_SCHOOL && !gone);
    hand.other_phone(contact::guardian(world, slot).or(Some(slot)));
    hand.address();
}

pub(super) fn custody(slot: u32, entry: u8, hand: &mut Hand<'_>) {
    let world = hand.world;
    let Some(custody) = world.custody.get(&slot).copied() else { return };
    hand.of("subject", slot, custody.from);
    hand.key(slot, entry);
    hand.name();
    hand.sex();
    hand.birth();
    hand.id_number();
    hand.date(custody.from);
    hand.date(custody.to);
    hand.address();
}

pub(super) fn disability(slot: u32, entry: u8, hand: &mut Hand<'_>) {
    let Some(card) = hand.world.cards.get(&slot).and_then(|listing| listing.shown) else { return };
    hand.of("subject", slot, card.issued);
    hand.key(slot, entry);
    hand.name();
    hand.sex();
    hand.birth();
    hand.id_number();
    hand.phone();
    hand.address();
    hand.plain(card.class);
    hand.plain(card.level);
    hand.date(card.issued);
    hand.date(card.expires);
    hand.active(card.active);
}
