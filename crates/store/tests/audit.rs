//! The audit trail: entries that stay, their place in a log, and readings that are written together.
#![allow(clippy::unwrap_used, missing_docs)]

use huimin_store as store;

use jiff::Timestamp;
use rstest::rstest;
use store::audit::{self, Act, Reading, Recorder, Seal};
use store::sea_orm::{ConnectionTrait as _, DatabaseConnection};
use store::{begin_write, migrate};
use testing::{Kind, TestDatabase};

fn at() -> Timestamp {
    "2024-02-05T16:00:00+08:00".parse().unwrap()
}

async fn migrated(database: &TestDatabase) -> DatabaseConnection {
    let db = database.connect().await;
    migrate(&db, &[]).await.unwrap();
    db
}

async fn write(db: &DatabaseConnection, subject: &str) {
    let act = Act { who: "a", what: "b.c", subject, at: at(), purpose: "f" };
    audit::record(db, act, &serde_json::Value::Null).await.unwrap();
}

#[rstest]
#[tokio::test]
async fn the_database_refuses_to_change_or_delete_an_entry(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let database = TestDatabase::new(kind).await;
    let db = migrated(&database).await;
    write(&db, "d:e").await;
    for sealed in [false, true] {
        for sql in [
            "UPDATE audit_entry SET who = 'x'",
            "UPDATE audit_entry SET leaf = 5",
            "UPDATE audit_entry SET leaf = 5, salt = NULL, sealed_at = 'now'",
            "UPDATE audit_entry SET leaf = NULL, salt = NULL, sealed_at = NULL",
            "UPDATE audit_entry SET leaf = 5, salt = detail_of.salt, sealed_at = 'now', who = 'x' \
             FROM (SELECT CAST('01' AS BYTEA) AS salt) AS detail_of",
            "DELETE FROM audit_entry",
        ] {
            let sql = match kind {
                Kind::Sqlite => sql.replace("BYTEA", "BLOB"),
                Kind::Postgres => sql.to_owned(),
            };
            let error = db.execute_unprepared(&sql).await.unwrap_err();
            assert!(error.to_string().contains("never changed or deleted"), "{sql}: {error}");
        }
        assert_eq!(audit::list(&db, None, 0, 10).await.unwrap()[0].who, "a");
        if !sealed {
            let seal = Seal { id: 1, leaf: 0, salt: vec![1; 16] };
            audit::seal(&db, &[seal], at()).await.unwrap();
        }
    }
}

#[rstest]
#[tokio::test]
async fn an_entry_takes_one_place_and_a_place_one_entry(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let database = TestDatabase::new(kind).await;
    let db = migrated(&database).await;
    for number in 0..1_200 {
        write(&db, &format!("s:{number}")).await;
    }
    assert_eq!(audit::count_unsealed(&db).await.unwrap(), 1_200);
    let first = audit::unsealed(&db, 1_100).await.unwrap();
    let seal = |(leaf, entry): (usize, &audit::Entry)| Seal {
        id: entry.id,
        leaf: i64::try_from(leaf).unwrap(),
        salt: vec![7; 16],
    };
    let seals: Vec<Seal> = first.iter().enumerate().map(seal).collect();
    audit::seal(&db, &seals, at()).await.unwrap();
    assert_eq!(audit::count_unsealed(&db).await.unwrap(), 100);
    let sealed = audit::sealed(&db, 1_098..9_999).await.unwrap();
    assert_eq!(sealed.len(), 2);
    assert_eq!((&sealed[1].entry, sealed[1].leaf), (&first[1_099], 1_099));
    assert_eq!(
        (sealed[1].salt.as_slice(), sealed[1].sealed_at.as_str()),
        (&[7; 16][..], "2024-02-05T08:00:00.000Z")
    );

    let again = Seal { id: first[3].id, leaf: 2_000, salt: vec![1; 16] };
    let left = audit::unsealed(&db, 1).await.unwrap()[0].id;
    let taken = Seal { id: left, leaf: 3, salt: vec![1; 16] };
    let nobody = Seal { id: 99_999, leaf: 2_001, salt: vec![1; 16] };
    for wrong in [again, taken, nobody] {
        let transaction = begin_write(&db).await.unwrap();
        assert!(audit::seal(&transaction, &[wrong], at()).await.is_err());
        transaction.rollback().await.unwrap();
    }
    assert_eq!(audit::count_unsealed(&db).await.unwrap(), 100);
}

fn reading(number: usize) -> Reading {
    Reading {
        who: "clerk".to_owned(),
        what: "person.read".to_owned(),
        subject: format!("person:P{number}"),
        at: at(),
        purpose: "review".to_owned(),
        detail: serde_json::json!({ "number": number }),
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readings_of_many_at_once_are_all_there_when_their_readers_are_told(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let database = TestDatabase::new(kind).await;
    let db = migrated(&database).await;
    let other = database.connect().await;
    let recorder = Recorder::start(db);
    let mut readers = tokio::task::JoinSet::new();
    for number in 0..2_500 {
        let (recorder, other) = (recorder.clone(), other.clone());
        readers.spawn(async move {
            recorder.record(reading(number)).await.unwrap();
            if number % 100 == 0 {
                let subject = format!("person:P{number}");
                let found = audit::list(&other, Some(&subject), 0, 10).await.unwrap();
                assert_eq!(found.len(), 1);
                assert_eq!(found[0].detail, format!(r#"{{"number":{number}}}"#));
            }
        });
    }
    readers.join_all().await;
    assert_eq!(audit::list(&other, None, 0, 9_999).await.unwrap().len(), 2_500);
}

#[rstest]
#[tokio::test]
async fn a_reading_that_can_not_be_written_is_refused(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let database = TestDatabase::new(kind).await;
    let db = migrated(&database).await;
    let recorder = Recorder::start(db.clone());
    recorder.record(reading(1)).await.unwrap();
    db.execute_unprepared("ALTER TABLE audit_entry RENAME TO audit_entry_away").await.unwrap();
    assert!(recorder.record(reading(2)).await.is_err());
    db.execute_unprepared("ALTER TABLE audit_entry_away RENAME TO audit_entry").await.unwrap();
    recorder.record(reading(3)).await.unwrap();
    let there = audit::list(&db, None, 0, 10).await.unwrap();
    assert_eq!(
        there.iter().map(|one| one.subject.as_str()).collect::<Vec<_>>(),
        ["person:P1", "person:P3"]
    );
}
