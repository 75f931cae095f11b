//! Literals: numbers kept exact, dates, and texts that stand for one of them.

use std::ops::Range;

use engine::datafusion::scalar::ScalarValue;
use engine::datafusion::sql::sqlparser::ast::{Value, ValueWithSpan};
use jiff::civil::Date;

use crate::sql::scope::number_type;
use crate::sql::tree::{Node, Typed};
use crate::sql::types::Type;

use super::{Checker, arithmetic::is_zero, typed};

impl Checker<'_> {
    pub(super) fn literal(&mut self, value: &ValueWithSpan, range: Range<usize>) -> Option<Typed> {
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
    pub(super) fn number_literal(&mut self, digits: &str, range: Range<usize>) -> Option<Typed> {
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

    pub(super) fn date_literal(&mut self, text: &str, range: Range<usize>) -> Option<Typed> {
        if let Some(days) = iso_date(text) {
            let node = Node::Literal(ScalarValue::Date32(Some(days)));
            return Some(typed(node, Type::Date, false, range));
        }
        self.fault("RULE-DATE", &range, "this is not a calendar date", "DATE '2024-01-31'");
        None
    }
}

pub(super) fn decimal_literal(mantissa: i128, scale: u8) -> Node {
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

pub(super) fn literal_text(value: &Typed) -> Option<&str> {
    match &value.node {
        Node::Literal(ScalarValue::Utf8(Some(text))) => Some(text),
        _ => None,
    }
}

/// The type that a value needs; a literal needs no more digits than it has.
pub(super) fn literal_kind(value: &Typed) -> Type {
    match (value.kind, value.number()) {
        (Type::Integer | Type::Decimal { .. }, Some((mantissa, scale))) => {
            number_type(mantissa, scale)
        }
        (kind, _) => kind,
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
pub(super) fn converted_literal(value: &Typed, kind: Type) -> Option<ScalarValue> {
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
