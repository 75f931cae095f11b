//! Dated parameters: those of a policy, and those that several policies share
//! (`parameters.yaml`).

use std::collections::BTreeMap;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::Files;
use crate::fault::Fault;
use crate::model::{DatedValue, Evidence, Parameter, ParameterKind, ParameterValue};
use crate::read::{IdForm, Map, Sink, parse_decimal};
use crate::span::Spanned;
use crate::yaml::{Key, Kind, Node};

pub(crate) const KINDS: [(&str, ParameterKind); 4] = [
    ("scalar", ParameterKind::Scalar),
    ("bracket", ParameterKind::Bracket),
    ("table", ParameterKind::Table),
    ("dates", ParameterKind::Dates),
];

/// `parameters.yaml`: a mapping from id to parameter. A pack may have none.
pub(super) fn read_shared(files: &Files, sink: &Sink) -> BTreeMap<String, Parameter> {
    let Some(node) = files.optional("parameters.yaml") else { return BTreeMap::new() };
    sink.pairs(node, "the file of shared parameters")
        .iter()
        .map(|(key, node)| {
            check_id(key, sink);
            let map = sink.map(node, "a parameter");
            let parameter = parameter(&map, key);
            map.finish();
            (key.text.clone(), parameter)
        })
        .collect()
}

/// The `parameters` of a policy: `{ id: { kind: … } }`, or `{ id: { use: <shared id> } }`.
pub(super) fn read(
    map: &Map<'_>,
    shared: &BTreeMap<String, Parameter>,
) -> BTreeMap<String, Parameter> {
    let sink = map.sink;
    let mut parameters = BTreeMap::new();
    for (key, node) in map.pairs("parameters") {
        check_id(key, sink);
        let uses = matches!(&node.kind, Kind::Map(entries) if entries.iter().any(|(k, _)| k.text == "use"));
        let map = sink.map(node, "a parameter");
        if uses {
            let name = map.string("use");
            if let Some(parameter) = shared.get(&name.value) {
                parameters.insert(key.text.clone(), parameter.clone());
            } else if !name.value.is_empty() {
                sink.push(
                    Fault::new(
                        "PACK-PARAMETER-UNKNOWN",
                        &name.span,
                        format!("there is no shared parameter `{}`", name.value),
                    )
                    .expected("a parameter of parameters.yaml")
                    .suggest(&name.value, shared.keys().map(String::as_str)),
                );
            }
        } else {
            parameters.insert(key.text.clone(), parameter(&map, key));
        }
        map.finish();
    }
    parameters
}

fn check_id(key: &Key, sink: &Sink) {
    IdForm::Snake.check(&Spanned::new(key.text.clone(), key.span.clone()), sink);
}

fn parameter(map: &Map<'_>, key: &Key) -> Parameter {
    let kind = map.word("kind", &KINDS);
    let mut values: Vec<DatedValue> = Vec::new();
    for item in map.items_required("values") {
        if let Some(value) = dated_value(item, kind, map.sink) {
            check_order(values.last(), &value, map.sink);
            values.push(value);
        }
    }
    close(&mut values);
    Parameter {
        kind: kind.unwrap_or(ParameterKind::Scalar),
        unit: map.string("unit").value,
        name: map.text("name"),
        values,
        span: key.span.clone(),
    }
}

/// A value that does not say when it ends, ends the day before the next one begins.
fn close(values: &mut [DatedValue]) {
    for at in 1..values.len() {
        let Some((before, rest)) = values.split_at_mut_checked(at) else { return };
        if let (Some(last), Some(next)) = (before.last_mut(), rest.first())
            && last.to.is_none()
        {
            last.to = next.from.yesterday().ok();
        }
    }
}

fn check_order(before: Option<&DatedValue>, value: &DatedValue, sink: &Sink) {
    let Some(before) = before else { return };
    if value.from <= before.from {
        sink.push(
            Fault::new(
                "PACK-VALUE-ORDER",
                &value.span,
                "the values are not in the order of their dates",
            )
            .expected(format!("a date after {}", before.from))
            .also(&before.span, "the value before"),
        );
    } else if before.to.is_some_and(|last| last >= value.from) {
        sink.push(
            Fault::new(
                "PACK-VALUE-OVERLAP",
                &value.span,
                "two values are in force on the same day",
            )
            .expected("a first day after the last day of the value before")
            .also(&before.span, "the value before"),
        );
    }
}

