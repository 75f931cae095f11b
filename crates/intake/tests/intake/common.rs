//! A made-up club whose rolls are delivered, and a world to deliver them to.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use engine::arrow::array::{Array, AsArray as _};
use engine::arrow::compute::cast;
use engine::arrow::datatypes::DataType;
use engine::{DataFolder, Manifest, Snapshot, Tables, clean};
use huimin_intake::{IngestContext, IngestReport, IntakeError, ingest};
use jiff::civil::Date;
use pack::{Contract, Encoding, Format, Mode, Pack};
use sha2::{Digest as _, Sha256};
use trust::ColumnKeys;
use vocab::Period;

/// Headers of the club's rolls, in the contract's order.
pub const HEADERS: [&str; 10] = [
    "编号",
    "姓名",
    "性别",
    "出生日期",
    "证件号码",
    "联系电话",
    "住址",
    "会费",
    "加入日期",
    "退出日期",
];

/// Valid identity number of a made-up woman; division 440199 is not assigned.
pub const WOMAN: &str = "440199195603090028";

const PACK: [(&str, &str); 10] = [
    (
        "pack.yaml",
        "id: club_city
name: { zh: 球城, en: Club city }
version: '1'
division: '440100'
currency: CNY
departments: [{ id: club, name: { zh: 球会, en: Club } }]
lines: [{ id: sport, name: { zh: 体育, en: Sport } }]
retention: [{ id: short, name: { zh: 短期, en: Short }, years: 2 }]
",
    ),
    ("elements.yaml", "- { id: name, name: { zh: 姓名, en: Name }, type: name, level: 3 }\n"),
    (
        "divisions.csv",
        "code,name,level,parent,population_share
440100,广州市,city,,1
440104,越秀区,district,440100,1
440104001,北京街道,street,440104,1
",
    ),
    (
        "codes/sex.yaml",
        "id: sex
name: { zh: 性别, en: Sex }
entries:
  - { code: '1', zh: 男性, en: Male, aliases: [男] }
  - { code: '2', zh: 女性, en: Female, aliases: [女] }
",
    ),
    (
        "datasets/members.yaml",
        "id: members
name: { zh: 会员, en: Members }
description: { zh: 会员名册。, en: The club's roll. }
department: club
line: sport
format: csv
encoding: utf-8
mode: delta
key: [no]
absence: none
shrink_max: 0.5
retention: short
fields:
  - { id: no, header: 编号, type: text, required: true, title: { zh: 编号, en: Number } }
  - { id: name, header: 姓名, type: name, required: true, title: { zh: 姓名, en: Name } }
  - { id: sex, header: 性别, type: code:sex, title: { zh: 性别, en: Sex } }
  - { id: born, header: 出生日期, type: date, min: 1900-01-01, title: { zh: 出生日期, en: Born } }
  - { id: id_number, header: 证件号码, type: id_number, title: { zh: 证件号码, en: Identity number } }
  - { id: phone, header: 联系电话, type: phone, title: { zh: 联系电话, en: Telephone } }
  - { id: address, header: 住址, type: address, title: { zh: 住址, en: Address } }
  - { id: fee, header: 会费, type: money, min: 0, title: { zh: 会费, en: Fee } }
  - { id: joined_on, header: 加入日期, type: date, title: { zh: 加入日期, en: Joined } }
  - { id: left_on, header: 退出日期, type: date, title: { zh: 退出日期, en: Left } }
people:
  - { role: subject, attributes: { name: name, id_number: id_number } }
rules:
  - id: left_before_joined
    when: left_on < joined_on
    code: ROW-DATE-ORDER
    message: { zh: 退出早于加入, en: Left before joining }
",
    ),
    (
        "linkage.yaml",
        "attributes: [name, id_number]
blocking: [{ id: by_name, on: [name] }]
comparisons:
  - attribute: name
    levels: [{ id: same, when: exact, weight: 8 }, { id: differs, when: else, weight: -6 }]
thresholds: { match: 12, review: 4 }
",
    ),
    ("survivorship.yaml", "attributes: { name: [authority, recency] }\n"),
    ("parameters.yaml", "{}\n"),
    ("variables.yaml", "[]\n"),
    ("policies/.keep.yaml", ""),
];

/// The club's pack: datasets of one roll in each format and encoding.
pub fn pack() -> &'static Pack {
    static LOADED: OnceLock<Pack> = OnceLock::new();
    LOADED.get_or_init(|| {
        let texts = PACK.iter().filter(|(name, _)| !name.contains(".keep")).copied();
        let mut pack = match pack::load_texts(texts) {
            Ok(pack) => pack,
            Err(faults) => panic!("{}", faults.render(pack::Style::Plain)),
        };
        let members = pack.datasets["members"].clone();
        let mut add = |id: &str, format, encoding, mode| {
            let table = (format == Format::Sqlite).then(|| "roll".to_owned());
            let contract =
                Contract { id: id.to_owned(), format, encoding, mode, table, ..members.clone() };
            pack.datasets.insert(id.to_owned(), contract);
        };
        add("roll", Format::Csv, Encoding::Utf8, Mode::Full);
        add("gb", Format::Csv, Encoding::Gb18030, Mode::Delta);
        add("bom", Format::Csv, Encoding::Utf8Bom, Mode::Delta);
        add("lines", Format::Jsonl, Encoding::Utf8, Mode::Delta);
        add("sheet", Format::Xlsx, Encoding::Utf8, Mode::Delta);
        add("database", Format::Sqlite, Encoding::Utf8, Mode::Delta);
        add("columns", Format::Parquet, Encoding::Utf8, Mode::Delta);
        pack
    })
}

