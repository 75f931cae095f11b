//! A small made-up city for the tests: a tennis club's grants, decided by hand.
//!
//! Decisions, facts, persons and households are written as the tables of a run; everything from
//! there on is the real thing.
#![allow(dead_code, clippy::unwrap_used, missing_docs)]

use std::path::Path;
use std::sync::Arc;

use benefits::{
    ListInput, ListReport, Mode, Programme, ProgrammeCondition, Programmes, SubjectKind, list,
};
use engine::arrow::array::{
    ArrayRef, BooleanArray, Int8Array, Int64Array, RecordBatch, StringArray,
};
use engine::arrow::datatypes::{DataType, Field, Schema};
use engine::{DataFolder, Snapshot, Tables, Versions, WriteMode};
use huimin_benefits as benefits;
use jiff::Timestamp;
use jiff::civil::date;
use store::sea_orm::{DatabaseConnection, FromQueryResult, Statement};
use testing::{Kind, TestDatabase};
use trust::ColumnKeys;
use vocab::Period;

/// Automatic, every month; conditions: member, alive.
pub(crate) const GRANT: &str = "tennis-grant";
/// By confirmation, every month; conditions: alive, member.
pub(crate) const RACKET: &str = "racket-allowance";
/// For households on application; conditions: applied, savings.
pub(crate) const FAMILY: &str = "club-family";

pub(crate) fn programmes() -> Programmes {
    let programme = |id: &str, zh: &str, unit, mode, conditions: &[&str]| Programme {
        id: id.to_owned(),
        name: pack::Text { zh: zh.to_owned(), en: id.to_owned() },
        unit,
        mode,
        continuing: true,
        conditions: conditions
            .iter()
            .map(|id| ProgrammeCondition {
                id: (*id).to_owned(),
                name: pack::Text { zh: format!("条件{id}"), en: format!("the {id} condition") },
            })
            .collect(),
    };
    Programmes {
        all: vec![
            programme(
                GRANT,
                "网球补助",
                SubjectKind::Person,
                Mode::Auto,
                &["member", "alive", "amount"],
            ),
            programme(
                RACKET,
                "球拍津贴",
                SubjectKind::Person,
                Mode::Enrolled,
                &["alive", "member", "amount"],
            ),
            programme(
                FAMILY,
                "俱乐部家庭",
                SubjectKind::Household,
                Mode::Enrolled,
                &["applied", "savings", "amount"],
            ),
        ],
        pack_hash: "pack".to_owned(),
    }
}

pub(crate) fn keys() -> ColumnKeys {
    ColumnKeys::from_master(&[7; 32])
}

pub(crate) fn period(text: &str) -> Period {
    Period::parse(text).unwrap()
}

pub(crate) fn at() -> Timestamp {
    "2024-02-05T08:00:00Z".parse().unwrap()
}

/// A decision about somebody.
#[derive(Debug, Clone)]
pub(crate) struct Decision {
    pub(crate) policy: &'static str,
    pub(crate) subject: String,
    pub(crate) outcome: i8,
    pub(crate) amount: i64,
    pub(crate) held: i64,
    pub(crate) unknown: i64,
    pub(crate) enrolled: bool,
}

pub(crate) fn eligible(policy: &'static str, subject: &str, amount: i64) -> Decision {
    Decision {
        policy,
        subject: subject.to_owned(),
        outcome: 1,
        amount,
        held: 0b111,
        unknown: 0,
        enrolled: true,
    }
}

pub(crate) fn not(policy: &'static str, subject: &str, held: i64) -> Decision {
    Decision { outcome: 0, amount: 0, held, ..eligible(policy, subject, 0) }
}

pub(crate) fn ask(policy: &'static str, subject: &str, held: i64, unknown: i64) -> Decision {
    Decision { outcome: 2, amount: 0, held, unknown, ..eligible(policy, subject, 0) }
}

pub(crate) fn not_enrolled(decision: Decision) -> Decision {
    Decision { enrolled: false, ..decision }
}

/// A person of the registry.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) vital: &'static str,
    pub(crate) account: Option<String>,
}

pub(crate) fn person(id: &str) -> Person {
    Person {
        id: id.to_owned(),
        name: format!("张{id}"),
        vital: "alive",
        account: Some(format!("62990000{id}")),
    }
}

