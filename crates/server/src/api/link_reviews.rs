//! Pairs that the last linking left open: a record of one person that may be another person's.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use identity::access::Action;
use jiff::civil::Date;
use registry::{Hit, PersonIndex, RecordLink};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use vocab::DivisionCode;

use super::people::{PersonSummary, day_of_ages, summary};
use super::quarantine::Paging;
use crate::access::Caller;
use crate::app::App;
use crate::overview::HOME;
use crate::paging::{cut, rows_to_read};
use crate::params::{ApiQuery, FromQuery, QueryText, is_id};
use crate::problem::{ApiError, Problem};
use crate::published::Published;
use crate::rows::{Row, literal, rows};
use crate::text::{CodeName, Month, Text};
use crate::{labels, readings};

/// Which pairs.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct LinkReviewFilter {
    /// Division code in which at least one of the two persons lives; both always live within one's own.
    #[param(value_type = Option<String>)]
    division: Option<DivisionCode>,
}

impl FromQuery for LinkReviewFilter {
    fn from_query(query: &QueryText) -> Result<Self, ApiError> {
        Ok(Self { division: query.division()? })
    }
}

/// Pairs that may be one person, the likeliest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LinkReviewsPage {
    /// The month after whose run they are left; null before the first.
    #[schema(value_type = Option<String>)]
    period: Option<Month>,
    pairs: Vec<LinkReview>,
    total: u64,
    /// Cursor of the next page; null on the last.
    next: Option<String>,
}

/// A record that may be another person's than the one whom it is linked to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LinkReview {
    record_id: String,
    dataset: String,
    dataset_name: Text,
    /// The role in which the record speaks of the person.
    role: String,
    /// Match weight of the record against the other person, base-2 logarithm.
    weight: f64,
    /// Whom the record is linked to.
    person: ReviewedPerson,
    /// Who it may be as well.
    other: ReviewedPerson,
}

/// A person of a pair.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReviewedPerson {
    summary: PersonSummary,
    /// The datasets that the person's records are of.
    datasets: Vec<CodeName>,
    /// Whether whoever asks may open the person's file.
    file_opens: bool,
}

/// Pairs that may be one person
#[utoipa::path(
    get, path = "/api/v1/link-reviews", tag = "people", params(LinkReviewFilter, Paging),
    security(("session" = [])),
    responses(
        (status = 200, description = "Pairs, the likeliest first.", body = LinkReviewsPage),
        (status = 400, description = "A parameter is not valid.", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "Not signed in, or the session has ended.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list_link_reviews(
    State(app): State<App>,
    caller: Caller,
    ApiQuery((filter, paging)): ApiQuery<(LinkReviewFilter, Paging)>,
) -> Result<Json<LinkReviewsPage>, ApiError> {
    // Who may not search one of the two sees nothing of the pair.
    let own = caller.scope(&app, Action::PersonSearch, None)?;
    let asked = caller.scope(&app, Action::PersonSearch, filter.division)?;
    let cut_to = CutTo { own: own.as_ref(), asked: asked.as_ref() };
    let after = paging.cursor.as_deref().map(Place::parse).transpose()?;
    let limit = paging.limit.unwrap_or(50);
    let nothing = LinkReviewsPage { period: None, pairs: Vec::new(), total: 0, next: None };
    let Some(published) = app.published().await? else { return Ok(Json(nothing)) };
    let Some(index) = published.index().await? else { return Ok(Json(nothing)) };
    let total = count(&published, cut_to).await?;
    let mut found = read(&published, cut_to, after.as_ref(), rows_to_read(limit)).await?;
    let next = cut(&mut found, limit, Place::text_of);
    let known = known(&index, found).await?;
    let period = published.manifest.period;
    let detail = serde_json::json!({ "period": period.to_string() });
    let seen = known.iter().flat_map(|pair| [&pair.person.0, &pair.other.0]);
    let seen = seen.map(|hit| ("link_review.read", hit.person_id.as_str()));
    readings::persons(&app, &caller, seen, &detail).await?;
    let day = day_of_ages(&published);
    Ok(Json(LinkReviewsPage {
        period: Some(Month(period)),
        pairs: known.into_iter().map(|pair| shown(&app, &caller, pair, day)).collect(),
        total,
        next,
    }))
}

const TABLES: [&str; 3] = [registry::REVIEW, registry::LINKS, registry::PERSONS];

/// Which pairs are shown; the whole city's without a division.
#[derive(Clone, Copy)]
struct CutTo<'d> {
    /// Where both persons live.
    own: Option<&'d DivisionCode>,
    /// Where one of them lives at least.
    asked: Option<&'d DivisionCode>,
}

/// The pairs. A pair is none any more when a person of it is gone, whose records were all ended.
fn pairs(cut_to: CutTo<'_>) -> String {
    let homes = format!("(SELECT person_id, {HOME} AS home FROM persons)");
    let lives = |person: &str, division: &DivisionCode| {
        format!("starts_with({person}.home, {})", literal(division.as_str()))
    };
    let own = cut_to.own.map(|own| format!("({} AND {})", lives("p", own), lives("o", own)));
    let asked =
        cut_to.asked.map(|asked| format!("({} OR {})", lives("p", asked), lives("o", asked)));
    let conditions: Vec<String> = own.into_iter().chain(asked).collect();
    let condition = match conditions.is_empty() {
        true => String::new(),
        false => format!(" WHERE {}", conditions.join(" AND ")),
    };
    format!(
        "SELECT r.record_id AS record_id, l.dataset AS dataset, l.role AS role, \
         l.person_id AS person_id, r.person_id AS other_id, r.weight AS weight, \
         CAST(r.weight AS DOUBLE) AS bits \
         FROM link_review r JOIN links l ON r.record_id = l.record_id \
         JOIN {homes} p ON l.person_id = p.person_id \
         JOIN {homes} o ON r.person_id = o.person_id{condition}"
    )
}

