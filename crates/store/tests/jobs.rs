//! Jobs on real databases of both kinds: nothing is lost, nothing is done by two, whoever is late is told.
#![allow(clippy::unwrap_used, missing_docs)]

use std::collections::BTreeSet;
use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use huimin_store as store;
use jiff::{SignedDuration, Timestamp};
use rstest::rstest;
use store::jobs::{
    Cadence, Claim, Handler, NewJob, Worker, claim, complete, dead, enqueue, fail, renew, revive,
    schedule, tick, unschedule,
};
use store::outbox::{self, Subscription};
use store::sea_orm::{ConnectionTrait, DatabaseConnection};
use store::{StoreError, audit, begin_write, migrate};
use testing::{Kind, TestDatabase};

const MINUTE: SignedDuration = SignedDuration::from_mins(1);

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_707_120_000 + seconds).unwrap()
}

async fn fresh(kind: Kind) -> (TestDatabase, DatabaseConnection) {
    let database = TestDatabase::new(kind).await;
    let db = database.connect().await;
    migrate(&db, &[]).await.unwrap();
    db.execute_unprepared("CREATE TABLE effect (job BIGINT NOT NULL, worker TEXT NOT NULL)")
        .await
        .unwrap();
    (database, db)
}

fn job(number: &i64) -> NewJob<'_, i64> {
    NewJob { kind: "count", key: None, payload: number, due_at: at(0), most_attempts: 3 }
}

async fn take(db: &DatabaseConnection, worker: &str, now: Timestamp) -> Option<Claim> {
    claim(db, worker, &["count"], now, MINUTE).await.unwrap()
}

/// The effect of a job, in one transaction with its end.
async fn effect(
    db: &DatabaseConnection,
    claim: &Claim,
    worker: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let transaction = begin_write(db).await?;
    let sql = format!("INSERT INTO effect VALUES ({}, '{worker}')", claim.id);
    transaction.execute_unprepared(&sql).await.unwrap();
    complete(&transaction, claim, now).await?;
    transaction.commit().await.unwrap();
    Ok(())
}

async fn effects(db: &DatabaseConnection) -> Vec<(i64, String)> {
    let statement = store::sea_orm::Statement::from_string(
        db.get_database_backend(),
        "SELECT job, worker FROM effect ORDER BY job",
    );
    let rows = db.query_all_raw(statement).await.unwrap();
    rows.iter().map(|row| row.try_get_many("", &["job".into(), "worker".into()]).unwrap()).collect()
}

#[rstest]
#[tokio::test]
async fn a_job_exists_if_and_only_if_the_effect_that_asked_for_it_does(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, db) = fresh(kind).await;
    let transaction = begin_write(&db).await.unwrap();
    enqueue(&transaction, job(&1), at(0)).await.unwrap();
    transaction.rollback().await.unwrap();
    assert_eq!(take(&db, "a", at(0)).await, None);

    let transaction = begin_write(&db).await.unwrap();
    enqueue(&transaction, job(&2), at(0)).await.unwrap();
    transaction.commit().await.unwrap();
    let taken = take(&db, "a", at(0)).await.unwrap();
    assert_eq!((taken.payload.as_str(), taken.attempt, taken.fence), ("2", 1, 1));
    assert_eq!(take(&db, "b", at(0)).await, None, "the first one has it");
}

#[rstest]
#[tokio::test]
async fn of_one_kind_and_key_there_is_one_job(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let (_database, db) = fresh(kind).await;
    let keyed = NewJob { key: Some("batch:2024-01-01"), ..job(&1) };
    assert!(enqueue(&db, keyed, at(0)).await.unwrap());
    assert!(!enqueue(&db, keyed, at(1)).await.unwrap());
    assert!(enqueue(&db, NewJob { kind: "other", ..keyed }, at(1)).await.unwrap());
    let taken = take(&db, "a", at(0)).await.unwrap();
    complete(&db, &taken, at(1)).await.unwrap();
    assert!(!enqueue(&db, keyed, at(2)).await.unwrap(), "not even after it was done");
    assert_eq!(take(&db, "a", at(2)).await, None);
}

