//! The schema of this crate.

mod m20260101_200001_create_log;

use store::MigrationSet;

/// The migrations of this crate, for [`store::migrate`].
#[must_use]
pub fn migrations() -> MigrationSet {
    vec![Box::new(m20260101_200001_create_log::Migration)]
}
