//! Deciding a period: facts, then decisions, for everybody.

use std::sync::Arc;

use engine::arrow::array::{ArrayRef, BooleanArray, Date32Array, RecordBatch, StringArray};
use engine::datafusion::dataframe::DataFrame;
use engine::{EngineError, Snapshot, Tables, Versions, WriteMode};
use futures::{StreamExt as _, try_join};
use jiff::civil::Date;
use pack::Unit;
use vocab::Period;

use crate::PolicyError;
use crate::applies::{self, NotApplicable};
use crate::book::RuleBook;
use crate::decisions::{self, OthersAsked};
use crate::delivered::Delivered;
use crate::facts::{self, Moment};
use crate::period_values::PeriodValues;
use crate::report::{DecideReport, Tally, unit_word};
use crate::rules::PolicyRules;
use crate::sql::check::days;
use crate::tables::{
    decisions_table, facts_table, rules_schema, rules_table, stored, stored_schema,
};

/// Where decisions are read from and written to.
#[derive(Clone, Copy)]
pub struct DecideInput<'a> {
    /// The tables to read: `persons`, `links`, `members`, `households`, `deliveries`, `closed` and
    /// the clean tables, in the versions of the run in progress.
    pub snapshot: &'a Snapshot,
    /// Where to write.
    pub tables: &'a Tables,
    /// The published version of every table, which new versions are written on top of.
    pub base: &'a Versions,
    /// The period to decide on.
    pub period: Period,
    /// Up to which day deliveries are known.
    pub known_at: Date,
}

/// What is being worked on, for a progress bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DecideProgress {
    /// `person` or `household`.
    pub unit: &'static str,
    /// `facts` or `decisions`.
    pub stage: &'static str,
    /// Subjects done in this stage.
    pub subjects: u64,
}

/// Decides all policies of the period for all persons and households.
///
/// Writes new, unpublished versions of `facts_person_…`, `facts_household_…`, `decisions_person_…`,
/// `decisions_household_…` and `rules_…` of the period and returns them with the figures. Decisions
/// are computed from the facts as they were stored, so that whoever reads those later has exactly
/// what was decided on. The same inputs give the same rows; their order is not fixed.
///
/// # Errors
///
/// [`PolicyError::NoPersons`] when nothing has been linked yet; else when reading or writing fails.
pub async fn decide(
    book: &RuleBook,
    input: DecideInput<'_>,
    progress: &(dyn Fn(DecideProgress) + Sync),
) -> Result<DecideReport, PolicyError> {
    let moment = Moment { period: input.period, known_at: input.known_at };
    let snapshot = input.snapshot;
    let delivered = Delivered::read(snapshot, moment).await?;
    let values = PeriodValues::compute(book, snapshot, moment, &delivered).await?;
    let not_applicable = applies::not_applicable(book, snapshot.context(), moment, &values).await?;
    let step = Step { book, input, moment, not_applicable: &not_applicable, progress };

    let frame = facts::of_persons(book, snapshot, moment, &delivered, &values).await?;
    let (person_facts, persons) = step.store_facts(Unit::Person, frame).await?;
    // What is decided for persons and what is known of households both follow from that, side by side.
    let of_households = async {
        if !(snapshot.has("households") && snapshot.has("members")) {
            return Ok(None);
        }
        let persons = persons.clone();
        let frame = facts::of_households(book, snapshot, moment, persons, &values).await?;
        let (facts, households) = step.store_facts(Unit::Household, frame).await?;
        Ok(Some((facts, step.store_decisions(Unit::Household, households).await?)))
    };
    let of_persons = step.store_decisions(Unit::Person, persons.clone());
    let (of_persons, of_households, rules) =
        try_join!(of_persons, of_households, step.store_rules())?;

    let mut report = DecideReport {
        period: input.period,
        known_at: input.known_at,
        pack_hash: book.pack_hash.clone(),
        versions: Versions::from([person_facts, rules]),
        persons: 0,
        households: 0,
        policies: Vec::new(),
        datasets: delivered.notes(book, moment),
    };
    let (version, tally) = of_persons;
    report.versions.extend([version]);
    report.persons = tally.subjects;
    report.policies.extend(tally.finish());
    if let Some((facts, (version, tally))) = of_households {
        report.versions.extend([facts, version]);
        report.households = tally.subjects;
        report.policies.extend(tally.finish());
    }
    let order = |id: &str| book.policy_ids().position(|known| known == id);
    report.policies.sort_by_key(|summary| order(&summary.policy));
    Ok(report)
}

/// A table's name and the version that was written.
type Version = (String, i64);

