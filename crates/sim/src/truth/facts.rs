//! The facts of people and households: the true ones, and those that deliveries have told.

use crate::day::Day;
use crate::entitlement::{CardFacts, HouseholdFacts, HukouFacts, PersonFacts, Prices, Vital};
use crate::world::{CaseMember, NEVER_MONTH, NO_MONEY, NOTHING, PersonIndex, World};

/// Which facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// What is so; for a register, what ought to stand in it.
    True,
    /// What could be read from deliveries so far.
    Known,
}

/// The facts of a person.
pub(crate) fn person_facts(world: &World, person: PersonIndex, side: Side) -> PersonFacts {
    let entry = world.person(person);
    let is_true = side == Side::True;
    let relief = world
        .relief
        .get(&person)
        .and_then(|listing| if is_true { listing.truth } else { listing.known });
    let tekun = world
        .tekun
        .get(&person)
        .and_then(|listing| if is_true { listing.truth } else { listing.known });
    let child = world
        .children
        .get(&person)
        .and_then(|listing| if is_true { listing.truth } else { listing.known });
    let card = world
        .cards
        .get(&person)
        .and_then(|listing| if is_true { listing.truth } else { listing.known });
    let member = case_member(world, person);
    let other_income = member.and_then(|member| {
        if is_true { Some(member.other_income) } else { member.known.map(|(o, _)| o) }
    });
    let savings =
        member.and_then(|member| if is_true { member.savings } else { member.known_savings });
    let tax = if is_true { entry.tax } else { entry.known_tax };
    let pension = match side {
        Side::True if world.draws_pension(person) => entry.pension,
        Side::True => 0,
        Side::Known => entry.known_pension,
    };
    let mut vehicles = 0;
    for vehicle in entry.vehicles.into_iter().filter(|vehicle| *vehicle != NOTHING) {
        let vehicle = &world.vehicles[vehicle as usize];
        let active = if is_true { vehicle.active } else { vehicle.known == Some(true) };
        vehicles += u32::from(active && vehicle.usage != 3);
    }
    let mut homes = 0;
    for home in entry.homes.into_iter().filter(|home| *home != NOTHING) {
        let home = &world.homes[home as usize];
        homes += u32::from(if is_true { home.active } else { home.known == Some(true) });
    }
    let capital = world.businesses.get(entry.business as usize).map_or(0, |business| match side {
        Side::True if business.active => business.capital,
        Side::True => 0,
        Side::Known => business.known.unwrap_or_default(),
    });
    let custody = world.custody.get(&person).filter(|custody| is_true || custody.known);
    let cremation = world
        .deaths
        .get(&person)
        .filter(|death| death.cremation != NEVER_MONTH && death.cremated_on.by(world.now.last))
        .filter(|death| is_true || death.known_cremation);
    PersonFacts {
        birth: entry.birth,
        vital: vital(world, person, side),
        hukou: hukou(world, person),
        on_dibao_roll: relief.is_some_and(|relief| relief.category == 1),
        on_lowincome_roll: relief.is_some_and(|relief| relief.category == 2),
        on_tekun_roll: tekun.is_some(),
        orphan: child.is_some_and(|child| child.kind == 1),
        unattended: child.is_some_and(|child| child.kind == 2),
        card: card.map(|card| CardFacts {
            class: card.class,
            level: card.level,
            issued: card.issued,
            expires: card.expires.happened(),
            active: card.active,
        }),
        self_care_level: world
            .self_care
            .get(&person)
            .and_then(|care| if is_true { Some(care.level()) } else { care.known }),
        custody: custody.map(|custody| (custody.from, custody.to.happened())),
        tax_income: if tax == NO_MONEY { 0 } else { tax.into() },
        pension: pension.into(),
        other_income: other_income.unwrap_or_default().into(),
        savings: savings.map(|(_, balance)| balance),
        vehicles,
        homes,
        capital,
        cremation: cremation.map(|death| (death.cremated_on, death.fee)),
    }
}

fn vital(world: &World, person: PersonIndex, side: Side) -> Vital {
    let entry = world.person(person);
    match side {
        Side::True if entry.death.by(world.now.last) => Vital::Dead(entry.death),
        Side::True => Vital::Alive,
        Side::Known if entry.seen.nothing() => Vital::Alive,
        Side::Known if entry.seen.certain() => Vital::Dead(entry.death),
        Side::Known => Vital::Uncertain(entry.death),
    }
}

/// The registration. The register has no errors and hides nothing but deaths, hence it is the same on both sides.
fn hukou(world: &World, person: PersonIndex) -> Option<HukouFacts> {
    let entry = world.person(person);
    let book = world.books.get(entry.book as usize)?;
    let from = entry.hukou_from.happened()?;
    let district = world.divisions.district(book.address.street).code.parse().unwrap_or_default();
    Some(HukouFacts { from, to: entry.hukou_to.happened(), district, rural: book.address.rural })
}

fn case_member(world: &World, person: PersonIndex) -> Option<&CaseMember> {
    let case = world.case_of.get(&person)?;
    world.cases.get(*case as usize)?.members.iter().find(|member| member.person == person)
}

/// The facts of an application's household.
///
/// In truth all its lines; known are the lines that could be read, and nothing at all without the applicant's own.
pub(crate) fn household_facts(world: &World, case: usize, side: Side) -> Option<HouseholdFacts> {
    let case = world.cases.get(case)?;
    let stands = |member: &CaseMember| match side {
        Side::True => Some(case.active),
        Side::Known => member.known.map(|(_, active)| active),
    };
    let applicant = case.members.iter().find(|member| member.person == case.applicant)?;
    let active = stands(applicant)?;
    let members = case
        .members
        .iter()
        .filter(|member| side == Side::True || stands(member) == Some(true))
        .map(|member| person_facts(world, member.person, side))
        .collect();
    Some(HouseholdFacts {
        consented: case.consented,
        active,
        applicant_hukou: hukou(world, case.applicant),
        members,
    })
}

/// The prices of the current month; they are published in time.
pub(super) fn prices(world: &World) -> Option<Prices> {
    let place = usize::try_from(world.now.month - 1).ok()?;
    #[expect(clippy::cast_possible_truncation, reason = "a percentage")]
    let tenths = |percent: f64| (percent * 10.0).round() as i64;
    Some(Prices {
        cpi: tenths(*world.profile.prices.cpi.get(place)?),
        food: tenths(*world.profile.prices.food.get(place)?),
    })
}

/// Is somebody old enough for a policy of the old?
pub(super) fn is_old(world: &World, person: PersonIndex) -> bool {
    let entry = world.person(person);
    entry.hukou_from != Day::NEVER && entry.birth.age_on(world.now.last) >= 70
}