#[rstest]
#[tokio::test]
async fn jobs_are_taken_when_they_are_due_and_in_that_order(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, db) = fresh(kind).await;
    for (number, due) in [(1, 30), (2, 10), (3, 10)] {
        let new = NewJob { due_at: at(due), ..job(&number) };
        enqueue(&db, new, at(0)).await.unwrap();
    }
    assert_eq!(take(&db, "a", at(9)).await, None);
    let mut seen = Vec::new();
    while let Some(taken) = take(&db, "a", at(30)).await {
        seen.push(taken.payload);
    }
    assert_eq!(seen, ["2", "3", "1"]);
    assert_eq!(claim(&db, "a", &[], at(30), MINUTE).await.unwrap(), None);
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_workers_at_once_each_job_has_one(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    const JOBS: i64 = 200;
    let (database, db) = fresh(kind).await;
    for number in 0..JOBS {
        enqueue(&db, job(&number), at(0)).await.unwrap();
    }
    let mut workers = tokio::task::JoinSet::new();
    for number in 0..6 {
        let db = database.connect().await;
        workers.spawn(async move {
            let name = format!("worker {number}");
            let mut done = 0;
            while let Some(taken) = take(&db, &name, at(0)).await {
                effect(&db, &taken, &name, at(1)).await.unwrap();
                done += 1;
            }
            done
        });
    }
    let done: Vec<i32> = workers.join_all().await;
    assert_eq!(done.iter().sum::<i32>(), 200);
    assert!(done.iter().filter(|done| **done > 0).count() > 1, "one worker did all: {done:?}");
    let jobs: BTreeSet<i64> = effects(&db).await.into_iter().map(|(job, _)| job).collect();
    assert_eq!(jobs.len(), 200);
}

#[rstest]
#[tokio::test]
async fn whoever_held_a_job_too_long_leaves_no_effect(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, db) = fresh(kind).await;
    enqueue(&db, job(&1), at(0)).await.unwrap();
    let slow = take(&db, "slow", at(0)).await.unwrap();
    renew(&db, &slow, at(50), MINUTE).await.unwrap();
    assert_eq!(take(&db, "next", at(109)).await, None, "the lease was renewed");
    let next = take(&db, "next", at(110)).await.unwrap();
    assert_eq!((next.id, next.attempt), (slow.id, 2));
    assert!(next.fence > slow.fence);

    let late = effect(&db, &slow, "slow", at(111)).await.unwrap_err();
    assert!(matches!(late, StoreError::LeaseLost { job } if job == slow.id), "{late}");
    renew(&db, &slow, at(111), MINUTE).await.unwrap_err();
    fail(&db, &slow, "no", at(111)).await.unwrap_err();
    assert!(effects(&db).await.is_empty());

    effect(&db, &next, "next", at(112)).await.unwrap();
    effect(&db, &next, "next", at(113)).await.unwrap_err();
    assert_eq!(effects(&db).await, [(slow.id, "next".to_owned())]);
}

#[rstest]
#[tokio::test]
async fn a_job_that_fails_comes_back_later_and_dies_after_the_last_attempt(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, db) = fresh(kind).await;
    enqueue(&db, job(&1), at(0)).await.unwrap();
    let mut now = at(0);
    let mut waits = Vec::new();
    loop {
        let taken = take(&db, "a", now).await.unwrap();
        let Some(again) = fail(&db, &taken, "the department does not answer", now).await.unwrap()
        else {
            break;
        };
        let early = again.saturating_sub(SignedDuration::from_secs(1)).unwrap();
        assert_eq!(take(&db, "a", early).await, None);
        waits.push(again.duration_since(now).as_secs());
        now = again;
    }
    assert_eq!(waits, [10, 20]);
    assert_eq!(take(&db, "a", at(1_000_000)).await, None);
    let lying = dead(&db, 0, 10).await.unwrap();
    assert_eq!((lying.len(), lying[0].attempts), (1, 3));
    assert_eq!(lying[0].error, "the department does not answer");

    assert!(revive(&db, lying[0].id, "chen", "the line is mended", now).await.unwrap());
    assert!(!revive(&db, lying[0].id, "chen", "again", now).await.unwrap());
    assert!(dead(&db, 0, 10).await.unwrap().is_empty());
    assert_eq!(take(&db, "a", now).await.unwrap().attempt, 1);
    let trail = audit::list(&db, None, 0, 10).await.unwrap();
    assert_eq!(trail.len(), 1);
    assert_eq!((trail[0].who.as_str(), trail[0].what.as_str()), ("chen", "job.revive"));
}

