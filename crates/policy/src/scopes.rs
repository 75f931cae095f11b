//! Which names an expression of the pack may use, by where it stands.

use pack::{
    ATTRIBUTES, Contract, Entity, Field, FieldKind, GOLDEN_COLUMNS, PERIOD_BUILT_INS, Pack, Policy,
    Unit, Variable,
};

use crate::sql::check::variable_type;
use crate::sql::{Binding, Dimension, Scope, Type};

/// Type of a column of the golden record.
pub(crate) fn golden_type(column: &str) -> Type {
    match column {
        "birth_date" | "hukou_from" | "hukou_to" | "death_date" => Type::Date,
        _ => Type::Text,
    }
}

/// Type of a field's column in the clean table.
pub(crate) fn field_type(kind: &FieldKind) -> Type {
    match kind {
        FieldKind::Date => Type::Date,
        FieldKind::Money => Type::MONEY,
        FieldKind::Decimal => Type::DECIMAL,
        FieldKind::Integer => Type::Integer,
        FieldKind::Text
        | FieldKind::Name
        | FieldKind::IdNumber
        | FieldKind::Phone
        | FieldKind::Month
        | FieldKind::Division
        | FieldKind::Address
        | FieldKind::Account
        | FieldKind::Code(_) => Type::Text,
    }
}

fn with_period(scope: &mut Scope) {
    for name in PERIOD_BUILT_INS {
        let kind = match name {
            "period_start" | "period_end" => Type::Date,
            "month" | "year" => Type::Integer,
            _ => Type::Text,
        };
        scope.column(name, Binding::new(kind).not_null());
    }
}

fn with_variables(scope: &mut Scope, pack: &Pack, entities: &[Entity]) {
    for variable in &pack.variables {
        if entities.contains(&variable.entity) {
            scope.column(&variable.id, variable_binding(variable));
        }
    }
    for variable in &pack.variables {
        scope.refuse(
            &variable.id,
            format!("it is a property of a {}", entity_word(variable.entity)),
        );
    }
}

fn variable_binding(variable: &Variable) -> Binding {
    let dimension =
        variable.unit.as_deref().and_then(Dimension::parse).or_else(|| {
            matches!(variable.kind, pack::VariableType::Money).then_some(Dimension::Money)
        });
    Binding::new(variable_type(variable.kind)).with_dimension(dimension)
}

fn entity_word(entity: Entity) -> &'static str {
    match entity {
        Entity::Person => "person",
        Entity::Household => "household",
        Entity::Period => "period",
    }
}

/// The rows of a dataset.
pub(crate) fn of_dataset(contract: &Contract) -> Scope {
    let mut scope = Scope::default();
    with_period(&mut scope);
    scope.column("as_of", Binding::new(Type::Date).not_null());
    for field in &contract.fields {
        if field.level >= SEALED_LEVEL {
            scope.refuse(&field.id, "it is stored encrypted; rules don't see it");
        } else {
            scope.column(&field.id, field_binding(field));
        }
    }
    scope
}

/// Fields from this level on are stored as ciphertext.
pub(crate) const SEALED_LEVEL: u8 = 4;

fn field_binding(field: &Field) -> Binding {
    let (dimension, codes) = match &field.kind {
        FieldKind::Money => (Some(Dimension::Money), None),
        FieldKind::Code(list) => (None, Some(list.as_str())),
        _ => (None, None),
    };
    let binding = Binding::new(field_type(&field.kind)).with_dimension(dimension).with_codes(codes);
    if field.required { binding.not_null() } else { binding }
}

/// A person: the golden record and the variables of the person and of the period.
pub(crate) fn of_person(pack: &Pack) -> Scope {
    let mut scope = Scope::default();
    with_period(&mut scope);
    for column in GOLDEN_COLUMNS {
        let codes = pack.codes.contains_key(column).then_some(column);
        scope.column(column, Binding::new(golden_type(column)).with_codes(codes));
    }
    with_variables(&mut scope, pack, &[Entity::Person, Entity::Period]);
    for attribute in ATTRIBUTES {
        scope.refuse(attribute, "it identifies a person; rules don't see it");
    }
    scope
}

/// The members of a household: persons, and their relation to the applicant.
pub(crate) fn of_members(pack: &Pack) -> Scope {
    let mut scope = of_person(pack);
    let codes = pack.codes.contains_key("relation").then_some("relation");
    scope.column("relation", Binding::new(Type::Text).with_codes(codes));
    scope
}

/// A household: its variables and those of the period.
pub(crate) fn of_household(pack: &Pack) -> Scope {
    let mut scope = Scope::default();
    with_period(&mut scope);
    scope.column("division", Binding::new(Type::Text));
    with_variables(&mut scope, pack, &[Entity::Household, Entity::Period]);
    for column in GOLDEN_COLUMNS {
        scope.refuse(column, "it is a property of a person; aggregate it over the members");
    }
    scope
}

/// The period itself.
pub(crate) fn of_period(pack: &Pack) -> Scope {
    let mut scope = Scope::default();
    with_period(&mut scope);
    with_variables(&mut scope, pack, &[Entity::Period]);
    scope
}

/// The subjects of a policy, with its parameters.
pub(crate) fn of_policy(pack: &Pack, policy: &Policy) -> Scope {
    let mut scope = match policy.unit {
        Unit::Person => of_person(pack),
        Unit::Household => of_household(pack),
    };
    scope.parameters(&policy.parameters);
    scope
}

/// The period, with a policy's parameters: for `applies_when`.
pub(crate) fn of_policy_period(pack: &Pack, policy: &Policy) -> Scope {
    let mut scope = of_period(pack);
    scope.parameters(&policy.parameters);
    for column in GOLDEN_COLUMNS {
        scope.refuse(column, "whether a policy applies in a period does not depend on a person");
    }
    scope
}
