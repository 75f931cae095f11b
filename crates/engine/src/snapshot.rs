//! A set of table versions with a session over them.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::RecordBatch;
use datafusion::catalog::TableProvider;
use datafusion::dataframe::DataFrame;
use datafusion::execution::context::SessionContext;

use crate::{EngineError, Tables};

/// Version of each table, by name.
pub type Versions = BTreeMap<String, i64>;

/// Name of the table of a table's closed rows.
///
/// A table in which single rows are replaced is not written anew: new rows are appended, and the
/// closed table names those that no longer hold, by the values of columns that both tables have.
#[must_use]
pub fn closed_table(table: &str) -> String {
    format!("{table}__closed")
}

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
    /// A table with a [`closed_table`] beside it is shown without the rows that are closed.
    ///
    /// # Errors
    ///
    /// [`EngineError::NoTable`] when the snapshot does not have it.
    pub async fn register(&self, table: &str) -> Result<(), EngineError> {
        if self.is_known(table)? {
            return Ok(());
        }
        let closed = closed_table(table);
        if !self.has(&closed) {
            return self.register_rows(table, table).await;
        }
        let rows = format!("{table}__rows");
        self.register_rows(table, &rows).await?;
        self.register_rows(&closed, &closed).await?;
        let failed = || EngineError::query(format!("leave out closed rows of {table}"));
        let keys = self.context.table(&closed).await.map_err(failed())?;
        let equal: Vec<String> = keys
            .schema()
            .fields()
            .iter()
            .map(|key| format!("c.\"{0}\" = x.\"{0}\"", key.name()))
            .collect();
        let sql = format!(
            "SELECT c.* FROM \"{rows}\" c LEFT ANTI JOIN \"{closed}\" x ON {}",
            equal.join(" AND ")
        );
        let current = self.context.sql(&sql).await.map_err(failed())?;
        self.put(table, current.into_view())
    }

    async fn register_rows(&self, table: &str, name: &str) -> Result<(), EngineError> {
        if self.is_known(name)? {
            return Ok(());
        }
        let version = *self.versions.get(table).ok_or_else(|| EngineError::NoTable {
            table: table.to_owned(),
            hint: "a run with deliveries of this kind makes it".to_owned(),
        })?;
        self.put(name, self.tables.provider(table, version).await?)
    }

    fn is_known(&self, name: &str) -> Result<bool, EngineError> {
        self.context.table_exist(name).map_err(EngineError::query("look for a table"))
    }

    fn put(&self, name: &str, provider: Arc<dyn TableProvider>) -> Result<(), EngineError> {
        match self.context.register_table(name, provider) {
            Ok(_) => Ok(()),
            // Two tasks may race to here; the table is the same, so the second one changes nothing.
            Err(_) if self.context.table_exist(name).unwrap_or(false) => Ok(()),
            Err(error) => Err(EngineError::query(format!("register table {name}"))(error)),
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
