//! What partners' programs may ask about.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use identity::access::Action;
use identity::api_client::agreement::{self, NewAgreement};
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::ToSchema;

use super::clients::{Agreement, reachable};
use crate::access::Caller;
use crate::app::App;
use crate::idempotent::{Begun, Key, Once};
use crate::params::body;
use crate::problem::{ApiError, Problem};

/// An agreement to be written down.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AgreementDraft {
    /// Policy id.
    policy: String,
    /// The law or the paper that it rests on, and what the answer is used for; 1 to 500 characters.
    basis: String,
    /// Before this instant.
    #[schema(value_type = String, format = DateTime)]
    until: Timestamp,
}

/// Let a program ask about a policy
#[utoipa::path(
    post, path = "/api/v1/api-clients/{client_id}/agreements", tag = "access", security(("session" = [])),
    params(
        ("client_id" = String, Path, description = "Id of the program."),
        ("idempotency-key" = String, Header, description = "A new key, best a UUID; the same one when asking again."),
    ),
    request_body = AgreementDraft,
    responses(
        (status = 201, description = "In force from now on.", body = Agreement),
        (status = 400, description = "The body is not valid.", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "Not signed in, or the session has ended.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "There is no such program, or it has ended; or no such policy.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "One about this policy is in force.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "The key was used for another request.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn create_agreement(
    State(app): State<App>,
    caller: Caller,
    Path(client_id): Path<String>,
    key: Result<Key, ApiError>,
    bytes: Bytes,
) -> Result<Response, ApiError> {
    let client = reachable(&app, &caller, Action::ClientChange, &client_id).await?;
    let draft: AgreementDraft = body(
        &bytes,
        "应为 JSON 对象，含文本 `policy` 和 `basis`，以及 `until`（时刻）",
        "a JSON object with the texts `policy` and `basis`, and `until` (an instant)",
    )?;
    app.pack.policy(&draft.policy).ok_or_else(ApiError::policy_unknown)?;
    let request = format!("agreement {client_id}");
    let once = match Once::begin(&app, &caller, key?, &request, &bytes).await? {
        Begun::New(once) => once,
        Begun::Again(answer) => return Ok(answer),
    };
    let (by, now) = (caller.who.username.as_str(), app.now());
    let new = NewAgreement { policy: &draft.policy, basis: &draft.basis, until: draft.until };
    let made = agreement::create_in(once.transaction(), &client.id, new, by, now).await?;
    once.answer(&Agreement::shown(made, now)).await
}

/// End an agreement; it ends at once
#[utoipa::path(
    delete, path = "/api/v1/api-clients/{client_id}/agreements/{agreement_id}", tag = "access", security(("session" = [])),
    params(
        ("client_id" = String, Path, description = "Id of the program."),
        ("agreement_id" = String, Path, description = "Id of the agreement."),
    ),
    responses(
        (status = 204, description = "Ended."),
        (status = 401, description = "Not signed in, or the session has ended.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "There is no such program, or no such agreement in force.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn end_agreement(
    State(app): State<App>,
    caller: Caller,
    Path((client_id, agreement_id)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    let client = reachable(&app, &caller, Action::ClientChange, &client_id).await?;
    agreement::end(&app.db, &client.id, &agreement_id, &caller.who.username, app.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
