//! One person's file.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use identity::access::Action;
use jiff::civil::Date;
use pack::HouseholdKind as Kind;
use registry::{AttributeFile, PersonIndex, Sensitive};
use serde::Serialize;
use utoipa::ToSchema;
use vocab::Period;

use super::lists::{ItemState, payments_of};
use super::meta::SubjectUnit;
use super::overview::PeriodQuery;
use super::people::VitalStatus;
use crate::access::Caller;
use crate::app::App;
use crate::overview::column_stem;
use crate::params::{ApiQuery, is_id};
use crate::problem::{ApiError, Problem};
use crate::published::{Published, of_period};
use crate::rows::{Row, literal, rows};
use crate::text::{Month, Text};
use crate::{labels, readings, why};

/// Households of one person that are shown at most. A person is in one or two.
const HOUSEHOLDS_MOST: usize = 20;
/// Members that are shown at most; collective register books have hundreds.
const MEMBERS_MOST: usize = 500;

/// Everything the platform holds about one person.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PersonFile {
    person_id: String,
    /// Set if this id was merged into another person's.
    merged_into: Option<String>,
    name: String,
    vital_status: VitalStatus,
    #[schema(inline)]
    period: Month,
    attributes: Vec<Attribute>,
    records: Vec<RecordLink>,
    households: Vec<Household>,
    decisions: Vec<DecisionSummary>,
    payments: Vec<Payment>,
}

/// An attribute of the golden record.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Attribute {
    attribute: String,
    name: Text,
    /// Masked if the level is 4; null if no source gives one.
    value: Option<String>,
    /// Name of a coded value (sex, ethnic group, division, …); null where the value speaks for
    /// itself.
    label: Option<Text>,
    /// Sensitivity level.
    #[schema(value_type = i32, minimum = 1, maximum = 4)]
    level: u8,
    /// The record that the value comes from.
    record_id: Option<String>,
    dataset: Option<String>,
    dataset_name: Option<Text>,
    why: Text,
    /// All values, best first; the chosen one is among them.
    competing: Vec<CompetingValue>,
}

/// A value of an attribute that some record gives.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CompetingValue {
    /// Masked if the attribute's level is 4.
    value: Option<String>,
    /// Name of a coded value (sex, ethnic group, division, …); null where the value speaks for
    /// itself.
    label: Option<Text>,
    record_id: String,
    dataset: String,
    dataset_name: Text,
    /// The day whose state the delivery shows.
    as_of: Date,
    #[schema(value_type = i32, minimum = 1)]
    rank: usize,
    chosen: bool,
    why: Text,
}

/// A record that is linked to the person.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecordLink {
    record_id: String,
    dataset: String,
    dataset_name: Text,
    department: Text,
    role: String,
    as_of: Date,
    /// Match weight, base-2 logarithm.
    weight: f64,
    /// `id_exact`, `id_near`, `fellegi_sunter`, `single`, … .
    rule: String,
    certain: bool,
}

/// Register book (户) or household living together (共同生活家庭).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum HouseholdKind {
    Register,
    LivingTogether,
}

/// A household of the person.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Household {
    household_id: String,
    kind: HouseholdKind,
    kind_name: Text,
    members: Vec<HouseholdMember>,
}

/// A member of a household.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HouseholdMember {
    person_id: String,
    name: String,
    relation_name: Option<Text>,
    /// The person whose file this is.
    is_self: bool,
}

/// `ask`: something is unknown and a person has to be asked; never a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    Eligible,
    Not,
    Ask,
    NotApplicable,
}

/// A decision about the person or the person's household.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DecisionSummary {
    pub(super) policy: String,
    name: Text,
    /// Person or household id.
    subject: String,
    unit: SubjectUnit,
    pub(super) outcome: Outcome,
    /// Integer fen (1 CNY = 100 fen).
    amount_fen: Option<i64>,
}

/// A due item of the person and what became of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Payment {
    #[schema(inline)]
    pub(crate) period: Month,
    pub(crate) policy: String,
    pub(crate) name: Text,
    pub(crate) due_item_id: String,
    /// Integer fen (1 CNY = 100 fen).
    pub(crate) amount_fen: i64,
    pub(crate) state: ItemState,
    pub(crate) paid_on: Option<Date>,
    pub(crate) reason: Option<Text>,
}

