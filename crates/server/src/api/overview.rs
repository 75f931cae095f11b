//! The run and its results for a period.

use axum::Json;
use axum::extract::State;
use identity::access::Action;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use vocab::{DivisionCode, Period};

use super::meta::{SubjectUnit, districts};
use crate::access::Caller;
use crate::app::App;
use crate::labels;
use crate::overview::{ByPolicy, Totals, period_figures, records, registry_figures};
use crate::params::{ApiQuery, FromQuery, QueryText};
use crate::problem::{ApiError, Problem};
use crate::published::Published;
use crate::rows::{Row, literal, rows};
use crate::text::{Month, Text};

/// A period that must be given.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PeriodQuery {
    /// Month `YYYY-MM`.
    #[param(value_type = String, pattern = "^[0-9]{4}-(0[1-9]|1[0-2])$", example = "2024-01")]
    pub(crate) period: Period,
}

impl FromQuery for PeriodQuery {
    fn from_query(query: &QueryText) -> Result<Self, ApiError> {
        Ok(Self { period: query.period()? })
    }
}

/// Parameters of the overview.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct OverviewQuery {
    /// Month `YYYY-MM`.
    #[param(value_type = String, pattern = "^[0-9]{4}-(0[1-9]|1[0-2])$", example = "2024-01")]
    period: Period,
    /// Division code whose totals and policies to show; the whole city if left out.
    #[param(value_type = Option<String>)]
    division: Option<DivisionCode>,
}

impl FromQuery for OverviewQuery {
    fn from_query(query: &QueryText) -> Result<Self, ApiError> {
        Ok(Self { period: query.period()?, division: query.division()? })
    }
}

/// The run, its accounts and its results for one period.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Overview {
    #[schema(inline)]
    period: Month,
    /// Code of the division that totals and policies are of; null for the whole city, which everything else always is of.
    division: Option<String>,
    run: RunInfo,
    totals: Totals,
    /// Deliveries of the period.
    deliveries: Vec<DeliveryAccount>,
    policies: Vec<PolicySummary>,
    districts: Vec<DistrictSummary>,
}

/// The run that published what is shown.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RunInfo {
    run_id: String,
    /// Nothing received after this day was used.
    known_at: Date,
    /// BLAKE3 of the city pack, hex.
    pack_hash: String,
    code_version: String,
    /// When the manifest was published.
    published_at: Option<Timestamp>,
    steps: Vec<RunStep>,
}

/// One step of a run.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RunStep {
    /// `ingest`, `link`, `decide`, `list`, … .
    id: String,
    name: Text,
    /// Wall time in milliseconds.
    ms: u64,
    /// How many things the step handled: rows, records, decisions, items.
    items: u64,
}

/// Whether a delivery holds the whole roll or what is new and changed.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DeliveryKind {
    Full,
    Delta,
}

/// The row account of one delivery: rows_in = inserted + changed + unchanged + duplicate +
/// quarantined. Ended rows are those that a full delivery no longer lists, so they are not among
/// rows_in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeliveryAccount {
    delivery_id: String,
    dataset: String,
    name: Text,
    department: Text,
    file: String,
    #[schema(inline)]
    period: Month,
    as_of: Date,
    received: Date,
    kind: DeliveryKind,
    rows_in: u64,
    inserted: u64,
    changed: u64,
    unchanged: u64,
    ended: u64,
    duplicate: u64,
    quarantined: u64,
    /// The account closes.
    balanced: bool,
}

/// Decisions and money of one policy in a period. All figures are 0 when the policy is not
/// applicable.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PolicySummary {
    policy: String,
    name: Text,
    unit: SubjectUnit,
    eligible: u64,
    ask: u64,
    not: u64,
    /// Integer fen (1 CNY = 100 fen).
    amount_fen: i64,
    /// The policy does not apply in this period (months, index conditions).
    not_applicable: bool,
}

/// Decisions and money of one district in a period.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DistrictSummary {
    code: String,
    name: Text,
    persons: u64,
    /// Entitlements (subject and policy), not heads.
    eligible: u64,
    /// Integer fen (1 CNY = 100 fen).
    amount_fen: i64,
}

