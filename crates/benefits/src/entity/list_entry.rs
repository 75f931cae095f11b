//! `list_entry`: a row of the three lists.

use store::sea_orm;
use store::sea_orm::entity::prelude::*;

/// A row of the three lists.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "list_entry")]
pub(crate) struct Model {
    /// The period.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) period: String,
    /// The policy.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) policy: String,
    /// The person or household.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) subject_id: String,
    /// `person` or `household`.
    pub(crate) unit: String,
    /// The payee; empty when a household has none.
    pub(crate) person_id: String,
    /// The payee's name.
    pub(crate) person_name: String,
    /// Division of the subject.
    pub(crate) division: String,
    /// On the register.
    pub(crate) registered: bool,
    /// All conditions hold.
    pub(crate) eligible: bool,
    /// A word of [`crate::EntryState`].
    pub(crate) state: String,
    /// Why it is not due, or not registered.
    pub(crate) cause: Option<String>,
    /// Its current due item.
    pub(crate) due_item_id: Option<String>,
    /// What is due.
    pub(crate) due_fen: Option<i64>,
    /// What receipts say was paid.
    pub(crate) paid_fen: i64,
    /// Why it can't be paid although it is due.
    pub(crate) hold: Option<String>,
    /// State of its latest payment.
    pub(crate) pay_state: Option<String>,
    /// Reason word of its latest payment.
    pub(crate) pay_code: Option<String>,
    /// Why it is due and not paid, or overpaid.
    pub(crate) pay_cause: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
