//! Why a decision came out as it did.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use identity::access::Action;
use jiff::civil::Date;
use pack::{ParameterValue, Policy, VariableType};
use policy::{ExplainRequest, PolicyError, SourceRow, ValueExplanation};
use serde::Serialize;
use utoipa::ToSchema;
use vocab::Period;

use super::overview::PeriodQuery;
use super::person::{Outcome, within_reach};
use crate::access::Caller;
use crate::app::App;
use crate::params::{ApiQuery, is_id};
use crate::problem::{ApiError, Problem};
use crate::published::Published;
use crate::readings;
use crate::text::{Month, Text};

/// Why a decision came out as it did.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Explanation {
    policy: String,
    name: Text,
    outcome: Outcome,
    /// Integer fen (1 CNY = 100 fen).
    amount_fen: Option<i64>,
    #[schema(inline)]
    period: Month,
    known_at: Date,
    rule_version: String,
    legal_basis: Vec<LegalBasis>,
    conditions: Vec<Condition>,
    parameters: Vec<ParameterUse>,
    /// All of it in words; empty where it would name other members of a household.
    text: Text,
}

impl Explanation {
    /// Takes away which rows the values come from, and the text, which names each member with theirs.
    pub(super) fn leave_out_members(&mut self) {
        self.text = Text::both("");
        for condition in &mut self.conditions {
            for value in &mut condition.values {
                value.sources.clear();
            }
        }
    }
}

/// A legal source.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LegalBasis {
    title: String,
    number: Option<String>,
    article: Option<String>,
}

/// A condition of a policy and whether it held.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Condition {
    /// Condition id; `excluded_by:<policy>` and `amount` are implicit ones.
    id: String,
    name: Text,
    /// Null is unknown.
    held: Option<bool>,
    article: Option<String>,
    /// The rule as written, SQL.
    text: String,
    values: Vec<ConditionValue>,
    /// What to bring or clarify when the condition is unknown.
    ask: Option<Text>,
}

/// A variable that a condition looked at.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConditionValue {
    variable: String,
    name: Text,
    kind: ValueKind,
    /// Canonical text; null is unknown (neither zero nor false).
    value: Option<String>,
    /// Name of a coded value; null where the value speaks for itself.
    label: Option<Text>,
    unit: Option<String>,
    sources: Vec<ValueSource>,
}

/// How to read a value: money and decimal are exact decimals in text, dates are `YYYY-MM-DD`,
/// booleans `true` or `false`.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ValueKind {
    Money,
    Integer,
    Decimal,
    Boolean,
    Text,
    Date,
}

/// The row that a value came from.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ValueSource {
    dataset: String,
    dataset_name: Text,
    record_id: Option<String>,
    /// Line in the delivered file.
    row: i64,
    as_of: Date,
    delivery_id: String,
}

/// A parameter in force on the policy's day.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ParameterUse {
    id: String,
    kind: ParameterKind,
    unit: String,
    /// Of a scalar: exact decimal in text.
    value: Option<String>,
    /// Of the other kinds; empty for a scalar.
    entries: Vec<ParameterEntry>,
    /// In force from.
    from: Date,
    to: Option<Date>,
    basis: String,
    evidence: Evidence,
    verify: bool,
}

/// The shape of a parameter.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ParameterKind {
    Scalar,
    Bracket,
    Table,
    Dates,
}

/// One line of a bracket (key is the lower bound), a table, or dates (key empty).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ParameterEntry {
    key: String,
    value: String,
}

/// How a figure is known: seen in the source, in the seed article, generally known, probable,
/// unsure, constructed, or derived from others.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Evidence {
    Found,
    Seed,
    Known,
    Probable,
    Unsure,
    Constructed,
    Derived,
}

