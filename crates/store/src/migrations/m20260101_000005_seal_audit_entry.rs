//! `audit_entry` gets its place in the log that proves it, and keeps refusing every other change.

use sea_orm::{DbBackend, DeriveIden};
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum AuditEntry {
    Table,
    /// Its leaf in the log, from 0; none until it is sealed.
    Leaf,
    /// Random bytes without which nobody can try out what the leaf speaks of.
    Salt,
    /// When it was sealed, as [`crate::instant_text`].
    SealedAt,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = [
            ColumnDef::new(AuditEntry::Leaf).big_integer().to_owned(),
            ColumnDef::new(AuditEntry::Salt).binary().to_owned(),
            ColumnDef::new(AuditEntry::SealedAt).text().to_owned(),
        ];
        // SQLite adds one column a statement.
        for column in columns {
            let table = Table::alter().table(AuditEntry::Table).add_column(column).to_owned();
            manager.alter_table(table).await?;
        }
        let connection = manager.get_connection();
        let statements = match manager.get_database_backend() {
            DbBackend::Postgres => POSTGRES,
            _ => SQLITE,
        };
        for statement in INDEXES.iter().chain(statements) {
            connection.execute_unprepared(statement).await?;
        }
        Ok(())
    }
}

const INDEXES: &[&str] = &[
    "CREATE UNIQUE INDEX audit_entry_by_leaf ON audit_entry (leaf)",
    "CREATE INDEX audit_entry_unsealed ON audit_entry (id) WHERE leaf IS NULL",
];

/// Sealing fills in three empty columns, once. Nothing else changes an entry.
const POSTGRES: &[&str] = &["CREATE OR REPLACE FUNCTION audit_entry_refuse() RETURNS trigger \
     LANGUAGE plpgsql AS $$ BEGIN \
     IF TG_OP = 'UPDATE' AND OLD.leaf IS NULL AND NEW.leaf IS NOT NULL \
        AND NEW.salt IS NOT NULL AND NEW.sealed_at IS NOT NULL \
        AND (NEW.id, NEW.at, NEW.who, NEW.what, NEW.subject, NEW.purpose, NEW.detail) \
          = (OLD.id, OLD.at, OLD.who, OLD.what, OLD.subject, OLD.purpose, OLD.detail) \
     THEN RETURN NEW; END IF; \
     RAISE EXCEPTION 'audit entries are never changed or deleted'; END $$"];

const SQLITE: &[&str] = &[
    "DROP TRIGGER audit_entry_no_update",
    "CREATE TRIGGER audit_entry_no_update BEFORE UPDATE ON audit_entry \
     WHEN OLD.leaf IS NOT NULL OR NEW.leaf IS NULL \
       OR NEW.salt IS NULL OR NEW.sealed_at IS NULL \
       OR (NEW.id, NEW.at, NEW.who, NEW.what, NEW.subject, NEW.purpose, NEW.detail) \
       IS NOT (OLD.id, OLD.at, OLD.who, OLD.what, OLD.subject, OLD.purpose, OLD.detail) \
     BEGIN SELECT RAISE(ABORT, 'audit entries are never changed or deleted'); END",
];
