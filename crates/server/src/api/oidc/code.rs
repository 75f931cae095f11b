//! The second step of whom a provider has named without a second factor: a code of the account's own.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{AppendHeaders, IntoResponse};
use identity::oidc::waiting;
use identity::session::{self, Token};
use identity::{account, attempts, second_factor};
use serde::Deserialize;
use serde_json::json;
use store::{StoreError, begin_write};
use utoipa::ToSchema;

use super::callback::CODE_PATH;
use crate::access::{cookie_of, session_of};
use crate::api::session::{Session, described, refuse};
use crate::app::App;
use crate::params::body;
use crate::problem::{ApiError, Problem};

/// A code of the second factor.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OidcCode {
    /// What the telephone shows, or a recovery code.
    #[schema(format = Password)]
    code: String,
}

/// Give the code of the second factor after signing in by OpenID Connect
#[utoipa::path(
    post, path = "/api/v1/oidc/staff/session", tag = "session",
    request_body = OidcCode,
    responses(
        (status = 200, description = "Signed in; the cookie of the scheme `session` is set.", body = Session),
        (status = 400, description = "The body is not valid.", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "Wrong code, or nobody's code is waited for.", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The request comes from another site.", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many attempts.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn complete_oidc(
    State(app): State<App>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<impl IntoResponse, ApiError> {
    let given: OidcCode =
        body(&bytes, "应为含文本 `code` 的 JSON 对象", "a JSON object with the text `code`")?;
    let now = app.now();
    let waiting_cookie = waiting::cookie(CODE_PATH);
    let waits = cookie_of(&app, &headers, waiting_cookie).ok_or_else(ApiError::oidc_expired)?;
    let username = waiting::username(&app.db, &waits, now).await?;
    let username = username.ok_or_else(ApiError::oidc_expired)?;
    let _turn = app.sign_ins.turn(&username).await;
    if let Some(left) = attempts::locked_for(&app.db, &username, now).await? {
        return Err(ApiError::locked_out(left.as_secs()));
    }
    let transaction = begin_write(&app.db).await?;
    account::lock(&transaction, &username).await?;
    // Link, employment and second factor may have gone since the provider has named them.
    let still = waiting::username(&transaction, &waits, now).await?.is_some();
    let found = account::find(&transaction, &username).await?;
    let employed = found.is_some_and(|found| !found.has_left);
    if !(still && employed && second_factor::is_used(&transaction, &username).await?) {
        return Err(ApiError::oidc_expired());
    }
    if !second_factor::take(&transaction, app.keys()?.as_ref(), &username, &given.code, now).await?
    {
        return Err(refuse(&app, transaction, &username, ApiError::wrong_code()).await);
    }
    let token = Token::random()?;
    waiting::end(&transaction, &waits).await?;
    session::start(&transaction, &token, &username, true, now).await?;
    let detail = json!({ "by": "oidc", "second_factor": true });
    account::record(&transaction, &username, "session.create", &username, now, &detail).await?;
    transaction.commit().await.map_err(StoreError::db("commit the session"))?;
    let who = session_of(&app, Some(&token)).await?.ok_or_else(ApiError::not_signed_in)?;
    let secure = app.exposure.secure_cookies();
    let cookies = [
        (header::SET_COOKIE, session::COOKIE.set(&token, secure)),
        (header::SET_COOKIE, waiting_cookie.unset(secure)),
    ];
    Ok((AppendHeaders(cookies), Json(described(&app, who).await?)))
}
