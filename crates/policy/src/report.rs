//! What deciding reports: figures per policy and division.

use std::collections::BTreeMap;

use engine::arrow::array::{Array, AsArray as _, RecordBatch};
use engine::arrow::datatypes::{Int8Type, Int64Type};
use jiff::civil::Date;
use pack::{Text, Unit};
use serde::{Deserialize, Serialize};
use vocab::Period;

use crate::PolicyError;
use crate::applies::NotApplicable;
use crate::book::{CompiledPolicy, RuleBook};
use crate::decisions::PolicyColumns;
use crate::delivered::DatasetNote;
use crate::functions::{ASK, ELIGIBLE, NOT};

/// What [`crate::decide`] did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecideReport {
    /// The period decided on.
    pub period: Period,
    /// Up to which day deliveries were known.
    pub known_at: Date,
    /// The pack whose rules were used.
    pub pack_hash: String,
    /// The tables written, with their new versions; not published yet.
    pub versions: engine::Versions,
    /// Persons decided on.
    pub persons: u64,
    /// Households decided on.
    pub households: u64,
    /// Figures per policy, in the order of the pack.
    pub policies: Vec<PolicySummary>,
    /// Datasets that are missing or stale.
    pub datasets: Vec<DatasetNote>,
}

/// Figures of one policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicySummary {
    /// The policy.
    pub policy: String,
    /// `person` or `household`.
    pub unit: String,
    /// Why the policy is not applicable in the period; none: it is.
    pub not_applicable: Option<Text>,
    /// The sum over all divisions.
    pub total: Counts,
    /// By the subject's division as the registry knows it; an empty code: unknown.
    pub divisions: BTreeMap<String, Counts>,
    /// How many subjects fail each reason.
    pub failed: BTreeMap<String, u64>,
    /// For how many subjects each reason is unknown.
    pub unknown: BTreeMap<String, u64>,
}

/// Outcomes and money.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Entitled.
    pub eligible: u64,
    /// To be asked.
    pub ask: u64,
    /// Not entitled.
    pub not: u64,
    /// On the register.
    pub enrolled: u64,
    /// What the entitled get, in fen.
    pub amount_fen: i64,
}

impl Counts {
    fn add(&mut self, other: &Self) {
        self.eligible += other.eligible;
        self.ask += other.ask;
        self.not += other.not;
        self.enrolled += other.enrolled;
        self.amount_fen = self.amount_fen.saturating_add(other.amount_fen);
    }
}

/// Adds decisions up while they stream by.
pub(crate) struct Tally<'b> {
    unit: Unit,
    table: String,
    policies: Vec<TallyPolicy<'b>>,
    /// Divisions in the order of their first appearance.
    numbers: BTreeMap<String, usize>,
    pub(crate) subjects: u64,
}

struct TallyPolicy<'b> {
    compiled: &'b CompiledPolicy,
    columns: PolicyColumns,
    reasons: Vec<String>,
    by_division: Vec<Counts>,
    /// One bucket a bit.
    failed: Vec<u64>,
    unknown: Vec<u64>,
    not_applicable: Option<Text>,
}

impl<'b> Tally<'b> {
    pub(crate) fn new(
        book: &'b RuleBook,
        unit: Unit,
        table: &str,
        not_applicable: &NotApplicable,
    ) -> Self {
        let policies = book
            .policies_of(unit)
            .map(|compiled| {
                let reasons = compiled.reasons();
                TallyPolicy {
                    compiled,
                    columns: PolicyColumns::of(compiled),
                    by_division: Vec::new(),
                    failed: vec![0; reasons.len()],
                    unknown: vec![0; reasons.len()],
                    reasons,
                    not_applicable: not_applicable.get(compiled.id()).cloned(),
                }
            })
            .collect();
        Self { unit, table: table.to_owned(), policies, numbers: BTreeMap::new(), subjects: 0 }
    }

