//! Purposes of an account.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use identity::access::Action;
use identity::grant::{self, NewGrant};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::names::PurposeName;
use super::users::reachable;
use crate::access::Caller;
use crate::app::App;
use crate::idempotent::{Begun, Key, Once};
use crate::params::body;
use crate::problem::{ApiError, Problem};

/// A purpose that was granted.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Grant {
    grant_id: String,
    purpose: PurposeName,
    #[schema(format = DateTime)]
    from: String,
    /// Not any more at this instant.
    #[schema(format = DateTime)]
    until: String,
    reason: String,
    granted_by: String,
    #[schema(format = DateTime)]
    revoked_at: Option<String>,
    /// Whether it counts now.
    in_force: bool,
}

/// All grants of an account, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Grants {
    grants: Vec<Grant>,
}

/// A purpose to be granted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GrantDraft {
    purpose: PurposeName,
    /// Now if left out.
    from: Option<Timestamp>,
    until: Timestamp,
    /// 1 to 500 characters.
    reason: String,
}

/// Purposes of an account
#[utoipa::path(
    get, path = "/api/v1/users/{username}/grants", tag = "access", security(("session" = [])),
    params(("username" = String, Path, description = "Username.")),
    responses(
        (status = 200, description = "All, also those that have ended.", body = Grants),
        (status = 401, description = "Not signed in, or the session has ended.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "There is no such account.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list_grants(
    State(app): State<App>,
    caller: Caller,
    Path(username): Path<String>,
) -> Result<Json<Grants>, ApiError> {
    let found = reachable(&app, &caller, Action::GrantRead, &username).await?;
    let grants = grant::list(&app.db, &found.username).await?;
    let now = app.now();
    Ok(Json(Grants { grants: grants.into_iter().map(|grant| shown(grant, now)).collect() }))
}

/// Grant a purpose
#[utoipa::path(
    post, path = "/api/v1/users/{username}/grants", tag = "access", security(("session" = [])),
    params(
        ("username" = String, Path, description = "Username."),
        ("idempotency-key" = String, Header, description = "A new key, best a UUID; the same one when asking again."),
    ),
    request_body = GrantDraft,
    responses(
        (status = 201, description = "Granted.", body = Grant),
        (status = 400, description = "The body is not valid.", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "Not signed in, or the session has ended.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "There is no such account.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It is one's own account.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "The key was used for another request.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn create_grant(
    State(app): State<App>,
    caller: Caller,
    Path(username): Path<String>,
    key: Result<Key, ApiError>,
    bytes: Bytes,
) -> Result<Response, ApiError> {
    let found = reachable(&app, &caller, Action::GrantCreate, &username).await?;
    let draft: GrantDraft = body(
        &bytes,
        "应为 JSON 对象，含 `purpose`、`until`（时刻）、`reason`，不从此刻开始的另含 `from`",
        "a JSON object with `purpose`, `until` (an instant), `reason`, and `from` where it does not begin now",
    )?;
    let now = app.now();
    let new = NewGrant {
        purpose: draft.purpose.into(),
        from: draft.from.unwrap_or(now),
        until: draft.until,
        reason: &draft.reason,
    };
    let request = format!("grant {username}");
    let once = match Once::begin(&app, &caller, key?, &request, &bytes).await? {
        Begun::New(once) => once,
        Begun::Again(answer) => return Ok(answer),
    };
    let by = caller.who.username.as_str();
    let made = grant::create_in(once.transaction(), &found.username, new, by, now).await?;
    once.answer(&shown(made, now)).await
}

/// Take a purpose back; it ends at once
#[utoipa::path(
    delete, path = "/api/v1/users/{username}/grants/{grant_id}", tag = "access", security(("session" = [])),
    params(
        ("username" = String, Path, description = "Username."),
        ("grant_id" = String, Path, description = "Id of the grant."),
    ),
    responses(
        (status = 204, description = "Taken back."),
        (status = 401, description = "Not signed in, or the session has ended.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "There is no such account, or no such grant in force.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It is one's own account.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn revoke_grant(
    State(app): State<App>,
    caller: Caller,
    Path((username, grant_id)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    let found = reachable(&app, &caller, Action::GrantRevoke, &username).await?;
    let by = caller.who.username.as_str();
    grant::revoke(&app.db, &found.username, &grant_id, by, app.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn shown(grant: grant::Grant, now: Timestamp) -> Grant {
    let now = store::instant_text(now);
    Grant {
        in_force: grant.revoked_at.is_none() && grant.from_at <= now && now < grant.until_at,
        grant_id: grant.id,
        purpose: grant.purpose.into(),
        from: grant.from_at,
        until: grant.until_at,
        reason: grant.reason,
        granted_by: grant.granted_by,
        revoked_at: grant.revoked_at,
    }
}