/// What a run has decided.
#[derive(Debug, Clone, Default)]
pub(crate) struct Decided {
    pub(crate) decisions: Vec<Decision>,
    pub(crate) persons: Vec<Person>,
    /// Household and its head.
    pub(crate) households: Vec<(String, String)>,
}

pub(crate) struct World {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) db: DatabaseConnection,
    pub(crate) tables: Tables,
    versions: Versions,
    // Last, so that the connection is closed when the database goes.
    pub(crate) database: TestDatabase,
}

impl World {
    pub(crate) async fn new(kind: Kind) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = DataFolder::open_or_create(&folder.path().join("data")).unwrap();
        let database = TestDatabase::new(kind).await;
        let db = database.connect().await;
        store::migrate(&db, &[benefits::migrations]).await.unwrap();
        Self { tables: Tables::new(&data), folder, db, versions: Versions::new(), database }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The database, if it is a file.
    pub(crate) fn file(&self) -> std::path::PathBuf {
        self.database.file().unwrap()
    }

    /// Writes the tables of a run and lists its period.
    pub(crate) async fn run(
        &mut self,
        run_id: &str,
        month: &str,
        decided: &Decided,
    ) -> Result<ListReport, benefits::BenefitsError> {
        self.write(month, decided).await;
        self.list(run_id, month).await
    }

    pub(crate) async fn list(
        &self,
        run_id: &str,
        month: &str,
    ) -> Result<ListReport, benefits::BenefitsError> {
        self.list_known(run_id, month, date(2024, 2, 5)).await
    }

    pub(crate) async fn list_known(
        &self,
        run_id: &str,
        month: &str,
        known_at: jiff::civil::Date,
    ) -> Result<ListReport, benefits::BenefitsError> {
        let snapshot = Snapshot::new(self.tables.clone(), self.versions.clone(), 2);
        let (programmes, keys) = (programmes(), keys());
        let input = ListInput {
            db: &self.db,
            snapshot: &snapshot,
            programmes: &programmes,
            keys: &keys,
            run_id,
            period: period(month),
            known_at,
            progress: &|_| {},
        };
        list(input, None).await
    }

    pub(crate) fn forget(&mut self, table: &str) {
        self.versions.remove(table);
    }

    pub(crate) async fn write(&mut self, month: &str, decided: &Decided) {
        let suffix = month.replace('-', "_");
        for unit in [SubjectKind::Person, SubjectKind::Household] {
            let of_unit: Vec<Programme> =
                programmes().all.into_iter().filter(|one| one.unit == unit).collect();
            let (decisions, facts) = decision_tables(&of_unit, &decided.decisions);
            self.put(&format!("decisions_{}_{suffix}", unit.as_str()), decisions).await;
            self.put(&format!("facts_{}_{suffix}", unit.as_str()), facts).await;
        }
        self.put("persons", persons_table(&decided.persons)).await;
        let text = |values: Vec<&str>| Arc::new(StringArray::from(values)) as ArrayRef;
        let households = RecordBatch::try_from_iter_with_nullable([
            (
                "household_id",
                text(decided.households.iter().map(|one| one.0.as_str()).collect()),
                true,
            ),
            (
                "head_person",
                text(decided.households.iter().map(|one| one.1.as_str()).collect()),
                true,
            ),
        ])
        .unwrap();
        self.put("households", households).await;
    }

    async fn put(&mut self, table: &str, batch: RecordBatch) {
        let base = self.versions.get(table).copied();
        let version = self
            .tables
            .write(table, batch.schema(), base, WriteMode::Overwrite, &[batch])
            .await
            .unwrap();
        self.versions.insert(table.to_owned(), version);
    }

    pub(crate) async fn number(&self, sql: &str) -> i64 {
        #[derive(FromQueryResult)]
        struct Row {
            n: i64,
        }
        use store::sea_orm;
        // The databases count in different types.
        let sql = format!("SELECT CAST(n AS BIGINT) AS n FROM ({sql}) AS counted");
        let statement = Statement::from_string(self.db.get_database_backend(), sql);
        Row::find_by_statement(statement).one(&self.db).await.unwrap().unwrap().n
    }
}

