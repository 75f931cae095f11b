//! `policies/tests/*.yaml`.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rust_decimal::Decimal;
use vocab::Period;

use super::{Files, Reference, Target};
use crate::fault::Fault;
use crate::model::{
    Expect, GOLDEN_COLUMNS, Outcome, Policy, PolicyTest, TestValue, Variable, VariableType,
};
use crate::read::{Map, Sink, parse_date, parse_decimal};
use crate::span::{Span, Spanned};
use crate::yaml::{Key, Kind, Node};

pub(crate) const OUTCOMES: [(&str, Outcome); 4] = [
    ("eligible", Outcome::Eligible),
    ("not", Outcome::Not),
    ("ask", Outcome::Ask),
    ("not_applicable", Outcome::NotApplicable),
];

pub(super) fn read(
    files: &Files,
    sink: &Sink,
    variables: &[Variable],
    policies: &[Policy],
    references: &mut Vec<Reference>,
) -> Vec<PolicyTest> {
    let mut tests: Vec<PolicyTest> = Vec::new();
    for (stem, node) in files.folder("policies/tests/") {
        let map = sink.map(node, "a file of cases");
        let policy = map.string("policy");
        super::city::check_file_name(&policy, stem, sink);
        references.push(Reference::new(Target::Policy, &policy));
        let conditions = policies.iter().find(|known| known.id == policy.value);
        let given = facts(&map, "given", variables);
        let first = tests.len();
        for item in map.items_required("cases") {
            let map = sink.map(item, "a case");
            let case = case(&map, &policy.value, &given, variables, conditions);
            map.finish();
            let Some(case) = case else { continue };
            if let Some(other) = tests.iter().skip(first).find(|other| other.name == case.name) {
                sink.push(
                    Fault::new("PACK-ID-DUPLICATE", &case.span, "two cases have the same name")
                        .expected("a sentence of its own")
                        .also(&other.span, "the other case"),
                );
            }
            tests.push(case);
        }
        map.finish();
    }
    tests
}

type Facts = BTreeMap<String, (TestValue, Span)>;

fn case(
    map: &Map<'_>,
    policy: &str,
    given: &Facts,
    variables: &[Variable],
    conditions: Option<&Policy>,
) -> Option<PolicyTest> {
    let name = map.string("name");
    let period = period(map);
    let mut facts_of_case = given.clone();
    facts_of_case.extend(facts(map, "facts", variables));
    let expect = expect(map, conditions);
    let (facts, fact_spans) = facts_of_case
        .into_iter()
        .map(|(id, (value, span))| ((id.clone(), value), (id, span)))
        .unzip();
    Some(PolicyTest {
        policy: policy.to_owned(),
        name: name.value,
        period: period?,
        facts,
        expect: expect?,
        span: name.span,
        fact_spans,
    })
}

fn period(map: &Map<'_>) -> Option<Period> {
    let text = map.string("period");
    if text.value.is_empty() {
        return None;
    }
    Period::parse(&text.value).ok().or_else(|| {
        map.sink.push(
            Fault::new("PACK-DATE", &text.span, "`period` is not a month").expected("YYYY-MM"),
        );
        None
    })
}

fn facts(map: &Map<'_>, key: &'static str, variables: &[Variable]) -> Facts {
    map.pairs(key)
        .iter()
        .filter_map(|(key, node)| {
            Some((key.text.clone(), (fact(key, node, variables, map.sink)?, key.span.clone())))
        })
        .collect()
}

/// Reads a fact as a value of its variable's type.
fn fact(key: &Key, node: &Node, variables: &[Variable], sink: &Sink) -> Option<TestValue> {
    let Some(kind) = type_of(&key.text, variables) else {
        if variables.is_empty() {
            // The file of variables can't be read, and has a fault that says so.
            return None;
        }
        sink.push(
            Fault::new(
                "PACK-FACT-UNKNOWN",
                &key.span,
                format!("there is no variable `{}`", key.text),
            )
            .expected("a variable of variables.yaml, or a column of the golden record")
            .suggest(&key.text, variables.iter().map(|v| v.id.as_str()).chain(GOLDEN_COLUMNS)),
        );
        return None;
    };
    let unknown = matches!(&node.kind, Kind::Scalar { text, plain: true } if text == "unknown");
    if unknown || node.is_null() {
        return Some(TestValue::Unknown);
    }
    let text = sink.scalar(node, "a fact");
    let (value, expected) = match kind {
        VariableType::Boolean => (parse_flag(&text).map(TestValue::Bool), "true or false"),
        VariableType::Money | VariableType::Decimal => {
            (parse_decimal(&text).map(TestValue::Number), "a number")
        }
        VariableType::Integer => (
            text.value.parse::<i64>().ok().map(|number| TestValue::Number(Decimal::from(number))),
            "a whole number",
        ),
        VariableType::Date => (parse_date(&text).map(TestValue::Date), "a date, YYYY-MM-DD"),
        VariableType::Text => (Some(TestValue::Text(text.value.clone())), "a text"),
    };
    if value.is_none() && !text.value.is_empty() {
        sink.push(
            Fault::new("PACK-FACT-TYPE", &text.span, format!("`{}` has another type", key.text))
                .expected(format!("{expected}, or unknown")),
        );
    }
    value
}