#[rstest]
#[tokio::test]
async fn a_schedule_gives_one_job_each_time_whoever_looks_and_however_late(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (database, db) = fresh(kind).await;
    let other = database.connect().await;
    let every = Cadence::Every(MINUTE);
    schedule(&db, "clean", "count", &7, every, at(0)).await.unwrap();
    assert_eq!(tick(&db, at(59)).await.unwrap(), 0);
    // A restart says it again and does not put it off.
    schedule(&db, "clean", "count", &7, every, at(59)).await.unwrap();
    let (one, two) = tokio::join!(tick(&db, at(60)), tick(&other, at(60)));
    assert_eq!(one.unwrap() + two.unwrap(), 1);
    // Nobody looked for an hour.
    assert_eq!(tick(&db, at(3_600)).await.unwrap(), 1);
    assert_eq!(tick(&db, at(3_600)).await.unwrap(), 0);
    let mut payloads = Vec::new();
    while let Some(taken) = take(&db, "a", at(3_600)).await {
        payloads.push(taken.payload);
    }
    assert_eq!(payloads, ["7", "7"]);
    schedule(&db, "clean", "count", &7, Cadence::Every(MINUTE * 2), at(3_600)).await.unwrap();
    assert_eq!(tick(&db, at(3_660)).await.unwrap(), 0, "another cadence begins anew");
    assert_eq!(tick(&db, at(3_720)).await.unwrap(), 1);
}

#[rstest]
#[tokio::test]
async fn an_event_becomes_one_job_for_each_who_wants_to_hear_of_it(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (database, db) = fresh(kind).await;
    for (topic, key) in
        [("benefits.paid", "p1"), ("registry.merged", "p2"), ("benefits.paid", "p3")]
    {
        outbox::publish(&db, topic, key, &1, at(0)).await.unwrap();
    }
    let subscription = |topic, job| Subscription { topic, job, most_attempts: 3 };
    let all = [subscription("benefits.paid", "count"), subscription("benefits.paid", "tell")];
    let other = database.connect().await;
    let (one, two) = tokio::join!(
        outbox::deliver(&db, &all, 10, at(1)),
        outbox::deliver(&other, &all, 10, at(1))
    );
    assert!(one.unwrap() + two.unwrap() >= 2);
    let waiting: Vec<_> = outbox::pending(&db, 10).await.unwrap();
    let waiting: Vec<&str> = waiting.iter().map(|event| event.key.as_str()).collect();
    assert_eq!(waiting, ["p2"], "nobody has asked for it yet");
    for kind in ["count", "tell"] {
        let mut keys = Vec::new();
        while let Some(taken) = claim(&db, "a", &[kind], at(1), MINUTE).await.unwrap() {
            let event: outbox::Event = serde_json::from_str(&taken.payload).unwrap();
            keys.push(event.key);
        }
        assert_eq!(keys, ["p1", "p3"], "{kind}");
    }
}

#[rstest]
#[tokio::test]
async fn a_job_that_ends_its_workers_is_dead_after_the_last_attempt(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, db) = fresh(kind).await;
    enqueue(&db, job(&1), at(0)).await.unwrap();
    for attempt in 1..=3 {
        let taken = take(&db, "doomed", at(60 * i64::from(attempt))).await.unwrap();
        assert_eq!(taken.attempt, attempt);
    }
    assert_eq!(take(&db, "next", at(240)).await, None);
    let lying = dead(&db, 0, 10).await.unwrap();
    assert_eq!((lying.len(), lying[0].attempts), (1, 3));
}

