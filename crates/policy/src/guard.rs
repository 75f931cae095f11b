//! The harm guard on deaths: a death that is not certain stops nothing by itself.
//!
//! The golden record says of each person `alive`, `dead` or `uncertain` (one source alone reports a
//! death). An expression over the death is worked out twice for an uncertain one, as if the person
//! were alive and as if they had died on the claimed day. Where both agree the answer is known (in
//! the month of the death a monthly benefit is due either way); where they differ it is unknown,
//! which leads to a question and never to a stop. A certain death without a date is treated alike,
//! between the earliest and the latest possible day.

use engine::datafusion::functions::expr_fn::coalesce;
use engine::datafusion::logical_expr::{Expr, Operator, and, binary_expr, lit};
use jiff::civil::Date;

use crate::sql::lower::{date_literal, null, when};
use crate::sql::{Lowering, Type, Typed, lower};

const VITAL_STATUS: &str = "vital_status";
const DEATH_DATE: &str = "death_date";
const EARLIEST: Date = Date::constant(1, 1, 1);
const LATEST: Date = Date::constant(9999, 12, 31);

/// Whether an expression looks at a person's death.
pub(crate) fn reads_death(tree: &Typed) -> bool {
    let columns = tree.columns();
    columns.contains(VITAL_STATUS) || columns.contains(DEATH_DATE)
}

/// The expression of a tree, unknown where it hangs on a death that is not certain.
pub(crate) fn lower_guarded(tree: &Typed, to: &Lowering<'_>) -> Expr {
    if !reads_death(tree) {
        return lower(tree, to);
    }
    let as_if = |status: &str, death: &Expr| {
        let column = |name: &str| match name {
            VITAL_STATUS => lit(status),
            DEATH_DATE => death.clone(),
            other => (to.column)(other),
        };
        lower(tree, &Lowering { parameters: to.parameters, day: to.day, column: &column })
    };
    let status = (to.column)(VITAL_STATUS);
    let death = (to.column)(DEATH_DATE);
    let is = |word: &str| binary_expr(status.clone(), Operator::Eq, lit(word));
    let claimed = coalesce(vec![death.clone(), date_literal(EARLIEST)]);
    let alive_or_dead =
        agreed(as_if("alive", &null(Type::Date)), as_if("dead", &claimed), tree.kind);
    let early_or_late = agreed(
        as_if("dead", &date_literal(EARLIEST)),
        as_if("dead", &date_literal(LATEST)),
        tree.kind,
    );
    when(
        vec![
            (is("uncertain"), alive_or_dead),
            (and(is("dead"), death.clone().is_null()), early_or_late),
        ],
        Some(lower(tree, to)),
    )
}

/// What both say, else unknown.
fn agreed(one: Expr, other: Expr, kind: Type) -> Expr {
    when(
        vec![(binary_expr(one.clone(), Operator::IsNotDistinctFrom, other), one)],
        Some(null(kind)),
    )
}
