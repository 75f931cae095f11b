//! Opening the database, and starting transactions that write.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sea_orm::sqlx::{self, Connection as _};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend,
    DbErr, RuntimeErr, SqliteTransactionMode, TransactionOptions, TransactionTrait,
};

use crate::StoreError;

/// How long a writer waits for another one. Listing a period of a large city is one transaction of
/// some seconds; a sign-in that has to write must outlast it.
const BUSY_TIMEOUT: Duration = Duration::from_secs(60);

/// How long a server that is being connected to may take to answer.
const REACH_TIMEOUT: Duration = Duration::from_secs(10);

/// Connections of one process. SQLite has one writer at a time, the others read.
const CONNECTIONS: u32 = 8;

/// The URL of an SQLite file.
///
/// ```
/// # use huimin_store as store;
/// let path = std::path::Path::new("/data/Is this it?/huimin.db");
/// assert_eq!(store::sqlite_url(path), "sqlite:/data/Is this it%3F/huimin.db");
/// ```
#[must_use]
pub fn sqlite_url(path: &Path) -> String {
    // What comes after a question mark are options, and percent signs are decoded.
    let path = path.display().to_string().replace('%', "%25").replace('?', "%3F");
    format!("sqlite:{path}")
}

/// Opens the database that `url` names: `sqlite:PATH` (made when it is not there yet) or
/// `postgres://…`.
///
/// An SQLite file is used in WAL mode, so that readers never wait for a writer, and with
/// `synchronous=FULL`: a commit that returned survives a power cut. Foreign keys are checked.
///
/// # Errors
///
/// [`StoreError::Scheme`] and [`StoreError::Open`].
pub async fn connect(url: &str) -> Result<DatabaseConnection, StoreError> {
    let scheme = url.split(':').next().unwrap_or_default();
    let kind = match scheme {
        "sqlite" => "SQLite",
        "postgres" | "postgresql" => "PostgreSQL",
        _ => return Err(StoreError::Scheme { scheme: scheme.to_owned() }),
    };
    let open = |source| StoreError::Open { kind, source: Box::new(source) };
    if kind == "PostgreSQL" {
        reach(url).await.map_err(open)?;
    }
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(CONNECTIONS)
        .min_connections(1)
        .acquire_timeout(BUSY_TIMEOUT)
        .sqlx_logging(false)
        .record_stmt_in_spans(false)
        .map_sqlx_sqlite_opts(|sqlite| {
            sqlite
                .create_if_missing(true)
                .foreign_keys(true)
                .busy_timeout(BUSY_TIMEOUT)
                .pragma("journal_mode", "WAL")
                .pragma("synchronous", "FULL")
                // 64 MiB of pages: the indexes of a list of a million rows are filled from memory.
                .pragma("cache_size", "-65536")
                .pragma("temp_store", "MEMORY")
                // 32 MiB of pages: a month's lists don't wait until they are copied from the log as well.
                .pragma("wal_autocheckpoint", "8192")
        });
    Database::connect(options).await.map_err(open)
}

/// Connects once. A pool goes on trying until its patience is at an end, and then no longer knows why.
async fn reach(url: &str) -> Result<(), DbErr> {
    let refused = |error| DbErr::Conn(RuntimeErr::SqlxError(Arc::new(error)));
    let connecting = sqlx::PgConnection::connect(url);
    let connection = tokio::time::timeout(REACH_TIMEOUT, connecting)
        .await
        .map_err(|_| DbErr::Conn(RuntimeErr::Internal("the server does not answer".to_owned())))?
        .map_err(refused)?;
    connection.close().await.map_err(refused)
}

/// Copies what SQLite's log holds into the file, so that the next large transaction does not have to.
/// Readers and writers go on meanwhile; what they still need is left. On PostgreSQL there is nothing to do.
///
/// # Errors
///
/// When the file can't be written, for instance because the disk is full; nothing is lost then.
pub async fn checkpoint(db: &DatabaseConnection) -> Result<(), StoreError> {
    if db.get_database_backend() == DbBackend::Sqlite {
        db.execute_unprepared("PRAGMA wal_checkpoint(PASSIVE)")
            .await
            .map_err(StoreError::db("copy the log into the database file"))?;
    }
    Ok(())
}

/// Starts a transaction that is going to write.
///
/// On SQLite it takes the write lock at once. A transaction that only began to read could not
/// become a writer after another one has committed, however long it waited.
///
/// # Errors
///
/// When another writer holds the lock for too long, or the connection is lost.
pub async fn begin_write(db: &DatabaseConnection) -> Result<DatabaseTransaction, StoreError> {
    db.begin_with_options(TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    })
    .await
    .map_err(StoreError::db("start a transaction"))
}
