//! Why the known facts give another answer than the true ones.

use crate::day::Day;
use crate::world::{PersonIndex, World};

/// The cause of a difference about a subject; for a household, about any of its people.
pub(super) fn cause(world: &World, subject: PersonIndex, household: bool) -> &'static str {
    let people: Vec<PersonIndex> = match world.case_of.get(&subject).filter(|_| household) {
        Some(case) => {
            world.cases[*case as usize].members.iter().map(|member| member.person).collect()
        }
        None => vec![subject],
    };
    let some =
        |check: fn(&World, PersonIndex) -> bool| people.iter().any(|person| check(world, *person));
    if some(is_death_of_one_source) {
        "one_source_death"
    } else if some(is_unknown_death) {
        "late_death"
    } else if some(is_stale) {
        "stale_roll"
    } else if some(is_broken) {
        "broken_row"
    } else {
        "late_fact"
    }
}

fn is_unknown_death(world: &World, person: PersonIndex) -> bool {
    let person = world.person(person);
    person.death != Day::NEVER && !person.seen.certain()
}

fn is_death_of_one_source(world: &World, person: PersonIndex) -> bool {
    let for_good = world.deaths.get(&person).is_some_and(|death| death.one_source);
    is_unknown_death(world, person) && (for_good || !world.person(person).seen.nothing())
}

fn is_stale(world: &World, person: PersonIndex) -> bool {
    world.relief.get(&person).is_some_and(|listing| listing.is_stale())
        || world.tekun.get(&person).is_some_and(|listing| listing.is_stale())
        || world.children.get(&person).is_some_and(|listing| listing.is_stale())
        || world.cards.get(&person).is_some_and(|listing| listing.is_stale())
}

fn is_broken(world: &World, person: PersonIndex) -> bool {
    let from = (person, crate::dataset::ALL[0]);
    world.broken.range(from..).next().is_some_and(|(broken, _)| *broken == person)
}
