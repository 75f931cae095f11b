//! The SQL functions of rules, as `DataFusion` functions.
//!
//! They work on whole columns, give unknown for unknown, and never fail on a value.

use std::fmt;
use std::sync::{Arc, LazyLock};

use engine::arrow::array::{
    Array, ArrayRef, AsArray as _, BooleanArray, Int8Array, Int64Array, StructArray,
};
use engine::arrow::buffer::NullBuffer;
use engine::arrow::datatypes::{DataType, Date32Type, Decimal128Type, Field, Fields, Int64Type};
use engine::datafusion::common::{Result, ScalarValue, exec_err, plan_err};
use engine::datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use engine::datafusion::prelude::SessionContext;
use vocab::DivisionCode;

/// Makes the functions known to a session's SQL by their names. Plans that this crate builds carry
/// them along and do not need it.
pub fn register(context: &SessionContext) {
    for function in [age_on(), division_in(), fen(), ceil_yuan(), ceil_fen(), decision()] {
        context.register_udf(function.as_ref().clone());
    }
}

macro_rules! function {
    ($(#[$doc:meta])* $name:ident, $kind:ident) => {
        $(#[$doc])*
        pub(crate) fn $name() -> Arc<ScalarUDF> {
            static FUNCTION: LazyLock<Arc<ScalarUDF>> =
                LazyLock::new(|| Arc::new(ScalarUDF::new_from_impl(Rule::new(Kind::$kind))));
            Arc::clone(&FUNCTION)
        }
    };
}

function!(
    /// `age_on(birth, day)`: completed years. Someone born on 29 February completes a year on
    /// 1 March of a common year (Civil Code, arts. 13 and 1259).
    age_on, AgeOn
);
function!(
    /// `division_in(code, within)`: whether a division lies in another one or is it.
    division_in, DivisionIn
);
function!(
    /// `fen(yuan)`: exact; unknown where a fraction of a fen would be left.
    fen, Fen
);
function!(
    /// `ceil_yuan(yuan)`: in fen, rounded up to the next whole yuan.
    ceil_yuan, CeilYuan
);
function!(
    /// `ceil_fen(yuan)`: in fen, rounded up to the next whole fen.
    ceil_fen, CeilFen
);
function!(
    /// `decision(amount, condition, …)`: outcome, amount and masks; see [`decide_rows`].
    decision, Decision
);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    AgeOn,
    DivisionIn,
    Fen,
    CeilYuan,
    CeilFen,
    Decision,
}

#[derive(PartialEq, Eq, Hash)]
struct Rule {
    kind: Kind,
    signature: Signature,
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Rule {
    fn new(kind: Kind) -> Self {
        let v = Volatility::Immutable;
        let signature = match kind {
            Kind::AgeOn => Signature::exact(vec![DataType::Date32, DataType::Date32], v),
            Kind::DivisionIn => Signature::exact(vec![DataType::Utf8, DataType::Utf8], v),
            Kind::Fen | Kind::CeilYuan | Kind::CeilFen => Signature::any(1, v),
            Kind::Decision => Signature::variadic_any(v),
        };
        Self { kind, signature }
    }
}

impl ScalarUDFImpl for Rule {
    fn name(&self) -> &str {
        match self.kind {
            Kind::AgeOn => "age_on",
            Kind::DivisionIn => "division_in",
            Kind::Fen => "fen",
            Kind::CeilYuan => "ceil_yuan",
            Kind::CeilFen => "ceil_fen",
            Kind::Decision => "decision",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, arguments: &[DataType]) -> Result<DataType> {
        Ok(match self.kind {
            Kind::AgeOn => DataType::Int64,
            Kind::DivisionIn => DataType::Boolean,
            Kind::Fen | Kind::CeilYuan | Kind::CeilFen => match arguments {
                [DataType::Decimal128(..)] => DataType::Int64,
                other => return plan_err!("{} takes a decimal, not {other:?}", self.name()),
            },
            Kind::Decision => DataType::Struct(decision_fields()),
        })
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = arguments.number_rows;
        let array: ArrayRef = match (self.kind, arguments.args.as_slice()) {
            (Kind::AgeOn, [birth, day]) => Arc::new(ages(birth, day, rows)?),
            (Kind::DivisionIn, [code, within]) => Arc::new(inside(code, within, rows)?),
            (Kind::Fen, [yuan]) => Arc::new(round(yuan, rows, exact_fen)?),
            (Kind::CeilYuan, [yuan]) => Arc::new(round(yuan, rows, whole_yuan)?),
            (Kind::CeilFen, [yuan]) => Arc::new(round(yuan, rows, whole_fen)?),
            (Kind::Decision, [amount, conditions @ ..]) => {
                let amount = amount.to_array(rows)?;
                let conditions: Vec<ArrayRef> =
                    conditions.iter().map(|value| value.to_array(rows)).collect::<Result<_>>()?;
                let conditions: Vec<&BooleanArray> =
                    conditions.iter().map(|array| array.as_boolean()).collect();
                Arc::new(decide_rows(amount.as_primitive::<Int64Type>(), &conditions))
            }
            _ => return exec_err!("{} was given the wrong arguments", self.name()),
        };
        Ok(ColumnarValue::Array(array))
    }
}

/// Year, month and day of days since 1970-01-01 in the proleptic Gregorian calendar.
///
/// Counts from 1 March of year 0, so that the leap day is the last day of a year; 146,097 is the
/// number of days in 400 years.
fn civil(days: i32) -> (i64, i64, i64) {
    let days = i64::from(days) + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

fn age(birth: (i64, i64, i64), day: (i64, i64, i64)) -> i64 {
    day.0 - birth.0 - i64::from((day.1, day.2) < (birth.1, birth.2))
}

fn ages(birth: &ColumnarValue, day: &ColumnarValue, rows: usize) -> Result<Int64Array> {
    let birth = birth.to_array(rows)?;
    let birth = birth.as_primitive::<Date32Type>();
    if let ColumnarValue::Scalar(ScalarValue::Date32(day)) = day {
        let Some(day) = day else { return Ok(Int64Array::new_null(rows)) };
        let day = civil(*day);
        return Ok(birth.iter().map(|birth| Some(age(civil(birth?), day))).collect());
    }
    let day = day.to_array(rows)?;
    let day = day.as_primitive::<Date32Type>();
    Ok(birth.iter().zip(day).map(|(birth, day)| Some(age(civil(birth?), civil(day?)))).collect())
}

/// The checker lets only a literal division code through as `within`.
fn inside(code: &ColumnarValue, within: &ColumnarValue, rows: usize) -> Result<BooleanArray> {
    let ColumnarValue::Scalar(ScalarValue::Utf8(within)) = within else {
        return exec_err!("division_in takes a literal as its second argument");
    };
    let Some(within) = within.as_deref().and_then(|code| DivisionCode::parse(code).ok()) else {
        return Ok(BooleanArray::new_null(rows));
    };
    let code = code.to_array(rows)?;
    let codes = code.as_string::<i32>();
    // Codes are hierarchical: what lies inside begins with the significant digits of the outside.
    Ok(codes.iter().map(|code| Some(code?.starts_with(within.as_str()))).collect())
}

fn round(
    yuan: &ColumnarValue,
    rows: usize,
    rounding: fn(i128, i128) -> Option<i128>,
) -> Result<Int64Array> {
    let yuan = yuan.to_array(rows)?;
    let yuan = yuan.as_primitive::<Decimal128Type>();
    let DataType::Decimal128(_, scale) = yuan.data_type() else {
        return exec_err!("a rounding function takes a decimal");
    };
    // A scale between 0 and 38, by the checker; one yuan in units of the decimal's last place.
    let Some(one) = u32::try_from(*scale).ok().and_then(|scale| 10_i128.checked_pow(scale)) else {
        return Ok(Int64Array::new_null(rows));
    };
    Ok(yuan.iter().map(|yuan| i64::try_from(rounding(yuan?, one)?).ok()).collect())
}

fn exact_fen(yuan: i128, one: i128) -> Option<i128> {
    let fen = yuan.checked_mul(100)?;
    (fen % one == 0).then(|| fen / one)
}

fn whole_yuan(yuan: i128, one: i128) -> Option<i128> {
    ceiling(yuan, one).checked_mul(100)
}

fn whole_fen(yuan: i128, one: i128) -> Option<i128> {
    Some(ceiling(yuan.checked_mul(100)?, one))
}

/// `one` is positive.
fn ceiling(value: i128, one: i128) -> i128 {
    value.div_euclid(one) + i128::from(value.rem_euclid(one) != 0)
}

/// Outcome: not entitled.
pub(crate) const NOT: i8 = 0;
/// Outcome: entitled.
pub(crate) const ELIGIBLE: i8 = 1;
/// Outcome: something is unknown.
pub(crate) const ASK: i8 = 2;
/// Most conditions of a policy, exclusions included: one bit of a 64-bit mask is for the amount,
/// one for the sign.
pub(crate) const CONDITIONS_MAX: usize = 62;

/// Fields of a decision.
pub(crate) fn decision_fields() -> Fields {
    Fields::from(vec![
        Field::new("outcome", DataType::Int8, false),
        Field::new("amount", DataType::Int64, true),
        Field::new("held", DataType::Int64, false),
        Field::new("unknown", DataType::Int64, false),
    ])
}

/// Decides for every row.
///
/// * `amount`: what a row would get, in fen; null is unknown, and so is an amount below zero.
/// * `conditions`: at most [`CONDITIONS_MAX`] columns of the same length, null is unknown.
///
/// ```text
/// outcome  Int8   0 when a condition is false; else 2 when one, or the amount, is unknown; else 1
/// amount   Int64  fen, only for outcome 1
/// held     Int64  bit i: condition i is true
/// unknown  Int64  bit i: condition i is unknown; the bit after the last condition: only the amount is
/// ```
pub(crate) fn decide_rows(amount: &Int64Array, conditions: &[&BooleanArray]) -> StructArray {
    let rows = amount.len();
    let (mut held, mut unknown) = (vec![0_i64; rows], vec![0_i64; rows]);
    for (at, condition) in conditions.iter().enumerate() {
        let bit = 1_i64 << at;
        for (row, (held, unknown)) in held.iter_mut().zip(&mut unknown).enumerate() {
            if condition.is_null(row) {
                *unknown |= bit;
            } else if condition.value(row) {
                *held |= bit;
            }
        }
    }
    let all = (1_i64 << conditions.len()) - 1;
    let amount_bit = 1_i64 << conditions.len();
    let mut outcome = Vec::with_capacity(rows);
    let mut paid = Vec::with_capacity(rows);
    for (row, (held, unknown)) in held.iter().zip(&mut unknown).enumerate() {
        let amount = (!amount.is_null(row)).then(|| amount.value(row)).filter(|fen| *fen >= 0);
        let (decided, fen) = match (held | *unknown == all, *unknown == 0, amount) {
            (false, ..) => (NOT, None),
            (true, true, Some(fen)) => (ELIGIBLE, Some(fen)),
            (true, true, None) => {
                *unknown |= amount_bit;
                (ASK, None)
            }
            (true, false, _) => (ASK, None),
        };
        outcome.push(decided);
        paid.push(fen);
    }
    StructArray::new(
        decision_fields(),
        vec![
            Arc::new(Int8Array::from(outcome)),
            Arc::new(Int64Array::from(paid)),
            Arc::new(Int64Array::from(held)),
            Arc::new(Int64Array::from(unknown)),
        ],
        None::<NullBuffer>,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decide(amount: Option<i64>, conditions: &[Option<bool>]) -> (i8, Option<i64>, i64, i64) {
        let columns: Vec<BooleanArray> =
            conditions.iter().map(|value| BooleanArray::from(vec![*value])).collect();
        let decided =
            decide_rows(&Int64Array::from(vec![amount]), &columns.iter().collect::<Vec<_>>());
        let whole = |at: usize| decided.column(at).as_primitive::<Int64Type>().value(0);
        let paid = decided.column(1).as_primitive::<Int64Type>();
        let outcome = decided.column(0).as_primitive::<engine::arrow::datatypes::Int8Type>();
        (outcome.value(0), (!paid.is_null(0)).then(|| paid.value(0)), whole(2), whole(3))
    }

    #[test]
    fn every_combination_of_three_conditions_follows_three_valued_logic() {
        let values = [Some(false), Some(true), None];
        for a in values {
            for b in values {
                for c in values {
                    let all = [a, b, c];
                    let expected = if all.contains(&Some(false)) {
                        NOT
                    } else if all.contains(&None) {
                        ASK
                    } else {
                        ELIGIBLE
                    };
                    let (outcome, amount, held, unknown) = decide(Some(100), &all);
                    assert_eq!(outcome, expected, "{all:?}");
                    assert_eq!(amount, (expected == ELIGIBLE).then_some(100), "{all:?}");
                    for (at, value) in all.iter().enumerate() {
                        assert_eq!(held >> at & 1 == 1, *value == Some(true), "{all:?}");
                        assert_eq!(unknown >> at & 1 == 1, value.is_none(), "{all:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn an_unknown_or_negative_amount_asks_instead_of_paying() {
        assert_eq!(decide(None, &[Some(true), Some(true)]), (ASK, None, 0b11, 0b100));
        assert_eq!(decide(Some(-1), &[Some(true)]), (ASK, None, 0b1, 0b10));
        assert_eq!(decide(Some(0), &[Some(true)]), (ELIGIBLE, Some(0), 0b1, 0));
        assert_eq!(decide(None, &[Some(false)]), (NOT, None, 0, 0));
    }

    #[test]
    fn the_most_conditions_fit_into_the_masks() {
        let all = vec![Some(true); CONDITIONS_MAX];
        let (outcome, _, held, unknown) = decide(Some(1), &all);
        assert_eq!((outcome, held, unknown), (ELIGIBLE, (1 << CONDITIONS_MAX) - 1, 0));
        assert_eq!(decide(None, &all).3, 1 << CONDITIONS_MAX);
    }

    #[test]
    fn ages_are_those_of_the_vocabulary() {
        let epoch = jiff::civil::date(1970, 1, 1);
        for birth in (-40_000..20_000).step_by(17) {
            for day in [19_722, 19_723, 19_781, 19_782, 20_147] {
                let date = |days: i32| {
                    use jiff::ToSpan as _;
                    epoch.checked_add(days.days()).unwrap()
                };
                let expected = i64::from(vocab::date::age_on(date(birth), date(day)));
                assert_eq!(
                    age(civil(birth), civil(day)),
                    expected,
                    "{} {}",
                    date(birth),
                    date(day)
                );
            }
        }
    }

    #[test]
    fn rounding_is_up_and_exact_fen_never_rounds() {
        // 2051.2 yuan and 46.152 yuan, the worked examples of the yearly standards.
        assert_eq!(whole_yuan(20_512, 10), Some(205_200));
        assert_eq!(whole_fen(46_152, 1_000), Some(4_616));
        assert_eq!(whole_fen(46_150, 1_000), Some(4_615));
        assert_eq!(whole_yuan(-15, 10), Some(-100));
        assert_eq!(exact_fen(7_692, 10), Some(76_920));
        assert_eq!(exact_fen(46_152, 1_000), None);
    }
}
