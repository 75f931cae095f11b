//! Whether somebody is entitled to something: as much as a partner needs to know, and nothing else.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use identity::access::Target;
use identity::api_client::agreement;
use registry::Claim;
use serde::{Deserialize, Serialize};
use store::audit::Reading;
use utoipa::ToSchema;
use vocab::{DivisionCode, IdNumber, Period};

use crate::access::Partner;
use crate::api::person::{Outcome, decisions, households};
use crate::app::App;
use crate::params::body;
use crate::problem::{ApiError, Problem};
use crate::published::Published;
use crate::text::Month;

/// Of whom something is asked.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct VerificationRequest {
    /// 18 characters.
    #[schema(format = Password)]
    id_number: String,
    name: String,
    /// Policy id; one that an agreement is about.
    policy: String,
    /// A month that was decided, `YYYY-MM`; the newest if left out.
    #[schema(pattern = "^[0-9]{4}-(0[1-9]|1[0-2])$")]
    period: Option<String>,
}

/// What is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum VerificationAnswer {
    Entitled,
    NotEntitled,
    /// Something is not known yet, and the person is being asked.
    Undecided,
    /// Nobody in the division has this number and this name.
    NoMatch,
}

/// The answer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Verification {
    answer: VerificationAnswer,
    policy: String,
    #[schema(inline)]
    period: Month,
    /// The state of the data, a day.
    known_at: jiff::civil::Date,
    /// The agreement that it rests on.
    agreement_id: String,
}

/// Ask whether somebody is entitled to something
///
/// The person sees in the portal who has asked. Signed like the agreements.
#[utoipa::path(
    post, path = "/api/v1/exchange/verifications", tag = "exchange", security(("signature" = [])),
    request_body = VerificationRequest,
    responses(
        (status = 200, description = "The answer.", body = Verification),
        (status = 400, description = "The body is not valid.", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "Not signed, or the signature does not hold.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No agreement about this policy is in force, or no such month.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn verify(
    State(app): State<App>,
    partner: Partner,
    bytes: Bytes,
) -> Result<Json<Verification>, ApiError> {
    let asked: VerificationRequest = body(
        &bytes,
        "应为 JSON 对象，含文本 `id_number`、`name` 和 `policy`，所问不是最新月份的另含 `period`",
        "a JSON object with the texts `id_number`, `name` and `policy`, and `period` for another month than the newest",
    )?;
    let number = IdNumber::parse(asked.id_number.trim()).map_err(|_| ApiError::bad_id_number())?;
    let month = asked.period.as_deref().map(Period::parse).transpose();
    let month = month.map_err(|_| {
        ApiError::bad_body("`period` 须为月份 `YYYY-MM`", "a month `YYYY-MM` in `period`")
    })?;
    let client = &partner.signer.client;
    let agreement = agreement::in_force(&app.db, &client.id, &asked.policy, app.now()).await?;
    let agreement = agreement.ok_or_else(ApiError::not_agreed)?;
    // An agreement may be older than the pack.
    app.pack.policy(&asked.policy).ok_or_else(ApiError::not_agreed)?;
    let published = app.published().await?.ok_or_else(ApiError::nothing_published)?;
    let newest = published.periods().first().copied().unwrap_or(published.manifest.period);
    let period = month.unwrap_or(newest);
    published.check_period(period)?;

    let person = reachable(&app, &partner, &published, (&number, &asked.name)).await?;
    let detail = serde_json::json!({
        "agreement": agreement.id, "policy": asked.policy, "period": period.to_string(),
    });
    // Whoever asks about nobody is in the trail as well: that is how fishing is seen.
    let subject = person.as_deref().map_or_else(|| partner.subject(), identity::citizen::subject);
    let entry = Reading {
        who: partner.subject(),
        what: "verification.ask".to_owned(),
        subject,
        at: app.now(),
        purpose: "agreement".to_owned(),
        detail,
    };
    app.recorder.record(entry).await.map_err(ApiError::internal)?;
    let answer = match &person {
        Some(person) => answer(&app, &published, period, person, &asked.policy).await?,
        None => VerificationAnswer::NoMatch,
    };
    Ok(Json(Verification {
        answer,
        policy: asked.policy,
        period: Month(period),
        known_at: published.manifest.known_at,
        agreement_id: agreement.id,
    }))
}

/// The person of this number and name, if the partner may ask about them.
async fn reachable(
    app: &App,
    partner: &Partner,
    published: &Published,
    (id_number, name): (&IdNumber, &str),
) -> Result<Option<String>, ApiError> {
    let Some(index) = published.index().await? else { return Ok(None) };
    let snapshot = published.with_all_tables().await?;
    let claim = Claim { id_number, name, phone: None };
    let known_at = published.manifest.known_at;
    let hit = registry::claimed(snapshot, &index, &app.pack, app.keys()?.as_ref(), known_at, claim)
        .await?;
    let Some(hit) = hit else { return Ok(None) };
    let located = registry::locate(snapshot, &index, &hit.person_id).await?;
    let city = app.pack.division;
    let division = located.and_then(|found| found.division);
    let division = division.and_then(|code| DivisionCode::parse(&code).ok());
    // Nobody knows where they are: that is the city's.
    let division = division.filter(|known| city.contains(known)).unwrap_or(city);
    let target = Target { division: &division, level: 2 };
    let signer = &partner.signer;
    let may = app.access.allows_client(&signer.client.id, &signer.division, true, &target);
    Ok(may.then_some(hit.person_id))
}

/// What was decided, in one word.
async fn answer(
    app: &App,
    published: &Published,
    period: Period,
    person: &str,
    policy: &str,
) -> Result<VerificationAnswer, ApiError> {
    let index = published.index().await?.ok_or_else(ApiError::person_unknown)?;
    let households = households(app, published, &index, person).await?;
    let decided = decisions(app, published, period, person, &households).await?;
    let outcomes: Vec<Outcome> =
        decided.iter().filter(|one| one.policy == policy).map(|one| one.outcome).collect();
    Ok(if outcomes.contains(&Outcome::Eligible) {
        VerificationAnswer::Entitled
    } else if outcomes.contains(&Outcome::Ask) {
        VerificationAnswer::Undecided
    } else {
        VerificationAnswer::NotEntitled
    })
}
