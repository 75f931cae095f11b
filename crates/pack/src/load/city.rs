//! `pack.yaml` and `elements.yaml`.

use std::collections::BTreeMap;

use vocab::DivisionCode;

use super::{Files, Reference, Target};
use crate::fault::Fault;
use crate::model::{Department, Element, FieldKind, RetentionClass, Text};
use crate::read::{IdForm, Map, Sink};
use crate::span::Spanned;

/// What `pack.yaml` says.
#[derive(Debug, Default)]
pub(super) struct City {
    pub(super) id: String,
    pub(super) name: Text,
    pub(super) version: String,
    pub(super) division: Option<DivisionCode>,
    pub(super) currency: String,
    pub(super) departments: BTreeMap<String, Department>,
    pub(super) lines: BTreeMap<String, Text>,
    pub(super) retention: BTreeMap<String, RetentionClass>,
}

/// The division of a pack that has none: such a pack has a fault and is never handed out.
pub(super) fn stand_in_division() -> DivisionCode {
    // The code of Beijing is a valid one.
    #[allow(clippy::expect_used)]
    DivisionCode::parse("11").expect("a valid division code")
}

pub(super) fn read(files: &Files, sink: &Sink) -> City {
    let Some(node) = files.required("pack.yaml", sink) else { return City::default() };
    let map = sink.map(node, "the pack");
    let mut city = City {
        id: map.id(IdForm::Snake).value,
        name: map.text("name"),
        version: map.string("version").value,
        division: division(&map),
        currency: map.string("currency").value,
        ..City::default()
    };
    for item in map.items_required("departments") {
        let map = sink.map(item, "a department");
        let id = map.id(IdForm::Snake);
        let department = Department { id: id.value.clone(), name: map.text("name") };
        map.finish();
        insert(&mut city.departments, &id, department, "department", sink);
    }
    for item in map.items_required("lines") {
        let map = sink.map(item, "a business line");
        let id = map.id(IdForm::Snake);
        let name = map.text("name");
        map.finish();
        insert(&mut city.lines, &id, name, "business line", sink);
    }
    for item in map.items_required("retention") {
        let map = sink.map(item, "a retention class");
        let id = map.id(IdForm::Snake);
        let class = RetentionClass {
            id: id.value.clone(),
            name: map.text("name"),
            years: map.number("years", 0, 1000),
        };
        map.finish();
        insert(&mut city.retention, &id, class, "retention class", sink);
    }
    map.finish();
    city
}

pub(super) fn read_elements(
    files: &Files,
    sink: &Sink,
    references: &mut Vec<Reference>,
) -> BTreeMap<String, Element> {
    let mut elements = BTreeMap::new();
    let Some(node) = files.required("elements.yaml", sink) else { return elements };
    for item in sink.list(node, "the file of data elements") {
        let map = sink.map(item, "a data element");
        let id = map.id(IdForm::Snake);
        let kind = kind(&map, references);
        let level = level(&map, &kind);
        let element = Element {
            id: id.value.clone(),
            name: map.text("name"),
            level: level.unwrap_or_else(|| kind.least_level().max(DEFAULT_LEVEL)),
            kind,
            standard: map.string_opt("standard").map(|text| text.value),
            span: id.span.clone(),
        };
        map.finish();
        insert(&mut elements, &id, element, "data element", sink);
    }
    elements
}

/// Level of a field whose contract and element say none: internal.
pub(super) const DEFAULT_LEVEL: u8 = 2;

/// The `type` of a field or an element.
pub(super) fn kind(map: &Map<'_>, references: &mut Vec<Reference>) -> FieldKind {
    let text = map.string("type");
    if text.value.is_empty() {
        return FieldKind::Text;
    }
    let Some(kind) = FieldKind::parse(&text.value) else {
        let words = FieldKind::WORDS.join(", ");
        map.sink.push(
            Fault::new(
                "PACK-FIELD-TYPE",
                &text.span,
                format!("`{}` is no type of a field", text.value),
            )
            .expected(format!("one of {words}, code:<list>"))
            .suggest(&text.value, FieldKind::WORDS),
        );
        return FieldKind::Text;
    };
    if let FieldKind::Code(list) = &kind {
        let span = text.inside("code:".len(), list.len());
        references.push(Reference::new(Target::CodeList, &Spanned::new(list.clone(), span)));
    }
    kind
}

/// The `level` of a field or an element, if it says one.
pub(super) fn level(map: &Map<'_>, kind: &FieldKind) -> Option<u8> {
    let level = u8::try_from(map.number("level", 1, 4)?).ok()?;
    let least = kind.least_level();
    if level < least {
        let span = map.get("level").map_or(map.span, |node| &node.span);
        map.sink.push(
            Fault::new("PACK-LEVEL", span, format!("a field of type {kind} needs a higher level"))
                .expected(format!(
                    "level {least}{}",
                    if least == 4 { ": it is stored encrypted" } else { "" }
                )),
        );
        return Some(least);
    }
    Some(level)
}

/// Inserts into a dictionary, or complains about the second of two equal ids.
pub(super) fn insert<T>(
    into: &mut BTreeMap<String, T>,
    id: &Spanned<String>,
    value: T,
    what: &str,
    sink: &Sink,
) {
    if id.value.is_empty() {
        return;
    }
    if into.contains_key(&id.value) {
        sink.push(
            Fault::new(
                "PACK-ID-DUPLICATE",
                &id.span,
                format!("there are two of the {what} `{}`", id.value),
            )
            .expected("another id"),
        );
    } else {
        into.insert(id.value.clone(), value);
    }
}

fn division(map: &Map<'_>) -> Option<DivisionCode> {
    let text = map.string("division");
    if text.value.is_empty() {
        return None;
    }
    match DivisionCode::parse(&text.value) {
        Ok(code) => Some(code),
        Err(err) => {
            map.sink.push(
                Fault::new("PACK-DIVISION", &text.span, "`division` is no division code")
                    .expected(format!("a code of GB/T 2260 such as 440100 ({err})")),
            );
            None
        }
    }
}

/// Complains when an id is not the name of its file: then nobody would find it.
pub(super) fn check_file_name(id: &Spanned<String>, stem: &str, sink: &Sink) {
    if !id.value.is_empty() && id.value != stem {
        sink.push(
            Fault::new(
                "PACK-ID-FILE",
                &id.span,
                format!("the file is called {stem}.yaml, but its id is `{}`", id.value),
            )
            .expected(format!("`{stem}`, or rename the file")),
        );
    }
}

/// A required word that has to be a key of a dictionary of `pack.yaml`.
pub(super) fn known_key<T>(
    map: &Map<'_>,
    key: &'static str,
    dictionary: &BTreeMap<String, T>,
    code: &'static str,
    what: &str,
) -> String {
    let text = map.string(key);
    if !text.value.is_empty() && !dictionary.is_empty() && !dictionary.contains_key(&text.value) {
        map.sink.push(
            Fault::new(code, &text.span, format!("there is no {what} `{}`", text.value))
                .expected(format!("a {what} of pack.yaml"))
                .suggest(&text.value, dictionary.keys().map(String::as_str)),
        );
    }
    text.value
}

/// The business line of a dataset or a policy.
pub(super) fn known_line(map: &Map<'_>, city: &City) -> String {
    known_key(map, "line", &city.lines, "PACK-LINE-UNKNOWN", "business line")
}