/// One person's file
#[utoipa::path(
    get, path = "/api/v1/people/{person_id}", tag = "people",
    params(("person_id" = String, Path, description = "Person id."), PeriodQuery),
    security(("session" = [])),
    responses(
        (status = 200, description = "The file.", body = PersonFile),
        (status = 400, description = "A parameter is not valid.", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "Not signed in, or the session has ended.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "There is no such period or person.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn get_person(
    State(app): State<App>,
    caller: Caller,
    Path(person_id): Path<String>,
    ApiQuery(PeriodQuery { period }): ApiQuery<PeriodQuery>,
) -> Result<Json<PersonFile>, ApiError> {
    let published = app.published().await?.ok_or_else(|| ApiError::period_unknown(period))?;
    published.check_period(period)?;
    if !is_id(&person_id) {
        return Err(ApiError::person_unknown());
    }
    let index = published.index().await?.ok_or_else(ApiError::person_unknown)?;
    within_reach(&app, &caller, &published, Action::PersonRead, &person_id).await?;
    let file = file(&app, &published, &person_id, Sensitive::Masked).await?;
    let present = file.person_id.clone();
    let households = households(&app, &published, &index, &present).await?;
    // The members of the household are seen as well.
    let detail = serde_json::json!({ "period": period.to_string(), "file_of": present });
    let members = households.iter().flat_map(|household| &household.members);
    let others = members.filter(|member| !member.is_self);
    let seen = others.map(|member| ("household.read", member.person_id.as_str()));
    let seen = seen.chain([("person.read", present.as_str())]);
    readings::persons(&app, &caller, seen, &detail).await?;
    let decisions = decisions(&app, &published, period, &present, &households).await?;
    let payments = payments_of(&app, &present).await?;
    let records = records(&app, &file);
    Ok(Json(PersonFile {
        merged_into: (present != person_id).then(|| present.clone()),
        person_id,
        name: file.summary.name.clone().unwrap_or_default(),
        vital_status: VitalStatus::parse(&file.summary.vital_status),
        period: Month(period),
        attributes: attributes(&app, &file),
        records,
        households,
        decisions,
        payments,
    }))
}

/// Lets only through who may do something about a person. A person whom they may not see is as if there were
/// none, and takes as long to answer.
pub(crate) async fn within_reach(
    app: &App,
    caller: &Caller,
    published: &Published,
    action: Action,
    person_id: &str,
) -> Result<registry::Located, ApiError> {
    if !is_id(person_id) {
        return Err(ApiError::person_unknown());
    }
    let index = published.index().await?.ok_or_else(ApiError::person_unknown)?;
    let snapshot = published.with_all_tables().await?;
    let found = registry::locate(snapshot, &index, person_id).await?;
    let Some(found) = found else { return Err(ApiError::person_unknown()) };
    // A level of 4 is asked for by the act itself; all else leaves masked.
    let level = if action == Action::PersonReveal { 4 } else { 3 };
    if caller.may_at(app, action, found.division.as_deref(), level) {
        return Ok(found);
    }
    registry::locate(snapshot, &index, "absent").await?;
    Err(ApiError::person_unknown())
}

#[tracing::instrument(name = "person.file", skip_all)]
pub(super) async fn file(
    app: &App,
    published: &Published,
    person_id: &str,
    sensitive: Sensitive<'_>,
) -> Result<registry::PersonFile, ApiError> {
    let index = published.index().await?.ok_or_else(ApiError::person_unknown)?;
    let snapshot = published.with_all_tables().await?;
    let known_at = published.manifest.known_at;
    registry::person_file(
        snapshot,
        &index,
        &app.pack,
        app.keys()?.as_ref(),
        person_id,
        known_at,
        sensitive,
    )
    .await?
    .ok_or_else(ApiError::person_unknown)
}

/// The attributes of a file.
pub(super) fn attributes(app: &App, file: &registry::PersonFile) -> Vec<Attribute> {
    let roles: BTreeMap<&str, &str> = file
        .records
        .iter()
        .map(|record| (record.link.record_id.as_str(), record.role.as_str()))
        .collect();
    file.attributes.iter().map(|entry| attribute(app, entry, &roles)).collect()
}

fn attribute(app: &App, entry: &AttributeFile, roles: &BTreeMap<&str, &str>) -> Attribute {
    let id = entry.attribute.as_str();
    let label = |value: &str, dataset: &str, record_id: &str| {
        app.labels.attribute_value(id, value).or_else(|| {
            let contract = app.pack.datasets.get(dataset)?;
            let field = labels::field_of(contract, roles.get(record_id)?, id)?;
            app.labels.value(&field.kind, value)
        })
    };
    let dataset_name = |dataset: &str| labels::dataset(&app.pack, dataset);
    let rules = why::rules_of(&app.pack.survivorship, id);
    let competing: Vec<CompetingValue> = why::place(&entry.competing, rules, &dataset_name)
        .into_iter()
        .enumerate()
        .map(|(at, placed)| CompetingValue {
            label: label(&placed.value.value, &placed.value.dataset, &placed.value.record_id),
            value: Some(placed.value.value.clone()),
            record_id: placed.value.record_id.clone(),
            dataset: placed.value.dataset.clone(),
            dataset_name: dataset_name(&placed.value.dataset),
            as_of: placed.value.as_of,
            rank: at + 1,
            chosen: placed.value.chosen,
            why: placed.why,
        })
        .collect();
    let chosen = competing.iter().find(|value| value.chosen);
    Attribute {
        attribute: id.to_owned(),
        name: app.labels.attribute(id),
        value: chosen.and_then(|value| value.value.clone()),
        label: chosen.and_then(|value| value.label.clone()),
        level: level_of(app, entry),
        record_id: chosen.map(|value| value.record_id.clone()),
        dataset: chosen.map(|value| value.dataset.clone()),
        dataset_name: chosen.map(|value| value.dataset_name.clone()),
        why: chosen.map_or_else(
            || Text::new("没有可取的值", "no source gives a value that counts"),
            |value| value.why.clone(),
        ),
        competing,
    }
}

/// The sensitivity level of an attribute: that of its values here, or of its element if that is higher.
pub(super) fn level_of(app: &App, entry: &AttributeFile) -> u8 {
    let element = app.pack.elements.get(&entry.attribute).map_or(1, |element| element.level);
    entry.level.max(element).clamp(1, 4)
}

/// The records, those of the most weighty identification first.
fn records(app: &App, file: &registry::PersonFile) -> Vec<RecordLink> {
    let mut links: Vec<RecordLink> = file
        .records
        .iter()
        .map(|record| RecordLink {
            record_id: record.link.record_id.clone(),
            dataset: record.link.dataset.clone(),
            dataset_name: labels::dataset(&app.pack, &record.link.dataset),
            department: labels::department(&app.pack, &record.link.dataset),
            role: record.role.clone(),
            as_of: record.as_of,
            weight: f64::from(record.link.weight),
            rule: record.link.rule.clone(),
            certain: record.link.certain,
        })
        .collect();
    links.sort_by(|left, right| {
        right
            .certain
            .cmp(&left.certain)
            .then_with(|| right.weight.total_cmp(&left.weight))
            .then_with(|| left.record_id.cmp(&right.record_id))
    });
    links
}

/// The households of a person, with their members.
#[tracing::instrument(name = "person.households", skip_all)]
pub(crate) async fn households(
    app: &App,
    published: &Published,
    index: &Arc<PersonIndex>,
    person_id: &str,
) -> Result<Vec<Household>, ApiError> {
    // The inner query is small and the table sorted by household, so that few row groups are read.
    let sql = format!(
        "SELECT DISTINCT household_id FROM members WHERE person_id = {} ORDER BY household_id LIMIT {HOUSEHOLDS_MOST}",
        literal(person_id)
    );
    let found = published.query(&[registry::MEMBERS], &sql).await?;
    let ids: Vec<String> = rows(&found)
        .map(|row| Ok(literal(row.text_or_empty("household_id")?)))
        .collect::<Result<_, ApiError>>()?;
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT household_id, kind, person_id, relation FROM members WHERE household_id IN ({}) \
         ORDER BY household_id, relation, person_id LIMIT {MEMBERS_MOST}",
        ids.join(", ")
    );
    let batches = published.query(&[registry::MEMBERS], &sql).await?;
    let member_ids: Vec<String> = rows(&batches)
        .map(|row| Ok(row.text_or_empty("person_id")?.to_owned()))
        .collect::<Result<_, ApiError>>()?;
    let names = names_of(index, member_ids).await?;
    let mut households: Vec<Household> = Vec::new();
    for row in rows(&batches) {
        let household_id = row.text_or_empty("household_id")?;
        let kind = match row.text_or_empty("kind")? {
            "register" => Kind::Register,
            _ => Kind::LivingTogether,
        };
        let member_id = row.text_or_empty("person_id")?;
        let member = HouseholdMember {
            person_id: member_id.to_owned(),
            name: names.get(member_id).cloned().unwrap_or_default(),
            relation_name: app.labels.relation(kind, row.text_or_empty("relation")?),
            is_self: member_id == person_id,
        };
        match households.last_mut() {
            Some(last) if last.household_id == household_id => last.members.push(member),
            _ => households.push(Household {
                household_id: household_id.to_owned(),
                kind: match kind {
                    Kind::Register => HouseholdKind::Register,
                    Kind::LivingTogether => HouseholdKind::LivingTogether,
                },
                kind_name: labels::household_kind(kind),
                members: vec![member],
            }),
        }
    }
    households.sort_by(|left, right| {
        (left.kind, &left.household_id).cmp(&(right.kind, &right.household_id))
    });
    Ok(households)
}

/// Ids of households.
pub(crate) fn households_ids(households: &[Household]) -> Vec<String> {
    households.iter().map(|household| household.household_id.clone()).collect()
}

/// Names of persons by id.
pub(crate) async fn names_of(
    index: &Arc<PersonIndex>,
    person_ids: Vec<String>,
) -> Result<HashMap<String, String>, ApiError> {
    let index = index.clone();
    let names = tokio::task::spawn_blocking(move || {
        let mut names = HashMap::new();
        for person_id in person_ids {
            if let Entry::Vacant(free) = names.entry(person_id) {
                let found = index.person(free.key())?;
                free.insert(found.and_then(|(hit, _)| hit.name).unwrap_or_default());
            }
        }
        Ok::<_, registry::RegistryError>(names)
    });
    Ok(names.await??)
}

/// What was decided about a person and their households.
#[tracing::instrument(name = "person.decisions", skip_all)]
pub(super) async fn decisions(
    app: &App,
    published: &Published,
    period: Period,
    person_id: &str,
    households: &[Household],
) -> Result<Vec<DecisionSummary>, ApiError> {
    let mut decisions = Vec::new();
    let household_ids = households_ids(households);
    let subjects = [
        ("decisions_person", pack::Unit::Person, vec![person_id.to_owned()]),
        ("decisions_household", pack::Unit::Household, household_ids),
    ];
    for (stem, unit, subjects) in subjects {
        if subjects.is_empty() {
            continue;
        }
        let table = of_period(stem, period);
        let literals: Vec<String> = subjects.iter().map(|subject| literal(subject)).collect();
        let sql = format!(
            "SELECT * FROM \"{table}\" WHERE subject_id IN ({}) ORDER BY subject_id",
            literals.join(", ")
        );
        let batches = published.query(&[&table], &sql).await?;
        for row in rows(&batches) {
            for policy in app.pack.policies.iter().filter(|policy| policy.unit == unit) {
                decisions.push(decision(policy, &row)?);
            }
        }
    }
    Ok(decisions)
}

fn decision(policy: &pack::Policy, row: &Row<'_>) -> Result<DecisionSummary, ApiError> {
    let stem = column_stem(&policy.id);
    let (outcome_column, amount_column) = (format!("{stem}__outcome"), format!("{stem}__amount"));
    // A policy that the pack did not have when the period was decided has no columns.
    let outcome = if row.has(&outcome_column) { row.integer(&outcome_column)? } else { None };
    let outcome = match outcome {
        Some(0) => Outcome::Not,
        Some(1) => Outcome::Eligible,
        Some(_) => Outcome::Ask,
        None => Outcome::NotApplicable,
    };
    Ok(DecisionSummary {
        policy: policy.id.clone(),
        name: (&policy.name).into(),
        subject: row.text_or_empty("subject_id")?.to_owned(),
        unit: policy.unit.into(),
        outcome,
        amount_fen: if outcome == Outcome::Eligible && row.has(&amount_column) {
            row.integer(&amount_column)?
        } else {
            None
        },
    })
}
