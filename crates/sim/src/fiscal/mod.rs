//! The fiscal platform that pays: a server of its own, with a journal of its own.
//!
//! It stands for the province's subsidy payment platform and the bank behind it. It takes an
//! instruction file, knows each instruction by its id (the same id again changes nothing), and
//! answers with receipts: most instructions are paid, some refused with a reason, some paid and
//! sent back later. What happens to an instruction depends on the seed and its id alone, so that a
//! run can be repeated.
//!
//! ```text
//! POST /batches/{batch}            text/csv → {"accepted": n, "duplicate": m} | 400 | 409
//! GET  /batches/{batch}/receipts   → {"receipts": […]} | 404
//! ```
//!
//! Everything that it answers for stands in the journal, flushed to disk, before the answer goes
//! out: a checker can read from the journal alone what was paid. Nothing here knows the platform's
//! own code; both follow the same agreed form, as two offices would.

mod file;
mod journal;
mod ledger;
mod routes;

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use tokio::net::TcpListener;

pub use journal::JournalError;

/// How the platform behaves.
#[derive(Debug, Clone)]
pub struct FiscalOptions {
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Its journal, one JSON document a line; made when it is not there.
    pub journal: PathBuf,
    /// Decides what happens to which instruction.
    pub seed: u64,
    /// Instructions in a thousand that are refused.
    pub reject_permille: u32,
    /// Instructions in a thousand that are paid and sent back when receipts are asked for again.
    pub return_permille: u32,
    /// What goes wrong on purpose.
    pub faults: FiscalFaults,
}

/// What goes wrong on purpose.
#[derive(Debug, Clone, Default)]
pub struct FiscalFaults {
    /// For so many files the answer never comes, although everything was taken.
    pub lost_answers: u32,
    /// The first so many times that a batch's receipts are asked for, nothing is decided yet.
    pub undecided_asks: u32,
    /// Each receipt is told twice.
    pub duplicate_receipts: bool,
    /// Each answer waits so long.
    pub delay: Option<Duration>,
}

/// Why the platform can't run.
#[derive(Debug, thiserror::Error)]
pub enum FiscalError {
    /// The address can't be listened on.
    #[error("can't listen on {listen}; choose another address with --listen")]
    Listen {
        /// The address.
        listen: SocketAddr,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The journal can't be used.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The server broke off.
    #[error("the server of the fiscal platform broke off")]
    Serve {
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

/// Runs the platform until the process is stopped.
///
/// The first line on standard output is `listening on http://ADDRESS`, written when the address
/// takes connections.
///
/// # Errors
///
/// [`FiscalError`] when the address or the journal can't be used.
pub async fn serve(options: FiscalOptions) -> Result<(), FiscalError> {
    let listen = options.listen;
    let fault = |source| FiscalError::Listen { listen, source };
    let ledger = ledger::Ledger::open(&options)?;
    let listener = TcpListener::bind(listen).await.map_err(fault)?;
    let address = listener.local_addr().map_err(fault)?;
    let mut out = std::io::stdout().lock();
    // Whoever started the process may not read the line; that is no reason to stop.
    let _ = writeln!(out, "listening on http://{address}");
    let _ = out.flush();
    drop(out);
    let stop = async {
        // Without a handler for the signal the process simply ends, which is as good.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    axum::serve(listener, routes::router(ledger, options.faults))
        .with_graceful_shutdown(stop)
        .await
        .map_err(|source| FiscalError::Serve { source })
}
