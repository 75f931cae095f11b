//! Co-signing, and refusing to.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use trust::log::{
    Head, LogVerifier, Submission, WitnessKey, WitnessVerifier, check_consistency, open_checkpoint,
    origin_of,
};

use crate::WitnessError;
use crate::memory::Memory;

/// Sizes of logs are numbers of 63 bits.
const LARGEST: u64 = i64::MAX.unsigned_abs();

/// Why a checkpoint is not co-signed. C2SP `tlog-witness` names the status of each.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// 400: the request makes no sense.
    #[error("{0}")]
    Malformed(String),
    /// 403: none of the log's keys has signed it.
    #[error("the checkpoint is not signed with a key that is known here for this log")]
    Unsigned,
    /// 404: nobody has named this log.
    #[error("this log is not known here")]
    UnknownLog,
    /// 409: the old size is not the one that was co-signed last, or of one size there are two roots.
    #[error("{size}")]
    Conflict {
        /// Leaves of the checkpoint that was co-signed last; 0 for none.
        size: u64,
    },
    /// 422: nothing shows that the log only grew.
    #[error("the proof does not show that the log only grew")]
    Inconsistent,
    /// 500: the witness can't remember, and so does not sign.
    #[error("the witness can't work now")]
    Failed(#[from] WitnessError),
}

/// A log, and what was co-signed of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// Its name.
    pub origin: String,
    /// The checkpoint that was co-signed last, with the co-signature; `None` before there was one.
    pub checkpoint: Option<Vec<u8>>,
}

/// Somebody who co-signs checkpoints of logs that they were told of.
#[derive(Debug)]
pub struct Witness {
    key: WitnessKey,
    own: WitnessVerifier,
    logs: Vec<LogVerifier>,
    /// Held from reading what was co-signed last to remembering what is co-signed now.
    memory: Mutex<Memory>,
}

impl Witness {
    /// A witness that keeps what it has seen in `folder`, which is made if it is not there. `logs` are the keys of the
    /// logs that it knows; a log that has several keys is given several times.
    ///
    /// # Errors
    ///
    /// [`WitnessError`], also when another program works with the folder.
    pub fn open(
        folder: &Path,
        key: WitnessKey,
        logs: Vec<LogVerifier>,
    ) -> Result<Self, WitnessError> {
        let own = WitnessVerifier::parse(&key.verifier_key())?;
        let witness = Self { key, own, logs, memory: Mutex::new(Memory::open(folder)?) };
        // A memory that can't be used is told before anybody asks.
        witness.logs()?;
        Ok(witness)
    }

    /// What others check its co-signatures with.
    #[must_use]
    pub fn verifier_key(&self) -> String {
        self.key.verifier_key()
    }

    /// The logs that it knows, in the order in which they were given.
    ///
    /// # Errors
    ///
    /// [`WitnessError`] when what is remembered can't be read.
    pub fn logs(&self) -> Result<Vec<Log>, WitnessError> {
        let memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let mut logs: Vec<Log> = Vec::new();
        for log in &self.logs {
            if logs.iter().all(|known| known.origin != log.name()) {
                let checkpoint = self.last(&memory, log.name())?.map(|(_, note)| note);
                logs.push(Log { origin: log.name().to_owned(), checkpoint });
            }
        }
        Ok(logs)
    }

    /// Answers a request: the co-signature, made at `seconds` since 1970, as a line of a signed note.
    ///
    /// # Errors
    ///
    /// [`Refusal`]; nothing was co-signed then.
    pub fn add_checkpoint(&self, body: &[u8], seconds: u64) -> Result<Vec<u8>, Refusal> {
        let malformed = |error: &dyn std::error::Error| Refusal::Malformed(error.to_string());
        let asked = Submission::parse(body).map_err(|error| malformed(&error))?;
        let origin = origin_of(&asked.checkpoint).map_err(|error| malformed(&error))?;
        let head = self.signed_head(&origin, &asked.checkpoint)?;
        if asked.old > head.size || head.size > LARGEST {
            return Err(Refusal::Malformed("the old size is larger than the new one".to_owned()));
        }

        let memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let last = self.last(&memory, &origin)?.map(|(head, _)| head);
        let last = last.unwrap_or(Head { size: 0, root: [0; 32] });
        if asked.old != last.size
            || (head.size == last.size && head.size > 0 && head.root != last.root)
        {
            return Err(Refusal::Conflict { size: last.size });
        }
        check_consistency(&asked.proof, last, head).map_err(|_| Refusal::Inconsistent)?;
        let line =
            self.key.cosignature(&asked.checkpoint, seconds).map_err(|error| malformed(&error))?;
        let cosigned =
            self.key.cosign(&asked.checkpoint, seconds).map_err(|error| malformed(&error))?;
        memory.remember(&origin, &cosigned)?;
        Ok(line)
    }

    /// The head of a checkpoint that one of the log's keys has signed.
    fn signed_head(&self, origin: &str, checkpoint: &[u8]) -> Result<Head, Refusal> {
        let mut keys = self.logs.iter().filter(|log| log.name() == origin).peekable();
        keys.peek().ok_or(Refusal::UnknownLog)?;
        let opened = keys.find_map(|key| open_checkpoint(checkpoint, key, &[]).ok());
        opened.map(|opened| opened.head).ok_or(Refusal::Unsigned)
    }

    /// What was co-signed last of a log. That it is co-signed shows that nobody else has written it.
    fn last(&self, memory: &Memory, origin: &str) -> Result<Option<(Head, Vec<u8>)>, WitnessError> {
        let Some((path, note)) = memory.last(origin)? else { return Ok(None) };
        let own = std::slice::from_ref(&self.own);
        let wrong = |reason: String| WitnessError::Memory { path, reason };
        let keys = self.logs.iter().filter(|log| log.name() == origin);
        let mut reason = "its log is not known".to_owned();
        for key in keys {
            match open_checkpoint(&note, key, own) {
                Ok(opened) if !opened.witnesses.is_empty() => return Ok(Some((opened.head, note))),
                Ok(_) => reason = "it is not co-signed with this witness's key".to_owned(),
                Err(error) => reason = error.to_string(),
            }
        }
        Err(wrong(reason))
    }
}
