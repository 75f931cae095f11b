//! `enrolment`: somebody's place on a policy's register.

use store::sea_orm;
use store::sea_orm::entity::prelude::*;

/// Somebody's place on a policy's register.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "enrolment")]
pub(crate) struct Model {
    /// The policy.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) policy: String,
    /// The person or household.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) subject_id: String,
    /// `active`, `held`, `suspended`, `ended`.
    pub(crate) state: String,
    /// First period on the register.
    pub(crate) since: String,
    /// Latest period that was listed.
    pub(crate) last_period: String,
    /// Period of the latest change of state.
    pub(crate) changed_in: String,
    /// Period in which it ended.
    pub(crate) ended_in: Option<String>,
    /// Why it is not active.
    pub(crate) cause: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
