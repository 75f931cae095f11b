//! The gateway's addresses.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Json, Response};
use axum::routing::get;
use serde::{Deserialize, Serialize};

use super::{SmsOptions, page};

/// Messages that are shown; older ones go.
const MOST: usize = 200;

/// A message as it was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Message {
    #[serde(default)]
    pub(super) id: String,
    pub(super) to: String,
    pub(super) template: String,
    pub(super) parameters: BTreeMap<String, String>,
}

#[derive(Clone)]
struct Gateway {
    token: Option<Arc<str>>,
    taken: Arc<Mutex<Taken>>,
}

#[derive(Default)]
struct Taken {
    still_refused: u32,
    /// Newest last.
    messages: Vec<Message>,
}

pub(super) fn router(options: SmsOptions) -> Router {
    let taken = Taken { still_refused: options.refuse_first, ..Taken::default() };
    let gateway =
        Gateway { token: options.token.map(Arc::from), taken: Arc::new(Mutex::new(taken)) };
    Router::new().route("/messages", get(list).post(take)).route("/", get(show)).with_state(gateway)
}

async fn take(State(gateway): State<Gateway>, headers: HeaderMap, body: Bytes) -> Response {
    let given = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let right = gateway.token.as_ref().is_none_or(|token| {
        given(header::AUTHORIZATION).and_then(|value| value.strip_prefix("Bearer ")) == Some(token)
    });
    if !right {
        return (StatusCode::UNAUTHORIZED, "令牌不对 / wrong token").into_response();
    }
    let id = given(header::HeaderName::from_static("idempotency-key")).unwrap_or_default();
    let mut message: Message = match serde_json::from_slice(&body) {
        Ok(message) if !id.is_empty() => message,
        _ => {
            let text = "应为短信的 JSON 及 Idempotency-Key / expected a message as JSON, and Idempotency-Key";
            return (StatusCode::BAD_REQUEST, text).into_response();
        }
    };
    message.id = id.to_owned();
    let mut taken = gateway.taken.lock().unwrap_or_else(PoisonError::into_inner);
    if taken.still_refused > 0 {
        taken.still_refused -= 1;
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    if !taken.messages.iter().any(|known| known.id == message.id) {
        taken.messages.push(message);
        let surplus = taken.messages.len().saturating_sub(MOST);
        taken.messages.drain(..surplus);
    }
    StatusCode::ACCEPTED.into_response()
}

impl Gateway {
    fn newest_first(&self) -> Vec<Message> {
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.messages.iter().rev().cloned().collect()
    }
}

async fn list(State(gateway): State<Gateway>) -> Json<serde_json::Value> {
    Json(serde_json::json!({ "messages": gateway.newest_first() }))
}

async fn show(State(gateway): State<Gateway>) -> Html<String> {
    Html(page::page(&gateway.newest_first()))
}
