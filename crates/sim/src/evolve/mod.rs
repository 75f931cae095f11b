//! One month of life: what happens in the true world, and which rows of which departments it touches.
//!
//! One file per kind of happening. Each uses a stream of draws of its own, so that a change in one moves none of the others.

mod assistance;
mod births;
pub(crate) mod deaths;
mod lists;
mod moves;
mod property;
mod schooling;
mod unions;
mod work;

pub(crate) use assistance::decide_relief;

use crate::dataset::Dataset;
use crate::world::{
    COVER_CARD, COVER_INSURED, COVER_PERMIT, Cause, Event, NO_MONEY, NOBODY, NOTHING, PersonIndex,
    World,
};

/// The kinds of happening, for the streams of draws.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Process {
    Deaths = 100,
    Births,
    RegisterBirths,
    Moves,
    Arrivals,
    Homes,
    Marriages,
    Divorces,
    Work,
    Pensions,
    School,
    Property,
    Lists,
    Cards,
    Custody,
    Confirmations,
    Applications,
    Cases,
    Renames,
}

impl Process {
    fn number(self) -> u64 {
        self as u64
    }
}

/// Lives the current month. The rolls that departments decide on are brought up to date by [`decide_relief`] afterwards.
pub(crate) fn live(world: &mut World, employers: u32) {
    let residents = world.residents();
    let due = world.agenda.remove(&world.now.index).unwrap_or_default();
    deaths::happen(world, &residents);
    moves::happen(world, &residents, employers);
    births::happen(world, &residents);
    unions::happen(world, &residents);
    work::happen(world, &residents, employers);
    schooling::happen(world, &residents);
    property::happen(world, &residents);
    lists::happen(world, &residents);
    assistance::happen(world);
    for event in due {
        match event {
            Event::RegisterDeath(person) => deaths::enter_in_register(world, person),
            Event::RegisterBirth(person) => births::enter_in_register(world, person),
            Event::PermitBirth(person) => births::give_permit(world, person),
            Event::Apply(family) => assistance::apply(world, family),
        }
    }
}

/// Delivers a row of every dataset that knows a newcomer.
fn announce(world: &mut World, person: PersonIndex) {
    let entry = world.person(person).clone();
    if entry.covers(COVER_PERMIT) {
        world.deliver(Dataset::ResidencePermit, person, Cause::New);
    }
    if entry.is_registered() {
        world.deliver(Dataset::HouseholdRegister, person, Cause::New);
    }
    if entry.covers(COVER_CARD) {
        world.deliver(Dataset::SocialCard, person, Cause::New);
    }
    if entry.covers(COVER_INSURED) {
        world.deliver(Dataset::SocialInsurance, person, Cause::New);
    }
    if entry.pension > 0 {
        world.deliver(Dataset::Pension, person, Cause::New);
    }
    if entry.tax != NO_MONEY {
        world.deliver(Dataset::IncomeTax, person, Cause::New);
    }
    if entry.job != NOTHING {
        world.deliver(Dataset::Employment, entry.job, Cause::New);
    }
    if entry.covers(crate::world::COVER_FUND) {
        world.deliver(Dataset::HousingFund, person, Cause::New);
    }
    if entry.school != 0 {
        world.deliver(Dataset::Education, person, Cause::New);
    }
    for vehicle in entry.vehicles.into_iter().filter(|vehicle| *vehicle != NOTHING) {
        world.deliver(Dataset::Vehicle, vehicle, Cause::New);
    }
    for home in entry.homes.into_iter().filter(|home| *home != NOTHING) {
        world.deliver(Dataset::RealEstate, home, Cause::New);
    }
    if entry.business != NOTHING {
        world.deliver(Dataset::BusinessOwner, entry.business, Cause::New);
    }
    if world.custody.contains_key(&person) {
        world.deliver(Dataset::Custody, person, Cause::New);
    }
}

/// Closes what departments keep about somebody who died or left, as soon as they learn of it.
fn close_accounts(world: &mut World, person: PersonIndex) {
    let entry = world.person(person).clone();
    if entry.covers(COVER_PERMIT) {
        world.deliver(Dataset::ResidencePermit, person, Cause::Changed);
    }
    if entry.covers(COVER_CARD) {
        world.deliver(Dataset::SocialCard, person, Cause::Changed);
    }
    if entry.covers(COVER_INSURED) {
        world.deliver(Dataset::SocialInsurance, person, Cause::Changed);
    }
    if entry.pension > 0 {
        world.deliver(Dataset::Pension, person, Cause::Changed);
    }
    if entry.school != 0 {
        world.deliver(Dataset::Education, person, Cause::Changed);
    }
    if entry.covers(crate::world::COVER_FUND) {
        world.deliver(Dataset::HousingFund, person, Cause::Changed);
    }
    if entry.job != NOTHING {
        work::end_job(world, person, entry.death.min(entry.left));
    }
}

/// Tells the household register of a change, if the person is in a book.
fn tell_register(world: &mut World, person: PersonIndex) {
    if person != NOBODY && world.person(person).is_registered() {
        world.deliver(Dataset::HouseholdRegister, person, Cause::Changed);
    }
}
