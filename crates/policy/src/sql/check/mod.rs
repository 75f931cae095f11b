//! Types for every part of an expression, and all its faults.

mod arithmetic;
mod comparisons;
mod expected;
mod literals;
mod types;

use std::ops::Range;

use engine::datafusion::logical_expr::Operator;
use engine::datafusion::sql::sqlparser::ast::{
    BinaryOperator, CastKind, DataType as SqlType, DateTimeField, Expr, UnaryOperator,
};
use pack::{CodeList, Fault, ParameterKind, Spanned, VariableType};
use std::collections::BTreeMap;

use super::parse::{self, place};
use super::scope::Scope;
use super::tree::{Arithmetic, Node, Test, Typed};
use super::types::Type;

pub(in crate::sql) use arithmetic::common_dimension;
pub(in crate::sql) use comparisons::common_codes;
use comparisons::is;
pub(crate) use expected::variable_type;
pub(crate) use literals::days;

/// What an expression is for, hence which type it must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expected {
    /// A condition or filter.
    Condition,
    /// The amount of a policy: fen from a rounding function, or 0.
    Amount,
    /// The value of a variable.
    Variable(VariableType),
    /// Something that can be ordered.
    Sortable,
}

/// Checks one expression.
///
/// * `text`: the expression with its place in the pack.
/// * `scope`: the names that it may use.
/// * `codes`: the pack's code lists, to check literals against.
///
/// # Errors
///
/// All faults that were found; at least one.
pub(crate) fn check(
    text: &Spanned<String>,
    scope: &Scope,
    codes: &BTreeMap<String, CodeList>,
    expected: Expected,
) -> Result<Typed, Vec<Fault>> {
    let expression = match parse::parse(text) {
        Ok(expression) => expression,
        Err(error) => {
            let span = text.inside(error.range.start, error.range.len());
            return Err(vec![
                Fault::new(
                    "RULE-SYNTAX",
                    &span,
                    format!("this is not a SQL expression: {}", error.message),
                )
                .expected("one SQL expression"),
            ]);
        }
    };
    let mut checker = Checker { text, scope, codes, faults: Vec::new() };
    let typed = checker.expression(&expression).and_then(|typed| checker.expect(typed, expected));
    match typed {
        Some(typed) if checker.faults.is_empty() => Ok(typed),
        _ => Err(checker.faults),
    }
}

/// Functions return `None` when they have reported a fault; the caller then goes on with its other
/// parts, so that one run finds all of them.
pub(super) struct Checker<'a> {
    text: &'a Spanned<String>,
    pub(super) scope: &'a Scope,
    codes: &'a BTreeMap<String, CodeList>,
    faults: Vec<Fault>,
}

