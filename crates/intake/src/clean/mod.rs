//! Standardising of cells: one spelling for one meaning.
//!
//! Everything here is a function of the cell, its field and the pack; nothing is looked up in other
//! rows. What can't be understood is a [`Code`]; what is understood but wrong in itself, such as an
//! identity number with a wrong check character, is kept and counted as a warning.

mod address;
mod number;

use std::borrow::Cow;

use jiff::civil::Date;
use pack::FieldKind;
use vocab::{DivisionCode, IdNumber, Period, Phone};

pub(crate) use address::Places;

use crate::Code;
use crate::layout::{DECIMAL_SCALE, FieldPlan, MONEY_SCALE, PRECISION};

/// Days from 0000-03-01 (civil day 0 of the counting used below) to 1970-01-01.
const EPOCH_SHIFT: i32 = 719_468;

/// A standardised cell.
#[derive(Debug)]
pub(crate) enum Cell<'a> {
    /// Nothing is written.
    Null,
    /// Text.
    Text(Cow<'a, str>),
    /// A valid identity number, in its 18 characters.
    Id(IdNumber),
    /// An identity number that is not valid, as written.
    InvalidId(Cow<'a, str>),
    /// A telephone number.
    Phone(Phone),
    /// A telephone number that is none, as written.
    InvalidPhone(Cow<'a, str>),
    /// A division code.
    Division(DivisionCode),
    /// A month.
    Month(Period),
    /// Days since 1970-01-01.
    Day(i32),
    /// A number in the column's unit.
    Number(i128),
    /// The cell can't be used.
    Fault(Code),
}

/// Standardises one cell.
pub(crate) fn standardise<'a>(field: &'a FieldPlan, places: &Places, raw: &'a str) -> Cell<'a> {
    let text = vocab::text::clean_cow(raw);
    if is_empty(&field.kind, &text) {
        return if field.required { Cell::Fault(Code::Required) } else { Cell::Null };
    }
    match &field.kind {
        FieldKind::Text | FieldKind::Name => Cell::Text(text),
        FieldKind::IdNumber => id_number(field, text),
        FieldKind::Phone => match Phone::parse(&text) {
            Ok(phone) => Cell::Phone(phone),
            Err(_) => Cell::InvalidPhone(text),
        },
        FieldKind::Date => match vocab::date::parse_loose(date_part(&text)) {
            Some(date) => in_range(field, i128::from(days(date)), || Cell::Day(days(date))),
            None => Cell::Fault(Code::DateFormat),
        },
        FieldKind::Month => match month(&text) {
            Some(month) => {
                in_range(field, i128::from(days(month.first_day())), || Cell::Month(month))
            }
            None => Cell::Fault(Code::MonthFormat),
        },
        FieldKind::Division => match DivisionCode::parse(&text) {
            Ok(division) => Cell::Division(division),
            Err(_) => Cell::Fault(Code::Division),
        },
        FieldKind::Address => Cell::Text(Cow::Owned(places.standardise(&text))),
        FieldKind::Account => Cell::Text(account(text)),
        FieldKind::Money | FieldKind::Decimal | FieldKind::Integer => {
            match number::parse(&text, scale(&field.kind), limit(&field.kind)) {
                Some(number) => in_range(field, number, || Cell::Number(number)),
                None => Cell::Fault(Code::Number),
            }
        }
        FieldKind::Code(_) => match field.code(&text) {
            Some(code) => Cell::Text(Cow::Borrowed(code)),
            None => Cell::Fault(Code::Code),
        },
    }
}

/// A bound of a contract in the column's unit.
pub(crate) fn measure(field: &FieldPlan, text: &str) -> Option<i128> {
    match field.kind {
        FieldKind::Date => vocab::date::parse_loose(text).map(|date| i128::from(days(date))),
        FieldKind::Month => month(text).map(|month| i128::from(days(month.first_day()))),
        FieldKind::Money | FieldKind::Decimal | FieldKind::Integer => {
            number::parse(text, scale(&field.kind), limit(&field.kind))
        }
        _ => None,
    }
}

/// Days since 1970-01-01, by counting years from March so that the leap day comes last.
pub(crate) fn days(date: Date) -> i32 {
    let (year, month, day) =
        (i32::from(date.year()), i32::from(date.month()), i32::from(date.day()));
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - EPOCH_SHIFT
}

/// The date of a day number; the reverse of [`days`].
pub(crate) fn date_of(days: i32) -> Option<Date> {
    use jiff::ToSpan as _;
    Date::new(1970, 1, 1).ok()?.checked_add(i64::from(days).days()).ok()
}

fn in_range<'a>(field: &FieldPlan, value: i128, cell: impl FnOnce() -> Cell<'a>) -> Cell<'a> {
    let low = field.min.is_some_and(|min| value < min);
    let high = field.max.is_some_and(|max| value > max);
    if low || high { Cell::Fault(Code::Range) } else { cell() }
}

