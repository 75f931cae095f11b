//! One sensitive value in full.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use identity::access::Action;
use registry::Sensitive;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::person::{file, level_of, within_reach};
use crate::access::Caller;
use crate::app::App;
use crate::params::body;
use crate::problem::{ApiError, Problem};
use crate::readings;

/// Why a value is wanted in full.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RevealRequest {
    /// An attribute of level 4, for instance `phone`.
    attribute: String,
    /// What it is needed for; 1 to 500 characters, kept in the audit trail.
    reason: String,
}

/// A value in full.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Revealed {
    attribute: String,
    /// Null if no source gives one that counts.
    value: Option<String>,
}

/// See one sensitive value in full, for a reason
#[utoipa::path(
    post, path = "/api/v1/people/{person_id}/reveal", tag = "people",
    params(("person_id" = String, Path, description = "Person id.")),
    security(("session" = [])),
    request_body = RevealRequest,
    responses(
        (status = 200, description = "The value; that it was seen is in the audit trail.", body = Revealed),
        (status = 400, description = "The body is not valid.", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "Not signed in, or the session has ended.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "There is no such person.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn reveal_attribute(
    State(app): State<App>,
    caller: Caller,
    Path(person_id): Path<String>,
    bytes: Bytes,
) -> Result<Json<Revealed>, ApiError> {
    let RevealRequest { attribute, reason } = body(
        &bytes,
        "应为 JSON 对象，含文本 `attribute` 和 `reason`",
        "a JSON object with the texts `attribute` and `reason`",
    )?;
    let reason = reason.trim();
    if !(1..=500).contains(&reason.chars().count()) {
        return Err(ApiError::bad_body(
            "`reason` 须为 1 到 500 个字符",
            "a `reason` of 1 to 500 characters",
        ));
    }
    let published = app.published().await?.ok_or_else(ApiError::person_unknown)?;
    within_reach(&app, &caller, &published, Action::PersonReveal, &person_id).await?;
    let file = file(&app, &published, &person_id, Sensitive::Open(&attribute)).await?;
    let entry = file
        .attributes
        .iter()
        .find(|entry| entry.attribute == attribute && level_of(&app, entry) == 4);
    let entry = entry.ok_or_else(|| {
        ApiError::bad_body(
            "`attribute` 须为此人所有的 4 级属性",
            "an `attribute` of level 4 that this person has",
        )
    })?;
    let detail = serde_json::json!({ "attribute": attribute, "reason": reason });
    let subject = format!("person:{}", file.person_id);
    readings::reading(&app, &caller, "person.reveal", &subject, &detail).await?;
    let value = Some(entry.value.clone()).filter(|value| !value.is_empty());
    Ok(Json(Revealed { attribute, value }))
}