fn decision_tables(programmes: &[Programme], decisions: &[Decision]) -> (RecordBatch, RecordBatch) {
    let mut subjects: Vec<&str> = decisions
        .iter()
        .filter(|one| programmes.iter().any(|programme| programme.id == one.policy))
        .map(|one| one.subject.as_str())
        .collect();
    subjects.sort_unstable();
    subjects.dedup();
    let place: std::collections::HashMap<&str, usize> =
        subjects.iter().enumerate().map(|(row, subject)| (*subject, row)).collect();
    let ids = Arc::new(StringArray::from(subjects.clone())) as ArrayRef;
    let divisions =
        Arc::new(StringArray::from(vec![Some("440104001"); subjects.len()])) as ArrayRef;
    let mut columns: Vec<(String, ArrayRef)> =
        vec![("subject_id".to_owned(), ids.clone()), ("division".to_owned(), divisions)];
    for programme in programmes {
        let mut of_row: Vec<Option<&Decision>> = vec![None; subjects.len()];
        for one in decisions.iter().filter(|one| one.policy == programme.id) {
            of_row[place[one.subject.as_str()]] = Some(one);
        }
        // A policy without any decision does not apply in the period; somebody without one is not
        // entitled.
        let applies = of_row.iter().any(Option::is_some);
        let none = Decision { enrolled: false, ..not(GRANT, "", 0) };
        let row = |one: &Option<&Decision>| applies.then(|| one.cloned().unwrap_or(none.clone()));
        let rows: Vec<Option<Decision>> = of_row.iter().map(row).collect();
        let prefix = programme.column_prefix();
        let integers = |of: fn(&Decision) -> i64| {
            Arc::new(rows.iter().map(|one| one.as_ref().map(of)).collect::<Int64Array>())
                as ArrayRef
        };
        columns.push((
            format!("{prefix}__outcome"),
            Arc::new(
                rows.iter().map(|one| one.as_ref().map(|one| one.outcome)).collect::<Int8Array>(),
            ),
        ));
        columns.push((format!("{prefix}__amount"), integers(|one| one.amount)));
        columns.push((format!("{prefix}__held"), integers(|one| one.held)));
        columns.push((format!("{prefix}__unknown"), integers(|one| one.unknown)));
        columns.push((
            format!("{prefix}__enrolled"),
            Arc::new(
                rows.iter()
                    .map(|one| one.as_ref().map(|one| one.enrolled))
                    .collect::<BooleanArray>(),
            ),
        ));
    }
    let decisions = nullable(columns);
    let ages = Arc::new((0..subjects.len()).map(|row| Some(row as i64)).collect::<Int64Array>());
    let facts = nullable(vec![("subject_id".to_owned(), ids), ("age".to_owned(), ages)]);
    (decisions, facts)
}

fn persons_table(persons: &[Person]) -> RecordBatch {
    let keys = keys();
    let text = |of: &dyn Fn(&Person) -> Option<String>| {
        Arc::new(persons.iter().map(of).collect::<StringArray>()) as ArrayRef
    };
    let account = |one: &Person| {
        let plain = one.account.as_deref()?;
        Some(keys.seal("social_card", "account", &format!("r{}", one.id), plain))
    };
    nullable(vec![
        ("person_id".to_owned(), text(&|one| Some(one.id.clone()))),
        ("name".to_owned(), text(&|one| Some(one.name.clone()))),
        ("vital_status".to_owned(), text(&|one| Some(one.vital.to_owned()))),
        ("account".to_owned(), text(&account)),
        (
            "account__token".to_owned(),
            text(&|one| Some(keys.token("account", one.account.as_deref()?))),
        ),
        (
            "account__record".to_owned(),
            text(&|one| one.account.as_ref().map(|_| format!("r{}:subject", one.id))),
        ),
        (
            "account__source".to_owned(),
            text(&|one| one.account.as_ref().map(|_| "social_card.account".to_owned())),
        ),
    ])
}

fn nullable(columns: Vec<(String, ArrayRef)>) -> RecordBatch {
    let fields: Vec<Field> = columns
        .iter()
        .map(|(name, array)| Field::new(name, DataType::clone(array.data_type()), true))
        .collect();
    let arrays = columns.into_iter().map(|(_, array)| array).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).unwrap()
}
