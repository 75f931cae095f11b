//! Signing in and out.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse};
use identity::access::Action;
use identity::account;
use identity::session::{self, Caller as Who, Token};
use identity::{attempts, grant, organisation, second_factor};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::sea_orm::DatabaseTransaction;
use store::{StoreError, begin_write};
use utoipa::ToSchema;
use zeroize::Zeroizing;

use super::names::{PurposeName, RoleName};
use super::organisations::Organisation;

use crate::access::{Caller, Missing, Place, place_of, session_of, token_of};
use crate::app::App;
use crate::params::body;
use crate::problem::{ApiError, Problem};

/// Credentials of a local account.
#[derive(Deserialize, ToSchema)]
pub(crate) struct SignIn {
    username: String,
    #[schema(format = Password)]
    password: String,
    /// A code of the second factor, or a recovery code, where the account has one.
    code: Option<String>,
}

/// The account that is signed in.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct User {
    username: String,
    display_name: String,
    roles: Vec<RoleName>,
    organisation: Option<Organisation>,
}

/// What the account may do for a purpose, within its own division.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Powers {
    /// Null: without naming a purpose.
    purpose: Option<PurposeName>,
    /// Acts, for instance `person.read`.
    actions: Vec<&'static str>,
}

/// What has to be done before anything else.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FirstStep {
    ChangePassword,
    SecondFactor,
}

/// A signed-in session; the session id itself is in the cookie only.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Session {
    user: User,
    /// For which purposes what may be done now.
    powers: Vec<Powers>,
    /// Whether a second factor is in use.
    second_factor: bool,
    /// Null when the account can be used.
    first: Option<FirstStep>,
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
    let who = session_of(&app, token_of(&app, &headers).as_ref()).await?;
    let who = who.ok_or_else(ApiError::not_signed_in)?;
    described(&app, who).await.map(Json)
}

