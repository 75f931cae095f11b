//! The store on real databases: always an SQLite file, and PostgreSQL where the environment
//! variable `HUIMIN_TEST_POSTGRES` holds the URL of a server on which schemas may be made.
#![allow(clippy::unwrap_used, missing_docs)]

use huimin_store as store;
use jiff::Timestamp;
use store::audit::{self, Act};
use store::bulk::{Bulk, OnConflict};
use store::sea_orm::{
    self, ConnectionTrait, DatabaseConnection, DbBackend, FromQueryResult, Statement,
};
use store::{MigrationSet, StoreError, begin_write, connect, migrate, outbox, sqlite_url};

mod sample {
    use huimin_store::sea_orm_migration::prelude::*;

    pub(crate) struct CreateTennisClub;

    impl MigrationName for CreateTennisClub {
        fn name(&self) -> &'static str {
            "m20260102_000001_create_tennis_club"
        }
    }

    #[async_trait::async_trait]
    impl MigrationTrait for CreateTennisClub {
        async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
            manager
                .create_table(
                    Table::create()
                        .table("tennis_club")
                        .col(ColumnDef::new("id").big_integer().not_null().primary_key())
                        .col(ColumnDef::new("name").text().not_null())
                        .to_owned(),
                )
                .await
        }
    }

    pub(crate) struct Failing;

    impl MigrationName for Failing {
        fn name(&self) -> &'static str {
            "m20260103_000001_fail_half_way"
        }
    }

    #[async_trait::async_trait]
    impl MigrationTrait for Failing {
        async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
            manager
                .get_connection()
                .execute_unprepared("CREATE TABLE half_made (id BIGINT)")
                .await?;
            Err(DbErr::Custom("the disk is full".to_owned()))
        }
    }
}

fn tennis() -> MigrationSet {
    vec![Box::new(sample::CreateTennisClub)]
}

fn failing() -> MigrationSet {
    vec![Box::new(sample::Failing)]
}

fn at() -> Timestamp {
    "2024-02-05T08:00:00Z".parse().unwrap()
}

struct Fixture {
    _folder: tempfile::TempDir,
    db: DatabaseConnection,
    url: String,
}

async fn sqlite() -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    let url = sqlite_url(&folder.path().join("huimin.db"));
    let db = connect(&url).await.unwrap();
    Fixture { _folder: folder, db, url }
}

async fn number(db: &DatabaseConnection, sql: &str) -> i64 {
    #[derive(FromQueryResult)]
    struct Row {
        n: i64,
    }
    let statement = Statement::from_string(db.get_database_backend(), sql);
    Row::find_by_statement(statement).one(db).await.unwrap().unwrap().n
}

