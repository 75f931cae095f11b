//! Who has looked at a person's data, when and what for (《中华人民共和国个人信息保护法》 arts. 44 and 45).

use std::collections::{BTreeMap, HashMap};

use axum::Json;
use axum::extract::{Path, State};
use identity::access::Affair;
use identity::{account, api_client, citizen, organisation};
use serde::Serialize;
use store::audit::{self, Wanted};
use utoipa::{IntoParams, ToSchema};

use crate::access::{Citizen, ids_of};
use crate::api::names::RoleName;
use crate::api::organisations::Organisation;
use crate::api::programs::{self, NamedProgram};
use crate::app::App;
use crate::paging::{cut, rows_to_read};
use crate::params::{ApiQuery, FromQuery, QueryText};
use crate::problem::{ApiError, Problem};
use crate::readings;
use crate::text::Text;

/// Which part.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ReadingsQuery {
    /// Page size; 20 if left out.
    #[param(required = false, minimum = 1, maximum = 200)]
    limit: u32,
    /// `next` of the page before.
    cursor: Option<String>,
}

impl FromQuery for ReadingsQuery {
    fn from_query(query: &QueryText) -> Result<Self, ApiError> {
        Ok(Self { limit: query.limit(20)?, cursor: query.text("cursor")?.map(str::to_owned) })
    }
}

/// Who did it, as far as the person is told: of the staff the office and not the name.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Looker {
    kind: LookerKind,
    /// Of the staff: who employs them now. Of a partner: whose program it is.
    organisation: Option<Text>,
    /// Of a partner: what its program is called.
    program: Option<String>,
    /// Of the staff: what they are employed for now.
    roles: Vec<RoleName>,
}

/// Sorts of those who look.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LookerKind {
    /// The person.
    #[serde(rename = "self")]
    Own,
    /// Somebody who acts for them, or has.
    Representative,
    Staff,
    /// A program of another department or a charity, under an agreement.
    Partner,
    /// The platform's own programs.
    Program,
}

/// Something that was done with a person's data.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Look {
    #[schema(format = DateTime)]
    at: String,
    /// The act, for instance `person.read`.
    what: String,
    /// The word of the purpose, `none` without one, or the platform's own words.
    purpose: String,
    by: Looker,
}

/// What was done with a person's data, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Looks {
    looks: Vec<Look>,
    /// Cursor of the next page; null on the last.
    next: Option<String>,
}

/// Who has looked at a person's data
#[utoipa::path(
    get, path = "/api/v1/citizen/people/{person_id}/readings", tag = "citizen", security(("citizen" = [])),
    params(("person_id" = String, Path, description = "Person id."), ReadingsQuery),
    responses(
        (status = 200, description = "Newest first.", body = Looks),
        (status = 400, description = "A parameter is not valid.", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "Not signed in.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "Neither oneself nor somebody whose guardian one is.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list_readings(
    State(app): State<App>,
    citizen: Citizen,
    Path(person_id): Path<String>,
    ApiQuery(query): ApiQuery<ReadingsQuery>,
) -> Result<Json<Looks>, ApiError> {
    let of = citizen.affairs(&app, Affair::Readings, &person_id).await?;
    let bad = |_| ApiError::bad_cursor();
    let before = query.cursor.as_deref().map(str::parse).transpose().map_err(bad)?;
    readings::affairs(&app, &citizen, "affairs.readings", &of, &serde_json::json!({})).await?;
    let ids = ids_of(&of.published, &of.person).await?;
    let subjects: Vec<String> = ids.iter().map(|id| citizen::subject(id)).collect();
    let subjects: Vec<&str> = subjects.iter().map(String::as_str).collect();
    let wanted = Wanted { subjects: &subjects, ..Wanted::default() };
    let mut found = audit::newest(&app.db, &wanted, before, rows_to_read(query.limit)).await?;
    let next = cut(&mut found, query.limit, |last| last.id.to_string());
    let programs = programs::named(&app, found.iter().map(|entry| entry.who.as_str())).await?;
    let mut known = HashMap::new();
    let mut looks = Vec::with_capacity(found.len());
    for entry in found {
        if !known.contains_key(&entry.who) {
            let by = looker(&app, &subjects, &programs, &entry.who).await?;
            known.insert(entry.who.clone(), by);
        }
        let by = known.get(&entry.who).cloned();
        let Some(by) = by else { continue };
        looks.push(Look { at: entry.at, what: entry.what, purpose: entry.purpose, by });
    }
    Ok(Json(Looks { looks, next }))
}

async fn looker(
    app: &App,
    subjects: &[&str],
    programs: &BTreeMap<String, NamedProgram>,
    who: &str,
) -> Result<Looker, ApiError> {
    let plain = |kind| Looker { kind, organisation: None, program: None, roles: Vec::new() };
    if subjects.contains(&who) {
        return Ok(plain(LookerKind::Own));
    }
    if who.starts_with("person:") {
        return Ok(plain(LookerKind::Representative));
    }
    if api_client::of_subject(who).is_some() {
        let program = programs.get(who);
        return Ok(Looker {
            organisation: program.and_then(|program| program.organisation.clone()),
            program: program.map(|program| program.name.clone()),
            ..plain(LookerKind::Partner)
        });
    }
    let Some(account) = account::find(&app.db, who).await? else {
        return Ok(plain(LookerKind::Program));
    };
    Ok(Looker {
        organisation: named(app, account.organisation.as_deref()).await?,
        roles: account.roles.iter().map(|role| RoleName::from(*role)).collect(),
        ..plain(LookerKind::Staff)
    })
}

async fn named(app: &App, organisation: Option<&str>) -> Result<Option<Text>, ApiError> {
    let Some(id) = organisation else { return Ok(None) };
    let found = organisation::find(&app.db, id).await?;
    Ok(found.map(|found| Organisation::from(found).into_name()))
}
