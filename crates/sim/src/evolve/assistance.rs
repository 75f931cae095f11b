//! Applications for assistance: new ones, withdrawals, changed incomes, renewed bank checks; and the roll that follows.

use super::{Process, work};
use crate::dataset::Dataset;
use crate::day::Day;
use crate::draw::{Hashed, Random, Stream};
use crate::entitlement;
use crate::truth::{Side, household_facts};
use crate::world::{
    Cause, Listing, MOST_MEMBERS, NO_MONEY, NOTHING, PersonIndex, Relief, Reply, World, file_case,
};

pub(super) fn happen(world: &mut World) {
    other_applicants(world);
    let mut random = world.stream(Process::Cases.number());
    let rates = world.profile.hardship.clone();
    for case in 0..u32::try_from(world.cases.len()).unwrap_or(NOTHING) {
        if !world.cases[case as usize].active {
            continue;
        }
        if random.chance(rates.withdrawals / 12.0) {
            withdraw(world, case);
            continue;
        }
        if random.chance(rates.changes_of_income / 12.0) {
            change_income(world, case, &mut random);
        }
        if random.chance(rates.checks_a_year / 12.0) {
            check_again(world, case, &mut random);
        }
    }
}

/// A family files now.
pub(super) fn apply(world: &mut World, family: u32) {
    let mut random = Stream::new(&[world.seed, Process::Applications.number(), family.into()]);
    let before: Vec<(PersonIndex, u32, u32)> = world
        .family(family)
        .members
        .iter()
        .map(|member| (*member, world.person(*member).tax, world.person(*member).pension))
        .collect();
    let replies = world.replies.len();
    let applied = world.some_day(&mut random);
    let (vehicles, homes) = (world.vehicles.len(), world.homes.len());
    let Some(case) = file_case(world, family, applied, &mut random) else { return };
    for line in 0..u32::try_from(world.cases[case as usize].members.len()).unwrap_or_default() {
        world.deliver(Dataset::AssistanceApplication, case * MOST_MEMBERS + line, Cause::New);
    }
    for reply in replies..world.replies.len() {
        world.deliver(Dataset::BankBalance, u32::try_from(reply).unwrap_or(NOTHING), Cause::New);
    }
    for vehicle in vehicles..world.vehicles.len() {
        world.deliver(Dataset::Vehicle, u32::try_from(vehicle).unwrap_or(NOTHING), Cause::New);
    }
    for home in homes..world.homes.len() {
        world.deliver(Dataset::RealEstate, u32::try_from(home).unwrap_or(NOTHING), Cause::New);
    }
    // What the family lives on has been fitted to its hardship: the departments see it, too.
    for (person, tax, pension) in before {
        if world.person(person).tax != tax {
            world.person_mut(person).tax_month = i16::try_from(world.now.index).unwrap_or_default();
            world.deliver(Dataset::IncomeTax, person, Cause::Changed);
        }
        if world.person(person).pension != pension {
            world.deliver(Dataset::Pension, person, Cause::Changed);
        }
    }
}

fn other_applicants(world: &mut World) {
    let mut random = world.stream(Process::Applications.number());
    let rate = world.profile.hardship.other_applicants / 12.0;
    for family in 0..u32::try_from(world.families.len()).unwrap_or(NOTHING) {
        if random.chance(rate) && !world.family(family).members.is_empty() {
            apply(world, family);
        }
    }
}

fn withdraw(world: &mut World, case: u32) {
    let entry = &mut world.cases[case as usize];
    entry.active = false;
    for line in 0..u32::try_from(entry.members.len()).unwrap_or_default() {
        world.deliver(Dataset::AssistanceApplication, case * MOST_MEMBERS + line, Cause::Changed);
    }
}

