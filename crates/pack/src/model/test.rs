//! Cases of policies: facts in, decision out. An official can write one without knowing Rust.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::Serialize;
use vocab::Period;

use crate::span::Span;

/// One case.
#[derive(Debug, Clone, PartialEq)]
pub struct PolicyTest {
    /// The policy.
    pub policy: String,
    /// A sentence with the outcome.
    pub name: String,
    /// The period decided on.
    pub period: Period,
    /// Variables (of the person or household, and of the period) and golden columns with their
    /// values: the `given` of the file, then the case's own. What is not here and cannot be
    /// computed from what is, is unknown.
    pub facts: BTreeMap<String, TestValue>,
    /// What has to come out.
    pub expect: Expect,
    /// Place of the case.
    pub span: Span,
    /// Places of the case's facts.
    pub fact_spans: BTreeMap<String, Span>,
}

/// A fact of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TestValue {
    /// Unknown, written `null` or `unknown`.
    Unknown,
    /// True or false.
    Bool(bool),
    /// A number; for money, yuan.
    Number(Decimal),
    /// A calendar date.
    Date(Date),
    /// A text, always quoted in the file.
    Text(String),
}

/// What has to come out of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Expect {
    /// The outcome.
    pub outcome: Outcome,
    /// The amount in fen; none: not checked.
    pub amount_fen: Option<i64>,
    /// The conditions that have to be false, exactly these when not empty.
    pub failed: Vec<String>,
    /// The conditions that have to be unknown, exactly these when not empty.
    pub unknown: Vec<String>,
}

/// Outcome of a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Entitled.
    Eligible,
    /// Not entitled.
    Not,
    /// Something is unknown: ask.
    Ask,
    /// The policy is not paid in this period.
    NotApplicable,
}
