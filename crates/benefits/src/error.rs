//! What can go wrong between a decision and a payment.

use vocab::Period;

use crate::channel::ChannelError;
use crate::model::BatchState;

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
pub enum BenefitsError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] store::StoreError),
    /// A statement failed.
    #[error("failed to {what}")]
    Database {
        /// The verb and its object.
        what: &'static str,
        /// Why.
        #[source]
        source: Box<store::sea_orm::DbErr>,
    },
    /// The data plane failed.
    #[error(transparent)]
    Engine(#[from] engine::EngineError),
    /// The period was not decided.
    #[error(
        "there are no decisions for {period}; run `huimin run` or `huimin decide` for it first"
    )]
    NoDecisions {
        /// The period.
        period: Period,
    },
    /// A table has another shape than this program expects.
    #[error(
        "table `{table}`: column `{column}` is missing or has another type than {expected}; decide the period again with this program"
    )]
    Column {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// The type.
        expected: &'static str,
    },
    /// An account number could not be opened.
    #[error(
        "the account number of person `{person_id}` can't be opened; use the key file that the data folder was made with"
    )]
    Account {
        /// The person.
        person_id: String,
        /// Why.
        #[source]
        source: trust::TrustError,
    },
    /// The lists contradict each other. Nothing was written.
    #[error(
        "the lists of {period} do not close for `{policy}`: {equation}; nothing was changed. This is a fault of the program: report it with this line"
    )]
    DoesNotClose {
        /// The period.
        period: Period,
        /// The policy.
        policy: String,
        /// What should be equal and is not.
        equation: String,
    },
    /// More money than fits.
    #[error(
        "the amounts of {what} add up to more than can be counted in fen; look for an amount that can't be true"
    )]
    Amount {
        /// What was added up.
        what: String,
    },
    /// There is no such batch.
    #[error("there is no batch `{batch}`; `huimin batch list` shows those that there are")]
    NoBatch {
        /// The id asked for.
        batch: String,
    },
    /// The batch is in another state than the act needs.
    #[error("batch `{batch}` is {}; {needed}", .state.as_str())]
    BatchState {
        /// The batch.
        batch: String,
        /// Its state.
        state: BatchState,
        /// What it would have to be, and what to do.
        needed: &'static str,
    },
    /// The same person approved before.
    #[error("`{user}` has approved batch `{batch}` already; a second, different person has to")]
    SamePerson {
        /// The batch.
        batch: String,
        /// The user.
        user: String,
    },
    /// A name that can't stand for a person.
    #[error("an approval needs the name of the person who gives it")]
    NoUser,
    /// The content is not the one that was seen or approved.
    #[error(
        "the content of batch `{batch}` is not the one that was approved (approved {approved}, now {now}); look at it again and approve it anew"
    )]
    ContentChanged {
        /// The batch.
        batch: String,
        /// The first digits of the hash that was approved or seen.
        approved: String,
        /// The first digits of the hash that the content has.
        now: String,
    },
    /// Knowledge has overtaken the batch.
    #[error(
        "batch `{batch}` holds {count} payments that are no longer due as they stand; run `huimin list` for its period again, which prepares it anew"
    )]
    Stale {
        /// The batch.
        batch: String,
        /// How many.
        count: u64,
    },
    /// The channel failed before anything was on its way, or refused the file.
    #[error("batch `{batch}` could not be handed over")]
    Channel {
        /// The batch.
        batch: String,
        /// Why.
        #[source]
        source: ChannelError,
    },
    /// A receipt that can't be true.
    #[error(
        "batch `{batch}`: the receipt for instruction `{instruction}` names {told} fen, instructed were {instructed}; nothing of this answer was taken over. Ask the fiscal platform"
    )]
    ReceiptAmount {
        /// The batch.
        batch: String,
        /// The instruction.
        instruction: String,
        /// What the receipt says.
        told: i64,
        /// What was instructed.
        instructed: i64,
    },
    /// A stored word that this program does not know.
    #[error(
        "the database holds `{word}` as {what}, which this program does not know; use the program that wrote it"
    )]
    Word {
        /// What it stands for.
        what: &'static str,
        /// The word.
        word: String,
    },
    /// A page mark that was not made by this program.
    #[error("the page mark is not one that this program gave out; begin at the first page")]
    Cursor,
    /// A workbook could not be written.
    #[error("failed to write the workbook")]
    Workbook {
        /// Why.
        #[source]
        source: rust_xlsxwriter::XlsxError,
    },
}

impl BenefitsError {
    /// Wraps a database error with what was tried.
    pub(crate) fn db(what: &'static str) -> impl FnOnce(store::sea_orm::DbErr) -> Self {
        move |source| Self::Database { what, source: Box::new(source) }
    }
}
