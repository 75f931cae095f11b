//! Who may act for a person, and asking somebody to.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use identity::access::Affair;
use identity::attempts;
use identity::citizen::representation::{self, Kind, NewRepresentation};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::access::{Citizen, Principal, ids_of, present};
use crate::api::representatives::{Representative, Representatives, claimed, named, shown};
use crate::app::App;
use crate::idempotent::{Begun, Key, Once};
use crate::params::body;
use crate::problem::{ApiError, Problem};
use crate::readings;

/// From this age on somebody decides alone (《中华人民共和国民法典》 arts. 17 and 18).
const OF_AGE: i32 = 18;

/// Whom somebody asks to act for them.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EntrustDraft {
    /// Of the person who is to act.
    #[schema(format = Password)]
    id_number: String,
    /// Of the person who is to act.
    name: String,
    /// Within a year.
    until: Timestamp,
}

/// Who may act for a person
#[utoipa::path(
    get, path = "/api/v1/citizen/people/{person_id}/representatives", tag = "citizen", security(("citizen" = [])),
    params(("person_id" = String, Path, description = "Person id.")),
    responses(
        (status = 200, description = "Those who may now.", body = Representatives),
        (status = 401, description = "Not signed in.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "Neither oneself nor somebody whose guardian one is.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list_own_representatives(
    State(app): State<App>,
    citizen: Citizen,
    Path(person_id): Path<String>,
) -> Result<Json<Representatives>, ApiError> {
    let of = citizen.affairs(&app, Affair::Representatives, &person_id).await?;
    let detail = serde_json::json!({});
    readings::affairs(&app, &citizen, "affairs.representatives", &of, &detail).await?;
    named(&app, &of.published, &of.person).await.map(Json)
}

/// Ask somebody to act for oneself
#[utoipa::path(
    post, path = "/api/v1/citizen/people/{person_id}/representatives", tag = "citizen", security(("citizen" = [])),
    params(
        ("person_id" = String, Path, description = "One's own person id."),
        ("idempotency-key" = String, Header, description = "A new key, best a UUID; the same one when asking again."),
    ),
    request_body = EntrustDraft,
    responses(
        (status = 201, description = "They may act from now on.", body = Representative),
        (status = 400, description = "The body is not valid, or there is no such person.", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "Not signed in.", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "Under 18, or under guardianship.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "Not oneself.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "They may already.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "The key was used for another request.", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many persons that there are not.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn entrust(
    State(app): State<App>,
    citizen: Citizen,
    Path(person_id): Path<String>,
    key: Result<Key, ApiError>,
    bytes: Bytes,
) -> Result<Response, ApiError> {
    let of = citizen.affairs(&app, Affair::Entrust, &person_id).await?;
    let draft: EntrustDraft = body(
        &bytes,
        "应为 JSON 对象，含 `id_number`、`name` 和 `until`（时刻）",
        "a JSON object with `id_number`, `name` and `until` (an instant)",
    )?;
    let now = app.now();
    if draft.until <= now
        || draft.until > now.saturating_add(representation::LONGEST).unwrap_or(now)
    {
        return Err(ApiError::bad_body(
            "`until` 须在此刻之后、一年之内",
            "an `until` within a year from now",
        ));
    }
    if !decides_alone(&app, &of).await? {
        return Err(ApiError::may_not_entrust());
    }
    // Nobody finds out by trying which names go with which numbers. Counted before it is looked at, so that tries at
    // once count too.
    let tries = format!("entrust {}", citizen.subject());
    if attempts::count(&app.db, &tries, now).await? {
        let left = attempts::locked_for(&app.db, &tries, now).await?;
        return Err(ApiError::too_many_requests(left.map_or(1, |left| left.as_secs().max(1))));
    }
    let found = claimed(&app, &of.published, &draft.id_number, &draft.name).await?;
    let hit = found.ok_or_else(ApiError::representative_unknown)?;
    attempts::forget(&app.db, &tries).await?;
    let who = citizen.subject();
    let request = format!("entrust {}", of.person);
    let once = match Once::begin_as(&app, &who, key?, &request, &bytes).await? {
        Begun::New(once) => once,
        Begun::Again(answer) => return Ok(answer),
    };
    let new = NewRepresentation {
        principal: &of.person,
        representative: &hit.person_id,
        kind: Kind::Entrusted,
        until: draft.until,
        basis: "本人在网上办事大厅委托",
    };
    let made = representation::create_in(once.transaction(), new, &who, now).await?;
    once.answer(&shown(made, hit.person_id, hit.name)).await
}

/// End that somebody acts for oneself; it ends at once
#[utoipa::path(
    delete, path = "/api/v1/citizen/people/{person_id}/representatives/{representation_id}", tag = "citizen", security(("citizen" = [])),
    params(
        ("person_id" = String, Path, description = "One's own person id."),
        ("representation_id" = String, Path, description = "Id of the representation."),
    ),
    responses(
        (status = 204, description = "Ended."),
        (status = 401, description = "Not signed in.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "Not oneself, or nobody who was asked by oneself.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn end_own_representation(
    State(app): State<App>,
    citizen: Citizen,
    Path((person_id, representation_id)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    let of = citizen.affairs(&app, Affair::Entrust, &person_id).await?;
    let ids = ids_of(&of.published, &of.person).await?;
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let present = representation::of_principals(&app.db, &ids, app.now()).await?;
    // A guardian is so by law; nobody under guardianship ends it alone.
    let theirs =
        present.iter().any(|one| one.id == representation_id && one.kind == Kind::Entrusted);
    if !theirs {
        return Err(ApiError::representation_unknown());
    }
    let by = citizen.subject();
    representation::end(&app.db, &ids, &representation_id, &by, app.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whether somebody is of age and has no guardian.
async fn decides_alone(app: &App, of: &Principal) -> Result<bool, ApiError> {
    let hit = present(&of.published, &of.person).await?;
    let birth = hit.and_then(|hit| hit.birth_date?.parse::<Date>().ok());
    let of_age = birth.is_some_and(|birth| vocab::date::age_on(birth, app.today()) >= OF_AGE);
    let ids = ids_of(&of.published, &of.person).await?;
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let present = representation::of_principals(&app.db, &ids, app.now()).await?;
    Ok(of_age && present.iter().all(|one| one.kind != Kind::Guardian))
}
