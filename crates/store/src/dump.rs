//! The whole database as one file, and back.
//!
//! SQLite copies itself. PostgreSQL has its own programs for this, `pg_dump` and `pg_restore`, which its Debian
//! package `postgresql-client` brings.

use std::ffi::OsStr;
use std::fs::File;
use std::path::Path;
use std::process::Stdio;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, FromQueryResult, Statement};
use tokio::process::Command;
use url::Url;

use crate::StoreError;

#[derive(FromQueryResult)]
struct Text {
    text: String,
}

/// Writes the database as it is at one moment into `file`, which is not there yet, while others go on writing.
/// `url` is the one that `db` was opened with.
///
/// # Errors
///
/// When the file can't be written, and on PostgreSQL when `pg_dump` is not installed or fails.
pub async fn dump(db: &DatabaseConnection, url: &str, file: &Path) -> Result<(), StoreError> {
    match db.get_database_backend() {
        DbBackend::Postgres => {
            let schema = ask(db, "SELECT current_schema() AS text").await?.pop();
            let schema = schema.unwrap_or_else(|| "public".to_owned());
            let mut arguments = vec!["--format=custom".to_owned(), "--no-owner".to_owned()];
            arguments.push("--no-privileges".to_owned());
            // Asked for by name, `public` would be made anew, and every database has it.
            if schema != "public" {
                arguments.push(format!("--schema={schema}"));
            }
            let file = [OsStr::new("--file"), file.as_os_str()];
            postgres("pg_dump", url, arguments.iter().map(OsStr::new).chain(file)).await
        }
        backend => {
            let path = file.display().to_string();
            let copy = Statement::from_sql_and_values(backend, "VACUUM INTO $1", [path.into()]);
            db.execute_raw(copy).await.map_err(StoreError::db("copy the database"))?;
            Ok(())
        }
    }?;
    File::open(file).and_then(|file| file.sync_all()).map_err(StoreError::file("flush", file))
}

/// Fills the empty PostgreSQL database that `url` names from a file that [`dump`] has written.
///
/// # Errors
///
/// [`StoreError::NotEmpty`] when there are tables already, and when `pg_restore` is not installed or fails: the
/// database is as it was then.
pub async fn load_postgres(url: &str, file: &Path) -> Result<(), StoreError> {
    let db = crate::connect(url).await?;
    let tables = ask(
        &db,
        "SELECT table_name AS text FROM information_schema.tables \
         WHERE table_schema = current_schema() LIMIT 1",
    )
    .await?;
    db.close().await.map_err(StoreError::db("close the database"))?;
    if !tables.is_empty() {
        return Err(StoreError::NotEmpty);
    }
    let database = percent_decoded(parse(url)?.path().trim_start_matches('/'));
    let options = ["--exit-on-error", "--single-transaction", "--no-owner", "--dbname", &database];
    postgres("pg_restore", url, options.map(OsStr::new).into_iter().chain([file.as_os_str()])).await
}

/// Reads the whole database for damage.
///
/// # Errors
///
/// [`StoreError::Damaged`] with what was found first.
pub async fn check(db: &DatabaseConnection) -> Result<(), StoreError> {
    if db.get_database_backend() != DbBackend::Sqlite {
        return Ok(());
    }
    let found =
        ask(db, "SELECT integrity_check AS text FROM pragma_integrity_check LIMIT 1").await?;
    match found.into_iter().next() {
        Some(text) if text != "ok" => Err(StoreError::Damaged { reason: text }),
        _ => Ok(()),
    }
}

async fn ask(db: &DatabaseConnection, sql: &str) -> Result<Vec<String>, StoreError> {
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let rows = Text::find_by_statement(statement)
        .all(db)
        .await
        .map_err(StoreError::db("ask the database about itself"))?;
    Ok(rows.into_iter().map(|row| row.text).collect())
}

/// Runs a program of PostgreSQL against the database that `url` names. The password is not among the arguments,
/// which others can read.
async fn postgres<'a>(
    program: &'static str,
    url: &str,
    arguments: impl IntoIterator<Item = &'a OsStr>,
) -> Result<(), StoreError> {
    let url = parse(url)?;
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true);
    command.env("PGDATABASE", percent_decoded(url.path().trim_start_matches('/')));
    command.env("PGCONNECT_TIMEOUT", "10");
    for (name, value) in [
        ("PGHOST", url.host_str().map(str::to_owned)),
        ("PGPORT", url.port().map(|port| port.to_string())),
        ("PGUSER", Some(percent_decoded(url.username())).filter(|user| !user.is_empty())),
        ("PGPASSWORD", url.password().map(percent_decoded)),
        ("PGSSLMODE", parameter(&url, "sslmode")),
        ("PGSSLROOTCERT", parameter(&url, "sslrootcert")),
    ] {
        if let Some(value) = value {
            command.env(name, value);
        }
    }
    let failed = |reason: String| StoreError::Tool { program, reason };
    let done = command.output().await.map_err(|error| failed(error.to_string()))?;
    if done.status.success() {
        return Ok(());
    }
    // What comes after the first line may hold values of rows.
    let text = String::from_utf8_lossy(&done.stderr);
    Err(failed(text.lines().next().unwrap_or("it said nothing").to_owned()))
}

fn parse(url: &str) -> Result<Url, StoreError> {
    Url::parse(url).map_err(|error| StoreError::Tool {
        program: "the database's URL",
        reason: error.to_string(),
    })
}

fn parameter(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

fn percent_decoded(text: &str) -> String {
    // The parser of query values decodes; a plus sign would be read as a space there.
    let pair = format!("x={}", text.replace('+', "%2B"));
    url::form_urlencoded::parse(pair.as_bytes())
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}
