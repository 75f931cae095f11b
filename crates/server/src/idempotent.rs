//! Requests that make something are given a key by whoever asks: asked again with the same key, they get the
//! same answer, and nothing is made twice.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use store::idempotency::{self, Taken};
use store::sea_orm::DatabaseTransaction;
use store::{StoreError, begin_write};

use crate::access::Caller;
use crate::app::App;
use crate::problem::ApiError;

const HEADER: &str = "idempotency-key";
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// Longest key.
const LONGEST: usize = 64;

/// The key of a request, best a UUID.
#[derive(Debug, Clone)]
pub(crate) struct Key(String);

impl<S: Send + Sync> FromRequestParts<S> for Key {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let given = parts.headers.get(HEADER).and_then(|value| value.to_str().ok());
        given
            .filter(|key| {
                (1..=LONGEST).contains(&key.len())
                    && key.bytes().all(|byte| byte.is_ascii_graphic())
            })
            .map(|key| Self(key.to_owned()))
            .ok_or_else(ApiError::key_needed)
    }
}

/// A request that is being done for the first time, in a transaction of its own.
pub(crate) struct Once {
    transaction: DatabaseTransaction,
    who: String,
    key: String,
}

/// Whether a request is new.
pub(crate) enum Begun {
    /// It is: do it.
    New(Once),
    /// It was done before, and this was the answer.
    Again(Response),
}

impl Once {
    /// Takes the key. `request` names the operation and the thing, `body` is what came.
    ///
    /// # Errors
    ///
    /// When the key was used for another request.
    pub(crate) async fn begin(
        app: &App,
        caller: &Caller,
        key: Key,
        request: &str,
        body: &[u8],
    ) -> Result<Begun, ApiError> {
        Self::begin_as(app, &caller.who.username, key, request, body).await
    }

    /// As [`Once::begin`], for somebody who is no account of the staff.
    ///
    /// # Errors
    ///
    /// As [`Once::begin`].
    pub(crate) async fn begin_as(
        app: &App,
        who: &str,
        Key(key): Key,
        request: &str,
        body: &[u8],
    ) -> Result<Begun, ApiError> {
        // Keyed, since a body may hold a password that nobody should be able to try out.
        let asked = format!("{request}\n{}", String::from_utf8_lossy(body));
        let hash = app.keys()?.token("idempotency", &asked);
        let who = who.to_owned();
        let transaction = begin_write(&app.db).await?;
        match idempotency::take(&transaction, &who, &key, &hash, app.now()).await? {
            Taken::New => Ok(Begun::New(Self { transaction, who, key })),
            Taken::Before(answer) => {
                let mut again = made(answer);
                again.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
                Ok(Begun::Again(again))
            }
            Taken::OtherRequest => Err(ApiError::key_reused()),
        }
    }

    /// Where the effect happens.
    pub(crate) fn transaction(&self) -> &DatabaseTransaction {
        &self.transaction
    }

    /// Keeps the answer with the effect, and gives it.
    pub(crate) async fn answer(self, answer: &impl Serialize) -> Result<Response, ApiError> {
        let answer = serde_json::to_string(answer)?;
        idempotency::keep(&self.transaction, &self.who, &self.key, &answer).await?;
        self.transaction.commit().await.map_err(StoreError::db("commit what was made"))?;
        Ok(made(answer))
    }
}

fn made(answer: String) -> Response {
    let json = HeaderValue::from_static("application/json");
    (StatusCode::CREATED, [(header::CONTENT_TYPE, json)], answer).into_response()
}
