//! Keys that partners' programs sign with.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use identity::access::Action;
use identity::api_client::key;
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::ToSchema;

use super::clients::{ClientKey, reachable};
use crate::access::Caller;
use crate::app::App;
use crate::idempotent::{Begun, Key, Once};
use crate::params::body;
use crate::problem::{ApiError, Problem};

/// A public key to be written down.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClientKeyDraft {
    /// A public key of Ed25519 in PEM, as `openssl pkey -pubout` writes it.
    public_key: String,
    /// Before this instant; within two years.
    #[schema(value_type = String, format = DateTime)]
    until: Timestamp,
}

/// Write a public key of a program down
#[utoipa::path(
    post, path = "/api/v1/api-clients/{client_id}/keys", tag = "access", security(("session" = [])),
    params(
        ("client_id" = String, Path, description = "Id of the program."),
        ("idempotency-key" = String, Header, description = "A new key, best a UUID; the same one when asking again."),
    ),
    request_body = ClientKeyDraft,
    responses(
        (status = 201, description = "It counts from now on.", body = ClientKey),
        (status = 400, description = "The body is not valid, or this is no public key of Ed25519.", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "Not signed in, or the session has ended.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "There is no such program, or it has ended.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The key is known, or three count already.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "The key of the request was used for another one.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn create_client_key(
    State(app): State<App>,
    caller: Caller,
    Path(client_id): Path<String>,
    once_key: Result<Key, ApiError>,
    bytes: Bytes,
) -> Result<Response, ApiError> {
    let client = reachable(&app, &caller, Action::ClientChange, &client_id).await?;
    let draft: ClientKeyDraft = body(
        &bytes,
        "应为 JSON 对象，含 `public_key`（PEM）和 `until`（时刻）",
        "a JSON object with `public_key` (PEM) and `until` (an instant)",
    )?;
    let request = format!("client key {client_id}");
    let once = match Once::begin(&app, &caller, once_key?, &request, &bytes).await? {
        Begun::New(once) => once,
        Begun::Again(answer) => return Ok(answer),
    };
    let (by, now) = (caller.who.username.as_str(), app.now());
    let new = (draft.public_key.as_str(), draft.until);
    let made = key::create_in(once.transaction(), &client.id, new, by, now).await?;
    once.answer(&ClientKey::shown(made, now)).await
}

/// Take a key back; it ends at once
#[utoipa::path(
    delete, path = "/api/v1/api-clients/{client_id}/keys/{key_id}", tag = "access", security(("session" = [])),
    params(
        ("client_id" = String, Path, description = "Id of the program."),
        ("key_id" = String, Path, description = "Id of the key."),
    ),
    responses(
        (status = 204, description = "Taken back."),
        (status = 401, description = "Not signed in, or the session has ended.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "There is no such program, or no such key in force.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn revoke_client_key(
    State(app): State<App>,
    caller: Caller,
    Path((client_id, key_id)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    let client = reachable(&app, &caller, Action::ClientChange, &client_id).await?;
    key::revoke(&app.db, &client.id, &key_id, &caller.who.username, app.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
