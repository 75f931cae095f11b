//! The three lists: registers, entries, due items, payees.

use store::sea_orm_migration::{self, prelude::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [list_run(), period_list(), enrolment(), list_entry(), payee(), due_item()] {
            manager.create_table(table).await?;
        }
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

/// One listing of a period: what the lists of a run were made from. Never changed.
fn list_run() -> TableCreateStatement {
    Table::create()
        .table("list_run")
        .col(ColumnDef::new("run_id").text().not_null())
        .col(ColumnDef::new("period").text().not_null())
        .col(ColumnDef::new("known_at").text().not_null())
        .col(ColumnDef::new("pack_hash").text().not_null())
        .col(ColumnDef::new("versions").text().not_null())
        .col(ColumnDef::new("report").text().not_null())
        .primary_key(Index::create().col("run_id").col("period"))
        .to_owned()
}

/// Which run's lists a period shows now.
fn period_list() -> TableCreateStatement {
    Table::create()
        .table("period_list")
        .col(ColumnDef::new("period").text().not_null())
        .col(ColumnDef::new("run_id").text().not_null())
        .primary_key(Index::create().col("period"))
        .to_owned()
}

/// Somebody's place on a policy's register.
fn enrolment() -> TableCreateStatement {
    Table::create()
        .table("enrolment")
        .col(ColumnDef::new("policy").text().not_null())
        .col(ColumnDef::new("subject_id").text().not_null())
        .col(ColumnDef::new("state").text().not_null())
        .col(ColumnDef::new("since").text().not_null())
        .col(ColumnDef::new("last_period").text().not_null())
        .col(ColumnDef::new("changed_in").text().not_null())
        .col(ColumnDef::new("ended_in").text())
        .col(ColumnDef::new("cause").text())
        .primary_key(Index::create().col("policy").col("subject_id"))
        .to_owned()
}

/// A row of the three lists.
fn list_entry() -> TableCreateStatement {
    Table::create()
        .table("list_entry")
        .col(ColumnDef::new("period").text().not_null())
        .col(ColumnDef::new("policy").text().not_null())
        .col(ColumnDef::new("subject_id").text().not_null())
        .col(ColumnDef::new("unit").text().not_null())
        .col(ColumnDef::new("person_id").text().not_null())
        .col(ColumnDef::new("person_name").text().not_null())
        .col(ColumnDef::new("division").text().not_null())
        .col(ColumnDef::new("registered").boolean().not_null())
        .col(ColumnDef::new("eligible").boolean().not_null())
        .col(ColumnDef::new("state").text().not_null())
        .col(ColumnDef::new("cause").text())
        .col(ColumnDef::new("due_item_id").text())
        .col(ColumnDef::new("due_fen").big_integer())
        .col(ColumnDef::new("paid_fen").big_integer().not_null())
        .col(ColumnDef::new("hold").text())
        .col(ColumnDef::new("pay_state").text())
        .col(ColumnDef::new("pay_code").text())
        .col(ColumnDef::new("pay_cause").text())
        .primary_key(Index::create().col("period").col("policy").col("subject_id"))
        .to_owned()
}

/// Where money for a person goes. The latest that is known.
fn payee() -> TableCreateStatement {
    Table::create()
        .table("payee")
        .col(ColumnDef::new("person_id").text().not_null())
        .col(ColumnDef::new("name").text().not_null())
        .col(ColumnDef::new("account").text())
        .col(ColumnDef::new("account_token").text())
        .col(ColumnDef::new("known_at").text().not_null())
        .primary_key(Index::create().col("person_id"))
        .to_owned()
}

/// What is due. Never edited but for `current`, which a later revision takes away.
fn due_item() -> TableCreateStatement {
    Table::create()
        .table("due_item")
        .col(ColumnDef::new("id").text().not_null())
        .col(ColumnDef::new("policy").text().not_null())
        .col(ColumnDef::new("subject_id").text().not_null())
        .col(ColumnDef::new("period").text().not_null())
        .col(ColumnDef::new("revision").integer().not_null())
        .col(ColumnDef::new("person_id").text().not_null())
        .col(ColumnDef::new("amount_fen").big_integer().not_null())
        .col(ColumnDef::new("payable_fen").big_integer().not_null())
        .col(ColumnDef::new("inputs_hash").text().not_null())
        .col(ColumnDef::new("run_id").text().not_null())
        .col(ColumnDef::new("current").boolean().not_null())
        .primary_key(Index::create().col("id"))
        .to_owned()
}

/// How rows are looked for, and what may exist once only.
fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        Index::create()
            .name("list_entry_by_division")
            .table("list_entry")
            .col("period")
            .col("policy")
            .col("division")
            .col("subject_id")
            .to_owned(),
        Index::create()
            .name("list_entry_by_person")
            .table("list_entry")
            .col("person_id")
            .col("period")
            .to_owned(),
        Index::create()
            .name("due_item_once")
            .table("due_item")
            .col("policy")
            .col("subject_id")
            .col("period")
            .col("revision")
            .unique()
            .to_owned(),
        Index::create()
            .name("due_item_by_period")
            .table("due_item")
            .col("period")
            .col("policy")
            .to_owned(),
    ]
}
