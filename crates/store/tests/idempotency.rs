//! Answers that are given again, on both databases.
#![allow(clippy::unwrap_used, missing_docs)]

use huimin_store as store;
use jiff::{Timestamp, ToSpan as _};
use rstest::rstest;
use store::idempotency::{KEPT, Taken, keep, take};
use store::sea_orm::DatabaseConnection;
use store::{begin_write, migrate};
use testing::{Kind, TestDatabase};

fn now() -> Timestamp {
    Timestamp::from_second(1_707_120_000).unwrap()
}

async fn fresh(kind: Kind) -> (TestDatabase, DatabaseConnection) {
    let database = TestDatabase::new(kind).await;
    let db = database.connect().await;
    migrate(&db, &[]).await.unwrap();
    (database, db)
}

/// Takes a key and answers with a text, unless somebody did before.
async fn ask(db: &DatabaseConnection, who: &str, key: &str, request: &str, at: Timestamp) -> Taken {
    let transaction = begin_write(db).await.unwrap();
    let taken = take(&transaction, who, key, request, at).await.unwrap();
    if taken == Taken::New {
        keep(&transaction, who, key, &format!("answer to {request}")).await.unwrap();
    }
    transaction.commit().await.unwrap();
    taken
}

#[rstest]
#[tokio::test]
async fn the_same_request_gets_its_answer_again(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, db) = fresh(kind).await;
    assert_eq!(ask(&db, "wu", "k", "a", now()).await, Taken::New);
    assert_eq!(ask(&db, "wu", "k", "a", now()).await, Taken::Before("answer to a".to_owned()));
    assert_eq!(ask(&db, "wu", "k", "b", now()).await, Taken::OtherRequest);
    // A key is of whoever gave it.
    assert_eq!(ask(&db, "li", "k", "b", now()).await, Taken::New);
    assert_eq!(ask(&db, "wu", "l", "a", now()).await, Taken::New);
    let later = now() + KEPT;
    assert_eq!(
        ask(&db, "wu", "k", "a", later - 1.second()).await,
        Taken::Before("answer to a".to_owned())
    );
    assert_eq!(ask(&db, "wu", "k", "c", later).await, Taken::New);
}

#[rstest]
#[tokio::test]
async fn an_effect_that_was_given_up_leaves_its_key_free(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, db) = fresh(kind).await;
    let transaction = begin_write(&db).await.unwrap();
    assert_eq!(take(&transaction, "wu", "k", "a", now()).await.unwrap(), Taken::New);
    transaction.rollback().await.unwrap();
    assert_eq!(ask(&db, "wu", "k", "b", now()).await, Taken::New);
}

#[rstest]
#[tokio::test]
async fn of_many_who_come_at_once_one_does_it_and_all_get_its_answer(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, db) = fresh(kind).await;
    let asked = (0..16).map(|_| ask(&db, "wu", "k", "a", now()));
    let taken = futures::future::join_all(asked).await;
    assert_eq!(taken.iter().filter(|one| **one == Taken::New).count(), 1);
    let before = Taken::Before("answer to a".to_owned());
    assert_eq!(taken.iter().filter(|one| **one == before).count(), 15);
}
