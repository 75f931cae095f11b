//! Why, and why not: from the stored facts and decisions of a run back to the rows of the feeds.

mod evidence;
mod model;
mod render;
mod shown;

use std::collections::{BTreeMap, BTreeSet};

use engine::Snapshot;
use engine::datafusion::scalar::ScalarValue;
use jiff::civil::Date;
use pack::{Text, Unit};
use vocab::Period;

pub use model::{
    AmountExplanation, ConditionExplanation, Explanation, MemberValues, Missing, SourceRow,
    ValueExplanation,
};

use crate::PolicyError;
use crate::book::RuleBook;
use crate::decisions::PolicyColumns;
use crate::facts::{Moment, uncertain_column};
use crate::functions::{ASK, ELIGIBLE};
use crate::rules::{PolicyRules, SourceRule};
use evidence::{LinkedRow, Row};

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub struct ExplainRequest<'a> {
    /// The person; for a household's benefit, one of its members.
    pub person: &'a str,
    /// The policy.
    pub policy: &'a str,
    /// The period.
    pub period: Period,
    /// What was known when the period was decided, as the manifest says.
    pub known_at: Date,
}

/// Explains one decision.
///
/// * `book`: the rules of today, for the names of datasets. The rules that decided are read from the
///   run itself; when the pack has changed since, the explanation says so.
/// * `snapshot`: the table versions that the period was decided from, with the facts, decisions and
///   rules that came out.
///
/// # Errors
///
/// [`PolicyError::NotDecided`], [`PolicyError::NoPolicy`], [`PolicyError::NoPerson`]; else when
/// reading fails. A person without the benefit is not an error, whatever the reason.
pub async fn explain(
    book: &RuleBook,
    snapshot: &Snapshot,
    request: ExplainRequest<'_>,
) -> Result<Explanation, PolicyError> {
    let moment = Moment { period: request.period, known_at: request.known_at };
    let rules = evidence::rules(snapshot, moment, request.policy).await?;
    let person = request.person.to_owned();
    let of_person =
        evidence::facts(snapshot, moment, Unit::Person, std::slice::from_ref(&person)).await?;
    if !of_person.contains_key(&person) {
        return Err(PolicyError::NoPerson { person });
    }
    let household = rules.unit == "household";
    let (unit, subject, members) = if household {
        let found = evidence::household_of(snapshot, &person).await?;
        let members = match &found {
            Some(household) => evidence::members_of(snapshot, household).await?,
            None => Vec::new(),
        };
        (Unit::Household, found, members)
    } else {
        (Unit::Person, Some(person.clone()), Vec::new())
    };
    let mut explanation = blank(&rules, &person, subject.clone());
    if rules.pack_hash != book.pack_hash {
        explanation.notes.push(Text {
            zh: "城市包在本期决定之后有改动；这里用的是决定时的规则，逐行是否计入无法再核对".to_owned(),
            en: "the city pack has changed since; this uses the rules of the decision, and which rows counted can't be told any more".to_owned(),
        });
    }
    let Some(subject) = subject else {
        explanation.missing.push(Missing {
            condition: "household".to_owned(),
            what: Text {
                zh: "没有共同生活家庭的有效申请".to_owned(),
                en: "there is no application in force of a family that lives together".to_owned(),
            },
        });
        return Ok(finish(explanation));
    };
    let persons: Vec<String> = if household {
        members.iter().map(|(member, _)| member.clone()).collect()
    } else {
        vec![person]
    };
    let golden: BTreeSet<&str> = rules
        .variables
        .iter()
        .filter(|(_, variable)| variable.source == SourceRule::Golden)
        .map(|(id, _)| id.as_str())
        .collect();
    let provenance = evidence::golden_records(snapshot, &persons, &golden).await?;
    let records: BTreeSet<&str> = provenance.values().map(String::as_str).collect();
    let evidence = Evidence {
        facts: if household {
            evidence::facts(snapshot, moment, Unit::Person, &persons).await?
        } else {
            of_person
        },
        household: if household {
            let found =
                evidence::facts(snapshot, moment, unit, std::slice::from_ref(&subject)).await?;
            found.into_values().next()
        } else {
            None
        },
        members,
        linked: evidence::linked_rows(book, snapshot, moment, &rules, &persons, &records).await?,
        provenance,
        rules: &rules,
    };
    let decision = evidence::decision(snapshot, moment, unit, &subject).await?.unwrap_or_default();
    fill(&mut explanation, &evidence, &decision, &subject);
    Ok(finish(explanation))
}

fn blank(rules: &PolicyRules, person: &str, subject: Option<String>) -> Explanation {
    Explanation {
        policy: rules.policy.clone(),
        name: rules.name.clone(),
        unit: rules.unit.clone(),
        person: person.to_owned(),
        subject,
        period: rules.period,
        known_at: rules.known_at,
        outcome: if rules.not_applicable.is_some() { "not_applicable" } else { "not" }.to_owned(),
        amount_fen: None,
        enrolled: None,
        not_applicable: rules.not_applicable.clone(),
        rule_version: format!(
            "{}@{}",
            rules.pack_hash.get(..12).unwrap_or(&rules.pack_hash),
            rules.day
        ),
        legal_basis: rules.legal_basis.clone(),
        conditions: Vec::new(),
        amount: AmountExplanation { text: rules.amount.clone(), values: Vec::new() },
        parameters: rules.parameters.clone(),
        missing: Vec::new(),
        notes: Vec::new(),
        text: Text::default(),
    }
}

