//! Types for every part of an expression, and all its faults.

use std::ops::Range;

use engine::datafusion::logical_expr::Operator;
use engine::datafusion::scalar::ScalarValue;
use engine::datafusion::sql::sqlparser::ast::{
    BinaryOperator, CaseWhen, CastKind, DataType as SqlType, DateTimeField, ExactNumberInfo, Expr,
    Interval, UnaryOperator, Value, ValueWithSpan,
};
use jiff::civil::Date;
use pack::{CodeList, Fault, ParameterKind, Spanned, VariableType};
use std::collections::BTreeMap;
use std::sync::Arc;

use super::dimension::{self, Dimension};
use super::parse::{self, place};
use super::scope::{Scope, number_type};
use super::tree::{Arithmetic, Node, Test, Typed};
use super::types::{DIGITS_MAX, INTEGER_ARITHMETIC_DIGITS, Type};

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

    fn literal(&mut self, value: &ValueWithSpan, range: Range<usize>) -> Option<Typed> {
        let (scalar, kind) = match &value.value {
            Value::Boolean(truth) => (ScalarValue::Boolean(Some(*truth)), Type::Boolean),
            Value::Null => {
                return Some(typed(Node::Literal(ScalarValue::Null), Type::Null, true, range));
            }
            Value::SingleQuotedString(text) => (ScalarValue::Utf8(Some(text.clone())), Type::Text),
            Value::Number(digits, _) => return self.number_literal(digits, range),
            Value::DoubleQuotedString(text) => {
                self.fault(
                    "RULE-SYNTAX",
                    &range,
                    "a text stands in single quotes in SQL",
                    format!("'{text}'"),
                );
                return None;
            }
            _ => {
                self.fault(
                    "RULE-NOT-ALLOWED",
                    &range,
                    "this kind of literal is not allowed in a rule",
                    "a number, a text in single quotes, DATE '2024-01-31', TRUE, FALSE or NULL",
                );
                return None;
            }
        };
        Some(typed(Node::Literal(scalar), kind, false, range))
    }

    /// Numbers are exact: whole ones are integers, others decimals, never floats.
    fn number_literal(&mut self, digits: &str, range: Range<usize>) -> Option<Typed> {
        if let Ok(whole) = digits.parse::<i64>() {
            let node = Node::Literal(ScalarValue::Int64(Some(whole)));
            return Some(typed(node, Type::Integer, false, range));
        }
        let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
        let mantissa = format!("{whole}{decimals}");
        let plain = mantissa.bytes().all(|byte| byte.is_ascii_digit());
        match (plain.then(|| mantissa.parse::<i128>().ok()).flatten(), u8::try_from(decimals.len()))
        {
            (Some(mantissa), Ok(scale)) if scale <= 20 => Some(typed(
                decimal_literal(mantissa, scale),
                number_type(mantissa, scale),
                false,
                range,
            )),
            _ => {
                self.fault(
                    "RULE-NUMBER",
                    &range,
                    "this number can't be taken exactly",
                    "plain digits, for instance 0.035, with at most 20 decimals",
                );
                None
            }
        }
    }

    fn date_literal(&mut self, text: &str, range: Range<usize>) -> Option<Typed> {
        if let Some(days) = iso_date(text) {
            let node = Node::Literal(ScalarValue::Date32(Some(days)));
            return Some(typed(node, Type::Date, false, range));
        }
        self.fault("RULE-DATE", &range, "this is not a calendar date", "DATE '2024-01-31'");
        None
    }

    pub(super) fn boolean(&mut self, expression: &Expr) -> Option<Typed> {
        let inner = self.expression(expression)?;
        if matches!(inner.kind, Type::Boolean | Type::Null) {
            return Some(self.convert(inner, Type::Boolean));
        }
        self.fault(
            "RULE-TYPE",
            &inner.range,
            format!("`{}` is a {}", self.source(&inner.range), inner.kind),
            "something that is true, false or unknown",
        );
        None
    }

    pub(super) fn number(&mut self, expression: &Expr) -> Option<Typed> {
        let inner = self.expression(expression)?;
        if inner.kind.is_number() {
            return Some(inner);
        }
        let help = match inner.kind {
            Type::Text => "codes are text; a text can't be calculated with",
            Type::Fen => "calculate in yuan first and round once, around the whole",
            _ => "only numbers can be calculated with",
        };
        self.fault_with_help(
            "RULE-TYPE",
            &inner.range,
            format!("`{}` is a {}", self.source(&inner.range), inner.kind),
            "a number",
            help,
        );
        None
    }

    fn negate(&mut self, expression: &Expr, range: Range<usize>) -> Option<Typed> {
        let inner = self.number(expression)?;
        match &inner.node {
            Node::Literal(ScalarValue::Int64(Some(value))) => {
                let node = Node::Literal(ScalarValue::Int64(value.checked_neg()));
                return Some(typed(node, Type::Integer, false, range));
            }
            Node::Literal(ScalarValue::Decimal128(Some(value), digits, scale)) => {
                let node =
                    Node::Literal(ScalarValue::Decimal128(value.checked_neg(), *digits, *scale));
                return Some(typed(node, inner.kind, false, range));
            }
            _ => {}
        }
        let zero =
            typed(Node::Literal(ScalarValue::Int64(Some(0))), Type::Integer, false, range.clone());
        self.arithmetic(Arithmetic::Subtract, zero, inner, range)
    }

    fn test(
        &mut self,
        expression: &Expr,
        what: Test,
        negated: bool,
        range: Range<usize>,
    ) -> Option<Typed> {
        let inner = match what {
            Test::Null => self.expression(expression)?,
            Test::True | Test::False => self.boolean(expression)?,
        };
        Some(is(inner, what, negated, range))
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

    /// A number or an amount in fen.
    fn operand(&mut self, expression: &Expr) -> Option<Typed> {
        let inner = self.expression(expression)?;
        if inner.kind.is_number() || inner.kind == Type::Fen {
            return Some(inner);
        }
        let help = match inner.kind {
            Type::Text => "codes are text; a text can't be calculated with",
            Type::Date => "shift a date by an interval, or take age_on(birth_date, day)",
            Type::Null => "NULL makes the whole unknown; leave it out",
            _ => "only numbers can be calculated with",
        };
        self.fault_with_help(
            "RULE-TYPE",
            &inner.range,
            format!("`{}` is a {}", self.source(&inner.range), inner.kind),
            "a number",
            help,
        );
        None
    }

    fn comparison(
        &mut self,
        left: &Expr,
        op: Operator,
        right: &Expr,
        range: Range<usize>,
    ) -> Option<Typed> {
        let (left, right) = (self.expression(left), self.expression(right));
        self.compare(left?, op, right?, range)
    }

    fn compare(
        &mut self,
        left: Typed,
        op: Operator,
        right: Typed,
        range: Range<usize>,
    ) -> Option<Typed> {
        let distinct = matches!(op, Operator::IsDistinctFrom | Operator::IsNotDistinctFrom);
        if !distinct && (left.kind == Type::Null || right.kind == Type::Null) {
            self.fault(
                "RULE-NULL",
                &range,
                "a comparison with NULL is always unknown",
                "IS NULL or IS NOT NULL",
            );
            return None;
        }
        self.check_code(&left, &right);
        self.check_code(&right, &left);
        let nullable = !distinct && (left.nullable || right.nullable);
        let mut parts = self.unify(vec![left, right], "compared")?.into_iter();
        // `unify` gives back as many as it takes.
        let (left, right) = (parts.next()?, parts.next()?);
        Some(typed(
            Node::Compare(op, Box::new(left), Box::new(right)),
            Type::Boolean,
            nullable,
            range,
        ))
    }

    /// A literal that is compared with a code has to be one of the list.
    fn check_code(&mut self, column: &Typed, literal: &Typed) {
        let (Some(list), Node::Literal(ScalarValue::Utf8(Some(code)))) =
            (&column.codes, &literal.node)
        else {
            return;
        };
        let Some(list) = self.codes.get(list.as_ref()) else { return };
        if !list.contains(code) {
            let known: Vec<String> = list
                .entries
                .iter()
                .map(|entry| format!("'{}' {}", entry.code, entry.name.zh))
                .collect();
            let help = match known.len() {
                0..=12 => known.join(", "),
                more => format!("see codes/{}.yaml for its {more} codes", list.id),
            };
            self.fault_with_help(
                "RULE-CODE",
                &literal.range,
                format!(
                    "'{code}' is not a code of the list `{}`, so that this can never be equal",
                    list.id
                ),
                format!("a code of `{}`", list.id),
                help,
            );
        }
    }

    fn between(
        &mut self,
        value: &Expr,
        negated: bool,
        low: &Expr,
        high: &Expr,
        range: Range<usize>,
    ) -> Option<Typed> {
        let (value, low, high) =
            (self.expression(value), self.expression(low), self.expression(high));
        let (value, low, high) = (value?, low?, high?);
        let from = self.compare(value.clone(), Operator::GtEq, low, range.clone());
        let to = self.compare(value, Operator::LtEq, high, range.clone());
        let (from, to) = (Box::new(from?), Box::new(to?));
        let nullable = from.nullable || to.nullable;
        let both = typed(Node::And(from, to), Type::Boolean, nullable, range.clone());
        Some(if negated {
            typed(Node::Not(Box::new(both)), Type::Boolean, nullable, range)
        } else {
            both
        })
    }

    fn in_list(
        &mut self,
        value: &Expr,
        list: &[Expr],
        negated: bool,
        range: Range<usize>,
    ) -> Option<Typed> {
        let value = self.expression(value);
        let items: Vec<Option<Typed>> = list.iter().map(|item| self.expression(item)).collect();
        let value = value?;
        let items: Vec<Typed> = items.into_iter().collect::<Option<_>>()?;
        if items.iter().any(|item| item.kind == Type::Null) {
            self.fault(
                "RULE-NULL",
                &range,
                "NULL in a list is always unknown",
                "a list without NULL",
            );
            return None;
        }
        for item in &items {
            self.check_code(&value, item);
        }
        let nullable = value.nullable || items.iter().any(|item| item.nullable);
        let mut parts = self.unify(std::iter::once(value).chain(items).collect(), "compared")?;
        let value = Box::new(parts.remove(0));
        Some(typed(Node::InList { value, list: parts, negated }, Type::Boolean, nullable, range))
    }

    fn like(
        &mut self,
        value: &Expr,
        pattern: &Expr,
        negated: bool,
        range: Range<usize>,
    ) -> Option<Typed> {
        let value = self.text(value)?;
        let pattern = self.text(pattern)?;
        let Node::Literal(ScalarValue::Utf8(Some(pattern))) = pattern.node else {
            self.fault(
                "RULE-TYPE",
                &pattern.range,
                "the pattern of LIKE has to be a literal",
                "'…%'",
            );
            return None;
        };
        let nullable = value.nullable;
        Some(typed(
            Node::Like { value: Box::new(value), pattern, negated },
            Type::Boolean,
            nullable,
            range,
        ))
    }

    pub(super) fn text(&mut self, expression: &Expr) -> Option<Typed> {
        let inner = self.expression(expression)?;
        if inner.kind == Type::Text {
            return Some(inner);
        }
        self.fault(
            "RULE-TYPE",
            &inner.range,
            format!("`{}` is a {}", self.source(&inner.range), inner.kind),
            "a text",
        );
        None
    }

    pub(super) fn date(&mut self, expression: &Expr) -> Option<Typed> {
        let inner = self.expression(expression)?;
        match inner.kind {
            Type::Date => Some(inner),
            Type::Text if matches!(inner.node, Node::Literal(_)) => {
                let range = inner.range.clone();
                match literal_text(&inner).and_then(iso_date) {
                    Some(_) => Some(self.convert(inner, Type::Date)),
                    None => self.date_literal("", range),
                }
            }
            kind => {
                self.fault(
                    "RULE-TYPE",
                    &inner.range,
                    format!("`{}` is a {kind}", self.source(&inner.range)),
                    "a date",
                );
                None
            }
        }
    }

    fn case(
        &mut self,
        operand: Option<&Expr>,
        branches: &[CaseWhen],
        otherwise: Option<&Expr>,
        range: Range<usize>,
    ) -> Option<Typed> {
        let operand = match operand {
            Some(operand) => Some(self.expression(operand)?),
            None => None,
        };
        let conditions: Vec<Option<Typed>> = branches
            .iter()
            .map(|branch| match &operand {
                None => self.boolean(&branch.condition),
                Some(operand) => {
                    let value = self.expression(&branch.condition)?;
                    let range = value.range.clone();
                    self.compare(operand.clone(), Operator::Eq, value, range)
                }
            })
            .collect();
        let results: Vec<Option<Typed>> =
            branches.iter().map(|branch| self.expression(&branch.result)).collect();
        let otherwise = otherwise.map(|otherwise| self.expression(otherwise));
        let conditions: Vec<Typed> = conditions.into_iter().collect::<Option<_>>()?;
        let mut results: Vec<Typed> = results.into_iter().collect::<Option<_>>()?;
        let has_otherwise = otherwise.is_some();
        if let Some(otherwise) = otherwise {
            results.push(otherwise?);
        }
        let nullable = !has_otherwise || results.iter().any(|result| result.nullable);
        let mut results = self.unify(results, "results of one CASE")?;
        let first = results.first()?;
        let (kind, dimension, codes) =
            (first.kind, common_dimension(&results), first.codes.clone());
        let otherwise = if has_otherwise { results.pop().map(Box::new) } else { None };
        let whens = conditions.into_iter().zip(results).collect();
        Some(Typed {
            node: Node::Case { whens, otherwise },
            kind,
            nullable,
            dimension,
            codes,
            range,
        })
    }

    /// `CAST` as far as it does not round.
    fn cast(&mut self, expression: &Expr, target: &SqlType, range: Range<usize>) -> Option<Typed> {
        let inner = self.expression(expression)?;
        let target = match target {
            SqlType::Decimal(info) | SqlType::Numeric(info) | SqlType::Dec(info) => match info {
                ExactNumberInfo::PrecisionAndScale(digits, scale)
                    if *digits <= u64::from(DIGITS_MAX)
                        && *scale >= 0
                        && scale.unsigned_abs() <= *digits =>
                {
                    // Both were just found to be small.
                    Some(Type::Decimal {
                        digits: u8::try_from(*digits).ok()?,
                        scale: u8::try_from(*scale).ok()?,
                    })
                }
                _ => None,
            },
            SqlType::Int(_) | SqlType::Integer(_) | SqlType::BigInt(_) => Some(Type::Integer),
            SqlType::Text | SqlType::Varchar(_) | SqlType::String(_) => Some(Type::Text),
            SqlType::Date => Some(Type::Date),
            _ => None,
        };
        let Some(target) = target else {
            self.fault(
                "RULE-CAST",
                &range,
                "a rule can't cast to this type",
                "DECIMAL(digits, decimals), INTEGER, TEXT or DATE",
            );
            return None;
        };
        let from_scale = match inner.kind {
            Type::Decimal { scale, .. } => scale,
            _ => 0,
        };
        let to_scale = match target {
            Type::Decimal { scale, .. } => scale,
            _ => 0,
        };
        let possible = match (inner.kind, target) {
            (Type::Null, _) => true,
            (from, to) if from.is_number() && to.is_number() => {
                if from_scale > to_scale {
                    self.fault_with_help(
                        "RULE-ROUNDING",
                        &range,
                        format!("this cast would round {from_scale} decimals to {to_scale}"),
                        "a type with at least as many decimals",
                        "rounding is only done by fen, ceil_yuan and ceil_fen in a policy's amount",
                    );
                    return None;
                }
                true
            }
            (Type::Text, _) => true,
            (Type::Integer | Type::Date, Type::Text) => true,
            (from, to) => from == to,
        };
        if !possible {
            self.fault(
                "RULE-CAST",
                &range,
                format!("a {} can't be cast to a {target}", inner.kind),
                "another type",
            );
            return None;
        }
        let dimension = inner.dimension.clone();
        Some(Typed {
            node: Node::Cast(Box::new(inner)),
            kind: target,
            nullable: true,
            dimension,
            codes: None,
            range,
        })
    }

    fn shift(
        &mut self,
        date: &Expr,
        interval: &Interval,
        negative: bool,
        range: Range<usize>,
    ) -> Option<Typed> {
        let date = self.date(date)?;
        let count = match interval.value.as_ref() {
            Expr::Value(ValueWithSpan {
                value: Value::SingleQuotedString(text) | Value::Number(text, _),
                ..
            }) => text.trim().parse::<i32>().ok(),
            _ => None,
        };
        let count =
            count.filter(|count| count.abs() <= 12_000).map(|n| if negative { -n } else { n });
        let (months, days) = match (count, &interval.leading_field) {
            (Some(count), Some(DateTimeField::Year | DateTimeField::Years)) => (count * 12, 0),
            (Some(count), Some(DateTimeField::Month | DateTimeField::Months)) => (count, 0),
            (Some(count), Some(DateTimeField::Day | DateTimeField::Days)) => (0, count),
            _ => {
                self.fault(
                    "RULE-DATE",
                    &range,
                    "this interval can't be used in a rule",
                    "INTERVAL '2' DAY, MONTH or YEAR",
                );
                return None;
            }
        };
        let nullable = date.nullable;
        Some(typed(
            Node::ShiftDate { date: Box::new(date), months, days },
            Type::Date,
            nullable,
            range,
        ))
    }

    fn arithmetic(
        &mut self,
        op: Arithmetic,
        left: Typed,
        right: Typed,
        range: Range<usize>,
    ) -> Option<Typed> {
        if op == Arithmetic::Divide {
            return self.divide(left, right, range);
        }
        let dimension = match op {
            Arithmetic::Multiply => self.product_dimension(&left, &right, &range)?,
            _ => self.same_dimension(&left, &right, &range)?,
        };
        let nullable = left.nullable || right.nullable;
        let (left, right) = (self.to_decimal(left), self.to_decimal(right));
        let (Type::Decimal { digits: d1, scale: s1 }, Type::Decimal { digits: d2, scale: s2 }) =
            (left.kind, right.kind)
        else {
            return None;
        };
        // The same formulas as Arrow's kernels use, but refused where those cap.
        let (digits, scale) = if op == Arithmetic::Multiply {
            (d1 + d2 + 1, s1 + s2)
        } else {
            let scale = s1.max(s2);
            (scale + (d1 - s1).max(d2 - s2) + 1, scale)
        };
        if digits > DIGITS_MAX {
            self.too_many_digits(&range);
            return None;
        }
        let node = Node::Arithmetic(op, Box::new(left), Box::new(right));
        Some(Typed {
            node,
            kind: Type::Decimal { digits, scale },
            nullable,
            dimension,
            codes: None,
            range,
        })
    }

    fn divide(&mut self, left: Typed, right: Typed, range: Range<usize>) -> Option<Typed> {
        if left.kind == Type::Integer && right.kind == Type::Integer {
            self.fault_with_help(
                "RULE-INTEGER-DIVISION",
                &range,
                "dividing two whole numbers would cut off what is left",
                "at least one decimal number",
                format!(
                    "write `{}.0` for the divisor if decimals are meant",
                    self.source(&right.range)
                ),
            );
            return None;
        }
        let dimension = match (&left.dimension, &right.dimension) {
            (Some(Dimension::Money), Some(Dimension::Money)) => None,
            (left, _) => left.clone(),
        };
        // A divisor such as 100 or 12.5 has an exact reciprocal: multiply, and nothing is cut off.
        if let Some((mantissa, scale)) = right.number().and_then(|(m, s)| reciprocal(m, s)) {
            let factor = typed(
                decimal_literal(mantissa, scale),
                number_type(mantissa, scale),
                false,
                right.range,
            );
            let mut product = self.arithmetic(Arithmetic::Multiply, left, factor, range)?;
            product.dimension = dimension;
            return Some(product);
        }
        let (left, right) = (self.to_decimal(left), self.to_decimal(right));
        let (Type::Decimal { digits: d1, scale: s1 }, Type::Decimal { scale: s2, .. }) =
            (left.kind, right.kind)
        else {
            return None;
        };
        let wide = s1.max(QUOTIENT_SCALE - ARROW_QUOTIENT_SCALE);
        let dividend = Type::Decimal { digits: d1 - s1 + wide, scale: wide };
        let digits = u32::from(d1 - s1 + wide) + u32::from(ARROW_QUOTIENT_SCALE + s2);
        let Some(digits) = u8::try_from(digits).ok().filter(|digits| *digits <= DIGITS_MAX) else {
            self.too_many_digits(&range);
            return None;
        };
        let left = self.convert(left, dividend);
        let kind = Type::Decimal { digits, scale: wide + ARROW_QUOTIENT_SCALE };
        let node = Node::Arithmetic(Arithmetic::Divide, Box::new(left), Box::new(right));
        // Division by zero is unknown.
        Some(Typed { node, kind, nullable: true, dimension, codes: None, range })
    }

    /// Rounded amounts may be added, subtracted and multiplied by a whole literal.
    fn fen_arithmetic(
        &mut self,
        op: Arithmetic,
        left: Typed,
        right: Typed,
        range: Range<usize>,
    ) -> Option<Typed> {
        let nullable = left.nullable || right.nullable;
        let allowed = match op {
            Arithmetic::Add | Arithmetic::Subtract => {
                (left.kind == Type::Fen || is_zero(&left))
                    && (right.kind == Type::Fen || is_zero(&right))
            }
            Arithmetic::Multiply | Arithmetic::Divide => false,
        };
        if !allowed {
            self.fault_with_help(
                "RULE-FEN",
                &range,
                "an amount in fen is only added to or subtracted from another one",
                "two amounts in fen",
                "calculate in yuan and put the rounding function around the whole",
            );
            return None;
        }
        let (left, right) = (self.convert(left, Type::Fen), self.convert(right, Type::Fen));
        let node = Node::Arithmetic(op, Box::new(left), Box::new(right));
        Some(typed(node, Type::Fen, nullable, range))
    }

    pub(super) fn too_many_digits(&mut self, range: &Range<usize>) {
        self.fault_with_help(
            "RULE-DIGITS",
            range,
            format!("the result could need more than {DIGITS_MAX} digits"),
            "fewer digits",
            "multiply fewer variables with each other, or bound one of them: CAST(x AS DECIMAL(12, 2))",
        );
    }

    fn product_dimension(
        &mut self,
        left: &Typed,
        right: &Typed,
        range: &Range<usize>,
    ) -> Option<Option<Dimension>> {
        match (&left.dimension, &right.dimension) {
            (Some(Dimension::Money), Some(Dimension::Money)) => {
                self.fault(
                    "RULE-UNIT",
                    range,
                    "money is multiplied by money",
                    "money times a number",
                );
                None
            }
            (Some(Dimension::Money), _) | (_, Some(Dimension::Money)) => {
                Some(Some(Dimension::Money))
            }
            _ => Some(None),
        }
    }

    fn same_dimension(
        &mut self,
        left: &Typed,
        right: &Typed,
        range: &Range<usize>,
    ) -> Option<Option<Dimension>> {
        match dimension::same(left.dimension.as_ref(), right.dimension.as_ref()) {
            Ok(dimension) => Some(dimension),
            Err((left, right)) => {
                self.fault(
                    "RULE-UNIT",
                    range,
                    format!("`{}` and `{}` are put together", left.name(), right.name()),
                    "two values of the same unit",
                );
                None
            }
        }
    }

    /// Brings several values to one type; `how` says for the message what is done with them.
    pub(super) fn unify(&mut self, parts: Vec<Typed>, how: &str) -> Option<Vec<Typed>> {
        // A text literal next to a date is a date.
        let dates = parts.iter().any(|part| part.kind == Type::Date);
        let fen = parts.iter().any(|part| part.kind == Type::Fen);
        let mut ready = Vec::with_capacity(parts.len());
        for part in parts {
            let part = match part.kind {
                Type::Text if dates && literal_text(&part).and_then(iso_date).is_some() => {
                    self.convert(part, Type::Date)
                }
                Type::Integer if fen && is_zero(&part) => self.convert(part, Type::Fen),
                _ => part,
            };
            ready.push(part);
        }
        let mut kind = Type::Null;
        for (at, part) in ready.iter().enumerate() {
            match kind.common(literal_kind(part)) {
                Some(common) => kind = common,
                None => {
                    let others = ready.get(..at).unwrap_or_default();
                    let other =
                        others.iter().rev().find(|other| other.kind != Type::Null).unwrap_or(part);
                    self.mixed(other, part, how);
                    return None;
                }
            }
        }
        // Whole numbers among themselves stay integers.
        if ready.iter().all(|part| matches!(part.kind, Type::Integer | Type::Null))
            && ready.iter().any(|part| part.kind == Type::Integer)
        {
            kind = Type::Integer;
        }
        let mut known: Option<&Typed> = None;
        for part in &ready {
            if let Some(before) = known
                && let Err((left, right)) =
                    dimension::same(before.dimension.as_ref(), part.dimension.as_ref())
            {
                let range = part.range.clone();
                self.fault(
                    "RULE-UNIT",
                    &range,
                    format!("{} and {} are {how}", left.name(), right.name()),
                    format!("a value in {}", left.name()),
                );
                return None;
            }
            if part.dimension.is_some() {
                known = Some(part);
            }
        }
        Some(ready.into_iter().map(|part| self.convert(part, kind)).collect())
    }

    fn mixed(&mut self, left: &Typed, right: &Typed, how: &str) {
        let (left_text, right_text) =
            (self.source(&left.range).to_owned(), self.source(&right.range).to_owned());
        let message = format!(
            "`{left_text}` ({}) and `{right_text}` ({}) can't be {how}",
            left.kind, right.kind
        );
        let help = match (left.kind, right.kind) {
            (Type::Text, Type::Integer) => Some(format!("codes are text: write '{right_text}'")),
            (Type::Integer, Type::Text) => Some("codes are text: write the number in quotes".to_owned()),
            (Type::Date, Type::Text) | (Type::Text, Type::Date) => Some("write DATE '2024-01-31'".to_owned()),
            (Type::Fen, _) | (_, Type::Fen) => Some(
                "one is rounded to fen and the other is in yuan: put one rounding function around the whole"
                    .to_owned(),
            ),
            _ => None,
        };
        let expected = format!("a {}", left.kind);
        match help {
            Some(help) => self.fault_with_help("RULE-TYPE", &right.range, message, expected, help),
            None => self.fault("RULE-TYPE", &right.range, message, expected),
        }
    }

    pub(super) fn to_decimal(&self, value: Typed) -> Typed {
        match (value.kind, value.number()) {
            (Type::Decimal { .. }, _) => value,
            (_, Some((mantissa, scale))) => {
                let kind = number_type(mantissa, scale);
                self.convert(value, kind)
            }
            _ => {
                let kind = Type::Decimal { digits: INTEGER_ARITHMETIC_DIGITS, scale: 0 };
                Typed { nullable: true, ..self.convert(value, kind) }
            }
        }
    }

    /// Converts a value to a type that can hold it.
    pub(super) fn convert(&self, value: Typed, kind: Type) -> Typed {
        if value.kind == kind {
            return value;
        }
        if let Some(literal) = converted_literal(&value, kind) {
            return Typed { node: Node::Literal(literal), kind, ..value };
        }
        Typed {
            kind,
            nullable: value.nullable,
            dimension: value.dimension.clone(),
            codes: value.codes.clone(),
            range: value.range.clone(),
            node: Node::Cast(Box::new(value)),
        }
    }

    fn expect(&mut self, value: Typed, expected: Expected) -> Option<Typed> {
        let found = value.kind;
        let range = value.range.clone();
        match expected {
            Expected::Condition => {
                if matches!(found, Type::Boolean | Type::Null) {
                    return Some(self.convert(value, Type::Boolean));
                }
                self.fault(
                    "RULE-TYPE",
                    &range,
                    format!("a condition has to be true, false or unknown; this is a {found}"),
                    "a comparison or a boolean variable",
                );
            }
            Expected::Amount => {
                if found == Type::Fen || is_zero(&value) {
                    return Some(self.convert(value, Type::Fen));
                }
                self.fault_with_help(
                    "RULE-AMOUNT",
                    &range,
                    format!("an amount has to be in whole fen; this is a {found}"),
                    "fen(…), ceil_fen(…) or ceil_yuan(…)",
                    "say how the amount is rounded: fen (exact), ceil_fen or ceil_yuan (rounded up)",
                );
            }
            Expected::Sortable => {
                if !matches!(found, Type::Null | Type::Boolean) {
                    return Some(value);
                }
                self.fault(
                    "RULE-TYPE",
                    &range,
                    format!("a {found} has no order"),
                    "a date, text or number",
                );
            }
            Expected::Variable(wanted) => return self.variable(value, wanted),
        }
        None
    }

    fn variable(&mut self, value: Typed, wanted: VariableType) -> Option<Typed> {
        let found = value.kind;
        let range = value.range.clone();
        let target = variable_type(wanted);
        let scale = |kind| match kind {
            Type::Decimal { scale, .. } => scale,
            _ => 0,
        };
        if found.is_number() && target.is_number() {
            if scale(found) > scale(target) {
                self.fault_with_help(
                    "RULE-ROUNDING",
                    &range,
                    format!("this has {} decimals; the variable keeps {}", scale(found), scale(target)),
                    format!("at most {} decimals", scale(target)),
                    "rounding is only done by a named function in a policy's amount; calculate there",
                );
                return None;
            }
            if let (VariableType::Money, Some(other @ Dimension::Other(_))) =
                (wanted, &value.dimension)
            {
                let message = format!("a money variable is given {}", other.name());
                self.fault("RULE-UNIT", &range, message, "an amount of money");
                return None;
            }
            // Digits in front of the point that don't fit become unknown.
            let nullable = value.nullable || found != target;
            let mut value = self.convert(value, target);
            value.nullable = nullable;
            return Some(value);
        }
        if found == target || found == Type::Null {
            return Some(self.convert(value, target));
        }
        if target == Type::Date && literal_text(&value).and_then(iso_date).is_some() {
            return Some(self.convert(value, target));
        }
        if found == Type::Fen {
            self.fault_with_help(
                "RULE-FEN",
                &range,
                "a variable is in yuan, not rounded to fen",
                "an amount in yuan",
                "round in the policy's amount only",
            );
            return None;
        }
        self.fault(
            "RULE-TYPE",
            &range,
            format!("the variable is declared as {}; this is a {found}", variable_word(wanted)),
            format!("a {target}"),
        );
        None
    }
}

