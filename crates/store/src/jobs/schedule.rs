//! Jobs that come again and again.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{DateTime, Time};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue, DatabaseConnection};
use serde::Serialize;

use super::enqueue::{NewJob, enqueue};
use super::entity::schedule;
use crate::{StoreError, begin_write, instant_text};

/// How often a scheduled job may be begun.
const MOST_ATTEMPTS: i32 = 10;

/// When a job comes again. Times of day are those of China, which has one time zone and no summer time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cadence {
    /// After so long; at least a second.
    Every(SignedDuration),
    /// At a time of each day.
    Daily(Time),
    /// At a time of a day of each month; of a shorter month the last one.
    Monthly(i8, Time),
}

impl Cadence {
    /// The first instant after `after` at which it comes.
    #[must_use]
    pub fn next(self, after: Timestamp) -> Timestamp {
        let zone = TimeZone::fixed(Offset::constant(8));
        let local = zone.to_datetime(after);
        let instant = |local: DateTime| zone.to_timestamp(local).unwrap_or(Timestamp::MAX);
        match self {
            Self::Every(span) => after
                .saturating_add(span.max(SignedDuration::from_secs(1)))
                .unwrap_or(Timestamp::MAX),
            Self::Daily(time) => {
                let today = local.date().to_datetime(time);
                if today > local { instant(today) } else { instant(today.saturating_add(1.day())) }
            }
            Self::Monthly(day, time) => {
                let of_month = |first: DateTime| {
                    let date = first.date();
                    let day = day.clamp(1, date.days_in_month());
                    date.saturating_add(i32::from(day - date.day()).days()).to_datetime(time)
                };
                let first = local.first_of_month();
                let this = of_month(first);
                let next = || of_month(first.saturating_add(1.month()));
                if this > local { instant(this) } else { instant(next()) }
            }
        }
    }
}

impl fmt::Display for Cadence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Every(span) => write!(f, "every {}s", span.as_secs()),
            Self::Daily(time) => write!(f, "daily {}", time.strftime("%H:%M")),
            Self::Monthly(day, time) => write!(f, "monthly {day} {}", time.strftime("%H:%M")),
        }
    }
}

impl FromStr for Cadence {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let time = |text: &str| Time::strptime("%H:%M", text).ok();
        let read = match *text.split(' ').collect::<Vec<_>>() {
            ["every", span] => span
                .strip_suffix('s')
                .and_then(|seconds| seconds.parse().ok())
                .filter(|seconds| *seconds > 0)
                .map(|seconds| Self::Every(SignedDuration::from_secs(seconds))),
            ["daily", at] => time(at).map(Self::Daily),
            ["monthly", day, at] => day
                .parse()
                .ok()
                .filter(|day| (1..=31).contains(day))
                .and_then(|day| time(at).map(|at| Self::Monthly(day, at))),
            _ => None,
        };
        read.ok_or_else(|| {
            format!(
                "`{text}` is no cadence; expected one as `every 90s`, `daily 03:30` or `monthly 5 03:30`"
            )
        })
    }
}

/// Has jobs of a kind made again and again; a schedule of this name with another cadence is replaced, one
/// with the same goes on.
///
/// # Errors
///
/// [`StoreError::Cadence`] for one that can't be written down (a part of a second, the 32nd of a month),
/// [`StoreError::Payload`], and failures of the database.
pub async fn schedule(
    db: &DatabaseConnection,
    name: &str,
    kind: &str,
    payload: &(impl Serialize + Sync),
    cadence: Cadence,
    now: Timestamp,
) -> Result<(), StoreError> {
    let payload = serde_json::to_string(payload)
        .map_err(|source| StoreError::Payload { topic: kind.to_owned(), source })?;
    let cadence_text = cadence.to_string();
    if cadence_text.parse() != Ok(cadence) {
        let reason = format!(
            "`{cadence_text}` is not what was asked for; give whole seconds and a day from 1 to 31"
        );
        return Err(StoreError::Cadence { schedule: name.to_owned(), reason });
    }
    let transaction = begin_write(db).await?;
    let old = schedule::Entity::find_by_id(name)
        .one(&transaction)
        .await
        .map_err(StoreError::db("read a schedule"))?;
    let next = instant_text(cadence.next(now));
    let next_at = match old {
        // A server whose clock was ahead may have put it off.
        Some(old) if old.cadence == cadence_text => old.next_at.min(next),
        _ => next,
    };
    let row = schedule::ActiveModel {
        name: ActiveValue::Set(name.to_owned()),
        kind: ActiveValue::Set(kind.to_owned()),
        payload: ActiveValue::Set(payload),
        cadence: ActiveValue::Set(cadence_text),
        next_at: ActiveValue::Set(next_at),
    };
    use schedule::Column as C;
    schedule::Entity::insert(row)
        .on_conflict(
            OnConflict::column(C::Name)
                .update_columns([C::Kind, C::Payload, C::Cadence, C::NextAt])
                .to_owned(),
        )
        .exec_without_returning(&transaction)
        .await
        .map_err(StoreError::db("write a schedule"))?;
    transaction.commit().await.map_err(StoreError::db("commit a schedule"))?;
    Ok(())
}

