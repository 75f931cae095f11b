//! Arithmetic: exact decimals, units, money in fen, days added to dates.

use std::ops::Range;

use engine::datafusion::scalar::ScalarValue;
use engine::datafusion::sql::sqlparser::ast::{
    DateTimeField, Expr, Interval, Value, ValueWithSpan,
};

use crate::sql::dimension::{self, Dimension};
use crate::sql::scope::number_type;
use crate::sql::tree::{Arithmetic, Node, Typed};
use crate::sql::types::{DIGITS_MAX, Type};

use super::{Checker, literals::decimal_literal, typed};

impl Checker<'_> {
    pub(super) fn negate(&mut self, expression: &Expr, range: Range<usize>) -> Option<Typed> {
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

    /// A number or an amount in fen.
    pub(super) fn operand(&mut self, expression: &Expr) -> Option<Typed> {
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

    pub(super) fn shift(
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

    pub(super) fn arithmetic(
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

    pub(super) fn divide(
        &mut self,
        left: Typed,
        right: Typed,
        range: Range<usize>,
    ) -> Option<Typed> {
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
    pub(super) fn fen_arithmetic(
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

    pub(in crate::sql) fn too_many_digits(&mut self, range: &Range<usize>) {
        self.fault_with_help(
            "RULE-DIGITS",
            range,
            format!("the result could need more than {DIGITS_MAX} digits"),
            "fewer digits",
            "multiply fewer variables with each other, or bound one of them: CAST(x AS DECIMAL(12, 2))",
        );
    }

    pub(super) fn product_dimension(
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

    pub(super) fn same_dimension(
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
}

/// Decimals that a quotient keeps at least. It is cut off there, not rounded.
const QUOTIENT_SCALE: u8 = 10;

/// Decimals that Arrow's division adds to those of the dividend.
const ARROW_QUOTIENT_SCALE: u8 = 4;

pub(in crate::sql) fn is_zero(value: &Typed) -> bool {
    matches!(value.number(), Some((0, _)))
}

pub(in crate::sql) fn common_dimension(values: &[Typed]) -> Option<Dimension> {
    values.iter().find_map(|value| value.dimension.clone())
}

/// 1 / (`mantissa` × 10^-`scale`) where it is a decimal of at most ten places.
pub(super) fn reciprocal(mantissa: i128, scale: u8) -> Option<(i128, u8)> {
    if mantissa == 0 {
        return None;
    }
    (0..=10_u8).find_map(|places| {
        let power = 10_i128.checked_pow(u32::from(places) + u32::from(scale))?;
        (power % mantissa == 0).then(|| (power / mantissa, places))
    })
}
