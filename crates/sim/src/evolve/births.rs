//! Births, and the registration of newborns.

use super::{Process, tell_register};
use crate::dataset::Dataset;
use crate::draw::{Random, Stream, Weights};
use crate::names::Name;
use crate::profile::at_age;
use crate::world::{
    COVER_CARD, COVER_INSURED, COVER_PERMIT, CaseMember, Cause, Event, NOBODY, NOTHING, Person,
    PersonIndex, Reply, World,
};

/// Lines of a case at most, see the slots of its rows.
const MOST_LINES: usize = 31;

pub(super) fn happen(world: &mut World, residents: &[PersonIndex]) {
    let mut random = world.stream(Process::Births.number());
    let life = world.profile.life.clone();
    let today = world.now.first;
    let mothers: Vec<(PersonIndex, f64)> = residents
        .iter()
        .copied()
        .filter(|person| {
            let entry = world.person(*person);
            !entry.male && entry.marital == 20 && entry.lives_here()
        })
        .map(|person| (person, at_age(&life.mothers, world.person(person).birth.age_on(today))))
        .filter(|(_, weight)| *weight > 0.0)
        .collect();
    #[expect(clippy::cast_precision_loss, reason = "a count of people")]
    let expected = residents.len() as f64 * life.births_per_1000 / 1_000.0 / 12.0;
    let total: f64 = mothers.iter().map(|(_, weight)| weight).sum();
    for (mother, weight) in mothers {
        if !random.chance(expected * weight / total.max(f64::MIN_POSITIVE)) {
            continue;
        }
        let first = bear(world, mother, None, &mut random);
        if random.chance(world.profile.families.twins) {
            bear(world, mother, Some(first), &mut random);
        }
    }
}

fn bear(
    world: &mut World,
    mother: PersonIndex,
    twin: Option<PersonIndex>,
    random: &mut Stream,
) -> PersonIndex {
    let male = random.chance(
        world.profile.population.men_per_100_women.first().map_or(0.52, |men| men / (men + 100.0)),
    );
    let wanted = match twin {
        Some(twin) => world.person(twin).birth,
        None => world.some_day(random),
    };
    let (birth, sequence) = world.next_sequence(wanted, male);
    // A full date must not move a birth into a later month.
    let birth = birth.min(world.now.last);
    let father =
        world.somebody(world.person(mother).spouse).map_or(NOBODY, |_| world.person(mother).spouse);
    let rates = world.profile.names.clone();
    let parent = world
        .somebody(father)
        .or(world.somebody(mother))
        .map(|parent| (parent.name, parent.ethnicity));
    let name = match parent {
        Some((name, _)) if !name.is_dotted() => {
            let own = Name::draw_given(&world.tables, random, name.surname, male, &rates);
            match twin.map(|twin| world.person(twin).name) {
                Some(twin) if !twin.is_dotted() => Name {
                    first: twin.first,
                    second: world.tables.draw_character(random, male),
                    ..own
                },
                _ => own,
            }
        }
        _ => Name::draw_dotted(&world.tables, random, male),
    };
    let mut child = Person::new(birth, sequence, male, name);
    child.mother = mother;
    child.father = father;
    child.ethnicity = parent.map_or(1, |(_, ethnicity)| ethnicity);
    child.family = world.person(mother).family;
    let family = child.family;
    let child = world.add_person(child);
    if let Some(family) = world.families.get_mut(family as usize) {
        family.members.push(child);
    }
    world.deliver(Dataset::BirthCertificate, child, Cause::New);
    let registered = [mother, father]
        .into_iter()
        .any(|parent| world.somebody(parent).is_some_and(Person::is_registered));
    let delay = Weights::new([0.62, 0.28, 0.10]).draw(random);
    let month = world.now.index + i32::try_from(delay).unwrap_or_default();
    if registered {
        plan_or(world, month, Event::RegisterBirth(child));
    } else if random.chance(0.6) {
        plan_or(world, month + 1, Event::PermitBirth(child));
    }
    join_case(world, mother, child);
    child
}

fn plan_or(world: &mut World, month: i32, event: Event) {
    if month > world.now.index {
        world.plan(month, event);
    } else if let Event::RegisterBirth(child) = event {
        enter_in_register(world, child);
    }
}

/// A newborn of a family that applied becomes a further line of the application, without savings.
fn join_case(world: &mut World, mother: PersonIndex, child: PersonIndex) {
    let Some(case) = world.case_of.get(&mother).copied() else { return };
    let asked = world.now.last;
    let Some(entry) = world
        .cases
        .get_mut(case as usize)
        .filter(|entry| entry.active && entry.members.len() < MOST_LINES)
    else {
        return;
    };
    let line = u32::try_from(entry.members.len()).unwrap_or_default();
    entry.members.push(CaseMember {
        person: child,
        other_income: 0,
        savings: Some((asked, 0)),
        known: None,
        known_savings: None,
    });
    world.case_of.insert(child, case);
    let reply = u32::try_from(world.replies.len()).unwrap_or(NOTHING);
    world.replies.push(Reply { case, line, asked, balance: 0 });
    world.deliver(
        Dataset::AssistanceApplication,
        case * crate::world::MOST_MEMBERS + line,
        Cause::New,
    );
    world.deliver(Dataset::BankBalance, reply, Cause::New);
}

/// Enters a newborn in the book of the mother, else of the father.
pub(super) fn enter_in_register(world: &mut World, child: PersonIndex) {
    let mut random = Stream::new(&[world.seed, Process::RegisterBirths.number(), u64::from(child)]);
    let entry = world.person(child).clone();
    if !entry.lives_here() {
        return;
    }
    let parent = [entry.mother, entry.father].into_iter().find(|parent| {
        world
            .somebody(*parent)
            .is_some_and(|p| p.book != NOTHING && p.hukou_to == crate::day::Day::NEVER)
    });
    let Some(book) = parent.map(|parent| world.person(parent).book) else { return };
    let day = world.some_day(&mut random).max(entry.birth.plus(1)).min(world.now.last);
    let (card, insured) = (random.chance(0.5), random.chance(0.6));
    let child_entry = world.person_mut(child);
    child_entry.book = book;
    child_entry.hukou_from = day;
    if card {
        child_entry.cover |= COVER_CARD;
    }
    if insured {
        child_entry.cover |= COVER_INSURED;
    }
    if let Some(book) = world.books.get_mut(book as usize) {
        book.members.push(child);
    }
    world.deliver(Dataset::HouseholdRegister, child, Cause::New);
    if card {
        world.deliver(Dataset::SocialCard, child, Cause::New);
    }
    if insured {
        world.deliver(Dataset::SocialInsurance, child, Cause::New);
    }
}

/// Gives a newborn of people without registration a residence permit.
pub(super) fn give_permit(world: &mut World, child: PersonIndex) {
    if world.person(child).lives_here() {
        let day = world.now.first.plus(9);
        let entry = world.person_mut(child);
        entry.cover |= COVER_PERMIT;
        entry.arrived = day;
        world.deliver(Dataset::ResidencePermit, child, Cause::New);
        tell_register(world, child);
    }
}