fn change_income(world: &mut World, case: u32, random: &mut Stream) {
    let count = u32::try_from(world.cases[case as usize].members.len()).unwrap_or(1);
    let line = random.below(count.max(1));
    let Some(member) = world.cases[case as usize].members.get(line as usize).copied() else {
        return;
    };
    let person = world.person(member.person).clone();
    if !person.lives_here() {
        return;
    }
    let permille = u64::from(random.below(900)) + 600;
    let scaled =
        |fen: u32| u32::try_from(u64::from(fen) * permille / 1_000 / 100 * 100).unwrap_or(fen);
    if person.tax != NO_MONEY && random.chance(0.6) {
        work::set_tax(world, member.person, scaled(person.tax.max(40_000)));
    } else if member.other_income > 0 || line == 0 {
        let other = scaled(member.other_income.max(20_000));
        world.cases[case as usize].members[line as usize].other_income = other;
        world.deliver(Dataset::AssistanceApplication, case * MOST_MEMBERS + line, Cause::Changed);
    }
}

fn check_again(world: &mut World, case: u32, random: &mut Stream) {
    let standard = entitlement::amounts::minimum_living(world.now);
    let asked = world.some_day(random);
    let jump = random.chance(0.03);
    for line in 0..world.cases[case as usize].members.len() {
        let member = world.cases[case as usize].members[line];
        if !world.person(member.person).lives_here() {
            continue;
        }
        let before = member.savings.map_or(0, |(_, balance)| balance);
        let balance = if jump && line == 0 {
            standard * i64::from(random.between(30, 200))
        } else {
            (before * i64::from(random.between(700, 1_250)) / 1_000).min(standard * 20)
        };
        world.cases[case as usize].members[line].savings = Some((asked, balance));
        let index = u32::try_from(world.replies.len()).unwrap_or(NOTHING);
        let line = u32::try_from(line).unwrap_or_default();
        world.replies.push(Reply { case, line, asked, balance });
        world.deliver(Dataset::BankBalance, index, Cause::New);
    }
}

/// Brings the roll of minimum living and low income up to date: the households that are entitled for the current month.
pub(crate) fn decide_relief(world: &mut World) {
    let (now, rate, seed) = (world.now, world.errors.not_updated, world.seed);
    for case in 0..world.cases.len() {
        let facts = household_facts(world, case, Side::True);
        let category = facts.as_ref().and_then(|facts| entitlement::relief_category(facts, now));
        let members: Vec<PersonIndex> =
            world.cases[case].members.iter().map(|member| member.person).collect();
        let consented = world.cases[case].consented;
        for (person, counted) in members.iter().zip(facts.iter().flat_map(|facts| &facts.members)) {
            let person = *person;
            let entry = world.person(person);
            // Who died in the month stands on the roll to its end.
            let died_now = now.contains(entry.death);
            let listed = entitlement::is_counted(counted, now) == Some(true) || died_now;
            let gone = entry.death < now.first || entry.left != Day::NEVER;
            let wanted = category.filter(|_| listed && !gone);
            let before = world.relief.get(&person).and_then(|listing| listing.truth);
            let first_month =
                if now.index == 0 { (now.index_of(consented) + 1).min(0) } else { now.index };
            let entry = wanted.map(|category| match before {
                Some(before) if before.category == category => before,
                _ => Relief { category, from: first_month },
            });
            let changed = match world.relief.get_mut(&person) {
                Some(listing) => {
                    let parts =
                        [seed, 0x726f_6c6c, person.into(), u64::from(now.index.unsigned_abs())];
                    listing.update(entry, now.index, rate, Hashed::new(&parts))
                }
                None if entry.is_some() => {
                    // A new name is entered at once in the first month, later it may be forgotten for a while.
                    let mut listing = Listing::new(None, now.index - 1);
                    let parts =
                        [seed, 0x726f_6c6c, person.into(), u64::from(now.index.unsigned_abs())];
                    let rate = if now.index == 0 { 0.0 } else { rate };
                    let changed = listing.update(entry, now.index, rate, Hashed::new(&parts));
                    world.relief.insert(person, listing);
                    changed.filter(|_| now.index > 0)
                }
                None => None,
            };
            world.count_update(changed);
        }
    }
}
