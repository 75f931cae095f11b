//! `policies/*.yaml`.

use std::collections::BTreeMap;

use super::city::{City, check_file_name, known_line};
use super::{Files, Reference, Target, parameter};
use crate::fault::Fault;
use crate::model::{
    Condition, ConditionDay, Cycle, Evidence, Exclusion, LegalBasis, Parameter, Policy, PolicyMode,
    StartRule, StopRule, Unit,
};
use crate::read::{IdForm, Map, Sink};
use crate::yaml::Kind;

pub(crate) const UNITS: [(&str, Unit); 2] =
    [("person", Unit::Person), ("household", Unit::Household)];
pub(crate) const CYCLES: [(&str, Cycle); 5] = [
    ("monthly", Cycle::Monthly),
    ("quarterly", Cycle::Quarterly),
    ("yearly", Cycle::Yearly),
    ("per_event", Cycle::PerEvent),
    ("once", Cycle::Once),
];
pub(crate) const MODES: [(&str, PolicyMode); 3] =
    [("auto", PolicyMode::Auto), ("confirm", PolicyMode::Confirm), ("apply", PolicyMode::Apply)];
pub(crate) const STARTS: [(&str, StartRule); 5] = [
    ("month_of_application", StartRule::MonthOfApplication),
    ("month_after_application", StartRule::MonthAfterApplication),
    ("month_after_approval", StartRule::MonthAfterApproval),
    ("month_of_birthday", StartRule::MonthOfBirthday),
    ("month_of_event", StartRule::MonthOfEvent),
];
pub(crate) const STOPS: [(&str, StopRule); 2] =
    [("month_after_event", StopRule::MonthAfterEvent), ("month_of_event", StopRule::MonthOfEvent)];
pub(crate) const DAYS: [(&str, ConditionDay); 2] =
    [("period_start", ConditionDay::PeriodStart), ("period_end", ConditionDay::PeriodEnd)];

/// Most conditions that a policy may have: decisions store them as bits of a signed 64-bit mask.
const CONDITIONS_MAX: usize = 62;

pub(super) fn read(
    files: &Files,
    sink: &Sink,
    city: &City,
    shared: &BTreeMap<String, Parameter>,
    references: &mut Vec<Reference>,
) -> Vec<Policy> {
    let mut policies: Vec<Policy> = Vec::new();
    for (stem, node) in files.folder("policies/") {
        let map = sink.map(node, "a policy");
        let policy = policy(&map, stem, city, shared, references);
        map.finish();
        policies.push(policy);
    }
    policies.sort_by(|a, b| (a.order, &a.id).cmp(&(b.order, &b.id)));
    policies
}

fn policy(
    map: &Map<'_>,
    stem: &str,
    city: &City,
    shared: &BTreeMap<String, Parameter>,
    references: &mut Vec<Reference>,
) -> Policy {
    let id = map.id(IdForm::Kebab);
    check_file_name(&id, stem, map.sink);
    let conditions = conditions(map);
    let demo = map.flag("demo").unwrap_or(false);
    let parameters = parameter::read(map, shared);
    check_demo(map, demo, &parameters);
    Policy {
        // References elsewhere mean the file; an id that differs from it has its own fault.
        id: stem.to_owned(),
        name: map.text("name"),
        description: map.text("description"),
        line: known_line(map, city),
        legal_basis: legal_basis(map),
        unit: map.word("unit", &UNITS).unwrap_or(Unit::Person),
        cycle: map.word("cycle", &CYCLES).unwrap_or(Cycle::Monthly),
        mode: map.word("mode", &MODES).unwrap_or(PolicyMode::Apply),
        start: map.word("start", &STARTS).unwrap_or(StartRule::MonthOfEvent),
        stop: map.word("stop", &STOPS).unwrap_or(StopRule::MonthAfterEvent),
        day: map.word_opt("day", &DAYS).unwrap_or(ConditionDay::PeriodEnd),
        months: months(map),
        applies_when: map.string_opt("applies_when"),
        parameters,
        excludes: excludes(map, &conditions, references),
        conditions,
        amount: map.string("amount"),
        enrolled_when: map.string_opt("enrolled_when"),
        demo,
        order: map.number("order", 1, 9999).unwrap_or(9999),
        span: id.span,
    }
}