impl Checker<'_> {
    pub(super) fn fault(
        &mut self,
        code: &'static str,
        range: &Range<usize>,
        message: impl Into<String>,
        expected: impl Into<String>,
    ) {
        let span = self.text.inside(range.start, range.len());
        self.faults.push(Fault::new(code, &span, message).expected(expected));
    }

    pub(super) fn fault_with_help(
        &mut self,
        code: &'static str,
        range: &Range<usize>,
        message: impl Into<String>,
        expected: impl Into<String>,
        help: impl Into<String>,
    ) {
        let span = self.text.inside(range.start, range.len());
        self.faults.push(Fault::new(code, &span, message).expected(expected).help(help));
    }

    pub(super) fn source(&self, range: &Range<usize>) -> &str {
        self.text.get(range.clone()).unwrap_or(self.text)
    }

    pub(super) fn place(&self, expression: &Expr) -> Range<usize> {
        place(self.text, expression)
    }

    pub(super) fn expression(&mut self, expression: &Expr) -> Option<Typed> {
        let range = self.place(expression);
        match expression {
            Expr::Identifier(name) => self.name(&name.value, range),
            Expr::Nested(inner) => self.expression(inner),
            Expr::Value(value) => self.literal(value, range),
            Expr::TypedString(typed) if matches!(typed.data_type, SqlType::Date) => {
                let text = typed.value.value.clone().into_string().unwrap_or_default();
                self.date_literal(&text, range)
            }
            Expr::UnaryOp { op: UnaryOperator::Not, expr } => {
                let inner = self.boolean(expr)?;
                let nullable = inner.nullable;
                Some(typed(Node::Not(Box::new(inner)), Type::Boolean, nullable, range))
            }
            Expr::UnaryOp { op: UnaryOperator::Minus, expr } => self.negate(expr, range),
            Expr::UnaryOp { op: UnaryOperator::Plus, expr } => self.number(expr),
            Expr::BinaryOp { left, op, right } => self.binary(left, op, right, range),
            Expr::IsNull(inner) => self.test(inner, Test::Null, false, range),
            Expr::IsNotNull(inner) => self.test(inner, Test::Null, true, range),
            Expr::IsTrue(inner) => self.test(inner, Test::True, false, range),
            Expr::IsNotTrue(inner) => self.test(inner, Test::True, true, range),
            Expr::IsFalse(inner) => self.test(inner, Test::False, false, range),
            Expr::IsNotFalse(inner) => self.test(inner, Test::False, true, range),
            Expr::IsUnknown(inner) => {
                let inner = self.boolean(inner)?;
                Some(is(inner, Test::Null, false, range))
            }
            Expr::IsNotUnknown(inner) => {
                let inner = self.boolean(inner)?;
                Some(is(inner, Test::Null, true, range))
            }
            Expr::IsDistinctFrom(left, right) => {
                self.comparison(left, Operator::IsDistinctFrom, right, range)
            }
            Expr::IsNotDistinctFrom(left, right) => {
                self.comparison(left, Operator::IsNotDistinctFrom, right, range)
            }
            Expr::Between { expr, negated, low, high } => {
                self.between(expr, *negated, low, high, range)
            }
            Expr::InList { expr, list, negated } => self.in_list(expr, list, *negated, range),
            Expr::Like { negated, any: false, expr, pattern, escape_char: None } => {
                self.like(expr, pattern, *negated, range)
            }
            Expr::Case { operand, conditions, else_result, .. } => {
                self.case(operand.as_deref(), conditions, else_result.as_deref(), range)
            }
            Expr::Cast { kind: CastKind::Cast | CastKind::TryCast, expr, data_type, .. } => {
                self.cast(expr, data_type, range)
            }
            Expr::Function(function) => self.call(function, range),
            Expr::Substring { expr, substring_from, substring_for, .. } => {
                let arguments: Vec<&Expr> = std::iter::once(expr.as_ref())
                    .chain(substring_from.as_deref())
                    .chain(substring_for.as_deref())
                    .collect();
                self.call_named("substr", &arguments, range)
            }
            Expr::Extract { field, expr, .. } => {
                let name = match field {
                    DateTimeField::Year => "year",
                    DateTimeField::Month => "month",
                    _ => {
                        self.fault(
                            "RULE-NOT-ALLOWED",
                            &range,
                            "only YEAR and MONTH can be extracted from a date",
                            "EXTRACT(YEAR FROM …) or EXTRACT(MONTH FROM …)",
                        );
                        return None;
                    }
                };
                self.call_named(name, &[expr.as_ref()], range)
            }
            other => {
                self.not_allowed(other, &range);
                None
            }
        }
    }

    fn not_allowed(&mut self, expression: &Expr, range: &Range<usize>) {
        let what = match expression {
            Expr::Subquery(_) | Expr::InSubquery { .. } | Expr::Exists { .. } => "a sub-query",
            Expr::CompoundIdentifier(_) | Expr::CompoundFieldAccess { .. } => "a qualified name",
            Expr::Interval(_) => "an interval that is not added to or subtracted from a date",
            Expr::Tuple(_) | Expr::Array(_) => "a list outside of IN",
            Expr::Ceil { .. } | Expr::Floor { .. } => "rounding to something else than fen",
            Expr::Wildcard(_) | Expr::QualifiedWildcard(..) => "`*`",
            Expr::TypedString(_) => "a literal of this type",
            _ => "this kind of SQL",
        };
        let help = match expression {
            Expr::Subquery(_) | Expr::InSubquery { .. } | Expr::Exists { .. } => {
                "make a variable that aggregates the rows, and use it here"
            }
            Expr::Ceil { .. } | Expr::Floor { .. } => {
                "use ceil_yuan, ceil_fen or fen in the policy's amount"
            }
            Expr::CompoundIdentifier(_) => "write the name alone",
            _ => "see the list of operators and functions in the policy officer's guide",
        };
        self.fault_with_help(
            "RULE-NOT-ALLOWED",
            range,
            format!("{what} is not allowed in a rule"),
            "an expression over the names of the pack",
            help,
        );
    }

    fn name(&mut self, name: &str, range: Range<usize>) -> Option<Typed> {
        if let Some(binding) = self.scope.find_column(name) {
            return Some(Typed {
                node: Node::Column(name.to_owned()),
                kind: binding.kind,
                nullable: binding.nullable,
                dimension: binding.dimension.clone(),
                codes: binding.codes.clone(),
                range,
            });
        }
        if let Some(parameter) = self.scope.find_parameter(name) {
            let help = match parameter.shape {
                ParameterKind::Scalar => {
                    return Some(Typed {
                        node: Node::Parameter(name.to_owned()),
                        kind: parameter.kind,
                        nullable: false,
                        dimension: parameter.dimension.clone(),
                        codes: None,
                        range,
                    });
                }
                ParameterKind::Bracket => format!("bracket(…, {name})"),
                ParameterKind::Table => format!("lookup(…, {name})"),
                ParameterKind::Dates => format!("has_date({name}, period_start, period_end)"),
            };
            self.fault(
                "RULE-PARAMETER",
                &range,
                format!("the parameter `{name}` is not a single number"),
                help,
            );
            return None;
        }
        let span = self.text.inside(range.start, range.len());
        let fault = match self.scope.why_refused(name) {
            Some(why) => {
                Fault::new("RULE-NAME", &span, format!("`{name}` can't be used here: {why}"))
                    .expected("a name that can be used here")
            }
            None => Fault::new("RULE-NAME", &span, format!("unknown name `{name}`"))
                .expected("a variable, a parameter or a built-in name")
                .suggest(name, self.scope.names()),
        };
        self.faults.push(fault);
        None
    }

    fn binary(
        &mut self,
        left: &Expr,
        op: &BinaryOperator,
        right: &Expr,
        range: Range<usize>,
    ) -> Option<Typed> {
        let compare = |op| (Some(op), None);
        let (comparison, arithmetic) = match op {
            BinaryOperator::And | BinaryOperator::Or => {
                let (left, right) = (self.boolean(left), self.boolean(right));
                let (left, right) = (left?, right?);
                let nullable = left.nullable || right.nullable;
                let (left, right) = (Box::new(left), Box::new(right));
                let node = match op {
                    BinaryOperator::And => Node::And(left, right),
                    _ => Node::Or(left, right),
                };
                return Some(typed(node, Type::Boolean, nullable, range));
            }
            BinaryOperator::Eq => compare(Operator::Eq),
            BinaryOperator::NotEq => compare(Operator::NotEq),
            BinaryOperator::Lt => compare(Operator::Lt),
            BinaryOperator::LtEq => compare(Operator::LtEq),
            BinaryOperator::Gt => compare(Operator::Gt),
            BinaryOperator::GtEq => compare(Operator::GtEq),
            BinaryOperator::Plus => (None, Some(Arithmetic::Add)),
            BinaryOperator::Minus => (None, Some(Arithmetic::Subtract)),
            BinaryOperator::Multiply => (None, Some(Arithmetic::Multiply)),
            BinaryOperator::Divide => (None, Some(Arithmetic::Divide)),
            _ => (None, None),
        };
        if let Some(op) = comparison {
            return self.comparison(left, op, right, range);
        }
        let Some(op) = arithmetic else {
            self.fault(
                "RULE-NOT-ALLOWED",
                &range,
                format!("the operator `{op}` is not allowed in a rule"),
                "AND, OR, =, <>, <, <=, >, >=, +, -, * or /",
            );
            return None;
        };
        if let (Arithmetic::Add | Arithmetic::Subtract, Expr::Interval(interval)) = (op, right) {
            return self.shift(left, interval, op == Arithmetic::Subtract, range);
        }
        let (left, right) = (self.operand(left), self.operand(right));
        let (left, right) = (left?, right?);
        if left.kind == Type::Fen || right.kind == Type::Fen {
            return self.fen_arithmetic(op, left, right, range);
        }
        self.arithmetic(op, left, right, range)
    }
}

pub(super) fn typed(node: Node, kind: Type, nullable: bool, range: Range<usize>) -> Typed {
    Typed { node, kind, nullable, dimension: None, codes: None, range }
}
