//! `due_item`: what is due. Never edited but for `current`, which a later revision takes away.

use store::sea_orm;
use store::sea_orm::entity::prelude::*;

/// What is due. Never edited but for `current`, which a later revision takes away.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "due_item")]
pub(crate) struct Model {
    /// Hash of policy, subject, period and revision.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: String,
    /// The policy.
    pub(crate) policy: String,
    /// The person or household.
    pub(crate) subject_id: String,
    /// The period.
    pub(crate) period: String,
    /// Counts from 1.
    pub(crate) revision: i32,
    /// The payee.
    pub(crate) person_id: String,
    /// What is due in all; zero takes it back.
    pub(crate) amount_fen: i64,
    /// What this revision added to what had been instructed when it was made; negative: too much.
    pub(crate) payable_fen: i64,
    /// Hash of the facts, the decision and the pack that it was computed from.
    pub(crate) inputs_hash: String,
    /// The run that computed it.
    pub(crate) run_id: String,
    /// Whether it is the latest revision.
    pub(crate) current: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
