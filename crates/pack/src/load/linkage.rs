//! `linkage.yaml` and `survivorship.yaml`.

use super::Files;
use crate::fault::Fault;
use crate::model::{
    ATTRIBUTES, Blocking, Comparison, ComparisonLevel, LevelKind, Linkage, Survivorship,
    SurvivorshipRule, Thresholds,
};
use crate::read::{IdForm, Map, Sink};
use crate::span::Spanned;
use crate::yaml::Node;

pub(super) fn read(files: &Files, sink: &Sink) -> Linkage {
    let Some(node) = files.required("linkage.yaml", sink) else { return Linkage::default() };
    let map = sink.map(node, "the linking rules");
    let attributes = map.strings("attributes");
    for name in &attributes {
        check_attribute(sink, name);
    }
    let known: Vec<&str> = attributes.iter().map(|name| name.value.as_str()).collect();
    let linkage = Linkage {
        blocking: map
            .items_required("blocking")
            .iter()
            .map(|item| blocking(item, &known, sink))
            .collect(),
        comparisons: map
            .items_required("comparisons")
            .iter()
            .map(|item| comparison(item, &known, sink))
            .collect(),
        thresholds: thresholds(&map),
        attributes: attributes.into_iter().map(|name| name.value).collect(),
    };
    map.finish();
    linkage
}

pub(super) fn read_survivorship(files: &Files, sink: &Sink) -> Survivorship {
    let mut survivorship = Survivorship::default();
    let Some(node) = files.required("survivorship.yaml", sink) else { return survivorship };
    let map = sink.map(node, "the survivorship rules");
    if let Some(node) = map.required("attributes") {
        for (key, node) in sink.pairs(node, "`attributes`") {
            check_attribute(sink, &Spanned::new(key.text.clone(), key.span.clone()));
            let rules = sink
                .scalars(node, "a survivorship rule")
                .iter()
                .filter_map(|word| survivorship_rule(word, sink))
                .collect();
            survivorship.attributes.insert(key.text.clone(), rules);
        }
    }
    map.finish();
    survivorship
}

fn check_attribute(sink: &Sink, name: &Spanned<String>) {
    if !name.value.is_empty() && !ATTRIBUTES.contains(&name.value.as_str()) {
        sink.push(
            Fault::new(
                "PACK-ATTRIBUTE-UNKNOWN",
                &name.span,
                format!("there is no attribute `{}`", name.value),
            )
            .expected(format!("one of {}", ATTRIBUTES.join(", ")))
            .suggest(&name.value, ATTRIBUTES),
        );
    }
}

fn survivorship_rule(word: &Spanned<String>, sink: &Sink) -> Option<SurvivorshipRule> {
    let words = SurvivorshipRule::ALL;
    let found = words.iter().find(|(known, _)| *known == word.value).map(|(_, rule)| *rule);
    if found.is_none() && !word.value.is_empty() {
        sink.push(
            Fault::new(
                "PACK-WORD",
                &word.span,
                format!("`{}` is no survivorship rule", word.value),
            )
            .expected(format!("one of {}", words.map(|(known, _)| known).join(", "))),
        );
    }
    found
}

fn blocking(item: &Node, known: &[&str], sink: &Sink) -> Blocking {
    let map = sink.map(item, "a blocking rule");
    let id = map.id(IdForm::Snake);
    let on = map.strings("on");
    if on.is_empty() {
        sink.push(
            Fault::new("PACK-KEY-MISSING", map.span, "a blocking rule needs something to block on")
                .expected("`on: [attribute, …]`"),
        );
    }
    for expression in &on {
        // `pinyin(name)`: the attribute is what stands in the brackets.
        let (start, attribute) = match expression.value.split_once('(') {
            Some((function, rest)) => (function.len() + 1, rest.trim_end_matches(')')),
            None => (0, expression.value.as_str()),
        };
        if !attribute.is_empty() && !known.contains(&attribute) {
            let span = expression.inside(start, attribute.len());
            sink.push(
                Fault::new(
                    "PACK-ATTRIBUTE-UNKNOWN",
                    &span,
                    format!("`{attribute}` does not take part in linking"),
                )
                .expected("an attribute listed in `attributes`")
                .suggest(attribute, known.iter().copied()),
            );
        }
    }
    map.finish();
    Blocking { id: id.value, on: on.into_iter().map(|text| text.value).collect() }
}

fn comparison(item: &Node, known: &[&str], sink: &Sink) -> Comparison {
    let map = sink.map(item, "a comparison");
    let attribute = map.string("attribute");
    if !attribute.value.is_empty() && !known.contains(&attribute.value.as_str()) {
        sink.push(
            Fault::new(
                "PACK-ATTRIBUTE-UNKNOWN",
                &attribute.span,
                format!("`{}` does not take part in linking", attribute.value),
            )
            .expected("an attribute listed in `attributes`")
            .suggest(&attribute.value, known.iter().copied()),
        );
    }
    let frequency = map.flag("frequency").unwrap_or(false);
    let levels: Vec<ComparisonLevel> =
        map.items_required("levels").iter().map(|item| level(item, sink)).collect();
    if levels.last().is_some_and(|level| level.when != LevelKind::Else) {
        sink.push(
            Fault::new("PACK-LEVELS", map.key_span("levels"), "the last level must be `else`")
                .expected("a last level with `when: else`"),
        );
    }
    map.finish();
    Comparison { attribute: attribute.value, frequency, levels }
}

fn level(item: &Node, sink: &Sink) -> ComparisonLevel {
    let map = sink.map(item, "a level of likeness");
    let level = ComparisonLevel {
        id: map.id(IdForm::Snake).value,
        when: map.word("when", &LevelKind::ALL).unwrap_or(LevelKind::Else),
        max: map.number("max", 0, 100_000),
        weight: weight(&map, "weight").unwrap_or_default(),
    };
    map.finish();
    level
}

fn weight(map: &Map<'_>, key: &'static str) -> Option<f64> {
    let node = map.required(key)?;
    let text = map.sink.scalar(node, "a weight");
    let number = text.value.parse::<f64>().ok().filter(|weight| (-100.0..=100.0).contains(weight));
    if number.is_none() && !text.value.is_empty() {
        map.sink.push(
            Fault::new("PACK-NUMBER", &text.span, format!("`{key}` is out of bounds"))
                .expected("a number of bits (log2 of the likelihood ratio) from -100 to 100"),
        );
    }
    number
}

fn thresholds(map: &Map<'_>) -> Thresholds {
    let Some(node) = map.required("thresholds") else { return Thresholds::default() };
    let sink = map.sink;
    let map = sink.map(node, "the thresholds");
    let (accept, review) = (weight(&map, "match"), weight(&map, "review"));
    let order = map.key_span("review").clone();
    map.finish();
    let (Some(accept), Some(review)) = (accept, review) else { return Thresholds::default() };
    if review > accept {
        sink.push(
            Fault::new(
                "PACK-THRESHOLDS",
                &order,
                "people would review what has already been accepted",
            )
            .expected("`review` not above `match`"),
        );
    }
    Thresholds { accept, review }
}