/// Decimals that a quotient keeps at least. It is cut off there, not rounded.
const QUOTIENT_SCALE: u8 = 10;
/// Decimals that Arrow's division adds to those of the dividend.
const ARROW_QUOTIENT_SCALE: u8 = 4;

/// The type of a variable's column.
pub(crate) fn variable_type(kind: VariableType) -> Type {
    match kind {
        VariableType::Money => Type::MONEY,
        VariableType::Integer => Type::Integer,
        VariableType::Decimal => Type::DECIMAL,
        VariableType::Boolean => Type::Boolean,
        VariableType::Text => Type::Text,
        VariableType::Date => Type::Date,
    }
}

fn variable_word(kind: VariableType) -> &'static str {
    match kind {
        VariableType::Money => "money",
        VariableType::Integer => "integer",
        VariableType::Decimal => "decimal",
        VariableType::Boolean => "boolean",
        VariableType::Text => "text",
        VariableType::Date => "date",
    }
}

pub(super) fn typed(node: Node, kind: Type, nullable: bool, range: Range<usize>) -> Typed {
    Typed { node, kind, nullable, dimension: None, codes: None, range }
}

fn is(inner: Typed, what: Test, negated: bool, range: Range<usize>) -> Typed {
    typed(Node::Is { what, negated, inner: Box::new(inner) }, Type::Boolean, false, range)
}

