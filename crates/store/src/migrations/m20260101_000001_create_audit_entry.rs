//! `audit_entry`: who did what to whom, when and for what purpose.

use sea_orm::{DbBackend, DeriveIden};
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum AuditEntry {
    Table,
    /// Counts up; the order of the entries.
    Id,
    /// The instant, as [`crate::instant_text`].
    At,
    /// The user or program.
    Who,
    /// The act, such as `batch.approve`.
    What,
    /// What it was done to, such as `batch:2024-01-1`. Never a name or number of a person.
    Subject,
    /// What for.
    Purpose,
    /// JSON with what the act needs besides.
    Detail,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table(AuditEntry::Table)
                    .col(
                        ColumnDef::new(AuditEntry::Id)
                            .big_integer()
                            .not_null()
                            .auto_increment()
                            .primary_key(),
                    )
                    .col(ColumnDef::new(AuditEntry::At).text().not_null())
                    .col(ColumnDef::new(AuditEntry::Who).text().not_null())
                    .col(ColumnDef::new(AuditEntry::What).text().not_null())
                    .col(ColumnDef::new(AuditEntry::Subject).text().not_null())
                    .col(ColumnDef::new(AuditEntry::Purpose).text().not_null())
                    .col(ColumnDef::new(AuditEntry::Detail).text().not_null())
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("audit_entry_by_subject")
                    .table(AuditEntry::Table)
                    .col(AuditEntry::Subject)
                    .col(AuditEntry::Id)
                    .to_owned(),
            )
            .await?;
        refuse_changes(manager).await
    }
}

/// The database itself refuses to change or delete an entry.
async fn refuse_changes(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    let statements: &[&str] = match manager.get_database_backend() {
        DbBackend::Postgres => &[
            "CREATE FUNCTION audit_entry_refuse() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN RAISE EXCEPTION 'audit entries are never changed or deleted'; END $$",
            "CREATE TRIGGER audit_entry_keep BEFORE UPDATE OR DELETE ON audit_entry \
             FOR EACH ROW EXECUTE FUNCTION audit_entry_refuse()",
        ],
        _ => &[
            "CREATE TRIGGER audit_entry_no_update BEFORE UPDATE ON audit_entry \
             BEGIN SELECT RAISE(ABORT, 'audit entries are never changed or deleted'); END",
            "CREATE TRIGGER audit_entry_no_delete BEFORE DELETE ON audit_entry \
             BEGIN SELECT RAISE(ABORT, 'audit entries are never changed or deleted'); END",
        ],
    };
    for statement in statements {
        connection.execute_unprepared(statement).await?;
    }
    Ok(())
}
