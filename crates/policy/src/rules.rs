//! What the rules were when a period was decided, in a form that is stored with the decisions.
//!
//! A decision is explained years later by the rules it was made by, whatever the pack says then.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use pack::{Aggregate, Entity, ParameterValue, Text, VariableSource, VariableType};
use serde::{Deserialize, Serialize};
use vocab::Period;

use crate::applies::{NotApplicable, day_of};
use crate::book::{AMOUNT, CompiledPolicy, CompiledVariable, Formula, RuleBook, is_golden};
use crate::facts::Moment;
use crate::report::unit_word;
use crate::sql::Typed;

/// A policy as it was decided by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyRules {
    /// The policy.
    pub policy: String,
    /// Its name.
    pub name: Text,
    /// `person` or `household`.
    pub unit: String,
    /// Why it was not applicable; none: it was.
    pub not_applicable: Option<Text>,
    /// The day that its conditions looked at.
    pub day: Date,
    /// Laws and notices.
    pub legal_basis: Vec<Law>,
    /// Reasons in the order of the bits: conditions, exclusions, and the amount.
    pub reasons: Vec<ReasonRule>,
    /// SQL of the amount.
    pub amount: String,
    /// Dated parameters with the value of the day.
    pub parameters: Vec<ParameterUse>,
    /// Every variable that it looks at, directly or through others, by id.
    pub variables: BTreeMap<String, VariableRule>,
    /// Whether amounts are made up for demonstration.
    pub demo: bool,
    /// The pack's hash.
    pub pack_hash: String,
    /// What was known.
    pub known_at: Date,
    /// The period.
    pub period: Period,
}

/// A law, regulation or notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Law {
    /// Its title.
    pub title: String,
    /// Its number.
    pub number: Option<String>,
    /// The article.
    pub article: Option<String>,
}

/// One reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReasonRule {
    /// Id of the condition, `excluded_by:<policy>`, or `amount`.
    pub id: String,
    /// Its name.
    pub name: Text,
    /// Its SQL; empty for an exclusion.
    pub text: String,
    /// The article that it rests on.
    pub article: Option<String>,
    /// What to bring when it is unknown.
    pub ask: Option<Text>,
    /// The names that it reads directly.
    pub inputs: Vec<String>,
}

/// A dated parameter with its value on the policy's day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParameterUse {
    /// Its name in the policy.
    pub id: String,
    /// Its name for people.
    pub name: Text,
    /// Its unit.
    pub unit: String,
    /// Its value as text: a number, `from: number, …`, `key: number, …` or days.
    pub value: String,
    /// First day of the value.
    pub from: Date,
    /// Last day of the value; none: until another one is published.
    pub to: Option<Date>,
    /// Where the value stands.
    pub basis: String,
    /// How good the evidence is.
    pub evidence: String,
    /// Whether the city still has to verify it.
    pub verify: bool,
}

/// A variable or golden column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VariableRule {
    /// Its name.
    pub name: Text,
    /// `person`, `household` or `period`.
    pub entity: String,
    /// Type word of the pack.
    pub kind: String,
    /// Unit.
    pub unit: Option<String>,
    /// How it comes about.
    pub source: SourceRule,
}

/// How a variable comes about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "from", rename_all = "snake_case")]
pub enum SourceRule {
    /// A column of the golden record.
    Golden,
    /// SQL over other names.
    Sql {
        /// The expression.
        text: String,
        /// The names in it.
        inputs: Vec<String>,
    },
    /// Rows of a dataset.
    Dataset {
        /// The dataset.
        dataset: String,
        /// The person's role in a row.
        role: String,
        /// Which rows count.
        filter: Option<String>,
        /// How they become one value.
        aggregate: String,
        /// Of what.
        value: Option<String>,
    },
    /// Members of the household.
    Members {
        /// Which members count.
        filter: Option<String>,
        /// How they become one value.
        aggregate: String,
        /// Of what.
        value: Option<String>,
        /// The names of members in it.
        inputs: Vec<String>,
    },
}

