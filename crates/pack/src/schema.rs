//! JSON Schemas of the YAML formats, so that editors complete and explain them.
//!
//! An editor with a YAML language server follows the first line of each file
//! (`# yaml-language-server: $schema=…`). The schemas are for writing; what decides is [`crate::load()`],
//! which checks far more. Words are taken from the lists that the loader reads by, and a test holds
//! the keys of both against each other.
#![allow(
    clippy::needless_pass_by_value,
    reason = "schemas are built from inside out, each part used once"
)]

use serde_json::{Map, Value, json};

use crate::load::{dataset, parameter, policy, test, variable};
use crate::model::{ATTRIBUTES, Evidence, FieldKind, LevelKind, SurvivorshipRule};

/// The schemas by file name: what stands in `docs/schema/`.
#[must_use]
pub fn schemas() -> Vec<(&'static str, Value)> {
    vec![
        ("pack.json", document("City pack", pack())),
        ("elements.json", document("Data elements", list(element()))),
        ("codes.json", document("Code list", code_list())),
        ("dataset.json", document("Dataset contract", dataset_contract())),
        ("linkage.json", document("Linking rules", linkage())),
        ("survivorship.json", document("Survivorship rules", survivorship())),
        ("parameters.json", document("Shared parameters", mapping(parameter_schema(false)))),
        ("variables.json", document("Variables", list(variable_schema()))),
        ("policy.json", document("Policy", policy_schema())),
        ("tests.json", document("Cases of a policy", cases())),
    ]
}

fn document(title: &str, schema: Value) -> Value {
    let mut all = Map::new();
    all.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
    all.insert("title".to_owned(), json!(title));
    if let Value::Object(schema) = schema {
        all.extend(schema);
    }
    Value::Object(all)
}

