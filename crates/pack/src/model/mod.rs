//! What a city pack says, as types.
//!
//! These are plain data: public fields, no behaviour beyond look-ups. Whatever must hold between
//! them (a key field exists, dated values do not overlap, a policy has tests) is checked once, by
//! [`crate::load()`]; whoever holds a [`Pack`] may rely on it.

mod city;
mod dataset;
mod linkage;
mod policy;
mod test;
mod variable;

pub use city::{AreaKind, CodeEntry, CodeList, Division, Element, Pack, RetentionClass, Text};
pub use dataset::{
    Absence, Contract, Department, Encoding, Field, FieldKind, Format, HouseholdKind,
    HouseholdRole, Mode, PersonRole, QualityRule,
};
pub use linkage::{
    Blocking, Comparison, ComparisonLevel, LevelKind, Linkage, Survivorship, SurvivorshipRule,
    Thresholds,
};
pub use policy::{
    Condition, ConditionDay, Cycle, DatedValue, Evidence, Exclusion, LegalBasis, Parameter,
    ParameterKind, ParameterValue, Policy, PolicyMode, StartRule, StopRule, Unit,
};
pub use test::{Expect, Outcome, PolicyTest, TestValue};
pub use variable::{
    Aggregate, Aggregation, Definition, Entity, Variable, VariableAbsence, VariableSource,
    VariableType,
};

/// The attributes that a record of a person may carry and that linking and the golden record know.
/// The vocabulary is fixed: contracts map their fields onto it.
pub const ATTRIBUTES: [&str; 20] = [
    "name",
    "former_name",
    "sex",
    "birth_date",
    "id_number",
    "phone",
    "address",
    "division",
    "hukou_division",
    "hukou_status",
    "hukou_from",
    "hukou_to",
    "area_type",
    "ethnicity",
    "marital",
    "death_date",
    "account",
    "case_no",
    "household_no",
    "relation",
];

/// The columns of the golden record that the SQL of person variables and of policies may use.
pub const GOLDEN_COLUMNS: [&str; 12] = [
    "sex",
    "birth_date",
    "ethnicity",
    "marital",
    "division",
    "hukou_division",
    "hukou_status",
    "hukou_from",
    "hukou_to",
    "area_type",
    "vital_status",
    "death_date",
];

/// Names that every SQL expression may use: the period (`YYYY-MM`), its first and last day, and
/// its month and year as integers.
pub const PERIOD_BUILT_INS: [&str; 5] = ["period", "period_start", "period_end", "month", "year"];
