//! A small synthetic city, and the program that is run on it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// A synthetic city in a folder of its own.
pub(crate) struct City {
    dir: tempfile::TempDir,
}

impl City {
    pub(crate) fn new(people: u32, months: u32) -> Self {
        let city = Self { dir: tempfile::tempdir().expect("a folder") };
        let done = huimin(&[
            "sim",
            "generate",
            "--people",
            &people.to_string(),
            "--start",
            "2024-01",
            "--months",
            &months.to_string(),
            "--seed",
            "11",
            "--out",
            &city.path("city"),
        ]);
        assert_success(&done);
        city
    }

    pub(crate) fn folder(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.dir.path().join(name).to_string_lossy().into_owned()
    }

    pub(crate) fn run_args(&self, data: &str, period: &str) -> Vec<String> {
        [
            "run",
            "--pack",
            &pack(),
            "--feeds",
            &self.path("city/feeds"),
            "--data",
            &self.path(data),
            "--period",
            period,
            "--json",
        ]
        .map(str::to_owned)
        .to_vec()
    }

    pub(crate) fn run(&self, data: &str, period: &str) -> Value {
        let args = self.run_args(data, period);
        let done = huimin(&args.iter().map(String::as_str).collect::<Vec<_>>());
        assert_success(&done);
        json(&done)
    }

    pub(crate) fn score(&self, data: &str, period: &str) -> Value {
        let done = huimin(&[
            "sim",
            "score",
            "--truth",
            &self.path("city/truth"),
            "--data",
            &self.path(data),
            "--period",
            period,
            "--json",
        ]);
        assert_success(&done);
        json(&done)
    }

    /// A copy of a data folder.
    pub(crate) fn copy(&self, from: &str, to: &str) {
        let status = Command::new("cp")
            .args(["-a", &self.path(from), &self.path(to)])
            .status()
            .expect("cp starts");
        assert!(status.success());
    }

    /// What readers of a data folder see.
    pub(crate) fn published(&self, data: &str) -> String {
        std::fs::read_to_string(Path::new(&self.path(data)).join("CURRENT"))
            .expect("something is published")
    }

    /// Canonical hash of the rows of each table that a reader sees.
    pub(crate) fn content(&self, data: &str, tables: &[&str]) -> Vec<String> {
        let hash = |table: &&str| {
            let (hash, rows) = self.rows(data, table, &format!("SELECT * FROM \"{table}\""));
            assert!(rows > 0, "{table} is empty");
            format!("{table} {hash}")
        };
        tables.iter().map(hash).collect()
    }

    /// The first column of a query over a table that a reader sees.
    pub(crate) fn texts(&self, data: &str, table: &str, sql: &str) -> Vec<String> {
        use engine::arrow::array::AsArray as _;

        let rows = self.query(data, table, sql);
        let column = rows.iter().flat_map(|batch| batch.column(0).as_string::<i32>().iter());
        column.flatten().map(str::to_owned).collect()
    }

    /// Canonical hash and number of the rows of a query over a table that a reader sees.
    pub(crate) fn rows(&self, data: &str, table: &str, sql: &str) -> (String, usize) {
        let rows = self.query(data, table, sql);
        let number = rows.iter().map(engine::arrow::array::RecordBatch::num_rows).sum();
        (engine::content_hash(&rows).expect("a hash"), number)
    }

    fn query(&self, data: &str, table: &str, sql: &str) -> Vec<engine::arrow::array::RecordBatch> {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(async {
            let folder =
                engine::DataFolder::open(Path::new(&self.path(data))).expect("a data folder");
            let manifest = engine::Manifest::published(&folder).expect("a published run");
            let snapshot = engine::Snapshot::new(engine::Tables::new(&folder), manifest.tables, 2);
            snapshot.query(&[table], sql).await.expect("an answer")
        })
    }
}

pub(crate) fn pack() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../city/guangzhou")
        .to_string_lossy()
        .into_owned()
}

pub(crate) fn command(args: &[&str]) -> Command {
    let mut command = Command::new(PathBuf::from(env!("CARGO_BIN_EXE_huimin")));
    command.args(args);
    command
}

pub(crate) fn huimin(args: &[&str]) -> Output {
    command(args).output().expect("the program starts")
}

#[track_caller]
pub(crate) fn assert_success(done: &Output) {
    assert!(
        done.status.success(),
        "exit {:?}\n{}\n{}",
        done.status.code(),
        String::from_utf8_lossy(&done.stdout),
        String::from_utf8_lossy(&done.stderr)
    );
}

pub(crate) fn json(done: &Output) -> Value {
    serde_json::from_slice(&done.stdout).expect("one JSON document on standard output")
}

pub(crate) const TABLES: [&str; 5] =
    ["persons", "members", "deliveries", "decisions_person_2024_01", "decisions_household_2024_01"];
