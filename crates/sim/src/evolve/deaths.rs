//! Deaths, and who learns of them when.

use super::{Process, close_accounts, tell_register};
use crate::dataset::Dataset;
use crate::day::Day;
use crate::draw::{Random, Stream};
use crate::errors::Kind;
use crate::profile::at_age;
use crate::world::{Cause, Death, Event, NEVER_MONTH, NOBODY, NOTHING, PersonIndex, World};

pub(super) fn happen(world: &mut World, residents: &[PersonIndex]) {
    let mut random = world.stream(Process::Deaths.number());
    let hazards = world.profile.life.deaths_per_1000.clone();
    for person in residents.iter().copied() {
        let age = world.person(person).birth.age_on(world.now.first);
        if random.chance(at_age(&hazards, age) / 12_000.0) {
            let day = world.some_day(&mut random).max(world.person(person).birth);
            die(world, person, day, &mut random);
        }
    }
}

fn die(world: &mut World, person: PersonIndex, day: Day, random: &mut Stream) {
    world.leave_family(person);
    world.person_mut(person).death = day;
    let spouse = world.person(person).spouse;
    if spouse != NOBODY && world.person(spouse).lives_here() {
        world.person_mut(spouse).marital = 30;
        tell_register(world, spouse);
    }
    report_death(world, person, random);
}

/// Decides which sources report a death, and in which months; a person whose `death` is set.
///
/// Late reports are of deaths away from the city's hospitals: certificate and register learn of them one to three months
/// later, and most aren't cremated here. Deaths of one source are known to the certificate, the register or the crematorium
/// only, for good.
pub(crate) fn report_death(world: &mut World, person: PersonIndex, random: &mut Stream) {
    let (late_rate, one_source_rate) = (world.errors.death_late, world.errors.death_one_source);
    let life = world.profile.life.clone();
    let day = world.person(person).death;
    let month = world.now.index_of(day);
    let registered =
        world.person(person).book != NOTHING && world.person(person).hukou_to == Day::NEVER;
    let one_source = random.chance(one_source_rate);
    let late = !one_source && random.chance(late_rate / (1.0 - one_source_rate).max(0.01));
    let delay = if late { random.between(1, 3) } else { 0 };
    let cremated = random.chance(if late { life.cremated_if_late } else { life.cremated });
    let cremated_on = day.plus(random.between(1, 6));
    // The basic services cost between 900 and 4,200 yuan.
    let fee = i64::from(random.between(90, 420)) * 1_000 + i64::from(random.below(10)) * 100;
    let tally = &mut world.tally;
    tally.count(Kind::DeathLate, late);
    tally.count(Kind::DeathOneSource, one_source);
    let sources = random.below(3);
    let keep = |source: u32, month: i32| {
        if !one_source || sources == source { month } else { NEVER_MONTH }
    };
    let register = if registered { keep(1, month + delay) } else { NEVER_MONTH };
    // A person who isn't in the register can't be known to it alone.
    let certificate =
        if one_source && sources == 1 && !registered { month } else { keep(0, month + delay) };
    let is_cremated = if one_source { sources == 2 } else { cremated };
    let cremation = if is_cremated { world.now.index_of(cremated_on) } else { NEVER_MONTH };
    world.deaths.insert(
        person,
        Death {
            certificate,
            register,
            cremation,
            cremated_on,
            fee,
            known_cremation: false,
            one_source,
        },
    );
    if certificate != NEVER_MONTH {
        world.deliver_in(certificate, Dataset::DeathCertificate, person, Cause::New);
    }
    if cremation != NEVER_MONTH {
        world.deliver_in(cremation, Dataset::Cremation, person, Cause::New);
    }
    // The other departments learn from the register, else from the certificate.
    let learnt = if register == NEVER_MONTH { certificate } else { register };
    if learnt > world.now.index {
        world.plan(learnt, Event::RegisterDeath(person));
    } else if learnt != NEVER_MONTH {
        enter_in_register(world, person);
    }
}

/// The register, or the departments without it, learn of a death.
pub(super) fn enter_in_register(world: &mut World, person: PersonIndex) {
    let book = world.person(person).book;
    let registered =
        world.deaths.get(&person).is_some_and(|death| death.register <= world.now.index);
    if registered {
        world.deliver(Dataset::HouseholdRegister, person, Cause::Changed);
        if world.books.get(book as usize).is_some_and(|book| book.head == person) {
            world.elect_head(book);
            let members = world.books[book as usize].members.clone();
            for member in members.into_iter().filter(|member| *member != person) {
                tell_register(world, member);
            }
        }
    }
    close_accounts(world, person);
}
