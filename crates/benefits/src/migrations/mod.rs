//! The schema of this crate.

mod m20260101_100001_create_lists;
mod m20260101_100002_create_batches;

use store::MigrationSet;

/// The migrations of this crate, for [`store::migrate`].
#[must_use]
pub fn migrations() -> MigrationSet {
    vec![
        Box::new(m20260101_100001_create_lists::Migration),
        Box::new(m20260101_100002_create_batches::Migration),
    ]
}
