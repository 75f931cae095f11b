//! `datasets/*.yaml`.

use std::collections::{BTreeMap, BTreeSet};

use super::city::{
    City, DEFAULT_LEVEL, check_file_name, insert, kind, known_key, known_line, level,
};
use super::{Files, Reference};
use crate::fault::Fault;
use crate::model::{
    ATTRIBUTES, Absence, Contract, Department, Element, Encoding, Field, FieldKind, Format,
    HouseholdKind, HouseholdRole, Mode, PersonRole, QualityRule,
};
use crate::read::{IdForm, Map, Sink, parse_date, parse_decimal};
use crate::span::Spanned;
use crate::yaml::{Key, Node};

pub(crate) const FORMATS: [(&str, Format); 5] = [
    ("csv", Format::Csv),
    ("xlsx", Format::Xlsx),
    ("jsonl", Format::Jsonl),
    ("parquet", Format::Parquet),
    ("sqlite", Format::Sqlite),
];
pub(crate) const ENCODINGS: [(&str, Encoding); 3] =
    [("utf-8", Encoding::Utf8), ("utf-8-bom", Encoding::Utf8Bom), ("gb18030", Encoding::Gb18030)];
pub(crate) const MODES: [(&str, Mode); 2] = [("full", Mode::Full), ("delta", Mode::Delta)];
pub(crate) const ABSENCES: [(&str, Absence); 2] =
    [("none", Absence::None), ("unknown", Absence::Unknown)];
pub(crate) const HOUSEHOLD_KINDS: [(&str, HouseholdKind); 2] =
    [("register", HouseholdKind::Register), ("living_together", HouseholdKind::LivingTogether)];

/// Shrinking of a full delivery that a contract allows when it does not say: a tenth.
const SHRINK_MAX_PERMILLE: u32 = 100;

pub(super) fn read(
    files: &Files,
    sink: &Sink,
    city: &City,
    elements: &BTreeMap<String, Element>,
    references: &mut Vec<Reference>,
) -> BTreeMap<String, Contract> {
    let mut contracts = BTreeMap::new();
    for (stem, node) in files.folder("datasets/") {
        let map = sink.map(node, "a dataset contract");
        let id = map.id(IdForm::Snake);
        check_file_name(&id, stem, sink);
        let contract = contract(&map, &id, city, elements, references);
        map.finish();
        insert(&mut contracts, &id, contract, "dataset", sink);
    }
    contracts
}

fn contract(
    map: &Map<'_>,
    id: &Spanned<String>,
    city: &City,
    elements: &BTreeMap<String, Element>,
    references: &mut Vec<Reference>,
) -> Contract {
    let fields = fields(map, elements, references);
    let format = map.word("format", &FORMATS).unwrap_or(Format::Csv);
    let contract = Contract {
        id: id.value.clone(),
        name: map.text("name"),
        description: map.text("description"),
        department: department(map, city),
        line: known_line(map, city),
        format,
        encoding: encoding(map, format),
        table: table(map, format),
        mode: map.word("mode", &MODES).unwrap_or(Mode::Delta),
        key: key(map, &fields),
        absence: map.word("absence", &ABSENCES).unwrap_or(Absence::Unknown),
        freshness_days: map.number("freshness_days", 1, 3660),
        shrink_max_permille: shrink_max(map),
        retention: known_key(
            map,
            "retention",
            &city.retention,
            "PACK-RETENTION-UNKNOWN",
            "retention class",
        ),
        people: people(map, &fields),
        household: household(map, &fields),
        rules: rules(map),
        fields,
        span: id.span.clone(),
    };
    if contract.household.is_some() && contract.people.len() > 1 {
        map.sink.push(
            Fault::new(
                "PACK-HOUSEHOLD",
                map.key_span("household"),
                "only a dataset whose rows speak of one person can form households",
            )
            .expected("one entry in `people`"),
        );
    }
    contract
}

fn department(map: &Map<'_>, city: &City) -> Department {
    let id =
        known_key(map, "department", &city.departments, "PACK-DEPARTMENT-UNKNOWN", "department");
    city.departments.get(&id).cloned().unwrap_or_default()
}

/// Text formats need an encoding; the others must not claim one.
fn encoding(map: &Map<'_>, format: Format) -> Encoding {
    match format {
        Format::Csv => map.word("encoding", &ENCODINGS),
        Format::Jsonl => map.word_opt("encoding", &ENCODINGS),
        Format::Xlsx | Format::Parquet | Format::Sqlite => {
            if map.get("encoding").is_some() {
                map.sink.push(
                    Fault::new(
                        "PACK-FORMAT",
                        map.key_span("encoding"),
                        "this format has no choice of encoding",
                    )
                    .expected("no `encoding`"),
                );
            }
            None
        }
    }
    .unwrap_or(Encoding::Utf8)
}

