//! Who may act for a person, written down at a counter.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use identity::access::Action;
use identity::citizen::representation::{self, NewRepresentation, Representation};
use jiff::Timestamp;
use registry::{Claim, Hit};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vocab::IdNumber;

use super::citizen::RepresentationKind;
use super::person::within_reach;
use crate::access::{Caller, ids_of, present};
use crate::app::App;
use crate::idempotent::{Begun, Key, Once};
use crate::params::body;
use crate::problem::{ApiError, Problem};
use crate::published::Published;
use crate::readings;

/// Somebody who may act for a person.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Representative {
    representation_id: String,
    person_id: String,
    name: String,
    kind: RepresentationKind,
    #[schema(format = DateTime)]
    until: String,
    /// The paper that proves it.
    basis: String,
    #[schema(format = DateTime)]
    made_at: String,
}

/// Those who may act for a person now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Representatives {
    representatives: Vec<Representative>,
}

/// Somebody who is to act for a person.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RepresentativeDraft {
    /// Of the person who is to act.
    #[schema(format = Password)]
    id_number: String,
    /// Of the person who is to act.
    name: String,
    kind: RepresentationKind,
    until: Timestamp,
    /// The paper that proves it; 1 to 500 characters.
    basis: String,
}

/// Who may act for a person
#[utoipa::path(
    get, path = "/api/v1/people/{person_id}/representatives", tag = "people", security(("session" = [])),
    params(("person_id" = String, Path, description = "Person id.")),
    responses(
        (status = 200, description = "Those who may now.", body = Representatives),
        (status = 401, description = "Not signed in, or the session has ended.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "There is no such person.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list_representatives(
    State(app): State<App>,
    caller: Caller,
    Path(person_id): Path<String>,
) -> Result<Json<Representatives>, ApiError> {
    let published = app.published().await?.ok_or_else(ApiError::person_unknown)?;
    let action = Action::RepresentationRead;
    let found = within_reach(&app, &caller, &published, action, &person_id).await?;
    let named = named(&app, &published, &found.person_id).await?;
    let act = "representation.read";
    let seen = named.representatives.iter().map(|one| (act, one.person_id.as_str()));
    let seen = seen.chain([(act, found.person_id.as_str())]);
    readings::persons(&app, &caller, seen, &serde_json::json!({})).await?;
    Ok(Json(named))
}

/// Write down that somebody may act for a person
#[utoipa::path(
    post, path = "/api/v1/people/{person_id}/representatives", tag = "people", security(("session" = [])),
    params(
        ("person_id" = String, Path, description = "Person id."),
        ("idempotency-key" = String, Header, description = "A new key, best a UUID; the same one when asking again."),
    ),
    request_body = RepresentativeDraft,
    responses(
        (status = 201, description = "They may act from now on.", body = Representative),
        (status = 400, description = "The body is not valid, or there is no such person to act.", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "Not signed in, or the session has ended.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "There is no such person.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "They may already.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "The key was used for another request.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn create_representative(
    State(app): State<App>,
    caller: Caller,
    Path(person_id): Path<String>,
    key: Result<Key, ApiError>,
    bytes: Bytes,
) -> Result<Response, ApiError> {
    let published = app.published().await?.ok_or_else(ApiError::person_unknown)?;
    let action = Action::RepresentationChange;
    let principal = within_reach(&app, &caller, &published, action, &person_id).await?.person_id;
    let draft: RepresentativeDraft = body(
        &bytes,
        "应为 JSON 对象，含 `id_number`、`name`、`kind`（`guardian` 或 `entrusted`）、`until`（时刻）和 `basis`",
        "a JSON object with `id_number`, `name`, `kind` (`guardian` or `entrusted`), `until` (an instant) and `basis`",
    )?;
    let found = claimed(&app, &published, &draft.id_number, &draft.name).await?;
    let hit = found.ok_or_else(ApiError::representative_unknown)?;
    // Who is to act was looked at too.
    let seen = [("representation.read", hit.person_id.as_str())];
    readings::persons(&app, &caller, seen, &serde_json::json!({})).await?;
    let request = format!("representative {principal}");
    let once = match Once::begin(&app, &caller, key?, &request, &bytes).await? {
        Begun::New(once) => once,
        Begun::Again(answer) => return Ok(answer),
    };
    let new = NewRepresentation {
        principal: &principal,
        representative: &hit.person_id,
        kind: draft.kind.into(),
        until: draft.until,
        basis: &draft.basis,
    };
    let by = caller.who.username.as_str();
    let made = representation::create_in(once.transaction(), new, by, app.now()).await?;
    once.answer(&shown(made, hit.person_id, hit.name)).await
}

/// End that somebody may act for a person; it ends at once
#[utoipa::path(
    delete, path = "/api/v1/people/{person_id}/representatives/{representation_id}", tag = "people", security(("session" = [])),
    params(
        ("person_id" = String, Path, description = "Person id."),
        ("representation_id" = String, Path, description = "Id of the representation."),
    ),
    responses(
        (status = 204, description = "Ended."),
        (status = 401, description = "Not signed in, or the session has ended.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "There is no such person, or nobody who acts for them under this id.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn end_representation(
    State(app): State<App>,
    caller: Caller,
    Path((person_id, representation_id)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    let published = app.published().await?.ok_or_else(ApiError::person_unknown)?;
    let action = Action::RepresentationChange;
    let principal = within_reach(&app, &caller, &published, action, &person_id).await?.person_id;
    let ids = ids_of(&published, &principal).await?;
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let by = caller.who.username.as_str();
    representation::end(&app.db, &ids, &representation_id, by, app.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The person of an identity number and a name.
pub(super) async fn claimed(
    app: &App,
    published: &Published,
    id_number: &str,
    name: &str,
) -> Result<Option<Hit>, ApiError> {
    let id_number = IdNumber::parse(id_number.trim()).map_err(|_| ApiError::bad_id_number())?;
    let Some(index) = published.index().await? else { return Ok(None) };
    let snapshot = published.with_all_tables().await?;
    let claim = Claim { id_number: &id_number, name, phone: None };
    let known_at = published.manifest.known_at;
    let found =
        registry::claimed(snapshot, &index, &app.pack, app.keys()?.as_ref(), known_at, claim)
            .await?;
    Ok(found.filter(|hit| hit.vital_status != "dead"))
}

/// Those who may act for a person now, by name.
pub(super) async fn named(
    app: &App,
    published: &Published,
    person: &str,
) -> Result<Representatives, ApiError> {
    let ids = ids_of(published, person).await?;
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let mut representatives = Vec::new();
    for one in representation::of_principals(&app.db, &ids, app.now()).await? {
        let hit = present(published, &one.representative).await?;
        let person =
            hit.as_ref().map_or_else(|| one.representative.clone(), |hit| hit.person_id.clone());
        representatives.push(shown(one, person, hit.and_then(|hit| hit.name)));
    }
    Ok(Representatives { representatives })
}

pub(super) fn shown(
    made: Representation,
    person_id: String,
    name: Option<String>,
) -> Representative {
    Representative {
        representation_id: made.id,
        person_id,
        name: name.unwrap_or_default(),
        kind: made.kind.into(),
        until: made.until_at,
        basis: made.basis,
        made_at: made.made_at,
    }
}
