//! Signing in and out.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{AppendHeaders, IntoResponse, Response};
use serde::{Deserialize, Serialize};
use store::{StoreError, begin_write};
use utoipa::ToSchema;
use zeroize::Zeroizing;

use crate::accounts::session::Token;
use crate::accounts::{self, attempts, session};
use crate::app::App;
use crate::problem::{ApiError, Problem};

/// Credentials of a local account.
#[derive(Deserialize, ToSchema)]
pub(crate) struct SignIn {
    username: String,
    #[schema(format = Password)]
    password: String,
}

/// The account that is signed in.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct User {
    pub(crate) username: String,
    pub(crate) display_name: String,
    /// Role id, for instance `admin`.
    pub(crate) role: String,
}

/// A signed-in session; the session id itself is in the cookie only.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Session {
    user: User,
}

impl From<accounts::User> for User {
    fn from(user: accounts::User) -> Self {
        Self { username: user.username, display_name: user.display_name, role: user.role }
    }
}

/// Extractor of the user; only behind [`require`].
#[derive(Debug, Clone)]
pub(crate) struct SignedIn(pub(crate) User);

impl<S: Send + Sync> FromRequestParts<S> for SignedIn {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        parts.extensions.get::<Self>().cloned().ok_or_else(ApiError::not_signed_in)
    }
}

/// Lets only those through who are signed in.
pub(crate) async fn require(
    State(app): State<App>,
    mut request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let user = user_of(&app, request.headers()).await?;
    request.extensions_mut().insert(SignedIn(user));
    Ok(next.run(request).await)
}

/// Who is signed in
#[utoipa::path(
    get, path = "/api/v1/session", tag = "session",
    responses(
        (status = 200, description = "Signed in.", body = Session),
        (status = 401, description = "Not signed in.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn get_session(
    State(app): State<App>,
    headers: HeaderMap,
) -> Result<Json<Session>, ApiError> {
    Ok(Json(Session { user: user_of(&app, &headers).await? }))
}

/// Sign in
#[utoipa::path(
    post, path = "/api/v1/session", tag = "session",
    request_body = SignIn,
    responses(
        (status = 200, description = "Signed in; the cookie `huimin_session` is set.", body = Session),
        (status = 400, description = "The body is not valid.", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "Wrong username or password.", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The request comes from another site.", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "The body is too large.", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many attempts.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn create_session(
    State(app): State<App>,
    body: Bytes,
) -> Result<impl IntoResponse, ApiError> {
    let sign_in: SignIn = serde_json::from_slice(&body).map_err(|_| {
        ApiError::bad_body("a JSON object with the texts `username` and `password`")
    })?;
    let password = Zeroizing::new(sign_in.password);
    let username = accounts::normalised(&sign_in.username);
    let _turn = app.sign_ins.turn(&username).await;

    if let Some(left) = attempts::locked_for(&app.db, &username, app.now()).await? {
        return Err(ApiError::locked_out(left.as_secs()));
    }
    let (user, hash) = accounts::find(&app.db, &username).await?.unzip();
    // A longer password can't have been set; hashing it would only cost time.
    let hash = hash.filter(|_| password.len() <= accounts::PASSWORD_MAX);
    let Some(right) = accounts::verify_in_turn(password, hash).await else {
        return Err(ApiError::sign_in_busy());
    };
    let now = app.now();
    let transaction = begin_write(&app.db).await?;
    let Some(user) = user.filter(|_| right) else {
        let known = accounts::find(&app.db, &username).await?.is_some();
        let locked = attempts::count(&transaction, &username, now).await?;
        // What was typed may be a password; only real usernames go into the trail.
        let subject = if known { username.as_str() } else { "unknown" };
        let detail = serde_json::json!({ "locked": locked });
        accounts::record(&transaction, "server", "session.refuse", subject, now, &detail).await?;
        transaction.commit().await.map_err(StoreError::db("commit the refused sign-in"))?;
        return Err(ApiError::wrong_credentials());
    };
    let token = Token::random()?;
    attempts::forget(&transaction, &username).await?;
    session::start(&transaction, &token, &username, now).await?;
    accounts::record(
        &transaction,
        &username,
        "session.create",
        &username,
        now,
        &serde_json::json!({}),
    )
    .await?;
    transaction.commit().await.map_err(StoreError::db("commit the session"))?;
    Ok((
        AppendHeaders([(header::SET_COOKIE, token.cookie(app.secure_cookies))]),
        Json(Session { user: user.into() }),
    ))
}

/// Sign out
#[utoipa::path(
    delete, path = "/api/v1/session", tag = "session",
    responses(
        (status = 204, description = "Signed out."),
        (status = 403, description = "The request comes from another site.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn delete_session(
    State(app): State<App>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, ApiError> {
    if let Some(token) = token_of(&headers)
        && let Some(user) = session::user(&app.db, &token, app.now()).await?
    {
        let transaction = begin_write(&app.db).await?;
        session::end(&transaction, &token).await?;
        let detail = serde_json::json!({});
        accounts::record(
            &transaction,
            &user.username,
            "session.delete",
            &user.username,
            app.now(),
            &detail,
        )
        .await?;
        transaction.commit().await.map_err(StoreError::db("commit the sign-out"))?;
    }
    Ok((StatusCode::NO_CONTENT, AppendHeaders([(header::SET_COOKIE, session::no_cookie())])))
}

async fn user_of(app: &App, headers: &HeaderMap) -> Result<User, ApiError> {
    let token = token_of(headers).ok_or_else(ApiError::not_signed_in)?;
    let user = session::user(&app.db, &token, app.now()).await?;
    user.map(User::from).ok_or_else(ApiError::not_signed_in)
}

fn token_of(headers: &HeaderMap) -> Option<Token> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .find_map(Token::from_cookies)
}
