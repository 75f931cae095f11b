//! Gives people what they live by: work, pension, schooling, insurance, cards, homes, vehicles, businesses.

use super::{
    Business, COVER_CARD, COVER_FUND, COVER_INSURED, COVER_WATER, Card, Custody, Home, Job,
    Listing, NO_MONEY, NOBODY, NOTHING, PersonIndex, SelfCare, Union, Vehicle, World,
};
use crate::address::Address;
use crate::day::Day;
use crate::draw::{Random, Stream, Weights};
use crate::options::GenerateOptions;
use crate::profile::at_age;

const SETTLE: u64 = 10;
const COUPLES: u64 = 11;

/// Settles everybody who lives in the city.
///
/// * `poor`: by family, whether it is in hardship.
pub(super) fn settle_everybody(world: &mut World, poor: &[bool], options: &GenerateOptions) {
    let mut random = Stream::new(&[world.seed, SETTLE]);
    let employers = employers_of(options.people);
    for person in 0..u32::try_from(world.people.len()).unwrap_or(NOBODY) {
        if world.person(person).death != Day::NEVER {
            continue;
        }
        let is_poor = poor.get(world.person(person).family as usize).copied().unwrap_or_default();
        settle(world, person, is_poor, employers, &mut random);
    }
    for family in 0..world.families.len() {
        if random.chance(world.profile.coverage.water_account) {
            let head = world.families[family].head;
            if head != NOBODY {
                world.person_mut(head).cover |= COVER_WATER;
            }
        }
    }
    record_couples(world);
}

/// How many employers a city has.
pub(crate) fn employers_of(people: u32) -> u32 {
    people / 40 + 12
}

/// Settles one person, who has nothing yet.
pub(crate) fn settle(
    world: &mut World,
    person: PersonIndex,
    poor: bool,
    employers: u32,
    random: &mut Stream,
) {
    let today = world.now.first;
    let age = world.person(person).birth.age_on(today);
    let kind = usize::from(!world.person(person).is_registered());
    work(world, person, age, poor, employers, random);
    let coverage = world.profile.coverage.clone();
    let work = world.profile.work.clone();
    let stage = school_stage(world.person(person).birth, today, random, coverage.in_school);
    let insured = if world.person(person).job == NOTHING {
        work.resident_insurance
    } else {
        work.employee_insurance
    };
    let card = random.chance(coverage.social_card);
    let is_insured = random.chance(insured);
    let entry = world.person_mut(person);
    entry.school = stage;
    if card {
        entry.cover |= COVER_CARD;
    }
    if is_insured {
        entry.cover |= COVER_INSURED;
    }
    let thin = if poor { 0.06 } else { 1.0 };
    if (20..=70).contains(&age) && random.chance(coverage.vehicle * thin) {
        add_vehicle(world, person, random);
        if random.chance(coverage.second_vehicle) {
            add_vehicle(world, person, random);
        }
    }
    let homes = coverage.home.get(kind).copied().unwrap_or_default() * if poor { 0.4 } else { 1.0 };
    if age >= 25 && random.chance(homes) {
        add_home(world, person, true, random);
        if !poor && random.chance(coverage.second_home) {
            add_home(world, person, false, random);
        }
    }
    if (22..=68).contains(&age)
        && random.chance(work.business_owners * if poor { 0.2 } else { 1.0 })
    {
        let yuan = *random
            .pick(&[0, 5_000, 10_000, 20_000, 30_000, 50_000, 100_000, 300_000, 1_000_000])
            .unwrap_or(&0);
        let index = u32::try_from(world.businesses.len()).unwrap_or(NOTHING);
        let registered = today.plus(-random.between(30, 4_000));
        world.businesses.push(Business {
            owner: person,
            capital: yuan * 100,
            registered,
            active: true,
            known: None,
        });
        world.person_mut(person).business = index;
    }
    give_card(world, person, age, kind, poor, random);
    if age >= 70 && kind == 0 && random.chance(coverage.confirmed_longevity) {
        let seventieth = world.person(person).birth.plus(70 * 365 + 17);
        let confirmed =
            seventieth.max(today.plus(-900)).plus(random.between(-20, 120)).min(today.plus(-1));
        world.confirmed.insert(person, confirmed);
    }
    if age >= 75
        && !world.tekun.contains_key(&person)
        && random.chance(world.profile.hardship.assessed_others)
    {
        assess(world, person, random);
    }
    let in_custody = world.profile.hardship.in_custody;
    if (20..60).contains(&age) && world.person(person).male && random.chance(in_custody) {
        let from = today.plus(-random.between(30, 1_200));
        let to = from.plus(random.between(300, 3_000)).max(today.plus(25));
        world.custody.entry(person).or_insert(Custody { from, to, known: false });
    }
}

