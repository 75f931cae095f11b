//! `variables.yaml`.

use std::collections::BTreeMap;

use super::{Files, Reference, Target};
use crate::fault::Fault;
use crate::model::{
    Absence, Aggregate, Aggregation, Contract, Definition, Entity, GOLDEN_COLUMNS,
    PERIOD_BUILT_INS, Variable, VariableAbsence, VariableSource, VariableType,
};
use crate::read::{IdForm, Map, Sink};
use crate::span::Spanned;

pub(crate) const ENTITIES: [(&str, Entity); 3] =
    [("person", Entity::Person), ("household", Entity::Household), ("period", Entity::Period)];
pub(crate) const TYPES: [(&str, VariableType); 6] = [
    ("money", VariableType::Money),
    ("integer", VariableType::Integer),
    ("decimal", VariableType::Decimal),
    ("boolean", VariableType::Boolean),
    ("text", VariableType::Text),
    ("date", VariableType::Date),
];
pub(crate) const AGGREGATES: [(&str, Aggregate); 6] = [
    ("sum", Aggregate::Sum),
    ("count", Aggregate::Count),
    ("min", Aggregate::Min),
    ("max", Aggregate::Max),
    ("any", Aggregate::Any),
    ("latest", Aggregate::Latest),
];
pub(crate) const ABSENCES: [(&str, VariableAbsence); 3] = [
    ("zero", VariableAbsence::Zero),
    ("false", VariableAbsence::False),
    ("unknown", VariableAbsence::Unknown),
];

pub(super) fn read(
    files: &Files,
    sink: &Sink,
    datasets: &BTreeMap<String, Contract>,
    references: &mut Vec<Reference>,
) -> Vec<Variable> {
    let mut variables: Vec<Variable> = Vec::new();
    let Some(node) = files.required("variables.yaml", sink) else { return variables };
    for item in sink.list(node, "the file of variables") {
        let map = sink.map(item, "a variable");
        let id = map.id(IdForm::Snake);
        check_id(&id, &variables, sink);
        let entity = map.word("entity", &ENTITIES).unwrap_or(Entity::Person);
        let kind = map.word("type", &TYPES).unwrap_or(VariableType::Text);
        let sql = map.string_opt("sql");
        let aggregation = aggregation(&map, entity, kind, sql.is_some(), datasets, references);
        let variable = Variable {
            id: id.value,
            name: map.text("name"),
            entity,
            kind,
            unit: unit(&map, kind),
            harm: harm(&map, entity),
            definition: match (sql, aggregation) {
                (None, Some(aggregation)) => Definition::Aggregate(aggregation),
                (Some(sql), _) => Definition::Sql(sql),
                (None, None) => {
                    sink.push(
                        Fault::new("PACK-VARIABLE", &id.span, "the variable is not defined")
                            .expected("`sql: …`, or `from: …` with `aggregate: …`"),
                    );
                    Definition::Sql(Spanned::new(String::new(), id.span.clone()))
                }
            },
            span: id.span,
        };
        map.finish();
        variables.push(variable);
    }
    variables
}

fn check_id(id: &Spanned<String>, before: &[Variable], sink: &Sink) {
    if let Some(first) =
        before.iter().find(|variable| variable.id == id.value && !id.value.is_empty())
    {
        sink.push(
            Fault::new(
                "PACK-ID-DUPLICATE",
                &id.span,
                format!("there are two variables `{}`", id.value),
            )
            .expected("another id")
            .also(&first.span, "first here"),
        );
    }
    let built_in = PERIOD_BUILT_INS.contains(&id.value.as_str());
    if built_in || GOLDEN_COLUMNS.contains(&id.value.as_str()) {
        let what = if built_in {
            "a built-in name of the period"
        } else {
            "a column of the golden record"
        };
        sink.push(
            Fault::new("PACK-ID-TAKEN", &id.span, format!("`{}` is {what}", id.value))
                .expected("another id"),
        );
    }
}

/// `harm: true` marks what takes a benefit away. It needs rows, since it is rows that are linked.
fn harm(map: &Map<'_>, entity: Entity) -> bool {
    let harm = map.flag("harm").unwrap_or(false);
    if harm && (entity != Entity::Person || map.get("from").is_none()) {
        map.sink.push(
            Fault::new("PACK-VARIABLE", map.key_span("harm"), "only rows can be linked wrongly")
                .expected("`harm` on a person variable with `from: <dataset>`"),
        );
    }
    harm
}

/// Numbers have units; the other types have none.
fn unit(map: &Map<'_>, kind: VariableType) -> Option<String> {
    let unit = map.string_opt("unit");
    let numeric =
        matches!(kind, VariableType::Money | VariableType::Integer | VariableType::Decimal);
    if numeric && unit.is_none() {
        map.sink.push(
            Fault::new("PACK-UNIT", map.span, "a number needs a unit")
                .expected("`unit: …`, such as CNY/month, years or count"),
        );
    }
    unit.map(|unit| unit.value)
}

