//! Channels: how instructions get to the fiscal platform, and receipts back.
//!
//! A channel is a real way to a real counterpart: [`FiscalFolder`] writes the platform's CSV into a
//! folder that an operator or a transfer service picks up, [`FiscalHttp`] posts the same file over
//! HTTP. The layout follows the subsidy payment platform of the province (粤财扶助): one line a
//! payment, UTF-8 with a byte order mark.

mod folder;
mod http;
mod layout;

use std::path::PathBuf;

pub use folder::FiscalFolder;
pub use http::FiscalHttp;
pub use layout::{INSTRUCTION_COLUMNS, RECEIPT_COLUMNS};
pub(crate) use layout::{instruction_bytes, parse_receipts};

use crate::model::{ReceiptKind, RejectReason};

/// One instruction to pay.
#[derive(Clone, PartialEq, Eq)]
pub struct InstructionLine {
    /// Its place in the batch.
    pub seq: i64,
    /// Its id, by which the platform knows that it has it already.
    pub instruction_id: String,
    /// The policy's id.
    pub policy: String,
    /// The policy's Chinese name.
    pub policy_name: String,
    /// The period, `YYYY-MM`.
    pub period: String,
    /// The name on the account.
    pub name: String,
    /// The account number.
    pub account: String,
    /// The amount.
    pub amount_fen: i64,
    /// Division of the subject.
    pub division: String,
}

impl std::fmt::Debug for InstructionLine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InstructionLine")
            .field("instruction_id", &self.instruction_id)
            .field("policy", &self.policy)
            .field("amount_fen", &self.amount_fen)
            .finish_non_exhaustive()
    }
}

/// The instructions of a batch, or those of them that have to be sent (again).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstructionFile {
    /// The batch: digits and dashes.
    pub batch_id: String,
    /// Hash of the batch's approved content.
    pub hash: String,
    /// The day to pay on, `YYYY-MM-DD`.
    pub pay_on: String,
    /// The instructions.
    pub lines: Vec<InstructionLine>,
}

/// What the platform says of one instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptLine {
    /// The instruction.
    pub instruction_id: String,
    /// The platform's number of this receipt; empty for "accepted".
    pub receipt_no: String,
    /// What it says.
    pub kind: ReceiptKind,
    /// Why it was refused or sent back.
    pub reason: Option<RejectReason>,
    /// The amount.
    pub amount_fen: i64,
    /// The day, `YYYY-MM-DD`.
    pub on: String,
}

/// Why a channel could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum ChannelError {
    /// The counterpart could not be reached: nothing has gone out.
    #[error(
        "`{place}` can't be reached: {reason}; check the address and that it runs, then try again"
    )]
    Unreachable {
        /// Its address or folder.
        place: String,
        /// Why.
        reason: String,
    },
    /// The counterpart refused the file as a whole: nothing was taken.
    #[error("`{place}` refused the file: {reason}")]
    Refused {
        /// Its address or folder.
        place: String,
        /// What it said.
        reason: String,
    },
    /// The file may or may not have been taken.
    #[error(
        "it is not known whether `{place}` has taken the file: {reason}; send the batch again, which asks first"
    )]
    Unknown {
        /// Its address or folder.
        place: String,
        /// Why.
        reason: String,
    },
    /// An answer that is not in the agreed form.
    #[error(
        "the answer of `{place}` is not in the agreed form: {reason}; nothing of it was taken over"
    )]
    Answer {
        /// Its address or file.
        place: String,
        /// What was expected.
        reason: String,
    },
}

/// A way to the fiscal platform.
#[async_trait::async_trait]
pub trait Channel: Send + Sync {
    /// Its name, stored with the batch.
    fn name(&self) -> &'static str;

    /// Hands a file over. `Ok` means that every instruction in it was taken.
    async fn send(&self, file: &InstructionFile) -> Result<(), ChannelError>;

    /// Everything that is known there of the instructions of a batch, one or more lines for each
    /// instruction that has arrived. Empty for a batch that has not.
    async fn ask(&self, batch_id: &str) -> Result<Vec<ReceiptLine>, ChannelError>;
}

/// An input or output error at a path, for channels that work with files.
pub(crate) fn at_path(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> ChannelError {
    let path = path.into();
    move |error| ChannelError::Unreachable {
        place: path.display().to_string(),
        reason: error.to_string(),
    }
}