#[tokio::test]
async fn every_sqlite_connection_is_durable_and_checks_foreign_keys() {
    let fixture = sqlite().await;
    for (pragma, expected) in [("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 60_000)] {
        let column = if pragma == "busy_timeout" { "timeout" } else { pragma };
        let sql = format!("SELECT CAST({column} AS INTEGER) AS n FROM pragma_{pragma}");
        assert_eq!(number(&fixture.db, &sql).await, expected, "{pragma}");
    }
    let wal =
        number(&fixture.db, "SELECT journal_mode = 'wal' AS n FROM pragma_journal_mode").await;
    assert_eq!(wal, 1);
}

#[tokio::test]
async fn migrating_twice_changes_nothing_the_second_time() {
    let fixture = sqlite().await;
    let first = migrate(&fixture.db, &[tennis]).await.unwrap();
    assert_eq!(first.last().unwrap(), "m20260102_000001_create_tennis_club");
    assert_eq!(migrate(&fixture.db, &[tennis]).await.unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn a_schema_of_a_newer_program_is_refused_by_name_and_left_alone() {
    let fixture = sqlite().await;
    migrate(&fixture.db, &[tennis]).await.unwrap();
    let error = migrate(&fixture.db, &[]).await.unwrap_err();
    assert!(matches!(error, StoreError::NewerSchema { .. }));
    assert_eq!(
        error.to_string(),
        "the database's schema is newer than this program (it has \
         `m20260102_000001_create_tennis_club`, and 0 more that this program does not know); use \
         the newer program that wrote it"
    );
    assert_eq!(number(&fixture.db, "SELECT count(*) AS n FROM tennis_club").await, 0);
}

#[tokio::test]
async fn a_migration_that_fails_leaves_the_schema_as_it_was() {
    let fixture = sqlite().await;
    migrate(&fixture.db, &[]).await.unwrap();
    migrate(&fixture.db, &[tennis, failing]).await.unwrap_err();
    let tables =
        "SELECT count(*) AS n FROM sqlite_master WHERE name IN ('half_made','tennis_club')";
    assert_eq!(number(&fixture.db, tables).await, 0);
    assert_eq!(migrate(&fixture.db, &[tennis]).await.unwrap().len(), 1);
}

#[tokio::test]
async fn two_programs_that_start_at_once_migrate_one_after_the_other() {
    let fixture = sqlite().await;
    let other = connect(&fixture.url).await.unwrap();
    let (one, two) = tokio::join!(migrate(&fixture.db, &[tennis]), migrate(&other, &[tennis]));
    assert_eq!(one.unwrap().len() + two.unwrap().len(), 3);
}

#[tokio::test]
async fn two_migrations_of_one_name_are_refused() {
    let fixture = sqlite().await;
    let error = migrate(&fixture.db, &[tennis, tennis]).await.unwrap_err();
    assert!(matches!(error, StoreError::DuplicateMigration { .. }));
}

#[tokio::test]
async fn an_unknown_kind_of_database_is_refused_without_showing_the_password() {
    let error = connect("mysql://clerk:secret@localhost/huimin").await.unwrap_err();
    assert!(!format!("{error:?}").contains("secret"));
    assert_eq!(
        error.to_string(),
        "`mysql` is not a database that this program speaks; give a URL that begins with `sqlite:` \
         or `postgres:`"
    );
}

#[tokio::test]
async fn an_effect_that_is_rolled_back_leaves_no_audit_entry_and_no_event() {
    let fixture = sqlite().await;
    migrate(&fixture.db, &[]).await.unwrap();
    let act = Act {
        who: "clerk",
        what: "batch.approve",
        subject: "batch:2024-01-1",
        at: at(),
        purpose: "monthly payment",
    };
    let transaction = begin_write(&fixture.db).await.unwrap();
    audit::record(&transaction, act, &serde_json::json!({ "items": 3 })).await.unwrap();
    outbox::publish(&transaction, "benefits.batch_approved", "2024-01-1", &3, at()).await.unwrap();
    transaction.rollback().await.unwrap();
    assert!(audit::list(&fixture.db, None, 0, 10).await.unwrap().is_empty());
    assert!(outbox::pending(&fixture.db, 10).await.unwrap().is_empty());

    let transaction = begin_write(&fixture.db).await.unwrap();
    audit::record(&transaction, act, &serde_json::json!({ "items": 3 })).await.unwrap();
    outbox::publish(&transaction, "benefits.batch_approved", "2024-01-1", &3, at()).await.unwrap();
    transaction.commit().await.unwrap();
    let entries = audit::list(&fixture.db, Some("batch:2024-01-1"), 0, 10).await.unwrap();
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].who, "clerk");
    assert_eq!(entries[0].at, "2024-02-05T08:00:00.000Z");
    assert_eq!(entries[0].detail, r#"{"items":3}"#);

    let event = outbox::pending(&fixture.db, 10).await.unwrap().remove(0);
    assert_eq!((event.topic.as_str(), event.payload.as_str()), ("benefits.batch_approved", "3"));
    outbox::delivered(&fixture.db, event.id, at()).await.unwrap();
    assert!(outbox::pending(&fixture.db, 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn the_database_refuses_to_change_or_delete_an_audit_entry() {
    let fixture = sqlite().await;
    migrate(&fixture.db, &[]).await.unwrap();
    let act = Act { who: "a", what: "b.c", subject: "d:e", at: at(), purpose: "f" };
    audit::record(&fixture.db, act, &serde_json::Value::Null).await.unwrap();
    for sql in ["UPDATE audit_entry SET who = 'x'", "DELETE FROM audit_entry"] {
        let error = fixture.db.execute_unprepared(sql).await.unwrap_err();
        assert!(error.to_string().contains("never changed or deleted"), "{error}");
    }
    assert_eq!(audit::list(&fixture.db, None, 0, 10).await.unwrap()[0].who, "a");
}

const CLUBS: Bulk<'static> = Bulk {
    table: "tennis_club",
    columns: &["id", "name"],
    on_conflict: OnConflict::Replace { key: &["id"] },
};

fn clubs(
    ids: std::ops::Range<i64>,
    name: &str,
) -> impl Iterator<Item = Vec<store::sea_orm::Value>> {
    ids.map(move |id| vec![id.into(), format!("{name} {id}").into()])
}

#[tokio::test]
async fn bulk_rows_are_written_in_full_and_partial_statements_and_replaced_by_key() {
    let fixture = sqlite().await;
    migrate(&fixture.db, &[tennis]).await.unwrap();
    let written = CLUBS.write(&fixture.db, clubs(0..1_203, "old")).await.unwrap();
    assert_eq!(written, 1_203);
    CLUBS.write(&fixture.db, clubs(1_200..1_210, "new")).await.unwrap();
    let count = |pattern: &str| {
        format!("SELECT count(*) AS n FROM tennis_club WHERE name LIKE '{pattern}'")
    };
    assert_eq!(number(&fixture.db, &count("old %")).await, 1_200);
    assert_eq!(number(&fixture.db, &count("new %")).await, 10);
    let keep = Bulk { on_conflict: OnConflict::Keep { key: &["id"] }, ..CLUBS };
    assert_eq!(keep.write(&fixture.db, clubs(0..1_210, "late")).await.unwrap(), 0);
    let fail = Bulk { on_conflict: OnConflict::Fail, ..CLUBS };
    fail.write(&fixture.db, clubs(0..1, "late")).await.unwrap_err();
    assert_eq!(fixture.db.get_database_backend(), DbBackend::Sqlite);
}

#[tokio::test]
async fn a_reader_sees_nothing_of_a_transaction_that_is_still_writing() {
    let fixture = sqlite().await;
    migrate(&fixture.db, &[tennis]).await.unwrap();
    let transaction = begin_write(&fixture.db).await.unwrap();
    CLUBS.write(&transaction, clubs(0..1_000, "new")).await.unwrap();
    assert_eq!(number(&fixture.db, "SELECT count(*) AS n FROM tennis_club").await, 0);
    transaction.commit().await.unwrap();
    assert_eq!(number(&fixture.db, "SELECT count(*) AS n FROM tennis_club").await, 1_000);
}

/// Measures, does not judge: `cargo nextest run --release -p huimin-store --run-ignored only
/// --no-capture bulk_rate`.
#[tokio::test]
#[ignore = "a measurement"]
async fn bulk_rate() {
    let fixture = sqlite().await;
    migrate(&fixture.db, &[tennis]).await.unwrap();
    let started = std::time::Instant::now();
    let rows = 500_000;
    for start in (0..rows).step_by(10_000) {
        let transaction = begin_write(&fixture.db).await.unwrap();
        CLUBS.write(&transaction, clubs(start..start + 10_000, "club")).await.unwrap();
        transaction.commit().await.unwrap();
    }
    let seconds = started.elapsed().as_secs_f64();
    eprintln!("{rows} rows in {seconds:.2} s");
}

/// The same on PostgreSQL, which is started by whoever sets the variable.
#[tokio::test]
async fn postgres_takes_the_same_migrations_and_rows() {
    let Ok(url) = std::env::var("HUIMIN_TEST_POSTGRES") else {
        eprintln!("skipped: HUIMIN_TEST_POSTGRES is not set");
        return;
    };
    let admin = connect(&url).await.unwrap();
    admin
        .execute_unprepared("DROP SCHEMA IF EXISTS store_test CASCADE; CREATE SCHEMA store_test")
        .await
        .unwrap();
    let db = connect(&format!("{url}?options[search_path]=store_test")).await.unwrap();
    assert_eq!(migrate(&db, &[tennis]).await.unwrap().len(), 3);
    assert!(migrate(&db, &[tennis]).await.unwrap().is_empty());
    CLUBS.write(&db, clubs(0..1_203, "old")).await.unwrap();
    CLUBS.write(&db, clubs(0..3, "new")).await.unwrap();
    assert_eq!(
        number(&db, "SELECT count(*) AS n FROM tennis_club WHERE name LIKE 'new %'").await,
        3
    );
    let act = Act { who: "a", what: "b.c", subject: "d:e", at: at(), purpose: "f" };
    audit::record(&db, act, &serde_json::Value::Null).await.unwrap();
    db.execute_unprepared("DELETE FROM audit_entry").await.unwrap_err();
    outbox::publish(&db, "t", "k", &1, at()).await.unwrap();
    assert_eq!(outbox::pending(&db, 10).await.unwrap().len(), 1);
}
