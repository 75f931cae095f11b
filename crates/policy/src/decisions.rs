//! Decisions: all policies of one kind of subject over its facts, as one plan.

use engine::arrow::datatypes::DataType;
use std::collections::BTreeSet;

use engine::datafusion::dataframe::DataFrame;
use engine::datafusion::functions::core::expr_fn::get_field;
use engine::datafusion::functions::expr_fn::coalesce;
use engine::datafusion::logical_expr::{Expr, and, ident, lit, or};
use engine::datafusion::scalar::ScalarValue;
use pack::Unit;

use crate::PolicyError;
use crate::applies::{NotApplicable, day_of};
use crate::book::{CompiledPolicy, RuleBook};
use crate::exclusion;
use crate::facts::{Moment, period_column, uncertain_column};
use crate::functions::{ASK, ELIGIBLE, decision};
use crate::guard::lower_guarded;
use crate::sql::lower::{literal, null, when};
use crate::sql::{Lowering, Type};

/// The columns of a policy in a decisions table.
pub(crate) struct PolicyColumns {
    pub(crate) outcome: String,
    pub(crate) amount: String,
    pub(crate) held: String,
    pub(crate) unknown: String,
    pub(crate) enrolled: String,
}

impl PolicyColumns {
    pub(crate) fn of(policy: &CompiledPolicy) -> Self {
        Self::named(&policy.column())
    }

    pub(crate) fn named(prefix: &str) -> Self {
        Self {
            outcome: format!("{prefix}__outcome"),
            amount: format!("{prefix}__amount"),
            held: format!("{prefix}__held"),
            unknown: format!("{prefix}__unknown"),
            enrolled: format!("{prefix}__enrolled"),
        }
    }

    /// Names with types, in the order of the table.
    pub(crate) fn types(&self) -> [(&str, DataType); 5] {
        [
            (&self.outcome, DataType::Int8),
            (&self.amount, DataType::Int64),
            (&self.held, DataType::Int64),
            (&self.unknown, DataType::Int64),
            (&self.enrolled, DataType::Boolean),
        ]
    }
}

/// How to take the decision on a policy that another one gives way to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OthersAsked {
    /// Whoever may get the other one is asked about this one too.
    Ask,
    /// Cases of the pack give the facts of one policy only: what is not known to exclude does not.
    Ignore,
}

/// Decides all policies of a unit.
///
/// ```text
/// Input: one row per subject with subject_id, division and every variable of the unit
/// Output: the same rows
///   subject_id           Utf8
///   division             Utf8, null = unknown
///   <policy>__outcome    Int8   0 not, 1 eligible, 2 ask; null = the policy is not applicable
///   <policy>__amount     Int64  fen; null unless eligible
///   <policy>__held       Int64  bit i: condition i holds
///   <policy>__unknown    Int64  bit i: condition i is unknown
///   <policy>__enrolled   Boolean on the register; null = not applicable
/// ```
///
/// Conditions count in the order of the policy, then come the policies it gives way to, and as last
/// bit of `unknown` the amount.
pub(crate) fn plan(
    facts: DataFrame,
    book: &RuleBook,
    unit: Unit,
    moment: Moment,
    not_applicable: &NotApplicable,
    others: OthersAsked,
) -> Result<DataFrame, PolicyError> {
    let failed = || PolicyError::plan("plan the decisions");
    let applicable = |compiled: &CompiledPolicy| !not_applicable.contains_key(compiled.id());
    // What every policy needs of the facts, worked out in one projection.
    let mut columns = vec![ident("subject_id"), ident("division")];
    for compiled in book.policies_of(unit).filter(|compiled| applicable(compiled)) {
        columns.extend(over_facts(compiled, moment));
    }
    let mut frame = facts.select(columns).map_err(failed())?;
    // Cycles were refused when the rules were checked.
    let rounds = exclusion::order(&book.policies).unwrap_or_default();
    for round in rounds {
        let now: Vec<&CompiledPolicy> = round
            .iter()
            .filter_map(|at| book.policies.get(*at))
            .filter(|compiled| compiled.policy.unit == unit && applicable(compiled))
            .collect();
        if now.is_empty() {
            continue;
        }
        let mut columns: Vec<Expr> =
            frame.schema().fields().iter().map(|field| ident(field.name())).collect();
        columns
            .extend(now.into_iter().map(|compiled| decide(compiled, book, not_applicable, others)));
        frame = frame.select(columns).map_err(failed())?;
    }
    let mut columns = vec![ident("subject_id"), ident("division")];
    for compiled in book.policies_of(unit) {
        columns.extend(results(compiled, applicable(compiled)));
    }
    frame.select(columns).map_err(failed())
}

