//! The registers as earlier listings left them.

use futures::try_join;
use store::sea_orm::DatabaseConnection;
use vocab::Period;

use super::enrol::{self, Enrolments};
use super::entries;
use super::read::Carried;
use crate::BenefitsError;
use crate::programme::{Mode, Programmes};

/// Who is and was on the registers, for the listing of one period.
pub struct Registers {
    /// Everybody who was ever on a register.
    pub(super) enrolments: Enrolments,
    /// Who was on the register of a continuing automatic benefit in the month before.
    pub(super) carried: Carried,
}

/// Reads the registers for the listing of a period.
///
/// Only a listing changes them, so that this can be done while the period is still being decided.
///
/// # Errors
///
/// When the database fails.
pub async fn read_registers(
    db: &DatabaseConnection,
    programmes: &Programmes,
    period: Period,
) -> Result<Registers, BenefitsError> {
    let (enrolments, before) =
        try_join!(enrol::load(db, programmes), entries::on_register(db, period.previous()))?;
    let mut carried = Carried::new();
    for (policy, subject) in before {
        let index = programmes.all.iter().position(|programme| {
            programme.id == policy && programme.mode == Mode::Auto && programme.continuing
        });
        if let Some(index) = index {
            carried.entry(index).or_default().insert(subject);
        }
    }
    Ok(Registers { enrolments, carried })
}
