//! Partners' programs, for those who look after them.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use identity::access::Action;
use identity::api_client::agreement::Agreement as Agreed;
use identity::api_client::key::Key as PublicKey;
use identity::api_client::{self, ApiClient, NewApiClient, agreement, key};
use identity::{IdentityError, organisation};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::organisations::DivisionPage;
use crate::access::Caller;
use crate::app::App;
use crate::idempotent::{Begun, Key, Once};
use crate::paging::{cut, rows_to_read};
use crate::params::{ApiQuery, body};
use crate::problem::{ApiError, Problem};

/// A partner's program.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Client {
    client_id: String,
    name: String,
    /// Id of the organisation whose it is.
    organisation: String,
    made_by: String,
    #[schema(format = DateTime)]
    made_at: String,
    /// From then on none of its keys counts.
    #[schema(format = DateTime)]
    ended_at: Option<String>,
}

/// A key that a program signs its requests with.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ClientKey {
    /// What signatures name as `keyid`.
    key_id: String,
    /// 32 bytes of a public key of Ed25519, in Base64.
    public_key: String,
    made_by: String,
    #[schema(format = DateTime)]
    made_at: String,
    /// Before this instant.
    #[schema(format = DateTime)]
    until: String,
    #[schema(format = DateTime)]
    revoked_at: Option<String>,
    counts: bool,
}

/// That a program may ask about a policy.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Agreement {
    agreement_id: String,
    /// Policy id.
    policy: String,
    /// The law or the paper that it rests on, and what the answer is used for.
    basis: String,
    made_by: String,
    #[schema(format = DateTime)]
    made_at: String,
    /// Before this instant.
    #[schema(format = DateTime)]
    until: String,
    #[schema(format = DateTime)]
    ended_at: Option<String>,
    in_force: bool,
}

/// A program with all its keys and agreements, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ClientFile {
    client: Client,
    keys: Vec<ClientKey>,
    agreements: Vec<Agreement>,
}

/// Programs, by id.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ClientsPage {
    clients: Vec<Client>,
    /// Cursor of the next page; null on the last.
    next: Option<String>,
}

/// A program to be written down.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClientDraft {
    /// 1 to 64 lower-case letters, digits, `.`, `-` and `_`.
    client_id: String,
    name: String,
    /// Id of the organisation whose it is.
    organisation: String,
}

impl ClientKey {
    pub(super) fn shown(key: PublicKey, now: Timestamp) -> Self {
        Self {
            counts: key.counts(now),
            key_id: key.id,
            public_key: key.public_key,
            made_by: key.made_by,
            made_at: key.made_at,
            until: key.until_at,
            revoked_at: key.revoked_at,
        }
    }
}

impl Agreement {
    pub(super) fn shown(agreement: Agreed, now: Timestamp) -> Self {
        Self {
            in_force: agreement.is_in_force(now),
            agreement_id: agreement.id,
            policy: agreement.policy,
            basis: agreement.basis,
            made_by: agreement.made_by,
            made_at: agreement.made_at,
            until: agreement.until_at,
            ended_at: agreement.ended_at,
        }
    }
}

impl From<ApiClient> for Client {
    fn from(client: ApiClient) -> Self {
        Self {
            client_id: client.id,
            name: client.name,
            organisation: client.organisation,
            made_by: client.made_by,
            made_at: client.made_at,
            ended_at: client.ended_at,
        }
    }
}

