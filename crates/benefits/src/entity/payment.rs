//! `payment`: an instruction to pay.

use store::sea_orm;
use store::sea_orm::entity::prelude::*;

/// An instruction to pay.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "payment")]
pub(crate) struct Model {
    /// Hash of due item, revision and attempt.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) instruction_id: String,
    /// The batch.
    pub(crate) batch_id: String,
    /// Its place in the batch, from 1.
    pub(crate) seq: i64,
    /// The due item.
    pub(crate) due_item_id: String,
    /// The due item's revision.
    pub(crate) revision: i32,
    /// Counts from 1; more only after a refusal or return.
    pub(crate) attempt: i32,
    /// The policy.
    pub(crate) policy: String,
    /// The person or household.
    pub(crate) subject_id: String,
    /// The period.
    pub(crate) period: String,
    /// The payee.
    pub(crate) person_id: String,
    /// The name on the account.
    pub(crate) name: String,
    /// Division of the subject.
    pub(crate) division: String,
    /// The account, sealed as (payee, account, person).
    pub(crate) account: String,
    /// Its keyed token.
    pub(crate) account_token: String,
    /// The amount.
    pub(crate) amount_fen: i64,
    /// What the checks found, words with commas.
    pub(crate) flags: String,
    /// A word of [`crate::PaymentState`].
    pub(crate) state: String,
    /// Reason word of a refusal or return.
    pub(crate) code: Option<String>,
    /// Day of the receipt that settled it.
    pub(crate) settled_on: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
