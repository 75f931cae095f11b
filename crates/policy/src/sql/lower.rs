//! From a typed tree to a `DataFusion` expression, for one day.

use std::collections::BTreeMap;
use std::sync::Arc;

use engine::arrow::datatypes::DataType;
use engine::datafusion::functions::expr_fn as df;
use engine::datafusion::logical_expr::expr::{Case, InList, Like};
use engine::datafusion::logical_expr::{Expr, ScalarUDF, binary_expr, cast, lit, not, try_cast};
use engine::datafusion::logical_expr::{Operator, and, or};
use engine::datafusion::scalar::ScalarValue;
use jiff::civil::Date;
use pack::{Parameter, ParameterValue};
use rust_decimal::Decimal;
use vocab::Period;

use super::check::days;
use super::scope::exact;
use super::tree::{Arithmetic, Function, Node, Test, Typed};
use super::types::Type;
use crate::functions;

/// What an expression is put into.
pub(crate) struct Lowering<'a> {
    /// The policy's parameters.
    pub(crate) parameters: &'a BTreeMap<String, Parameter>,
    /// The day that dated values are taken on.
    pub(crate) day: Date,
    /// The expression for a column.
    pub(crate) column: &'a dyn Fn(&str) -> Expr,
}

/// The literal of a built-in name of the period, if `name` is one.
pub(crate) fn built_in(name: &str, period: Period) -> Option<Expr> {
    Some(match name {
        "period" => lit(period.to_string()),
        "period_start" => date_literal(period.first_day()),
        "period_end" => date_literal(period.last_day()),
        "month" => lit(i64::from(period.month())),
        "year" => lit(i64::from(period.year())),
        _ => return None,
    })
}

pub(crate) fn date_literal(date: Date) -> Expr {
    literal(ScalarValue::Date32(Some(days(date))))
}

/// The expression of a tree.
///
/// A parameter without a value on the day becomes unknown; whoever lowers a policy has asked for
/// that before and made the policy not applicable.
pub(crate) fn lower(tree: &Typed, to: &Lowering<'_>) -> Expr {
    let down = |inner: &Typed| lower(inner, to);
    match &tree.node {
        Node::Column(name) => (to.column)(name),
        Node::Literal(value) => literal(value.clone()),
        Node::Parameter(name) => match to.value(name) {
            Some(ParameterValue::Scalar(number)) => number_literal(*number, tree.kind),
            _ => null(tree.kind),
        },
        Node::Bracket { key, parameter } => to.bracket(key, parameter, tree.kind),
        Node::Lookup { key, parameter } => to.lookup(key, parameter, tree.kind),
        Node::HasDate { parameter, from, to: until } => {
            let (from, until) = (down(from), down(until));
            let dates = match to.value(parameter) {
                Some(ParameterValue::Dates(dates)) => dates.as_slice(),
                _ => &[],
            };
            dates
                .iter()
                .map(|date| {
                    and(
                        binary_expr(from.clone(), Operator::LtEq, date_literal(*date)),
                        binary_expr(until.clone(), Operator::GtEq, date_literal(*date)),
                    )
                })
                .reduce(or)
                .unwrap_or_else(|| lit(false))
        }
        Node::Not(inner) => not(down(inner)),
        Node::And(left, right) => and(down(left), down(right)),
        Node::Or(left, right) => or(down(left), down(right)),
        Node::Compare(op, left, right) => binary_expr(down(left), *op, down(right)),
        Node::Arithmetic(op, left, right) => {
            let (left, right) = (down(left), down(right));
            match op {
                Arithmetic::Add => binary_expr(left, Operator::Plus, right),
                Arithmetic::Subtract => binary_expr(left, Operator::Minus, right),
                Arithmetic::Multiply => binary_expr(left, Operator::Multiply, right),
                // Division by zero is unknown instead of an error that would stop a run.
                Arithmetic::Divide => {
                    let zero = binary_expr(right.clone(), Operator::NotEq, lit(0_i64));
                    binary_expr(left, Operator::Divide, when(vec![(zero, right)], None))
                }
            }
        }
        Node::ShiftDate { date, months, days } => {
            let interval = ScalarValue::new_interval_mdn(*months, *days, 0);
            cast(binary_expr(down(date), Operator::Plus, literal(interval)), DataType::Date32)
        }
        Node::Is { what, negated, inner } => {
            let inner = Box::new(down(inner));
            match (what, negated) {
                (Test::Null, false) => Expr::IsNull(inner),
                (Test::Null, true) => Expr::IsNotNull(inner),
                (Test::True, false) => Expr::IsTrue(inner),
                (Test::True, true) => Expr::IsNotTrue(inner),
                (Test::False, false) => Expr::IsFalse(inner),
                (Test::False, true) => Expr::IsNotFalse(inner),
            }
        }
        Node::InList { value, list, negated } => {
            let list = list.iter().map(down).collect();
            Expr::InList(InList::new(Box::new(down(value)), list, *negated))
        }
        Node::Like { value, pattern, negated } => {
            let pattern = Box::new(lit(pattern.clone()));
            Expr::Like(Like::new(*negated, Box::new(down(value)), pattern, None, false))
        }
        Node::Case { whens, otherwise } => when(
            whens.iter().map(|(condition, result)| (down(condition), down(result))).collect(),
            otherwise.as_ref().map(|otherwise| down(otherwise)),
        ),
        Node::Call(function, arguments) => {
            call(*function, arguments.iter().map(down).collect(), tree.kind)
        }
        Node::Cast(inner) => try_cast(down(inner), tree.kind.arrow()),
    }
}