fn condition_column(policy: &CompiledPolicy, at: usize) -> String {
    format!("{}__c{at}", policy.column())
}

fn decision_column(policy: &CompiledPolicy) -> String {
    format!("{}__decision", policy.column())
}

/// Conditions, amount and enrolment of one policy.
fn over_facts(compiled: &CompiledPolicy, moment: Moment) -> Vec<Expr> {
    let column = period_column(moment.period);
    let to = Lowering {
        parameters: &compiled.policy.parameters,
        day: day_of(&compiled.policy, moment),
        column: &column,
    };
    let mut columns: Vec<Expr> = compiled
        .conditions
        .iter()
        .enumerate()
        .map(|(at, condition)| {
            let holds = lower_guarded(&condition.when, &to);
            let holds = match doubtful(&condition.harmful) {
                None => holds,
                // False OR unknown is unknown, true OR unknown is true: where a row that counts is
                // linked without certainty, a condition that fails is a question.
                Some(doubtful) => or(holds, and(doubtful, null(Type::Boolean))),
            };
            holds.alias(condition_column(compiled, at))
        })
        .collect();
    let due = lower_guarded(&compiled.amount, &to);
    let due = match doubtful(&compiled.amount_harmful) {
        None => due,
        // The row may be another person's, and then somebody counts whom it leaves out.
        Some(doubtful) => when(vec![(doubtful, null(compiled.amount.kind))], Some(due)),
    };
    columns.push(due.alias(format!("{}__due", compiled.column())));
    if let Some(tree) = &compiled.enrolled_when {
        let enrolled = coalesce(vec![lower_guarded(tree, &to), lit(false)]);
        columns.push(enrolled.alias(PolicyColumns::of(compiled).enrolled));
    }
    columns
}

/// Whether any of these variables counts a row that is linked without certainty.
fn doubtful(harmful: &BTreeSet<String>) -> Option<Expr> {
    harmful.iter().map(|variable| ident(uncertain_column(variable))).reduce(or)
}

/// The decision on one policy as a structure, over the columns of [`over_facts`].
fn decide(
    compiled: &CompiledPolicy,
    book: &RuleBook,
    not_applicable: &NotApplicable,
    others: OthersAsked,
) -> Expr {
    let mut arguments = vec![ident(format!("{}__due", compiled.column()))];
    arguments
        .extend((0..compiled.conditions.len()).map(|at| ident(condition_column(compiled, at))));
    for other in &compiled.gives_way_to {
        let free = match book.policy(other) {
            Some(other) if !not_applicable.contains_key(other.id()) => {
                let outcome = get_field(ident(decision_column(other)), "outcome");
                let asked = match others {
                    OthersAsked::Ask => null(Type::Boolean),
                    OthersAsked::Ignore => lit(true),
                };
                when(
                    vec![
                        (outcome.clone().eq(lit(ELIGIBLE)), lit(false)),
                        (outcome.eq(lit(ASK)), asked),
                    ],
                    Some(lit(true)),
                )
            }
            _ => lit(true),
        };
        arguments.push(free);
    }
    decision().call(arguments).alias(decision_column(compiled))
}

/// The columns of one policy in the table.
fn results(compiled: &CompiledPolicy, applicable: bool) -> Vec<Expr> {
    let names = PolicyColumns::of(compiled);
    if !applicable {
        return names
            .types()
            .into_iter()
            .map(|(name, kind)| {
                literal(ScalarValue::try_from(&kind).unwrap_or(ScalarValue::Null)).alias(name)
            })
            .collect();
    }
    let part = |field: &str| get_field(ident(decision_column(compiled)), field);
    let enrolled = if compiled.enrolled_when.is_some() {
        ident(&names.enrolled)
    } else {
        part("outcome").eq(lit(ELIGIBLE))
    };
    vec![
        part("outcome").alias(&names.outcome),
        part("amount").alias(&names.amount),
        part("held").alias(&names.held),
        part("unknown").alias(&names.unknown),
        enrolled.alias(&names.enrolled),
    ]
}
