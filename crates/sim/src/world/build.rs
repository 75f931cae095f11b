//! Builds the city as it is at the beginning of the first month.

use std::collections::{BTreeMap, BTreeSet};

use super::form::{self, Draft, NO};
use super::{
    Book, COVER_CARD, COVER_PERMIT, NOBODY, NOTHING, Person, PersonIndex, World, hardship, settle,
};
use crate::address::Address;
use crate::day::{Day, Month};
use crate::divisions::Divisions;
use crate::draw::{Random, Stream};
use crate::error::SimError;
use crate::errors::Tally;
use crate::evolve::deaths::report_death;
use crate::names::{Name, NameTables, Variants};
use crate::options::{GenerateOptions, Progress};
use crate::profile::{Profile, at_age};

/// People are drafted in blocks, so that forming families takes time in proportion to the city.
const BLOCK: u32 = 4_000;
/// Ways of the city's building, for the streams of draws.
const DRAFT: u64 = 1;
const DRESS: u64 = 2;
const PAST_DEATHS: u64 = 3;
const CHANGED: u64 = 4;

/// Builds the city.
pub(crate) fn build(
    options: &GenerateOptions,
    profile: Profile,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<World, SimError> {
    let (year, month) = (i32::from(options.start.year()), i32::from(options.start.month()));
    let tables = NameTables::read()?;
    let mut world = World {
        seed: options.seed,
        errors: profile.errors.clone().scaled(options.error_scale),
        profile,
        divisions: Divisions::read()?,
        variants: Variants::new(&tables),
        tables,
        now: Month::new(year, month, 0),
        people: Vec::with_capacity(options.people as usize + options.people as usize / 16),
        families: Vec::new(),
        books: Vec::new(),
        jobs: Vec::new(),
        vehicles: Vec::new(),
        homes: Vec::new(),
        businesses: Vec::new(),
        unions: Vec::new(),
        cases: Vec::new(),
        replies: Vec::new(),
        deaths: BTreeMap::new(),
        renamed: BTreeMap::new(),
        renumbered: BTreeMap::new(),
        custody: BTreeMap::new(),
        self_care: BTreeMap::new(),
        relief: BTreeMap::new(),
        tekun: BTreeMap::new(),
        children: BTreeMap::new(),
        cards: BTreeMap::new(),
        confirmed: BTreeMap::new(),
        case_of: BTreeMap::new(),
        broken: BTreeSet::new(),
        agenda: BTreeMap::new(),
        outgoing: BTreeMap::new(),
        tally: Tally::default(),
        sequences: Vec::new(),
    };
    let mut done = 0;
    let mut block = 0;
    while done < options.people {
        progress(Progress { step: "people", done: done.into(), total: options.people.into() });
        let size = BLOCK.min(options.people - done);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share of a small number"
        )]
        let registered =
            (f64::from(size) * world.profile.population.hukou_share.clamp(0.0, 1.0)).round() as u32;
        for (kind, count) in [(0, registered), (1, size - registered)] {
            let mut random = Stream::new(&[world.seed, DRAFT, block, kind]);
            // Two kinds only, hence the index fits.
            let kind = usize::from(kind == 1);
            let draft = form::draft(count as usize, kind, &world.profile, &mut random);
            let mut random = Stream::new(&[world.seed, DRESS, block, kind as u64]);
            dress(&mut world, &draft, kind == 0, &mut random);
        }
        done += size;
        block += 1;
    }
    progress(Progress { step: "people", done: done.into(), total: options.people.into() });
    change_identities(&mut world);
    bury_the_past(&mut world);
    let poor = hardship::choose(&mut world, options);
    settle::settle_everybody(&mut world, &poor, options);
    hardship::apply(&mut world, &poor, options);
    Ok(world)
}