fn finish(mut explanation: Explanation) -> Explanation {
    explanation.text = render::text(&explanation);
    explanation
}

struct Evidence<'a> {
    /// Facts by person.
    facts: BTreeMap<String, Row>,
    household: Option<Row>,
    members: Vec<(String, Option<String>)>,
    /// By person and dataset.
    linked: BTreeMap<(String, String), Vec<LinkedRow>>,
    /// By person and golden column, the record.
    provenance: BTreeMap<(String, String), String>,
    rules: &'a PolicyRules,
}

fn fill(explanation: &mut Explanation, evidence: &Evidence<'_>, decision: &Row, subject: &str) {
    let rules = evidence.rules;
    let columns = PolicyColumns::named(&crate::book::column_prefix(&rules.policy));
    let whole = |name: &str| match decision.get(name) {
        Some(ScalarValue::Int64(value)) => *value,
        Some(ScalarValue::Int8(value)) => value.map(i64::from),
        _ => None,
    };
    let outcome = whole(&columns.outcome);
    let (held, unknown) = (whole(&columns.held), whole(&columns.unknown));
    if let Some(outcome) = outcome {
        outcome_word(outcome).clone_into(&mut explanation.outcome);
    }
    explanation.amount_fen = whole(&columns.amount);
    explanation.enrolled = match decision.get(&columns.enrolled) {
        Some(ScalarValue::Boolean(enrolled)) => *enrolled,
        _ => None,
    };
    let values_of = |inputs: &[String]| -> Vec<ValueExplanation> {
        inputs.iter().filter_map(|id| evidence.value(id, subject)).collect()
    };
    let last = rules.reasons.len().saturating_sub(1);
    for (at, reason) in rules.reasons.iter().enumerate() {
        let values = values_of(&reason.inputs);
        let bit = |mask: Option<i64>| mask.is_some_and(|mask| mask >> at & 1 == 1);
        if at == last {
            explanation.amount.values = values;
            if bit(unknown) {
                explanation.missing.push(missing_amount(&explanation.amount.values));
            }
            continue;
        }
        let truth = match (outcome, bit(held), bit(unknown)) {
            (None, ..) | (_, _, true) => None,
            (_, held, false) => Some(held),
        };
        let condition = ConditionExplanation {
            id: reason.id.clone(),
            name: reason.name.clone(),
            held: truth,
            article: reason.article.clone(),
            text: reason.text.clone(),
            values,
            ask: reason.ask.clone(),
        };
        if outcome.is_some() && truth != Some(true) {
            explanation.missing.push(missing(&condition));
        }
        explanation.conditions.push(condition);
    }
    if let Some(reason) = &rules.not_applicable {
        explanation.missing =
            vec![Missing { condition: "period".to_owned(), what: reason.clone() }];
    }
    evidence.note_uncertain(explanation);
    if rules.demo {
        explanation.notes.push(Text {
            zh: "金额为演示数值，不是市里的真实标准".to_owned(),
            en: "the amounts are made up for demonstration, they are not the city's own".to_owned(),
        });
    }
}

fn outcome_word(outcome: i64) -> &'static str {
    if outcome == i64::from(ELIGIBLE) {
        "eligible"
    } else if outcome == i64::from(ASK) {
        "ask"
    } else {
        "not"
    }
}

/// What stands in the way, for one condition that does not hold.
fn missing(condition: &ConditionExplanation) -> Missing {
    let what = match (condition.held, &condition.ask) {
        (None, Some(ask)) => Text {
            zh: format!("{}：还不清楚，请提供{}", condition.name.zh, ask.zh),
            en: format!("{}: not known yet; please bring: {}", condition.name.en, ask.en),
        },
        (None, None) => open_question(&condition.name, &condition.values),
        _ => {
            let values = |language: &str, join: &str| {
                condition
                    .values
                    .iter()
                    .map(|value| {
                        format!("{} = {}", value.name.get(language), value.shown.get(language))
                    })
                    .collect::<Vec<_>>()
                    .join(join)
            };
            let (zh, en) = (values("zh", "，"), values("en", ", "));
            if zh.is_empty() {
                condition.name.clone()
            } else {
                Text {
                    zh: format!("{}（{zh}）", condition.name.zh),
                    en: format!("{} ({en})", condition.name.en),
                }
            }
        }
    };
    Missing { condition: condition.id.clone(), what }
}

fn missing_amount(values: &[ValueExplanation]) -> Missing {
    let name = Text { zh: "金额".to_owned(), en: "amount".to_owned() };
    Missing { condition: crate::book::AMOUNT.to_owned(), what: open_question(&name, values) }
}

