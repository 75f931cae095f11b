//! Entries of readings: durable before the answer leaves, many with one commit.
//!
//! A commit waits for the disk, so that one for each reading would allow some hundreds a second. Whoever comes
//! while a commit is under way is written by the next one, all together.

use std::sync::Arc;

use jiff::Timestamp;
use sea_orm::{DatabaseConnection, Value};
use tokio::sync::{mpsc, oneshot};

use crate::bulk::{Bulk, OnConflict};
use crate::{StoreError, begin_write, instant_text};

/// Requests whose entries one transaction writes at most.
const MOST: usize = 1_000;

/// Somebody has read something; what [`super::Act`] is for a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The user or program that reads.
    pub who: String,
    /// The act, `<noun>.<verb>`.
    pub what: String,
    /// What is read, `<kind>:<id>`. Never a name or a number of a person.
    pub subject: String,
    /// When.
    pub at: Timestamp,
    /// What for.
    pub purpose: String,
    /// What the entry needs besides.
    pub detail: serde_json::Value,
}

type Told = oneshot::Sender<Result<(), Arc<StoreError>>>;

/// Writes readings down, those of all its clones together.
#[derive(Debug, Clone)]
pub struct Recorder {
    sender: mpsc::Sender<(Vec<Reading>, Told)>,
}

impl Recorder {
    /// Starts the task that writes. It ends with the last clone.
    #[must_use]
    pub fn start(db: DatabaseConnection) -> Self {
        let (sender, receiver) = mpsc::channel(MOST);
        tokio::spawn(write_all(db, receiver));
        Self { sender }
    }

    /// Writes a reading down. When this returns, the entry survives a power cut.
    ///
    /// # Errors
    ///
    /// When the database refuses: then nothing was written, and nothing may be shown.
    pub async fn record(&self, reading: Reading) -> Result<(), Arc<StoreError>> {
        self.record_all(vec![reading]).await
    }

    /// Writes readings down together, all or none; as [`Self::record`].
    ///
    /// # Errors
    ///
    /// As [`Self::record`].
    pub async fn record_all(&self, readings: Vec<Reading>) -> Result<(), Arc<StoreError>> {
        if readings.is_empty() {
            return Ok(());
        }
        let (told, outcome) = oneshot::channel();
        let gone = || Arc::new(StoreError::NoRecorder);
        self.sender.send((readings, told)).await.map_err(|_| gone())?;
        outcome.await.map_err(|_| gone())?
    }
}

async fn write_all(db: DatabaseConnection, mut receiver: mpsc::Receiver<(Vec<Reading>, Told)>) {
    let mut waiting = Vec::new();
    while receiver.recv_many(&mut waiting, MOST).await > 0 {
        let outcome = write(&db, &waiting).await.map_err(Arc::new);
        for (_, told) in waiting.drain(..) {
            // Whoever asked may have gone away.
            let _ = told.send(outcome.clone());
        }
    }
}

async fn write(
    db: &DatabaseConnection,
    readings: &[(Vec<Reading>, Told)],
) -> Result<(), StoreError> {
    let bulk = Bulk {
        table: "audit_entry",
        columns: &["at", "who", "what", "subject", "purpose", "detail"],
        on_conflict: OnConflict::Fail,
    };
    let rows: Vec<_> = readings.iter().flat_map(|(together, _)| together.iter().map(row)).collect();
    let transaction = begin_write(db).await?;
    bulk.write(&transaction, rows).await?;
    transaction.commit().await.map_err(StoreError::db("commit audit entries"))
}

fn row(reading: &Reading) -> Vec<Value> {
    let Reading { who, what, subject, at, purpose, detail } = reading;
    vec![
        instant_text(*at).into(),
        who.as_str().into(),
        what.as_str().into(),
        subject.as_str().into(),
        purpose.as_str().into(),
        detail.to_string().into(),
    ]
}
