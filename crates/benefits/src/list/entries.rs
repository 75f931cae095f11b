//! The rows of the three lists.

use std::collections::{HashMap, HashSet};

use store::bulk::{Bulk, OnConflict};
use store::sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, Value};
use vocab::Period;

use super::ListInput;
use super::read::{Id, Person, Vital};
use super::register::{Candidate, Judged};
use crate::BenefitsError;
use crate::cause;
use crate::entity::list_entry;
use crate::model::{EntryState, PaymentState};

/// One row in the making.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) programme: usize,
    pub(super) subject: Id,
    pub(super) division: String,
    pub(super) judged: Judged,
    pub(super) candidate: Option<Candidate>,
    pub(super) payee: Option<Id>,
    pub(super) payee_name: String,
    /// Why it can't be paid although it is due.
    pub(super) hold: Option<&'static str>,
    pub(super) due_item: Option<DueItem>,
}

/// The due item of an entry.
#[derive(Debug, Clone)]
pub(super) struct DueItem {
    pub(super) id: String,
    pub(super) revision: i32,
}

impl Entry {
    pub(super) fn new(
        programme: usize,
        subject: Id,
        division: String,
        judged: Judged,
        candidate: Option<Candidate>,
    ) -> Self {
        Self {
            programme,
            subject,
            division,
            judged,
            candidate,
            payee: None,
            payee_name: String::new(),
            hold: None,
            due_item: None,
        }
    }

    pub(super) fn key(&self) -> (usize, &str) {
        (self.programme, &self.subject)
    }

    /// Takes over the payee's name and what stands in the way of paying.
    pub(super) fn name_payee(&mut self, persons: &HashMap<Id, Person>) {
        let person = self.payee.as_ref().and_then(|payee| persons.get(payee));
        self.payee_name = person.map(|person| person.name.clone()).unwrap_or_default();
        if self.judged.due_fen.is_none() {
            return;
        }
        self.hold = match person {
            None => Some(cause::NO_PAYEE),
            Some(Person { vital: Vital::Dead, .. }) => Some(cause::PAYEE_DEAD),
            Some(Person { vital: Vital::Uncertain, .. }) => Some(cause::PAYEE_UNCERTAIN_DEATH),
            Some(Person { account: None, .. }) => Some(cause::NO_ACCOUNT),
            Some(_) => None,
        };
    }
}

const TABLE: Bulk<'static> = Bulk {
    table: "list_entry",
    columns: &[
        "period",
        "policy",
        "subject_id",
        "unit",
        "person_id",
        "person_name",
        "division",
        "registered",
        "eligible",
        "state",
        "cause",
        "due_item_id",
        "due_fen",
        "paid_fen",
        "hold",
        "pay_state",
        "pay_code",
        "pay_cause",
    ],
    on_conflict: OnConflict::Fail,
};

/// Replaces the rows of the period. `prepared` has policy and subject of those of which a first payment
/// waits for approval; what else became of payments comes in later.
pub(super) async fn write<C: ConnectionTrait>(
    db: &C,
    input: &ListInput<'_>,
    entries: &[Entry],
    prepared: &HashSet<(&str, &str)>,
) -> Result<(), BenefitsError> {
    let period = input.period.to_string();
    list_entry::Entity::delete_many()
        .filter(list_entry::Column::Period.eq(period.as_str()))
        .exec(db)
        .await
        .map_err(BenefitsError::db("take out the period's earlier lists"))?;
    let rows = entries.iter().filter_map(|entry| {
        let programme = input.programmes.all.get(entry.programme)?;
        let due = entry.judged.due_fen;
        let is_prepared = prepared.contains(&(&*programme.id, &*entry.subject));
        let (state, pay_cause) = if is_prepared {
            (EntryState::Prepared, Some(cause::AWAITING_APPROVAL))
        } else {
            (entry.judged.state, due.map(|_| entry.hold.unwrap_or(cause::AWAITING_BATCH)))
        };
        Some(vec![
            period.as_str().into(),
            programme.id.as_str().into(),
            (&*entry.subject).into(),
            programme.unit.as_str().into(),
            entry.payee.as_deref().unwrap_or_default().into(),
            entry.payee_name.as_str().into(),
            entry.division.as_str().into(),
            entry.judged.registered.into(),
            entry.judged.eligible.into(),
            state.as_str().into(),
            entry.judged.cause.clone().into(),
            entry.due_item.as_ref().map(|item| item.id.clone()).into(),
            due.into(),
            0_i64.into(),
            text(entry.hold),
            text(is_prepared.then_some(PaymentState::Prepared.as_str())),
            text(None),
            text(pay_cause),
        ])
    });
    TABLE.write(db, rows).await?;
    Ok(())
}

fn text(value: Option<&str>) -> Value {
    value.map(str::to_owned).into()
}

/// Policy and subject of everybody on the register of a period who was not taken off it then.
pub(super) async fn on_register<C: ConnectionTrait>(
    db: &C,
    period: Period,
) -> Result<Vec<(String, String)>, BenefitsError> {
    list_entry::Entity::find()
        .select_only()
        .column(list_entry::Column::Policy)
        .column(list_entry::Column::SubjectId)
        .filter(list_entry::Column::Period.eq(period.to_string()))
        .filter(list_entry::Column::Registered.eq(true))
        .filter(list_entry::Column::State.ne(EntryState::Ended.as_str()))
        .into_tuple()
        .all(db)
        .await
        .map_err(BenefitsError::db("read the register of the month before"))
}
