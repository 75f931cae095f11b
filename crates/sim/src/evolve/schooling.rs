//! Schooling: stages change on 1 September.

use super::Process;
use crate::dataset::Dataset;
use crate::draw::Random;
use crate::world::{Cause, LEFT_SCHOOL, PersonIndex, World, settle};

pub(super) fn happen(world: &mut World, residents: &[PersonIndex]) {
    if world.now.month != 9 {
        return;
    }
    let mut random = world.stream(Process::School.number());
    let covered = world.profile.coverage.in_school;
    for person in residents.iter().copied() {
        let entry = world.person(person);
        if !entry.lives_here() {
            continue;
        }
        let before = entry.school;
        let (stage, rate) = settle::stage_at(entry.birth, world.now.last);
        if before == 0 {
            // Only kindergarten and primary school take in new children; others came with their families.
            if matches!(stage, 1 | 2) && random.chance(rate * covered) {
                world.person_mut(person).school = stage;
                world.deliver(Dataset::Education, person, Cause::New);
            }
        } else if before < LEFT_SCHOOL && stage != before {
            let goes_on = stage != 0 && random.chance(rate);
            world.person_mut(person).school = if goes_on { stage } else { before | LEFT_SCHOOL };
            world.deliver(Dataset::Education, person, Cause::Changed);
        }
    }
}
