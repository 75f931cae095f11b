//! `list_run`: one listing of a period: what the lists of a run were made from. Never changed.

use store::sea_orm;
use store::sea_orm::entity::prelude::*;

/// One listing of a period: what the lists of a run were made from. Never changed.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "list_run")]
pub(crate) struct Model {
    /// The run.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) run_id: String,
    /// The period, `YYYY-MM`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) period: String,
    /// What was known: deliveries received up to this day.
    pub(crate) known_at: String,
    /// The pack.
    pub(crate) pack_hash: String,
    /// JSON: the version of each table.
    pub(crate) versions: String,
    /// JSON: the report of the listing.
    pub(crate) report: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
