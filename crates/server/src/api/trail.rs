//! The audit trail, for those who look after it.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use store::audit::{self, Wanted};
use utoipa::{IntoParams, ToSchema};

use super::programs::{self, NamedProgram};
use crate::access::Caller;
use crate::app::App;
use crate::paging::{cut, rows_to_read};
use crate::params::{ApiQuery, FromQuery, QueryText};
use crate::problem::{ApiError, Problem};
use crate::readings;

/// Which entries.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct TrailFilter {
    /// Only entries about this, for instance `user:wu`.
    subject: Option<String>,
    /// Only what this user or program did.
    who: Option<String>,
    /// Only this act, for instance `person.read`.
    what: Option<String>,
    /// Page size; 50 if left out.
    #[param(required = false, minimum = 1, maximum = 200)]
    limit: u32,
    /// `next` of the page before.
    cursor: Option<String>,
}

impl FromQuery for TrailFilter {
    fn from_query(query: &QueryText) -> Result<Self, ApiError> {
        Ok(Self {
            subject: query.text("subject")?.map(str::to_owned),
            who: query.text("who")?.map(str::to_owned),
            what: query.text("what")?.map(str::to_owned),
            limit: query.limit(50)?,
            cursor: query.text("cursor")?.map(str::to_owned),
        })
    }
}

/// An entry of the audit trail.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TrailEntry {
    id: i64,
    #[schema(format = DateTime)]
    at: String,
    /// The user or program; a partner's is named `api_client:<id>`.
    who: String,
    /// The act.
    what: String,
    /// What it was done to, `<kind>:<id>`.
    subject: String,
    purpose: String,
    /// What the act needs besides.
    detail: serde_json::Value,
}

/// Entries, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TrailPage {
    entries: Vec<TrailEntry>,
    /// The partners' programs that did it, or that it was done to.
    programs: Vec<NamedProgram>,
    /// Cursor of the next page; null on the last.
    next: Option<String>,
}

/// The audit trail
#[utoipa::path(
    get, path = "/api/v1/audit/entries", tag = "audit", params(TrailFilter), security(("session" = [])),
    responses(
        (status = 200, description = "Entries, newest first.", body = TrailPage),
        (status = 400, description = "A parameter is not valid.", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "Not signed in, or the session has ended.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "Not for this account.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list_entries(
    State(app): State<App>,
    caller: Caller,
    ApiQuery(filter): ApiQuery<TrailFilter>,
) -> Result<Json<TrailPage>, ApiError> {
    let before = match &filter.cursor {
        None => None,
        Some(cursor) => Some(cursor.parse().map_err(|_| ApiError::bad_cursor())?),
    };
    let subject = filter.subject.as_deref();
    let wanted = Wanted {
        subjects: subject.as_slice(),
        who: filter.who.as_deref(),
        what: filter.what.as_deref(),
    };
    // Who looks into the trail is in it as well.
    let detail = serde_json::json!({
        "subject": filter.subject, "who": filter.who, "what": filter.what,
    });
    readings::reading(&app, &caller, "trail.read", "trail:all", &detail).await?;
    let limit = rows_to_read(filter.limit);
    let mut found = audit::newest(&app.db, &wanted, before, limit).await?;
    let next = cut(&mut found, filter.limit, |last| last.id.to_string());
    let subjects = found.iter().flat_map(|entry| [entry.who.as_str(), entry.subject.as_str()]);
    let programs = programs::named(&app, subjects).await?.into_values().collect();
    let entries = found
        .into_iter()
        .map(|entry| TrailEntry {
            id: entry.id,
            at: entry.at,
            who: entry.who,
            what: entry.what,
            subject: entry.subject,
            purpose: entry.purpose,
            // What is not JSON was not written by this program.
            detail: serde_json::from_str(&entry.detail).unwrap_or_default(),
        })
        .collect();
    Ok(Json(TrailPage { entries, programs, next }))
}
