//! `batch_approval`: one person's approval of one content.

use store::sea_orm;
use store::sea_orm::entity::prelude::*;

/// One person's approval of one content.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "batch_approval")]
pub(crate) struct Model {
    /// The batch.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) batch_id: String,
    /// The content that was approved.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) hash: String,
    /// Who approved.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) user: String,
    /// When.
    pub(crate) at: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