/// One entry of `values`; none when it has no valid first day.
fn dated_value(item: &Node, kind: Option<ParameterKind>, sink: &Sink) -> Option<DatedValue> {
    let map = sink.map(item, "a dated value");
    let from = map.required("from").and_then(|node| sink.date(node, "`from`"));
    let to = map.get("to").and_then(|node| sink.date(node, "`to`"));
    let value = map.required("value").zip(kind).and_then(|(node, kind)| value(node, kind, sink));
    let basis = map.string("basis").value;
    let evidence = map.word("evidence", &Evidence::ALL);
    let verify = map.flag("verify").unwrap_or(false);
    if let Some(evidence) = evidence {
        check_evidence(&map, evidence, verify);
    }
    if let (Some(from), Some(to)) = (from, to)
        && to < from
    {
        sink.push(
            Fault::new("PACK-DATE-ORDER", map.key_span("to"), "the value ends before it begins")
                .expected(format!("a day from {from} on")),
        );
    }
    let span = map.get("from").map_or_else(|| item.span.clone(), |node| node.span.clone());
    map.finish();
    Some(DatedValue {
        from: from?,
        to,
        value: value?,
        basis,
        evidence: evidence.unwrap_or(Evidence::Unsure),
        verify,
        span,
    })
}

/// Whoever is not sure has to say that it must be verified.
fn check_evidence(map: &Map<'_>, evidence: Evidence, verify: bool) {
    let must = matches!(evidence, Evidence::Probable | Evidence::Unsure);
    if must && !verify {
        map.sink.push(
            Fault::new(
                "PACK-EVIDENCE",
                map.key_span("evidence"),
                format!("a value that is {} has to be verified", evidence.as_str()),
            )
            .expected("`verify: true` in this mapping"),
        );
    }
}

fn value(node: &Node, kind: ParameterKind, sink: &Sink) -> Option<ParameterValue> {
    let fits = match kind {
        ParameterKind::Scalar => matches!(node.kind, Kind::Scalar { .. }),
        ParameterKind::Bracket | ParameterKind::Table => matches!(node.kind, Kind::Map(_)),
        ParameterKind::Dates => matches!(node.kind, Kind::List(_)),
    };
    if !fits {
        let expected = match kind {
            ParameterKind::Scalar => "one number (kind scalar)",
            ParameterKind::Bracket => "steps, { 70: 30, 80: 100 } (kind bracket)",
            ParameterKind::Table => "named numbers, { \"440103\": 1806 } (kind table)",
            ParameterKind::Dates => "days, [2024-01-31, 2025-01-31] (kind dates)",
        };
        sink.push(
            Fault::new(
                "PACK-VALUE-KIND",
                &node.span,
                "the value does not fit the kind of the parameter",
            )
            .expected(expected),
        );
        return None;
    }
    Some(match kind {
        ParameterKind::Scalar => ParameterValue::Scalar(sink.decimal(node, "the value")?),
        ParameterKind::Bracket => {
            ParameterValue::Bracket(bracket(sink.pairs(node, "the value"), sink))
        }
        ParameterKind::Table => ParameterValue::Table(
            sink.pairs(node, "the value")
                .iter()
                .filter_map(|(key, node)| {
                    Some((key.text.clone(), sink.decimal(node, "the value")?))
                })
                .collect(),
        ),
        ParameterKind::Dates => ParameterValue::Dates(dates(sink.list(node, "the value"), sink)),
    })
}

fn bracket(entries: &[(Key, Node)], sink: &Sink) -> Vec<(Decimal, Decimal)> {
    let mut steps: Vec<(Decimal, Decimal)> = Vec::new();
    for (key, node) in entries {
        let Some(from) = parse_decimal(&key.text) else {
            sink.push(
                Fault::new("PACK-NUMBER", &key.span, "the key of a step must be a number")
                    .expected("a number such as 70"),
            );
            continue;
        };
        if let Some((before, _)) = steps.last()
            && *before >= from
        {
            sink.push(
                Fault::new("PACK-BRACKET-ORDER", &key.span, "the steps do not ascend")
                    .expected(format!("a number above {before}")),
            );
        }
        if let Some(value) = sink.decimal(node, "the value of a step") {
            steps.push((from, value));
        }
    }
    steps
}

fn dates(items: &[Node], sink: &Sink) -> Vec<Date> {
    let mut days: Vec<Date> = Vec::new();
    for item in items {
        let Some(day) = sink.date(item, "a day") else { continue };
        if let Some(before) = days.last()
            && *before >= day
        {
            sink.push(
                Fault::new("PACK-VALUE-ORDER", &item.span, "the days do not ascend")
                    .expected(format!("a day after {before}")),
            );
        }
        days.push(day);
    }
    days
}
