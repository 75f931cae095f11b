//! One's own account: password and second factor.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use identity::{IdentityError, PasswordFault, account, second_factor};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zeroize::Zeroizing;

use super::session::{check_password, refuse, signed_out};
use crate::access::{Caller, token_of};
use crate::app::App;
use crate::params::body;
use crate::problem::{ApiError, Problem};

/// A new password for one's own account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasswordChange {
    /// The present one.
    #[schema(format = Password)]
    password: String,
    #[schema(format = Password)]
    new_password: String,
}

/// A second factor that waits for its first code.
#[derive(Serialize, ToSchema)]
pub(crate) struct Enrolment {
    /// Base32, for typing.
    secret: String,
    /// What a telephone reads.
    uri: String,
    /// The same as a picture, an SVG document.
    qr_svg: String,
}

/// The first code of a second factor.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FirstCode {
    code: String,
}

/// Codes for when the telephone is lost; shown this once.
#[derive(Serialize, ToSchema)]
pub(crate) struct RecoveryCodes {
    codes: Vec<String>,
}

/// Change one's password; all sessions end
#[utoipa::path(
    put, path = "/api/v1/session/password", tag = "session", security(("session" = [])),
    request_body = PasswordChange,
    responses(
        (status = 204, description = "Changed; sign in again."),
        (status = 400, description = "The body is not valid, or the password can't be used.", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "Not signed in, or the present password is wrong.", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many attempts.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn change_password(
    State(app): State<App>,
    caller: Caller,
    bytes: Bytes,
) -> Result<impl IntoResponse, ApiError> {
    let change: PasswordChange = body(
        &bytes,
        "应为 JSON 对象，含文本 `password` 和 `new_password`",
        "a JSON object with the texts `password` and `new_password`",
    )?;
    let (old, new) = (Zeroizing::new(change.password), Zeroizing::new(change.new_password));
    let username = caller.who.username.as_str();
    let _turn = app.sign_ins.turn(username).await;
    if new == old {
        return Err(IdentityError::Password(PasswordFault::Same).into());
    }
    if check_password(&app, username, old).await?.is_none() {
        let transaction = store::begin_write(&app.db).await?;
        return Err(refuse(&app, transaction, username, ApiError::wrong_credentials()).await);
    }
    account::set_password(&app.db, username, &new, false, username, app.now()).await?;
    Ok((StatusCode::NO_CONTENT, signed_out(&app)))
}

/// Begin a second factor
#[utoipa::path(
    post, path = "/api/v1/session/second-factor", tag = "session", security(("session" = [])),
    responses(
        (status = 200, description = "What a telephone needs; it counts once its first code was given.", body = Enrolment),
        (status = 401, description = "Not signed in, or the session has ended.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "One is in use already.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn begin_second_factor(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<Enrolment>, ApiError> {
    let issuer = format!("惠民 {}", app.pack.name.zh);
    let made = second_factor::begin(
        &app.db,
        app.keys()?.as_ref(),
        &caller.who.username,
        &issuer,
        app.now(),
    )
    .await?;
    Ok(Json(Enrolment { secret: made.secret, uri: made.uri, qr_svg: made.qr_svg }))
}

/// Confirm a second factor; all other sessions end
#[utoipa::path(
    put, path = "/api/v1/session/second-factor", tag = "session", security(("session" = [])),
    request_body = FirstCode,
    responses(
        (status = 200, description = "It counts from now on.", body = RecoveryCodes),
        (status = 400, description = "The body is not valid, or the code is wrong.", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "Not signed in, or the session has ended.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "None waits to be confirmed.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn confirm_second_factor(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Json<RecoveryCodes>, ApiError> {
    let first: FirstCode =
        body(&bytes, "应为 JSON 对象，含文本 `code`", "a JSON object with the text `code`")?;
    let token = token_of(&app, &headers).ok_or_else(ApiError::not_signed_in)?;
    let whose = (caller.who.username.as_str(), &token);
    let codes =
        second_factor::confirm(&app.db, app.keys()?.as_ref(), whose, &first.code, app.now())
            .await?;
    Ok(Json(RecoveryCodes { codes }))
}