fn parse_flag(text: &str) -> Option<bool> {
    match text {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// The type of a variable or of a golden column.
fn type_of(name: &str, variables: &[Variable]) -> Option<VariableType> {
    if let Some(variable) = variables.iter().find(|variable| variable.id == name) {
        return Some(variable.kind);
    }
    GOLDEN_COLUMNS.contains(&name).then_some(match name {
        "birth_date" | "hukou_from" | "hukou_to" | "death_date" => VariableType::Date,
        _ => VariableType::Text,
    })
}

fn expect(map: &Map<'_>, policy: Option<&Policy>) -> Option<Expect> {
    let node = map.required("expect")?;
    let map = map.sink.map(node, "an expectation");
    let outcome = map.word("outcome", &OUTCOMES);
    let amount = map.get("amount").map(|node| (amount(node, map.sink), node));
    let failed = condition_names(&map, "failed", policy);
    let unknown = condition_names(&map, "unknown", policy);
    if let Some(outcome) = outcome {
        let complaint = match outcome {
            Outcome::Eligible if amount.is_none() => Some((
                map.key_span("outcome"),
                "an eligible case needs its amount",
                "`amount: …` in yuan",
            )),
            Outcome::Not | Outcome::Ask | Outcome::NotApplicable if amount.is_some() => {
                Some((map.key_span("amount"), "only an eligible case has an amount", "no `amount`"))
            }
            Outcome::Not if failed.is_empty() => Some((
                map.key_span("outcome"),
                "a case that is not eligible needs its reason",
                "`failed: [condition, …]`",
            )),
            Outcome::Ask if unknown.is_empty() => Some((
                map.key_span("outcome"),
                "a case that asks needs to say what for",
                "`unknown: [condition, …]`",
            )),
            Outcome::Eligible | Outcome::Ask if !failed.is_empty() => Some((
                map.key_span("failed"),
                "a condition that is false makes the outcome `not`",
                "no `failed`, or `outcome: not`",
            )),
            Outcome::Eligible if !unknown.is_empty() => Some((
                map.key_span("unknown"),
                "a condition that is unknown makes the outcome `ask`",
                "no `unknown`, or `outcome: ask`",
            )),
            _ => None,
        };
        if let Some((span, message, expected)) = complaint {
            map.sink.push(Fault::new("PACK-EXPECT", span, message).expected(expected));
        }
    }
    map.finish();
    Some(Expect { outcome: outcome?, amount_fen: amount.and_then(|(fen, _)| fen), failed, unknown })
}

/// Yuan with at most two decimals, as fen.
fn amount(node: &Node, sink: &Sink) -> Option<i64> {
    let yuan = sink.decimal(node, "an amount")?;
    let fen = (yuan * Decimal::ONE_HUNDRED).normalize();
    let whole = fen.fract().is_zero().then(|| i64::try_from(fen).ok()).flatten();
    if whole.is_none_or(|fen| fen < 0) {
        sink.push(
            Fault::new("PACK-NUMBER", &node.span, "an amount must be whole fen")
                .expected("yuan, at least 0, with at most two decimals"),
        );
        return None;
    }
    whole
}

fn condition_names(map: &Map<'_>, key: &'static str, policy: Option<&Policy>) -> Vec<String> {
    let names: Vec<Spanned<String>> = map.strings(key);
    for name in &names {
        if let Some(policy) = policy
            && !is_reason(policy, &name.value)
        {
            map.sink.push(
                Fault::new(
                    "PACK-CONDITION-UNKNOWN",
                    &name.span,
                    format!("the policy {} has no condition `{}`", policy.id, name.value),
                )
                .expected("a condition of the policy")
                .suggest(&name.value, policy.conditions.iter().map(|c| c.id.as_str())),
            );
        }
    }
    names.into_iter().map(|name| name.value).collect()
}

/// Whether a decision on the policy can give this reason: a condition, `excluded_by:<policy>` for an
/// exclusion without a condition of its own, or `amount` when only the amount is unknown.
fn is_reason(policy: &Policy, name: &str) -> bool {
    let excluded = name.strip_prefix("excluded_by:").is_some_and(|other| {
        policy
            .excludes
            .iter()
            .any(|exclusion| exclusion.policy == other && exclusion.condition.is_none())
    });
    excluded || name == "amount" || policy.condition(name).is_some()
}

/// The day on which a policy looks at a period; see [`crate::ConditionDay`].
pub(crate) fn day_of(policy: &Policy, period: Period) -> Date {
    match policy.day {
        crate::model::ConditionDay::PeriodStart => period.first_day(),
        crate::model::ConditionDay::PeriodEnd => period.last_day(),
    }
}