/// Gives the people of a draft their names, numbers, homes and books.
fn dress(world: &mut World, draft: &Draft, registered: bool, random: &mut Stream) {
    let today = world.now.first;
    let (year, month, _) = today.civil();
    let mut order: Vec<usize> = (0..draft.people.len()).collect();
    // Parents before children: surnames are inherited. The index decides among people of one age, so that of twins the
    // elder comes first more often than not; the twin's day of birth is looked up, not assumed.
    order.sort_by_key(|index| {
        (-draft.people[*index].age, draft.people[*index].twin_of != NO, *index)
    });
    let mut placed: Vec<PersonIndex> = vec![NOBODY; draft.people.len()];
    let rates = world.profile.names.clone();
    for index in order {
        let drafted = &draft.people[index];
        let of =
            |other: usize, placed: &[PersonIndex]| if other == NO { NOBODY } else { placed[other] };
        let (mother, father) = (of(drafted.mother, &placed), of(drafted.father, &placed));
        let twin = of(drafted.twin_of, &placed);
        let birth = match world.somebody(twin) {
            Some(twin) => twin.birth,
            None => Day::new(year - drafted.age, month, 1).plus(-random.between(0, 364)),
        };
        let (birth, sequence) = world.next_sequence(birth, drafted.male);
        let parent_surname = inherited_surname(world, mother, father, random);
        let minority = match world.somebody(father) {
            Some(father) => father.ethnicity != 1,
            None => random.chance(world.profile.population.minority_share),
        };
        let twin_name = world.somebody(twin).map(|twin| twin.name);
        let father_name = world.somebody(father).map(|father| father.name);
        let name = if minority && random.chance(world.profile.population.dotted_name_share) {
            Name::draw_dotted(&world.tables, random, drafted.male)
        } else {
            let surname = parent_surname.unwrap_or_else(|| world.tables.draw_surname(random));
            let own = Name::draw_given(&world.tables, random, surname, drafted.male, &rates);
            match (twin_name, father_name) {
                (Some(twin), _) if !twin.is_dotted() => {
                    let second = world.tables.draw_character(random, drafted.male);
                    Name { surname: twin.surname, first: twin.first, second }
                }
                (_, Some(father))
                    if drafted.male
                        && !father.is_dotted()
                        && random.chance(world.profile.families.father_and_son_same_name) =>
                {
                    father
                }
                _ => own,
            }
        };
        let mut person = Person::new(birth, sequence, drafted.male, name);
        person.mother = mother;
        person.father = father;
        person.ethnicity = match (minority, world.somebody(father)) {
            (false, _) => 1,
            (true, Some(father)) => father.ethnicity,
            (true, None) => draw_ethnicity(name, random),
        };
        person.marital = marital(drafted.age, drafted.spouse != NO, random);
        placed[index] = world.add_person(person);
    }
    for (index, drafted) in draft.people.iter().enumerate() {
        if drafted.spouse != NO {
            world.person_mut(placed[index]).spouse = placed[drafted.spouse];
        }
    }
    for family in &draft.families {
        let members: Vec<PersonIndex> = family.iter().map(|member| placed[*member]).collect();
        house(world, members, registered, random);
    }
}

fn inherited_surname(
    world: &World,
    mother: PersonIndex,
    father: PersonIndex,
    random: &mut Stream,
) -> Option<u16> {
    let surname = |person: PersonIndex| {
        world.somebody(person).map(|p| p.name).filter(|name| !name.is_dotted())
    };
    let by_mother = random.chance(world.profile.families.mothers_surname);
    let (first, second) = if by_mother { (mother, father) } else { (father, mother) };
    // A child without a known father bears the mother's name.
    surname(first).or_else(|| surname(second)).map(|name| name.surname)
}

/// Codes of minorities that live in the city, roughly by frequency; of those who write dotted names, other ones.
fn draw_ethnicity(name: Name, random: &mut impl Random) -> u8 {
    const COMMON: [u8; 10] = [8, 6, 15, 12, 13, 3, 11, 5, 9, 22];
    const DOTTED: [u8; 3] = [5, 17, 4];
    if name.is_dotted() {
        *random.pick(&DOTTED).unwrap_or(&5)
    } else {
        *random.pick(&COMMON).unwrap_or(&8)
    }
}

/// GB/T 2261.2.
fn marital(age: i32, married: bool, random: &mut impl Random) -> u8 {
    match age {
        _ if married => 20,
        ..=21 => 10,
        22..=44 => {
            if random.chance(0.10) {
                40
            } else {
                10
            }
        }
        45..=69 => [40, 30, 10][random.below(3) as usize % 3],
        _ => {
            if random.chance(0.85) {
                30
            } else {
                10
            }
        }
    }
}

