//! Amounts of money, exact, in fen.

use std::fmt;

use rust_decimal::Decimal;

/// An amount of renminbi in whole fen (分, a hundredth of a yuan). May be negative.
///
/// There is no floating point anywhere near it, and every sum says when it doesn't fit. Serialised as the integer number
/// of fen; shown as yuan with two decimals, `12.34`.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
)]
#[serde(transparent)]
pub struct Money(i64);

/// Why a text or number isn't an amount of money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum MoneyError {
    /// Not a decimal number such as `1282` or `769.20`.
    #[error(
        "amount: expected yuan as a plain decimal number, for instance 769.20, without thousands separators or unit"
    )]
    Format,
    /// A part of a fen: the third decimal or a later one isn't zero.
    #[error("amount: finer than a fen; expected at most two decimals")]
    Precision,
    /// Beyond what 64 bits of fen hold (about 92 quadrillion yuan).
    #[error("amount: too large")]
    Range,
}

impl MoneyError {
    /// The stable code of the finding, for files of findings, help pages and screens.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Format => "MONEY-FORMAT",
            Self::Precision => "MONEY-PRECISION",
            Self::Range => "MONEY-RANGE",
        }
    }
}

const FEN_PER_YUAN: i64 = 100;

impl Money {
    /// Nothing, which is not the same as not knowing.
    pub const ZERO: Self = Self(0);

    /// An amount of fen.
    #[must_use]
    pub const fn from_fen(fen: i64) -> Self {
        Self(fen)
    }

    /// An amount of whole yuan; `None` when it doesn't fit.
    #[must_use]
    pub const fn from_yuan(yuan: i64) -> Option<Self> {
        match yuan.checked_mul(FEN_PER_YUAN) {
            Some(fen) => Some(Self(fen)),
            None => None,
        }
    }

    /// The amount in fen.
    #[must_use]
    pub const fn fen(self) -> i64 {
        self.0
    }

    /// Reads yuan as a decimal number: `12`, `12.3`, `12.34`, `12.3400`, `-12.34`.
    ///
    /// # Errors
    ///
    /// [`MoneyError`]: another form (no digits, a separator for thousands, an exponent, a currency sign, white space), a
    /// part of a fen, or an amount that doesn't fit.
    ///
    /// # Examples
    ///
    /// ```
    /// # use huimin_vocab::{Money, MoneyError};
    /// assert_eq!(Money::parse("769.2")?.fen(), 76_920);
    /// assert_eq!(Money::parse("0.005"), Err(MoneyError::Precision));
    /// # Ok::<(), MoneyError>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, MoneyError> {
        let (negative, unsigned) = match text.as_bytes() {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            all => (false, all),
        };
        let mut parts = unsigned.splitn(2, |byte| *byte == b'.');
        let whole = parts.next().unwrap_or_default();
        let decimals = parts.next();
        // `12.` and `.5` are refused: in a table of numbers they are a sign of a cut-off cell.
        if whole.is_empty() || decimals.is_some_and(<[u8]>::is_empty) {
            return Err(MoneyError::Format);
        }
        let decimals = decimals.unwrap_or_default();
        if !whole.iter().chain(decimals).all(u8::is_ascii_digit) {
            return Err(MoneyError::Format);
        }
        if decimals.iter().skip(2).any(|digit| *digit != b'0') {
            return Err(MoneyError::Precision);
        }
        let fen_digits = decimals.iter().chain(b"00").take(2);
        // Summed downwards, because the smallest number has no positive counterpart.
        let fen = whole.iter().chain(fen_digits).try_fold(0_i64, |sum, digit| {
            sum.checked_mul(10)?.checked_sub(i64::from(digit - b'0'))
        });
        let fen = if negative { fen } else { fen.and_then(i64::checked_neg) };
        fen.map(Self).ok_or(MoneyError::Range)
    }

    /// Converts an exact decimal number of yuan.
    ///
    /// # Errors
    ///
    /// [`MoneyError::Precision`] for a part of a fen (round by a named rule first), [`MoneyError::Range`] beyond 64 bits.
    pub fn from_yuan_decimal(yuan: Decimal) -> Result<Self, MoneyError> {
        let yuan = yuan.normalize();
        let scale = yuan.scale();
        let factor = 10_i128.pow(2_u32.checked_sub(scale).ok_or(MoneyError::Precision)?);
        let fen = yuan.mantissa().checked_mul(factor).ok_or(MoneyError::Range)?;
        i64::try_from(fen).map(Self).map_err(|_| MoneyError::Range)
    }

    /// The amount as an exact decimal number of yuan with two decimals.
    #[must_use]
    pub fn to_yuan_decimal(self) -> Decimal {
        Decimal::new(self.0, 2)
    }

    /// The sum; `None` when it doesn't fit.
    #[must_use]
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(fen) => Some(Self(fen)),
            None => None,
        }
    }

    /// The difference; `None` when it doesn't fit.
    #[must_use]
    pub const fn checked_sub(self, other: Self) -> Option<Self> {
        match self.0.checked_sub(other.0) {
            Some(fen) => Some(Self(fen)),
            None => None,
        }
    }

    /// So many times the amount; `None` when it doesn't fit.
    #[must_use]
    pub const fn checked_mul_int(self, times: i64) -> Option<Self> {
        match self.0.checked_mul(times) {
            Some(fen) => Some(Self(fen)),
            None => None,
        }
    }

    /// The sum of many amounts; `None` when it doesn't fit.
    #[must_use]
    pub fn checked_sum(amounts: impl IntoIterator<Item = Self>) -> Option<Self> {
        amounts.into_iter().try_fold(Self::ZERO, Self::checked_add)
    }

    /// The least amount of whole yuan that isn't less (`12.01` → `13.00`, `-12.99` → `-12.00`); `None` when it doesn't fit.
    #[must_use]
    pub const fn ceil_to_yuan(self) -> Option<Self> {
        let part = self.0.rem_euclid(FEN_PER_YUAN);
        if part == 0 {
            return Some(self);
        }
        self.checked_add(Self(FEN_PER_YUAN - part))
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fen = self.0.unsigned_abs();
        let digits = format!("{}.{:02}", fen / 100, fen % 100);
        f.pad_integral(self.0 >= 0, "", &digits)
    }
}

