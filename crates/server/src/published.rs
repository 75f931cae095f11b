//! One published state of the data plane, opened for reading, with what was computed from it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use engine::arrow::array::RecordBatch;
use engine::datafusion::prelude::SessionContext;
use engine::{DataFolder, Manifest, Snapshot, Tables};
use jiff::civil::Date;
use registry::PersonIndex;
use tokio::sync::{Mutex, OnceCell};
use vocab::Period;

use crate::overview::{PeriodFigures, Records, RegistryFigures};
use crate::problem::ApiError;

/// A published manifest with its tables and its person index. Nothing in it ever changes; a new
/// publication makes a new one.
pub(crate) struct Published {
    pub(crate) manifest: Manifest,
    pub(crate) manifest_file: PathBuf,
    snapshot: Snapshot,
    index_dir: Option<PathBuf>,
    index: OnceCell<Arc<PersonIndex>>,
    registering: Mutex<()>,
    /// Figures of the registry, computed once.
    pub(crate) registry: OnceCell<RegistryFigures>,
    /// Records by division, counted once, when somebody looks at a part of the city.
    pub(crate) records: OnceCell<Records>,
    periods: Mutex<BTreeMap<Period, Arc<OnceCell<PeriodFigures>>>>,
}

impl Published {
    pub(crate) fn new(folder: &DataFolder, tables: &Tables, manifest: Manifest) -> Self {
        let partitions = std::thread::available_parallelism().map_or(2, usize::from);
        Self {
            manifest_file: folder
                .root()
                .join("manifests")
                .join(format!("{:08}.json", manifest.number)),
            snapshot: Snapshot::new(tables.clone(), manifest.tables.clone(), partitions),
            index_dir: manifest.index.as_ref().map(|name| folder.index_dir().join(name)),
            index: OnceCell::new(),
            registering: Mutex::new(()),
            registry: OnceCell::new(),
            records: OnceCell::new(),
            periods: Mutex::new(BTreeMap::new()),
            manifest,
        }
    }

    /// The decided periods, newest first.
    pub(crate) fn periods(&self) -> Vec<Period> {
        let mut periods: BTreeSet<Period> =
            self.manifest.periods.keys().filter_map(|text| Period::parse(text).ok()).collect();
        periods.insert(self.manifest.period);
        periods.into_iter().rev().collect()
    }

    /// Refuses a period that was not decided.
    pub(crate) fn check_period(&self, period: Period) -> Result<(), ApiError> {
        if self.periods().contains(&period) {
            Ok(())
        } else {
            Err(ApiError::period_unknown(period))
        }
    }

    /// The slot for the figures of a period.
    pub(crate) async fn figures(&self, period: Period) -> Arc<OnceCell<PeriodFigures>> {
        self.periods.lock().await.entry(period).or_default().clone()
    }

    /// The person search index; `None` when no run has linked yet.
    pub(crate) async fn index(&self) -> Result<Option<Arc<PersonIndex>>, ApiError> {
        let Some(dir) = &self.index_dir else { return Ok(None) };
        let index = self
            .index
            .get_or_try_init(|| async {
                let dir = dir.clone();
                let opened = tokio::task::spawn_blocking(move || PersonIndex::open(&dir)).await?;
                Ok::<_, ApiError>(Arc::new(opened?))
            })
            .await?;
        Ok(Some(index.clone()))
    }

    /// Whether a table is published.
    pub(crate) fn has(&self, table: &str) -> bool {
        self.snapshot.has(table)
    }

    /// The snapshot, with `tables` made known to its session; those not published are left out.
    ///
    /// One request after the other makes tables known, because doing it twice at once is an error.
    pub(crate) async fn with_tables<'a>(
        &self,
        tables: impl IntoIterator<Item = &'a str>,
    ) -> Result<&Snapshot, ApiError> {
        let missing: Vec<&str> = tables
            .into_iter()
            .filter(|table| self.snapshot.has(table) && !self.is_known(table))
            .collect();
        if !missing.is_empty() {
            let _registering = self.registering.lock().await;
            for table in missing {
                self.snapshot.register(table).await?;
            }
        }
        Ok(&self.snapshot)
    }

    /// The snapshot with all tables made known, for other crates that query what they need.
    pub(crate) async fn with_all_tables(&self) -> Result<&Snapshot, ApiError> {
        self.with_tables(self.manifest.tables.keys().map(String::as_str)).await
    }

    /// Runs SQL over `tables`; without rows when one of them is not published.
    pub(crate) async fn query(
        &self,
        tables: &[&str],
        sql: &str,
    ) -> Result<Vec<RecordBatch>, ApiError> {
        if !tables.iter().all(|table| self.snapshot.has(table)) {
            return Ok(Vec::new());
        }
        Ok(self.with_tables(tables.iter().copied()).await?.sql(sql).await?)
    }

    /// The tables that a period was decided from, with what came out, and what was known then.
    ///
    /// The snapshot is the caller's own, since explaining makes tables known as it goes.
    pub(crate) fn as_decided(&self, folder: &DataFolder, period: Period) -> (Snapshot, Date) {
        let run = self.manifest.periods.get(&period.to_string());
        let mut versions = self.manifest.tables.clone();
        if let Some(run) = run {
            let results = of_period("", period);
            // The period's own tables come from the manifest: their latest version is its result.
            let before = run.tables.iter().filter(|(table, _)| !table.ends_with(&results));
            versions.extend(before.map(|(table, version)| (table.clone(), *version)));
        }
        let known_at = run.map_or(self.manifest.known_at, |run| run.known_at);
        (Snapshot::new(Tables::new(folder), versions, 2), known_at)
    }

    /// The column names of a table; none when it is not published.
    pub(crate) async fn columns(&self, table: &str) -> Result<BTreeSet<String>, ApiError> {
        if !self.has(table) {
            return Ok(BTreeSet::new());
        }
        let frame = self.with_tables([table]).await?.table(table).await?;
        Ok(frame.schema().fields().iter().map(|field| field.name().clone()).collect())
    }

    fn is_known(&self, table: &str) -> bool {
        let context: &SessionContext = self.snapshot.context();
        context.table_exist(table).unwrap_or(false)
    }
}

/// Name of a table that there is one of for each period.
pub(crate) fn of_period(stem: &str, period: Period) -> String {
    format!("{stem}_{:04}_{:02}", period.year(), period.month())
}
