#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod aggregate;
mod applies;
mod book;
mod cases;
mod decide;
mod decisions;
mod delivered;
mod error;
mod exclusion;
mod explain;
mod facts;
mod functions;
mod guard;
mod period_values;
mod report;
mod rules;
mod scopes;
mod sql;
mod tables;

pub use book::{RuleBook, compile};
pub use cases::{TestFailure, TestReport, test};
pub use decide::{DecideInput, DecideProgress, decide};
pub use delivered::{DatasetNote, DatasetState};
pub use error::PolicyError;
pub use explain::{
    AmountExplanation, ConditionExplanation, ExplainRequest, Explanation, MemberValues, Missing,
    SourceRow, ValueExplanation, explain,
};
pub use functions::register;
pub use report::{Counts, DecideReport, PolicySummary};
pub use rules::{Law, ParameterUse, PolicyRules, ReasonRule, SourceRule, VariableRule};
pub use tables::{decisions_table, facts_table, policy_column, rules_table};
