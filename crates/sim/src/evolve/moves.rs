//! Registration gained and given up, newcomers and leavers without registration, moves within the city, changed names.

use super::{Process, announce, close_accounts, tell_register};
use crate::address::Address;
use crate::dataset::Dataset;
use crate::day::Day;
use crate::draw::{Random, Stream};
use crate::names::Name;
use crate::world::{
    Book, COVER_PERMIT, Cause, NOBODY, NOTHING, Person, PersonIndex, World, settle,
};

pub(super) fn happen(world: &mut World, residents: &[PersonIndex], employers: u32) {
    let mut random = world.stream(Process::Moves.number());
    let life = world.profile.life.clone();
    let today = world.now.first;
    let mut others = 0_u32;
    for person in residents.iter().copied() {
        let entry = world.person(person);
        if !entry.lives_here() {
            continue;
        }
        let age = entry.birth.age_on(today);
        if entry.is_registered() {
            // Children and the old seldom move their registration away alone.
            if (18..60).contains(&age) && random.chance(life.registration_left / 12.0 * 1.5) {
                give_up_registration(world, person, &mut random);
            }
            continue;
        }
        others += 1;
        if !(18..60).contains(&age) || entry.book != NOTHING {
            continue;
        }
        if random.chance(life.registration_gained / 12.0 * 1.2) {
            gain_registration(world, person, &mut random);
        } else if random.chance(life.departures / 12.0 * 1.2) {
            let day = world.some_day(&mut random);
            depart(world, person, day);
        }
    }
    arrive(world, others, employers);
    move_homes(world);
    rename(world, residents);
}

fn give_up_registration(world: &mut World, person: PersonIndex, random: &mut Stream) {
    let day = world.some_day(random);
    world.person_mut(person).hukou_to = day;
    world.deliver(Dataset::HouseholdRegister, person, Cause::Changed);
    let book = world.person(person).book;
    if world.books.get(book as usize).is_some_and(|book| book.head == person) {
        world.elect_head(book);
        let members = world.books[book as usize].members.clone();
        for member in members {
            tell_register(world, member);
        }
    }
    depart(world, person, day);
}

fn depart(world: &mut World, person: PersonIndex, day: Day) {
    world.person_mut(person).left = day;
    world.leave_family(person);
    close_accounts(world, person);
}

fn gain_registration(world: &mut World, person: PersonIndex, random: &mut Stream) {
    let day = world.some_day(random);
    let entry = world.person(person).clone();
    let spouse_book = world
        .somebody(entry.spouse)
        .filter(|spouse| spouse.is_registered())
        .map(|spouse| spouse.book);
    let address = world.family(entry.family).address;
    let book = spouse_book.unwrap_or_else(|| {
        let index = u32::try_from(world.books.len()).unwrap_or(NOTHING);
        world.books.push(Book { address, members: Vec::new(), head: person });
        index
    });
    if let Some(book) = world.books.get_mut(book as usize) {
        book.members.push(person);
    }
    let entry = world.person_mut(person);
    entry.book = book;
    entry.hukou_from = day;
    if entry.covers(COVER_PERMIT) {
        world.deliver(Dataset::ResidencePermit, person, Cause::Changed);
    }
    world.deliver(Dataset::HouseholdRegister, person, Cause::New);
}

fn arrive(world: &mut World, others: u32, employers: u32) {
    let mut random = world.stream(Process::Arrivals.number());
    let rate = world.profile.life.arrivals / 12.0;
    let count = (0..others).filter(|_| random.chance(rate)).count();
    let population = world.profile.population.clone();
    let rates = world.profile.names.clone();
    let mut company: Option<u32> = None;
    for _ in 0..count {
        let male = random.chance(0.53);
        let birth = world.now.first.plus(-random.between(18 * 365, 44 * 365));
        let (birth, sequence) = world.next_sequence(birth, male);
        let name = Name::draw(&world.tables, &mut random, male, &rates);
        let mut person = Person::new(birth, sequence, male, name);
        person.arrived = world.some_day(&mut random);
        if random.chance(population.permit_share) {
            person.cover |= COVER_PERMIT;
        }
        let person = world.add_person(person);
        let joined = company.filter(|_| random.chance(0.3));
        let family = if let Some(family) = joined {
            world.person_mut(person).family = family;
            if let Some(family) = world.families.get_mut(family as usize) {
                family.members.push(person);
            }
            family
        } else {
            let (towns, streets) =
                (population.rural_share_of_towns, population.rural_share_of_streets);
            let address = Address::draw(&world.divisions, &mut random, towns, streets);
            let former = Address::draw(&world.divisions, &mut random, towns, streets);
            world.add_family(address, former, vec![person])
        };
        company = Some(family);
        settle::settle(world, person, false, employers, &mut random);
        announce(world, person);
    }
}

fn move_homes(world: &mut World) {
    let mut random = world.stream(Process::Homes.number());
    let rate = world.profile.life.home_moves / 12.0;
    let population = world.profile.population.clone();
    for index in 0..world.families.len() {
        if world.families[index].members.is_empty() || !random.chance(rate) {
            continue;
        }
        let near = world.families[index].address.street;
        let (towns, streets) = (population.rural_share_of_towns, population.rural_share_of_streets);
        let address = if random.chance(0.4) {
            Address::draw_in(near, &world.divisions, &mut random, towns, streets)
        } else {
            Address::draw(&world.divisions, &mut random, towns, streets)
        };
        let family = &mut world.families[index];
        family.former = family.address;
        family.address = address;
        let members = family.members.clone();
        let register_moves = random.chance(0.5);
        let mut moved_books = Vec::new();
        for person in members {
            let entry = world.person(person).clone();
            if entry.covers(COVER_PERMIT) && !entry.is_registered() {
                world.deliver(Dataset::ResidencePermit, person, Cause::Changed);
            }
            if register_moves && entry.is_registered() && !moved_books.contains(&entry.book) {
                moved_books.push(entry.book);
            }
        }
        for book in moved_books {
            let Some(entry) = world.books.get_mut(book as usize) else { continue };
            entry.address = address;
            for member in entry.members.clone() {
                tell_register(world, member);
            }
        }
    }
}

/// A few people change their name; the register notes the former one.
fn rename(world: &mut World, residents: &[PersonIndex]) {
    let mut random = world.stream(Process::Renames.number());
    // Changed names have gathered over about thirty years.
    let rate = world.profile.families.changed_name / 360.0;
    let rates = world.profile.names.clone();
    for person in residents.iter().copied() {
        if !random.chance(rate) || world.renamed.contains_key(&person) {
            continue;
        }
        let entry = world.person(person);
        let former = entry.name;
        if !entry.is_registered()
            || former.is_dotted()
            || entry.spouse == NOBODY && entry.mother == NOBODY
        {
            continue;
        }
        let male = entry.male;
        let name = Name::draw_given(&world.tables, &mut random, former.surname, male, &rates);
        let day = world.some_day(&mut random);
        world.renamed.insert(person, (former, day));
        world.person_mut(person).name = name;
        tell_register(world, person);
    }
}