pub(super) fn is_zero(value: &Typed) -> bool {
    matches!(value.number(), Some((0, _)))
}

/// The type that a value needs; a literal needs no more digits than it has.
fn literal_kind(value: &Typed) -> Type {
    match (value.kind, value.number()) {
        (Type::Integer | Type::Decimal { .. }, Some((mantissa, scale))) => {
            number_type(mantissa, scale)
        }
        (kind, _) => kind,
    }
}

pub(super) fn common_dimension(values: &[Typed]) -> Option<Dimension> {
    values.iter().find_map(|value| value.dimension.clone())
}

fn decimal_literal(mantissa: i128, scale: u8) -> Node {
    let Type::Decimal { digits, .. } = number_type(mantissa, scale) else {
        return Node::Literal(ScalarValue::Null);
    };
    // A scale of a checked literal is at most 38.
    Node::Literal(ScalarValue::Decimal128(
        Some(mantissa),
        digits,
        i8::try_from(scale).unwrap_or(i8::MAX),
    ))
}

fn literal_text(value: &Typed) -> Option<&str> {
    match &value.node {
        Node::Literal(ScalarValue::Utf8(Some(text))) => Some(text),
        _ => None,
    }
}

/// Days since 1970-01-01 of a date written `YYYY-MM-DD`.
pub(crate) fn iso_date(text: &str) -> Option<i32> {
    let date: Date = (text.len() == 10).then(|| text.parse().ok()).flatten()?;
    Some(days(date))
}

