//! The business keys of rows.

use crate::dataset::Dataset;
use crate::keys::{plate, scatter};
use crate::world::{MOST_MEMBERS, World};

const TEN_DIGITS: u64 = 10_000_000_000;

/// The key's parts, as they stand in the row's first cells.
pub(crate) fn key(world: &World, dataset: Dataset, slot: u32, entry: u8) -> Vec<String> {
    let salt = world.seed ^ dataset.number().wrapping_mul(0x9e37);
    // Entries of one thing are numbered; assessments of one person, too.
    let number =
        |index: u64| scatter((index * 2 + u64::from(entry)) % TEN_DIGITS, TEN_DIGITS, salt);
    let plain = |prefix: &str| vec![format!("{prefix}{:010}", number(slot.into()))];
    match dataset {
        Dataset::HouseholdRegister => plain(""),
        Dataset::ResidencePermit => plain("GZJZ"),
        Dataset::BirthCertificate => plain("N"),
        Dataset::DeathCertificate => plain("SW"),
        Dataset::Cremation => plain("HH"),
        Dataset::Marriage => plain("J440199-"),
        Dataset::DibaoRoll => plain("DB"),
        Dataset::TekunRoll => plain("TK"),
        Dataset::SelfCare => {
            let assessment = world.self_care.get(&slot).map_or(0, |care| care.number);
            vec![format!("PG{:010}", number(u64::from(slot) * 64 + u64::from(assessment % 64)))]
        }
        Dataset::OrphanRoll => plain("ET"),
        Dataset::Disability => plain("44C"),
        Dataset::SocialInsurance => plain(""),
        Dataset::SocialCard => plain("A"),
        Dataset::Pension => plain("YL"),
        Dataset::Employment => plain("LD"),
        Dataset::IncomeTax => plain("SW440199"),
        // The plate is the vehicle's own, hence there is no second entry.
        Dataset::Vehicle => vec![plate(slot, world.seed)],
        Dataset::RealEstate => vec![format!("440199GB{:010}F0001", number(slot.into()))],
        Dataset::HousingFund => plain("GJJ"),
        Dataset::BusinessOwner => plain("440199"),
        Dataset::WaterAccount => plain("W"),
        Dataset::BankBalance => plain("YH"),
        Dataset::Education => plain("G440199"),
        Dataset::Custody => plain("SF"),
        Dataset::AssistanceApplication => {
            vec![case_number(world, slot / MOST_MEMBERS), (slot % MOST_MEMBERS + 1).to_string()]
        }
        Dataset::BenefitConfirmation => plain("QR"),
        Dataset::PriceIndex => Vec::new(),
    }
}

/// The number of a case.
pub(super) fn case_number(world: &World, case: u32) -> String {
    format!("JZ{:010}", scatter(case.into(), TEN_DIGITS, world.seed ^ 0x6361_7365))
}

/// The number of a household book.
pub(super) fn book_number(world: &World, book: u32) -> String {
    format!("{:09}", scatter(book.into(), 1_000_000_000, world.seed ^ 0x626f_6f6b))
}

/// The number of a family at the relief office; it isn't the case's.
pub(super) fn family_number(world: &World, case: u32) -> String {
    format!("JT{:09}", scatter(case.into(), 1_000_000_000, world.seed ^ 0x6a74_6a74))
}