/// Why something can't be told: what is not known, or else that records are in doubt.
fn open_question(name: &Text, values: &[ValueExplanation]) -> Text {
    let unknown: Vec<&ValueExplanation> =
        values.iter().filter(|value| value.value.is_null()).collect();
    if unknown.is_empty() {
        return Text {
            zh: format!("{}：所依据的记录不能确定是本人的，需要核实", name.zh),
            en: format!(
                "{}: rests on records that may be another person's; to be verified",
                name.en
            ),
        };
    }
    let names = |language: &str, join: &str| {
        unknown.iter().map(|value| value.name.get(language)).collect::<Vec<_>>().join(join)
    };
    Text {
        zh: format!("{}：还不清楚（{}未知）", name.zh, names("zh", "、")),
        en: format!("{}: not known yet (unknown: {})", name.en, names("en", ", ")),
    }
}

impl Evidence<'_> {
    /// The value of a name for a subject, with everything that it hangs on.
    fn value(&self, id: &str, subject: &str) -> Option<ValueExplanation> {
        let rule = self.rules.variables.get(id)?;
        let person = self.facts.get(subject);
        let row = match rule.entity.as_str() {
            "household" => self.household.as_ref(),
            // A period's values stand in every row.
            "period" => person.or(self.household.as_ref()),
            _ => person,
        };
        let scalar = row.and_then(|row| row.get(id)).cloned().unwrap_or(ScalarValue::Null);
        let mut value = ValueExplanation {
            variable: id.to_owned(),
            name: rule.name.clone(),
            value: shown::json(&scalar),
            shown: shown::words(&scalar, rule),
            unit: rule.unit.clone(),
            formula: None,
            sources: Vec::new(),
            inputs: Vec::new(),
            members: Vec::new(),
        };
        match &rule.source {
            SourceRule::Golden => value.sources = self.golden_source(id, subject),
            SourceRule::Dataset { dataset, role, .. } => {
                value.sources = self.sources(id, subject, dataset, role);
            }
            SourceRule::Sql { text, inputs } => {
                value.formula = Some(text.clone());
                value.inputs =
                    inputs.iter().filter_map(|input| self.value(input, subject)).collect();
            }
            SourceRule::Members { aggregate, filter, value: of, inputs } => {
                value.formula = Some(members_formula(aggregate, filter.as_deref(), of.as_deref()));
                value.members = self
                    .members
                    .iter()
                    .map(|(member, relation)| MemberValues {
                        person: member.clone(),
                        relation: relation.clone(),
                        values: inputs
                            .iter()
                            .filter_map(|input| self.value(input, member))
                            .collect(),
                    })
                    .collect();
            }
        }
        Some(value)
    }

    fn golden_source(&self, column: &str, person: &str) -> Vec<SourceRow> {
        let Some(record) = self.provenance.get(&(person.to_owned(), column.to_owned())) else {
            return Vec::new();
        };
        self.linked
            .iter()
            .filter(|((of, _), _)| of == person)
            .flat_map(|(_, rows)| rows)
            .filter(|row| row.source.record_id == *record)
            .map(|row| row.source.clone())
            .collect()
    }

    fn sources(&self, variable: &str, person: &str, dataset: &str, role: &str) -> Vec<SourceRow> {
        self.linked
            .get(&(person.to_owned(), dataset.to_owned()))
            .into_iter()
            .flatten()
            .filter(|row| row.role == role)
            .map(|row| SourceRow {
                counted: row.counted.get(variable).copied(),
                ..row.source.clone()
            })
            .collect()
    }

    /// Says which rows may be somebody else's.
    fn note_uncertain(&self, explanation: &mut Explanation) {
        let doubtful: Vec<&LinkedRow> = self
            .linked
            .iter()
            .filter(|((person, dataset), _)| {
                let facts = self.facts.get(person);
                self.rules.variables.iter().any(|(id, variable)| {
                    let flag = facts.and_then(|row| row.get(&uncertain_column(id)));
                    matches!(&variable.source, SourceRule::Dataset { dataset: of, .. } if of == dataset)
                        && flag == Some(&ScalarValue::Boolean(Some(true)))
                })
            })
            .flat_map(|(_, rows)| rows)
            .filter(|row| !row.source.certain)
            .collect();
        let names = |language: &str, join: &str| {
            let names: BTreeSet<&str> =
                doubtful.iter().map(|row| row.source.dataset_name.get(language)).collect();
            names.into_iter().collect::<Vec<_>>().join(join)
        };
        if !doubtful.is_empty() {
            explanation.notes.push(Text {
                zh: format!("有的记录不能确定是本人的：{}", names("zh", "、")),
                en: format!("some records may be another person's: {}", names("en", ", ")),
            });
        }
    }
}

fn members_formula(aggregate: &str, filter: Option<&str>, value: Option<&str>) -> String {
    let of = value.map_or_else(|| "members".to_owned(), |value| format!("{value} of members"));
    match filter {
        Some(filter) => format!("{aggregate} {of} where {filter}"),
        None => format!("{aggregate} {of}"),
    }
}
