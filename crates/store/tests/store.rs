//! The store on real databases: each test on an SQLite file and on PostgreSQL, but for what only one of
//! the two has.
#![allow(clippy::unwrap_used, missing_docs)]

use huimin_store as store;
use jiff::Timestamp;
use rstest::rstest;
use store::audit::{self, Act};
use store::bulk::{Bulk, OnConflict};
use store::sea_orm::{self, ConnectionTrait, DatabaseConnection, FromQueryResult, Statement};
use store::{
    Changed, MigrationSet, StoreError, TextColumn, begin_write, change_column, connect, install,
    installation, migrate, outbox, schema_status, sqlite_url,
};
use testing::{Kind, TestDatabase};

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

/// Migrations of the store itself.
fn own() -> usize {
    store::migrations().len()
}

fn at() -> Timestamp {
    "2024-02-05T08:00:00Z".parse().unwrap()
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
    let database = TestDatabase::new(Kind::Sqlite).await;
    let db = database.connect().await;
    for (pragma, expected) in [("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 60_000)] {
        let column = if pragma == "busy_timeout" { "timeout" } else { pragma };
        let sql = format!("SELECT CAST({column} AS INTEGER) AS n FROM pragma_{pragma}");
        assert_eq!(number(&db, &sql).await, expected, "{pragma}");
    }
    let wal = number(&db, "SELECT journal_mode = 'wal' AS n FROM pragma_journal_mode").await;
    assert_eq!(wal, 1);
}

#[rstest]
#[tokio::test]
async fn migrating_twice_changes_nothing_the_second_time(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let database = TestDatabase::new(kind).await;
    let db = database.connect().await;
    let first = migrate(&db, &[tennis]).await.unwrap();
    assert_eq!(first.last().unwrap(), "m20260102_000001_create_tennis_club");
    assert_eq!(migrate(&db, &[tennis]).await.unwrap(), Vec::<String>::new());
}

#[rstest]
#[tokio::test]
async fn a_schema_of_a_newer_program_is_refused_by_name_and_left_alone(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let database = TestDatabase::new(kind).await;
    let db = database.connect().await;
    migrate(&db, &[tennis]).await.unwrap();
    let error = migrate(&db, &[]).await.unwrap_err();
    assert!(matches!(error, StoreError::NewerSchema { .. }));
    assert_eq!(
        error.to_string(),
        "the database's schema is newer than this program (it has \
         `m20260102_000001_create_tennis_club`, and 0 more that this program does not know); use \
         the newer program that wrote it"
    );
    assert_eq!(number(&db, "SELECT count(*) AS n FROM tennis_club").await, 0);
}

#[rstest]
#[tokio::test]
async fn a_migration_that_fails_leaves_the_schema_as_it_was(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let database = TestDatabase::new(kind).await;
    let db = database.connect().await;
    migrate(&db, &[]).await.unwrap();
    migrate(&db, &[tennis, failing]).await.unwrap_err();
    for table in ["half_made", "tennis_club"] {
        db.execute_unprepared(&format!("SELECT * FROM {table}")).await.unwrap_err();
    }
    assert_eq!(migrate(&db, &[tennis]).await.unwrap().len(), 1);
}

#[rstest]
#[tokio::test]
async fn two_programs_that_start_at_once_migrate_one_after_the_other(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let database = TestDatabase::new(kind).await;
    let db = database.connect().await;
    let other = connect(&database.url).await.unwrap();
    let (one, two) = tokio::join!(migrate(&db, &[tennis]), migrate(&other, &[tennis]));
    assert_eq!(one.unwrap().len() + two.unwrap().len(), own() + 1);
}

#[rstest]
#[tokio::test]
async fn the_status_of_a_schema_tells_what_is_missing_and_what_is_unknown(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let database = TestDatabase::new(kind).await;
    let db = database.connect().await;
    let empty = schema_status(&db, &[tennis]).await.unwrap();
    assert_eq!((empty.applied.len(), empty.pending.len(), empty.unknown.len()), (0, own() + 1, 0));
    migrate(&db, &[]).await.unwrap();
    let older = schema_status(&db, &[tennis]).await.unwrap();
    assert_eq!(older.pending, ["m20260102_000001_create_tennis_club"]);
    migrate(&db, &[tennis]).await.unwrap();
    let newer = schema_status(&db, &[]).await.unwrap();
    assert_eq!((newer.applied.len(), newer.pending.len()), (own(), 0));
    assert_eq!(newer.unknown, ["m20260102_000001_create_tennis_club"]);
}

#[rstest]
#[tokio::test]
async fn a_database_keeps_the_installation_that_it_was_first_given(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let database = TestDatabase::new(kind).await;
    let (one, other) = (database.connect().await, database.connect().await);
    assert_eq!(installation(&one).await.unwrap(), None, "not even a table");
    migrate(&one, &[]).await.unwrap();
    assert_eq!(installation(&one).await.unwrap(), None);
    let (first, second) = tokio::join!(install(&one, "a"), install(&other, "b"));
    let first = first.unwrap();
    assert_eq!(first, second.unwrap());
    assert_eq!(install(&other, "c").await.unwrap(), first);
    assert_eq!(installation(&other).await.unwrap(), Some(first));
}

#[tokio::test]
async fn a_file_may_have_a_strange_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("惠民 #1?mode=ro&x=%41.db");
    let db = connect(&sqlite_url(&path)).await.unwrap();
    migrate(&db, &[]).await.unwrap();
    assert!(path.exists());
}

