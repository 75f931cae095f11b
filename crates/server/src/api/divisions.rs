//! The divisions that somebody is responsible for.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use identity::access::Action;
use identity::organisation::{self, Kind};
use serde::Serialize;
use utoipa::ToSchema;
use vocab::DivisionCode;

use super::organisations::{Organisation, OrganisationLevel};
use crate::access::Caller;
use crate::app::App;
use crate::problem::{ApiError, Problem};
use crate::text::Text;

/// Divisions, each before those that lie in it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Divisions {
    divisions: Vec<DivisionInfo>,
}

/// A division of the city.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DivisionInfo {
    /// Significant digits of its code.
    code: String,
    /// The pack's name; where the pack has none, that of the organisation that works there.
    name: Text,
    level: OrganisationLevel,
}

/// Divisions within one's own
#[utoipa::path(
    get, path = "/api/v1/divisions", tag = "meta", security(("session" = [])),
    responses(
        (status = 200, description = "One's own division and those within it: all of the city pack, and where organisations work besides.", body = Divisions),
        (status = 401, description = "Not signed in, or the session has ended.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "Not for this account.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list_divisions(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<Divisions>, ApiError> {
    let within = caller.scope(&app, Action::MetaRead, None)?.unwrap_or(app.pack.division);
    let mut found: BTreeMap<DivisionCode, Text> = app
        .pack
        .divisions
        .iter()
        .filter(|division| within.contains(&division.code))
        .map(|division| (division.code, Text::both(&division.name)))
        .collect();
    let known: Vec<&str> = found.keys().map(DivisionCode::as_str).collect();
    let mut others = organisation::elsewhere(&app.db, &within, &known).await?;
    // Of several that work in one division, it is called after civil affairs.
    others.sort_by_key(|one| one.kind != Kind::CivilAffairs);
    for one in others {
        found.entry(one.division).or_insert_with(|| Organisation::from(one).into_name());
    }
    let divisions = found
        .into_iter()
        .map(|(code, name)| DivisionInfo {
            code: code.as_str().to_owned(),
            name,
            level: code.level().into(),
        })
        .collect();
    Ok(Json(Divisions { divisions }))
}
