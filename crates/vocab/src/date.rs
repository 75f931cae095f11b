//! Calendar dates as departments write them, and ages as the law counts them.
//!
//! Dates are civil dates without time or zone, so that a birthday can't move by a day.
//! Nothing here knows today's date: a date in the future is a date.

use jiff::civil::Date;

/// Reads a date in one of the spellings that department files use.
///
/// Accepted, with a four-digit year and one or two digits for month and day:
/// `2024-01-05`, `2024/1/5`, `2024.1.5`, `2024年1月5日`, and eight digits `20240105`.
/// White space around it is ignored. Anything else is `None`: two different separators, a time of day, a two-digit
/// year, a date that isn't in the calendar, and a spreadsheet's serial number, which only the reader of the spreadsheet
/// can tell from an eight-digit date.
///
/// # Examples
///
/// ```
/// # use huimin_vocab::date::parse_loose;
/// let day = jiff::civil::date(2024, 1, 5);
/// assert_eq!(parse_loose("2024年1月5日"), Some(day));
/// assert_eq!(parse_loose("20240105"), Some(day));
/// assert_eq!(parse_loose("2023-02-29"), None);
/// ```
#[must_use]
pub fn parse_loose(text: &str) -> Option<Date> {
    let bytes = text.trim().as_bytes();
    let (year, rest) = bytes.split_at_checked(4)?;
    let year = number(year)?;
    if let [m1, m2, d1, d2] = rest
        && let (Some(month), Some(day)) = (number(&[*m1, *m2]), number(&[*d1, *d2]))
    {
        return civil(year, month, day);
    }
    let (first, second, end): (&[u8], &[u8], &[u8]) = match rest.first()? {
        b'-' => (b"-", b"-", b""),
        b'/' => (b"/", b"/", b""),
        b'.' => (b".", b".", b""),
        _ => ("年".as_bytes(), "月".as_bytes(), "日".as_bytes()),
    };
    let (month, rest) = one_or_two_digits(rest.strip_prefix(first)?)?;
    let (day, rest) = one_or_two_digits(rest.strip_prefix(second)?)?;
    if rest != end {
        return None;
    }
    civil(year, month, day)
}

/// Returns the completed years of life (周岁) of somebody born on `birth`, on the day `day`.
///
/// The birthday itself counts as completed. Somebody born on 29 February completes a year on 1 March of a common year.
/// Before the birth the result is negative, which callers treat as a fault of the data.
///
/// # Source
///
/// 《中华人民共和国民法典》 art. 1259: 届满 includes the number itself.
///
/// # Examples
///
/// ```
/// # use huimin_vocab::date::age_on;
/// # use jiff::civil::date;
/// assert_eq!(age_on(date(1924, 10, 5), date(2024, 10, 4)), 99);
/// assert_eq!(age_on(date(1924, 10, 5), date(2024, 10, 5)), 100);
/// ```
#[must_use]
pub fn age_on(birth: Date, day: Date) -> i32 {
    let years = i32::from(day.year()) - i32::from(birth.year());
    let birthday_reached = (day.month(), day.day()) >= (birth.month(), birth.day());
    years - i32::from(!birthday_reached)
}

/// The date, if it is in the calendar and its year is 1 to 9999.
///
/// Cheaper than asking the date library, which composes an error text for each refusal.
pub(crate) fn civil(year: u32, month: u32, day: u32) -> Option<Date> {
    if year == 0 || year > 9999 || day == 0 {
        return None;
    }
    let last = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        _ => return None,
    };
    if day > last {
        return None;
    }
    Date::new(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?).ok()
}

/// The value of a few ASCII digits; `None` for none, for more than nine, or for another character.
pub(crate) fn number(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() || digits.len() > 9 {
        return None;
    }
    digits.iter().try_fold(0_u32, |sum, byte| {
        byte.is_ascii_digit().then(|| sum * 10 + u32::from(byte - b'0'))
    })
}

fn one_or_two_digits(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let count = bytes.iter().take(2).take_while(|b| b.is_ascii_digit()).count();
    let (digits, rest) = bytes.split_at_checked(count)?;
    Some((number(digits)?, rest))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn every_listed_spelling_is_read() {
        for text in [
            "2024-01-05",
            "2024-1-5",
            "2024/1/5",
            "2024/01/05",
            "2024.1.5",
            "20240105",
            "2024年1月5日",
            "2024年01月05日",
            " 2024-01-05 ",
        ] {
            assert_eq!(parse_loose(text), Some(date(2024, 1, 5)), "{text}");
        }
    }

    #[test]
    fn other_spellings_are_refused() {
        for text in [
            "",
            "2024",
            "2024-01",
            "2024-1/5",
            "24-01-05",
            "202415",
            "2024010",
            "202401055",
            "45296",
            "2024-01-05 00:00",
            "2024-001-05",
            "2024-01-005",
            "2024-01-05-",
            "2024年1月5",
            "2024年1-5日",
            "2024--1-5",
            "２０２４-01-05",
            "+024-01-05",
            "2024-+1-05",
            "-2024-01-05",
            "年月日",
            "2024年",
            "2024/1/",
            "05/01/2024",
        ] {
            assert_eq!(parse_loose(text), None, "{text}");
        }
    }

    #[test]
    fn days_outside_the_calendar_are_refused() {
        for text in [
            "2023-02-29",
            "1900-02-29",
            "2024-02-30",
            "2024-04-31",
            "2024-13-01",
            "2024-00-10",
            "2024-01-00",
            "00000000",
            "0000-01-01",
        ] {
            assert_eq!(parse_loose(text), None, "{text}");
        }
        assert_eq!(parse_loose("2000-02-29"), Some(date(2000, 2, 29)));
        assert_eq!(parse_loose("9999-12-31"), Some(date(9999, 12, 31)));
    }

    #[test]
    fn our_calendar_is_that_of_the_date_library() {
        for year in [1_i16, 1600, 1700, 1900, 1999, 2000, 2023, 2024, 2100, 9999] {
            for month in 0_i8..=13 {
                for day in 0_i8..=32 {
                    let wide = |number: i16| u32::try_from(number).unwrap();
                    assert_eq!(
                        civil(wide(year), wide(month.into()), wide(day.into())),
                        Date::new(year, month, day).ok(),
                        "{year}-{month}-{day}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_year_is_completed_on_the_birthday() {
        let birth = date(1924, 10, 5);
        assert_eq!(age_on(birth, date(2024, 10, 4)), 99);
        assert_eq!(age_on(birth, date(2024, 10, 5)), 100);
        assert_eq!(age_on(birth, birth), 0);
    }

    #[test]
    fn a_leap_day_birthday_is_completed_on_the_first_of_march() {
        let birth = date(2016, 2, 29);
        assert_eq!(age_on(birth, date(2023, 2, 28)), 6);
        assert_eq!(age_on(birth, date(2023, 3, 1)), 7);
        assert_eq!(age_on(birth, date(2024, 2, 28)), 7);
        assert_eq!(age_on(birth, date(2024, 2, 29)), 8);
    }

    #[test]
    fn before_the_birth_the_age_is_negative() {
        assert_eq!(age_on(date(2024, 5, 2), date(2024, 5, 1)), -1);
        assert_eq!(age_on(Date::MAX, Date::MIN), -19_999);
    }
}
