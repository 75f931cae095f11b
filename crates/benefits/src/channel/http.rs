//! The fiscal platform over HTTP.
//!
//! ```text
//! POST {base}/batches/{batch}           text/csv, the instruction file
//!   → 200 {"accepted": n, "duplicate": m}       all of it was taken; known ids change nothing
//!   → 4xx text                                  nothing was taken
//! GET  {base}/batches/{batch}/receipts
//!   → 200 {"receipts": [{"instruction_id", "receipt_no", "status", "reason", "amount_fen", "on"}]}
//!   → 404                                       the batch is not known
//! ```
//!
//! `status` is one of `accepted`, `paid`, `rejected`, `returned`. Anything else that happens to a
//! request (a time-out, a broken connection, a 5xx) leaves its outcome unknown.

use std::time::Duration;

use reqwest::{Client, Response, StatusCode};
use serde::Deserialize;
use url::Url;

use super::layout::reason;
use super::{Channel, ChannelError, InstructionFile, ReceiptLine, instruction_bytes};
use crate::model::ReceiptKind;

/// How long a file of a million lines may take to be taken and made durable.
const TIMEOUT: Duration = Duration::from_secs(120);

/// The longest answer that is read: a million receipts of some 160 bytes, and as much again.
const ANSWER_MAX: usize = 320 << 20;

/// The fiscal platform over HTTP.
#[derive(Debug, Clone)]
pub struct FiscalHttp {
    base: Url,
    client: Client,
}

impl FiscalHttp {
    /// The platform at `base`, for instance `http://127.0.0.1:8090`.
    ///
    /// # Errors
    ///
    /// [`ChannelError::Unreachable`] when the address is not an HTTP address.
    pub fn new(base: &str) -> Result<Self, ChannelError> {
        Self::with_timeout(base, TIMEOUT)
    }

    /// As [`FiscalHttp::new`], with another time after which an outcome is unknown.
    ///
    /// # Errors
    ///
    /// As [`FiscalHttp::new`].
    pub fn with_timeout(base: &str, timeout: Duration) -> Result<Self, ChannelError> {
        let wrong = |reason: String| ChannelError::Unreachable { place: base.to_owned(), reason };
        let parsed = Url::parse(base).map_err(|error| wrong(error.to_string()))?;
        if !matches!(parsed.scheme(), "http" | "https") || parsed.cannot_be_a_base() {
            return Err(wrong("an address that begins with http:// was expected".to_owned()));
        }
        let client = Client::builder()
            .timeout(timeout)
            .connect_timeout(timeout.min(Duration::from_secs(10)))
            // A redirect of a payment file is not followed to wherever it points.
            .redirect(reqwest::redirect::Policy::none())
            // An address inside the government network is reached directly.
            .no_proxy()
            .build()
            .map_err(|error| wrong(error.to_string()))?;
        Ok(Self { base: parsed, client })
    }

    fn address(&self, parts: &[&str]) -> Url {
        let mut address = self.base.clone();
        if let Ok(mut path) = address.path_segments_mut() {
            path.pop_if_empty().extend(parts);
        }
        address
    }

    fn place(&self) -> String {
        self.base.to_string()
    }

    fn unknown(&self, reason: &dyn ToString) -> ChannelError {
        ChannelError::Unknown { place: self.place(), reason: reason.to_string() }
    }

    /// A request that never got a connection has no outcome; any other failure is not known.
    fn failure(&self, error: &reqwest::Error) -> ChannelError {
        let reason = innermost(error);
        if error.is_connect() {
            ChannelError::Unreachable { place: self.place(), reason }
        } else {
            self.unknown(&reason)
        }
    }
}

#[derive(Deserialize)]
struct Taken {
    accepted: u64,
    duplicate: u64,
}

#[derive(Deserialize)]
struct Answer {
    receipts: Vec<Receipt>,
}

#[derive(Deserialize)]
struct Receipt {
    instruction_id: String,
    receipt_no: Option<String>,
    status: ReceiptKind,
    reason: Option<String>,
    amount_fen: i64,
    on: Option<String>,
}

#[async_trait::async_trait]
impl Channel for FiscalHttp {
    fn name(&self) -> &'static str {
        "fiscal-http"
    }

    async fn send(&self, file: &InstructionFile) -> Result<(), ChannelError> {
        let response = self
            .client
            .post(self.address(&["batches", &file.batch_id]))
            .header("content-type", "text/csv; charset=utf-8")
            .header("idempotency-key", &file.hash)
            .body(instruction_bytes(file))
            .send()
            .await
            .map_err(|error| self.failure(&error))?;
        let status = response.status();
        // An answer that breaks off in the middle does not say what happened.
        let body = read(response).await.map_err(|reason| self.unknown(&reason))?;
        if status.is_client_error() {
            let text: String = String::from_utf8_lossy(&body).chars().take(300).collect();
            return Err(ChannelError::Refused {
                place: self.place(),
                reason: format!("{status}: {text}"),
            });
        }
        if !status.is_success() {
            return Err(self.unknown(&status));
        }
        let taken: Taken = serde_json::from_slice(&body).map_err(|error| self.unknown(&error))?;
        let sent = file.lines.len() as u64;
        if taken.accepted + taken.duplicate != sent {
            return Err(self.unknown(&format!(
                "{sent} instructions were sent, {} accepted and {} known before",
                taken.accepted, taken.duplicate
            )));
        }
        Ok(())
    }

    async fn ask(&self, batch_id: &str) -> Result<Vec<ReceiptLine>, ChannelError> {
        let unreachable =
            |reason: String| ChannelError::Unreachable { place: self.place(), reason };
        let response = self
            .client
            .get(self.address(&["batches", batch_id, "receipts"]))
            .send()
            .await
            // Asking changes nothing there, so it can simply be done again.
            .map_err(|error| unreachable(innermost(&error)))?;
        match response.status() {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND => return Ok(Vec::new()),
            status => return Err(unreachable(status.to_string())),
        }
        let body = read(response).await.map_err(unreachable)?;
        let answer: Answer = serde_json::from_slice(&body).map_err(|error| {
            ChannelError::Answer { place: self.place(), reason: error.to_string() }
        })?;
        Ok(answer
            .receipts
            .into_iter()
            .map(|receipt| ReceiptLine {
                instruction_id: receipt.instruction_id,
                receipt_no: receipt.receipt_no.unwrap_or_default(),
                kind: receipt.status,
                reason: reason(receipt.status, receipt.reason.as_deref().unwrap_or_default()),
                amount_fen: receipt.amount_fen,
                on: receipt.on.unwrap_or_default(),
            })
            .collect())
    }
}

/// Reads a body of bounded length.
async fn read(mut response: Response) -> Result<Vec<u8>, String> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| innermost(&error))? {
        if body.len() + chunk.len() > ANSWER_MAX {
            return Err(format!("the answer is longer than {ANSWER_MAX} bytes"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// The cause at the bottom; the texts above it repeat the address.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}
