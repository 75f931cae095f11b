//! Days as whole numbers: compact in the world's tables, quick to compare and to add.

/// A calendar day, counted from 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Day(pub(crate) i32);

impl Day {
    /// Later than every day: what has not happened. One word instead of an `Option` in tables of millions.
    pub(crate) const NEVER: Self = Self(i32::MAX);

    /// The day of a year, month (1 to 12) and day of month; a day beyond the month's end counts on into the next.
    pub(crate) const fn new(year: i32, month: i32, day: i32) -> Self {
        // Days from civil, after Howard Hinnant: years begin in March, so that the leap day is the last of its year.
        let year = if month <= 2 { year - 1 } else { year };
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let shifted = (month + 9) % 12;
        let day_of_year = (153 * shifted + 2) / 5 + day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        Self(era * 146_097 + day_of_era - 719_468)
    }

    /// Year, month and day of month.
    pub(crate) const fn civil(self) -> (i32, i32, i32) {
        let days = self.0 + 719_468;
        let era = days.div_euclid(146_097);
        let day_of_era = days.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted + 2) / 5 + 1;
        let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
        let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
        (year, month, day)
    }

    /// The day so many days later.
    pub(crate) const fn plus(self, days: i32) -> Self {
        Self(self.0.saturating_add(days))
    }

    /// Has it happened, by the end of the given day?
    pub(crate) fn by(self, day: Self) -> bool {
        self <= day
    }

    /// The day, unless it is [`Day::NEVER`].
    pub(crate) fn happened(self) -> Option<Self> {
        (self != Self::NEVER).then_some(self)
    }

    /// Completed years of life on a day of somebody born on this one; a 29 February completes on 1 March.
    pub(crate) fn age_on(self, day: Self) -> i32 {
        let (birth_year, birth_month, birth_day) = self.civil();
        let (year, month, day_of_month) = day.civil();
        year - birth_year - i32::from((month, day_of_month) < (birth_month, birth_day))
    }

    /// The same day as the calendar type of the vocabulary; `None` outside its years.
    pub(crate) fn date(self) -> Option<jiff::civil::Date> {
        let (year, month, day) = self.civil();
        jiff::civil::Date::new(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?)
            .ok()
    }
}

/// A month of the simulation, with its days and its ordinal number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Month {
    /// 0 is the first month delivered; months before it are negative.
    pub(crate) index: i32,
    /// The year.
    pub(crate) year: i32,
    /// 1 to 12.
    pub(crate) month: i32,
    /// First day.
    pub(crate) first: Day,
    /// Last day.
    pub(crate) last: Day,
}

impl Month {
    /// The month with this index, when month 0 is that of the given year and month.
    pub(crate) const fn new(start_year: i32, start_month: i32, index: i32) -> Self {
        let months = start_year * 12 + start_month - 1 + index;
        let (year, month) = (months.div_euclid(12), months.rem_euclid(12) + 1);
        let (next_year, next_month) =
            ((months + 1).div_euclid(12), (months + 1).rem_euclid(12) + 1);
        Self {
            index,
            year,
            month,
            first: Day::new(year, month, 1),
            last: Day::new(next_year, next_month, 1).plus(-1),
        }
    }

    /// The month so many months later.
    pub(crate) const fn plus(self, months: i32) -> Self {
        let mut moved = Self::new(self.year, self.month, months);
        moved.index = self.index + months;
        moved
    }

    /// Number of days.
    pub(crate) const fn length(self) -> i32 {
        self.last.0 - self.first.0 + 1
    }

    /// Does the day lie in it?
    pub(crate) fn contains(self, day: Day) -> bool {
        self.first <= day && day <= self.last
    }

    /// The index of the month in which a day lies, on the same scale as [`Month::index`].
    pub(crate) const fn index_of(self, day: Day) -> i32 {
        let (year, month, _) = day.civil();
        (year - self.year) * 12 + month - self.month + self.index
    }
}

impl std::fmt::Display for Month {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates_agree_with_the_calendar_library_over_two_centuries() {
        let epoch = jiff::civil::date(1970, 1, 1);
        for number in (-40_000..60_000).step_by(7) {
            let date = Day(number).date().expect("a date of the years 1860 to 2134");
            assert_eq!(epoch.until(date).expect("a span of days").get_days(), number);
            let (year, month, day) = Day(number).civil();
            assert_eq!(Day::new(year, month, day), Day(number));
        }
    }

    #[test]
    fn a_leap_day_birthday_completes_on_the_first_of_march() {
        let birth = Day::new(2016, 2, 29);
        assert_eq!(birth.age_on(Day::new(2023, 2, 28)), 6);
        assert_eq!(birth.age_on(Day::new(2023, 3, 1)), 7);
        assert_eq!(birth.age_on(Day::new(2024, 2, 29)), 8);
    }

    #[test]
    fn months_count_over_the_turn_of_the_year() {
        let month = Month::new(2024, 1, 13);
        assert_eq!((month.year, month.month, month.length()), (2025, 2, 28));
        assert_eq!(Month::new(2024, 1, 0).plus(-1).to_string(), "2023-12");
        assert_eq!(Month::new(2024, 1, 0).index_of(Day::new(2023, 11, 30)), -2);
        assert_eq!(Month::new(2024, 1, 0).plus(3).index_of(Day::new(2024, 1, 5)), 0);
    }
}
