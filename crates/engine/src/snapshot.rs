//! A set of table versions with a session over them.

use std::collections::BTreeMap;

use arrow::array::RecordBatch;
use datafusion::dataframe::DataFrame;
use datafusion::execution::context::SessionContext;

use crate::{EngineError, Tables};

/// Version of each table, by name.
pub type Versions = BTreeMap<String, i64>;

/// Table versions that are read together: those of a published manifest, or of a run in progress.
#[derive(Clone)]
pub struct Snapshot {
    tables: Tables,
    versions: Versions,
    context: SessionContext,
}

impl Snapshot {
    /// A snapshot of `versions`, queried in `partitions` parallel partitions.
    #[must_use]
    pub fn new(tables: Tables, versions: Versions, partitions: usize) -> Self {
        Self { tables, versions, context: crate::session(partitions) }
    }

    /// The session. Tables get into it by [`Snapshot::register`].
    #[must_use]
    pub fn context(&self) -> &SessionContext {
        &self.context
    }

    /// The versions that this snapshot reads.
    #[must_use]
    pub fn versions(&self) -> &Versions {
        &self.versions
    }

    /// Whether a table is in this snapshot.
    #[must_use]
    pub fn has(&self, table: &str) -> bool {
        self.versions.contains_key(table)
    }

    /// Makes a table known to SQL under its own name; harmless when it already is.
    ///
    /// # Errors
    ///
    /// [`EngineError::NoTable`] when the snapshot does not have it.
    pub async fn register(&self, table: &str) -> Result<(), EngineError> {
        if self.context.table_exist(table).map_err(EngineError::query("look for a table"))? {
            return Ok(());
        }
        let version = *self.versions.get(table).ok_or_else(|| EngineError::NoTable {
            table: table.to_owned(),
            hint: "a run with deliveries of this kind makes it".to_owned(),
        })?;
        let provider = self.tables.provider(table, version).await?;
        match self.context.register_table(table, provider) {
            Ok(_) => Ok(()),
            // Two tasks may race to here; the table is the same, so the second one changes nothing.
            Err(_) if self.context.table_exist(table).unwrap_or(false) => Ok(()),
            Err(error) => Err(EngineError::query(format!("register table {table}"))(error)),
        }
    }

    /// A table as a data frame.
    ///
    /// # Errors
    ///
    /// As [`Snapshot::register`].
    pub async fn table(&self, table: &str) -> Result<DataFrame, EngineError> {
        self.register(table).await?;
        self.context.table(table).await.map_err(EngineError::query(format!("read table {table}")))
    }

    /// Runs SQL after making `tables` known, and collects the rows.
    ///
    /// # Errors
    ///
    /// When a table is missing or the query fails.
    pub async fn query(&self, tables: &[&str], sql: &str) -> Result<Vec<RecordBatch>, EngineError> {
        for table in tables {
            self.register(table).await?;
        }
        self.sql(sql).await
    }

    /// Runs SQL over tables that are already known, and collects the rows.
    ///
    /// # Errors
    ///
    /// When the query fails.
    pub async fn sql(&self, sql: &str) -> Result<Vec<RecordBatch>, EngineError> {
        let what = || sql.chars().take(120).collect::<String>();
        let frame = self.context.sql(sql).await.map_err(EngineError::query(what()))?;
        frame.collect().await.map_err(EngineError::query(what()))
    }
}