fn table(map: &Map<'_>, format: Format) -> Option<String> {
    if format == Format::Sqlite {
        return Some(map.string("table").value);
    }
    if map.get("table").is_some() {
        map.sink.push(
            Fault::new(
                "PACK-FORMAT",
                map.key_span("table"),
                "only a dataset of format sqlite has a table",
            )
            .expected("no `table`"),
        );
    }
    None
}

fn shrink_max(map: &Map<'_>) -> u32 {
    let Some(node) = map.get("shrink_max") else { return SHRINK_MAX_PERMILLE };
    let Some(share) = map.sink.decimal(node, "`shrink_max`") else { return SHRINK_MAX_PERMILLE };
    let permille = share * rust_decimal::Decimal::ONE_THOUSAND;
    match u32::try_from(permille.normalize()) {
        Ok(permille) if permille <= 1000 && permille_is_whole(share) => permille,
        _ => {
            map.sink.push(
                Fault::new("PACK-NUMBER", &node.span, "`shrink_max` is out of bounds")
                    .expected("a share from 0 to 1 with at most three decimals, such as 0.1"),
            );
            SHRINK_MAX_PERMILLE
        }
    }
}

fn permille_is_whole(share: rust_decimal::Decimal) -> bool {
    (share * rust_decimal::Decimal::ONE_THOUSAND).fract().is_zero()
}

fn fields(
    map: &Map<'_>,
    elements: &BTreeMap<String, Element>,
    references: &mut Vec<Reference>,
) -> Vec<Field> {
    let mut fields: Vec<Field> = Vec::new();
    for item in map.items_required("fields") {
        let map = map.sink.map(item, "a field");
        let id = map.id(IdForm::Snake);
        let header = map.string("header");
        for other in &fields {
            if !id.value.is_empty() && other.id == id.value {
                map.sink.push(
                    Fault::new(
                        "PACK-ID-DUPLICATE",
                        &id.span,
                        format!("there are two fields `{}`", id.value),
                    )
                    .expected("another id")
                    .also(&other.span, "first here"),
                );
            }
            if !header.value.is_empty() && other.header == header.value {
                map.sink.push(
                    Fault::new(
                        "PACK-HEADER-DUPLICATE",
                        &header.span,
                        format!("two fields have the header `{}`", header.value),
                    )
                    .expected("a header of its own")
                    .also(&other.span, "the other field"),
                );
            }
        }
        let kind = kind(&map, references);
        let stated = level(&map, &kind);
        let element = element(&map, &kind, stated, elements);
        let field = Field {
            level: stated
                .or(element.map(|element| element.level))
                .unwrap_or_else(|| kind.least_level().max(DEFAULT_LEVEL)),
            min: bound(&map, "min", &kind),
            max: bound(&map, "max", &kind),
            id: id.value,
            header: header.value,
            kind,
            required: map.flag("required").unwrap_or(false),
            element: element.map(|element| element.id.clone()),
            title: map.text("title"),
            span: id.span,
        };
        map.finish();
        fields.push(field);
    }
    fields
}

fn element<'e>(
    map: &Map<'_>,
    kind: &FieldKind,
    level: Option<u8>,
    elements: &'e BTreeMap<String, Element>,
) -> Option<&'e Element> {
    let name = map.string_opt("element")?;
    let Some(element) = elements.get(&name.value) else {
        if !name.value.is_empty() && !elements.is_empty() {
            map.sink.push(
                Fault::new(
                    "PACK-ELEMENT-UNKNOWN",
                    &name.span,
                    format!("there is no data element `{}`", name.value),
                )
                .expected("a data element of elements.yaml")
                .suggest(&name.value, elements.keys().map(String::as_str)),
            );
        }
        return None;
    };
    if element.kind != *kind {
        let span = map.get("type").map_or(map.span, |node| &node.span);
        map.sink.push(
            Fault::new(
                "PACK-ELEMENT-TYPE",
                span,
                format!("the data element `{}` has another type than the field", element.id),
            )
            .expected(format!("type {}", element.kind))
            .also(&element.span, format!("`{}` is defined here", element.id)),
        );
    }
    if let Some(level) = level.filter(|level| *level < element.level) {
        let span = map.get("level").map_or(map.span, |node| &node.span);
        map.sink.push(
            Fault::new(
                "PACK-LEVEL",
                span,
                format!("level {level} is below that of the data element `{}`", element.id),
            )
            .expected(format!("level {} or no `level`", element.level)),
        );
    }
    Some(element)
}