fn work(
    world: &mut World,
    person: PersonIndex,
    age: i32,
    poor: bool,
    employers: u32,
    random: &mut Stream,
) {
    let rates = world.profile.work.clone();
    let today = world.now.first;
    let is_tekun = world.tekun.contains_key(&person);
    let employed = at_age(&rates.employed, age) * if poor { 0.45 } else { 1.0 };
    if !is_tekun && random.chance(employed) {
        let wage = draw_wage(&rates.monthly_wages, poor, random);
        let earliest = world.person(person).birth.plus(16 * 365 + 4);
        let mut from = today.plus(-random.between(20, 2_600)).max(earliest);
        // Former contracts lie before the present one.
        let former = u32::from(random.chance(rates.former_jobs))
            + u32::from(random.chance(rates.former_jobs / 3.0));
        let current = Job { person, employer: random.below(employers), from, to: Day::NEVER };
        for _ in 0..former {
            let to = from.plus(-random.between(5, 120));
            from = to.plus(-random.between(150, 1_500));
            if from > earliest {
                world.jobs.push(Job { person, employer: random.below(employers), from, to });
            }
        }
        let index = u32::try_from(world.jobs.len()).unwrap_or(NOTHING);
        world.jobs.push(current);
        let taxed = random.chance(rates.taxed);
        let fund = !poor && random.chance(rates.housing_fund);
        let tax = tax_of(wage, random);
        let month = -i16::try_from(random.below(6)).unwrap_or_default();
        let entry = world.person_mut(person);
        entry.job = index;
        entry.wage = wage;
        entry.tax = if taxed { tax } else { NO_MONEY };
        entry.tax_month = month;
        if fund {
            entry.cover |= COVER_FUND;
        }
    }
    let (birth, male) = (world.person(person).birth, world.person(person).male);
    let pension_age = rates.pension_age[usize::from(!male)];
    let kind = usize::from(!world.person(person).is_registered());
    let pensioned = rates.pensioners.get(kind).copied().unwrap_or_default();
    if age >= pension_age && random.chance(if is_tekun { 0.3 } else { pensioned }) {
        let pension = draw_pension(world, poor || is_tekun, random);
        let since = birth.plus(pension_age * 365 + pension_age / 4 + 1);
        let month = month_of(world, since);
        let entry = world.person_mut(person);
        entry.pension = pension;
        entry.pension_month = month;
    }
}

/// The month index of a day, as the compact tables hold it.
pub(crate) fn month_of(world: &World, day: Day) -> i16 {
    i16::try_from(world.now.index_of(day)).unwrap_or(i16::MIN)
}

/// A monthly pension in fen, whole yuan and tens of fen.
pub(crate) fn draw_pension(world: &World, small: bool, random: &mut Stream) -> u32 {
    let work = &world.profile.work;
    let [low, high] = if !small && random.chance(work.employee_pension) {
        work.employee_pension_yuan
    } else {
        work.resident_pension_yuan
    };
    u32::try_from(random.between(low * 10, high * 10)).unwrap_or_default() * 10
}

/// A monthly wage in fen.
pub(crate) fn draw_wage(bands: &[[f64; 2]], poor: bool, random: &mut Stream) -> u32 {
    if poor {
        return u32::try_from(random.between(900, 2_600)).unwrap_or_default() * 100;
    }
    let weights = Weights::new(bands.iter().map(|[_, weight]| *weight));
    let centre = bands.get(weights.draw(random)).map_or(5_000.0, |[yuan, _]| *yuan);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a wage of some thousand yuan"
    )]
    let yuan = (centre * (0.85 + 0.3 * random.unit())) as u32;
    yuan * 100
}

/// The income of six months' mean that the tax office has on file, in fen.
pub(crate) fn tax_of(wage: u32, random: &mut Stream) -> u32 {
    let permille = u64::from(random.below(160)) + 930;
    u32::try_from(u64::from(wage) * permille / 1_000).unwrap_or(wage)
}

/// The stage of schooling by the age at the last 1 September: 1 to 5, or 0.
pub(crate) fn school_stage(birth: Day, today: Day, random: &mut Stream, covered: f64) -> u8 {
    let (stage, rate) = stage_at(birth, today);
    if stage != 0 && random.chance(rate * covered) { stage } else { 0 }
}

/// The stage that the age at the last 1 September means, and the share of those of that age who attend.
pub(crate) fn stage_at(birth: Day, today: Day) -> (u8, f64) {
    let (year, month, _) = today.civil();
    let september = Day::new(if month >= 9 { year } else { year - 1 }, 9, 1);
    match birth.age_on(september) {
        3..=5 => (1, 0.9),
        6..=11 => (2, 1.0),
        12..=14 => (3, 1.0),
        15..=17 => (4, 0.9),
        18..=21 => (5, 0.5),
        _ => (0, 0.0),
    }
}

