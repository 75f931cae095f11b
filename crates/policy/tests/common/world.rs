//! A data folder with the tables of the tennis club, written by hand.

use std::path::Path;
use std::sync::Arc;

use engine::arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Int64Array, RecordBatch, StringArray,
};
use engine::arrow::compute::take;
use engine::arrow::datatypes::{Field, Schema};
use engine::{DataFolder, Snapshot, Tables, Versions, WriteMode};
use huimin_policy::{DecideInput, DecideReport, RuleBook};
use jiff::civil::{Date, date};
use vocab::Period;

pub(crate) type Column = (&'static str, ArrayRef);

pub(crate) fn text(values: &[Option<&str>]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

pub(crate) fn day(value: Date) -> i32 {
    value.since(date(1970, 1, 1)).unwrap().get_days()
}

fn dates(values: &[Option<Date>]) -> ArrayRef {
    Arc::new(values.iter().map(|value| value.map(day)).collect::<Date32Array>())
}

fn money(values: &[Option<i128>]) -> ArrayRef {
    Arc::new(Decimal128Array::from(values.to_vec()).with_precision_and_scale(18, 2).unwrap())
}

pub(crate) fn batch(columns: Vec<Column>) -> RecordBatch {
    let fields: Vec<Field> = columns
        .iter()
        .map(|(name, array)| Field::new(*name, array.data_type().clone(), true))
        .collect();
    let arrays = columns.into_iter().map(|(_, array)| array).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).unwrap()
}

/// Persons: id, birth, vital status, day of death.
const PERSONS: [(&str, Option<Date>, &str, Option<Date>); 8] = [
    ("p1", Some(date(1950, 3, 1)), "alive", None),
    ("p2", Some(date(1990, 5, 5)), "alive", None),
    ("p3", Some(date(1940, 1, 1)), "uncertain", Some(date(2023, 12, 10))),
    ("p4", None, "alive", None),
    ("p5", Some(date(1941, 1, 1)), "dead", Some(date(2023, 11, 2))),
    ("p6", Some(date(1964, 1, 31)), "alive", None),
    ("p7", Some(date(1964, 2, 1)), "alive", None),
    ("p8", Some(date(1930, 1, 1)), "uncertain", Some(date(2024, 1, 20))),
];

/// Rows of a dataset that speak of persons: row, person, role, certain.
type Links = &'static [(&'static str, &'static str, &'static str, bool)];

const CLUB: Links = &[
    ("club1", "p1", "subject", true),
    ("club2", "p2", "subject", false),
    ("club3", "p3", "subject", true),
    ("club4", "p4", "subject", true),
    ("club5", "p5", "subject", true),
    ("club6", "p6", "subject", true),
    ("club7", "p8", "subject", true),
    ("club8", "p1", "subject", true),
];
const HIRE: Links = &[
    ("hire1", "p1", "subject", true),
    ("hire2", "p2", "subject", false),
    ("hire3", "p2", "subject", true),
    ("hire4", "p6", "subject", true),
    ("hire5", "p6", "subject", true),
    ("hire1", "p2", "voucher", true),
    ("hire6", "p8", "subject", false),
    ("hire7", "p5", "subject", false),
];
const PURSE: Links = &[
    ("purse1", "p1", "subject", true),
    ("purse2", "p6", "subject", true),
    ("purse3", "p6", "subject", true),
    ("purse4", "p7", "subject", true),
    ("purse5", "p5", "subject", true),
];
const FAMILY: Links = &[
    ("fam1", "p1", "subject", true),
    ("fam2", "p2", "subject", true),
    ("fam3", "p6", "subject", true),
    ("fam4", "p7", "subject", true),
];

fn clean(rows: &[&str], more: Vec<Column>) -> RecordBatch {
    let count = rows.len();
    let mut columns: Vec<Column> = vec![
        ("row_id", Arc::new(StringArray::from(rows.to_vec()))),
        ("version", Arc::new(Int64Array::from(vec![1; count]))),
        ("delivery_id", Arc::new(StringArray::from(vec!["d1"; count]))),
        ("line", Arc::new((2..2 + i64::try_from(count).unwrap()).collect::<Int64Array>())),
        ("as_of", dates(&vec![Some(date(2024, 1, 31)); count])),
        ("known_from", dates(&vec![Some(date(2024, 2, 2)); count])),
    ];
    columns.extend(more);
    batch(columns)
}