impl PolicyRules {
    /// The rules of one policy at a moment.
    pub(crate) fn of(
        book: &RuleBook,
        compiled: &CompiledPolicy,
        moment: Moment,
        not_applicable: &NotApplicable,
    ) -> Self {
        let policy = &compiled.policy;
        let day = day_of(policy, moment);
        let mut roots: BTreeSet<String> = BTreeSet::new();
        let mut reasons = Vec::new();
        for (condition, checked) in policy.conditions.iter().zip(&compiled.conditions) {
            let inputs = names(&checked.when);
            roots.extend(inputs.iter().cloned());
            reasons.push(ReasonRule {
                id: condition.id.clone(),
                name: condition.name.clone(),
                text: condition.when.value.clone(),
                article: condition.article.clone(),
                ask: condition.ask.clone(),
                inputs,
            });
        }
        for other in &compiled.gives_way_to {
            let rule = policy.excludes.iter().find(|exclusion| exclusion.policy == *other);
            reasons.push(ReasonRule {
                id: format!("excluded_by:{other}"),
                name: rule.map(|exclusion| exclusion.rule.clone()).unwrap_or_default(),
                text: String::new(),
                article: None,
                ask: None,
                inputs: Vec::new(),
            });
        }
        let inputs = names(&compiled.amount);
        roots.extend(inputs.iter().cloned());
        reasons.push(ReasonRule {
            id: AMOUNT.to_owned(),
            name: Text { zh: "金额".to_owned(), en: "Amount".to_owned() },
            text: policy.amount.value.clone(),
            article: None,
            ask: None,
            inputs,
        });
        Self {
            policy: policy.id.clone(),
            name: policy.name.clone(),
            unit: unit_word(policy.unit).to_owned(),
            not_applicable: not_applicable.get(&policy.id).cloned(),
            day,
            legal_basis: policy
                .legal_basis
                .iter()
                .map(|basis| Law {
                    title: basis.title.clone(),
                    number: basis.number.clone(),
                    article: basis.article.clone(),
                })
                .collect(),
            reasons,
            amount: policy.amount.value.clone(),
            parameters: parameters(compiled, day),
            variables: closure(book, roots),
            demo: policy.demo,
            pack_hash: book.pack_hash.clone(),
            known_at: moment.known_at,
            period: moment.period,
        }
    }
}

/// The names of variables and golden columns in a tree; the period's own names explain themselves.
fn names(tree: &Typed) -> Vec<String> {
    tree.columns()
        .into_iter()
        .filter(|name| !pack::PERIOD_BUILT_INS.contains(name))
        .map(str::to_owned)
        .collect()
}

fn parameters(compiled: &CompiledPolicy, day: Date) -> Vec<ParameterUse> {
    compiled
        .parameters_used()
        .into_iter()
        .filter_map(|id| {
            let parameter = compiled.policy.parameters.get(id)?;
            let dated = parameter.on(day)?;
            Some(ParameterUse {
                id: id.to_owned(),
                name: parameter.name.clone(),
                unit: parameter.unit.clone(),
                value: value_text(&dated.value),
                from: dated.from,
                to: dated.to,
                basis: dated.basis.clone(),
                evidence: dated.evidence.as_str().to_owned(),
                verify: dated.verify,
            })
        })
        .collect()
}

fn value_text(value: &ParameterValue) -> String {
    let joined = |pairs: Vec<String>| pairs.join(", ");
    match value {
        ParameterValue::Scalar(number) => number.normalize().to_string(),
        ParameterValue::Bracket(steps) => joined(
            steps
                .iter()
                .map(|(key, value)| format!("{}: {}", key.normalize(), value.normalize()))
                .collect(),
        ),
        ParameterValue::Table(table) => joined(
            table.iter().map(|(key, value)| format!("{key}: {}", value.normalize())).collect(),
        ),
        ParameterValue::Dates(dates) => joined(dates.iter().map(ToString::to_string).collect()),
    }
}