impl Lowering<'_> {
    fn value(&self, parameter: &str) -> Option<&ParameterValue> {
        Some(&self.parameters.get(parameter)?.on(self.day)?.value)
    }

    /// The value of the greatest step that is not above the key.
    fn bracket(&self, key: &Typed, parameter: &str, kind: Type) -> Expr {
        let Some(ParameterValue::Bracket(steps)) = self.value(parameter) else { return null(kind) };
        let lowered = lower(key, self);
        let whens = steps
            .iter()
            .rev()
            .map(|(from, value)| {
                let from = threshold(*from, key.kind);
                (binary_expr(lowered.clone(), Operator::GtEq, from), number_literal(*value, kind))
            })
            .collect();
        when(whens, None)
    }

    fn lookup(&self, key: &Typed, parameter: &str, kind: Type) -> Expr {
        let Some(ParameterValue::Table(table)) = self.value(parameter) else { return null(kind) };
        let whens: Vec<_> = table
            .iter()
            .map(|(name, value)| {
                (Box::new(lit(name.clone())), Box::new(number_literal(*value, kind)))
            })
            .collect();
        if whens.is_empty() {
            return null(kind);
        }
        Expr::Case(Case::new(Some(Box::new(lower(key, self))), whens, Some(Box::new(null(kind)))))
    }
}

