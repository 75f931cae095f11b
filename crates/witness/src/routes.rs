//! The witness over HTTP.
//!
//! | request | answer |
//! |---|---|
//! | `POST /add-checkpoint` | as C2SP `tlog-witness` says |
//! | `GET /checkpoints/<SHA-256 of the origin, hexadecimal>` | the checkpoint that was co-signed last, for auditors |
//! | `GET /` | its key, the logs that it knows and how large each was, for people |

use std::fmt::Write as _;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use sha2::{Digest as _, Sha256};
use trust::log::origin_of;

use crate::{Refusal, Witness};

/// Bytes of a request: 64 lines of a proof, and a note with many signatures.
const LARGEST: usize = 64 * 1024;

/// Seconds since 1970.
pub type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;

#[derive(Clone)]
struct Service {
    witness: Arc<Witness>,
    clock: Clock,
}

/// What answers for a witness.
pub fn router(witness: Arc<Witness>, clock: Clock) -> Router {
    Router::new()
        .route("/", get(index))
        .route("/add-checkpoint", post(add_checkpoint))
        .route("/checkpoints/{origin}", get(checkpoint))
        .layer(DefaultBodyLimit::max(LARGEST))
        .with_state(Service { witness, clock })
}

async fn add_checkpoint(State(service): State<Service>, body: Bytes) -> Response {
    let seconds = (service.clock)();
    // Co-signing waits for the disk.
    let work = move || {
        let answer = service.witness.add_checkpoint(&body, seconds);
        if let Err(refusal @ (Refusal::Inconsistent | Refusal::Conflict { .. })) = &answer
            && let Some(origin) = origin(&body)
        {
            tracing::warn!(origin, reason = %refusal, "a signed checkpoint was not co-signed");
        }
        answer
    };
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(line)) => text(StatusCode::OK, line),
        Ok(Err(refusal)) => refused(&refusal),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn origin(body: &[u8]) -> Option<String> {
    let asked = trust::log::Submission::parse(body).ok()?;
    origin_of(&asked.checkpoint).ok()
}

fn refused(refusal: &Refusal) -> Response {
    let status = match refusal {
        Refusal::Malformed(_) => StatusCode::BAD_REQUEST,
        Refusal::Unsigned => StatusCode::FORBIDDEN,
        Refusal::UnknownLog => StatusCode::NOT_FOUND,
        Refusal::Conflict { .. } => StatusCode::CONFLICT,
        Refusal::Inconsistent => StatusCode::UNPROCESSABLE_ENTITY,
        Refusal::Failed(_) => StatusCode::INTERNAL_SERVER_ERROR,
    };
    if let Refusal::Failed(error) = refusal {
        let error: &dyn std::error::Error = error;
        tracing::error!(error, "the witness can't work");
    }
    let told = format!("{refusal}\n").into_bytes();
    let mut response = text(status, told);
    if status == StatusCode::CONFLICT {
        let size = header::HeaderValue::from_static("text/x.tlog.size");
        response.headers_mut().insert(header::CONTENT_TYPE, size);
    }
    response
}

async fn checkpoint(State(service): State<Service>, Path(asked): Path<String>) -> Response {
    let find = move || {
        let logs = service.witness.logs()?;
        Ok(logs.into_iter().find(|log| named(&log.origin) == asked).and_then(|log| log.checkpoint))
    };
    match tokio::task::spawn_blocking(find).await {
        Ok(Ok(Some(note))) => text(StatusCode::OK, note),
        Ok(Ok(None)) => refused(&Refusal::UnknownLog),
        Ok(Err(error)) => refused(&Refusal::Failed(error)),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

async fn index(State(service): State<Service>) -> Response {
    let read = move || Ok((service.witness.verifier_key(), service.witness.logs()?));
    let (key, logs) = match tokio::task::spawn_blocking(read).await {
        Ok(Ok(read)) => read,
        Ok(Err(error)) => return refused(&Refusal::Failed(error)),
        Err(_) => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    };
    let mut page = format!("witness {key}\n");
    for log in logs {
        let size = log.checkpoint.as_deref().and_then(size_line).unwrap_or("nothing co-signed yet");
        // Writing to a text never fails.
        let _ = write!(
            page,
            "\nlog {}\nsize {size}\n/checkpoints/{}\n",
            log.origin,
            named(&log.origin)
        );
    }
    text(StatusCode::OK, page.into_bytes())
}

/// The second line of a checkpoint.
fn size_line(note: &[u8]) -> Option<&str> {
    std::str::from_utf8(note).ok()?.lines().nth(1)
}

fn named(origin: &str) -> String {
    format!("{:x}", Sha256::digest(origin))
}

fn text(status: StatusCode, bytes: Vec<u8>) -> Response {
    (status, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], bytes).into_response()
}