/// Everything that some names hang on.
fn closure(book: &RuleBook, roots: BTreeSet<String>) -> BTreeMap<String, VariableRule> {
    let mut waiting: Vec<String> = roots.into_iter().collect();
    let mut found = BTreeMap::new();
    while let Some(id) = waiting.pop() {
        if found.contains_key(&id) {
            continue;
        }
        if let Some(compiled) = book.variable(&id) {
            let rule = variable_rule(compiled);
            waiting.extend(match &rule.source {
                SourceRule::Sql { inputs, .. } | SourceRule::Members { inputs, .. } => {
                    inputs.clone()
                }
                SourceRule::Golden | SourceRule::Dataset { .. } => Vec::new(),
            });
            found.insert(id, rule);
        } else if is_golden(&id) {
            let name = golden_name(&id);
            let kind = if crate::scopes::golden_type(&id) == crate::sql::Type::Date {
                "date"
            } else {
                "text"
            };
            found.insert(
                id,
                VariableRule {
                    name,
                    entity: "person".to_owned(),
                    kind: kind.to_owned(),
                    unit: None,
                    source: SourceRule::Golden,
                },
            );
        }
    }
    found
}

fn variable_rule(compiled: &CompiledVariable) -> VariableRule {
    let variable = &compiled.variable;
    let inputs: Vec<String> = compiled
        .inputs
        .iter()
        .filter(|name| !pack::PERIOD_BUILT_INS.contains(&name.as_str()))
        .cloned()
        .collect();
    let source = match (&compiled.formula, &variable.definition) {
        (Formula::Aggregate(checked), pack::Definition::Aggregate(written)) => {
            let text =
                |text: &Option<pack::Spanned<String>>| text.as_ref().map(|text| text.value.clone());
            let aggregate = aggregate_word(checked.aggregate).to_owned();
            match &checked.from {
                VariableSource::Dataset(dataset) => SourceRule::Dataset {
                    dataset: dataset.clone(),
                    role: checked.role.clone(),
                    filter: text(&written.filter),
                    aggregate,
                    value: text(&written.value),
                },
                VariableSource::Members => SourceRule::Members {
                    filter: text(&written.filter),
                    aggregate,
                    value: text(&written.value),
                    inputs,
                },
            }
        }
        (_, pack::Definition::Sql(text)) => SourceRule::Sql { text: text.value.clone(), inputs },
        (_, pack::Definition::Aggregate(_)) => SourceRule::Sql { text: String::new(), inputs },
    };
    VariableRule {
        name: variable.name.clone(),
        entity: entity_word(variable.entity).to_owned(),
        kind: kind_word(variable.kind).to_owned(),
        unit: variable.unit.clone(),
        source,
    }
}

fn entity_word(entity: Entity) -> &'static str {
    match entity {
        Entity::Person => "person",
        Entity::Household => "household",
        Entity::Period => "period",
    }
}

fn kind_word(kind: VariableType) -> &'static str {
    match kind {
        VariableType::Money => "money",
        VariableType::Integer => "integer",
        VariableType::Decimal => "decimal",
        VariableType::Boolean => "boolean",
        VariableType::Text => "text",
        VariableType::Date => "date",
    }
}

fn aggregate_word(aggregate: Aggregate) -> &'static str {
    match aggregate {
        Aggregate::Sum => "sum",
        Aggregate::Count => "count",
        Aggregate::Min => "min",
        Aggregate::Max => "max",
        Aggregate::Any => "any",
        Aggregate::Latest => "latest",
    }
}

/// Names of the golden columns for people.
fn golden_name(column: &str) -> Text {
    let (zh, en) = match column {
        "sex" => ("性别", "Sex"),
        "birth_date" => ("出生日期", "Date of birth"),
        "ethnicity" => ("民族", "Ethnic group"),
        "marital" => ("婚姻状况", "Marital status"),
        "division" => ("居住区划", "Division of residence"),
        "hukou_division" => ("户籍区划", "Division of registration"),
        "hukou_status" => ("户口状态", "State of registration"),
        "hukou_from" => ("落户日期", "Registered from"),
        "hukou_to" => ("户口迁出日期", "Registered until"),
        "area_type" => ("城乡属性", "Urban or rural"),
        "vital_status" => ("生存状态", "Vital status"),
        "death_date" => ("死亡日期", "Date of death"),
        other => (other, other),
    };
    Text { zh: zh.to_owned(), en: en.to_owned() }
}