#[rstest]
#[tokio::test]
async fn two_migrations_of_one_name_are_refused(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let database = TestDatabase::new(kind).await;
    let db = database.connect().await;
    let error = migrate(&db, &[tennis, tennis]).await.unwrap_err();
    assert!(matches!(error, StoreError::DuplicateMigration { .. }));
}

#[tokio::test]
async fn a_server_that_is_not_there_is_told_with_the_cause_and_without_the_password() {
    // Port 1 of this machine, on which nobody listens.
    let error = connect("postgres://clerk:secret@127.0.0.1:1/huimin").await.unwrap_err();
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.contains("refused"), "{cause}");
    assert!(!format!("{error:?}").contains("secret"));
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

#[rstest]
#[tokio::test]
async fn an_effect_that_is_rolled_back_leaves_no_audit_entry_and_no_event(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let database = TestDatabase::new(kind).await;
    let db = database.connect().await;
    migrate(&db, &[]).await.unwrap();
    let act = Act {
        who: "clerk",
        what: "batch.approve",
        subject: "batch:2024-01-1",
        at: at(),
        purpose: "monthly payment",
    };
    let transaction = begin_write(&db).await.unwrap();
    audit::record(&transaction, act, &serde_json::json!({ "items": 3 })).await.unwrap();
    outbox::publish(&transaction, "benefits.batch_approved", "2024-01-1", &3, at()).await.unwrap();
    transaction.rollback().await.unwrap();
    assert!(audit::list(&db, None, 0, 10).await.unwrap().is_empty());
    assert!(outbox::pending(&db, 10).await.unwrap().is_empty());

    let transaction = begin_write(&db).await.unwrap();
    audit::record(&transaction, act, &serde_json::json!({ "items": 3 })).await.unwrap();
    outbox::publish(&transaction, "benefits.batch_approved", "2024-01-1", &3, at()).await.unwrap();
    transaction.commit().await.unwrap();
    let entries = audit::list(&db, Some("batch:2024-01-1"), 0, 10).await.unwrap();
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].who, "clerk");
    assert_eq!(entries[0].at, "2024-02-05T08:00:00.000Z");
    assert_eq!(entries[0].detail, r#"{"items":3}"#);

    let event = outbox::pending(&db, 10).await.unwrap().remove(0);
    assert_eq!((event.topic.as_str(), event.payload.as_str()), ("benefits.batch_approved", "3"));
    outbox::delivered(&db, event.id, at()).await.unwrap();
    assert!(outbox::pending(&db, 10).await.unwrap().is_empty());
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

#[rstest]
#[tokio::test]
async fn bulk_rows_are_written_in_full_and_partial_statements_and_replaced_by_key(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let database = TestDatabase::new(kind).await;
    let db = database.connect().await;
    migrate(&db, &[tennis]).await.unwrap();
    let written = CLUBS.write(&db, clubs(0..1_203, "old")).await.unwrap();
    assert_eq!(written, 1_203);
    CLUBS.write(&db, clubs(1_200..1_210, "new")).await.unwrap();
    let count = |pattern: &str| {
        format!("SELECT count(*) AS n FROM tennis_club WHERE name LIKE '{pattern}'")
    };
    assert_eq!(number(&db, &count("old %")).await, 1_200);
    assert_eq!(number(&db, &count("new %")).await, 10);
    let keep = Bulk { on_conflict: OnConflict::Keep { key: &["id"] }, ..CLUBS };
    assert_eq!(keep.write(&db, clubs(0..1_210, "late")).await.unwrap(), 0);
    let fail = Bulk { on_conflict: OnConflict::Fail, ..CLUBS };
    fail.write(&db, clubs(0..1, "late")).await.unwrap_err();
}

#[rstest]
#[tokio::test]
async fn a_reader_sees_nothing_of_a_transaction_that_is_still_writing(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let database = TestDatabase::new(kind).await;
    let db = database.connect().await;
    migrate(&db, &[tennis]).await.unwrap();
    let transaction = begin_write(&db).await.unwrap();
    CLUBS.write(&transaction, clubs(0..1_000, "new")).await.unwrap();
    assert_eq!(number(&db, "SELECT count(*) AS n FROM tennis_club").await, 0);
    transaction.commit().await.unwrap();
    assert_eq!(number(&db, "SELECT count(*) AS n FROM tennis_club").await, 1_000);
}

/// Measures, does not judge: `cargo nextest run --release -p huimin-store --run-ignored only
/// --no-capture bulk_rate`.
#[tokio::test]
#[ignore = "a measurement"]
async fn bulk_rate() {
    let database = TestDatabase::new(Kind::Sqlite).await;
    let db = database.connect().await;
    migrate(&db, &[tennis]).await.unwrap();
    let started = std::time::Instant::now();
    let rows = 500_000;
    for start in (0..rows).step_by(10_000) {
        let transaction = begin_write(&db).await.unwrap();
        CLUBS.write(&transaction, clubs(start..start + 10_000, "club")).await.unwrap();
        transaction.commit().await.unwrap();
    }
    let seconds = started.elapsed().as_secs_f64();
    eprintln!("{rows} rows in {seconds:.2} s");
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_column_is_changed_row_by_row_and_what_others_have_changed_stays(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let database = TestDatabase::new(kind).await;
    let db = database.connect().await;
    let table =
        "CREATE TABLE safe (number VARCHAR PRIMARY KEY, owner VARCHAR NOT NULL, content VARCHAR)";
    db.execute_unprepared(table).await.unwrap();
    for number in 0..1_203 {
        let content = if number % 100 == 7 { "NULL".to_owned() } else { format!("'old {number}'") };
        let row = format!("INSERT INTO safe VALUES ('{number:05}', 'owner {number}', {content})");
        db.execute_unprepared(&row).await.unwrap();
    }
    let column = TextColumn { table: "safe", key: "number", place: "owner", value: "content" };
    let mut change = |owner: &str, content: &str| {
        let number = owner.strip_prefix("owner ").unwrap();
        assert!(content.ends_with(&format!(" {number}")), "{owner}, {content}");
        Ok::<_, StoreError>(content.strip_prefix("old ").map(|_| format!("new {number}")))
    };
    let done = change_column(&db, column, &mut change).await.unwrap();
    assert_eq!(done, Changed { seen: 1_191, changed: 1_191 });
    let again = change_column(&db, column, &mut change).await.unwrap();
    assert_eq!(again, Changed { seen: 1_191, changed: 0 });

    // What is changed between reading and writing is left as it is.
    db.execute_unprepared("UPDATE safe SET content = 'old 3' WHERE number = '00003'")
        .await
        .unwrap();
    let (other, runtime) = (database.connect().await, tokio::runtime::Handle::current());
    let mut meanwhile = |_: &str, content: &str| {
        if content == "old 3" {
            let sql = "UPDATE safe SET content = 'theirs' WHERE number = '00003'";
            tokio::task::block_in_place(|| {
                runtime.block_on(other.execute_unprepared(sql)).unwrap();
            });
        }
        Ok::<_, StoreError>(content.strip_prefix("old ").map(|rest| format!("new {rest}")))
    };
    let done = change_column(&db, column, &mut meanwhile).await.unwrap();
    assert_eq!(done, Changed { seen: 1_191, changed: 0 });
}
