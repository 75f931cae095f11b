//! From decisions to the three lists of a period and a prepared batch, in one transaction.

mod before;
mod close;
mod columns;
mod due;
mod enrol;
mod entries;
mod payees;
mod read;
mod register;
mod report;

use std::collections::{HashMap, HashSet};
use std::panic::resume_unwind;

use engine::Snapshot;
use jiff::civil::Date;
use store::audit::{self, Act};
use store::begin_write;
use store::sea_orm::{ActiveValue, ColumnTrait, DatabaseConnection, EntityTrait, QueryFilter};
use tokio::task::JoinSet;
use trust::ColumnKeys;
use vocab::Period;

pub use self::before::{Registers, read_registers};
use self::entries::Entry;
use self::payees::Payee;
pub(crate) use self::payees::SEALED_AS;
use self::read::{Id, Person};
use self::register::{History, judge, vanished};
pub use self::report::{DifferenceCount, ListReport, PolicyCount};
use crate::BenefitsError;
use crate::batch::load::alone;
use crate::batch::prepare::{Payable, prepare_in};
use crate::batch::refresh::refresh;
use crate::entity::{list_run, period_list};
use crate::programme::{Programmes, SubjectKind};

/// What a listing is made from.
#[derive(Clone, Copy)]
pub struct ListInput<'a> {
    /// The transaction plane.
    pub db: &'a DatabaseConnection,
    /// The table versions of the run, `decisions_*`, `facts_*`, `persons` and `households` among
    /// them.
    pub snapshot: &'a Snapshot,
    /// The policies.
    pub programmes: &'a Programmes,
    /// The keys of the sensitive columns.
    pub keys: &'a ColumnKeys,
    /// The run: a hash of its inputs.
    pub run_id: &'a str,
    /// The period.
    pub period: Period,
    /// What was known: deliveries received up to this day.
    pub known_at: Date,
    /// Told of every step.
    pub progress: &'a (dyn Fn(Progress) + Send + Sync),
}

/// How far a listing has got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// The step.
    pub stage: Stage,
    /// Entries of the lists so far known.
    pub entries: u64,
}

/// A step of a listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Reading decisions.
    Decisions,
    /// Reading payees and facts.
    Evidence,
    /// Writing the lists.
    Write,
    /// Preparing the batch.
    Batch,
    /// Counting, checking and committing.
    Close,
}

impl Stage {
    /// What is done, for people.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Decisions => "reading decisions",
            Self::Evidence => "reading payees and facts",
            Self::Write => "writing the lists",
            Self::Batch => "preparing the batch",
            Self::Close => "checking that all closes",
        }
    }
}

/// Lists a period: who is registered, what is due, why the two differ, and a prepared batch.
///
/// The lists replace those that an earlier run made of the period; due items and payments stay, a
/// changed amount becomes a new revision. Listing the same run again changes nothing and returns
/// the stored report, with the figures as payments have made them since. Periods are listed in their order: who stays on the register of an automatic
/// benefit is read from the month before. `registers` are what [`read_registers`] gave for the period
/// after the listing before this one; without them they are read here.
///
/// # Errors
///
/// [`BenefitsError::NoDecisions`] for a period that was not decided, [`BenefitsError::DoesNotClose`]
/// when a difference between the lists has no cause, and failures of the stores. Whatever the
/// error, the lists stay as they were.
pub async fn list(
    input: ListInput<'_>,
    registers: Option<Registers>,
) -> Result<ListReport, BenefitsError> {
    if let Some(report) = stored_report(&input).await? {
        return Ok(report);
    }
    let tell = |stage, entries: usize| {
        (input.progress)(Progress { stage, entries: entries as u64 });
    };
    tell(Stage::Decisions, 0);
    let Registers { enrolments, carried } = match registers {
        Some(registers) => registers,
        None => before::read_registers(input.db, input.programmes, input.period).await?,
    };
    let decided =
        read::candidates(input.snapshot, input.programmes, input.period, &carried).await?;
    let mut entries = judged(&input, carried, decided, &enrolments);

    tell(Stage::Evidence, entries.len());
    let hashing = facts_of(&input, &entries);
    let persons = payees_of(&input, &mut entries).await?;
    let payees = payees::collect(&input, &entries, &persons).await?;

    tell(Stage::Write, entries.len());
    let transaction = begin_write(input.db).await?;
    alone(&transaction).await?;
    payees::write(&transaction, &payees).await?;
    let facts = hashed(hashing).await?;
    let due = due::write(&transaction, &input, &mut entries, &facts).await?;
    enrol::write(&transaction, &input, &entries, enrolments).await?;

    tell(Stage::Batch, entries.len());
    let by = format!("run:{}", input.run_id);
    let at = report::instant_of(input.known_at);
    let payable = payable(&input, &entries, &payees);
    let made = prepare_in(&transaction, input.period, payable, &by, at).await?;
    let prepared = made.payments.iter().filter(|_| made.first);
    let prepared = prepared.map(|one| (&*one.policy, &*one.subject_id)).collect();
    entries::write(&transaction, &input, &entries, &prepared).await?;
    if !made.first {
        refresh(&transaction, &input.period.to_string(), None).await?;
    }
    tell(Stage::Close, entries.len());
    let report = report::make(&transaction, &input, &entries, due, made.prepared).await?;
    close::check(&transaction, &input, &entries, &report).await?;
    store_run(&transaction, &input, &report).await?;
    let act = Act {
        who: &by,
        what: "lists.write",
        subject: &format!("period:{}", input.period),
        at,
        purpose: "three lists of the period",
    };
    let detail = serde_json::json!({
        "registered": report.registered, "due": report.due, "due_fen": report.due_fen,
        "revised": report.revised_items,
    });
    audit::record(&transaction, act, &detail).await?;
    transaction.commit().await.map_err(BenefitsError::db("commit the lists"))?;
    Ok(report)
}