/// The run and its results for a period
#[utoipa::path(
    get, path = "/api/v1/overview", tag = "overview", params(OverviewQuery), security(("session" = [])),
    responses(
        (status = 200, description = "The period's overview.", body = Overview),
        (status = 400, description = "A parameter is not valid.", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "Not signed in, or the session has ended.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "There is no such period.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn get_overview(
    State(app): State<App>,
    caller: Caller,
    ApiQuery(OverviewQuery { period, division }): ApiQuery<OverviewQuery>,
) -> Result<Json<Overview>, ApiError> {
    // Who asks for no part sees the city, whatever their own division is.
    let within = match division.is_some() {
        true => caller.scope(&app, Action::OverviewRead, division)?,
        false => None,
    };
    let published = app.published().await?.ok_or_else(|| ApiError::period_unknown(period))?;
    published.check_period(period)?;
    let registry = published.registry.get_or_try_init(|| registry_figures(&published)).await?;
    let slot = published.figures(period).await;
    let figures = slot.get_or_try_init(|| period_figures(&published, &app.pack, period)).await?;
    let (totals, of_policies) = match &within {
        None => (registry.totals.clone(), figures.policies.clone()),
        Some(division) => {
            let records = published.records.get_or_try_init(|| records(&published)).await?;
            (registry.within(division, records), figures.within(division))
        }
    };

    let figure = |of: &ByPolicy, policy: &str| of.get(policy).copied().unwrap_or_default();
    let policies = app
        .pack
        .policies
        .iter()
        .map(|policy| {
            let of_policy = figure(&of_policies, &policy.id);
            PolicySummary {
                policy: policy.id.clone(),
                name: (&policy.name).into(),
                unit: policy.unit.into(),
                eligible: of_policy.eligible,
                ask: of_policy.ask,
                not: of_policy.not,
                amount_fen: of_policy.amount_fen,
                // Where nobody of a part was decided, others were.
                not_applicable: figure(&figures.policies, &policy.id).is_empty(),
            }
        })
        .collect();
    let districts = districts(&app.pack)
        .map(|division| {
            let code = division.code.as_str();
            let (eligible, amount_fen) = figures.districts.get(code).copied().unwrap_or_default();
            DistrictSummary {
                code: code.to_owned(),
                name: Text::both(&division.name),
                persons: registry.districts.get(code).copied().unwrap_or_default(),
                eligible,
                amount_fen,
            }
        })
        .collect();
    Ok(Json(Overview {
        period: Month(period),
        division: within.map(|division| division.as_str().to_owned()),
        run: run_info(&published, period),
        totals,
        deliveries: deliveries(&app, &published, period).await?,
        policies,
        districts,
    }))
}

fn run_info(published: &Published, period: Period) -> RunInfo {
    let manifest = &published.manifest;
    let of_period = manifest.periods.get(&period.to_string());
    let steps = of_period.map_or(&manifest.steps, |run| &run.steps);
    // The file is written once, at publication.
    let published_at = std::fs::metadata(&published.manifest_file)
        .and_then(|metadata| metadata.modified())
        .ok()
        .and_then(|time| Timestamp::try_from(time).ok());
    RunInfo {
        run_id: of_period.map_or(&manifest.run_id, |run| &run.run_id).clone(),
        known_at: of_period.map_or(manifest.known_at, |run| run.known_at),
        pack_hash: of_period.map_or(&manifest.pack_hash, |run| &run.pack_hash).clone(),
        code_version: of_period.map_or(&manifest.code_version, |run| &run.code_version).clone(),
        published_at,
        steps: steps
            .iter()
            .map(|step| RunStep {
                id: step.id.clone(),
                name: labels::step(&step.id),
                ms: step.ms,
                items: step.items,
            })
            .collect(),
    }
}

async fn deliveries(
    app: &App,
    published: &Published,
    period: Period,
) -> Result<Vec<DeliveryAccount>, ApiError> {
    let sql = format!(
        "SELECT * FROM deliveries WHERE period = {} ORDER BY received, dataset, delivery_id",
        literal(&period.to_string())
    );
    let batches = published.query(&[intake::DELIVERIES], &sql).await?;
    rows(&batches).map(|row| account(app, &row, period)).collect()
}

fn account(app: &App, row: &Row<'_>, period: Period) -> Result<DeliveryAccount, ApiError> {
    let dataset = row.text_or_empty("dataset")?;
    let mut account = DeliveryAccount {
        delivery_id: row.text_or_empty("delivery_id")?.to_owned(),
        dataset: dataset.to_owned(),
        name: labels::dataset(&app.pack, dataset),
        department: labels::department(&app.pack, dataset),
        file: row.text_or_empty("file")?.to_owned(),
        period: Month(period),
        as_of: row.given_date("as_of")?,
        received: row.given_date("received")?,
        kind: match row.text_or_empty("kind")? {
            "full" => DeliveryKind::Full,
            _ => DeliveryKind::Delta,
        },
        rows_in: row.count("rows_in")?,
        inserted: row.count("inserted")?,
        changed: row.count("changed")?,
        unchanged: row.count("unchanged")?,
        ended: row.count("ended")? + row.count("missing_ended")?,
        duplicate: row.count("duplicate")?,
        quarantined: row.count("quarantined")?,
        balanced: false,
    };
    let rows_out = account.inserted
        + account.changed
        + account.unchanged
        + row.count("ended")?
        + account.duplicate
        + account.quarantined;
    // The rows of the file, and the rows that the source lists.
    account.balanced = account.rows_in == rows_out
        && row.count("open_before")? + account.inserted
            == account.ended + row.count("open_after")?;
    Ok(account)
}