/// Partners' programs
#[utoipa::path(
    get, path = "/api/v1/api-clients", tag = "access", params(DivisionPage), security(("session" = [])),
    responses(
        (status = 200, description = "Programs of organisations within one's own division.", body = ClientsPage),
        (status = 400, description = "A parameter is not valid.", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "Not signed in, or the session has ended.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "Not for this account.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list_clients(
    State(app): State<App>,
    caller: Caller,
    ApiQuery(page): ApiQuery<DivisionPage>,
) -> Result<Json<ClientsPage>, ApiError> {
    let within = caller.scope(&app, Action::ClientRead, page.division)?;
    let within = within.unwrap_or(app.pack.division);
    let (after, limit) = (page.cursor.as_deref(), rows_to_read(page.limit));
    let mut found = api_client::list(&app.db, &within, after, limit).await?;
    let next = cut(&mut found, page.limit, |last| last.id.clone());
    Ok(Json(ClientsPage { clients: found.into_iter().map(Client::from).collect(), next }))
}

/// Write a partner's program down
#[utoipa::path(
    post, path = "/api/v1/api-clients", tag = "access", security(("session" = [])),
    params(
        ("idempotency-key" = String, Header, description = "A new key, best a UUID; the same one when asking again."),
    ),
    request_body = ClientDraft,
    responses(
        (status = 201, description = "It is there; it has no key and no agreement yet.", body = Client),
        (status = 400, description = "The body is not valid.", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "Not signed in, or the session has ended.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "Not for this account.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "There is one with this id.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "The key was used for another request.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn create_client(
    State(app): State<App>,
    caller: Caller,
    key: Key,
    bytes: Bytes,
) -> Result<Response, ApiError> {
    let draft: ClientDraft = body(
        &bytes,
        "应为 JSON 对象，含文本 `client_id`、`name` 和 `organisation`",
        "a JSON object with the texts `client_id`, `name` and `organisation`",
    )?;
    // One that lies elsewhere is as if it were not there.
    if !owner_is_within(&app, &caller, Action::ClientCreate, &draft.organisation).await? {
        return Err(IdentityError::OrganisationUnknown(draft.organisation).into());
    }
    let new =
        NewApiClient { id: &draft.client_id, name: &draft.name, organisation: &draft.organisation };
    let once = match Once::begin(&app, &caller, key, "api client", &bytes).await? {
        Begun::New(once) => once,
        Begun::Again(answer) => return Ok(answer),
    };
    let by = caller.who.username.as_str();
    let made = api_client::create_in(once.transaction(), new, by, app.now()).await?;
    once.answer(&Client::from(made)).await
}

/// A partner's program
#[utoipa::path(
    get, path = "/api/v1/api-clients/{client_id}", tag = "access", security(("session" = [])),
    params(("client_id" = String, Path, description = "Id of the program.")),
    responses(
        (status = 200, description = "The program, its keys and agreements.", body = ClientFile),
        (status = 401, description = "Not signed in, or the session has ended.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "There is no such program.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn get_client(
    State(app): State<App>,
    caller: Caller,
    Path(client_id): Path<String>,
) -> Result<Json<ClientFile>, ApiError> {
    let client = reachable(&app, &caller, Action::ClientRead, &client_id).await?;
    let now = app.now();
    let keys = key::list(&app.db, &client.id).await?;
    let agreements = agreement::list(&app.db, &client.id).await?;
    Ok(Json(ClientFile {
        client: client.into(),
        keys: keys.into_iter().map(|key| ClientKey::shown(key, now)).collect(),
        agreements: agreements.into_iter().map(|one| Agreement::shown(one, now)).collect(),
    }))
}

/// End a partner's program; from then on none of its keys counts
#[utoipa::path(
    delete, path = "/api/v1/api-clients/{client_id}", tag = "access", security(("session" = [])),
    params(("client_id" = String, Path, description = "Id of the program.")),
    responses(
        (status = 204, description = "It has ended."),
        (status = 401, description = "Not signed in, or the session has ended.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "There is no such program.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn end_client(
    State(app): State<App>,
    caller: Caller,
    Path(client_id): Path<String>,
) -> Result<StatusCode, ApiError> {
    let client = reachable(&app, &caller, Action::ClientChange, &client_id).await?;
    api_client::end(&app.db, &client.id, &caller.who.username, app.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A program that somebody may do something about; one that they may not see is as if there were none.
pub(super) async fn reachable(
    app: &App,
    caller: &Caller,
    action: Action,
    client_id: &str,
) -> Result<ApiClient, ApiError> {
    let found = api_client::find(&app.db, client_id).await?;
    let found = found.ok_or_else(ApiError::client_unknown)?;
    match owner_is_within(app, caller, action, &found.organisation).await? {
        true => Ok(found),
        false => Err(ApiError::client_unknown()),
    }
}

async fn owner_is_within(
    app: &App,
    caller: &Caller,
    action: Action,
    owner: &str,
) -> Result<bool, ApiError> {
    let owner = organisation::find(&app.db, owner).await?;
    Ok(owner.is_some_and(|owner| caller.may(app, action, &owner.division, 2)))
}
