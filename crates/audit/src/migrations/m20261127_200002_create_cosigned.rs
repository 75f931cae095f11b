//! `audit_cosigned`: the checkpoint that each witness has co-signed last.

use store::sea_orm::DeriveIden;
use store::sea_orm_migration::prelude::*;
use store::{sea_orm, sea_orm_migration};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum AuditCosigned {
    Table,
    /// Its name.
    Witness,
    /// How many leaves the tree had.
    Size,
    /// The signed note, with the witness's signature.
    Note,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table(AuditCosigned::Table)
                    .col(ColumnDef::new(AuditCosigned::Witness).text().not_null().primary_key())
                    .col(ColumnDef::new(AuditCosigned::Size).big_integer().not_null())
                    .col(ColumnDef::new(AuditCosigned::Note).text().not_null())
                    .to_owned(),
            )
            .await
    }
}
