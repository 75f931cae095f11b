//! The schema of this crate.

mod m20261127_100001_create_task;

use store::MigrationSet;

/// The migrations of this crate, for [`store::migrate`].
#[must_use]
pub fn migrations() -> MigrationSet {
    vec![Box::new(m20261127_100001_create_task::Migration)]
}
