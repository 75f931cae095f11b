//! Delta tables by name.

use std::fs::{self, File};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::catalog::TableProvider;
use datafusion::datasource::empty::EmptyTable;
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::{
    ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl,
};
use deltalake_core::{DeltaTable, DeltaTableBuilder};
use url::Url;

use crate::folder::sync_dir;
use crate::{DataFolder, EngineError, TableWriter, WriteMode};

/// The Delta tables of a data folder.
///
/// Methods name the table and the version; which version a reader should take stands in the
/// published [`crate::Manifest`].
#[derive(Debug, Clone)]
pub struct Tables {
    dir: PathBuf,
}

impl Tables {
    /// The tables of `folder`.
    #[must_use]
    pub fn new(folder: &DataFolder) -> Self {
        Self { dir: folder.tables_dir() }
    }

    /// The latest version of a table on disk, published or not; `None` when there is no table.
    ///
    /// # Errors
    ///
    /// When the table's log can't be read.
    pub async fn latest(&self, table: &str) -> Result<Option<i64>, EngineError> {
        Ok(self.open_latest(table).await?.and_then(|opened| opened.version()).map(as_i64))
    }

    /// A table at a version, for DataFusion: the files that the table's log names for it.
    ///
    /// Our tables have neither deleted rows nor partition columns, so that DataFusion's own reading of
    /// files does; unlike Delta's it shares the row groups of a file out among processors.
    ///
    /// # Errors
    ///
    /// When the version is not there, and [`EngineError::Damaged`] when one of its files is missing or has
    /// not the length that was written.
    pub async fn provider(
        &self,
        table: &str,
        version: i64,
    ) -> Result<Arc<dyn TableProvider>, EngineError> {
        let failed = || EngineError::query(format!("open table {table}"));
        let opened = self.open_version(table, version).await?;
        let state = opened.snapshot().map_err(EngineError::delta(table, "read the log of"))?;
        let schema = state.snapshot().arrow_schema();
        let dir = self.url(table)?;
        let mut files = Vec::new();
        for file in state.log_data() {
            self.check_file(table, &file.path(), file.size())?;
            let url = dir.join(&file.path()).map_err(|_| EngineError::Damaged {
                path: self.table_dir(table),
                reason: format!("its log names a file `{}`", file.path()),
            })?;
            files.push(ListingTableUrl::parse(url.as_str()).map_err(failed())?);
        }
        if files.is_empty() {
            return Ok(Arc::new(EmptyTable::new(schema)));
        }
        let options = ListingOptions::new(Arc::new(ParquetFormat::new()));
        let config = ListingTableConfig::new_with_multi_paths(files)
            .with_schema(schema)
            .with_listing_options(options);
        Ok(Arc::new(ListingTable::try_new(config).map_err(failed())?))
    }

    /// Starts writing a new version of a table on top of version `base`.
    ///
    /// `base` is the published version, or `None` when nothing is published; whatever a killed run
    /// left in the table's log after that is taken out by the same commit.
    ///
    /// # Errors
    ///
    /// When the table or a new file can't be opened.
    pub async fn writer(
        &self,
        table: &str,
        schema: SchemaRef,
        base: Option<i64>,
        mode: WriteMode,
    ) -> Result<TableWriter, EngineError> {
        TableWriter::open(self, table, schema, base, mode).await
    }

    /// Writes a new version of a table in one go and returns its number.
    ///
    /// # Errors
    ///
    /// As [`Tables::writer`] and [`TableWriter::commit`].
    pub async fn write(
        &self,
        table: &str,
        schema: SchemaRef,
        base: Option<i64>,
        mode: WriteMode,
        batches: &[RecordBatch],
    ) -> Result<i64, EngineError> {
        let mut writer = self.writer(table, schema, base, mode).await?;
        for batch in batches {
            writer.write(batch)?;
        }
        writer.commit().await
    }

    /// A listing takes a file that is not there for an empty one, so it is looked for before.
    fn check_file(&self, table: &str, name: &str, bytes: i64) -> Result<(), EngineError> {
        let path = self.table_dir(table).join(name);
        let reason = match fs::metadata(&path) {
            Ok(found) if i64::try_from(found.len()) == Ok(bytes) => return Ok(()),
            Ok(found) => {
                format!("it has {} bytes where {bytes} were written", found.len())
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => "it is missing".to_owned(),
            Err(source) => return Err(EngineError::io("look for", &path)(source)),
        };
        Err(EngineError::Damaged { path, reason })
    }

    pub(crate) fn table_dir(&self, table: &str) -> PathBuf {
        self.dir.join(table)
    }

    pub(crate) fn url(&self, table: &str) -> Result<Url, EngineError> {
        let dir = self.table_dir(table);
        let absolute = std::path::absolute(&dir).map_err(EngineError::io("find", &dir))?;
        Url::from_directory_path(&absolute).map_err(|()| EngineError::Damaged {
            path: dir,
            reason: "the path can't be written as a file URL".to_owned(),
        })
    }

    pub(crate) async fn open_latest(&self, table: &str) -> Result<Option<DeltaTable>, EngineError> {
        if !self.table_dir(table).join("_delta_log").exists() {
            return Ok(None);
        }
        let opened = DeltaTableBuilder::from_url(self.url(table)?)
            .map_err(EngineError::delta(table, "open"))?
            .load()
            .await;
        match opened {
            Ok(opened) => Ok(Some(opened)),
            // A run killed before its first commit leaves a folder without a log entry.
            Err(deltalake_core::DeltaTableError::NotATable(_)) => Ok(None),
            Err(source) => Err(EngineError::Delta {
                table: table.to_owned(),
                what: "open",
                source: Box::new(source),
            }),
        }
    }

    pub(crate) async fn open_version(
        &self,
        table: &str,
        version: i64,
    ) -> Result<DeltaTable, EngineError> {
        let number = u64::try_from(version).map_err(|_| EngineError::NoTable {
            table: table.to_owned(),
            hint: format!("version {version} is not a version number"),
        })?;
        DeltaTableBuilder::from_url(self.url(table)?)
            .map_err(EngineError::delta(table, "open"))?
            .with_version(number)
            .load()
            .await
            .map_err(EngineError::delta(table, "open the published version"))
    }

    /// Flushes the log entry of a version to disk.
    pub(crate) fn sync_log(&self, table: &str, version: i64) -> Result<(), EngineError> {
        let log = self.table_dir(table).join("_delta_log");
        let entry = log.join(format!("{version:020}.json"));
        // An entry that a checkpoint has replaced was flushed when it was published.
        if let Ok(file) = File::open(&entry) {
            file.sync_all().map_err(EngineError::io("flush", &entry))?;
            sync_dir(&log)?;
        }
        Ok(())
    }
}

/// Version numbers count commits, so they are far below 2^63.
pub(crate) fn as_i64(version: u64) -> i64 {
    i64::try_from(version).unwrap_or(i64::MAX)
}
