//! `installation`: whose database this is.

use sea_orm::DeriveIden;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum Installation {
    Table,
    /// Always 1.
    Number,
    /// Random; the data folder has the same.
    Id,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table(Installation::Table)
                    .col(
                        ColumnDef::new(Installation::Number)
                            .integer()
                            .not_null()
                            .primary_key()
                            .check(Expr::col(Installation::Number).eq(1)),
                    )
                    .col(ColumnDef::new(Installation::Id).text().not_null())
                    .to_owned(),
            )
            .await
    }
}