/// All tables of the world.
pub(crate) fn tables() -> Vec<(&'static str, RecordBatch)> {
    let ids: Vec<Option<&str>> = PERSONS.iter().map(|person| Some(person.0)).collect();
    let nothing = text(&[None; 8]);
    let no_date = dates(&[None; 8]);
    let persons = batch(vec![
        ("person_id", text(&ids)),
        ("sex", nothing.clone()),
        ("birth_date", dates(&PERSONS.map(|person| person.1))),
        ("ethnicity", nothing.clone()),
        ("marital", nothing.clone()),
        (
            "division",
            text(&[
                Some("990101001"),
                Some("990101001"),
                Some("990101"),
                None,
                None,
                None,
                None,
                None,
            ]),
        ),
        ("hukou_division", nothing.clone()),
        ("hukou_status", nothing.clone()),
        ("hukou_from", no_date.clone()),
        ("hukou_to", no_date),
        ("area_type", nothing),
        ("vital_status", text(&PERSONS.map(|person| Some(person.2)))),
        ("death_date", dates(&PERSONS.map(|person| person.3))),
        (
            "birth_date__record",
            text(&[Some("club1:subject"), None, None, None, None, None, None, None]),
        ),
    ]);
    let (mut record, mut row, mut dataset, mut role, mut person, mut certain) =
        (vec![], vec![], vec![], vec![], vec![], vec![]);
    for (name, links) in
        [("club_roll", CLUB), ("racket_hire", HIRE), ("purse", PURSE), ("family_entry", FAMILY)]
    {
        for (row_id, person_id, in_role, sure) in links {
            record.push(format!("{row_id}:{in_role}"));
            row.push(*row_id);
            dataset.push(name);
            role.push(*in_role);
            person.push(*person_id);
            certain.push(*sure);
        }
    }
    let links = batch(vec![
        ("record_id", Arc::new(StringArray::from(record))),
        ("row_id", Arc::new(StringArray::from(row))),
        ("dataset", Arc::new(StringArray::from(dataset))),
        ("role", Arc::new(StringArray::from(role))),
        ("person_id", Arc::new(StringArray::from(person))),
        ("certain", Arc::new(BooleanArray::from(certain))),
    ]);
    let joined = Some(date(2020, 1, 1));
    let club = clean(
        &["club1", "club2", "club3", "club4", "club5", "club6", "club7", "club8"],
        vec![
            (
                "kind",
                text(&[
                    Some("1"),
                    Some("2"),
                    Some("1"),
                    Some("1"),
                    Some("1"),
                    Some("1"),
                    Some("1"),
                    Some("1"),
                ]),
            ),
            ("joined_on", dates(&[joined; 8])),
            // The first of p1's two rows has ended; the second one counts.
            ("left_on", dates(&[Some(date(2023, 1, 1)), None, None, None, None, None, None, None])),
            (
                "wins",
                Arc::new(Int64Array::from(vec![
                    Some(3),
                    None,
                    Some(1),
                    Some(1),
                    Some(1),
                    Some(1),
                    Some(1),
                    Some(4),
                ])),
            ),
        ],
    );
    let hire = clean(
        &["hire1", "hire2", "hire3", "hire4", "hire5", "hire6", "hire7"],
        vec![
            (
                "fee",
                money(&[
                    Some(910),
                    Some(500),
                    Some(700),
                    Some(1_000),
                    Some(2_000),
                    Some(300),
                    Some(400),
                ]),
            ),
            (
                "hired_on",
                dates(&[
                    Some(date(2024, 1, 5)),
                    Some(date(2024, 1, 6)),
                    Some(date(2024, 1, 7)),
                    Some(date(2024, 1, 8)),
                    Some(date(2023, 1, 8)),
                    Some(date(2024, 1, 9)),
                    Some(date(2024, 1, 9)),
                ]),
            ),
            (
                "status",
                text(&[Some("1"), Some("1"), Some("1"), Some("1"), Some("0"), Some("0"), None]),
            ),
        ],
    );
    let purse = clean(
        &["purse1", "purse2", "purse3", "purse4", "purse5"],
        vec![
            ("income", money(&[Some(50_010), Some(99_999), Some(40_000), Some(10_000), None])),
            (
                "asked_on",
                dates(&[
                    Some(date(2024, 1, 1)),
                    Some(date(2023, 1, 1)),
                    Some(date(2024, 1, 1)),
                    Some(date(2024, 1, 1)),
                    Some(date(2024, 1, 1)),
                ]),
            ),
        ],
    );
    let family = clean(
        &["fam1", "fam2", "fam3", "fam4"],
        vec![
            ("relation", text(&[Some("01"), Some("10"), Some("01"), Some("10")])),
            ("applied_on", dates(&[Some(date(2023, 12, 1)); 4])),
            ("status", text(&[Some("1"); 4])),
        ],
    );
    let rain = clean(
        &["rain1", "rain2"],
        vec![
            ("month", text(&[Some("2023-12"), Some("2024-01")])),
            (
                "rain",
                Arc::new(
                    Decimal128Array::from(vec![10_000, 36_000])
                        .with_precision_and_scale(18, 4)
                        .unwrap(),
                ),
            ),
        ],
    );
    let members = batch(vec![
        ("household_id", text(&[Some("h1"), Some("h1"), Some("h2"), Some("h2"), Some("r1")])),
        (
            "kind",
            text(&[
                Some("living_together"),
                Some("living_together"),
                Some("living_together"),
                Some("living_together"),
                Some("register"),
            ]),
        ),
        ("person_id", text(&[Some("p1"), Some("p2"), Some("p6"), Some("p7"), Some("p1")])),
        ("relation", text(&[Some("01"), Some("10"), Some("01"), Some("10"), Some("02")])),
    ]);
    let households = batch(vec![
        ("household_id", text(&[Some("h1"), Some("h2"), Some("r1")])),
        ("kind", text(&[Some("living_together"), Some("living_together"), Some("register")])),
        ("division", text(&[Some("990101001"), None, None])),
        ("head_person", text(&[Some("p1"), Some("p6"), Some("p1")])),
    ]);
    let datasets = ["club_roll", "racket_hire", "purse", "family_entry", "rain_index"];
    let deliveries = batch(vec![
        ("delivery_id", Arc::new(StringArray::from(vec!["d1"; 5]))),
        ("dataset", Arc::new(StringArray::from(datasets.to_vec()))),
        ("as_of", dates(&[Some(date(2024, 1, 31)); 5])),
        ("received", dates(&[Some(date(2024, 2, 2)); 5])),
    ]);
    vec![
        ("persons", persons),
        ("links", links),
        ("members", members),
        ("households", households),
        ("deliveries", deliveries),
        ("clean_club_roll", club),
        ("clean_racket_hire", hire),
        ("clean_purse", purse),
        ("clean_family_entry", family),
        ("clean_rain_index", rain),
    ]
}

