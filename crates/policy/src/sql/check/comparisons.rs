//! Comparisons: what can be compared with what, and whether a code is in its list.

use std::ops::Range;

use engine::datafusion::logical_expr::Operator;
use engine::datafusion::scalar::ScalarValue;
use engine::datafusion::sql::sqlparser::ast::Expr;
use std::sync::Arc;

use crate::sql::tree::{Node, Test, Typed};
use crate::sql::types::Type;

use super::{Checker, typed};

impl Checker<'_> {
    pub(super) fn test(
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

    pub(super) fn comparison(
        &mut self,
        left: &Expr,
        op: Operator,
        right: &Expr,
        range: Range<usize>,
    ) -> Option<Typed> {
        let (left, right) = (self.expression(left), self.expression(right));
        self.compare(left?, op, right?, range)
    }

    pub(super) fn compare(
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
    pub(super) fn check_code(&mut self, column: &Typed, literal: &Typed) {
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

    pub(super) fn between(
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

    pub(super) fn in_list(
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

    pub(super) fn like(
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
}

pub(super) fn is(inner: Typed, what: Test, negated: bool, range: Range<usize>) -> Typed {
    typed(Node::Is { what, negated, inner: Box::new(inner) }, Type::Boolean, false, range)
}

/// The codes that an expression's values are of.
pub(in crate::sql) fn common_codes(values: &[Typed]) -> Option<Arc<str>> {
    let first = values.iter().find(|value| value.codes.is_some())?.codes.clone();
    values
        .iter()
        .all(|value| value.codes == first || matches!(value.node, Node::Literal(_)))
        .then_some(first)
        .flatten()
}
