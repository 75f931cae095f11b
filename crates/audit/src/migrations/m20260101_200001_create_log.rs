//! `audit_tile`: the hashes of the tree. `audit_checkpoint`: its signed heads.

use store::sea_orm::DeriveIden;
use store::sea_orm_migration::prelude::*;
use store::{sea_orm, sea_orm_migration};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum AuditTile {
    Table,
    /// 0 for the hashes of leaves.
    Level,
    /// Its place within the level, from 0.
    Number,
    /// 1 to 256 hashes of 32 bytes; fewer than 256 only in the last one of a level.
    Hashes,
}

#[derive(DeriveIden)]
enum AuditCheckpoint {
    Table,
    /// How many leaves the tree had.
    Size,
    /// Its root.
    Root,
    /// The signed note.
    Note,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table(AuditTile::Table)
                    .col(ColumnDef::new(AuditTile::Level).small_integer().not_null())
                    .col(ColumnDef::new(AuditTile::Number).big_integer().not_null())
                    .col(ColumnDef::new(AuditTile::Hashes).binary().not_null())
                    .primary_key(Index::create().col(AuditTile::Level).col(AuditTile::Number))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table(AuditCheckpoint::Table)
                    .col(
                        ColumnDef::new(AuditCheckpoint::Size)
                            .big_integer()
                            .not_null()
                            .primary_key(),
                    )
                    .col(ColumnDef::new(AuditCheckpoint::Root).binary().not_null())
                    .col(ColumnDef::new(AuditCheckpoint::Note).text().not_null())
                    .to_owned(),
            )
            .await
    }
}