pub(crate) fn add_vehicle(world: &mut World, person: PersonIndex, random: &mut Stream) {
    let registered = world.now.first.plus(-random.between(10, 4_500));
    let usage = if random.chance(0.06) { 2 } else { 1 };
    add_vehicle_of(world, person, usage, registered);
}

/// Adds a vehicle, unless the person has two already; returns its index.
pub(crate) fn add_vehicle_of(
    world: &mut World,
    person: PersonIndex,
    usage: u8,
    registered: Day,
) -> Option<u32> {
    let index = u32::try_from(world.vehicles.len()).ok()?;
    let place = world.person(person).vehicles.iter().position(|vehicle| *vehicle == NOTHING)?;
    world.vehicles.push(Vehicle { owner: person, usage, registered, active: true, known: None });
    world.person_mut(person).vehicles[place] = index;
    Some(index)
}

/// Adds a title to a home, unless the person has two already; returns its index.
pub(crate) fn add_home(
    world: &mut World,
    person: PersonIndex,
    lived_in: bool,
    random: &mut Stream,
) -> Option<u32> {
    let index = u32::try_from(world.homes.len()).ok()?;
    let place = world.person(person).homes.iter().position(|home| *home == NOTHING)?;
    let population = world.profile.population.clone();
    let own = world.families.get(world.person(person).family as usize).map(|family| family.address);
    let elsewhere = Address::draw(
        &world.divisions,
        random,
        population.rural_share_of_towns,
        population.rural_share_of_streets,
    );
    let address = own.filter(|_| lived_in && random.chance(0.85)).unwrap_or(elsewhere);
    let area = u32::try_from(random.between(3_800, 16_000)).unwrap_or_default();
    let registered = world.now.first.plus(-random.between(20, 7_000));
    world.homes.push(Home { owner: person, address, area, registered, active: true, known: None });
    world.person_mut(person).homes[place] = index;
    Some(index)
}

fn give_card(
    world: &mut World,
    person: PersonIndex,
    age: i32,
    kind: usize,
    poor: bool,
    random: &mut Stream,
) {
    let hardship = &world.profile.hardship;
    // Old people have cards more often; the mean over the pyramid is the profile's figure.
    let by_age = 0.35 + f64::from(age) / 63.0;
    let rate = match (poor, kind) {
        (true, _) => hardship.disabled_in_hardship,
        (false, 0) => hardship.disabled * by_age,
        (false, _) => hardship.disabled * by_age / 5.0,
    };
    if world.cards.contains_key(&person) || !random.chance(rate) {
        return;
    }
    let card = draw_card(world.now.first, random);
    world.cards.insert(person, Listing::new(Some(card), 0));
}

/// A card issued within the last ten years.
pub(crate) fn draw_card(today: Day, random: &mut Stream) -> Card {
    let class = Weights::new([0.14, 0.17, 0.02, 0.42, 0.10, 0.10, 0.05]).draw(random) + 1;
    let level = Weights::new([0.15, 0.25, 0.28, 0.32]).draw(random) + 1;
    let small = |value: usize| u8::try_from(value).unwrap_or(4);
    let issued = today.plus(-random.between(60, 3_640));
    let expires = if random.chance(0.35) { Day::NEVER } else { issued.plus(3_653) };
    Card { class: small(class), level: small(level), issued, expires, active: true }
}

/// Adds an assessment of self-care.
pub(crate) fn assess(world: &mut World, person: PersonIndex, random: &mut Stream) {
    let failed = match random.below(10) {
        0..=4 => 0,
        5..=7 => 1 + random.below(3),
        _ => 4 + random.below(3),
    };
    let assessed = world.now.first.plus(-random.between(5, 700));
    let failed = u8::try_from(failed).unwrap_or_default();
    world.self_care.insert(person, SelfCare { failed, assessed, number: 0, known: None });
}

/// The marriages of couples that the registry has on file.
fn record_couples(world: &mut World) {
    let mut random = Stream::new(&[world.seed, COUPLES]);
    let today = world.now.first;
    for husband in world.residents() {
        let person = world.person(husband);
        let (wife, husband_birth) = (person.spouse, person.birth);
        if !person.male || person.marital != 20 {
            continue;
        }
        let Some(wife_birth) = world.somebody(wife).map(|wife| wife.birth) else { continue };
        let earliest =
            husband_birth.plus(22 * 366).max(wife_birth.plus(20 * 366)).max(Day::new(1981, 1, 1));
        let latest = today.plus(-1).min(husband_birth.plus(38 * 365)).max(earliest);
        if earliest < today && random.chance(world.profile.coverage.marriages_on_file) {
            let day = earliest.plus(random.between(0, latest.0 - earliest.0)).min(today.plus(-1));
            world.unions.push(Union { husband, wife, is_divorce: false, day });
        }
    }
}