/// A delivery to be put into the feeds folder.
#[derive(Debug, Clone)]
pub struct Delivery {
    pub dataset: String,
    pub file: String,
    pub bytes: Vec<u8>,
    pub period: String,
    pub as_of: String,
    pub received: String,
    pub sequence: u32,
    pub kind: &'static str,
    /// Rows to announce.
    pub rows: Option<u64>,
    /// Whether to announce the hash.
    pub hashed: bool,
}

impl Delivery {
    /// A delta of January, received in February.
    pub fn new(dataset: &str, bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            dataset: dataset.to_owned(),
            file: format!("{dataset}.dat"),
            bytes: bytes.into(),
            period: "2024-01".to_owned(),
            as_of: "2024-01-31".to_owned(),
            received: "2024-02-03".to_owned(),
            sequence: 1,
            kind: "delta",
            rows: None,
            hashed: true,
        }
    }

    pub fn month(mut self, month: u32) -> Self {
        self.period = format!("2024-{month:02}");
        self.as_of = format!("2024-{month:02}-28");
        self.received = format!("2024-{:02}-03", month + 1);
        self
    }

    pub fn received(mut self, day: &str) -> Self {
        self.received = day.to_owned();
        self
    }

    pub fn full(mut self) -> Self {
        self.kind = "full";
        self
    }

    pub fn rows(mut self, rows: u64) -> Self {
        self.rows = Some(rows);
        self
    }

    pub fn unhashed(mut self) -> Self {
        self.hashed = false;
        self
    }
}

/// A CSV text with the headers of the club and these rows; missing cells are empty.
pub fn csv(rows: &[&[&str]]) -> String {
    let mut text = HEADERS.join(",") + "\n";
    for row in rows {
        let cells: Vec<&str> =
            (0..HEADERS.len()).map(|at| row.get(at).copied().unwrap_or("")).collect();
        text += &(cells.join(",") + "\n");
    }
    text
}

/// A feeds folder and a data folder.
pub struct World {
    pub root: tempfile::TempDir,
    pub folder: DataFolder,
    pub tables: Tables,
    pub keys: ColumnKeys,
    entries: BTreeMap<String, Vec<serde_json::Value>>,
}