fn legal_basis(map: &Map<'_>) -> Vec<LegalBasis> {
    let bases: Vec<LegalBasis> = map
        .items("legal_basis")
        .iter()
        .map(|item| {
            let map = map.sink.map(item, "a legal basis");
            let basis = LegalBasis {
                title: map.string("title").value,
                number: map.string_opt("number").map(|text| text.value),
                article: map.string_opt("article").map(|text| text.value),
                verify: map.flag("verify").unwrap_or(false),
            };
            map.finish();
            basis
        })
        .collect();
    let empty = map
        .get("legal_basis")
        .is_none_or(|node| matches!(&node.kind, Kind::List(items) if items.is_empty()));
    if empty {
        map.sink.push(
            Fault::new(
                "PACK-LEGAL-BASIS",
                map.key_span("legal_basis"),
                "the policy has no legal basis",
            )
            .expected("`legal_basis: [{ title: …, number: …, article: … }]`")
            .help("nothing is paid or refused without a law, regulation or notice to point at"),
        );
    }
    bases
}

fn months(map: &Map<'_>) -> Vec<u8> {
    let mut months: Vec<u8> = Vec::new();
    for text in map.strings("months") {
        match text.value.parse::<u8>() {
            Ok(month) if (1..=12).contains(&month) && months.last().is_none_or(|m| *m < month) => {
                months.push(month);
            }
            _ => map.sink.push(
                Fault::new("PACK-NUMBER", &text.span, "`months` is wrong")
                    .expected("months of the year from 1 to 12, ascending"),
            ),
        }
    }
    months
}

fn conditions(map: &Map<'_>) -> Vec<Condition> {
    let mut conditions: Vec<Condition> = Vec::new();
    for item in map.items_required("conditions") {
        let map = map.sink.map(item, "a condition");
        let id = map.id(IdForm::Snake);
        if let Some(first) = conditions.iter().find(|c| c.id == id.value && !id.value.is_empty()) {
            map.sink.push(
                Fault::new(
                    "PACK-ID-DUPLICATE",
                    &id.span,
                    format!("there are two conditions `{}`", id.value),
                )
                .expected("another id")
                .also(&first.span, "first here"),
            );
        }
        let condition = Condition {
            id: id.value,
            name: map.text("name"),
            when: map.string("when"),
            article: map.string_opt("article").map(|text| text.value),
            ask: map.text_opt("ask"),
            span: id.span,
        };
        map.finish();
        conditions.push(condition);
    }
    if conditions.len() > CONDITIONS_MAX {
        map.sink.push(
            Fault::new(
                "PACK-NUMBER",
                map.key_span("conditions"),
                "the policy has too many conditions",
            )
            .expected(format!("at most {CONDITIONS_MAX}")),
        );
    }
    conditions
}

fn excludes(
    map: &Map<'_>,
    conditions: &[Condition],
    references: &mut Vec<Reference>,
) -> Vec<Exclusion> {
    let mut excludes = Vec::new();
    for item in map.items("excludes") {
        let map = map.sink.map(item, "an exclusion");
        let policy = map.string("policy");
        references.push(Reference::new(Target::Policy, &policy));
        let condition = map.string_opt("condition");
        if let Some(name) = &condition
            && !conditions.iter().any(|condition| condition.id == name.value)
        {
            map.sink.push(
                Fault::new(
                    "PACK-CONDITION-UNKNOWN",
                    &name.span,
                    format!("the policy has no condition `{}`", name.value),
                )
                .expected("the condition of this policy that lets it give way")
                .suggest(&name.value, conditions.iter().map(|c| c.id.as_str())),
            );
        }
        excludes.push(Exclusion {
            policy: policy.value,
            rule: map.text("rule"),
            condition: condition.map(|text| text.value),
            span: policy.span,
        });
        map.finish();
    }
    excludes
}

/// Amounts that are made up may only stand in policies that say so.
fn check_demo(map: &Map<'_>, demo: bool, parameters: &BTreeMap<String, Parameter>) {
    let constructed = parameters
        .values()
        .flat_map(|parameter| &parameter.values)
        .find(|value| value.evidence == Evidence::Constructed);
    if let Some(value) = constructed.filter(|_| !demo) {
        map.sink.push(
            Fault::new(
                "PACK-DEMO",
                &value.span,
                "a value that is made up stands in a policy that does not say so",
            )
            .expected("`demo: true` in the policy, or a value with a basis"),
        );
    }
}