impl std::str::FromStr for Money {
    type Err = MoneyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yuan_become_fen() {
        for (text, fen) in [
            ("0", 0),
            ("12", 1_200),
            ("12.3", 1_230),
            ("12.34", 1_234),
            ("12.3400", 1_234),
            ("769.2", 76_920),
            ("-0.05", -5),
            ("+1.00", 100),
            ("007", 700),
            ("-0", 0),
            ("92233720368547758.07", i64::MAX),
            ("-92233720368547758.08", i64::MIN),
        ] {
            assert_eq!(Money::parse(text), Ok(Money::from_fen(fen)), "{text}");
        }
    }

    #[test]
    fn other_forms_are_refused() {
        for text in [
            "", ".", "-", "+", "1.", ".5", "1,234.00", "1e3", "￥12", "12元", " 12", "12 ", "--1",
            "+-1", "1.2.3", "１２", "NaN", "0x10",
        ] {
            assert_eq!(Money::parse(text), Err(MoneyError::Format), "{text:?}");
        }
    }

    #[test]
    fn parts_of_a_fen_are_refused_and_not_rounded() {
        assert_eq!(Money::parse("0.001"), Err(MoneyError::Precision));
        assert_eq!(Money::parse("12.345"), Err(MoneyError::Precision));
    }

    #[test]
    fn amounts_beyond_the_range_are_refused() {
        for text in [
            "92233720368547758.08",
            "-92233720368547758.09",
            "99999999999999999999999999999999999999999",
        ] {
            assert_eq!(Money::parse(text), Err(MoneyError::Range), "{text}");
        }
    }

    #[test]
    fn two_decimals_are_shown() {
        for (fen, text) in
            [(0, "0.00"), (5, "0.05"), (-5, "-0.05"), (1_234, "12.34"), (-100, "-1.00")]
        {
            assert_eq!(Money::from_fen(fen).to_string(), text);
        }
        assert_eq!(Money::from_fen(i64::MIN).to_string(), "-92233720368547758.08");
        assert_eq!(format!("{:>8}|", Money::from_fen(-123)), "   -1.23|");
    }

    #[test]
    fn whole_yuan_are_reached_upwards() {
        for (fen, whole) in
            [(0, 0), (1, 100), (100, 100), (205_120, 205_200), (-1_299, -1_200), (-1, 0)]
        {
            assert_eq!(Money::from_fen(fen).ceil_to_yuan(), Some(Money::from_fen(whole)), "{fen}");
        }
        assert_eq!(Money::from_fen(i64::MAX).ceil_to_yuan(), None);
        assert_eq!(Money::from_fen(i64::MIN).ceil_to_yuan(), Some(Money::from_fen(i64::MIN + 8)));
    }

    #[test]
    fn sums_that_do_not_fit_say_so() {
        let (most, fen) = (Money::from_fen(i64::MAX), Money::from_fen(1));
        assert_eq!(most.checked_add(fen), None);
        assert_eq!(Money::from_fen(i64::MIN).checked_sub(fen), None);
        assert_eq!(most.checked_mul_int(2), None);
        assert_eq!(Money::from_yuan(i64::MAX), None);
        assert_eq!(Money::checked_sum([most, fen]), None);
        assert_eq!(Money::checked_sum([fen, fen, fen]), Some(Money::from_fen(3)));
    }

    #[test]
    fn decimals_are_converted_exactly() {
        let decimal = |text: &str| text.parse::<Decimal>().expect("a decimal");
        assert_eq!(Money::from_yuan_decimal(decimal("769.2000")), Ok(Money::from_fen(76_920)));
        assert_eq!(Money::from_yuan_decimal(decimal("-0.05")), Ok(Money::from_fen(-5)));
        assert_eq!(Money::from_yuan_decimal(decimal("46.152")), Err(MoneyError::Precision));
        assert_eq!(Money::from_yuan_decimal(Decimal::MAX), Err(MoneyError::Range));
        assert_eq!(Money::from_fen(1_234).to_yuan_decimal().to_string(), "12.34");
    }

    #[test]
    fn serialised_it_is_an_integer_of_fen() {
        assert_eq!(serde_json::to_string(&Money::from_fen(1_234)).expect("serialises"), "1234");
        assert_eq!(serde_json::from_str::<Money>("1234").expect("reads"), Money::from_fen(1_234));
        assert!(serde_json::from_str::<Money>("12.34").is_err());
    }
}
