//! A person of the true world.

use crate::day::Day;
use crate::names::Name;

/// Index of a person in the world's table; the person's true id is one more.
pub(crate) type PersonIndex = u32;
/// No person.
pub(crate) const NOBODY: PersonIndex = u32::MAX;
/// No family, book, job, vehicle, home or business.
pub(crate) const NOTHING: u32 = u32::MAX;
/// No income row, as opposed to an income of nothing.
pub(crate) const NO_MONEY: u32 = u32::MAX;

/// Has a social-security card.
pub(crate) const COVER_CARD: u8 = 1;
/// Has a residence permit on file, valid or not.
pub(crate) const COVER_PERMIT: u8 = 2;
/// Is in a social insurance.
pub(crate) const COVER_INSURED: u8 = 4;
/// Has an account at the housing fund.
pub(crate) const COVER_FUND: u8 = 8;
/// Is the holder of the family's water account.
pub(crate) const COVER_WATER: u8 = 16;

/// The stage of `Person::school`.
pub(crate) const SCHOOL_STAGE: u8 = 0x7f;
/// In `Person::school`: left school after this stage.
pub(crate) const LEFT_SCHOOL: u8 = 0x80;

/// Which sources have told of a death, in deliveries so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Seen(pub(crate) u8);

impl Seen {
    pub(crate) const REGISTER: u8 = 1;
    /// A certificate that carries the right identity number.
    pub(crate) const CERTIFICATE_SURE: u8 = 2;
    /// A certificate without it.
    pub(crate) const CERTIFICATE: u8 = 4;
    pub(crate) const CREMATION: u8 = 8;

    pub(crate) fn add(&mut self, source: u8) {
        self.0 |= source;
    }

    fn has(self, sources: u8) -> bool {
        self.0 & sources != 0
    }

    /// Nobody has told.
    pub(crate) fn nothing(self) -> bool {
        self.0 == 0
    }

    /// The register says so, or a certificate with the right number, or two different datasets.
    pub(crate) fn certain(self) -> bool {
        let certificate = self.has(Self::CERTIFICATE | Self::CERTIFICATE_SURE);
        self.has(Self::REGISTER | Self::CERTIFICATE_SURE)
            || (certificate && self.has(Self::CREMATION))
    }
}

/// A person. Money is fen.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) birth: Day,
    /// [`Day::NEVER`] while alive.
    pub(crate) death: Day,
    /// The day of leaving the city for good.
    pub(crate) left: Day,
    /// Registered in a household book of the city from this day on.
    pub(crate) hukou_from: Day,
    /// The day of moving the registration out.
    pub(crate) hukou_to: Day,
    /// The day of the residence permit, or of coming to the city.
    pub(crate) arrived: Day,
    pub(crate) family: u32,
    pub(crate) book: u32,
    pub(crate) spouse: PersonIndex,
    pub(crate) mother: PersonIndex,
    pub(crate) father: PersonIndex,
    pub(crate) name: Name,
    /// The sequence part of the identity number.
    pub(crate) sequence: u16,
    pub(crate) male: bool,
    /// GB/T 3304.
    pub(crate) ethnicity: u8,
    /// GB/T 2261.2.
    pub(crate) marital: u8,
    /// Bits `COVER_…`.
    pub(crate) cover: u8,
    /// Stage of schooling, 0 for none.
    pub(crate) school: u8,
    pub(crate) seen: Seen,
    pub(crate) job: u32,
    /// Monthly wage of the job.
    pub(crate) wage: u32,
    /// The income that the tax office has on file for the latest six months, [`NO_MONEY`] without a file.
    pub(crate) tax: u32,
    /// Month index of that file.
    pub(crate) tax_month: i16,
    pub(crate) pension_month: i16,
    /// Monthly pension, 0 for none.
    pub(crate) pension: u32,
    /// What deliveries have told of `tax`.
    pub(crate) known_tax: u32,
    /// What deliveries have told of `pension`.
    pub(crate) known_pension: u32,
    pub(crate) vehicles: [u32; 2],
    pub(crate) homes: [u32; 2],
    pub(crate) business: u32,
}

impl Person {
    /// Somebody without anything yet.
    pub(crate) fn new(birth: Day, sequence: u16, male: bool, name: Name) -> Self {
        Self {
            birth,
            death: Day::NEVER,
            left: Day::NEVER,
            hukou_from: Day::NEVER,
            hukou_to: Day::NEVER,
            arrived: birth,
            family: NOTHING,
            book: NOTHING,
            spouse: NOBODY,
            mother: NOBODY,
            father: NOBODY,
            name,
            sequence,
            male,
            ethnicity: 1,
            marital: 10,
            cover: 0,
            school: 0,
            seen: Seen::default(),
            job: NOTHING,
            wage: 0,
            tax: NO_MONEY,
            tax_month: 0,
            pension_month: 0,
            pension: 0,
            known_tax: NO_MONEY,
            known_pension: 0,
            vehicles: [NOTHING; 2],
            homes: [NOTHING; 2],
            business: NOTHING,
        }
    }

    /// Alive and in the city.
    pub(crate) fn lives_here(&self) -> bool {
        self.death == Day::NEVER && self.left == Day::NEVER
    }

    /// In a household book of the city, and neither dead nor moved out.
    pub(crate) fn is_registered(&self) -> bool {
        self.book != NOTHING
            && self.hukou_from != Day::NEVER
            && self.hukou_to == Day::NEVER
            && self.death == Day::NEVER
    }

    pub(crate) fn covers(&self, bit: u8) -> bool {
        self.cover & bit != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_source_alone_is_certain_only_if_it_is_the_register_or_a_sure_certificate() {
        assert!(Seen(Seen::REGISTER).certain());
        assert!(Seen(Seen::CERTIFICATE_SURE).certain());
        assert!(!Seen(Seen::CERTIFICATE).certain());
        assert!(!Seen(Seen::CREMATION).certain());
        assert!(Seen(Seen::CREMATION | Seen::CERTIFICATE).certain());
    }

    #[test]
    fn a_person_stays_small() {
        assert!(std::mem::size_of::<Person>() <= 136, "{}", std::mem::size_of::<Person>());
    }
}
