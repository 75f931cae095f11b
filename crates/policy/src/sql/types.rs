//! The types of rule expressions.

use std::fmt;

use engine::arrow::datatypes::DataType;

/// Most digits of a decimal: what 128 bits hold.
pub(crate) const DIGITS_MAX: u8 = 38;
/// Digits of a 64-bit integer.
pub(crate) const INTEGER_DIGITS: u8 = 19;
/// Digits that a counted or measured whole number may have where it is calculated with. Greater ones
/// become unknown there, so that a broken value can neither overflow nor stop a run.
pub(crate) const INTEGER_ARITHMETIC_DIGITS: u8 = 12;

/// Type of an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Type {
    /// True, false or unknown.
    Boolean,
    /// Whole number, 64 bits.
    Integer,
    /// Exact decimal: `digits` in all, `scale` of them after the point.
    Decimal { digits: u8, scale: u8 },
    /// Text.
    Text,
    /// Calendar date.
    Date,
    /// Money rounded to whole fen by a named function, 64 bits.
    Fen,
    /// The literal NULL, which fits everywhere.
    Null,
}

impl Type {
    /// Money of variables: yuan with two decimals.
    pub(crate) const MONEY: Self = Self::Decimal { digits: 18, scale: 2 };
    /// Decimals of variables.
    pub(crate) const DECIMAL: Self = Self::Decimal { digits: 18, scale: 4 };

    /// The column type that holds it.
    pub(crate) fn arrow(self) -> DataType {
        match self {
            Self::Boolean => DataType::Boolean,
            Self::Integer | Self::Fen => DataType::Int64,
            // A scale is at most 38, so that it fits.
            Self::Decimal { digits, scale } => {
                DataType::Decimal128(digits, i8::try_from(scale).unwrap_or(i8::MAX))
            }
            Self::Text => DataType::Utf8,
            Self::Date => DataType::Date32,
            Self::Null => DataType::Null,
        }
    }

    /// Whether it can be calculated with.
    pub(crate) fn is_number(self) -> bool {
        matches!(self, Self::Integer | Self::Decimal { .. })
    }

    /// The smallest type that holds both; none when they don't mix or would need too many digits.
    pub(crate) fn common(self, other: Self) -> Option<Self> {
        match (self, other) {
            (left, right) if left == right => Some(left),
            (Self::Null, some) | (some, Self::Null) => Some(some),
            (Self::Integer, Self::Decimal { .. }) => {
                Self::Decimal { digits: INTEGER_DIGITS, scale: 0 }.common(other)
            }
            (Self::Decimal { .. }, Self::Integer) => other.common(self),
            (Self::Decimal { digits: d1, scale: s1 }, Self::Decimal { digits: d2, scale: s2 }) => {
                let scale = s1.max(s2);
                let digits = (d1 - s1).max(d2 - s2) + scale;
                (digits <= DIGITS_MAX).then_some(Self::Decimal { digits, scale })
            }
            _ => None,
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Boolean => f.write_str("boolean"),
            Self::Integer => f.write_str("integer"),
            Self::Decimal { scale: 0, .. } => f.write_str("number"),
            Self::Decimal { scale: 1, .. } => f.write_str("number with 1 decimal"),
            Self::Decimal { scale, .. } => write!(f, "number with {scale} decimals"),
            Self::Text => f.write_str("text"),
            Self::Date => f.write_str("date"),
            Self::Fen => f.write_str("amount in fen"),
            Self::Null => f.write_str("NULL"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_integer_and_a_decimal_meet_in_a_decimal_that_holds_both() {
        assert_eq!(Type::Integer.common(Type::MONEY), Some(Type::Decimal { digits: 21, scale: 2 }));
        assert_eq!(Type::DECIMAL.common(Type::MONEY), Some(Type::Decimal { digits: 20, scale: 4 }));
    }

    #[test]
    fn types_that_mean_different_things_do_not_meet() {
        assert_eq!(Type::Text.common(Type::Integer), None);
        assert_eq!(Type::Fen.common(Type::MONEY), None);
        assert_eq!(Type::Boolean.common(Type::Integer), None);
    }

    #[test]
    fn more_digits_than_128_bits_hold_are_refused() {
        let wide = Type::Decimal { digits: 38, scale: 0 };
        assert_eq!(wide.common(Type::MONEY), None);
    }
}
