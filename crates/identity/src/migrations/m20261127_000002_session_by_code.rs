//! `user_session` knows whether a code of the second factor was given: the account having one is not enough.

use store::sea_orm::{self, DeriveIden};
use store::sea_orm_migration;
use store::sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum UserSession {
    Table,
    /// Whether a code was given.
    ByCode,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column =
            ColumnDef::new(UserSession::ByCode).boolean().not_null().default(false).to_owned();
        let table = Table::alter().table(UserSession::Table).add_column(column).to_owned();
        manager.alter_table(table).await
    }
}
