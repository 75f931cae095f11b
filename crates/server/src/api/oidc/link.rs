//! Who at the provider signs in with an account, for those who look after accounts.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use identity::access::Action;
use identity::oidc::{Whom, link};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::Caller;
use crate::api::users::reachable;
use crate::app::App;
use crate::params::body;
use crate::problem::{ApiError, Problem};

/// The link of an account.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OidcLinkState {
    /// The provider that the staff can sign in with now; null without one.
    issuer: Option<String>,
    /// Null without a link.
    link: Option<OidcLink>,
}

/// Somebody at a provider who signs in with an account.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OidcLink {
    /// The provider; when it is another one than that of now, nobody signs in by this link.
    issuer: String,
    /// What it calls them: the `sub` of its tokens.
    subject: String,
    made_by: String,
    #[schema(format = DateTime)]
    made_at: String,
}

/// Somebody at the provider, to be linked.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OidcLinkDraft {
    /// The `sub` of its tokens, 1 to 255 visible ASCII characters.
    subject: String,
}

/// The link of an account with somebody at the provider
#[utoipa::path(
    get, path = "/api/v1/users/{username}/oidc-link", tag = "access", security(("session" = [])),
    params(("username" = String, Path, description = "Username.")),
    responses(
        (status = 200, description = "The link, or that there is none.", body = OidcLinkState),
        (status = 401, description = "Not signed in, or the session has ended.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "There is no such account.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn get_oidc_link(
    State(app): State<App>,
    caller: Caller,
    Path(username): Path<String>,
) -> Result<Json<OidcLinkState>, ApiError> {
    let found = reachable(&app, &caller, Action::UserRead, &username).await?;
    state_of(&app, &found.username).await.map(Json)
}

/// Link an account with somebody at the provider; its sessions end
#[utoipa::path(
    put, path = "/api/v1/users/{username}/oidc-link", tag = "access", security(("session" = [])),
    params(("username" = String, Path, description = "Username.")),
    request_body = OidcLinkDraft,
    responses(
        (status = 200, description = "Linked, in place of a link that it had.", body = OidcLinkState),
        (status = 400, description = "The body is not valid.", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "Not signed in, or the session has ended.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "There is no such account.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It is one's own account, or another account is linked so.", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "There is no provider.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn set_oidc_link(
    State(app): State<App>,
    caller: Caller,
    Path(username): Path<String>,
    bytes: Bytes,
) -> Result<Json<OidcLinkState>, ApiError> {
    let found = reachable(&app, &caller, Action::UserChange, &username).await?;
    let draft: OidcLinkDraft =
        body(&bytes, "应为含文本 `subject` 的 JSON 对象", "a JSON object with the text `subject`")?;
    let provider = app.oidc.of(Whom::Staff).ok_or_else(ApiError::oidc_not_offered)?;
    let who = (provider.provider.issuer(), draft.subject.trim());
    link::set(&app.db, &found.username, who, &caller.who.username, app.now()).await?;
    state_of(&app, &found.username).await.map(Json)
}

/// Take the link of an account away; its sessions end
#[utoipa::path(
    delete, path = "/api/v1/users/{username}/oidc-link", tag = "access", security(("session" = [])),
    params(("username" = String, Path, description = "Username.")),
    responses(
        (status = 204, description = "Taken away."),
        (status = 401, description = "Not signed in, or the session has ended.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "There is no such account, or no link.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It is one's own account.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn remove_oidc_link(
    State(app): State<App>,
    caller: Caller,
    Path(username): Path<String>,
) -> Result<StatusCode, ApiError> {
    let found = reachable(&app, &caller, Action::UserChange, &username).await?;
    link::take_away(&app.db, &found.username, &caller.who.username, app.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn state_of(app: &App, username: &str) -> Result<OidcLinkState, ApiError> {
    let link = link::of(&app.db, username).await?.map(|link| OidcLink {
        issuer: link.issuer,
        subject: link.subject,
        made_by: link.made_by,
        made_at: link.made_at,
    });
    let issuer = app.oidc.of(Whom::Staff).map(|one| one.provider.issuer().to_owned());
    Ok(OidcLinkState { issuer, link })
}
