//! Accounts of the staff, for those who look after them.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use identity::access::Action;
use identity::account::{self, Account, Change, NewAccount};
use identity::{IdentityError, Role, organisation, second_factor, session};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{StoreError, begin_write};
use utoipa::ToSchema;
use zeroize::Zeroizing;

use super::names::RoleName;
use super::organisations::DivisionPage;
use crate::access::Caller;
use crate::app::App;
use crate::idempotent::{Begun, Key, Once};
use crate::paging::{cut, rows_to_read};
use crate::params::{ApiQuery, body};
use crate::problem::{ApiError, Problem};
use crate::tags::{tagged, version_of};

fn roles(names: &[RoleName]) -> Vec<Role> {
    names.iter().map(|name| Role::from(*name)).collect()
}

/// An account.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct UserAccount {
    username: String,
    display_name: String,
    /// Id of the organisation that employs them.
    organisation: Option<String>,
    roles: Vec<RoleName>,
    /// Nobody signs in with it any more.
    has_left: bool,
    /// The password is changed at the next sign-in.
    must_change_password: bool,
    second_factor: bool,
    /// Counted up with each change; the entity tag.
    version: i64,
    #[schema(format = DateTime)]
    created_at: String,
}

/// Accounts, by username.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UsersPage {
    users: Vec<UserAccount>,
    /// Cursor of the next page; null on the last.
    next: Option<String>,
}

/// An account to be made. Its owner changes the password at the first sign-in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UserDraft {
    /// 1 to 64 lower-case letters, digits, `.`, `-` and `_`, beginning with a letter.
    username: String,
    display_name: String,
    organisation: String,
    roles: Vec<RoleName>,
    #[schema(format = Password)]
    password: String,
}

/// What changes about an account; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UserChange {
    display_name: Option<String>,
    organisation: Option<String>,
    roles: Option<Vec<RoleName>>,
    has_left: Option<bool>,
}

/// A password that somebody else chooses. It is changed at the next sign-in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasswordReset {
    #[schema(format = Password)]
    password: String,
}