impl World {
    pub fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let folder = DataFolder::open_or_create(&root.path().join("data")).unwrap();
        let tables = Tables::new(&folder);
        fs::create_dir(root.path().join("feeds")).unwrap();
        let keys = ColumnKeys::from_master(&[7; 32]);
        Self { root, folder, tables, keys, entries: BTreeMap::new() }
    }

    pub fn feeds(&self) -> PathBuf {
        self.root.path().join("feeds")
    }

    pub fn feed_file(&self, delivery: &Delivery) -> PathBuf {
        self.feeds().join(&delivery.period).join(&delivery.file)
    }

    /// Puts a delivery into the feeds folder.
    pub fn deliver(&mut self, delivery: &Delivery) {
        fs::create_dir_all(self.feeds().join(&delivery.period)).unwrap();
        fs::write(self.feed_file(delivery), &delivery.bytes).unwrap();
        self.announce(delivery);
    }

    /// Names a delivery in the manifest without touching its file.
    pub fn announce(&mut self, delivery: &Delivery) {
        let mut entry = serde_json::json!({
            "dataset": delivery.dataset, "file": delivery.file, "as_of": delivery.as_of,
            "received": delivery.received, "sequence": delivery.sequence, "kind": delivery.kind,
        });
        if let Some(rows) = delivery.rows {
            entry["rows"] = rows.into();
        }
        if delivery.hashed {
            let hash = Sha256::digest(&delivery.bytes);
            entry["sha256"] =
                hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into();
        }
        let entries = self.entries.entry(delivery.period.clone()).or_default();
        entries.push(entry);
        let manifest = serde_json::json!({ "period": delivery.period, "deliveries": entries });
        let folder = self.feeds().join(&delivery.period);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("manifest.json"), manifest.to_string()).unwrap();
    }

    /// The last period that has a folder; 2024-12 without any.
    pub fn last_period(&self) -> String {
        let folders = fs::read_dir(self.feeds()).into_iter().flatten();
        let names = folders.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.max().unwrap_or_else(|| "2024-12".to_owned())
    }

    /// Runs intake without publishing.
    pub fn ingest(&self) -> Result<IngestReport, IntakeError> {
        self.ingest_with(pack(), &self.last_period(), None)
    }

    pub fn ingest_with(
        &self,
        pack: &Pack,
        through: &str,
        known_at: Option<Date>,
    ) -> Result<IngestReport, IntakeError> {
        let context =
            IngestContext { folder: &self.folder, tables: &self.tables, pack, keys: &self.keys };
        let through = Period::parse(through).unwrap();
        block_on(ingest(&context, &self.feeds(), through, known_at, &|_| {}))
    }

    /// Runs intake and publishes.
    pub fn run(&self) -> IngestReport {
        let report = self.ingest().unwrap();
        self.publish(&report);
        report
    }

    pub fn publish(&self, report: &IngestReport) {
        let current = Manifest::current(&self.folder).unwrap();
        let number = current.as_ref().map_or(1, |manifest| manifest.number + 1);
        let mut tables = current.map(|manifest| manifest.tables).unwrap_or_default();
        tables.extend(report.tables.clone());
        let manifest = Manifest {
            number,
            run_id: format!("run{number}"),
            period: Period::parse("2024-01").unwrap(),
            known_at: Date::constant(2024, 12, 31),
            pack_hash: String::new(),
            code_version: String::new(),
            tables,
            index: None,
            linkage: None,
            periods: BTreeMap::new(),
            steps: Vec::new(),
        };
        manifest.publish(&self.folder).unwrap();
    }

    fn snapshot(&self) -> Snapshot {
        let tables = Manifest::current(&self.folder).unwrap().map(|manifest| manifest.tables);
        Snapshot::new(self.tables.clone(), tables.unwrap_or_default(), 1)
    }

    /// Rows of a query over published tables, cells as text, nulls as `-`.
    pub fn query(&self, tables: &[&str], sql: &str) -> Vec<String> {
        let batches = block_on(self.snapshot().query(tables, sql)).unwrap();
        let mut rows = Vec::new();
        for batch in batches {
            let texts: Vec<_> = batch
                .columns()
                .iter()
                .map(|column| cast(column, &DataType::Utf8).unwrap())
                .collect();
            for row in 0..batch.num_rows() {
                let cells: Vec<&str> = texts
                    .iter()
                    .map(|c| if c.is_null(row) { "-" } else { c.as_string::<i32>().value(row) })
                    .collect();
                rows.push(cells.join("|"));
            }
        }
        rows
    }

    /// Columns of the current rows of a dataset as known on a day, in the order of the first one.
    pub fn current(&self, dataset: &str, columns: &str, known_at: Date) -> Vec<String> {
        let snapshot = self.snapshot();
        block_on(clean::register(&snapshot, dataset)).unwrap();
        let rows = clean::current_sql(&snapshot, dataset, known_at, None);
        let table = clean::table_name(dataset);
        let mut tables = vec![table.as_str()];
        if snapshot.has(clean::CLOSED) {
            tables.push(clean::CLOSED);
        }
        self.query(&tables, &format!("SELECT {columns} FROM {rows} ORDER BY 1"))
    }

    /// The row account of every delivery, in short.
    pub fn accounts(&self) -> Vec<String> {
        self.query(
            &["deliveries"],
            "SELECT dataset, as_of, rows_in, inserted, changed, unchanged, ended, duplicate, \
             quarantined, missing_ended, held_endings, hold FROM deliveries ORDER BY dataset, as_of, sequence",
        )
    }

    /// Codes and lines of the quarantine.
    pub fn quarantine(&self) -> Vec<String> {
        self.query(
            &["quarantine"],
            "SELECT line, codes, columns FROM quarantine ORDER BY dataset, received, line",
        )
    }

    /// Opens a sealed cell.
    pub fn open(&self, dataset: &str, field: &str, row_id: &str, sealed: &str) -> String {
        self.keys.open(dataset, field, row_id, sealed).unwrap()
    }

    /// The message of an error, with the folder of this test taken out and its sources behind it.
    pub fn message(&self, error: &dyn std::error::Error) -> String {
        let mut text = error.to_string();
        let mut source = error.source();
        while let Some(inner) = source {
            text += &format!(": {inner}");
            source = inner.source();
        }
        text.replace(&self.root.path().display().to_string(), "ROOT")
    }
}

/// All files below a folder.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found
}

pub fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// The last day that a test's deliveries can be known on.
pub const END: Date = Date::constant(2024, 12, 31);
