//! Searching people.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use identity::access::Action;
use jiff::civil::Date;
use registry::Hit;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vocab::DivisionCode;

use crate::access::Caller;
use crate::app::App;
use crate::params::{self, body};
use crate::problem::{ApiError, Problem};
use crate::published::Published;
use crate::readings;
use crate::text::Text;

/// How far a reader can page. The index has to rank all earlier results again for each page, and
/// nobody reads ten thousand of them; a better query is the way.
const DEEPEST: usize = 10_000;
/// Page size if none is asked for.
const PAGE: u32 = 20;

/// What to search for. It stands in the body, because addresses are kept by browsers, proxies and logs, and this may be
/// somebody's name or number.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PeopleSearch {
    /// Characters of the name, pinyin, pinyin initials, or a full identity number; all people if
    /// empty.
    q: Option<String>,
    /// Division code whose people to show.
    division: Option<String>,
    /// Page size; 20 if left out.
    #[schema(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// People that match a search.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PeoplePage {
    people: Vec<PersonSummary>,
    /// How many match; null if that was not counted.
    total: Option<u64>,
    /// Cursor of the next page; null on the last.
    next: Option<String>,
}

/// A person in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PersonSummary {
    person_id: String,
    name: String,
    /// GB/T 2261.1: 0 unknown, 1 male, 2 female, 9 not stated.
    sex: Option<String>,
    #[schema(value_type = Option<String>, format = Date)]
    birth_date: Option<String>,
    /// Completed years on the last day of the newest period.
    age: Option<i32>,
    /// Masked.
    id_number: Option<String>,
    /// Significant digits of the division code.
    division: Option<String>,
    division_name: Option<Text>,
    vital_status: VitalStatus,
    /// Records linked to the person.
    records: u64,
}

/// `uncertain`: one source alone reports a death.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum VitalStatus {
    Alive,
    Dead,
    Uncertain,
}

impl VitalStatus {
    /// Reads the registry's word; one that is not known is the careful answer.
    pub(crate) fn parse(text: &str) -> Self {
        match text {
            "alive" => Self::Alive,
            "dead" => Self::Dead,
            _ => Self::Uncertain,
        }
    }
}

/// Search people
#[utoipa::path(
    post, path = "/api/v1/people/searches", tag = "people", security(("session" = [])),
    request_body = PeopleSearch,
    responses(
        (status = 200, description = "Matches, best first.", body = PeoplePage),
        (status = 400, description = "The body or a parameter in it is not valid.", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "Not signed in, or the session has ended.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn search_people(
    State(app): State<App>,
    caller: Caller,
    bytes: Bytes,
) -> Result<Json<PeoplePage>, ApiError> {
    let search: PeopleSearch = body(
        &bytes,
        "应为 JSON 对象，可含文本 `q`、`division`、`cursor` 和数 `limit`",
        "a JSON object that may have the texts `q`, `division` and `cursor` and the number `limit`",
    )?;
    let text = params::text("q", search.q.as_deref())?.unwrap_or_default().to_owned();
    let division = params::division(params::text("division", search.division.as_deref())?)?;
    let limit = search.limit.map_or(Ok(PAGE), |limit| params::limit(Some(limit)))? as usize;
    let from = match params::text("cursor", search.cursor.as_deref())? {
        None => 0,
        Some(cursor) => {
            cursor.parse().ok().filter(|from| *from <= DEEPEST).ok_or_else(ApiError::bad_cursor)?
        }
    };
    let division = caller.scope(&app, Action::PersonSearch, division)?;
    let nobody = PeoplePage { people: Vec::new(), total: Some(0), next: None };
    let Some(published) = app.published().await? else { return Ok(Json(nobody)) };
    let Some(index) = published.index().await? else { return Ok(Json(nobody)) };
    let day = day_of_ages(&published);

    let keys = app.keys()?;
    let page = tokio::task::spawn_blocking(move || {
        let division = division.as_ref().map(DivisionCode::as_str);
        index.search(&text, division, &keys, from, limit)
    })
    .await??;
    // What was searched for may be a name, and stays out of the trail; who was found does not.
    let found = page.hits.iter().map(|hit| ("person.search", hit.person_id.as_str()));
    readings::persons(&app, &caller, found, &serde_json::json!({})).await?;
    Ok(Json(PeoplePage {
        people: page.hits.into_iter().map(|hit| summary(&app, hit, day)).collect(),
        total: u64::try_from(page.total).ok(),
        next: page.next.filter(|next| *next <= DEEPEST).map(|next| next.to_string()),
    }))
}

/// The day on which people are as old as is shown.
pub(super) fn day_of_ages(published: &Published) -> Date {
    let newest = published.periods().first().copied();
    newest.unwrap_or(published.manifest.period).last_day()
}

/// A person in a list.
pub(super) fn summary(app: &App, hit: Hit, day: Date) -> PersonSummary {
    let birth = hit.birth_date.as_deref().and_then(|text| text.parse::<Date>().ok());
    PersonSummary {
        person_id: hit.person_id,
        name: hit.name.unwrap_or_default(),
        sex: hit.sex,
        age: birth.filter(|birth| *birth <= day).map(|birth| vocab::date::age_on(birth, day)),
        birth_date: hit.birth_date,
        id_number: hit.id_number,
        division_name: hit.division.as_deref().and_then(|code| app.labels.division(code)).cloned(),
        division: hit.division,
        vital_status: VitalStatus::parse(&hit.vital_status),
        records: u64::from(hit.records),
    }
}