/// Sign in
#[utoipa::path(
    post, path = "/api/v1/session", tag = "session",
    request_body = SignIn,
    responses(
        (status = 200, description = "Signed in; the cookie of the scheme `session` is set.", body = Session),
        (status = 400, description = "The body is not valid.", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "Wrong username, password or code, or a code is needed.", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "The request comes from another site.", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "The body is too large.", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many attempts.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn create_session(
    State(app): State<App>,
    bytes: Bytes,
) -> Result<impl IntoResponse, ApiError> {
    let sign_in: SignIn = body(
        &bytes,
        "应为 JSON 对象，含文本 `username` 和 `password`，需要时另含 `code`",
        "a JSON object with the texts `username` and `password`, and `code` where needed",
    )?;
    let password = Zeroizing::new(sign_in.password);
    let username = account::normalised(&sign_in.username);
    let _turn = app.sign_ins.turn(&username).await;
    let found = check_password(&app, &username, password).await?;
    let now = app.now();
    let transaction = begin_write(&app.db).await?;
    // The password may have been replaced since it was checked, which takes a while.
    account::lock(&transaction, &username).await?;
    let present = account::find_with_hash(&transaction, &username).await?;
    let still = present.is_some_and(|(account, hash)| !account.has_left && found == Some(hash));
    if !still {
        return Err(refuse(&app, transaction, &username, ApiError::wrong_credentials()).await);
    }
    let by_code = second_factor::is_used(&transaction, &username).await?;
    if by_code {
        // Without a code nothing was guessed: the count stays as it is.
        let Some(code) = sign_in.code.filter(|code| !code.trim().is_empty()) else {
            return Err(ApiError::code_needed());
        };
        if !second_factor::take(&transaction, app.keys()?.as_ref(), &username, &code, now).await? {
            return Err(refuse(&app, transaction, &username, ApiError::wrong_code()).await);
        }
    }
    let token = Token::random()?;
    attempts::forget(&transaction, &username).await?;
    session::start(&transaction, &token, &username, by_code, now).await?;
    account::record(&transaction, &username, "session.create", &username, now, &json!({})).await?;
    transaction.commit().await.map_err(StoreError::db("commit the session"))?;
    let who = session_of(&app, Some(&token)).await?.ok_or_else(ApiError::not_signed_in)?;
    Ok((
        AppendHeaders([(
            header::SET_COOKIE,
            session::COOKIE.set(&token, app.exposure.secure_cookies()),
        )]),
        Json(described(&app, who).await?),
    ))
}

/// The password hash of the account that a username and a password belong to; `None` when they belong to none.
///
/// # Errors
///
/// When sign-in with the username is locked, or too many others are checked.
pub(super) async fn check_password(
    app: &App,
    username: &str,
    password: Zeroizing<String>,
) -> Result<Option<String>, ApiError> {
    if let Some(left) = attempts::locked_for(&app.db, username, app.now()).await? {
        return Err(ApiError::locked_out(left.as_secs()));
    }
    let found = account::find_with_hash(&app.db, username).await?;
    let hash = found.filter(|(account, _)| !account.has_left).map(|(_, hash)| hash);
    // A longer password can't have been set; hashing it would only cost time.
    let checked = hash.clone().filter(|_| password.len() <= identity::PASSWORD_MAX);
    let right = identity::verify_in_turn(password, checked).await;
    let right = right.ok_or_else(ApiError::sign_in_busy)?;
    Ok(hash.filter(|_| right))
}

/// Counts and writes down a wrong password or code, and gives back the answer to it.
pub(super) async fn refuse(
    app: &App,
    transaction: DatabaseTransaction,
    username: &str,
    answer: ApiError,
) -> ApiError {
    let write = async {
        let known = account::find(&transaction, username).await?.is_some();
        let locked = attempts::count(&transaction, username, app.now()).await?;
        // What was typed may be a password; only real usernames go into the trail.
        let subject = if known { username } else { "unknown" };
        let detail = json!({ "locked": locked });
        let act = "session.refuse";
        account::record(&transaction, "server", act, subject, app.now(), &detail).await?;
        transaction.commit().await.map_err(StoreError::db("commit the refused sign-in"))?;
        Ok::<_, ApiError>(())
    };
    // A guess that can't be counted is not answered.
    write.await.err().unwrap_or(answer)
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
    if let Some(token) = token_of(&app, &headers)
        && let Some(who) = session_of(&app, Some(&token)).await?
    {
        let name = who.username.as_str();
        let transaction = begin_write(&app.db).await?;
        session::end(&transaction, &token).await?;
        let act = "session.delete";
        account::record(&transaction, name, act, name, app.now(), &json!({})).await?;
        transaction.commit().await.map_err(StoreError::db("commit the sign-out"))?;
    }
    Ok((StatusCode::NO_CONTENT, signed_out(&app)))
}

/// Takes the cookie away.
pub(super) fn signed_out(app: &App) -> AppendHeaders<[(HeaderName, String); 1]> {
    let gone = session::COOKIE.unset(app.exposure.secure_cookies());
    AppendHeaders([(header::SET_COOKIE, gone)])
}

pub(super) async fn described(app: &App, who: Who) -> Result<Session, ApiError> {
    let employer = match &who.organisation {
        Some(id) => organisation::find(&app.db, id).await?.map(Organisation::from),
        None => None,
    };
    let purposes = grant::in_force(&app.db, &who.username, app.now()).await?;
    let first =
        Missing::of(&who, app.exposure.needs_second_factor()).map(|missing| match missing {
            Missing::Password => FirstStep::ChangePassword,
            Missing::SecondFactor => FirstStep::SecondFactor,
        });
    let user = User {
        username: who.username.clone(),
        display_name: who.display_name.clone(),
        roles: who.roles.iter().map(|role| RoleName::from(*role)).collect(),
        organisation: employer,
    };
    let second_factor = who.has_second_factor;
    let all = std::iter::once(None).chain(purposes.into_iter().map(Some));
    let powers = all
        .map(|purpose| powers(app, &Caller { who: who.clone(), purpose }))
        .filter(|powers| !powers.actions.is_empty())
        .collect();
    Ok(Session { user, powers, second_factor, first })
}

fn powers(app: &App, caller: &Caller) -> Powers {
    let own = caller.who.division.unwrap_or(app.pack.division);
    let place = |action: &Action| match place_of(*action) {
        Place::City => app.pack.division,
        Place::Own => own,
    };
    let actions = Action::ALL
        .into_iter()
        .filter(|action| caller.may(app, *action, &place(action), 3))
        .map(Action::as_str)
        .collect();
    Powers { purpose: caller.purpose.map(PurposeName::from), actions }
}
