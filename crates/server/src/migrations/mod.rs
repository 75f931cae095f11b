//! This crate's own tables.

mod m20260103_000001_create_user_account;

use store::MigrationSet;

/// The migrations of this crate.
#[must_use]
pub fn migrations() -> MigrationSet {
    vec![Box::new(m20260103_000001_create_user_account::Migration)]
}
