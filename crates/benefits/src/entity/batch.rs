//! `batch`: payments that are approved and sent together.

use store::sea_orm;
use store::sea_orm::entity::prelude::*;

/// Payments that are approved and sent together.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "batch")]
pub(crate) struct Model {
    /// Period and number.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: String,
    /// The period.
    pub(crate) period: String,
    /// Its number within the period.
    pub(crate) ordinal: i32,
    /// A word of [`crate::BatchState`].
    pub(crate) state: String,
    /// A word of [`crate::Delivery`].
    pub(crate) delivery: String,
    /// Number of its payments.
    pub(crate) items: i64,
    /// Their sum.
    pub(crate) amount_fen: i64,
    /// Hash of its content; approvals are bound to it.
    pub(crate) hash: String,
    /// The channel that it was sent by.
    pub(crate) channel: Option<String>,
    /// When it was sent first.
    pub(crate) sent_at: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