    /// Adds a batch of a decisions table.
    pub(crate) fn add(&mut self, batch: &RecordBatch) -> Result<(), PolicyError> {
        let wrong = |column: &str| PolicyError::Column {
            table: self.table.clone(),
            column: column.to_owned(),
        };
        let division = batch
            .column_by_name("division")
            .and_then(|column| column.as_string_opt::<i32>())
            .ok_or_else(|| wrong("division"))?;
        let rows: Vec<usize> = division
            .iter()
            .map(|code| {
                let code = code.unwrap_or_default();
                if let Some(number) = self.numbers.get(code) {
                    return *number;
                }
                let number = self.numbers.len();
                self.numbers.insert(code.to_owned(), number);
                number
            })
            .collect();
        for policy in &mut self.policies {
            policy.by_division.resize(self.numbers.len(), Counts::default());
            if policy.not_applicable.is_some() {
                continue;
            }
            let missing = |column: &str| PolicyError::Column {
                table: self.table.clone(),
                column: column.to_owned(),
            };
            let whole = |column: &str| {
                batch
                    .column_by_name(column)
                    .and_then(|array| array.as_primitive_opt::<Int64Type>())
                    .ok_or_else(|| missing(column))
            };
            let outcome = batch
                .column_by_name(&policy.columns.outcome)
                .and_then(|array| array.as_primitive_opt::<Int8Type>())
                .ok_or_else(|| missing(&policy.columns.outcome))?;
            let enrolled = batch
                .column_by_name(&policy.columns.enrolled)
                .and_then(|array| array.as_boolean_opt())
                .ok_or_else(|| missing(&policy.columns.enrolled))?;
            let amount = whole(&policy.columns.amount)?;
            let held = whole(&policy.columns.held)?;
            let unknown = whole(&policy.columns.unknown)?;
            let conditions = (1_i64 << (policy.reasons.len() - 1)) - 1;
            for (row, number) in rows.iter().enumerate() {
                let Some(counts) = policy.by_division.get_mut(*number) else { continue };
                match outcome.value(row) {
                    ELIGIBLE => counts.eligible += 1,
                    ASK => counts.ask += 1,
                    NOT => counts.not += 1,
                    _ => {}
                }
                if !amount.is_null(row) {
                    counts.amount_fen = counts.amount_fen.saturating_add(amount.value(row));
                }
                counts.enrolled += u64::from(!enrolled.is_null(row) && enrolled.value(row));
                let (held, unknown) = (held.value(row), unknown.value(row));
                count_bits(&mut policy.failed, conditions & !held & !unknown);
                count_bits(&mut policy.unknown, unknown);
            }
        }
        self.subjects += batch.num_rows() as u64;
        Ok(())
    }

    /// The summaries of the unit's policies.
    pub(crate) fn finish(self) -> Vec<PolicySummary> {
        let unit = unit_word(self.unit);
        let numbers = self.numbers;
        self.policies
            .into_iter()
            .map(|policy| {
                let mut total = Counts::default();
                let mut divisions = BTreeMap::new();
                if policy.not_applicable.is_none() {
                    for (code, number) in &numbers {
                        if let Some(counts) = policy.by_division.get(*number) {
                            total.add(counts);
                            divisions.insert(code.clone(), *counts);
                        }
                    }
                }
                let named = |buckets: Vec<u64>| {
                    policy
                        .reasons
                        .iter()
                        .cloned()
                        .zip(buckets)
                        .filter(|(_, count)| *count > 0)
                        .collect()
                };
                PolicySummary {
                    policy: policy.compiled.policy.id.clone(),
                    unit: unit.to_owned(),
                    not_applicable: policy.not_applicable,
                    total,
                    divisions,
                    failed: named(policy.failed),
                    unknown: named(policy.unknown),
                }
            })
            .collect()
    }
}

pub(crate) fn unit_word(unit: Unit) -> &'static str {
    match unit {
        Unit::Person => "person",
        Unit::Household => "household",
    }
}

fn count_bits(buckets: &mut [u64], mut mask: i64) {
    while mask != 0 {
        let bit = mask.trailing_zeros() as usize;
        if let Some(bucket) = buckets.get_mut(bit) {
            *bucket += 1;
        }
        mask &= mask - 1;
    }
}