/// `min` or `max` of a field: a value of the field's own type.
fn bound(map: &Map<'_>, key: &'static str, kind: &FieldKind) -> Option<String> {
    let text = map.string_opt(key)?;
    let (fits, example) = match kind {
        FieldKind::Integer => (text.value.parse::<i64>().is_ok(), "a whole number"),
        FieldKind::Decimal | FieldKind::Money => (parse_decimal(&text).is_some(), "a number"),
        FieldKind::Date => (parse_date(&text).is_some(), "a date, YYYY-MM-DD"),
        FieldKind::Month => (vocab::Period::parse(&text).is_ok(), "a month, YYYY-MM"),
        _ => (false, "no bound: values of this type have no order"),
    };
    if !fits && !text.value.is_empty() {
        map.sink.push(
            Fault::new("PACK-BOUND", &text.span, format!("`{key}` does not fit the type {kind}"))
                .expected(example),
        );
    }
    Some(text.value)
}

fn key(map: &Map<'_>, fields: &[Field]) -> Vec<String> {
    let Some(node) = map.required("key") else { return Vec::new() };
    let names = map.sink.scalars(node, "`key`");
    if names.is_empty() {
        map.sink.push(
            Fault::new("PACK-KEY-FIELD", &node.span, "a dataset needs a key")
                .expected("the fields that together identify a row at its source"),
        );
    }
    for name in &names {
        let Some(field) = check_field(map.sink, name, fields) else { continue };
        if !field.required {
            map.sink.push(
                Fault::new(
                    "PACK-KEY-FIELD",
                    &name.span,
                    format!("the key field `{}` is not required", field.id),
                )
                .expected("a field with `required: true`")
                .also(&field.span, "the field"),
            );
        }
    }
    names.into_iter().map(|name| name.value).collect()
}

/// The field with this name, or a fault.
fn check_field<'f>(sink: &Sink, name: &Spanned<String>, fields: &'f [Field]) -> Option<&'f Field> {
    let found = fields.iter().find(|field| field.id == name.value);
    if found.is_none() && !name.value.is_empty() {
        sink.push(
            Fault::new(
                "PACK-FIELD-UNKNOWN",
                &name.span,
                format!("the dataset has no field `{}`", name.value),
            )
            .expected("a field of this dataset")
            .suggest(&name.value, fields.iter().map(|field| field.id.as_str())),
        );
    }
    found
}

fn people(map: &Map<'_>, fields: &[Field]) -> Vec<PersonRole> {
    let mut people: Vec<PersonRole> = Vec::new();
    for item in map.items("people") {
        let map = map.sink.map(item, "a person of a row");
        let role = map.string("role");
        IdForm::Snake.check(&role, map.sink);
        if people.iter().any(|person| person.role == role.value) {
            map.sink.push(
                Fault::new(
                    "PACK-ID-DUPLICATE",
                    &role.span,
                    format!("two persons have the role `{}`", role.value),
                )
                .expected("another role"),
            );
        }
        let attributes = attributes(&map, fields);
        let constants: BTreeMap<String, String> = map
            .pairs("constants")
            .iter()
            .filter(|(key, _)| check_attribute(map.sink, key))
            .map(|(key, node)| (key.text.clone(), map.sink.scalar(node, "a constant").value))
            .collect();
        let authority = authority(&map, &attributes, &constants);
        people.push(PersonRole {
            role: role.value,
            attributes,
            constants,
            authority,
            span: role.span,
        });
        map.finish();
    }
    people
}

fn attributes(map: &Map<'_>, fields: &[Field]) -> BTreeMap<String, String> {
    let mut attributes = BTreeMap::new();
    let Some(node) = map.required("attributes") else { return attributes };
    for (key, node) in map.sink.pairs(node, "`attributes`") {
        let known = check_attribute(map.sink, key);
        let source = map.sink.scalar(node, "a field");
        if is_word(&source.value) {
            let Some(field) = check_field(map.sink, &source, fields) else { continue };
            if known {
                check_attribute_type(map.sink, key, field, node);
            }
        } else if SEALED.contains(&key.text.as_str()) {
            map.sink.push(
                Fault::new(
                    "PACK-ATTRIBUTE-TYPE",
                    &source.span,
                    format!("`{}` is stored encrypted and can't be computed", key.text),
                )
                .expected("a field"),
            );
        }
        if known {
            attributes.insert(key.text.clone(), source.value);
        }
    }
    attributes
}

/// Attributes that are stored encrypted: SQL sees their ciphertext only.
const SEALED: [&str; 4] = ["id_number", "phone", "address", "account"];