struct Step<'a> {
    book: &'a RuleBook,
    input: DecideInput<'a>,
    moment: Moment,
    not_applicable: &'a NotApplicable,
    progress: &'a (dyn Fn(DecideProgress) + Sync),
}

impl Step<'_> {
    /// Stores facts, and gives the version and them back as they were stored.
    async fn store_facts(
        &self,
        unit: Unit,
        frame: DataFrame,
    ) -> Result<(Version, DataFrame), PolicyError> {
        let table = facts_table(unit, self.input.period);
        let version = self.store(&table, unit, "facts", frame, |_| Ok(())).await?;
        let provider = self.input.tables.provider(&table, version).await?;
        let stored = self
            .input
            .snapshot
            .context()
            .read_table(provider)
            .map_err(PolicyError::plan(format!("read {table}")))?;
        Ok(((table, version), stored))
    }

    async fn store_decisions(
        &self,
        unit: Unit,
        facts: DataFrame,
    ) -> Result<(Version, Tally<'_>), PolicyError> {
        let table = decisions_table(unit, self.input.period);
        let frame = decisions::plan(
            facts,
            self.book,
            unit,
            self.moment,
            self.not_applicable,
            OthersAsked::Ask,
        )?;
        let mut tally = Tally::new(self.book, unit, &table, self.not_applicable);
        let version =
            self.store(&table, unit, "decisions", frame, |batch| tally.add(batch)).await?;
        Ok(((table, version), tally))
    }

    /// Stores what the period's policies say.
    async fn store_rules(&self) -> Result<Version, PolicyError> {
        let rules = rules_batch(self.book, self.moment, self.not_applicable)?;
        let table = rules_table(self.input.period);
        let base = self.input.base.get(&table).copied();
        let version = self
            .input
            .tables
            .write(&table, rules_schema(), base, WriteMode::Overwrite, &[rules])
            .await?;
        Ok((table, version))
    }

    async fn store(
        &self,
        table: &str,
        unit: Unit,
        stage: &'static str,
        frame: DataFrame,
        mut each: impl FnMut(&RecordBatch) -> Result<(), PolicyError>,
    ) -> Result<i64, PolicyError> {
        let failed = || PolicyError::plan(format!("compute {table}"));
        let schema = stored_schema(&frame);
        let base = self.input.base.get(table).copied();
        let mut writer = self
            .input
            .tables
            .writer(table, Arc::clone(&schema), base, WriteMode::Overwrite)
            .await?;
        let mut stream = frame.execute_stream().await.map_err(failed())?;
        let mut subjects = 0;
        while let Some(batch) = stream.next().await {
            let batch = stored(&batch.map_err(failed())?, &schema)?;
            each(&batch)?;
            writer.write(&batch)?;
            subjects += batch.num_rows() as u64;
            (self.progress)(DecideProgress { unit: unit_word(unit), stage, subjects });
        }
        Ok(writer.commit().await?)
    }
}

fn rules_batch(
    book: &RuleBook,
    moment: Moment,
    not_applicable: &NotApplicable,
) -> Result<RecordBatch, PolicyError> {
    let rules: Vec<PolicyRules> = book
        .policies
        .iter()
        .map(|policy| PolicyRules::of(book, policy, moment, not_applicable))
        .collect();
    let texts = |of: &dyn Fn(&PolicyRules) -> Option<String>| -> ArrayRef {
        Arc::new(rules.iter().map(of).collect::<StringArray>())
    };
    let snapshots: Vec<String> = rules
        .iter()
        .map(serde_json::to_string)
        .collect::<Result<_, _>>()
        .map_err(|source| PolicyError::Rules { period: moment.period, source })?;
    let known_at = vec![days(moment.known_at); rules.len()];
    let columns: Vec<ArrayRef> = vec![
        texts(&|rule| Some(rule.policy.clone())),
        texts(&|rule| Some(rule.unit.clone())),
        Arc::new(
            rules.iter().map(|rule| Some(rule.not_applicable.is_none())).collect::<BooleanArray>(),
        ),
        texts(&|rule| rule.not_applicable.as_ref().map(|text| text.zh.clone())),
        texts(&|rule| rule.not_applicable.as_ref().map(|text| text.en.clone())),
        texts(&|_| Some(moment.period.to_string())),
        Arc::new(Date32Array::from(known_at)),
        texts(&|_| Some(book.pack_hash.clone())),
        Arc::new(StringArray::from(snapshots)),
    ];
    RecordBatch::try_new(rules_schema(), columns)
        .map_err(EngineError::arrow("store the rules"))
        .map_err(PolicyError::from)
}
