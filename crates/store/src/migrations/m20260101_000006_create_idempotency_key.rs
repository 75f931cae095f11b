//! `idempotency_key`: answers that are given again.

use sea_orm::DeriveIden;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum IdempotencyKey {
    Table,
    /// Who has asked.
    Who,
    /// The key that they gave.
    Key,
    /// Hash of what they asked for.
    Request,
    /// What was answered.
    Answer,
    /// When, as [`crate::instant_text`].
    At,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let text = |column: IdempotencyKey| ColumnDef::new(column).text().not_null().to_owned();
        manager
            .create_table(
                Table::create()
                    .table(IdempotencyKey::Table)
                    .col(text(IdempotencyKey::Who))
                    .col(text(IdempotencyKey::Key))
                    .col(text(IdempotencyKey::Request))
                    .col(text(IdempotencyKey::Answer))
                    .col(text(IdempotencyKey::At))
                    .primary_key(Index::create().col(IdempotencyKey::Who).col(IdempotencyKey::Key))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("idempotency_key_by_at")
                    .table(IdempotencyKey::Table)
                    .col(IdempotencyKey::At)
                    .to_owned(),
            )
            .await
    }
}