/// What departments write into a cell when they have nothing to write.
fn is_empty(kind: &FieldKind, text: &str) -> bool {
    match text {
        "" | "NULL" | "null" | "\\N" | "-" | "--" | "/" => true,
        // Elsewhere these could be what is meant: a cause of death is `不详`, a name is `无`.
        "无" | "不详" | "未知" | "暂无" | "N/A" => {
            !matches!(kind, FieldKind::Text | FieldKind::Name | FieldKind::Code(_))
        }
        _ => false,
    }
}

fn id_number<'a>(field: &FieldPlan, text: Cow<'a, str>) -> Cell<'a> {
    // Hand-typed numbers are often grouped.
    let text = without(text, |c| c == ' ' || c == '-');
    match IdNumber::parse(&text) {
        Ok(number) => Cell::Id(number),
        Err(_) if field.required => Cell::Fault(Code::IdNumber),
        Err(_) => Cell::InvalidId(if text.bytes().any(|byte| byte.is_ascii_lowercase()) {
            Cow::Owned(text.to_ascii_uppercase())
        } else {
            text
        }),
    }
}

fn account(text: Cow<'_, str>) -> Cow<'_, str> {
    let text = without(text, |c| c == ' ' || c == '-');
    if text.bytes().any(|byte| byte.is_ascii_lowercase()) {
        Cow::Owned(text.to_ascii_uppercase())
    } else {
        text
    }
}

fn without(text: Cow<'_, str>, unwanted: impl Fn(char) -> bool) -> Cow<'_, str> {
    if text.chars().any(&unwanted) {
        Cow::Owned(text.chars().filter(|c| !unwanted(*c)).collect())
    } else {
        text
    }
}

/// Databases and spreadsheets write dates with a time of day, nearly always midnight.
fn date_part(text: &str) -> &str {
    match text.split_once([' ', 'T']) {
        Some((date, time)) if time.bytes().all(|b| b.is_ascii_digit() || b":.Z+-".contains(&b)) => {
            date
        }
        _ => text,
    }
}

/// `2024-01`, `202401`, `2024/1`, `2024.1`, `2024年1月`, or a whole date of that month.
fn month(text: &str) -> Option<Period> {
    if let Some(date) = vocab::date::parse_loose(date_part(text)) {
        return Period::of(date);
    }
    let (year, rest) = text.split_at_checked(4)?;
    let rest = match rest.chars().next()? {
        '-' | '/' | '.' => rest.get(1..)?,
        '年' => rest.strip_prefix('年')?.strip_suffix('月')?,
        _ if rest.len() == 2 => rest,
        _ => return None,
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(year) || !digits(rest) || rest.len() > 2 {
        return None;
    }
    Period::new(year.parse().ok()?, rest.parse().ok()?)
}

fn scale(kind: &FieldKind) -> u32 {
    match kind {
        FieldKind::Money => MONEY_SCALE.unsigned_abs().into(),
        FieldKind::Decimal => DECIMAL_SCALE.unsigned_abs().into(),
        _ => 0,
    }
}

fn limit(kind: &FieldKind) -> i128 {
    match kind {
        FieldKind::Integer => i128::from(i64::MAX),
        _ => 10_i128.pow(u32::from(PRECISION)) - 1,
    }
}

#[cfg(test)]
mod tests;
