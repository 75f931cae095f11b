//! Marriages and divorces.

use super::{Process, tell_register};
use crate::address::Address;
use crate::dataset::Dataset;
use crate::draw::Random;
use crate::world::{Cause, NOBODY, NOTHING, PersonIndex, Union, World};

pub(super) fn happen(world: &mut World, residents: &[PersonIndex]) {
    marry(world, residents);
    divorce(world, residents);
}

fn marry(world: &mut World, residents: &[PersonIndex]) {
    let mut random = world.stream(Process::Marriages.number());
    let today = world.now.first;
    let free = |person: &PersonIndex, male: bool, youngest: i32, world: &World| {
        let entry = world.person(*person);
        entry.male == male
            && entry.lives_here()
            && matches!(entry.marital, 10 | 40)
            && entry.spouse == NOBODY
            && (youngest..46).contains(&entry.birth.age_on(today))
    };
    let men: Vec<PersonIndex> =
        residents.iter().copied().filter(|person| free(person, true, 22, world)).collect();
    let women: Vec<PersonIndex> =
        residents.iter().copied().filter(|person| free(person, false, 20, world)).collect();
    let wanted = count_of(residents.len(), world.profile.life.marriages_per_1000, &mut random);
    for _ in 0..wanted {
        let Some(husband) = random.pick(&men).copied() else { return };
        if world.person(husband).spouse != NOBODY {
            continue;
        }
        let birth = world.person(husband).birth;
        // A few tries to find somebody of a fitting age who isn't a sister.
        let wife = (0..12).find_map(|_| {
            let wife = random.pick(&women).copied()?;
            let entry = world.person(wife);
            let years = (entry.birth.0 - birth.0) / 365;
            let sister = entry.mother != NOBODY && entry.mother == world.person(husband).mother;
            (entry.spouse == NOBODY && (-3..=7).contains(&years) && !sister).then_some(wife)
        });
        let Some(wife) = wife else { continue };
        let day = world.some_day(&mut random);
        for (person, spouse) in [(husband, wife), (wife, husband)] {
            let entry = world.person_mut(person);
            entry.spouse = spouse;
            entry.marital = 20;
            tell_register(world, person);
        }
        record(world, Union { husband, wife, is_divorce: false, day });
        if random.chance(0.6) {
            set_up_home(world, vec![husband, wife], &mut random);
        }
    }
}

fn divorce(world: &mut World, residents: &[PersonIndex]) {
    let mut random = world.stream(Process::Divorces.number());
    let rate = world.profile.life.divorces_per_1000;
    let wanted = count_of(residents.len(), rate, &mut random);
    for _ in 0..wanted * 4 {
        let Some(husband) = random.pick(residents).copied() else { return };
        let entry = world.person(husband);
        let wife = entry.spouse;
        // About a quarter of the residents are husbands under 70.
        let fits = entry.male
            && entry.lives_here()
            && entry.marital == 20
            && world.somebody(wife).is_some_and(|wife| wife.marital == 20 && wife.lives_here())
            && entry.birth.age_on(world.now.first) < 70;
        if !fits {
            continue;
        }
        let day = world.some_day(&mut random);
        for person in [husband, wife] {
            let entry = world.person_mut(person);
            entry.spouse = NOBODY;
            entry.marital = 40;
            tell_register(world, person);
        }
        record(world, Union { husband, wife, is_divorce: true, day });
        if random.chance(0.7) {
            set_up_home(world, vec![wife], &mut random);
        }
    }
}

fn record(world: &mut World, union: Union) {
    let index = u32::try_from(world.unions.len()).unwrap_or(NOTHING);
    world.unions.push(union);
    world.deliver(Dataset::Marriage, index, Cause::New);
}

/// People move out of their families into a home of their own.
fn set_up_home(world: &mut World, people: Vec<PersonIndex>, random: &mut impl Random) {
    let population = world.profile.population.clone();
    let former = people.first().map(|person| world.family(world.person(*person).family).address);
    for person in &people {
        world.leave_family(*person);
    }
    let address = Address::draw(
        &world.divisions,
        random,
        population.rural_share_of_towns,
        population.rural_share_of_streets,
    );
    world.add_family(address, former.unwrap_or(address), people);
}

/// How many happen in a month, from a rate per 1,000 and year; the part of one by chance.
fn count_of(residents: usize, per_1000: f64, random: &mut impl Random) -> usize {
    #[expect(clippy::cast_precision_loss, reason = "a count of people")]
    let expected = residents as f64 * per_1000 / 12_000.0;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a part of a count of people"
    )]
    let whole = expected as usize;
    whole + usize::from(random.chance(expected.fract()))
}
