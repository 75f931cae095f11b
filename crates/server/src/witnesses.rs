//! Asking witnesses to co-sign the audit log.
//!
//! A witness outside remembers how far the log was. When it says that this log is not the one that it has seen, the
//! log's key or its database was in wrong hands, or an old copy was put in its place.

use std::time::Duration;

use audit::{AuditError, Cosigned};
use tokio::sync::watch;
use trust::TrustError;
use trust::log::{Head, LogVerifier, Submission, open_checkpoint, with_cosignature};
use witness::{Answer, Client, ClientError};

use crate::audit_log::AuditLog;
use crate::metrics;

/// How long a head waits for its co-signatures.
const PAUSE: Duration = Duration::from_secs(10);
/// How long the server waits after all went wrong.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(60);
/// The log may be asked about by several servers at once; each time one of them is a step ahead.
const ATTEMPTS: u32 = 5;

/// Why there is no co-signature.
#[derive(Debug, thiserror::Error)]
pub enum CosignError {
    /// The log can't be read, or there is none yet.
    #[error(transparent)]
    Log(#[from] AuditError),
    /// The witness can't be asked.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// What the witness has answered does not hold.
    #[error("the answer of witness `{witness}` does not hold")]
    Answer {
        /// Its name.
        witness: String,
        /// Why.
        #[source]
        source: TrustError,
    },
    /// The witness has seen more than there is.
    #[error(
        "witness `{witness}` has co-signed {seen} entries of the audit log, here are {here}: the end was cut off, or an old copy put in its place. Run `huimin audit verify`"
    )]
    Cut {
        /// Its name.
        witness: String,
        /// Entries that it has seen.
        seen: u64,
        /// Entries of the log.
        here: u64,
    },
    /// The witness has seen another history.
    #[error(
        "the audit log does not go on from the one that witness `{witness}` has co-signed: entries were written anew, with the log's own key. Run `huimin audit verify` with the checkpoint of the witness (--kept)"
    )]
    Rewritten {
        /// Its name.
        witness: String,
    },
    /// Others were faster every time.
    #[error("witness `{witness}` was always asked by another server first")]
    Overtaken {
        /// Its name.
        witness: String,
    },
}

impl CosignError {
    /// Whether it says that the log is not the one that was seen.
    #[must_use]
    pub fn is_evidence(&self) -> bool {
        matches!(self, Self::Cut { .. } | Self::Rewritten { .. })
    }
}

impl AuditLog {
    /// Has the head that was signed last co-signed by a witness, and keeps what it has co-signed.
    ///
    /// # Errors
    ///
    /// [`CosignError`]; what the witness has co-signed before is kept.
    pub async fn cosign(&self, witness: &Client) -> Result<Cosigned, CosignError> {
        let name = || witness.key().name().to_owned();
        let log = LogVerifier::parse(self.verifier_key()).map_err(AuditError::from)?;
        let mut old = 0;
        for _ in 0..ATTEMPTS {
            // Read anew each time: another server may have sealed, and shown, more.
            let note = audit::checkpoint(self.db()).await?.ok_or(AuditError::Nothing)?;
            let head = open_checkpoint(note.as_bytes(), &log, &[]).map_err(AuditError::from)?.head;
            if old > head.size {
                return Err(CosignError::Cut { witness: name(), seen: old, here: head.size });
            }
            let proof = audit::consistency(self.db(), old, head.size).await?;
            let asked = Submission { old, proof, checkpoint: note.clone().into_bytes() };
            match witness.add_checkpoint(&asked).await? {
                Answer::Cosigned(answer) => {
                    return self.keep(witness, &log, head, &note, &answer).await;
                }
                Answer::Inconsistent => return Err(CosignError::Rewritten { witness: name() }),
                // The same size, and yet it does not fit: there are two roots.
                Answer::Conflict(seen) if seen == old => {
                    return Err(CosignError::Rewritten { witness: name() });
                }
                Answer::Conflict(seen) => old = seen,
            }
        }
        Err(CosignError::Overtaken { witness: name() })
    }

    async fn keep(
        &self,
        witness: &Client,
        log: &LogVerifier,
        head: Head,
        note: &str,
        answer: &[u8],
    ) -> Result<Cosigned, CosignError> {
        let name = witness.key().name().to_owned();
        let cosigned = with_cosignature(note.as_bytes(), answer, log, witness.key())
            .map_err(|source| CosignError::Answer { witness: name.clone(), source })?;
        let note = String::from_utf8_lossy(&cosigned).into_owned();
        let cosigned = Cosigned { witness: name, size: head.size, note };
        audit::keep_cosigned(self.db(), &cosigned).await?;
        Ok(cosigned)
    }

    /// Has each new head co-signed until the server stops.
    pub(crate) async fn keep_cosigning(
        self,
        witnesses: Vec<Client>,
        mut stopped: watch::Receiver<bool>,
    ) {
        let mut cosigned = vec![None; witnesses.len()];
        while !*stopped.borrow_and_update() {
            let pause = match audit::checkpoint(self.db()).await {
                Ok(note) => self.ask_all(&witnesses, note.as_ref(), &mut cosigned).await,
                Err(error) => {
                    told(&error);
                    PAUSE_AFTER_FAILURE
                }
            };
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                // An error means that the sender is gone: the server has ended by itself.
                gone = stopped.changed() => if gone.is_err() { break },
            }
        }
    }

    /// Asks those that have not co-signed this head yet. Gives how long to wait then.
    async fn ask_all(
        &self,
        witnesses: &[Client],
        note: Option<&String>,
        cosigned: &mut [Option<String>],
    ) -> Duration {
        let mut pause = PAUSE;
        for (witness, last) in witnesses.iter().zip(cosigned) {
            if note.is_none() || last.as_ref() == note {
                continue;
            }
            let name = witness.key().name();
            match self.cosign(witness).await {
                Ok(now) => {
                    metrics::cosigned(name, now.size);
                    *last = note.cloned();
                }
                Err(error) => {
                    metrics::cosigning_failed(name, error.is_evidence());
                    told(&error);
                    pause = PAUSE_AFTER_FAILURE;
                }
            }
        }
        pause
    }
}

fn told(error: &(dyn std::error::Error + 'static)) {
    tracing::error!(error, "the audit log is not co-signed");
}