fn call(function: Function, mut arguments: Vec<Expr>, kind: Type) -> Expr {
    let udf = |udf: Arc<ScalarUDF>, arguments: Vec<Expr>| udf.call(arguments);
    match function {
        Function::AgeOn => udf(functions::age_on(), arguments),
        Function::DivisionIn => udf(functions::division_in(), arguments),
        Function::Fen => udf(functions::fen(), arguments),
        Function::CeilYuan => udf(functions::ceil_yuan(), arguments),
        Function::CeilFen => udf(functions::ceil_fen(), arguments),
        Function::Coalesce => df::coalesce(arguments),
        Function::Nullif => {
            let right = arguments.pop().unwrap_or_else(|| null(kind));
            let left = arguments.pop().unwrap_or_else(|| null(kind));
            df::nullif(left, right)
        }
        Function::Least => extreme(arguments, Operator::LtEq, Operator::Gt, kind),
        Function::Greatest => extreme(arguments, Operator::GtEq, Operator::Lt, kind),
        Function::Abs => {
            let value = arguments.pop().unwrap_or_else(|| null(kind));
            cast(df::abs(value), kind.arrow())
        }
        Function::Left | Function::Right => {
            let count = arguments.pop().unwrap_or_else(|| null(Type::Integer));
            let text = arguments.pop().unwrap_or_else(|| null(Type::Text));
            cast(
                if function == Function::Left {
                    df::left(text, count)
                } else {
                    df::right(text, count)
                },
                DataType::Utf8,
            )
        }
        Function::Substr => {
            let mut arguments = arguments.into_iter();
            let text = arguments.next().unwrap_or_else(|| null(Type::Text));
            let from = arguments.next().unwrap_or_else(|| null(Type::Integer));
            let part = match arguments.next() {
                Some(count) => df::substring(text, from, count),
                None => df::substr(text, from),
            };
            cast(part, DataType::Utf8)
        }
        Function::Length => cast(df::character_length(one(arguments)), DataType::Int64),
        Function::StartsWith => {
            let beginning = arguments.pop().unwrap_or_else(|| null(Type::Text));
            df::starts_with(one(arguments), beginning)
        }
        Function::Year => cast(df::date_part(lit("year"), one(arguments)), DataType::Int64),
        Function::Month => cast(df::date_part(lit("month"), one(arguments)), DataType::Int64),
    }
}

fn one(mut arguments: Vec<Expr>) -> Expr {
    arguments.pop().unwrap_or_else(|| literal(ScalarValue::Null))
}

/// The least or greatest of several values; unknown as soon as one is, unlike SQL's own functions,
/// which would leave the unknown one out and so treat it as harmless.
fn extreme(arguments: Vec<Expr>, keep: Operator, change: Operator, kind: Type) -> Expr {
    arguments
        .into_iter()
        .reduce(|best, next| {
            when(
                vec![
                    (binary_expr(best.clone(), keep, next.clone()), best.clone()),
                    (binary_expr(best, change, next.clone()), next),
                ],
                None,
            )
        })
        .unwrap_or_else(|| null(kind))
}

pub(crate) fn when(whens: Vec<(Expr, Expr)>, otherwise: Option<Expr>) -> Expr {
    let whens = whens.into_iter().map(|(when, then)| (Box::new(when), Box::new(then))).collect();
    Expr::Case(Case::new(None, whens, otherwise.map(Box::new)))
}

pub(crate) fn literal(value: ScalarValue) -> Expr {
    Expr::Literal(value, None)
}

/// Unknown, with a type.
pub(crate) fn null(kind: Type) -> Expr {
    literal(ScalarValue::try_from(&kind.arrow()).unwrap_or(ScalarValue::Null))
}

/// A number of the pack in the type that the checker gave it; unknown where it does not fit.
fn number_literal(number: Decimal, kind: Type) -> Expr {
    let Type::Decimal { digits, scale } = kind else { return null(kind) };
    let (mantissa, from) = exact(number);
    let scaled = scale
        .checked_sub(from)
        .and_then(|places| 10_i128.checked_pow(u32::from(places)))
        .and_then(|factor| mantissa.checked_mul(factor))
        .filter(|scaled| scaled.unsigned_abs().checked_ilog10().unwrap_or(0) < u32::from(digits));
    literal(ScalarValue::Decimal128(scaled, digits, i8::try_from(scale).unwrap_or(i8::MAX)))
}

/// A step of a bracket, in the type of the key where that is exact.
fn threshold(number: Decimal, key: Type) -> Expr {
    let (mantissa, scale) = exact(number);
    match (key, scale, i64::try_from(mantissa)) {
        (Type::Integer, 0, Ok(whole)) => lit(whole),
        _ => number_literal(number, super::scope::decimal_type(number)),
    }
}
