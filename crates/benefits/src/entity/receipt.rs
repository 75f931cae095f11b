//! `receipt`: what the fiscal platform said, as it was said.

use store::sea_orm;
use store::sea_orm::entity::prelude::*;

/// What the fiscal platform said, as it was said.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "receipt")]
pub(crate) struct Model {
    /// Counts up.
    #[sea_orm(primary_key)]
    pub(crate) id: i64,
    /// The instruction.
    pub(crate) instruction_id: String,
    /// The platform's number.
    pub(crate) receipt_no: String,
    /// A word of [`crate::ReceiptKind`].
    pub(crate) kind: String,
    /// Reason word.
    pub(crate) code: Option<String>,
    /// The amount it names.
    pub(crate) amount_fen: i64,
    /// The day it names.
    pub(crate) settled_on: String,
    /// When it came.
    pub(crate) received_at: String,
    /// Whether it changed the payment; false: it contradicts what is known.
    pub(crate) applied: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
