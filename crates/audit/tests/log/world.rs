//! A log to work on, and what somebody does to it who may do everything in the database.

use audit::{Report, seal, verify};
use huimin_audit as audit;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng as _;
use store::audit::{Act, record};
use store::sea_orm::{ConnectionTrait as _, DatabaseConnection, DbBackend};
use testing::{Kind, TestDatabase};
use trust::log::{LogKey, LogVerifier, WitnessKey, WitnessVerifier};

pub(crate) struct World {
    pub(crate) db: DatabaseConnection,
    pub(crate) key: LogKey,
    pub(crate) random: ChaCha8Rng,
    pub(crate) written: u32,
    pub(crate) minute: i64,
    pub(crate) database: TestDatabase,
}

pub(crate) fn log_key(seed: u8) -> LogKey {
    LogKey::from_seed("huimin.example/audit", &[seed; 32]).unwrap()
}

impl World {
    pub(crate) async fn new(kind: Kind) -> Self {
        let database = TestDatabase::new(kind).await;
        let db = database.connect().await;
        store::migrate(&db, &[audit::migrations]).await.unwrap();
        let random = ChaCha8Rng::seed_from_u64(1);
        Self { db, key: log_key(1), random, written: 0, minute: 0, database }
    }

    /// A world with `count` entries, sealed in three parts.
    pub(crate) async fn sealed(kind: Kind, count: u32) -> Self {
        let mut world = Self::new(kind).await;
        for part in [count / 3, count / 3, count - 2 * (count / 3)] {
            world.write(part).await;
            world.seal().await;
        }
        world
    }

    pub(crate) async fn write(&mut self, count: u32) {
        for _ in 0..count {
            self.written += 1;
            let act = Act {
                who: "officer",
                what: "person.read",
                subject: &format!("person:P{}", self.written),
                at: self.now(),
                purpose: "review",
            };
            record(&self.db, act, &serde_json::json!({ "fields": 3 })).await.unwrap();
        }
    }

    pub(crate) fn now(&self) -> jiff::Timestamp {
        jiff::Timestamp::from_second(1_700_000_000 + 60 * self.minute).unwrap()
    }

    pub(crate) async fn seal(&mut self) -> audit::Sealed {
        self.minute += 1;
        let now = self.now();
        seal(&self.db, &self.key, None, now, &mut self.random).await.unwrap()
    }

    pub(crate) async fn verify(&self, kept: &[Vec<u8>]) -> Report {
        let log = LogVerifier::parse(self.key.verifier_key()).unwrap();
        verify(&self.db, &log, &[witness().1], kept, &|_, _| {}).await.unwrap()
    }

    /// The last checkpoint, as somebody outside keeps it, with a witness's co-signature.
    pub(crate) async fn kept(&self) -> Vec<u8> {
        let sql = "SELECT note FROM audit_checkpoint ORDER BY size DESC LIMIT 1";
        let statement = store::sea_orm::Statement::from_string(self.db.get_database_backend(), sql);
        let row = self.db.query_one_raw(statement).await.unwrap().unwrap();
        let note: String = row.try_get("", "note").unwrap();
        witness().0.cosign(note.as_bytes(), 1_700_000_000).unwrap()
    }

    /// What somebody does who may do everything in the database.
    pub(crate) async fn tamper(&self, sql: &str) {
        let free: &[&str] = match self.db.get_database_backend() {
            DbBackend::Postgres => &["ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_keep"],
            _ => &[
                "DROP TRIGGER IF EXISTS audit_entry_no_update",
                "DROP TRIGGER IF EXISTS audit_entry_no_delete",
            ],
        };
        for sql in free.iter().copied().chain(sql.split(';')) {
            self.db.execute_unprepared(sql).await.unwrap();
        }
    }
}

pub(crate) fn witness() -> (WitnessKey, WitnessVerifier) {
    let key = WitnessKey::from_seed("auditor.example/witness", &[9; 32]).unwrap();
    let verifier = WitnessVerifier::parse(&key.verifier_key()).unwrap();
    (key, verifier)
}