/// Gives a family its home and its book, and each member the registration or permit.
fn house(world: &mut World, members: Vec<PersonIndex>, registered: bool, random: &mut Stream) {
    let today = world.now.first;
    let population = world.profile.population.clone();
    let (towns, streets) = (population.rural_share_of_towns, population.rural_share_of_streets);
    let address = Address::draw(&world.divisions, random, towns, streets);
    let former = Address::draw(&world.divisions, random, towns, streets);
    let couple =
        members.get(1).copied().filter(|second| world.person(*second).spouse == members[0]);
    let mut book_members = Vec::new();
    // Some couples have one registered and one other.
    let mixed = couple.filter(|_| random.chance(if registered { 0.05 } else { 0.08 }));
    for member in &members {
        let is_registered = if mixed == Some(*member) { !registered } else { registered };
        let birth = world.person(*member).birth;
        let age_in_days = today.0 - birth.0;
        let since_birth = |days: i32| birth.plus(days.min(age_in_days - 1).max(0));
        let person = world.person_mut(*member);
        if is_registered {
            let born_here = random.chance(0.68);
            person.hukou_from = if born_here {
                since_birth(random.between(5, 40))
            } else {
                // Moved the registration here within the last 35 years.
                today.plus(-random.between(1, age_in_days.clamp(1, 12_000)))
            };
            book_members.push(*member);
        } else if random.chance(population.permit_share) {
            person.cover |= COVER_PERMIT;
            person.arrived = today.plus(-random.between(1, age_in_days.clamp(1, 4_400)));
        }
    }
    world.add_family(address, former, members);
    if !book_members.is_empty() {
        open_book(world, address, book_members);
    }
}

/// Opens a household book for people whose `book` is set to it.
pub(super) fn open_book(world: &mut World, address: Address, members: Vec<PersonIndex>) -> u32 {
    let book = u32::try_from(world.books.len()).unwrap_or(NOTHING);
    for member in &members {
        world.person_mut(*member).book = book;
    }
    let head = members.first().copied().unwrap_or(NOBODY);
    world.books.push(Book { address, members, head });
    book
}

/// Lets some registered people have changed their name or their number, some time since their birth.
fn change_identities(world: &mut World) {
    let mut random = Stream::new(&[world.seed, CHANGED]);
    let (names, numbers) =
        (world.profile.families.changed_name, world.profile.families.changed_number);
    let rates = world.profile.names.clone();
    let today = world.now.first;
    for index in world.residents() {
        let person = world.person(index);
        let (birth, male, name) = (person.birth, person.male, person.name);
        if !person.is_registered() || birth.plus(400) >= today {
            continue;
        }
        let mut some_day = || today.plus(-random.between(30, (today.0 - birth.0).min(11_000)));
        let (name_day, number_day) = (some_day(), some_day());
        if random.chance(names) && !name.is_dotted() {
            let former = Name::draw_given(&world.tables, &mut random, name.surname, male, &rates);
            world.renamed.insert(index, (former, name_day));
        }
        if random.chance(numbers) {
            let (day, sequence) = world.next_sequence(birth, male);
            // Only a number of the same birth date is a changed number of this person.
            if day == birth {
                world.renumbered.insert(index, (sequence, number_day));
            }
        }
    }
}

/// Adds the people who died in the months before, and to whom deliveries still speak.
fn bury_the_past(world: &mut World) {
    let mut random = Stream::new(&[world.seed, PAST_DEATHS]);
    let months = world.profile.coverage.deaths_on_file_months.max(0);
    let hazards = world.profile.life.deaths_per_1000.clone();
    for index in world.residents() {
        let companion = world.person(index).clone();
        let age = companion.birth.age_on(world.now.first);
        let rate = at_age(&hazards, age) / 1_000.0 * f64::from(months) / 12.0;
        if !random.chance(rate) {
            continue;
        }
        // Somebody of about the same age who lived in the same family: the spouse of those who are alone.
        let alone = companion.spouse == NOBODY && age >= 50;
        let male = if alone { !companion.male } else { random.chance(0.55) };
        let (birth, sequence) =
            world.next_sequence(companion.birth.plus(-random.between(0, 900)), male);
        let rates = world.profile.names.clone();
        let name = Name::draw(&world.tables, &mut random, male, &rates);
        let mut person = Person::new(birth, sequence, male, name);
        person.marital = if alone { 20 } else { companion.marital };
        person.family = companion.family;
        person.arrived = companion.arrived.max(birth);
        person.cover =
            companion.cover & COVER_PERMIT | if random.chance(0.8) { COVER_CARD } else { 0 };
        person.spouse = if alone { index } else { NOBODY };
        person.death = world.now.first.plus(-random.between(1, months * 30));
        person.hukou_from = companion.hukou_from;
        person.book = companion.book;
        let dead = world.add_person(person);
        if let Some(book) = world.books.get_mut(companion.book as usize) {
            book.members.push(dead);
        }
        if alone {
            let survivor = world.person_mut(index);
            survivor.spouse = dead;
            survivor.marital = 30;
        }
        report_death(world, dead, &mut random);
    }
}
