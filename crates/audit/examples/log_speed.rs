//! How many readings a second are written down before they are answered, and how fast they are sealed and verified.
//!
//! ```text
//! log_speed DATABASE-URL SECONDS WRITERS ENTRIES
//! ```
//!
//! For SECONDS seconds WRITERS tasks record one reading after the other, each of them durable before the next one.
//! Then the trail is filled up to ENTRIES, sealed and verified. Prints one JSON document. The database has to be
//! empty.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

use std::time::{Duration, Instant};

use huimin_audit as audit;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng as _;
use store::audit::{Reading, Recorder};
use store::sea_orm::{ConnectionTrait as _, DatabaseConnection, DbBackend};
use tokio::task::JoinSet;
use trust::log::{LogKey, LogVerifier};

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [url, seconds, writers, entries] = arguments.as_slice() else {
        panic!("log_speed DATABASE-URL SECONDS WRITERS ENTRIES");
    };
    let number = |text: &String| text.parse::<u64>().unwrap();
    let db = store::connect(url).await.unwrap();
    let applied = store::migrate(&db, &[audit::migrations]).await.unwrap();
    assert!(!applied.is_empty(), "the database has to be empty");
    let at = jiff::Timestamp::now();

    let (recorded, mut waits) = record(&db, number(seconds), number(writers), at).await;
    waits.sort_unstable();
    let share = |permille: usize| waits[(waits.len() - 1) * permille / 1_000].as_secs_f64() * 1e3;

    fill(&db, number(entries).saturating_sub(recorded)).await;
    let key = LogKey::from_seed("huimin.example/audit", &[1; 32]).unwrap();
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let begun = Instant::now();
    let sealed = audit::seal(&db, &key, None, at, &mut random).await.unwrap();
    let sealing = begun.elapsed().as_secs_f64();
    let log = LogVerifier::parse(key.verifier_key()).unwrap();
    let begun = Instant::now();
    let report = audit::verify(&db, &log, &[], &[], &|_, _| {}).await.unwrap();
    let verifying = begun.elapsed().as_secs_f64();
    assert!(report.holds() && report.entries == sealed.entries, "{report:?}");
    println!(
        "{}",
        serde_json::json!({
            "recorded": recorded, "writers": number(writers), "seconds": number(seconds),
            "p50_ms": share(500), "p99_ms": share(990), "entries": sealed.entries,
            "seal_seconds": sealing, "verify_seconds": verifying,
        })
    );
}

async fn record(
    db: &DatabaseConnection,
    seconds: u64,
    writers: u64,
    at: jiff::Timestamp,
) -> (u64, Vec<Duration>) {
    let recorder = Recorder::start(db.clone());
    let end = Instant::now() + Duration::from_secs(seconds);
    let mut tasks = JoinSet::new();
    for writer in 0..writers {
        let recorder = recorder.clone();
        tasks.spawn(async move {
            let mut waits = Vec::new();
            while Instant::now() < end {
                let reading = Reading {
                    who: format!("officer{writer}"),
                    what: "person.read".to_owned(),
                    subject: format!("person:P{:016x}", waits.len()),
                    at,
                    purpose: "review of a decision".to_owned(),
                    detail: serde_json::json!({ "period": "2024-02", "fields": 12 }),
                };
                let begun = Instant::now();
                recorder.record(reading).await.unwrap();
                waits.push(begun.elapsed());
            }
            waits
        });
    }
    let waits: Vec<Duration> = tasks.join_all().await.into_iter().flatten().collect();
    (waits.len() as u64, waits)
}

/// Entries that nobody waits for.
async fn fill(db: &DatabaseConnection, count: u64) {
    let numbers = match db.get_database_backend() {
        DbBackend::Postgres => format!("SELECT n FROM generate_series(1, {count}) AS s (n)"),
        _ => format!(
            "WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {count}) SELECT n FROM s"
        ),
    };
    if count > 0 {
        let insert = format!(
            "INSERT INTO audit_entry (at, who, what, subject, purpose, detail) \
             SELECT '2024-01-01T00:00:00.000Z', 'officer', 'person.read', 'person:P' || n, 'review of a decision', \
             '{{\"period\":\"2024-02\",\"fields\":12}}' FROM ({numbers}) AS t"
        );
        db.execute_unprepared(&insert).await.unwrap();
    }
}
