//! The journal: an append-only file that is flushed before anything is answered.

use std::fs::{File, TryLockError};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// Why the journal can't be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// A file operation failed.
    #[error("failed to {what} the journal `{path}`")]
    Io {
        /// The verb.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Another process uses it.
    #[error(
        "the journal `{path}` is in use by another fiscal platform; stop that one, or give another file"
    )]
    Locked {
        /// The file.
        path: PathBuf,
    },
    /// It holds something else.
    #[error(
        "line {line} of `{path}` is no journal entry; give a journal of this program, or a new file"
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(super) enum Event {
    /// An instruction was taken.
    Taken {
        batch: String,
        instruction_id: String,
        policy: String,
        period: String,
        name: String,
        account: String,
        amount_fen: i64,
        pay_on: String,
    },
    /// The receipts of a batch were asked for.
    Asked { batch: String },
    /// A receipt was made.
    Receipt { instruction_id: String, receipt_no: String, status: Status, reason: Option<String> },
}

/// What a receipt says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Status {
    Accepted,
    Paid,
    Rejected,
    Returned,
}

/// The open journal.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    file: File,
}

impl Journal {
    /// Opens the journal and reads what is in it.
    ///
    /// A last line without an end was being written when the process was killed; it was never
    /// answered for, and is cut off.
    pub(super) fn open(path: &Path) -> Result<(Self, Vec<Event>), JournalError> {
        let io = |what| move |source| JournalError::Io { what, path: path.to_owned(), source };
        let mut file = File::options()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(path)
            .map_err(io("open"))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(JournalError::Locked { path: path.to_owned() });
            }
            Err(TryLockError::Error(source)) => return Err(io("lock")(source)),
        }
        let mut text = Vec::new();
        file.read_to_end(&mut text).map_err(io("read"))?;
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        file.set_len(whole as u64).map_err(io("cut"))?;
        file.seek(SeekFrom::End(0)).map_err(io("read"))?;
        let events = text
            .split(|byte| *byte == b'\n')
            .take(text.iter().filter(|byte| **byte == b'\n').count())
            .enumerate()
            .map(|(index, line)| {
                serde_json::from_slice(line)
                    .map_err(|_| JournalError::Damaged { path: path.to_owned(), line: index + 1 })
            })
            .collect::<Result<Vec<_>, _>>()?;
        Ok((Self { path: path.to_owned(), file }, events))
    }

    /// Appends events and flushes them to disk, all with one flush.
    pub(super) fn append(&mut self, events: &[Event]) -> Result<(), JournalError> {
        if events.is_empty() {
            return Ok(());
        }
        let mut text = Vec::new();
        for event in events {
            serde_json::to_writer(&mut text, event).map_err(|error| JournalError::Io {
                what: "write",
                path: self.path.clone(),
                source: error.into(),
            })?;
            text.push(b'\n');
        }
        self.file
            .write_all(&text)
            .and_then(|()| self.file.sync_data())
            .map_err(|source| JournalError::Io { what: "write", path: self.path.clone(), source })
    }
}
