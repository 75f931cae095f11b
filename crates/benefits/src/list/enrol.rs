//! Places on the register through time.

use std::collections::HashMap;

use store::bulk::{Bulk, OnConflict};
use store::sea_orm::{ConnectionTrait, DatabaseConnection, EntityTrait};
use vocab::Period;

use super::ListInput;
use super::entries::Entry;
use crate::BenefitsError;
use crate::entity::enrolment;
use crate::model::EntryState;
use crate::programme::Programmes;

/// Everybody who was ever on a register, by policy and subject.
pub(super) struct Enrolments {
    rows: HashMap<(String, String), enrolment::Model>,
    policies: Vec<String>,
}

impl Enrolments {
    /// Whether the place ended in a period before `period`.
    pub(super) fn ended_before(&self, key: &(usize, String), period: Period) -> bool {
        let Some(policy) = self.policies.get(key.0) else { return false };
        self.rows
            .get(&(policy.clone(), key.1.clone()))
            .and_then(|row| row.ended_in.as_deref())
            .is_some_and(|ended| ended < period.to_string().as_str())
    }
}

pub(super) async fn load(
    db: &DatabaseConnection,
    programmes: &Programmes,
) -> Result<Enrolments, BenefitsError> {
    let rows =
        enrolment::Entity::find().all(db).await.map_err(BenefitsError::db("read the registers"))?;
    Ok(Enrolments {
        rows: rows
            .into_iter()
            .map(|row| ((row.policy.clone(), row.subject_id.clone()), row))
            .collect(),
        policies: programmes.all.iter().map(|programme| programme.id.clone()).collect(),
    })
}

const TABLE: Bulk<'static> = Bulk {
    table: "enrolment",
    columns: &[
        "policy",
        "subject_id",
        "state",
        "since",
        "last_period",
        "changed_in",
        "ended_in",
        "cause",
    ],
    on_conflict: OnConflict::Replace { key: &["policy", "subject_id"] },
};

/// Writes what the period says of each place on a register.
///
/// A period before the latest one that was listed only moves the beginning back: what is known of
/// today is not changed by listing the past.
pub(super) async fn write<C: ConnectionTrait>(
    db: &C,
    input: &ListInput<'_>,
    entries: &[Entry],
    mut enrolments: Enrolments,
) -> Result<(), BenefitsError> {
    let period = input.period.to_string();
    let rows = entries.iter().filter(|entry| entry.judged.registered).filter_map(|entry| {
        let programme = input.programmes.all.get(entry.programme)?;
        let old = enrolments.rows.remove(&(programme.id.clone(), entry.subject.to_string()));
        let new = next(old.as_ref(), &programme.id, entry, &period);
        (old.as_ref() != Some(&new)).then(|| {
            vec![
                new.policy.into(),
                new.subject_id.into(),
                new.state.into(),
                new.since.into(),
                new.last_period.into(),
                new.changed_in.into(),
                new.ended_in.into(),
                new.cause.into(),
            ]
        })
    });
    TABLE.write(db, rows).await?;
    Ok(())
}

fn next(
    old: Option<&enrolment::Model>,
    policy: &str,
    entry: &Entry,
    period: &str,
) -> enrolment::Model {
    let state = match entry.judged.state {
        EntryState::Ended => "ended",
        EntryState::Held => "held",
        EntryState::Suspended => "suspended",
        _ => "active",
    };
    let fresh = enrolment::Model {
        policy: policy.to_owned(),
        subject_id: entry.subject.to_string(),
        state: state.to_owned(),
        since: period.to_owned(),
        last_period: period.to_owned(),
        changed_in: period.to_owned(),
        ended_in: (state == "ended").then(|| period.to_owned()),
        cause: if state == "active" { None } else { entry.judged.cause.clone() },
    };
    let Some(old) = old else { return fresh };
    let since = old.since.as_str().min(period).to_owned();
    if period < old.last_period.as_str() {
        return enrolment::Model { since, ..old.clone() };
    }
    let changed_in = if old.state == state { old.changed_in.clone() } else { period.to_owned() };
    enrolment::Model { since, changed_in, ..fresh }
}
