//! The rows of the datasets: which cells a department writes about whom.

mod assets;
mod civil;
mod hand;
mod human_resources;
mod keys_of;
mod names_of;
mod others;
mod public;
mod stock;

pub(crate) use hand::{Hand, Role};
pub(crate) use keys_of::key;
pub(crate) use stock::{in_random_order, stock};

use crate::dataset::Dataset;
use crate::draw::mix;

/// The coordinates of a row, hashed; what its draws begin with.
///
/// * `entry`: 0, or 1 for the same thing entered again under another key.
pub(crate) fn row_hash(seed: u64, dataset: Dataset, slot: u32, entry: u8) -> u64 {
    mix(&[seed, 0x726f_7773, dataset.number(), slot.into(), entry.into()])
}

/// Writes the cells of a row.
pub(crate) fn fill(dataset: Dataset, slot: u32, entry: u8, hand: &mut Hand<'_>) {
    match dataset {
        Dataset::HouseholdRegister => public::household_register(slot, entry, hand),
        Dataset::ResidencePermit => public::residence_permit(slot, entry, hand),
        Dataset::Vehicle => assets::vehicle(slot, entry, hand),
        Dataset::RealEstate => assets::real_estate(slot, entry, hand),
        Dataset::BusinessOwner => assets::business_owner(slot, entry, hand),
        Dataset::BankBalance => assets::bank_balance(slot, entry, hand),
        Dataset::IncomeTax => assets::income_tax(slot, entry, hand),
        Dataset::BirthCertificate => others::birth_certificate(slot, entry, hand),
        Dataset::DeathCertificate => others::death_certificate(slot, entry, hand),
        Dataset::Cremation => others::cremation(slot, entry, hand),
        Dataset::WaterAccount => others::water_account(slot, entry, hand),
        Dataset::Education => others::education(slot, entry, hand),
        Dataset::Custody => others::custody(slot, entry, hand),
        Dataset::Disability => others::disability(slot, entry, hand),
        Dataset::Marriage => civil::marriage(slot, entry, hand),
        Dataset::DibaoRoll => civil::dibao_roll(slot, entry, hand),
        Dataset::TekunRoll => civil::tekun_roll(slot, entry, hand),
        Dataset::OrphanRoll => civil::orphan_roll(slot, entry, hand),
        Dataset::SelfCare => civil::self_care(slot, entry, hand),
        Dataset::AssistanceApplication => civil::assistance_application(slot, entry, hand),
        Dataset::BenefitConfirmation => civil::benefit_confirmation(slot, entry, hand),
        Dataset::SocialInsurance => human_resources::social_insurance(slot, entry, hand),
        Dataset::SocialCard => human_resources::social_card(slot, entry, hand),
        Dataset::Pension => human_resources::pension(slot, entry, hand),
        Dataset::Employment => human_resources::employment(slot, entry, hand),
        Dataset::HousingFund => human_resources::housing_fund(slot, entry, hand),
        // Speaks of nobody; written apart.
        Dataset::PriceIndex => {}
    }
}
