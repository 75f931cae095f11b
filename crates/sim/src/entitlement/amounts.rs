//! Amounts, by the day from which they hold. Fen.
//!
//! Sources: 《广州市民政局 广州市财政局关于提高…最低生活保障及相关社会救助标准的通知》 of the years 2020 to 2024; the provincial
//! floors of the two disability subsidies for 2021 to 2024; the city's minimum wage of 2021-12-01 and 2025-03-01.
//! Later years weren't found: the last figure stands until one is.

use crate::day::{Day, Month};

/// A figure by the first day on which it holds; the earliest also holds before.
type Dated<T> = [(Day, T)];

const fn year(year: i32) -> Day {
    Day::new(year, 1, 1)
}

const MINIMUM_LIVING: [(Day, i64); 5] = [
    (year(2020), 108_000),
    (year(2021), 112_000),
    (year(2022), 119_600),
    (year(2023), 123_800),
    (year(2024), 128_200),
];

/// 1.6 times the standard of minimum living, rounded up to whole yuan.
const EXTREME_POVERTY_BASE: [(Day, i64); 5] = [
    (year(2020), 172_800),
    (year(2021), 179_200),
    (year(2022), 191_400),
    (year(2023), 198_100),
    (year(2024), 205_200),
];

/// Higher standards that some districts keep for rural residents.
const EXTREME_POVERTY_RURAL_FLOOR: [(u32, i64); 3] =
    [(440_112, 241_300), (440_113, 251_200), (440_115, 212_100)];

const CHILD: [(Day, i64); 5] = [
    (year(2020), 257_000),
    (year(2021), 263_700),
    (year(2022), 277_700),
    (year(2023), 287_500),
    (year(2024), 297_600),
];

const DISABILITY_LIVING: [(Day, i64); 4] =
    [(year(2021), 18_100), (year(2022), 18_800), (year(2023), 19_500), (year(2024), 20_200)];

const DISABILITY_CARE: [(Day, i64); 4] =
    [(year(2021), 24_300), (year(2022), 25_200), (year(2023), 26_100), (year(2024), 27_000)];

const MINIMUM_WAGE: [(Day, i64); 2] =
    [(Day::new(2021, 12, 1), 230_000), (Day::new(2025, 3, 1), 250_000)];

/// From age, fen a month.
const LONGEVITY: [(i32, i64); 4] = [(70, 3_000), (80, 10_000), (90, 20_000), (100, 30_000)];

/// A gift for people of 100 and more, in October.
pub(super) const CENTENARIAN: i64 = 100_000;
/// Made up, for a demonstration.
pub(super) const SPRING_FESTIVAL: i64 = 50_000;
/// Made up, for a demonstration.
pub(super) const MID_AUTUMN: i64 = 30_000;
/// 穗府办规〔2022〕14号.
pub(super) const SEWAGE: i64 = 700;
/// Caps of the basic funeral fees: hardship, registered, others.
pub(super) const FUNERAL: [i64; 3] = [354_000, 168_000, 133_000];
/// Paid-in capital of a business that a household in hardship may have.
pub(super) const CAPITAL: i64 = 3_000_000;

fn on<T: Copy>(table: &Dated<T>, day: Day) -> T {
    // Tables aren't empty; the earliest entry stands for all days before.
    table.iter().rev().find(|(from, _)| *from <= day).unwrap_or(&table[0]).1
}

/// The standard of minimum living per person and month.
pub(crate) fn minimum_living(month: Month) -> i64 {
    on(&MINIMUM_LIVING, month.last)
}

/// The basic part for people in extreme difficulty.
///
/// * `district`: six digits.
pub(super) fn extreme_poverty_base(month: Month, district: u32, rural: bool) -> i64 {
    let base = on(&EXTREME_POVERTY_BASE, month.last);
    let floor = EXTREME_POVERTY_RURAL_FLOOR.iter().find(|(code, _)| rural && *code == district);
    floor.map_or(base, |(_, floor)| base.max(*floor))
}

/// The care part for people in extreme difficulty, a share of the minimum wage; `None` for a level that doesn't exist.
pub(super) fn extreme_poverty_care(month: Month, level: u8) -> Option<i64> {
    let percent = match level {
        1 => 2,
        2 => 30,
        3 => 60,
        _ => return None,
    };
    Some(on(&MINIMUM_WAGE, month.last) * percent / 100)
}

/// The allowance of orphans and of unattended children.
pub(super) fn child(month: Month) -> i64 {
    on(&CHILD, month.last)
}

/// The living subsidy of disabled people in hardship.
pub(super) fn disability_living(month: Month) -> i64 {
    on(&DISABILITY_LIVING, month.last)
}

/// The care subsidy of severely disabled people.
pub(super) fn disability_care(month: Month) -> i64 {
    on(&DISABILITY_CARE, month.last)
}

/// The longevity allowance of an age; `None` below 70.
pub(super) fn longevity(age: i32) -> Option<i64> {
    LONGEVITY.iter().rev().find(|(from, _)| age >= *from).map(|(_, fen)| *fen)
}
