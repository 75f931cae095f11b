//! `payee`: where money for a person goes. The latest that is known.

use store::sea_orm;
use store::sea_orm::entity::prelude::*;

/// Where money for a person goes. The latest that is known.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "payee")]
pub(crate) struct Model {
    /// The person.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) person_id: String,
    /// The name on the account.
    pub(crate) name: String,
    /// The account number, sealed as (payee, account, person).
    pub(crate) account: Option<String>,
    /// Its keyed token.
    pub(crate) account_token: Option<String>,
    /// What was known when it was taken over.
    pub(crate) known_at: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