#[rstest]
#[tokio::test]
async fn a_schedule_that_can_not_be_written_down_is_refused_and_a_strange_one_stops_no_other(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, db) = fresh(kind).await;
    let half = Cadence::Every(SignedDuration::from_millis(1_500));
    let error = schedule(&db, "half", "count", &1, half, at(0)).await.unwrap_err();
    assert!(matches!(error, StoreError::Cadence { .. }), "{error}");
    schedule(&db, "whole", "count", &1, Cadence::Every(MINUTE), at(0)).await.unwrap();
    let newer = "INSERT INTO job_schedule VALUES ('newer', 'count', '1', 'at full moon', '2000')";
    db.execute_unprepared(newer).await.unwrap();
    assert_eq!(tick(&db, at(60)).await.unwrap(), 1);
    assert!(unschedule(&db, "whole").await.unwrap());
    assert!(!unschedule(&db, "whole").await.unwrap());
    assert_eq!(tick(&db, at(600)).await.unwrap(), 0);
}

/// Fails at first, panics then, and then does its job.
struct Moody {
    calls: Arc<AtomicUsize>,
}

#[async_trait]
impl Handler for Moody {
    fn kind(&self) -> &'static str {
        "count"
    }

    async fn handle(
        &self,
        db: &DatabaseConnection,
        claim: &Claim,
    ) -> Result<(), Box<dyn Error + Send + Sync>> {
        match self.calls.fetch_add(1, Ordering::SeqCst) {
            0 => return Err("not yet".into()),
            1 => panic!("not like this"),
            _ => {}
        }
        Ok(effect(db, claim, "moody", at(0)).await?)
    }
}

/// Goes on until its lease has been renewed twice.
struct Slow;

#[async_trait]
impl Handler for Slow {
    fn kind(&self) -> &'static str {
        "count"
    }

    async fn handle(
        &self,
        db: &DatabaseConnection,
        claim: &Claim,
    ) -> Result<(), Box<dyn Error + Send + Sync>> {
        let mut leases = BTreeSet::new();
        while leases.len() < 3 {
            let sql = format!("SELECT lease_until FROM job WHERE id = {}", claim.id);
            let statement = store::sea_orm::Statement::from_string(db.get_database_backend(), sql);
            let row = db.query_one_raw(statement).await?.unwrap();
            leases.insert(row.try_get::<String>("", "lease_until")?);
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Ok(effect(db, claim, "slow", at(0)).await?)
    }
}

#[rstest]
#[tokio::test]
async fn a_job_that_takes_long_is_kept(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let (_database, db) = fresh(kind).await;
    enqueue(&db, job(&1), at(0)).await.unwrap();
    // Each look at the clock is a second later, so that each renewal gives another lease.
    let seconds = AtomicI64::new(0);
    let worker = Worker {
        db: db.clone(),
        name: "w".to_owned(),
        handlers: vec![Arc::new(Slow)],
        clock: Arc::new(move || at(seconds.fetch_add(1, Ordering::SeqCst))),
        lease: Duration::from_millis(90),
        idle: Duration::from_millis(1),
    };
    assert!(worker.step().await.unwrap());
    assert_eq!(effects(&db).await.len(), 1);
    assert!(!worker.step().await.unwrap());
}

#[rstest]
#[tokio::test]
async fn a_worker_does_what_is_due_and_tries_again_what_failed(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, db) = fresh(kind).await;
    for number in 0..3 {
        enqueue(&db, job(&number), at(0)).await.unwrap();
    }
    let seconds = Arc::new(AtomicI64::new(0));
    let clock = seconds.clone();
    let calls = Arc::new(AtomicUsize::new(0));
    let worker = Worker {
        db: db.clone(),
        name: "w".to_owned(),
        handlers: vec![Arc::new(Moody { calls: calls.clone() })],
        clock: Arc::new(move || at(clock.load(Ordering::SeqCst))),
        lease: Duration::from_secs(60),
        idle: Duration::from_millis(1),
    };
    while worker.step().await.unwrap() {}
    assert_eq!((calls.load(Ordering::SeqCst), effects(&db).await.len()), (3, 1));
    seconds.store(20, Ordering::SeqCst);
    let all_done = async {
        while effects(&db).await.len() < 3 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    worker.run(all_done).await;
    assert_eq!(calls.load(Ordering::SeqCst), 5);
    assert!(!worker.step().await.unwrap(), "nothing is left");
}