/// Whether a text is a bare name, not an expression.
fn is_word(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn check_attribute(sink: &Sink, key: &Key) -> bool {
    let known = ATTRIBUTES.contains(&key.text.as_str());
    if !known {
        sink.push(
            Fault::new(
                "PACK-ATTRIBUTE-UNKNOWN",
                &key.span,
                format!("there is no attribute `{}`", key.text),
            )
            .expected(format!("one of {}", ATTRIBUTES.join(", ")))
            .suggest(&key.text, ATTRIBUTES),
        );
    }
    known
}

/// An attribute must come from a field that can hold it: a name in a telephone field is a slip.
fn check_attribute_type(sink: &Sink, key: &Key, field: &Field, node: &Node) {
    let fits = match key.text.as_str() {
        "name" | "former_name" => field.kind == FieldKind::Name,
        "birth_date" | "hukou_from" | "hukou_to" | "death_date" => field.kind == FieldKind::Date,
        "id_number" => field.kind == FieldKind::IdNumber,
        "phone" => field.kind == FieldKind::Phone,
        "address" => field.kind == FieldKind::Address,
        "division" | "hukou_division" => field.kind == FieldKind::Division,
        "account" => field.kind == FieldKind::Account,
        "case_no" | "household_no" => field.kind == FieldKind::Text,
        "relation" => matches!(field.kind, FieldKind::Text | FieldKind::Code(_)),
        _ => matches!(field.kind, FieldKind::Code(_)),
    };
    if !fits {
        sink.push(
            Fault::new(
                "PACK-ATTRIBUTE-TYPE",
                &node.span,
                format!("a field of type {} can't be the {} of a person", field.kind, key.text),
            )
            .expected("a field of the attribute's own type")
            .also(&field.span, "the field"),
        );
    }
}

fn authority(
    map: &Map<'_>,
    attributes: &BTreeMap<String, String>,
    constants: &BTreeMap<String, String>,
) -> BTreeMap<String, u8> {
    let mut authority = BTreeMap::new();
    for (key, node) in map.pairs("authority") {
        let text = map.sink.scalar(node, "an authority");
        let known: BTreeSet<&String> = attributes.keys().chain(constants.keys()).collect();
        if check_attribute(map.sink, key) && !known.contains(&key.text) {
            map.sink.push(
                Fault::new(
                    "PACK-AUTHORITY",
                    &key.span,
                    format!(
                        "the source has an authority for `{}`, but gives no such attribute",
                        key.text
                    ),
                )
                .expected("an attribute that stands in `attributes` too")
                .suggest(&key.text, known.iter().map(|word| word.as_str())),
            );
        }
        match text.value.parse::<u8>() {
            Ok(value) if value <= 100 => drop(authority.insert(key.text.clone(), value)),
            _ => map.sink.push(
                Fault::new("PACK-NUMBER", &text.span, "an authority is out of bounds")
                    .expected("a whole number from 0 to 100; the higher one wins"),
            ),
        }
    }
    authority
}

fn household(map: &Map<'_>, fields: &[Field]) -> Option<HouseholdRole> {
    let node = map.get("household")?;
    let map = map.sink.map(node, "the household of a row");
    let role = HouseholdRole {
        kind: map.word("kind", &HOUSEHOLD_KINDS).unwrap_or(HouseholdKind::Register),
        key: field_name(&map, "key", fields),
        relation: field_name(&map, "relation", fields),
        when: map.string_opt("when"),
    };
    map.finish();
    Some(role)
}

fn field_name(map: &Map<'_>, key: &'static str, fields: &[Field]) -> String {
    let name = map.string(key);
    check_field(map.sink, &name, fields);
    name.value
}

fn rules(map: &Map<'_>) -> Vec<QualityRule> {
    let mut rules: Vec<QualityRule> = Vec::new();
    for item in map.items("rules") {
        let map = map.sink.map(item, "a quality rule");
        let id = map.id(IdForm::Snake);
        let code = map.string("code");
        let shape = code.value.starts_with("ROW-")
            && code.value.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '-');
        if !shape && !code.value.is_empty() {
            map.sink.push(
                Fault::new(
                    "PACK-ID-FORM",
                    &code.span,
                    format!("`{}` is no reason code", code.value),
                )
                .expected("capital letters joined by `-` after ROW-, such as ROW-DATE-ORDER"),
            );
        }
        if rules.iter().any(|rule| rule.id == id.value) {
            map.sink.push(
                Fault::new(
                    "PACK-ID-DUPLICATE",
                    &id.span,
                    format!("there are two rules `{}`", id.value),
                )
                .expected("another id"),
            );
        }
        let rule = QualityRule {
            id: id.value,
            when: map.string("when"),
            code: code.value,
            message: map.text("message"),
        };
        map.finish();
        rules.push(rule);
    }
    rules
}
