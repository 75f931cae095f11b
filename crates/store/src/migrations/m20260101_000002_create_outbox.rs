//! `outbox`: what other domains should hear, written with the effect itself.

use sea_orm::DeriveIden;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum Outbox {
    Table,
    /// Counts up; the order of the events.
    Id,
    /// The kind of event, such as `benefits.batch_sent`.
    Topic,
    /// What it speaks of. Events of one key are heard in their order.
    Key,
    /// JSON.
    Payload,
    /// The instant, as [`crate::instant_text`].
    At,
    /// When it was delivered; null: not yet.
    DeliveredAt,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table(Outbox::Table)
                    .col(
                        ColumnDef::new(Outbox::Id)
                            .big_integer()
                            .not_null()
                            .auto_increment()
                            .primary_key(),
                    )
                    .col(ColumnDef::new(Outbox::Topic).text().not_null())
                    .col(ColumnDef::new(Outbox::Key).text().not_null())
                    .col(ColumnDef::new(Outbox::Payload).text().not_null())
                    .col(ColumnDef::new(Outbox::At).text().not_null())
                    .col(ColumnDef::new(Outbox::DeliveredAt).text())
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("outbox_by_delivery")
                    .table(Outbox::Table)
                    .col(Outbox::DeliveredAt)
                    .col(Outbox::Id)
                    .to_owned(),
            )
            .await
    }
}