/// The rows of a batch in another order, given by a seed, cut into pieces.
pub(crate) fn shuffled(batch: &RecordBatch, seed: u64) -> Vec<RecordBatch> {
    let mut order: Vec<u32> = (0..u32::try_from(batch.num_rows()).unwrap()).collect();
    order.sort_by_key(|row| {
        (u64::from(*row) + 1)
            .wrapping_mul(seed | 1)
            .rotate_left(17)
            .wrapping_mul(0x9E37_79B9_7F4A_7C15)
    });
    let order = engine::arrow::array::UInt32Array::from(order);
    let columns =
        batch.columns().iter().map(|column| take(column, &order, None).unwrap()).collect();
    let whole = RecordBatch::try_new(batch.schema(), columns).unwrap();
    let cut = usize::try_from(seed % 3).unwrap().min(whole.num_rows());
    vec![whole.slice(0, cut), whole.slice(cut, whole.num_rows() - cut)]
}

pub(crate) struct World {
    pub(crate) tables: Tables,
    pub(crate) versions: Versions,
    pub(crate) partitions: usize,
}

impl World {
    pub(crate) async fn write(root: &Path, partitions: usize, seed: u64) -> Self {
        let folder = DataFolder::open_or_create(root).unwrap();
        let tables = Tables::new(&folder);
        let mut versions = Versions::new();
        for (name, rows) in self::tables() {
            let pieces = if seed == 0 { vec![rows.clone()] } else { shuffled(&rows, seed) };
            let version = tables
                .write(name, rows.schema(), None, WriteMode::Overwrite, &pieces)
                .await
                .unwrap();
            versions.insert(name.to_owned(), version);
        }
        Self { tables, versions, partitions }
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        Snapshot::new(self.tables.clone(), self.versions.clone(), self.partitions)
    }

    /// Decides January 2024 and makes the results part of the world.
    pub(crate) async fn decide(&mut self, book: &RuleBook, known_at: Date) -> DecideReport {
        let snapshot = self.snapshot();
        let input = DecideInput {
            snapshot: &snapshot,
            tables: &self.tables,
            base: &Versions::new(),
            period: Period::parse("2024-01").unwrap(),
            known_at,
        };
        let report = huimin_policy::decide(book, input, &|_| {}).await.unwrap();
        self.versions.extend(report.versions.clone());
        report
    }
}
