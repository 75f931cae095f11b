//! Bringing the schema up to date.

use std::collections::HashSet;

use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend};
use sea_orm_migration::{MigrationTrait, MigratorTraitSelf, SchemaManager};

use crate::{StoreError, begin_write};

/// The migrations of one crate, oldest first.
pub type MigrationSet = Vec<Box<dyn MigrationTrait>>;

/// The migrations of all crates as one list.
struct Composed<'a> {
    sets: &'a [fn() -> MigrationSet],
}

impl MigratorTraitSelf for Composed<'_> {
    fn migrations(&self) -> MigrationSet {
        let others = self.sets.iter().flat_map(|set| set());
        crate::migrations().into_iter().chain(others).collect()
    }
}

/// Applies the migrations of this crate and of `sets` that the database does not have yet, and
/// returns the names of those that were applied.
///
/// `sets` are the `migrations` functions of the crates, for instance
/// `&[benefits::migrations, server::migrations]`. They stand in the order of the floors, lowest first, since tables of a higher floor may refer
/// to those of a lower one. Everything happens in one transaction: either the whole schema is
/// new, or it is as it was. Two programs that start at once do it one after the other.
///
/// # Errors
///
/// [`StoreError::NewerSchema`] when the database has a migration that is not among those given,
/// [`StoreError::DuplicateMigration`], and failures of the database.
pub async fn migrate(
    db: &DatabaseConnection,
    sets: &[fn() -> MigrationSet],
) -> Result<Vec<String>, StoreError> {
    let migrator = Composed { sets };
    let names = unique_names(&migrator.migrations())?;

    let transaction = begin_write(db).await?;
    lock(&transaction).await?;
    let applied: HashSet<String> = migrator
        .get_migration_models(&transaction)
        .await
        .map_err(StoreError::db("read which migrations the database has"))?
        .into_iter()
        .map(|model| model.version)
        .collect();
    refuse_newer(&names, &applied)?;
    let pending = names.into_iter().filter(|name| !applied.contains(name)).collect();
    migrator
        .up(&transaction, None)
        .await
        .map_err(StoreError::db("bring the database's schema up to date"))?;
    transaction.commit().await.map_err(StoreError::db("commit the new schema"))?;
    Ok(pending)
}

/// Which migrations a database has.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct SchemaStatus {
    /// `sqlite` or `postgres`.
    pub kind: &'static str,
    /// Those that it has, oldest first.
    pub applied: Vec<String>,
    /// Those of this program that it does not have yet.
    pub pending: Vec<String>,
    /// Those that it has and this program does not know: a newer program wrote it.
    pub unknown: Vec<String>,
}

/// Says which migrations the database has, and changes nothing. `sets` as for [`migrate`].
///
/// # Errors
///
/// [`StoreError::DuplicateMigration`], and failures of the database.
pub async fn schema_status(
    db: &DatabaseConnection,
    sets: &[fn() -> MigrationSet],
) -> Result<SchemaStatus, StoreError> {
    let migrator = Composed { sets };
    let names = unique_names(&migrator.migrations())?;
    let failed = || StoreError::db("read which migrations the database has");
    let versions = SchemaManager::new(db).has_table("seaql_migrations").await.map_err(failed())?;
    let applied: Vec<String> = if versions {
        let models = migrator.get_migration_models(db).await.map_err(failed())?;
        models.into_iter().map(|model| model.version).collect()
    } else {
        Vec::new()
    };
    let (applied, unknown): (Vec<_>, Vec<_>) =
        applied.into_iter().partition(|name| names.contains(name));
    let pending = names.into_iter().filter(|name| !applied.contains(name)).collect();
    let kind = match db.get_database_backend() {
        DbBackend::Postgres => "postgres",
        _ => "sqlite",
    };
    Ok(SchemaStatus { kind, applied, pending, unknown })
}

fn unique_names(files: &MigrationSet) -> Result<Vec<String>, StoreError> {
    let mut seen = HashSet::new();
    let names: Vec<String> = files.iter().map(|file| file.name().to_owned()).collect();
    match names.iter().find(|name| !seen.insert(name.as_str())) {
        Some(name) => Err(StoreError::DuplicateMigration { name: name.clone() }),
        None => Ok(names),
    }
}

fn refuse_newer(known: &[String], applied: &HashSet<String>) -> Result<(), StoreError> {
    let known: HashSet<&str> = known.iter().map(String::as_str).collect();
    let mut unknown: Vec<&String> =
        applied.iter().filter(|name| !known.contains(name.as_str())).collect();
    unknown.sort();
    match unknown.first() {
        None => Ok(()),
        Some(first) => {
            Err(StoreError::NewerSchema { migration: (*first).clone(), others: unknown.len() - 1 })
        }
    }
}

/// SQLite's write lock is already held; PostgreSQL needs one of its own.
async fn lock(transaction: &DatabaseTransaction) -> Result<(), StoreError> {
    if transaction.get_database_backend() == DbBackend::Postgres {
        // Any number will do, as long as every version of the program uses the same.
        transaction
            .execute_unprepared("SELECT pg_advisory_xact_lock(4401000001)")
            .await
            .map_err(StoreError::db("wait for another program to finish its migrations"))?;
    }
    Ok(())
}
