//! An explanation as data.

use jiff::civil::Date;
use pack::Text;
use serde::{Deserialize, Serialize};
use vocab::Period;

use crate::rules::{Law, ParameterUse};

/// Why somebody gets a benefit, does not get it, or is asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// The policy.
    pub policy: String,
    /// Its name.
    pub name: Text,
    /// `person` or `household`.
    pub unit: String,
    /// The person asked about.
    pub person: String,
    /// Who was decided on: the person, or the household that they live in; none: they live in none.
    pub subject: Option<String>,
    /// The period.
    pub period: Period,
    /// Up to which day deliveries were known.
    pub known_at: Date,
    /// `eligible`, `not`, `ask` or `not_applicable`.
    pub outcome: String,
    /// What the subject gets, in fen; only when eligible.
    pub amount_fen: Option<i64>,
    /// Whether the subject was on the register.
    pub enrolled: Option<bool>,
    /// Why the policy was not applicable in the period.
    pub not_applicable: Option<Text>,
    /// Hash of the pack, and the day on which its dated figures were taken.
    pub rule_version: String,
    /// Laws and notices.
    pub legal_basis: Vec<Law>,
    /// The conditions, then exclusions.
    pub conditions: Vec<ConditionExplanation>,
    /// How the amount is computed.
    pub amount: AmountExplanation,
    /// The dated figures used.
    pub parameters: Vec<ParameterUse>,
    /// What stands between the subject and the benefit.
    pub missing: Vec<Missing>,
    /// What the reader should know besides.
    pub notes: Vec<Text>,
    /// All of it in words.
    pub text: Text,
}

/// One condition and whether it held.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConditionExplanation {
    /// Its id, or `excluded_by:<policy>`.
    pub id: String,
    /// Its name.
    pub name: Text,
    /// Whether it held; null: unknown.
    pub held: Option<bool>,
    /// The article that it rests on.
    pub article: Option<String>,
    /// Its SQL.
    pub text: String,
    /// What it looked at.
    pub values: Vec<ValueExplanation>,
    /// What to bring when it is unknown.
    pub ask: Option<Text>,
}

/// How the amount is computed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AmountExplanation {
    /// Its SQL.
    pub text: String,
    /// What it looked at.
    pub values: Vec<ValueExplanation>,
}

/// One value and where it came from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ValueExplanation {
    /// The variable, or the column of the golden record.
    pub variable: String,
    /// Its name.
    pub name: Text,
    /// The value; null: unknown. Money is in yuan, as text, like every decimal; dates are ISO 8601.
    pub value: serde_json::Value,
    /// The value in words.
    pub shown: Text,
    /// Its unit.
    pub unit: Option<String>,
    /// How it was computed, if it was: an SQL expression.
    pub formula: Option<String>,
    /// The rows of datasets that it came from.
    pub sources: Vec<SourceRow>,
    /// The values that it was computed from.
    pub inputs: Vec<Self>,
    /// For a household: the values of each member.
    pub members: Vec<MemberValues>,
}

/// The values of one member of a household.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MemberValues {
    /// The member.
    pub person: String,
    /// The relation to the applicant, as a code of GB/T 4761.
    pub relation: Option<String>,
    /// The values.
    pub values: Vec<ValueExplanation>,
}

/// A row of a dataset that speaks of the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceRow {
    /// The dataset.
    pub dataset: String,
    /// Its name.
    pub dataset_name: Text,
    /// The department that delivers it.
    pub department: Text,
    /// The record: the row and the person's role in it.
    pub record_id: String,
    /// The line in the delivered file.
    pub row: i64,
    /// The delivery.
    pub delivery_id: String,
    /// The day whose state the delivery shows.
    pub as_of: Date,
    /// Whether the row is certainly this person's.
    pub certain: bool,
    /// Whether the row counted for the variable; null: it can't be told any more.
    pub counted: Option<bool>,
}

/// Something that stands between a subject and a benefit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    /// The condition.
    pub condition: String,
    /// In words: what does not hold, or what to bring.
    pub what: Text,
}
