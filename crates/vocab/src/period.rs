//! Months, the periods that decisions are made for.

use std::fmt;

use jiff::civil::Date;

use crate::date::{civil, number};

/// A calendar month `YYYY-MM`, from 0001-01 to 9999-12.
///
/// A decision is *for* a period; quarters and years are sets of months.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    first: Date,
}

/// Why a text isn't a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[error("period: expected a month as YYYY-MM, for instance 2024-01")]
pub struct PeriodError;

impl PeriodError {
    /// The stable code of the finding, for files of findings, help pages and screens.
    #[must_use]
    pub fn code(self) -> &'static str {
        "PERIOD-FORMAT"
    }
}

impl Period {
    /// The month of a year; `None` unless the year is 1 to 9999 and the month 1 to 12.
    #[must_use]
    pub fn new(year: i16, month: i8) -> Option<Self> {
        let first = civil(year.try_into().ok()?, month.try_into().ok()?, 1)?;
        Some(Self { first })
    }

    /// The month in which a day lies; `None` for a day before the year 1.
    #[must_use]
    pub fn of(day: Date) -> Option<Self> {
        Self::new(day.year(), day.month())
    }

    /// Reads `YYYY-MM`.
    ///
    /// # Errors
    ///
    /// [`PeriodError`] for any other form.
    ///
    /// # Examples
    ///
    /// ```
    /// # use huimin_vocab::Period;
    /// let period = Period::parse("2024-02")?;
    /// assert_eq!(period.last_day(), jiff::civil::date(2024, 2, 29));
    /// assert_eq!(period.next().to_string(), "2024-03");
    /// # Ok::<(), huimin_vocab::PeriodError>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, PeriodError> {
        let Ok(&[y1, y2, y3, y4, b'-', m1, m2]) = <&[u8; 7]>::try_from(text.as_bytes()) else {
            return Err(PeriodError);
        };
        let year = number(&[y1, y2, y3, y4]).ok_or(PeriodError)?;
        let month = number(&[m1, m2]).ok_or(PeriodError)?;
        civil(year, month, 1).map(|first| Self { first }).ok_or(PeriodError)
    }

    /// The year, 1 to 9999.
    #[must_use]
    pub fn year(self) -> i16 {
        self.first.year()
    }

    /// The month, 1 to 12.
    #[must_use]
    pub fn month(self) -> i8 {
        self.first.month()
    }

    /// The first day of the month.
    #[must_use]
    pub fn first_day(self) -> Date {
        self.first
    }

    /// The last day of the month.
    #[must_use]
    pub fn last_day(self) -> Date {
        self.first.last_of_month()
    }

    /// Says whether the day lies in the month.
    #[must_use]
    pub fn contains(self, day: Date) -> bool {
        self.first <= day && day <= self.last_day()
    }

    /// The month after. The last month of the calendar, 9999-12, is its own successor.
    #[must_use]
    pub fn next(self) -> Self {
        self.plus_months(1).unwrap_or(self)
    }

    /// The month before. The first month of the calendar, 0001-01, is its own predecessor.
    #[must_use]
    pub fn previous(self) -> Self {
        self.plus_months(-1).unwrap_or(self)
    }

    /// The month so many months later (earlier, if negative); `None` outside the calendar.
    #[must_use]
    pub fn plus_months(self, months: i32) -> Option<Self> {
        let index = self.index().checked_add(months)?;
        Self::new(
            index.div_euclid(12).try_into().ok()?,
            (index.rem_euclid(12) + 1).try_into().ok()?,
        )
    }

    /// How many months this one lies after `earlier`; negative if it lies before.
    #[must_use]
    pub fn months_since(self, earlier: Self) -> i32 {
        self.index() - earlier.index()
    }

    /// The months from this one to `last`, both included; none when `last` is earlier.
    pub fn through(self, last: Self) -> impl Iterator<Item = Self> {
        (0..=last.months_since(self)).filter_map(move |months| self.plus_months(months))
    }

    fn index(self) -> i32 {
        i32::from(self.year()) * 12 + i32::from(self.month()) - 1
    }

    fn to_bytes(self) -> [u8; 7] {
        let digit = |value: i16| b'0' + u8::try_from(value.rem_euclid(10)).unwrap_or_default();
        let (year, month) = (self.year(), i16::from(self.month()));
        [
            digit(year / 1000),
            digit(year / 100),
            digit(year / 10),
            digit(year),
            b'-',
            digit(month / 10),
            digit(month),
        ]
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Seven ASCII characters, so that the fallback is never used.
        f.pad(std::str::from_utf8(&self.to_bytes()).unwrap_or_default())
    }
}

impl fmt::Debug for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Period({self})")
    }
}

impl std::str::FromStr for Period {
    type Err = PeriodError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

crate::serde_text::serde_by_text!(Period, |period| &period.to_string(), "a month as YYYY-MM");

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[track_caller]
    fn period(text: &str) -> Period {
        Period::parse(text).expect("a month")
    }

    #[test]
    fn a_month_has_its_first_and_last_day() {
        for (text, first, last) in [
            ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
            ("2023-02", date(2023, 2, 1), date(2023, 2, 28)),
            ("2024-12", date(2024, 12, 1), date(2024, 12, 31)),
            ("9999-12", date(9999, 12, 1), date(9999, 12, 31)),
        ] {
            assert_eq!((period(text).first_day(), period(text).last_day()), (first, last));
        }
    }

    #[test]
    fn other_forms_are_refused() {
        for text in [
            "",
            "2024",
            "2024-1",
            "2024-13",
            "2024-00",
            "0000-01",
            "202401",
            "2024/01",
            "2024-01-01",
            "+024-01",
            "年-01",
        ] {
            assert_eq!(Period::parse(text), Err(PeriodError), "{text}");
        }
    }

    #[test]
    fn months_follow_each_other_over_the_end_of_the_year() {
        assert_eq!(period("2024-12").next(), period("2025-01"));
        assert_eq!(period("2025-01").previous(), period("2024-12"));
        assert_eq!(period("2024-01").plus_months(-13), Some(period("2022-12")));
        assert_eq!(period("2025-01").months_since(period("2023-11")), 14);
    }

    #[test]
    fn the_calendar_has_ends() {
        assert_eq!(period("9999-12").next(), period("9999-12"));
        assert_eq!(period("0001-01").previous(), period("0001-01"));
        assert_eq!(period("2024-01").plus_months(i32::MAX), None);
        assert_eq!(period("2024-01").plus_months(i32::MIN), None);
        assert_eq!(Period::of(Date::MIN), None);
    }

    #[test]
    fn a_month_contains_its_days_only() {
        let february = period("2024-02");
        assert!(february.contains(date(2024, 2, 1)) && february.contains(date(2024, 2, 29)));
        assert!(!february.contains(date(2024, 1, 31)) && !february.contains(date(2024, 3, 1)));
    }

    #[test]
    fn a_span_includes_both_ends() {
        let months: Vec<String> =
            period("2023-11").through(period("2024-02")).map(|p| p.to_string()).collect();
        assert_eq!(months, ["2023-11", "2023-12", "2024-01", "2024-02"]);
        assert_eq!(period("2024-02").through(period("2024-01")).count(), 0);
    }

    #[test]
    fn order_is_that_of_time() {
        assert!(period("2023-12") < period("2024-01"));
        assert_eq!(format!("{:?}", period("0044-03")), "Period(0044-03)");
    }
}
