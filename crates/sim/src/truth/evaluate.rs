//! Runs the policies over the facts of a side.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::{Side, household_facts, is_old, person_facts, prices};
use crate::entitlement::{HouseholdPolicy, PersonPolicy};
use crate::world::{PersonIndex, World};

/// By policy id and subject (for a household: its applicant): fen.
pub(crate) type Entitlements = BTreeMap<(&'static str, PersonIndex), i64>;

/// Who is entitled to what in the current month.
pub(crate) fn evaluate(world: &World, side: Side) -> Entitlements {
    let mut result = Entitlements::new();
    let prices = prices(world);
    for person in candidates(world) {
        let facts = person_facts(world, person, side);
        for policy in PersonPolicy::ALL {
            if let Some(fen) = policy.answer(&facts, world.now, prices).amount() {
                result.insert((policy.id(), person), fen);
            }
        }
    }
    for case in 0..world.cases.len() {
        let Some(facts) = household_facts(world, case, side) else { continue };
        for policy in HouseholdPolicy::ALL {
            if let Some(fen) = policy.answer(&facts, world.now).amount() {
                result.insert((policy.id(), world.cases[case].applicant), fen);
            }
        }
    }
    result
}

/// Everybody to whom some policy of persons could apply: the old, the listed, the disabled, the dead of the last months.
fn candidates(world: &World) -> BTreeSet<PersonIndex> {
    let mut people: BTreeSet<PersonIndex> = (0..)
        .zip(&world.people)
        .map(|(index, _): (PersonIndex, _)| index)
        .filter(|person| is_old(world, *person))
        .collect();
    people.extend(world.relief.keys());
    people.extend(world.tekun.keys());
    people.extend(world.children.keys());
    people.extend(world.cards.keys());
    people.extend(
        world
            .deaths
            .iter()
            .filter(|(_, death)| world.now.contains(death.cremated_on))
            .map(|(person, _)| *person),
    );
    people
}
