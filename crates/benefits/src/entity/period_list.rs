//! `period_list`: which run's lists a period shows now.

use store::sea_orm;
use store::sea_orm::entity::prelude::*;

/// Which run's lists a period shows now.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "period_list")]
pub(crate) struct Model {
    /// The period.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) period: String,
    /// The run.
    pub(crate) run_id: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