fn aggregation(
    map: &Map<'_>,
    entity: Entity,
    kind: VariableType,
    has_sql: bool,
    datasets: &BTreeMap<String, Contract>,
    references: &mut Vec<Reference>,
) -> Option<Aggregation> {
    // Every key is asked for, so that `finish` knows them all; which of them make sense together
    // is said below.
    let (filter, value, order) =
        (map.string_opt("where"), map.string_opt("value"), map.string_opt("order"));
    let role = map.string_opt("role");
    let stated = map.word_opt("absence", &ABSENCES);
    let from = map.string_opt("from");
    let Some(from) = from else {
        let _ = map.get("aggregate");
        let keys = ["where", "value", "order", "role", "absence", "aggregate"];
        if let Some(key) = keys.into_iter().find(|key| map.get(key).is_some()) {
            map.sink.push(
                Fault::new("PACK-VARIABLE", map.key_span(key), format!("`{key}` needs `from`"))
                    .expected("`from: <dataset>` or `from: members`"),
            );
        }
        return None;
    };
    let aggregate = map.word("aggregate", &AGGREGATES)?;
    if has_sql {
        map.sink.push(
            Fault::new("PACK-VARIABLE", map.key_span("sql"), "the variable is defined twice")
                .expected("either `sql` or `from` with `aggregate`"),
        );
    }
    check_shape(map, aggregate, kind, value.is_some(), order.is_some());
    let source = source(map, entity, &from, references);
    let contract = match &source {
        VariableSource::Dataset(id) => datasets.get(id),
        VariableSource::Members => None,
    };
    let role = check_role(map, entity, role.as_ref(), contract);
    let absence = absence(map, aggregate, stated, &source, contract);
    Some(Aggregation { from: source, role, filter, aggregate, value, order, absence })
}

/// Which keys and types go with which aggregate.
fn check_shape(map: &Map<'_>, aggregate: Aggregate, kind: VariableType, value: bool, order: bool) {
    let fault = |key: &str, message: &str, expected: &str| {
        map.sink.push(Fault::new("PACK-VARIABLE", map.key_span(key), message).expected(expected));
    };
    let counts = matches!(aggregate, Aggregate::Count | Aggregate::Any);
    match (counts, value) {
        (true, true) => {
            fault("value", "`count` and `any` look at rows, not at values", "no `value`");
        }
        (false, false) => fault("aggregate", "there is nothing to aggregate", "`value: …`"),
        _ => {}
    }
    match (aggregate == Aggregate::Latest, order) {
        (true, false) => fault("aggregate", "`latest` needs to know by what", "`order: …`"),
        (false, true) => fault("order", "only `latest` has an order", "no `order`"),
        _ => {}
    }
    match aggregate {
        Aggregate::Any if kind != VariableType::Boolean => {
            fault("type", "`any` gives a truth value", "type boolean");
        }
        Aggregate::Count if kind != VariableType::Integer => {
            fault("type", "`count` gives a whole number", "type integer");
        }
        Aggregate::Sum
            if !matches!(
                kind,
                VariableType::Money | VariableType::Integer | VariableType::Decimal
            ) =>
        {
            fault("type", "`sum` gives a number", "type money, integer or decimal");
        }
        _ => {}
    }
}

fn source(
    map: &Map<'_>,
    entity: Entity,
    from: &Spanned<String>,
    references: &mut Vec<Reference>,
) -> VariableSource {
    let members = from.value == "members";
    if members != (entity == Entity::Household) && !from.value.is_empty() {
        let (message, expected) = if members {
            ("only a household has members", "entity household, or a dataset")
        } else {
            ("a household's variables come from its members", "`from: members`")
        };
        map.sink.push(Fault::new("PACK-VARIABLE", &from.span, message).expected(expected));
    }
    if members {
        return VariableSource::Members;
    }
    references.push(Reference::new(Target::Dataset, from));
    VariableSource::Dataset(from.value.clone())
}

fn check_role(
    map: &Map<'_>,
    entity: Entity,
    role: Option<&Spanned<String>>,
    contract: Option<&Contract>,
) -> String {
    const SUBJECT: &str = "subject";
    let (name, span) = match role {
        Some(role) => (role.value.as_str(), &role.span),
        None => (SUBJECT, map.key_span("from")),
    };
    if let Some(contract) = contract.filter(|_| entity == Entity::Person)
        && contract.role(name).is_none()
    {
        map.sink.push(
            Fault::new(
                "PACK-ROLE-UNKNOWN",
                span,
                format!("the rows of {} speak of nobody in the role `{name}`", contract.id),
            )
            .expected("`role: …`, a role of the dataset's `people`")
            .suggest(name, contract.people.iter().map(|person| person.role.as_str())),
        );
    }
    name.to_owned()
}

/// What no row means: as the variable says, else as the contract of the dataset says. A variable
/// may not claim more than the contract: where no row is unknown, it is not zero.
fn absence(
    map: &Map<'_>,
    aggregate: Aggregate,
    stated: Option<VariableAbsence>,
    source: &VariableSource,
    contract: Option<&Contract>,
) -> VariableAbsence {
    let natural = match aggregate {
        Aggregate::Sum | Aggregate::Count => VariableAbsence::Zero,
        Aggregate::Any => VariableAbsence::False,
        Aggregate::Min | Aggregate::Max | Aggregate::Latest => VariableAbsence::Unknown,
    };
    let covered = match source {
        VariableSource::Members => true,
        VariableSource::Dataset(_) => contract.is_some_and(|c| c.absence == Absence::None),
    };
    match stated {
        None if covered => natural,
        None | Some(VariableAbsence::Unknown) => VariableAbsence::Unknown,
        Some(stated) => {
            let span = map.get("absence").map_or(map.span, |node| &node.span);
            let fits = match stated {
                VariableAbsence::False => aggregate == Aggregate::Any,
                _ => aggregate != Aggregate::Any,
            };
            if !fits {
                map.sink.push(
                    Fault::new("PACK-ABSENCE", span, "this absence does not fit the aggregate")
                        .expected("false for `any`, zero for the others, or unknown"),
                );
            } else if let Some(contract) = contract.filter(|c| c.absence == Absence::Unknown) {
                map.sink.push(
                    Fault::new(
                        "PACK-ABSENCE",
                        span,
                        format!(
                            "that {} has no row of a person does not mean that there is none",
                            contract.id
                        ),
                    )
                    .expected("unknown, as the contract says (`absence: unknown`)")
                    .also(&contract.span, "the contract"),
                );
            }
            stated
        }
    }
}