/// Ends a schedule; jobs that it has made stay. Says whether there was one.
///
/// # Errors
///
/// When the database fails.
pub async fn unschedule(db: &DatabaseConnection, name: &str) -> Result<bool, StoreError> {
    let ended = schedule::Entity::delete_by_id(name)
        .exec(db)
        .await
        .map_err(StoreError::db("end a schedule"))?;
    Ok(ended.rows_affected > 0)
}

/// Makes the jobs of all schedules that have come due, and returns how many. However long nobody looked,
/// a schedule gives one job; of several servers that look at once, one makes it. A schedule that can't be
/// read, because a newer program wrote it, is told to the log and left.
///
/// # Errors
///
/// When the database fails.
pub async fn tick(db: &DatabaseConnection, now: Timestamp) -> Result<usize, StoreError> {
    let due = schedule::Entity::find()
        .filter(schedule::Column::NextAt.lte(instant_text(now)))
        .all(db)
        .await
        .map_err(StoreError::db("read the schedules"))?;
    let mut made = 0;
    for row in due {
        let payload = serde_json::from_str::<serde_json::Value>(&row.payload);
        let (Ok(cadence), Ok(payload)) = (row.cadence.parse::<Cadence>(), payload) else {
            tracing::error!(schedule = row.name, cadence = row.cadence, "a schedule can't be read");
            continue;
        };
        let transaction = begin_write(db).await?;
        let moved = schedule::Entity::update_many()
            .col_expr(schedule::Column::NextAt, Expr::value(instant_text(cadence.next(now))))
            .filter(schedule::Column::Name.eq(row.name.as_str()))
            .filter(schedule::Column::NextAt.eq(row.next_at.as_str()))
            .exec(&transaction)
            .await
            .map_err(StoreError::db("move a schedule on"))?;
        if moved.rows_affected > 0 {
            let key = format!("{}@{}", row.name, row.next_at);
            let new = NewJob {
                kind: &row.kind,
                key: Some(&key),
                payload: &payload,
                due_at: now,
                most_attempts: MOST_ATTEMPTS,
            };
            made += usize::from(enqueue(&transaction, new, now).await?);
        }
        transaction.commit().await.map_err(StoreError::db("commit a scheduled job"))?;
    }
    Ok(made)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(cadence: &str, after: &str, expected: &[&str]) {
        let cadence: Cadence = cadence.parse().unwrap_or_else(|error| panic!("{error}"));
        let mut at: Timestamp = after.parse().unwrap_or_else(|error| panic!("{error}"));
        for expected in expected {
            at = cadence.next(at);
            assert_eq!(at.to_string(), *expected, "{cadence}");
        }
    }

    #[test]
    fn times_of_day_are_those_of_china() {
        check(
            "daily 03:30",
            "2024-02-28T19:29:59Z",
            &["2024-02-28T19:30:00Z", "2024-02-29T19:30:00Z"],
        );
        check("every 90s", "2024-02-28T23:59:00Z", &["2024-02-29T00:00:30Z"]);
    }

    #[test]
    fn a_month_without_the_day_has_it_on_its_last_one() {
        let expected = ["2024-01-31T00:00:00Z", "2024-02-29T00:00:00Z", "2024-03-31T00:00:00Z"];
        check("monthly 31 08:00", "2024-01-01T00:00:00Z", &expected);
        check("monthly 5 00:00", "2024-12-31T16:00:00Z", &["2025-01-04T16:00:00Z"]);
    }

    #[test]
    fn a_cadence_is_read_as_it_is_written() {
        for text in ["every 3600s", "daily 00:05", "monthly 5 23:59"] {
            assert_eq!(
                text.parse::<Cadence>().map(|cadence| cadence.to_string()).as_deref(),
                Ok(text)
            );
        }
        for text in
            ["", "daily", "daily 24:00", "daily 3", "monthly 0 03:00", "every 0s", "every s"]
        {
            assert!(text.parse::<Cadence>().is_err(), "{text}");
        }
    }
}
