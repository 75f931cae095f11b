//! The platform's two addresses.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Json, Response};
use axum::routing::{get, post};

use super::ledger::{Ledger, Refusal};
use super::{FiscalFaults, file};

/// The largest file that is taken: two million instructions of some 250 bytes.
const FILE_MAX: usize = 512 << 20;

/// How long an answer that is to be lost stays away: longer than anybody waits.
const NEVER: Duration = Duration::from_secs(24 * 3_600);

#[derive(Clone)]
struct Platform {
    ledger: Arc<Mutex<Ledger>>,
    faults: Arc<FiscalFaults>,
    lost: Arc<AtomicU32>,
}

pub(super) fn router(ledger: Ledger, faults: FiscalFaults) -> Router {
    let platform = Platform {
        ledger: Arc::new(Mutex::new(ledger)),
        faults: Arc::new(faults),
        lost: Arc::new(AtomicU32::new(0)),
    };
    Router::new()
        .route("/batches/{batch}", post(take))
        .route("/batches/{batch}/receipts", get(receipts))
        .layer(DefaultBodyLimit::max(FILE_MAX))
        .with_state(platform)
}

async fn take(
    State(platform): State<Platform>,
    Path(batch): Path<String>,
    body: Bytes,
) -> Response {
    let instructions = match file::parse(&batch, &body) {
        Ok(instructions) => instructions,
        Err(reason) => return (StatusCode::BAD_REQUEST, reason).into_response(),
    };
    let answer = platform.with_ledger(move |ledger| ledger.take(&batch, instructions)).await;
    let response = match answer {
        Some(Ok(taken)) => {
            if platform.loses_this_answer() {
                tokio::time::sleep(NEVER).await;
            }
            Json(taken).into_response()
        }
        Some(Err(Refusal::Contradiction(id))) => {
            let text = format!(
                "指令 {id} 已存在且内容不同 / instruction {id} is known with another content"
            );
            (StatusCode::CONFLICT, text).into_response()
        }
        Some(Err(Refusal::Journal(error))) => broken(&error.to_string()),
        None => broken("the ledger can't be used any more"),
    };
    platform.delay().await;
    response
}

async fn receipts(State(platform): State<Platform>, Path(batch): Path<String>) -> Response {
    let answer = platform.with_ledger(move |ledger| ledger.receipts(&batch)).await;
    let response = match answer {
        Some(Ok(Some(mut receipts))) => {
            if platform.faults.duplicate_receipts {
                receipts.extend(receipts.clone());
            }
            Json(serde_json::json!({ "receipts": receipts })).into_response()
        }
        Some(Ok(None)) => (StatusCode::NOT_FOUND, "批次不存在 / no such batch").into_response(),
        Some(Err(error)) => broken(&error.to_string()),
        None => broken("the ledger can't be used any more"),
    };
    platform.delay().await;
    response
}

fn broken(reason: &str) -> Response {
    (StatusCode::INTERNAL_SERVER_ERROR, reason.to_owned()).into_response()
}

impl Platform {
    /// Works on the ledger away from the threads that answer, since it flushes to disk.
    async fn with_ledger<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Ledger) -> T + Send + 'static,
    ) -> Option<T> {
        let ledger = self.ledger.clone();
        tokio::task::spawn_blocking(move || ledger.lock().ok().map(|mut ledger| work(&mut ledger)))
            .await
            .ok()
            .flatten()
    }

    fn loses_this_answer(&self) -> bool {
        self.lost.fetch_add(1, Ordering::Relaxed) < self.faults.lost_answers
    }

    async fn delay(&self) {
        if let Some(delay) = self.faults.delay {
            tokio::time::sleep(delay).await;
        }
    }
}
