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
    let is_dead = |person: &PersonIndex| world.person(*person).death != Day::NEVER;
    let checks: [(&'static str, &dyn Fn(&PersonIndex) -> bool); 4] = [
        ("one_source_death", &|person| {
            let entry = world.person(*person);
            let alone = world.deaths.get(person).is_some_and(|death| death.one_source);
            is_dead(person) && !entry.seen.certain() && (alone || !entry.seen.nothing())
        }),
        ("late_death", &|person| is_dead(person) && !world.person(*person).seen.certain()),
        ("stale_roll", &|person| is_stale(world, *person)),
        ("broken_row", &|person| {
            let from = (*person, crate::dataset::ALL[0]);
            world.broken.range(from..).next().is_some_and(|(broken, _)| broken == person)
        }),
    ];
    checks
        .iter()
        .find(|(_, check)| people.iter().any(|person| check(person)))
        .map_or("late_fact", |(name, _)| name)
}

fn is_stale(world: &World, person: PersonIndex) -> bool {
    world.relief.get(&person).is_some_and(|listing| listing.is_stale())
        || world.tekun.get(&person).is_some_and(|listing| listing.is_stale())
        || world.children.get(&person).is_some_and(|listing| listing.is_stale())
        || world.cards.get(&person).is_some_and(|listing| listing.is_stale())
}
