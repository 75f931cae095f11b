//! Many rows → one value, with unknown kept apart from none.
//!
//! A row whose filter is unknown may count or not, and a row that counts without a value has some
//! value: either makes a sum, a count or an extreme unknown. 'Any' is true as soon as one row is
//! certain to count. Only when no row counts does the rule of absence speak.

use engine::arrow::datatypes::DataType;
use engine::datafusion::functions_aggregate::expr_fn::{
    bool_or, count, first_value, max, min, sum,
};
use engine::datafusion::logical_expr::{
    Expr, ExprFunctionExt as _, Operator, and, binary_expr, cast, ident, lit, or, try_cast,
};
use pack::{Aggregate, VariableAbsence};

use crate::PolicyError;
use crate::book::{CompiledAggregation, CompiledVariable};
use crate::sql::check::variable_type;
use crate::sql::lower::{null, when};
use crate::sql::{Lowering, Type, lower};

/// The parts of one variable in an aggregation plan.
pub(crate) struct Parts {
    /// Aggregates, each under a name of its own.
    pub(crate) columns: Vec<Expr>,
    /// The variable's value over those columns, which are null where there was no row at all.
    pub(crate) result: Expr,
    /// Whether a row counts or may count; none when all do.
    pub(crate) may_count: Option<Expr>,
}

/// Builds the parts.
///
/// * `to`: the columns of a row.
/// * `only`: a further filter that is never unknown (the role of the record).
/// * `tie`: the column that decides between rows of the same order.
pub(crate) fn parts(
    compiled: &CompiledVariable,
    aggregation: &CompiledAggregation,
    to: &Lowering<'_>,
    only: Option<Expr>,
    tie: &str,
) -> Result<Parts, PolicyError> {
    let id = &compiled.variable.id;
    let kind = variable_type(compiled.variable.kind);
    let absent = absence(aggregation.absence, kind);
    let filter = aggregation.filter.as_ref().map(|tree| lower(tree, to));
    let doubtful = aggregation.filter.as_ref().is_some_and(|tree| tree.nullable);
    let counts = match (filter, only) {
        (Some(filter), Some(only)) => Some(and(only, filter)),
        (one, other) => one.or(other),
    };
    let may_count = counts.clone().map(Expr::is_not_false);
    let filtered = |expression: Expr| match &counts {
        None => Ok(expression),
        Some(counts) => expression.filter(counts.clone()).build(),
    };
    let failed = PolicyError::plan(format!("aggregate variable {id}"));
    let (main, doubt) = (format!("__{id}__value"), format!("__{id}__doubt"));
    let here = || counts.clone().unwrap_or_else(|| lit(true));

    if aggregation.aggregate == Aggregate::Any {
        let columns = vec![
            max(when(vec![(here(), lit(2_i64)), (here().is_null(), lit(1_i64))], Some(lit(0_i64))))
                .alias(&main),
        ];
        let is = |code: i64| binary_expr(ident(&main), Operator::Eq, lit(code));
        let result = when(vec![(is(2), lit(true)), (is(1), null(Type::Boolean))], Some(absent));
        return Ok(Parts { columns, result, may_count });
    }

    let value = aggregation.value.as_ref().map(|tree| (lower(tree, to), tree.nullable));
    let (value, may_be_null) = value.unwrap_or_else(|| (lit(1_i64), false));
    let unknown_value = may_be_null && aggregation.aggregate != Aggregate::Latest;
    let value_again = value.clone();
    let main_expression = match aggregation.aggregate {
        Aggregate::Count | Aggregate::Any => filtered(count(lit(1_i64))),
        Aggregate::Sum => {
            let addend = match kind {
                Type::Integer => cast(value, DataType::Decimal128(19, 0)),
                _ => value,
            };
            filtered(sum(addend))
        }
        Aggregate::Min => filtered(min(value)),
        Aggregate::Max => filtered(max(value)),
        Aggregate::Latest => {
            let order = aggregation.order.as_ref().map(|tree| lower(tree, to).sort(false, false));
            let order: Vec<_> = order.into_iter().chain([ident(tie).sort(true, true)]).collect();
            // Filter and order in one go: a later builder would take the order out again.
            let latest = first_value(value, Vec::new()).order_by(order);
            match &counts {
                None => latest.build(),
                Some(counts) => latest.filter(counts.clone()).build(),
            }
        }
    }
    .map_err(failed)?;
    let mut columns = vec![main_expression.alias(&main)];
    let mut cases = Vec::new();
    if doubtful || unknown_value {
        let mut unknown = Vec::new();
        if doubtful {
            unknown.push(here().is_null());
        }
        if unknown_value {
            unknown.push(and(here(), value_again.is_null()));
        }
        columns
            .extend(unknown.into_iter().reduce(or).map(|unknown| bool_or(unknown).alias(&doubt)));
        cases.push((ident(&doubt), null(kind)));
    }
    let none = match aggregation.aggregate {
        Aggregate::Count => binary_expr(ident(&main), Operator::Gt, lit(0_i64)).is_not_true(),
        // A latest value that is null is unknown, and not the same as no row.
        Aggregate::Latest if may_be_null && aggregation.absence != VariableAbsence::Unknown => {
            let rows = format!("__{id}__rows");
            let counted = filtered(count(lit(1_i64)))
                .map_err(PolicyError::plan(format!("aggregate variable {id}")))?;
            columns.push(counted.alias(&rows));
            binary_expr(ident(&rows), Operator::Gt, lit(0_i64)).is_not_true()
        }
        _ => ident(&main).is_null(),
    };
    cases.push((none, absent));
    let result = when(cases, Some(try_cast(ident(&main), kind.arrow())));
    Ok(Parts { columns, result, may_count })
}

/// What no row means.
pub(crate) fn absence(rule: VariableAbsence, kind: Type) -> Expr {
    match (rule, kind) {
        (VariableAbsence::Zero, Type::Integer | Type::Decimal { .. }) => {
            cast(lit(0_i64), kind.arrow())
        }
        (VariableAbsence::False, Type::Boolean) => lit(false),
        _ => null(kind),
    }
}
