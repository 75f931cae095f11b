//! The whole database as one file.
#![allow(clippy::unwrap_used, missing_docs)]

use huimin_store as store;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use store::sea_orm::{ConnectionTrait as _, DbBackend, Statement};
use store::{StoreError, begin_write, connect, dump, migrate, sqlite_url};
use testing::{Kind, TestDatabase};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_is_of_one_moment_while_others_write() {
    let database = TestDatabase::new(Kind::Sqlite).await;
    let db = database.connect().await;
    migrate(&db, &[]).await.unwrap();
    db.execute_unprepared("CREATE TABLE pair (side INTEGER, number INTEGER)").await.unwrap();
    let ended = Arc::new(AtomicBool::new(false));
    let writer = tokio::spawn({
        let (db, ended) = (db.clone(), ended.clone());
        async move {
            let mut number = 0;
            while !ended.load(Ordering::SeqCst) {
                number += 1;
                let transaction = begin_write(&db).await.unwrap();
                for side in [1, 2] {
                    let sql = format!("INSERT INTO pair VALUES ({side}, {number})");
                    transaction.execute_unprepared(&sql).await.unwrap();
                }
                transaction.commit().await.unwrap();
            }
            number
        }
    });
    let mut last = 0;
    for round in 0..5 {
        tokio::time::sleep(std::time::Duration::from_millis(30)).await;
        let file = database.folder().join(format!("copy{round}.db"));
        dump::dump(&db, &database.url, &file).await.unwrap();
        let copy = connect(&sqlite_url(&file)).await.unwrap();
        dump::check(&copy).await.unwrap();
        let sql = "SELECT count(*) AS n, count(DISTINCT number) AS m FROM pair";
        let statement = Statement::from_string(DbBackend::Sqlite, sql);
        let row = copy.query_one_raw(statement).await.unwrap().unwrap();
        let (rows, numbers): (i64, i64) =
            (row.try_get("", "n").unwrap(), row.try_get("", "m").unwrap());
        assert_eq!(rows, 2 * numbers, "half a transaction");
        assert!(numbers >= last);
        last = numbers;
        copy.close().await.unwrap();
    }
    ended.store(true, Ordering::SeqCst);
    assert!(writer.await.unwrap() >= last && last > 0);
}

#[tokio::test]
async fn a_damaged_database_file_is_found() {
    let database = TestDatabase::new(Kind::Sqlite).await;
    let db = database.connect().await;
    migrate(&db, &[]).await.unwrap();
    let file = database.folder().join("copy.db");
    dump::dump(&db, &database.url, &file).await.unwrap();
    let mut bytes = std::fs::read(&file).unwrap();
    // The head of the second page says what kind of page it is.
    bytes[4_096..4_104].fill(0xaa);
    std::fs::write(&file, bytes).unwrap();
    let copy = connect(&sqlite_url(&file)).await.unwrap();
    let found = dump::check(&copy).await.unwrap_err();
    assert!(matches!(found, StoreError::Damaged { .. } | StoreError::Database { .. }), "{found:?}");
}

#[tokio::test]
async fn what_a_server_says_to_its_tools_does_not_show_the_password() {
    let folder = tempfile::tempdir().unwrap();
    let url = "postgres://clerk:very-secret@127.0.0.1:1/huimin";
    let error = dump::load_postgres(url, &folder.path().join("none")).await.unwrap_err();
    assert!(!format!("{error:?}").contains("very-secret"), "{error:?}");
}