/// The report of this run, if the period shows its lists already.
async fn stored_report(input: &ListInput<'_>) -> Result<Option<ListReport>, BenefitsError> {
    let period = input.period.to_string();
    let shown = period_list::Entity::find_by_id(period.clone())
        .one(input.db)
        .await
        .map_err(BenefitsError::db("read which run the lists are from"))?;
    if shown.is_none_or(|shown| shown.run_id != input.run_id) {
        return Ok(None);
    }
    let run = list_run::Entity::find()
        .filter(list_run::Column::RunId.eq(input.run_id))
        .filter(list_run::Column::Period.eq(period))
        .one(input.db)
        .await
        .map_err(BenefitsError::db("read the report of the lists"))?;
    // A report of another version of the program is made again.
    let Some(mut report) = run.and_then(|run| serde_json::from_str::<ListReport>(&run.report).ok())
    else {
        return Ok(None);
    };
    report.unchanged = true;
    report.recount(input.db).await?;
    Ok(Some(report))
}

/// The entries of all policies, sorted by policy and subject.
fn judged(
    input: &ListInput<'_>,
    carried: read::Carried,
    decided: read::Decided,
    enrolments: &enrol::Enrolments,
) -> Vec<Entry> {
    let mut left = carried;
    let mut entries = Vec::with_capacity(decided.candidates.len());
    for candidate in decided.candidates {
        let key = (candidate.programme, candidate.subject.to_string());
        let Some(programme) = input.programmes.all.get(candidate.programme) else { continue };
        let history = History {
            carried: left
                .get_mut(&candidate.programme)
                .is_some_and(|subjects| subjects.remove(&*candidate.subject)),
            ended_before: enrolments.ended_before(&key, input.period),
        };
        if let Some(judged) = judge(programme, &candidate, history) {
            entries.push(Entry::new(
                candidate.programme,
                candidate.subject.clone(),
                candidate.division.clone(),
                judged,
                Some(candidate),
            ));
        }
    }
    for (programme, subjects) in left {
        // A policy that does not apply in this period has no register in it.
        if !decided.applicable.contains(&programme) {
            continue;
        }
        for subject in subjects {
            let subject = Id::from(subject.as_str());
            entries.push(Entry::new(programme, subject, String::new(), vanished(), None));
        }
    }
    entries.sort_unstable_by(|one, other| one.key().cmp(&other.key()));
    entries
}

/// Finds the payee of each entry, and what is known of the payees.
async fn payees_of(
    input: &ListInput<'_>,
    entries: &mut [Entry],
) -> Result<HashMap<Id, Person>, BenefitsError> {
    let unit = |entry: &Entry| input.programmes.all.get(entry.programme).map(|one| one.unit);
    let households: HashSet<Id> = entries
        .iter()
        .filter(|entry| unit(entry) == Some(SubjectKind::Household))
        .map(|entry| entry.subject.clone())
        .collect();
    let heads = read::heads(input.snapshot, &households).await?;
    for entry in entries.iter_mut() {
        entry.payee = match unit(entry) {
            Some(SubjectKind::Household) => heads.get(&entry.subject).cloned(),
            _ => Some(entry.subject.clone()),
        };
    }
    let wanted: HashSet<Id> = entries.iter().filter_map(|entry| entry.payee.clone()).collect();
    let persons = read::persons(input.snapshot, &wanted).await?;
    for entry in entries.iter_mut() {
        entry.name_payee(&persons);
    }
    Ok(persons)
}

