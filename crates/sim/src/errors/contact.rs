//! Telephones and addresses: former ones, and telephones of somebody else in the family.

use super::{Kind, Tally, among, share};
use crate::address::{self, Address};
use crate::draw::{Hashed, Random};
use crate::keys;
use crate::profile::Errors;
use crate::world::{PersonIndex, World};

const CURRENT: u64 = 0;
const FORMER: u64 = 1;

/// What is on file for somebody's telephone; nothing for a child of a family without grown-ups.
pub(crate) fn phone(
    world: &World,
    person: PersonIndex,
    errors: &Errors,
    mut draw: Hashed,
    tally: &mut Tally,
) -> String {
    if !world.has_phone(person) {
        let holder = guardian(world, person);
        return holder.map_or_else(String::new, |holder| keys::phone(holder, CURRENT));
    }
    let point = draw.unit();
    let old = point < errors.phone_old;
    let shared_rate = among(errors.phone_shared, share::SHARES_PHONE);
    let holder = if !old && point < errors.phone_old + shared_rate {
        world.family_phone_holder(person)
    } else {
        None
    };
    tally.count(Kind::PhoneOld, old);
    tally.count(Kind::PhoneShared, holder.is_some());
    match holder {
        Some(holder) => keys::phone(holder, CURRENT),
        None => keys::phone(person, if old { FORMER } else { CURRENT }),
    }
}

/// The current telephone of somebody, without error.
pub(crate) fn true_phone(person: PersonIndex) -> String {
    keys::phone(person, CURRENT)
}

/// The grown-up whose telephone stands for a child: mother, father, else another of the family.
pub(crate) fn guardian(world: &World, person: PersonIndex) -> Option<PersonIndex> {
    let entry = world.person(person);
    [entry.mother, entry.father]
        .into_iter()
        .find(|parent| {
            world
                .somebody(*parent)
                .is_some_and(|parent| parent.family == entry.family && parent.lives_here())
        })
        .or_else(|| world.family_phone_holder(person))
}

/// What is on file for somebody's address: the family's or its former one, in one of the five ways.
pub(crate) fn address(
    world: &World,
    person: PersonIndex,
    errors: &Errors,
    mut draw: Hashed,
    tally: &mut Tally,
    out: &mut String,
) {
    let old = draw.chance(errors.address_old);
    tally.count(Kind::AddressOld, old);
    let Some(family) = world.families.get(world.person(person).family as usize) else { return };
    let home = if old { family.former } else { family.address };
    write_address(world, home, draw, out);
}

/// An address in one of the five ways.
pub(crate) fn write_address(world: &World, home: Address, mut draw: Hashed, out: &mut String) {
    let form = draw.below(address::FORMS);
    home.write(&world.divisions, form, out);
}