/// A mapping with known keys. `what` is the loader's name for it.
fn object(what: &str, required: &[(&str, Value)], optional: &[(&str, Value)]) -> Value {
    let properties: Map<String, Value> = required
        .iter()
        .chain(optional)
        .map(|(key, schema)| ((*key).to_owned(), schema.clone()))
        .collect();
    let required: Vec<&str> = required.iter().map(|(key, _)| *key).collect();
    json!({
        "type": "object",
        "description": what,
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

fn list(of: Value) -> Value {
    json!({ "type": "array", "items": of })
}

fn mapping(to: Value) -> Value {
    json!({ "type": "object", "additionalProperties": to })
}

fn said(description: &str, schema: Value) -> Value {
    let mut schema = schema;
    if let Value::Object(map) = &mut schema {
        map.insert("description".to_owned(), json!(description));
    }
    schema
}

fn words<T>(words: &[(&str, T)]) -> Value {
    json!({ "enum": words.iter().map(|(word, _)| *word).collect::<Vec<_>>() })
}

fn text() -> Value {
    json!({ "type": "string", "minLength": 1 })
}

/// A value that YAML may take for a text or a number.
fn scalar() -> Value {
    json!({ "type": ["string", "number", "boolean"] })
}

fn number() -> Value {
    json!({ "type": ["number", "string"], "pattern": "^-?[0-9]+(\\.[0-9]+)?$" })
}

fn flag() -> Value {
    json!({ "type": "boolean" })
}

fn day() -> Value {
    json!({ "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" })
}

fn snake() -> Value {
    json!({ "type": "string", "pattern": "^[a-z][a-z0-9]*(_[a-z0-9]+)*$", "maxLength": 48 })
}

fn kebab() -> Value {
    json!({ "type": "string", "pattern": "^[a-z][a-z0-9]*(-[a-z0-9]+)*$", "maxLength": 48 })
}

fn sql(description: &str) -> Value {
    said(&format!("SQL: {description}"), json!({ "type": ["string", "number", "boolean"] }))
}

fn both() -> Value {
    object("a text in two languages", &[("zh", scalar()), ("en", scalar())], &[])
}

fn whole(min: u32, max: u32) -> Value {
    json!({ "type": "integer", "minimum": min, "maximum": max })
}

fn attribute() -> Value {
    json!({ "enum": ATTRIBUTES })
}

fn by_attribute(to: Value) -> Value {
    json!({ "type": "object", "propertyNames": attribute(), "additionalProperties": to })
}

fn field_type() -> Value {
    said(
        "the type; `code:<list>` for a code of codes/<list>.yaml",
        json!({ "anyOf": [{ "enum": FieldKind::WORDS }, { "type": "string", "pattern": "^code:[a-z][a-z0-9_]*$" }] }),
    )
}

fn level() -> Value {
    said("sensitivity: 1 open, 2 internal, 3 personal, 4 stored encrypted", whole(1, 4))
}

fn pack() -> Value {
    let department = object("a department", &[("id", snake()), ("name", both())], &[]);
    let line = object("a business line", &[("id", snake()), ("name", both())], &[]);
    let retention = object(
        "a retention class",
        &[("id", snake()), ("name", both())],
        &[("years", whole(0, 1000))],
    );
    object(
        "the pack",
        &[
            ("id", snake()),
            ("name", both()),
            ("version", scalar()),
            ("division", said("the city's code of GB/T 2260", scalar())),
            ("currency", text()),
            ("departments", list(department)),
            ("lines", list(line)),
            ("retention", list(retention)),
        ],
        &[],
    )
}

fn element() -> Value {
    object(
        "a data element",
        &[("id", snake()), ("name", both()), ("type", field_type())],
        &[("level", level()), ("standard", text())],
    )
}

fn code_list() -> Value {
    let code = object(
        "a code",
        &[
            ("code", said("as text, so that 01 stays 01", scalar())),
            ("zh", scalar()),
            ("en", scalar()),
        ],
        &[
            ("aliases", said("other spellings that departments write", list(scalar()))),
            ("note", text()),
        ],
    );
    object(
        "a code list",
        &[("id", snake()), ("name", both()), ("entries", list(code))],
        &[("standard", text())],
    )
}

fn dataset_contract() -> Value {
    let field = object(
        "a field",
        &[("id", snake()), ("header", scalar()), ("type", field_type()), ("title", both())],
        &[
            ("required", said("a row without it is refused", flag())),
            ("level", level()),
            ("element", said("a data element of elements.yaml", snake())),
            ("min", scalar()),
            ("max", scalar()),
        ],
    );
    let person = object(
        "a person of a row",
        &[
            ("role", snake()),
            (
                "attributes",
                said(
                    "attribute: field, or an SQL expression over the fields",
                    by_attribute(scalar()),
                ),
            ),
        ],
        &[
            ("constants", said("attributes that the role implies", by_attribute(scalar()))),
            (
                "authority",
                said("attribute: 0 to 100, the higher wins", by_attribute(whole(0, 100))),
            ),
        ],
    );
    let household = object(
        "the household of a row",
        &[("kind", words(&dataset::HOUSEHOLD_KINDS)), ("key", snake()), ("relation", snake())],
        &[("when", sql("only rows for which it is true"))],
    );
    let rule = object(
        "a quality rule",
        &[
            ("id", snake()),
            ("when", sql("true for a row that is wrong")),
            ("code", json!({ "type": "string", "pattern": "^ROW-[A-Z0-9-]+$" })),
            ("message", both()),
        ],
        &[],
    );
    object(
        "a dataset contract",
        &[
            ("id", snake()),
            ("name", both()),
            ("description", both()),
            ("department", said("a department of pack.yaml", snake())),
            ("line", said("a business line of pack.yaml", snake())),
            ("format", words(&dataset::FORMATS)),
            ("mode", said("what later deliveries hold", words(&dataset::MODES))),
            ("key", said("the fields that identify a row at its source", list(snake()))),
            ("absence", said("what no row means", words(&dataset::ABSENCES))),
            ("retention", said("a retention class of pack.yaml", snake())),
            ("fields", list(field)),
        ],
        &[
            ("encoding", words(&dataset::ENCODINGS)),
            ("table", said("the table, for format sqlite", text())),
            ("freshness_days", whole(1, 3660)),
            ("shrink_max", said("by how much a full delivery may shrink", number())),
            ("people", list(person)),
            ("household", household),
            ("rules", list(rule)),
        ],
    )
}

fn linkage() -> Value {
    let blocking = object("a blocking rule", &[("id", snake()), ("on", list(text()))], &[]);
    let level = object(
        "a level of likeness",
        &[("id", snake()), ("when", words(&LevelKind::ALL)), ("weight", said("in bits", number()))],
        &[("max", whole(0, 100_000))],
    );
    let comparison = object(
        "a comparison",
        &[("attribute", attribute()), ("levels", list(level))],
        &[("frequency", said("weigh equal values by their rarity", flag()))],
    );
    let thresholds = object("the thresholds", &[("match", number()), ("review", number())], &[]);
    object(
        "the linking rules",
        &[
            ("blocking", list(blocking)),
            ("comparisons", list(comparison)),
            ("thresholds", thresholds),
        ],
        &[("attributes", list(attribute()))],
    )
}

fn survivorship() -> Value {
    let rules = by_attribute(list(words(&SurvivorshipRule::ALL)));
    object("the survivorship rules", &[("attributes", rules)], &[])
}

/// A dated parameter; a policy may also `use` a shared one.
fn parameter_schema(in_policy: bool) -> Value {
    let value = json!({ "anyOf": [
        number(),
        { "type": "object", "additionalProperties": number() },
        { "type": "array", "items": day() },
    ] });
    let dated = object(
        "a dated value",
        &[
            ("from", said("first day", day())),
            ("value", value),
            ("basis", said("the notice it stands in", text())),
            ("evidence", said("how good the evidence is", words(&Evidence::ALL))),
        ],
        &[
            ("to", said("last day; else the day before the next value", day())),
            ("verify", said("the city still has to verify it", flag())),
        ],
    );
    let own = object(
        "a parameter",
        &[
            ("kind", words(&parameter::KINDS)),
            ("unit", text()),
            ("name", both()),
            ("values", said("in the order of their dates", list(dated))),
        ],
        &[],
    );
    if in_policy {
        let uses =
            object("a parameter", &[("use", said("a parameter of parameters.yaml", snake()))], &[]);
        json!({ "anyOf": [own, uses] })
    } else {
        own
    }
}

fn variable_schema() -> Value {
    object(
        "a variable",
        &[
            ("id", snake()),
            ("name", both()),
            ("entity", words(&variable::ENTITIES)),
            ("type", words(&variable::TYPES)),
        ],
        &[
            ("unit", said("for numbers", scalar())),
            ("harm", said("takes a benefit away: doubtful rows make a question", flag())),
            ("sql", sql("over golden columns and the variables before it")),
            ("from", said("a dataset, or `members` of a household", snake())),
            ("role", said("the person of the row; else `subject`", snake())),
            ("where", sql("only rows for which it is true")),
            ("aggregate", words(&variable::AGGREGATES)),
            ("value", sql("what is aggregated")),
            ("order", sql("`latest` takes the row where it is greatest")),
            (
                "absence",
                said("what no row means; else as the contract says", words(&variable::ABSENCES)),
            ),
        ],
    )
}

fn policy_schema() -> Value {
    let basis = object(
        "a legal basis",
        &[("title", text())],
        &[("number", text()), ("article", text()), ("verify", flag())],
    );
    let condition = object(
        "a condition",
        &[("id", snake()), ("name", both()), ("when", sql("true, false, or unknown (null)"))],
        &[("article", text()), ("ask", said("what to bring when it is unknown", both()))],
    );
    let exclusion = object(
        "an exclusion",
        &[("policy", said("the policy to which this one gives way", kebab())), ("rule", both())],
        &[("condition", said("the condition of this policy that refuses", snake()))],
    );
    let mut legal_basis = list(basis);
    if let Value::Object(map) = &mut legal_basis {
        map.insert("minItems".to_owned(), json!(1));
    }
    object(
        "a policy",
        &[
            ("id", kebab()),
            ("name", both()),
            ("description", both()),
            ("line", said("a business line of pack.yaml", snake())),
            ("legal_basis", legal_basis),
            ("unit", words(&policy::UNITS)),
            ("cycle", words(&policy::CYCLES)),
            ("mode", words(&policy::MODES)),
            ("start", words(&policy::STARTS)),
            ("stop", words(&policy::STOPS)),
            ("conditions", list(condition)),
            ("amount", sql("fen, by a named rounding function")),
        ],
        &[
            ("day", said("the day of conditions and parameters", words(&policy::DAYS))),
            ("months", list(whole(1, 12))),
            ("applies_when", sql("over period variables; else not applicable")),
            ("parameters", mapping(parameter_schema(true))),
            ("enrolled_when", sql("who is on the register")),
            ("excludes", list(exclusion)),
            ("demo", said("amounts are made up", flag())),
            ("order", whole(1, 9999)),
        ],
    )
}

fn cases() -> Value {
    let facts = || {
        said(
            "variables and golden columns; `unknown` for what nobody knows",
            mapping(json!({ "type": ["string", "number", "boolean", "null"] })),
        )
    };
    let expect = object(
        "an expectation",
        &[("outcome", words(&test::OUTCOMES))],
        &[
            ("amount", said("in yuan", number())),
            ("failed", said("conditions that are false", list(text()))),
            ("unknown", said("conditions that are unknown", list(text()))),
        ],
    );
    let case = object(
        "a case",
        &[
            ("name", text()),
            ("period", json!({ "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}$" })),
            ("expect", expect),
        ],
        &[("facts", facts())],
    );
    object("a file of cases", &[("policy", kebab()), ("cases", list(case))], &[("given", facts())])
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::fs;
    use std::path::Path;

    use super::*;
    use crate::read::asked_keys;

    fn crate_folder() -> &'static Path {
        Path::new(env!("CARGO_MANIFEST_DIR"))
    }

    /// Keys of every mapping of the schemas by its description.
    fn keys_of(schema: &Value, into: &mut BTreeMap<String, BTreeSet<String>>) {
        match schema {
            Value::Object(map) => {
                if let (Some(Value::String(what)), Some(Value::Object(properties))) =
                    (map.get("description"), map.get("properties"))
                {
                    into.entry(what.clone()).or_default().extend(properties.keys().cloned());
                }
                map.values().for_each(|value| keys_of(value, into));
            }
            Value::Array(items) => items.iter().for_each(|item| keys_of(item, into)),
            _ => {}
        }
    }

    #[test]
    fn the_schemas_know_the_keys_that_the_loader_knows() {
        for pack in ["tests/base", "../../city/guangzhou"] {
            crate::load(&crate_folder().join(pack)).unwrap();
        }
        let mut in_schemas = BTreeMap::new();
        for (_, schema) in &schemas() {
            keys_of(schema, &mut in_schemas);
        }
        for (what, asked) in asked_keys() {
            assert_eq!(in_schemas.get(what), Some(&asked), "keys of {what}");
        }
    }

    /// `HUIMIN_UPDATE=1 cargo nextest run -p huimin-pack schema` writes them anew.
    #[test]
    fn the_schemas_in_the_documentation_are_those_of_the_code() {
        let folder = crate_folder().join("../../docs/schema");
        for (name, schema) in schemas() {
            let text = format!("{}\n", serde_json::to_string_pretty(&schema).unwrap());
            let file = folder.join(name);
            if std::env::var_os("HUIMIN_UPDATE").is_some() {
                fs::create_dir_all(&folder).unwrap();
                fs::write(&file, &text).unwrap();
            }
            let written = fs::read_to_string(&file).unwrap_or_default();
            assert!(written == text, "docs/schema/{name} is out of date; set HUIMIN_UPDATE=1");
        }
    }

    #[test]
    fn every_file_of_the_city_names_its_schema() {
        let root = crate_folder().join("../../city/guangzhou");
        let names: Vec<&str> = schemas().iter().map(|(name, _)| *name).collect();
        let pack = crate::load(&root).unwrap();
        for (file, text) in pack.sources.iter().filter(|(file, _)| file.ends_with(".yaml")) {
            let line = text.lines().next().unwrap_or_default();
            let schema = line.strip_prefix("# yaml-language-server: $schema=").unwrap_or_default();
            let up = "../".repeat(file.matches('/').count() + 2);
            let name = schema.strip_prefix(&format!("{up}docs/schema/")).unwrap_or_default();
            assert!(names.contains(&name), "{file} begins with `{line}`");
        }
    }
}
