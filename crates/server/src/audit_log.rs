//! The log that proves the audit trail: its key, and sealing while the server runs.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use audit::{AuditError, Sealed};
use engine::{DataFolder, EngineError};
use jiff::Timestamp;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use store::StoreError;
use store::sea_orm::DatabaseConnection;
use tokio::sync::watch;
use trust::TrustError;
use trust::log::{Head, LogKey, LogVerifier, open_checkpoint};

use crate::app::Clock;
use crate::key_source::KeySource;

/// How long an entry waits for its place in the log.
const PAUSE: Duration = Duration::from_millis(500);
/// How long the server waits after sealing has failed. Entries are written all the same.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(30);

/// Why the audit trail can't be sealed.
#[derive(Debug, thiserror::Error)]
pub enum AuditLogError {
    /// The key can't be used.
    #[error(transparent)]
    Key(#[from] TrustError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The log can't be gone on with.
    #[error(transparent)]
    Log(#[from] AuditError),
    /// The head that was seen last can't be read.
    #[error("failed to read `{path}`, the head of the audit log that was seen last")]
    Seen {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The data folder failed.
    #[error(transparent)]
    Folder(#[from] EngineError),
    /// There are no random numbers for the commitments.
    #[error("the operating system gave no random number")]
    Random(#[from] getrandom::Error),
}

/// Whether the sealing of a server works; clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Sealing(Arc<AtomicBool>);

impl Default for Sealing {
    fn default() -> Self {
        Self(Arc::new(AtomicBool::new(true)))
    }
}

impl Sealing {
    pub(crate) fn works(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    fn has(&self, worked: bool) {
        self.0.store(worked, Ordering::Relaxed);
    }
}

/// The log of an installation, ready to go on with.
#[derive(Debug, Clone)]
pub struct AuditLog {
    db: DatabaseConnection,
    key: Arc<LogKey>,
    /// Remembers the head that was signed last, outside of the database.
    folder: DataFolder,
}

impl AuditLog {
    /// Opens the log of a data folder and its database. The key is made when nothing was ever sealed.
    ///
    /// # Errors
    ///
    /// [`AuditLogError::Key`], also when the key is lost, and [`AuditLogError::Store`].
    pub async fn open(
        folder: &DataFolder,
        db: &DatabaseConnection,
        keys: &KeySource,
    ) -> Result<Self, AuditLogError> {
        let installation = store::installation(db).await?.unwrap_or_default();
        let name = format!("huimin/{installation}");
        let key = match audit::checkpoint(db).await? {
            Some(_) => keys.audit(folder, &name)?,
            None => keys.audit_or_new(folder, &name)?,
        };
        Ok(Self { db: db.clone(), key: Arc::new(key), folder: folder.clone() })
    }

    /// What others check the log with. It is no secret; an auditor keeps it.
    #[must_use]
    pub fn verifier_key(&self) -> &str {
        self.key.verifier_key()
    }

    pub(crate) fn db(&self) -> &DatabaseConnection {
        &self.db
    }

    /// Gives all entries that wait their place in the log.
    ///
    /// # Errors
    ///
    /// [`AuditLogError`]; what was sealed before stays sealed.
    pub async fn seal(&self, at: Timestamp) -> Result<Sealed, AuditLogError> {
        let mut random = StdRng::try_from_os_rng()?;
        let known = self.seen()?;
        let sealed = audit::seal(&self.db, &self.key, known, at, &mut random).await?;
        if sealed.head.is_some()
            && sealed.head != known
            && let Some(note) = audit::checkpoint(&self.db).await?
        {
            self.folder.remember_audit_head(note.as_bytes())?;
        }
        Ok(sealed)
    }

    /// The head that was signed last here: one that the database can't make forgotten.
    fn seen(&self) -> Result<Option<Head>, AuditLogError> {
        let path = self.folder.audit_head_file();
        let note = match std::fs::read(&path) {
            Ok(note) => note,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(AuditLogError::Seen { path, source }),
        };
        let log = LogVerifier::parse(self.key.verifier_key())?;
        Ok(Some(open_checkpoint(&note, &log, &[])?.head))
    }

    /// Seals twice a second until the server stops, and once more then.
    pub(crate) async fn keep_sealing(
        self,
        clock: Clock,
        state: Sealing,
        mut stopped: watch::Receiver<bool>,
    ) {
        loop {
            // Asked before sealing: what is written until the stop is sealed after it.
            let stopping = *stopped.borrow_and_update();
            let sealed = self.seal(clock()).await;
            state.has(sealed.is_ok());
            let pause = match sealed {
                Ok(_) => PAUSE,
                Err(error) => {
                    let error: &dyn std::error::Error = &error;
                    tracing::error!(error, "the audit trail is not sealed");
                    PAUSE_AFTER_FAILURE
                }
            };
            if stopping {
                break;
            }
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                // An error means that the sender is gone: the server has ended by itself.
                _ = stopped.changed() => {}
            }
        }
    }
}
