//! The schema of this crate.

mod m20260101_200001_create_log;
mod m20261127_200002_create_cosigned;

use store::MigrationSet;

/// The migrations of this crate, for [`store::migrate`].
#[must_use]
pub fn migrations() -> MigrationSet {
    vec![
        Box::new(m20260101_200001_create_log::Migration),
        Box::new(m20261127_200002_create_cosigned::Migration),
    ]
}
