//! Public security: the household register and the residence permits.

use super::Hand;
use super::keys_of::book_number;
use crate::day::Day;
use crate::draw::Random;

/// Six-digit divisions that newcomers come from.
const ORIGINS: [&str; 24] = [
    "430400", "430500", "430600", "431000", "431100", "450100", "450200", "450800", "451200",
    "360700", "360800", "360100", "420100", "420500", "411700", "511300", "510100", "520300",
    "440900", "440800", "445200", "441400", "440500", "350800",
];

pub(super) fn household_register(slot: u32, entry: u8, hand: &mut Hand<'_>) {
    let world = hand.world;
    let person = world.person(slot).clone();
    hand.of("subject", slot, Day::NEVER);
    hand.key(slot, entry);
    hand.text(&book_number(world, person.book));
    hand.name();
    hand.former_name();
    hand.sex();
    hand.plain(format_args!("{:02}", person.ethnicity));
    hand.birth();
    hand.id_number();
    let book = world.books.get(person.book as usize);
    hand.text(book.map_or("97", |book| world.relation_to_head(book.head, slot)));
    hand.plain(person.marital);
    let home = book.map_or(world.family(person.family).address, |book| book.address);
    hand.register_address(home);
    hand.plain(format_args!("{}000", world.divisions.street(home.street).code));
    hand.text(if home.rural { "2" } else { "1" });
    let died = world.deaths.get(&slot).filter(|death| death.register <= world.now.index);
    let (status, day) = match (died, person.hukou_to.happened()) {
        (Some(_), _) => ("3", person.death),
        (None, Some(day)) => ("2", day),
        (None, None) => ("1", Day::NEVER),
    };
    hand.text(status);
    hand.date(day);
    hand.date(person.hukou_from);
}

pub(super) fn residence_permit(slot: u32, entry: u8, hand: &mut Hand<'_>) {
    let world = hand.world;
    let person = world.person(slot).clone();
    hand.of("subject", slot, person.arrived);
    hand.key(slot, entry);
    hand.name();
    hand.sex();
    hand.birth();
    hand.id_number();
    // Families come from one place.
    let mut draw = crate::draw::Hashed::new(&[world.seed, 0x6f72_6967, person.family.into()]);
    hand.text(draw.pick(&ORIGINS).copied().unwrap_or_default());
    hand.address();
    let street =
        world.families.get(person.family as usize).map_or(0, |family| family.address.street);
    hand.text(&world.divisions.street(street).code);
    hand.phone();
    hand.date(person.arrived);
    let gone = person.left != Day::NEVER || world.is_known_dead(slot);
    hand.active(!gone && !person.is_registered());
}
