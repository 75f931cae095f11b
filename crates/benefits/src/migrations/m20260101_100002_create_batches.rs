//! Batches, approvals, payments and receipts.

use store::sea_orm_migration::{self, prelude::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [batch(), batch_approval(), payment(), receipt()] {
            manager.create_table(table).await?;
        }
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

/// Payments that are approved and sent together.
fn batch() -> TableCreateStatement {
    Table::create()
        .table("batch")
        .col(ColumnDef::new("id").text().not_null())
        .col(ColumnDef::new("period").text().not_null())
        .col(ColumnDef::new("ordinal").integer().not_null())
        .col(ColumnDef::new("state").text().not_null())
        .col(ColumnDef::new("delivery").text().not_null())
        .col(ColumnDef::new("items").big_integer().not_null())
        .col(ColumnDef::new("amount_fen").big_integer().not_null())
        .col(ColumnDef::new("hash").text().not_null())
        .col(ColumnDef::new("channel").text())
        .col(ColumnDef::new("sent_at").text())
        .primary_key(Index::create().col("id"))
        .to_owned()
}

/// One person's approval of one content.
fn batch_approval() -> TableCreateStatement {
    Table::create()
        .table("batch_approval")
        .col(ColumnDef::new("batch_id").text().not_null())
        .col(ColumnDef::new("hash").text().not_null())
        .col(ColumnDef::new("user").text().not_null())
        .col(ColumnDef::new("at").text().not_null())
        .primary_key(Index::create().col("batch_id").col("hash").col("user"))
        .to_owned()
}

/// An instruction to pay.
fn payment() -> TableCreateStatement {
    Table::create()
        .table("payment")
        .col(ColumnDef::new("instruction_id").text().not_null())
        .col(ColumnDef::new("batch_id").text().not_null())
        .col(ColumnDef::new("seq").big_integer().not_null())
        .col(ColumnDef::new("due_item_id").text().not_null())
        .col(ColumnDef::new("revision").integer().not_null())
        .col(ColumnDef::new("attempt").integer().not_null())
        .col(ColumnDef::new("policy").text().not_null())
        .col(ColumnDef::new("subject_id").text().not_null())
        .col(ColumnDef::new("period").text().not_null())
        .col(ColumnDef::new("person_id").text().not_null())
        .col(ColumnDef::new("name").text().not_null())
        .col(ColumnDef::new("division").text().not_null())
        .col(ColumnDef::new("account").text().not_null())
        .col(ColumnDef::new("account_token").text().not_null())
        .col(ColumnDef::new("amount_fen").big_integer().not_null())
        .col(ColumnDef::new("flags").text().not_null())
        .col(ColumnDef::new("state").text().not_null())
        .col(ColumnDef::new("code").text())
        .col(ColumnDef::new("settled_on").text())
        .primary_key(Index::create().col("instruction_id"))
        .to_owned()
}

/// What the fiscal platform said, as it was said.
fn receipt() -> TableCreateStatement {
    Table::create()
        .table("receipt")
        .col(ColumnDef::new("id").big_integer().not_null().auto_increment().primary_key())
        .col(ColumnDef::new("instruction_id").text().not_null())
        .col(ColumnDef::new("receipt_no").text().not_null())
        .col(ColumnDef::new("kind").text().not_null())
        .col(ColumnDef::new("code").text())
        .col(ColumnDef::new("amount_fen").big_integer().not_null())
        .col(ColumnDef::new("settled_on").text().not_null())
        .col(ColumnDef::new("received_at").text().not_null())
        .col(ColumnDef::new("applied").boolean().not_null())
        .to_owned()
}

/// How rows are looked for, and what may exist once only.
fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        Index::create()
            .name("batch_once")
            .table("batch")
            .col("period")
            .col("ordinal")
            .unique()
            .to_owned(),
        Index::create()
            .name("payment_once")
            .table("payment")
            .col("due_item_id")
            .col("attempt")
            .unique()
            .to_owned(),
        Index::create()
            .name("payment_by_batch")
            .table("payment")
            .col("batch_id")
            .col("seq")
            .unique()
            .to_owned(),
        Index::create()
            .name("payment_by_subject")
            .table("payment")
            .col("period")
            .col("policy")
            .col("subject_id")
            .to_owned(),
        Index::create().name("payment_by_person").table("payment").col("person_id").to_owned(),
        Index::create()
            .name("receipt_once")
            .table("receipt")
            .col("instruction_id")
            .col("kind")
            .col("receipt_no")
            .unique()
            .to_owned(),
    ]
}
