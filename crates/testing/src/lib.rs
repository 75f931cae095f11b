//! Databases for tests, and an OpenID provider ([`provider`]). Only tests depend on this crate.
//!
//! A test takes `#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind` and so runs on an SQLite file and in
//! a schema of its own on the PostgreSQL server that `HUIMIN_TEST_POSTGRES` names, which
//! `scripts/with_postgres.sh COMMAND` starts.
#![allow(clippy::panic, clippy::expect_used)]

pub mod provider;

use std::env;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use store::sea_orm::{ConnectionTrait as _, DatabaseConnection};
use tempfile::TempDir;

/// The kinds of database that the platform works on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A file.
    Sqlite,
    /// A server.
    Postgres,
}

/// An empty database for one test, gone with it.
#[derive(Debug)]
pub struct TestDatabase {
    /// What it is opened with, also by a second program.
    pub url: String,
    folder: TempDir,
    schema: Option<Schema>,
}

impl TestDatabase {
    /// An SQLite file that is not there yet, or an empty schema on the PostgreSQL server.
    ///
    /// # Panics
    ///
    /// When there is no server: a test that passes without it would say nothing.
    pub async fn new(kind: Kind) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        match kind {
            Kind::Sqlite => {
                let url = store::sqlite_url(&folder.path().join("huimin.db"));
                Self { url, folder, schema: None }
            }
            Kind::Postgres => {
                let schema = Schema::make().await;
                Self { url: schema.url(), folder, schema: Some(schema) }
            }
        }
    }

    /// A connection to it.
    pub async fn connect(&self) -> DatabaseConnection {
        store::connect(&self.url).await.expect("the database of the test")
    }

    /// A folder for the test, gone with it.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The database file; `None` on PostgreSQL.
    #[must_use]
    pub fn file(&self) -> Option<PathBuf> {
        self.schema.is_none().then(|| self.folder.path().join("huimin.db"))
    }
}

/// A schema on the server.
#[derive(Debug)]
struct Schema {
    server: String,
    name: String,
}

impl Schema {
    async fn make() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let server = env::var("HUIMIN_TEST_POSTGRES").unwrap_or_else(|_| {
            panic!(
                "HUIMIN_TEST_POSTGRES is not set: run scripts/with_postgres.sh cargo nextest run …"
            )
        });
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let begun =
            SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
        // Several machines may use one server.
        let schema = Self { server, name: format!("test_{}_{begun}_{number}", process::id()) };
        schema.execute(&format!("CREATE SCHEMA {}", schema.name)).await;
        schema
    }

    fn url(&self) -> String {
        let mark = if self.server.contains('?') { '&' } else { '?' };
        format!("{0}{mark}options[search_path]={1}&application_name={1}", self.server, self.name)
    }

    async fn execute(&self, sql: &str) {
        let admin = store::connect(&self.server).await.expect("the PostgreSQL server");
        admin.execute_unprepared(sql).await.expect("a schema is made or dropped");
        admin.close().await.expect("the end of the connection");
    }
}

/// Takes it off the server; after a test that failed it stays, to be looked at.
impl Drop for Schema {
    fn drop(&mut self) {
        if thread::panicking() {
            return;
        }
        // A transaction that the test has dropped is not undone before its runtime goes on.
        let end = format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '{}'",
            self.name
        );
        let drop = async {
            self.execute(&end).await;
            self.execute(&format!("DROP SCHEMA {} CASCADE", self.name)).await;
        };
        // The test's own runtime waits for this to return.
        thread::scope(|scope| {
            scope.spawn(|| {
                tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()
                    .expect("a runtime")
                    .block_on(drop);
            });
        });
    }
}
