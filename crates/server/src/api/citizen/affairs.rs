//! What is known of a person, decided and paid, as the person sees it.

use axum::Json;
use axum::extract::{Path, State};
use identity::access::Affair;
use registry::Sensitive;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use vocab::Period;

use super::StandingName;
use crate::access::Citizen;
use crate::api::decision::{Explanation, explained};
use crate::api::lists::payments_of;
use crate::api::person::{
    Attribute, DecisionSummary, Payment, attributes, decisions, file, households,
};
use crate::app::App;
use crate::params::{ApiQuery, FromQuery, QueryText};
use crate::problem::{ApiError, Problem};
use crate::published::Published;
use crate::readings;
use crate::text::Month;

/// A person's affairs.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Affairs {
    person_id: String,
    name: String,
    standing: StandingName,
    #[schema(inline)]
    period: Month,
    /// All months that were decided, newest first.
    #[schema(inline)]
    periods: Vec<Month>,
    /// What the platform takes to be so, and where it has it from. Numbers are masked.
    attributes: Vec<Attribute>,
    /// What was decided about the person, and the households that they belong to.
    decisions: Vec<DecisionSummary>,
    /// What was due to the person, and what became of it; newest first.
    payments: Vec<Payment>,
}

/// Which month.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct MonthQuery {
    /// A month that was decided, `YYYY-MM`; the newest if left out.
    #[param(value_type = Option<String>, pattern = "^[0-9]{4}-(0[1-9]|1[0-2])$")]
    period: Option<Period>,
}

impl FromQuery for MonthQuery {
    fn from_query(query: &QueryText) -> Result<Self, ApiError> {
        let period = query.text("period")?.is_some().then(|| query.period()).transpose()?;
        Ok(Self { period })
    }
}

impl MonthQuery {
    fn of(&self, published: &Published) -> Result<Period, ApiError> {
        let Some(period) = self.period else {
            return Ok(published.periods().first().copied().unwrap_or(published.manifest.period));
        };
        published.check_period(period).map(|()| period)
    }
}

/// A person's affairs
#[utoipa::path(
    get, path = "/api/v1/citizen/people/{person_id}", tag = "citizen", security(("citizen" = [])),
    params(("person_id" = String, Path, description = "Person id."), MonthQuery),
    responses(
        (status = 200, description = "What is known, decided and paid.", body = Affairs),
        (status = 400, description = "A parameter is not valid.", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "Not signed in.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "Neither oneself nor somebody whom one acts for, or no such month.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn get_affairs(
    State(app): State<App>,
    citizen: Citizen,
    Path(person_id): Path<String>,
    ApiQuery(month): ApiQuery<MonthQuery>,
) -> Result<Json<Affairs>, ApiError> {
    let of = citizen.affairs(&app, Affair::Read, &person_id).await?;
    let period = month.of(&of.published)?;
    let detail = serde_json::json!({ "period": period.to_string() });
    readings::affairs(&app, &citizen, "affairs.read", &of, &detail).await?;
    let index = of.published.index().await?.ok_or_else(ApiError::person_unknown)?;
    let mut file = file(&app, &of.published, &of.person, Sensitive::Masked).await?;
    // What a doubtful record states may be another person's.
    for entry in &mut file.attributes {
        entry.competing.retain(|stated| stated.certain || stated.chosen);
    }
    let households = households(&app, &of.published, &index, &of.person).await?;
    let decisions = decisions(&app, &of.published, period, &of.person, &households).await?;
    Ok(Json(Affairs {
        name: file.summary.name.clone().unwrap_or_default(),
        standing: of.standing.into(),
        period: Month(period),
        periods: of.published.periods().into_iter().map(Month).collect(),
        attributes: attributes(&app, &file),
        decisions,
        payments: payments_of(&app, &of.person).await?,
        person_id: of.person,
    }))
}

/// Why a decision came out as it did
#[utoipa::path(
    get, path = "/api/v1/citizen/people/{person_id}/decisions/{policy}", tag = "citizen", security(("citizen" = [])),
    params(
        ("person_id" = String, Path, description = "Person id."),
        ("policy" = String, Path, description = "Policy id."),
        MonthQuery
    ),
    responses(
        (status = 200, description = "The explanation. Where it is about a household, the rows of its members are left out.", body = Explanation),
        (status = 400, description = "A parameter is not valid.", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "Not signed in.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "Neither oneself nor somebody whom one acts for, or no such month, policy or decision.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn explain_own_decision(
    State(app): State<App>,
    citizen: Citizen,
    Path((person_id, policy)): Path<(String, String)>,
    ApiQuery(month): ApiQuery<MonthQuery>,
) -> Result<Json<Explanation>, ApiError> {
    let of = citizen.affairs(&app, Affair::Explain, &person_id).await?;
    let period = month.of(&of.published)?;
    let known = app.pack.policy(&policy).ok_or_else(ApiError::policy_unknown)?;
    let mut explanation = explained(&app, &of.published, period, &of.person, known).await?;
    if known.unit == pack::Unit::Household {
        // The sums are the household's; who has which income is the member's own affair.
        explanation.leave_out_members();
    }
    let detail = serde_json::json!({ "period": period.to_string(), "policy": policy });
    readings::affairs(&app, &citizen, "affairs.explain", &of, &detail).await?;
    Ok(Json(explanation))
}
