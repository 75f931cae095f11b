//! Jobs, pay and pensions.

use super::Process;
use crate::dataset::Dataset;
use crate::day::Day;
use crate::draw::{Random, Stream};
use crate::profile::Work;
use crate::world::{
    COVER_FUND, COVER_INSURED, Cause, Job, NO_MONEY, NOTHING, PersonIndex, World, settle,
};

/// Chance a month that somebody without work finds some.
const FINDS_WORK: f64 = 0.06;

pub(super) fn happen(world: &mut World, residents: &[PersonIndex], employers: u32) {
    let mut random = world.stream(Process::Work.number());
    let rates = world.profile.work.clone();
    for person in residents.iter().copied() {
        let entry = world.person(person);
        // Incomes of applicants change by the rates of their own, see `assistance`.
        if !entry.lives_here() || world.case_of.contains_key(&person) {
            continue;
        }
        if entry.job != NOTHING {
            if random.chance(rates.changes_of_job / 12.0) {
                let day = world.some_day(&mut random);
                end_job(world, person, day);
                if random.chance(0.75) {
                    start_job(world, person, day.plus(1), employers, &rates, &mut random);
                } else {
                    let tax = world.person(person).tax;
                    set_tax(world, person, if tax == NO_MONEY { tax } else { tax / 5 * 2 });
                }
            } else if random.chance(rates.changes_of_pay / 12.0) {
                change_pay(world, person, &mut random);
            }
        } else if world.jobs.len() < u32::MAX as usize {
            let age = entry.birth.age_on(world.now.first);
            let former_worker = entry.tax != NO_MONEY;
            if former_worker && (18..58).contains(&age) && random.chance(FINDS_WORK) {
                let day = world.some_day(&mut random);
                start_job(world, person, day, employers, &rates, &mut random);
            }
        }
    }
    retire(world, residents, &rates);
}

/// Ends the job that somebody has.
pub(super) fn end_job(world: &mut World, person: PersonIndex, day: Day) {
    let job = world.person(person).job;
    let Some(entry) = world.jobs.get_mut(job as usize) else { return };
    entry.to = day.max(entry.from);
    world.person_mut(person).job = NOTHING;
    world.deliver(Dataset::Employment, job, Cause::Changed);
    if world.person(person).covers(COVER_INSURED) {
        world.deliver(Dataset::SocialInsurance, person, Cause::Changed);
    }
}

fn start_job(
    world: &mut World,
    person: PersonIndex,
    from: Day,
    employers: u32,
    rates: &Work,
    random: &mut Stream,
) {
    let index = u32::try_from(world.jobs.len()).unwrap_or(NOTHING);
    let employer = random.below(employers);
    world.jobs.push(Job { person, employer, from: from.min(world.now.last), to: Day::NEVER });
    let wage = settle::draw_wage(&rates.monthly_wages, false, random);
    let tax = settle::tax_of(wage, random);
    let entry = world.person_mut(person);
    entry.job = index;
    entry.wage = wage;
    let (insured, taxed) = (entry.covers(COVER_INSURED), entry.tax != NO_MONEY);
    world.deliver(Dataset::Employment, index, Cause::New);
    if insured {
        world.deliver(Dataset::SocialInsurance, person, Cause::Changed);
    }
    if taxed {
        set_tax(world, person, tax);
    }
}

fn change_pay(world: &mut World, person: PersonIndex, random: &mut Stream) {
    let permille = 920 + u64::from(random.below(240));
    let entry = world.person_mut(person);
    entry.wage =
        u32::try_from(u64::from(entry.wage) * permille / 1_000).unwrap_or(entry.wage) / 100 * 100;
    let (wage, fund, taxed) = (entry.wage, entry.covers(COVER_FUND), entry.tax != NO_MONEY);
    if taxed {
        let tax = settle::tax_of(wage, random);
        set_tax(world, person, tax);
    }
    if fund {
        world.deliver(Dataset::HousingFund, person, Cause::Changed);
    }
}

/// Puts an income on the tax office's file.
pub(super) fn set_tax(world: &mut World, person: PersonIndex, tax: u32) {
    let month = i16::try_from(world.now.index).unwrap_or_default();
    let entry = world.person_mut(person);
    if entry.tax == NO_MONEY || tax == NO_MONEY || entry.tax == tax {
        return;
    }
    entry.tax = tax;
    entry.tax_month = month;
    world.deliver(Dataset::IncomeTax, person, Cause::Changed);
}

fn retire(world: &mut World, residents: &[PersonIndex], rates: &Work) {
    let mut random = world.stream(Process::Pensions.number());
    for person in residents.iter().copied() {
        let entry = world.person(person);
        let pension_age = rates.pension_age[usize::from(!entry.male)];
        let reaches = entry.birth.age_on(world.now.last) == pension_age
            && entry.birth.age_on(world.now.first.plus(-1)) < pension_age;
        if !reaches || !entry.lives_here() || entry.pension > 0 || world.tekun.contains_key(&person)
        {
            continue;
        }
        let kind = usize::from(!entry.is_registered());
        if !random.chance(rates.pensioners.get(kind).copied().unwrap_or_default()) {
            continue;
        }
        let pension = settle::draw_pension(world, world.case_of.contains_key(&person), &mut random);
        let month = i16::try_from(world.now.index).unwrap_or_default();
        let day = world.some_day(&mut random);
        if random.chance(0.8) {
            end_job(world, person, day);
            let tax = world.person(person).tax;
            set_tax(world, person, if tax == NO_MONEY { tax } else { 0 });
        }
        let entry = world.person_mut(person);
        entry.pension = pension;
        entry.pension_month = month;
        world.deliver(Dataset::Pension, person, Cause::New);
    }
}