/// Days since 1970-01-01, as Arrow's `Date32` counts.
pub(crate) fn days(date: Date) -> i32 {
    // The years -9999 to 9999 are at most 3.7 million days away.
    date.since(Date::constant(1970, 1, 1)).map_or(0, |span| span.get_days())
}

/// A literal in another type, where that is exact.
fn converted_literal(value: &Typed, kind: Type) -> Option<ScalarValue> {
    match (&value.node, kind) {
        (Node::Literal(ScalarValue::Null), kind) => ScalarValue::try_from(&kind.arrow()).ok(),
        (Node::Literal(ScalarValue::Utf8(Some(text))), Type::Date) => {
            Some(ScalarValue::Date32(Some(iso_date(text)?)))
        }
        (Node::Literal(ScalarValue::Int64(Some(0))), Type::Fen) => {
            Some(ScalarValue::Int64(Some(0)))
        }
        (Node::Literal(_), Type::Fen) if is_zero(value) => Some(ScalarValue::Int64(Some(0))),
        (Node::Literal(_), Type::Decimal { digits, scale }) => {
            let (mantissa, from) = value.number()?;
            let factor = 10_i128.checked_pow(u32::from(scale.checked_sub(from)?))?;
            let mantissa = mantissa.checked_mul(factor)?;
            let Type::Decimal { digits: needed, .. } = number_type(mantissa, scale) else {
                return None;
            };
            (needed <= digits).then_some(ScalarValue::Decimal128(
                Some(mantissa),
                digits,
                i8::try_from(scale).ok()?,
            ))
        }
        _ => None,
    }
}

/// 1 / (`mantissa` × 10^-`scale`) where it is a decimal of at most ten places.
fn reciprocal(mantissa: i128, scale: u8) -> Option<(i128, u8)> {
    if mantissa == 0 {
        return None;
    }
    (0..=10_u8).find_map(|places| {
        let power = 10_i128.checked_pow(u32::from(places) + u32::from(scale))?;
        (power % mantissa == 0).then(|| (power / mantissa, places))
    })
}

/// The codes that an expression's values are of.
pub(super) fn common_codes(values: &[Typed]) -> Option<Arc<str>> {
    let first = values.iter().find(|value| value.codes.is_some())?.codes.clone();
    values
        .iter()
        .all(|value| value.codes == first || matches!(value.node, Node::Literal(_)))
        .then_some(first)
        .flatten()
}