async fn count(published: &Published, cut_to: CutTo<'_>) -> Result<u64, ApiError> {
    let sql = format!("SELECT count(*) AS total FROM ({}) x", pairs(cut_to));
    let batches = published.query(&TABLES, &sql).await?;
    rows(&batches).next().map_or(Ok(0), |row| row.count("total"))
}

async fn read(
    published: &Published,
    cut_to: CutTo<'_>,
    after: Option<&Place>,
    limit: u64,
) -> Result<Vec<Pair>, ApiError> {
    let condition = after.map_or_else(String::new, |place| {
        // A record is in one pair at most.
        let bits = format!("CAST('{:.2}' AS DOUBLE)", place.weight);
        let id = literal(&place.record_id);
        format!(" WHERE x.bits < {bits} OR (x.bits = {bits} AND x.record_id > {id})")
    });
    let sql = format!(
        "SELECT x.record_id AS record_id, x.dataset AS dataset, x.role AS role, \
         x.person_id AS person_id, x.other_id AS other_id, x.weight AS weight, x.bits AS bits \
         FROM ({}) x{condition} ORDER BY bits DESC, record_id LIMIT {limit}",
        pairs(cut_to)
    );
    let batches = published.query(&TABLES, &sql).await?;
    rows(&batches).map(|row| Pair::of(&row)).collect()
}

/// A pair as the tables have it.
struct Pair {
    record_id: String,
    dataset: String,
    role: String,
    weight: f64,
    person_id: String,
    other_id: String,
}

impl Pair {
    fn of(row: &Row<'_>) -> Result<Self, ApiError> {
        let text = |column: &str| row.text_or_empty(column).map(str::to_owned);
        Ok(Self {
            record_id: text("record_id")?,
            dataset: text("dataset")?,
            role: text("role")?,
            weight: text("weight")?.parse::<f64>().map_err(ApiError::internal)?,
            person_id: text("person_id")?,
            other_id: text("other_id")?,
        })
    }
}

/// A pair with what the index has of its persons, in which identity numbers are masked already.
struct Known {
    pair: Pair,
    person: (Hit, Vec<RecordLink>),
    other: (Hit, Vec<RecordLink>),
}

async fn known(index: &Arc<PersonIndex>, pairs: Vec<Pair>) -> Result<Vec<Known>, ApiError> {
    let index = index.clone();
    let found = tokio::task::spawn_blocking(move || {
        let person = |person_id: &str| {
            // Both are published together.
            let absent = || ApiError::internal("the person index lacks a person of the registry");
            index.person(person_id)?.ok_or_else(absent)
        };
        pairs
            .into_iter()
            .map(|pair| {
                let (of, other) = (person(&pair.person_id)?, person(&pair.other_id)?);
                Ok(Known { pair, person: of, other })
            })
            .collect::<Result<Vec<_>, ApiError>>()
    });
    found.await?
}

fn shown(app: &App, caller: &Caller, known: Known, day: Date) -> LinkReview {
    let Known { pair, person, other } = known;
    LinkReview {
        record_id: pair.record_id,
        dataset_name: labels::dataset(&app.pack, &pair.dataset),
        dataset: pair.dataset,
        role: pair.role,
        weight: pair.weight,
        person: reviewed(app, caller, person, day),
        other: reviewed(app, caller, other, day),
    }
}

fn reviewed(
    app: &App,
    caller: &Caller,
    (hit, records): (Hit, Vec<RecordLink>),
    day: Date,
) -> ReviewedPerson {
    let datasets: BTreeSet<String> = records.into_iter().map(|record| record.dataset).collect();
    ReviewedPerson {
        file_opens: caller.may_at(app, Action::PersonRead, hit.division.as_deref(), 3),
        datasets: datasets
            .into_iter()
            .map(|id| CodeName { name: labels::dataset(&app.pack, &id), code: id })
            .collect(),
        summary: summary(app, hit, day),
    }
}

/// Where a page ends: weight and record.
struct Place {
    weight: f64,
    record_id: String,
}

impl Place {
    fn text_of(pair: &Pair) -> String {
        format!("{:.2}~{}", pair.weight, pair.record_id)
    }

    fn parse(text: &str) -> Result<Self, ApiError> {
        text.split_once('~')
            .and_then(|(weight, record_id)| {
                let weight = weight.parse().ok().filter(|weight: &f64| weight.is_finite())?;
                let record_id = Some(record_id).filter(|id| is_id(id))?.to_owned();
                Some(Self { weight, record_id })
            })
            .ok_or_else(ApiError::bad_cursor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_ends_at_a_weight_and_a_record() {
        let place = Place::parse("-1.25~00ff:subject").unwrap();
        assert_eq!((place.weight, place.record_id.as_str()), (-1.25, "00ff:subject"));
        for bad in ["", "1.00", "x~00ff", "NaN~00ff", "inf~00ff", "1.00~", "1.00~' OR 1=1"] {
            let error = Place::parse(bad).map(|_| ()).unwrap_err();
            let problem = error.problem();
            assert_eq!((problem.code, problem.parameter), ("PARAMETER-INVALID", Some("cursor")));
        }
    }
}
