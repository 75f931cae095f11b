//! Variables: what policies are written over.

use serde::Serialize;

use super::Text;
use crate::span::{Span, Spanned};

/// One variable.
#[derive(Debug, Clone, PartialEq)]
pub struct Variable {
    /// Identifier, as SQL writes it.
    pub id: String,
    /// Name.
    pub name: Text,
    /// What it is a property of.
    pub entity: Entity,
    /// Type.
    pub kind: VariableType,
    /// Unit, for instance `CNY/month`.
    pub unit: Option<String>,
    /// How it comes about.
    pub definition: Definition,
    /// Whether it takes a benefit away (income, vehicles, custody): then a row that is linked
    /// without certainty makes a condition unknown, never false. Only for person variables that
    /// are aggregated from a dataset.
    pub harm: bool,
    /// Its place.
    pub span: Span,
}

/// What a variable is a property of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Entity {
    /// A person of the registry.
    Person,
    /// A household of family members living together.
    Household,
    /// The period itself: one value for everybody.
    Period,
}

/// Type of a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum VariableType {
    /// Yuan, exact decimal.
    Money,
    /// Whole number.
    Integer,
    /// Exact decimal.
    Decimal,
    /// True, false or unknown.
    Boolean,
    /// Text.
    Text,
    /// Calendar date.
    Date,
}

/// How a variable comes about.
#[derive(Debug, Clone, PartialEq)]
pub enum Definition {
    /// SQL over golden columns, the built-in names of the period and the variables before it.
    Sql(Spanned<String>),
    /// From many rows, one value.
    Aggregate(Aggregation),
}

/// One value from many rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Aggregation {
    /// Which rows.
    pub from: VariableSource,
    /// Which person of a row the value belongs to.
    pub role: String,
    /// SQL bool over the fields of the row (or the variables of the member) and the built-in names
    /// of the period: only rows for which it is true count; none: all.
    pub filter: Option<Spanned<String>>,
    /// How.
    pub aggregate: Aggregate,
    /// SQL over the same names; none for `count` and `any`.
    pub value: Option<Spanned<String>>,
    /// SQL over the same names: `latest` takes the row where it is greatest.
    pub order: Option<Spanned<String>>,
    /// What it means that no row counts.
    pub absence: VariableAbsence,
}

/// Where the rows of an aggregation come from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum VariableSource {
    /// The current rows of a dataset that speak of the person.
    Dataset(String),
    /// The members of the household; the names are person variables, and `relation`.
    Members,
}

/// How many rows become one value.
///
/// Over members, an unknown value or an unknown filter makes `sum`, `count`, `min` and `max`
/// unknown: a member whose savings nobody has stated does not have savings of zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Aggregate {
    /// Sum.
    Sum,
    /// Number of rows.
    Count,
    /// Smallest value.
    Min,
    /// Greatest value.
    Max,
    /// Whether there is a row.
    Any,
    /// The value of the row with the greatest `order`.
    Latest,
}

/// What it means that no row counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum VariableAbsence {
    /// Zero.
    Zero,
    /// False.
    False,
    /// Unknown (null).
    Unknown,
}
