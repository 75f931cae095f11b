//! The stock of a dataset: all its rows, for the full delivery of the first month.

use crate::dataset::Dataset;
use crate::day::Day;
use crate::draw::{Hashed, Random, mix};
use crate::world::{
    COVER_CARD, COVER_FUND, COVER_INSURED, COVER_PERMIT, COVER_WATER, MOST_MEMBERS, NO_MONEY,
    NOBODY, NOTHING, Person, World,
};

/// The slots of all rows of a dataset that delivers changes; the rolls that are delivered whole are written apart.
pub(crate) fn stock(world: &World, dataset: Dataset) -> Vec<u32> {
    let people = |wanted: &dyn Fn(u32, &Person) -> bool| -> Vec<u32> {
        (0..)
            .zip(&world.people)
            .filter(|(index, person)| wanted(*index, person))
            .map(|(index, _)| index)
            .collect()
    };
    let all = |count: usize| (0..u32::try_from(count).unwrap_or(NOTHING)).collect::<Vec<u32>>();
    let covered = |bit: u8| people(&|_, person| person.covers(bit));
    let coverage = &world.profile.coverage;
    let on_file = |month: i32| (-coverage.deaths_on_file_months..=world.now.index).contains(&month);
    match dataset {
        Dataset::HouseholdRegister => {
            people(&|_, person| person.book != NOTHING && person.hukou_from.by(world.now.last))
        }
        Dataset::ResidencePermit => covered(COVER_PERMIT),
        Dataset::BirthCertificate => {
            let earliest = world.now.first.plus(-coverage.births_on_file_years * 365);
            people(&|index, person| {
                let new = person.birth >= world.now.first;
                let mut draw = Hashed::new(&[world.seed, 0x6269_7274, index.into()]);
                person.mother != NOBODY && person.birth >= earliest && (new || draw.chance(0.9))
            })
        }
        Dataset::DeathCertificate => {
            people(&|index, _| world.deaths.get(&index).is_some_and(|d| on_file(d.certificate)))
        }
        Dataset::Cremation => {
            people(&|index, _| world.deaths.get(&index).is_some_and(|d| on_file(d.cremation)))
        }
        Dataset::Marriage => all(world.unions.len()),
        Dataset::SelfCare => world.self_care.keys().copied().collect(),
        Dataset::SocialInsurance => covered(COVER_INSURED),
        Dataset::SocialCard => covered(COVER_CARD),
        Dataset::Pension => people(&|_, person| person.pension > 0),
        Dataset::Employment => all(world.jobs.len()),
        Dataset::IncomeTax => people(&|_, person| person.tax != NO_MONEY),
        Dataset::Vehicle => all(world.vehicles.len()),
        Dataset::RealEstate => all(world.homes.len()),
        Dataset::HousingFund => covered(COVER_FUND),
        Dataset::BusinessOwner => all(world.businesses.len()),
        Dataset::WaterAccount => covered(COVER_WATER),
        Dataset::BankBalance => all(world.replies.len()),
        Dataset::Education => people(&|_, person| person.school != 0),
        Dataset::Custody => world
            .custody
            .keys()
            .copied()
            .filter(|person| world.custody[person].from != Day::NEVER)
            .collect(),
        Dataset::AssistanceApplication => (0..)
            .zip(&world.cases)
            .flat_map(|(case, entry): (u32, _)| {
                (0..u32::try_from(entry.members.len()).unwrap_or_default())
                    .map(move |line| case * MOST_MEMBERS + line)
            })
            .collect(),
        Dataset::BenefitConfirmation => world.confirmed.keys().copied().collect(),
        Dataset::DibaoRoll
        | Dataset::TekunRoll
        | Dataset::OrphanRoll
        | Dataset::Disability
        | Dataset::PriceIndex => Vec::new(),
    }
}

/// Brings rows into the order of a file, which says nothing about who belongs to whom.
pub(crate) fn in_random_order<T>(
    items: &mut [T],
    world: &World,
    dataset: Dataset,
    slot: impl Fn(&T) -> u32,
) {
    items.sort_by_cached_key(|item| {
        mix(&[world.seed, 0x6f72_6465, dataset.number(), slot(item).into()])
    });
}
