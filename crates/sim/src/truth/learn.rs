//! What a readable row tells.

use crate::dataset::Dataset;
use crate::world::{MOST_MEMBERS, PersonIndex, Seen, World};

/// Takes in what a readable row of a dataset that delivers changes tells; rolls are learnt as they are written.
///
/// * `id_intact`: the row carries the right identity number of its person.
pub(crate) fn learn(world: &mut World, dataset: Dataset, slot: u32, id_intact: bool) {
    let at = slot as usize;
    match dataset {
        Dataset::HouseholdRegister
            if world.deaths.get(&slot).is_some_and(|death| death.register <= world.now.index) =>
        {
            world.person_mut(slot).seen.add(Seen::REGISTER);
        }
        Dataset::DeathCertificate => {
            let source = if id_intact { Seen::CERTIFICATE_SURE } else { Seen::CERTIFICATE };
            world.person_mut(slot).seen.add(source);
        }
        Dataset::Cremation => {
            world.person_mut(slot).seen.add(Seen::CREMATION);
            if let Some(death) = world.deaths.get_mut(&slot) {
                death.known_cremation = true;
            }
        }
        Dataset::IncomeTax => {
            let person = world.person_mut(slot);
            person.known_tax = person.tax;
        }
        Dataset::Pension => {
            let drawn = world.draws_pension(slot);
            let person = world.person_mut(slot);
            person.known_pension = if drawn { person.pension } else { 0 };
        }
        Dataset::Vehicle => {
            if let Some(vehicle) = world.vehicles.get_mut(at) {
                vehicle.known = Some(vehicle.active);
            }
        }
        Dataset::RealEstate => {
            if let Some(home) = world.homes.get_mut(at) {
                home.known = Some(home.active);
            }
        }
        Dataset::BusinessOwner => {
            if let Some(business) = world.businesses.get_mut(at) {
                business.known = Some(if business.active { business.capital } else { 0 });
            }
        }
        Dataset::BankBalance => {
            let Some(reply) = world.replies.get(at).copied() else { return };
            let member = world
                .cases
                .get_mut(reply.case as usize)
                .and_then(|case| case.members.get_mut(reply.line as usize));
            if let Some(member) = member
                && member.known_savings.is_none_or(|(asked, _)| asked <= reply.asked)
            {
                member.known_savings = Some((reply.asked, reply.balance));
            }
        }
        Dataset::Custody => {
            if let Some(custody) = world.custody.get_mut(&slot) {
                custody.known = true;
            }
        }
        Dataset::SelfCare => {
            if let Some(care) = world.self_care.get_mut(&slot) {
                care.known = Some(care.level());
            }
        }
        Dataset::AssistanceApplication => {
            let Some(case) = world.cases.get_mut((slot / MOST_MEMBERS) as usize) else { return };
            let active = case.active;
            if let Some(member) = case.members.get_mut((slot % MOST_MEMBERS) as usize) {
                member.known = Some((member.other_income, active));
            }
        }
        _ => {}
    }
}

/// The person of whom a row's first role speaks.
pub(crate) fn person_of(world: &World, dataset: Dataset, slot: u32) -> PersonIndex {
    let at = slot as usize;
    match dataset {
        Dataset::Vehicle => world.vehicles.get(at).map_or(slot, |vehicle| vehicle.owner),
        Dataset::RealEstate => world.homes.get(at).map_or(slot, |home| home.owner),
        Dataset::BusinessOwner => world.businesses.get(at).map_or(slot, |business| business.owner),
        Dataset::Employment => world.jobs.get(at).map_or(slot, |job| job.person),
        Dataset::Marriage => world.unions.get(at).map_or(slot, |union| union.husband),
        Dataset::BankBalance => world
            .replies
            .get(at)
            .and_then(|reply| {
                world.cases.get(reply.case as usize)?.members.get(reply.line as usize)
            })
            .map_or(slot, |member| member.person),
        Dataset::AssistanceApplication => world
            .cases
            .get((slot / MOST_MEMBERS) as usize)
            .and_then(|case| case.members.get((slot % MOST_MEMBERS) as usize))
            .map_or(slot, |member| member.person),
        _ => slot,
    }
}