/// Accounts
#[utoipa::path(
    get, path = "/api/v1/users", tag = "access", params(DivisionPage), security(("session" = [])),
    responses(
        (status = 200, description = "Accounts of organisations within one's own division.", body = UsersPage),
        (status = 400, description = "A parameter is not valid.", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "Not signed in, or the session has ended.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "Not for this account.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list_users(
    State(app): State<App>,
    caller: Caller,
    ApiQuery(page): ApiQuery<DivisionPage>,
) -> Result<Json<UsersPage>, ApiError> {
    let within = caller.scope(&app, Action::UserRead, page.division)?;
    let (after, limit) = (page.cursor.as_deref(), rows_to_read(page.limit));
    let mut found = account::list(&app.db, within.as_ref(), after, limit).await?;
    let next = cut(&mut found, page.limit, |last| last.username.clone());
    let mut users = Vec::with_capacity(found.len());
    for account in found {
        let second_factor = second_factor::is_used(&app.db, &account.username).await?;
        users.push(shown(account, second_factor));
    }
    Ok(Json(UsersPage { users, next }))
}

/// Make an account
#[utoipa::path(
    post, path = "/api/v1/users", tag = "access", security(("session" = [])),
    params(
        ("idempotency-key" = String, Header, description = "A new key, best a UUID; the same one when asking again."),
    ),
    request_body = UserDraft,
    responses(
        (status = 201, description = "It is there.", body = UserAccount),
        (status = 400, description = "The body is not valid, or the password can't be used.", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "Not signed in, or the session has ended.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "Not for this account.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "There is one of this name.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "The key was used for another request.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn create_user(
    State(app): State<App>,
    caller: Caller,
    key: Key,
    bytes: Bytes,
) -> Result<Response, ApiError> {
    let draft: UserDraft = body(
        &bytes,
        "应为 JSON 对象，含 `username`、`display_name`、`organisation`、`roles` 和 `password`",
        "a JSON object with `username`, `display_name`, `organisation`, `roles` and `password`",
    )?;
    let password = Zeroizing::new(draft.password);
    is_reachable(&app, &caller, &draft.organisation).await?;
    let new = NewAccount {
        username: &draft.username,
        display_name: &draft.display_name,
        organisation: Some(&draft.organisation),
        roles: &roles(&draft.roles),
        must_change_password: true,
    };
    let prepared = account::prepare(new, &password)?;
    let once = match Once::begin(&app, &caller, key, "user", &bytes).await? {
        Begun::New(once) => once,
        Begun::Again(answer) => return Ok(answer),
    };
    let by = caller.who.username.as_str();
    let made = prepared.create_in(once.transaction(), by, app.now()).await?;
    // Nobody has set up a second factor for it yet.
    once.answer(&shown(made, false)).await
}

/// An account
#[utoipa::path(
    get, path = "/api/v1/users/{username}", tag = "access", security(("session" = [])),
    params(("username" = String, Path, description = "Username.")),
    responses(
        (status = 200, description = "The account; its version is the entity tag.", body = UserAccount),
        (status = 401, description = "Not signed in, or the session has ended.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "There is no such account.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn get_user(
    State(app): State<App>,
    caller: Caller,
    Path(username): Path<String>,
) -> Result<Response, ApiError> {
    let found = reachable(&app, &caller, Action::UserRead, &username).await?;
    answer(&app, found).await
}

/// Change an account; its sessions end when what it may do changes
#[utoipa::path(
    patch, path = "/api/v1/users/{username}", tag = "access", security(("session" = [])),
    params(
        ("username" = String, Path, description = "Username."),
        ("if-match" = String, Header, description = "Entity tag of the account that was read."),
    ),
    request_body = UserChange,
    responses(
        (status = 200, description = "Changed.", body = UserAccount),
        (status = 400, description = "The body is not valid.", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "Not signed in, or the session has ended.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "There is no such account.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It is one's own account.", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "It was changed since it was read.", body = Problem, content_type = "application/problem+json"),
        (status = 428, description = "No entity tag was given.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn change_user(
    State(app): State<App>,
    caller: Caller,
    Path(username): Path<String>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Response, ApiError> {
    reachable(&app, &caller, Action::UserChange, &username).await?;
    let version = version_of(&headers)?;
    let wanted: UserChange = body(
        &bytes,
        "应为 JSON 对象，含 `display_name`、`organisation`、`roles` 和 `has_left` 中的若干项",
        "a JSON object with some of `display_name`, `organisation`, `roles` and `has_left`",
    )?;
    if let Some(organisation) = &wanted.organisation {
        is_reachable(&app, &caller, organisation).await?;
    }
    let new_roles = wanted.roles.as_deref().map(roles);
    let change = Change {
        display_name: wanted.display_name.as_deref(),
        organisation: wanted.organisation.as_deref(),
        roles: new_roles.as_deref(),
        has_left: wanted.has_left,
    };
    let by = caller.who.username.as_str();
    let changed = account::change(&app.db, &username, Some(version), change, by, app.now()).await?;
    answer(&app, changed).await
}

/// Set the password of an account; its sessions end
#[utoipa::path(
    put, path = "/api/v1/users/{username}/password", tag = "access", security(("session" = [])),
    params(("username" = String, Path, description = "Username.")),
    request_body = PasswordReset,
    responses(
        (status = 204, description = "Set; its owner changes it at the next sign-in."),
        (status = 400, description = "The body is not valid, or the password can't be used.", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "Not signed in, or the session has ended.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "There is no such account.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It is one's own account.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn reset_password(
    State(app): State<App>,
    caller: Caller,
    Path(username): Path<String>,
    bytes: Bytes,
) -> Result<StatusCode, ApiError> {
    let found = reachable(&app, &caller, Action::UserChange, &username).await?;
    // One's own is changed with the present one.
    if found.username == caller.who.username {
        return Err(IdentityError::Own.into());
    }
    let reset: PasswordReset = body(
        &bytes,
        "应为 JSON 对象，含文本 `password`",
        "a JSON object with the text `password`",
    )?;
    let password = Zeroizing::new(reset.password);
    let by = caller.who.username.as_str();
    account::set_password(&app.db, &found.username, &password, true, by, app.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take the second factor of an account away; its sessions end
#[utoipa::path(
    delete, path = "/api/v1/users/{username}/second-factor", tag = "access", security(("session" = [])),
    params(("username" = String, Path, description = "Username.")),
    responses(
        (status = 204, description = "Taken away."),
        (status = 401, description = "Not signed in, or the session has ended.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "There is no such account.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It is one's own account, or none is in use.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn reset_second_factor(
    State(app): State<App>,
    caller: Caller,
    Path(username): Path<String>,
) -> Result<StatusCode, ApiError> {
    let found = reachable(&app, &caller, Action::UserChange, &username).await?;
    second_factor::reset(&app.db, &found.username, &caller.who.username, app.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// End all sessions of an account
#[utoipa::path(
    delete, path = "/api/v1/users/{username}/sessions", tag = "access", security(("session" = [])),
    params(("username" = String, Path, description = "Username.")),
    responses(
        (status = 204, description = "Ended."),
        (status = 401, description = "Not signed in, or the session has ended.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "There is no such account.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn end_sessions(
    State(app): State<App>,
    caller: Caller,
    Path(username): Path<String>,
) -> Result<StatusCode, ApiError> {
    let found = reachable(&app, &caller, Action::UserChange, &username).await?;
    let transaction = begin_write(&app.db).await?;
    account::lock(&transaction, &found.username).await?;
    session::end_all_of(&transaction, &found.username).await?;
    let (by, act) = (caller.who.username.as_str(), "session.end_all");
    account::record(&transaction, by, act, &found.username, app.now(), &json!({})).await?;
    transaction.commit().await.map_err(StoreError::db("commit the end of the sessions"))?;
    Ok(StatusCode::NO_CONTENT)
}

/// An account that the caller may do something about; any other is as if it were not there.
pub(super) async fn reachable(
    app: &App,
    caller: &Caller,
    action: Action,
    username: &str,
) -> Result<Account, ApiError> {
    let found = account::find(&app.db, username).await?.ok_or_else(ApiError::user_unknown)?;
    let employer = match &found.organisation {
        Some(id) => organisation::find(&app.db, id).await?,
        None => None,
    };
    let division = employer.as_ref().map(|employer| employer.division.as_str());
    if !caller.may_at(app, action, division, 2) {
        return Err(ApiError::user_unknown());
    }
    Ok(found)
}

/// Whether the caller may employ somebody there.
async fn is_reachable(app: &App, caller: &Caller, id: &str) -> Result<(), ApiError> {
    let unknown = || {
        ApiError::bad_body(
            "`organisation` 须为您区划之内机构的编号",
            "the id of an organisation within your own division in `organisation`",
        )
    };
    let employer = organisation::find(&app.db, id).await?.ok_or_else(unknown)?;
    let division = Some(employer.division.as_str());
    if caller.may_at(app, Action::UserChange, division, 2) { Ok(()) } else { Err(unknown()) }
}

fn shown(account: Account, second_factor: bool) -> UserAccount {
    UserAccount {
        second_factor,
        username: account.username,
        display_name: account.display_name,
        organisation: account.organisation,
        roles: account.roles.into_iter().map(RoleName::from).collect(),
        has_left: account.has_left,
        must_change_password: account.must_change_password,
        version: account.version,
        created_at: account.created_at,
    }
}

async fn answer(app: &App, account: Account) -> Result<Response, ApiError> {
    let second_factor = second_factor::is_used(&app.db, &account.username).await?;
    Ok(tagged(account.version, shown(account, second_factor)))
}
