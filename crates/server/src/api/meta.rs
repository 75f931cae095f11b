//! What the console needs to know before it shows anything.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::problem::{ApiError, Problem};
use crate::text::{CodeName, Month, Text};

/// What the console needs to know before it shows anything.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Meta {
    city: Text,
    /// Published periods, newest first.
    #[schema(inline)]
    periods: Vec<Month>,
    code_version: &'static str,
    datasets: Vec<DatasetInfo>,
    policies: Vec<PolicyInfo>,
    districts: Vec<DistrictInfo>,
    quarantine_codes: Vec<CodeName>,
}

/// A dataset of the city pack.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DatasetInfo {
    id: String,
    name: Text,
    department: Text,
}

/// A policy of the city pack.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PolicyInfo {
    id: String,
    name: Text,
    unit: SubjectUnit,
    mode: PolicyMode,
    cycle: PolicyCycle,
    /// Some parameter in it still has to be verified against the official text.
    verify: bool,
    /// The policy's figures are for demonstration.
    demo: bool,
}

/// A district of the city.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DistrictInfo {
    /// GB/T 2260 code, 6 digits.
    code: String,
    name: Text,
}

/// What a policy decides about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SubjectUnit {
    Person,
    Household,
}

/// How a benefit is started: paid without application (免申即享), offered and confirmed (推送确认), or
/// applied for (依申请).
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PolicyMode {
    Auto,
    Confirm,
    Apply,
}

/// How often a policy pays.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PolicyCycle {
    Monthly,
    Quarterly,
    Yearly,
    PerEvent,
    Once,
}

impl From<pack::Unit> for SubjectUnit {
    fn from(unit: pack::Unit) -> Self {
        match unit {
            pack::Unit::Person => Self::Person,
            pack::Unit::Household => Self::Household,
        }
    }
}

impl From<pack::PolicyMode> for PolicyMode {
    fn from(mode: pack::PolicyMode) -> Self {
        match mode {
            pack::PolicyMode::Auto => Self::Auto,
            pack::PolicyMode::Confirm => Self::Confirm,
            pack::PolicyMode::Apply => Self::Apply,
        }
    }
}

impl From<pack::Cycle> for PolicyCycle {
    fn from(cycle: pack::Cycle) -> Self {
        match cycle {
            pack::Cycle::Monthly => Self::Monthly,
            pack::Cycle::Quarterly => Self::Quarterly,
            pack::Cycle::Yearly => Self::Yearly,
            pack::Cycle::PerEvent => Self::PerEvent,
            pack::Cycle::Once => Self::Once,
        }
    }
}

/// Periods, datasets, policies, districts
#[utoipa::path(
    get, path = "/api/v1/meta", tag = "meta", security(("session" = [])),
    responses(
        (status = 200, description = "What there is.", body = Meta),
        (status = 401, description = "Not signed in, or the session has ended.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn get_meta(State(app): State<App>) -> Result<Json<Meta>, ApiError> {
    let pack = &app.pack;
    let published = app.published().await?;
    let periods = published.as_ref().map(|published| published.periods()).unwrap_or_default();
    // A figure is verified or not on a day; without a published period any unverified one counts.
    let day = periods.first().map(|period| period.last_day());
    let policies = pack
        .policies
        .iter()
        .map(|policy| PolicyInfo {
            id: policy.id.clone(),
            name: (&policy.name).into(),
            unit: policy.unit.into(),
            mode: policy.mode.into(),
            cycle: policy.cycle.into(),
            verify: match day {
                Some(day) => policy.needs_verifying(day),
                None => policy
                    .parameters
                    .values()
                    .flat_map(|parameter| &parameter.values)
                    .any(|value| value.verify),
            },
            demo: policy.demo,
        })
        .collect();
    Ok(Json(Meta {
        city: (&pack.name).into(),
        periods: periods.into_iter().map(Month).collect(),
        code_version: crate::CODE_VERSION,
        datasets: pack
            .datasets
            .values()
            .map(|contract| DatasetInfo {
                id: contract.id.clone(),
                name: (&contract.name).into(),
                department: (&contract.department.name).into(),
            })
            .collect(),
        policies,
        districts: districts(pack)
            .map(|division| DistrictInfo {
                code: division.code.as_str().to_owned(),
                name: Text::both(&division.name),
            })
            .collect(),
        quarantine_codes: app.labels.reasons(),
    }))
}

/// The districts of a city, in the order of the pack.
pub(crate) fn districts(pack: &pack::Pack) -> impl Iterator<Item = &pack::Division> {
    pack.divisions.iter().filter(|division| division.level == pack::AreaKind::District)
}