/// What can be paid of the due items.
fn payable(input: &ListInput<'_>, entries: &[Entry], payees: &HashMap<Id, Payee>) -> Vec<Payable> {
    let payable = |entry: &Entry| {
        let due_fen = entry.judged.due_fen.filter(|due| *due > 0 && entry.hold.is_none())?;
        let due_item = entry.due_item.as_ref()?;
        let person_id = entry.payee.as_ref()?;
        let payee = payees.get(person_id)?;
        let (account, account_token) = payee.account.clone()?;
        Some(Payable {
            policy: input.programmes.all.get(entry.programme)?.id.clone(),
            subject_id: entry.subject.to_string(),
            division: entry.division.clone(),
            due_fen,
            due_item_id: due_item.id.clone(),
            revision: due_item.revision,
            person_id: person_id.to_string(),
            name: payee.name.clone(),
            account,
            account_token,
        })
    };
    entries.iter().filter_map(payable).collect()
}

/// Begins to hash the facts behind what is due, while payees are read and written.
fn facts_of(
    input: &ListInput<'_>,
    entries: &[Entry],
) -> JoinSet<Result<HashMap<Id, blake3::Hash>, BenefitsError>> {
    let mut hashing = JoinSet::new();
    for unit in [SubjectKind::Person, SubjectKind::Household] {
        let wanted: HashSet<Id> = entries
            .iter()
            .filter(|entry| entry.judged.due_fen.is_some())
            .filter(|entry| {
                input.programmes.all.get(entry.programme).is_some_and(|one| one.unit == unit)
            })
            .map(|entry| entry.subject.clone())
            .collect();
        let (snapshot, period) = (input.snapshot.clone(), input.period);
        hashing.spawn(async move { read::facts(&snapshot, unit, period, &wanted).await });
    }
    hashing
}

async fn hashed(
    mut hashing: JoinSet<Result<HashMap<Id, blake3::Hash>, BenefitsError>>,
) -> Result<HashMap<Id, blake3::Hash>, BenefitsError> {
    let mut facts = HashMap::new();
    while let Some(part) = hashing.join_next().await {
        // Nobody cancels it, so that it ends or panics.
        facts.extend(part.unwrap_or_else(|panic| resume_unwind(panic.into_panic()))?);
    }
    Ok(facts)
}

async fn store_run(
    db: &impl store::sea_orm::ConnectionTrait,
    input: &ListInput<'_>,
    report: &ListReport,
) -> Result<(), BenefitsError> {
    use store::sea_orm::sea_query::OnConflict;

    let json = |value: Result<String, serde_json::Error>| value.unwrap_or_default();
    let period = input.period.to_string();
    let run = list_run::ActiveModel {
        run_id: ActiveValue::Set(input.run_id.to_owned()),
        period: ActiveValue::Set(period.clone()),
        known_at: ActiveValue::Set(input.known_at.to_string()),
        pack_hash: ActiveValue::Set(input.programmes.pack_hash.clone()),
        versions: ActiveValue::Set(json(serde_json::to_string(input.snapshot.versions()))),
        report: ActiveValue::Set(json(serde_json::to_string(report))),
    };
    list_run::Entity::insert(run)
        .on_conflict(
            OnConflict::columns([list_run::Column::RunId, list_run::Column::Period])
                .update_column(list_run::Column::Report)
                .to_owned(),
        )
        .exec_without_returning(db)
        .await
        .map_err(BenefitsError::db("store what the lists were made from"))?;
    let shown = period_list::ActiveModel {
        period: ActiveValue::Set(period),
        run_id: ActiveValue::Set(input.run_id.to_owned()),
    };
    period_list::Entity::insert(shown)
        .on_conflict(
            OnConflict::column(period_list::Column::Period)
                .update_column(period_list::Column::RunId)
                .to_owned(),
        )
        .exec_without_returning(db)
        .await
        .map_err(BenefitsError::db("store which run the lists are from"))?;
    Ok(())
}
