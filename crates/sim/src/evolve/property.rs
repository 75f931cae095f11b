//! Vehicles, homes and businesses bought and given up.

use super::Process;
use crate::dataset::Dataset;
use crate::draw::Random;
use crate::world::{Business, Cause, NOTHING, PersonIndex, World, settle};

/// Chances a month, per grown-up or thing. Made up.
const BUYS_VEHICLE: f64 = 0.002;
const GIVES_UP_VEHICLE: f64 = 0.004;
const BUYS_HOME: f64 = 0.001;
const SELLS_HOME: f64 = 0.001;
const FOUNDS: f64 = 0.000_8;
const CLOSES: f64 = 0.006;

pub(super) fn happen(world: &mut World, residents: &[PersonIndex]) {
    let mut random = world.stream(Process::Property.number());
    let today = world.now.first;
    for person in residents.iter().copied() {
        let entry = world.person(person);
        let age = entry.birth.age_on(today);
        if !entry.lives_here() || !(22..66).contains(&age) || world.tekun.contains_key(&person) {
            continue;
        }
        let thin = if world.case_of.contains_key(&person) { 0.25 } else { 1.0 };
        if random.chance(BUYS_VEHICLE * thin) {
            let day = world.some_day(&mut random);
            if let Some(vehicle) = settle::add_vehicle_of(world, person, 1, day) {
                world.deliver(Dataset::Vehicle, vehicle, Cause::New);
            }
        }
        if random.chance(BUYS_HOME * thin)
            && let Some(home) = settle::add_home(world, person, false, &mut random)
        {
            let day = world.some_day(&mut random);
            world.homes[home as usize].registered = day;
            world.deliver(Dataset::RealEstate, home, Cause::New);
        }
        if world.person(person).business == NOTHING && random.chance(FOUNDS * thin) {
            let yuan = *random.pick(&[0, 10_000, 30_000, 50_000, 200_000]).unwrap_or(&0);
            let registered = world.some_day(&mut random);
            let index = u32::try_from(world.businesses.len()).unwrap_or(NOTHING);
            world.businesses.push(Business {
                owner: person,
                capital: yuan * 100,
                registered,
                active: true,
                known: None,
            });
            world.person_mut(person).business = index;
            world.deliver(Dataset::BusinessOwner, index, Cause::New);
        }
    }
    give_up(world, &mut random);
}

fn give_up(world: &mut World, random: &mut impl Random) {
    for index in 0..world.vehicles.len() {
        if world.vehicles[index].active && random.chance(GIVES_UP_VEHICLE) {
            world.vehicles[index].active = false;
            world.deliver(
                Dataset::Vehicle,
                u32::try_from(index).unwrap_or(NOTHING),
                Cause::Changed,
            );
        }
    }
    for index in 0..world.homes.len() {
        if world.homes[index].active && random.chance(SELLS_HOME) {
            world.homes[index].active = false;
            world.deliver(
                Dataset::RealEstate,
                u32::try_from(index).unwrap_or(NOTHING),
                Cause::Changed,
            );
        }
    }
    for index in 0..world.businesses.len() {
        if world.businesses[index].active && random.chance(CLOSES) {
            world.businesses[index].active = false;
            world.deliver(
                Dataset::BusinessOwner,
                u32::try_from(index).unwrap_or(NOTHING),
                Cause::Changed,
            );
        }
    }
}