/// Why a decision came out as it did
#[utoipa::path(
    get, path = "/api/v1/people/{person_id}/decisions/{policy}", tag = "people",
    params(
        ("person_id" = String, Path, description = "Person id."),
        ("policy" = String, Path, description = "Policy id."),
        PeriodQuery
    ),
    security(("session" = [])),
    responses(
        (status = 200, description = "The explanation.", body = Explanation),
        (status = 400, description = "A parameter is not valid.", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "Not signed in, or the session has ended.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "There is no such period, person, policy or decision.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn explain_decision(
    State(app): State<App>,
    caller: Caller,
    Path((person_id, policy)): Path<(String, String)>,
    ApiQuery(PeriodQuery { period }): ApiQuery<PeriodQuery>,
) -> Result<Json<Explanation>, ApiError> {
    let published = app.published().await?.ok_or_else(|| ApiError::period_unknown(period))?;
    published.check_period(period)?;
    if !is_id(&person_id) {
        return Err(ApiError::person_unknown());
    }
    let Some(known) = app.pack.policy(&policy) else { return Err(ApiError::policy_unknown()) };
    let action = Action::DecisionExplain;
    let found = within_reach(&app, &caller, &published, action, &person_id).await?;
    let explanation = explained(&app, &published, period, &person_id, known).await?;
    let detail = serde_json::json!({ "period": period.to_string(), "policy": policy });
    readings::reading(
        &app,
        &caller,
        "decision.explain",
        &format!("person:{}", found.person_id),
        &detail,
    )
    .await?;
    Ok(Json(explanation))
}

/// Why a policy came out as it did for a person.
#[tracing::instrument(name = "decision.explain", skip_all)]
pub(super) async fn explained(
    app: &App,
    published: &Arc<Published>,
    period: Period,
    person: &str,
    policy: &Policy,
) -> Result<Explanation, ApiError> {
    let (asking, published) = (app.clone(), published.clone());
    let (person, id) = (person.to_owned(), policy.id.clone());
    let runtime = tokio::runtime::Handle::current();
    // On a thread of its own: explaining holds things that can't move between threads.
    let explanation = tokio::task::spawn_blocking(move || {
        runtime.block_on(explain(&asking, &published, period, &person, &id))
    })
    .await??;
    Ok(shown(app, policy, explanation))
}

async fn explain(
    app: &App,
    published: &Published,
    period: Period,
    person: &str,
    policy: &str,
) -> Result<policy::Explanation, ApiError> {
    let compile = || async {
        policy::compile(&app.pack).map_err(|_| {
            ApiError::internal("the rules of the pack do not compile; run `huimin check`")
        })
    };
    let rules = app.rules.get_or_try_init(compile).await?;
    let (snapshot, known_at) = published.as_decided(&app.folder, period);
    let request = ExplainRequest { person, policy, period, known_at };
    policy::explain(rules, &snapshot, request).await.map_err(|error| match error {
        PolicyError::NoPerson { .. } => ApiError::person_unknown(),
        PolicyError::NoPolicy { .. } | PolicyError::NotDecided { .. } => {
            ApiError::decision_unknown()
        }
        other => ApiError::internal(other),
    })
}

fn shown(app: &App, known: &Policy, explained: policy::Explanation) -> Explanation {
    let outcome = match explained.outcome.as_str() {
        "eligible" => Outcome::Eligible,
        "ask" => Outcome::Ask,
        "not_applicable" => Outcome::NotApplicable,
        _ => Outcome::Not,
    };
    let mut conditions: Vec<Condition> = explained
        .conditions
        .iter()
        .map(|condition| Condition {
            id: condition.id.clone(),
            name: (&condition.name).into(),
            held: condition.held,
            article: condition.article.clone(),
            text: condition.text.clone(),
            values: values(app, &condition.values),
            ask: condition.ask.as_ref().map(Text::from),
        })
        .collect();
    let listed = conditions.iter().any(|condition| condition.id == "amount");
    let all_held = conditions.iter().all(|condition| condition.held == Some(true));
    if !listed && all_held && matches!(outcome, Outcome::Eligible | Outcome::Ask) {
        conditions.push(Condition {
            id: "amount".to_owned(),
            name: Text::new("金额可以确定", "The amount is known"),
            held: explained.amount_fen.map(|_| true),
            article: None,
            text: explained.amount.text.clone(),
            values: values(app, &explained.amount.values),
            ask: None,
        });
    }
    Explanation {
        policy: explained.policy,
        name: (&explained.name).into(),
        outcome,
        amount_fen: explained.amount_fen,
        period: Month(explained.period),
        known_at: explained.known_at,
        rule_version: explained.rule_version,
        legal_basis: explained
            .legal_basis
            .into_iter()
            .map(|law| LegalBasis { title: law.title, number: law.number, article: law.article })
            .collect(),
        conditions,
        parameters: explained.parameters.iter().map(|used| parameter(known, used)).collect(),
        text: (&explained.text).into(),
    }
}

/// The values that a condition looked at, each followed by those that it was computed from.
fn values(app: &App, explained: &[ValueExplanation]) -> Vec<ConditionValue> {
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    collect(app, explained, &mut seen, &mut found);
    found
}

fn collect(
    app: &App,
    explained: &[ValueExplanation],
    seen: &mut BTreeSet<String>,
    found: &mut Vec<ConditionValue>,
) {
    for one in explained {
        if !seen.insert(one.variable.clone()) {
            continue;
        }
        let value = match &one.value {
            serde_json::Value::Null => None,
            serde_json::Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        };
        let variable = app.pack.variable(&one.variable);
        let kind = variable.map_or_else(
            || kind_of(&one.variable, &one.value),
            |variable| match variable.kind {
                VariableType::Money => ValueKind::Money,
                VariableType::Integer => ValueKind::Integer,
                VariableType::Decimal => ValueKind::Decimal,
                VariableType::Boolean => ValueKind::Boolean,
                VariableType::Text => ValueKind::Text,
                VariableType::Date => ValueKind::Date,
            },
        );
        let label = value.as_deref().filter(|_| matches!(kind, ValueKind::Text)).and_then(|text| {
            app.labels
                .attribute_value(&one.variable, text)
                .or_else(|| (one.shown.zh != text).then(|| Text::from(&one.shown)))
        });
        let mut rows: Vec<&SourceRow> = one.sources.iter().collect();
        for member in &one.members {
            rows.extend(member.values.iter().flat_map(|value| &value.sources));
        }
        found.push(ConditionValue {
            variable: one.variable.clone(),
            name: (&one.name).into(),
            kind,
            value,
            label,
            unit: one.unit.clone(),
            sources: rows
                .into_iter()
                .map(|row| ValueSource {
                    dataset: row.dataset.clone(),
                    dataset_name: (&row.dataset_name).into(),
                    record_id: Some(row.record_id.clone()),
                    row: row.row,
                    as_of: row.as_of,
                    delivery_id: row.delivery_id.clone(),
                })
                .collect(),
        });
        collect(app, &one.inputs, seen, found);
    }
}

/// The kind of a golden column or a built-in, which are no variables of the pack.
fn kind_of(name: &str, value: &serde_json::Value) -> ValueKind {
    const DATES: [&str; 6] =
        ["birth_date", "death_date", "hukou_from", "hukou_to", "period_start", "period_end"];
    match value {
        serde_json::Value::Bool(_) => ValueKind::Boolean,
        serde_json::Value::Number(_) => ValueKind::Integer,
        _ if DATES.contains(&name) => ValueKind::Date,
        _ => ValueKind::Text,
    }
}

/// A dated figure: what the decision used, in the shape that the pack gives it.
fn parameter(known: &Policy, used: &policy::ParameterUse) -> ParameterUse {
    let dated = known.parameters.get(&used.id).and_then(|parameter| parameter.on(used.from));
    let pair = |key: &dyn ToString, value: &dyn ToString| ParameterEntry {
        key: key.to_string(),
        value: value.to_string(),
    };
    let (kind, entries) = match dated.map(|dated| &dated.value) {
        Some(ParameterValue::Bracket(steps)) => {
            (ParameterKind::Bracket, steps.iter().map(|(from, value)| pair(from, value)).collect())
        }
        Some(ParameterValue::Table(table)) => {
            (ParameterKind::Table, table.iter().map(|(key, value)| pair(key, value)).collect())
        }
        Some(ParameterValue::Dates(days)) => {
            (ParameterKind::Dates, days.iter().map(|day| pair(&"", day)).collect())
        }
        // Also when the pack no longer has it: the text says what it was.
        Some(ParameterValue::Scalar(_)) | None => (ParameterKind::Scalar, Vec::new()),
    };
    ParameterUse {
        id: used.id.clone(),
        value: matches!(kind, ParameterKind::Scalar).then(|| used.value.clone()),
        kind,
        unit: used.unit.clone(),
        entries,
        from: used.from,
        to: used.to,
        basis: used.basis.clone(),
        evidence: Evidence::parse(&used.evidence),
        verify: used.verify,
    }
}

impl Evidence {
    /// Reads the pack's word; one that is not known is unsure.
    fn parse(word: &str) -> Self {
        match word {
            "found" => Self::Found,
            "seed" => Self::Seed,
            "known" => Self::Known,
            "probable" => Self::Probable,
            "constructed" => Self::Constructed,
            "derived" => Self::Derived,
            _ => Self::Unsure,
        }
    }
}
