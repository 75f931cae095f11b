//! Writing one new version of a Delta table, streamed.
//!
//! Rows go straight into Parquet files; one commit then makes them a version. We write the files
//! ourselves rather than through the library's query plan because a delivery is streamed and may be
//! larger than memory, and because the same commit also has to take out what a killed run left
//! behind, so that a table's new version always is `base` plus the new rows.

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use deltalake_core::kernel::engine::arrow_conversion::TryIntoKernel as _;
use deltalake_core::kernel::transaction::{CommitBuilder, CommitProperties, TableReference};
use deltalake_core::kernel::{Action, Add, StructType, new_metadata};
use deltalake_core::protocol::{DeltaOperation, SaveMode};
use deltalake_core::{DeltaTable, DeltaTableBuilder};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;

use crate::folder::sync_dir;
use crate::tables::as_i64;
use crate::{EngineError, Tables};

/// Rows per Parquet file, so that big tables are read in parallel.
const ROWS_PER_FILE: usize = 1_000_000;
/// Rows per row group: small enough that a look-up of one row reads little.
const ROWS_PER_GROUP: usize = 131_072;

/// What happens to the rows of the base version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteMode {
    /// They stay, and the new rows come to them.
    Append,
    /// They are replaced by the new rows.
    Overwrite,
}

/// A new version of a table in the making.
///
/// Nothing is visible before [`TableWriter::commit`]; a writer that is dropped leaves at most files
/// that no version names.
pub struct TableWriter {
    table: String,
    dir: PathBuf,
    schema: SchemaRef,
    latest: Option<DeltaTable>,
    base_files: BTreeMap<String, Add>,
    next_version: i64,
    open: Option<FileWriter>,
    done: Vec<Add>,
}

/// One Parquet file in the making.
pub(crate) struct FileWriter {
    table: String,
    name: String,
    path: PathBuf,
    rows: usize,
    writer: ArrowWriter<File>,
}

impl TableWriter {
    pub(crate) async fn open(
        tables: &Tables,
        table: &str,
        schema: SchemaRef,
        base: Option<i64>,
        mode: WriteMode,
    ) -> Result<Self, EngineError> {
        let dir = tables.table_dir(table);
        fs::create_dir_all(&dir).map_err(EngineError::io("make the folder", &dir))?;
        let latest = tables.open_latest(table).await?;
        let latest_version = latest.as_ref().and_then(DeltaTable::version).map(as_i64);
        let base_files = match (base, mode) {
            (Some(version), WriteMode::Append) if Some(version) == latest_version => {
                latest.as_ref().map(|opened| files(table, opened)).transpose()?.unwrap_or_default()
            }
            (Some(version), WriteMode::Append) => {
                files(table, &tables.open_version(table, version).await?)?
            }
            _ => BTreeMap::new(),
        };
        Ok(Self {
            table: table.to_owned(),
            dir,
            schema,
            latest,
            base_files,
            next_version: latest_version.map_or(0, |version| version + 1),
            open: None,
            done: Vec::new(),
        })
    }

    /// Appends rows. The batch must have the writer's schema.
    ///
    /// # Errors
    ///
    /// When the file can't be written, for instance because the disk is full.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), EngineError> {
        let mut file = match self.open.take() {
            Some(file) if file.rows < ROWS_PER_FILE => file,
            Some(file) => {
                self.done.push(file.close()?);
                self.new_file()?
            }
            None => self.new_file()?,
        };
        file.write(batch)?;
        self.open = Some(file);
        Ok(())
    }

    /// Commits the rows as a new version and returns its number.
    ///
    /// # Errors
    ///
    /// When files or the log can't be written, or another writer came first.
    pub async fn commit(mut self) -> Result<i64, EngineError> {
        if let Some(file) = self.open.take() {
            self.done.push(file.close()?);
        }
        sync_dir(&self.dir)?;
        let kernel_schema: StructType = self
            .schema
            .as_ref()
            .try_into_kernel()
            .map_err(EngineError::arrow("convert a schema"))?;
        let mut actions = Vec::new();
        let table = match &self.latest {
            None => {
                let url = url::Url::from_directory_path(
                    std::path::absolute(&self.dir).map_err(EngineError::io("find", &self.dir))?,
                )
                .map_err(|()| EngineError::Damaged {
                    path: self.dir.clone(),
                    reason: "the path can't be written as a file URL".to_owned(),
                })?;
                let store = DeltaTableBuilder::from_url(url)
                    .and_then(DeltaTableBuilder::build)
                    .map_err(EngineError::delta(&self.table, "create"))?
                    .log_store();
                return self.create(store, &kernel_schema).await;
            }
            Some(table) => table.clone(),
        };
        let state = table.snapshot().map_err(EngineError::delta(&self.table, "read"))?;
        if *state.schema().as_ref() != kernel_schema {
            actions.push(Action::Metadata(
                new_metadata(&kernel_schema, Vec::<String>::new(), Vec::<(String, String)>::new())
                    .map_err(deltalake_core::DeltaTableError::from)
                    .map_err(EngineError::delta(&self.table, "change the schema"))?,
            ));
        }
        for view in state.log_data().iter() {
            if self.base_files.remove(view.path().as_ref()).is_none() {
                actions.push(Action::Remove(view.remove_action(true)));
            }
        }
        // What is left of the base was removed by a version that never got published.
        actions.extend(std::mem::take(&mut self.base_files).into_values().map(Action::Add));
        actions.extend(std::mem::take(&mut self.done).into_iter().map(Action::Add));
        let commit = CommitBuilder::from(CommitProperties::default().with_create_checkpoint(false))
            .with_actions(actions)
            .build(
                Some(state as &dyn TableReference),
                table.log_store(),
                DeltaOperation::Write {
                    mode: SaveMode::Append,
                    partition_by: None,
                    predicate: None,
                },
            )
            .await
            .map_err(EngineError::delta(&self.table, "commit"))?;
        Ok(as_i64(commit.version()))
    }

    async fn create(
        mut self,
        store: deltalake_core::logstore::LogStoreRef,
        schema: &StructType,
    ) -> Result<i64, EngineError> {
        let created = deltalake_core::operations::create::CreateBuilder::new()
            .with_log_store(store)
            .with_columns(schema.fields().cloned())
            .with_save_mode(SaveMode::ErrorIfExists)
            .with_actions(std::mem::take(&mut self.done).into_iter().map(Action::Add))
            .await
            .map_err(EngineError::delta(&self.table, "create"))?;
        Ok(created.version().map_or(0, as_i64))
    }

    fn new_file(&self) -> Result<FileWriter, EngineError> {
        let name = part_name(self.next_version, self.done.len());
        FileWriter::create(&self.table, &self.dir, name, self.schema.clone())
    }

    /// Commits a version of exactly these files, which are there, and returns its number.
    pub(crate) async fn commit_files(
        mut self,
        files: impl IntoIterator<Item = Add>,
    ) -> Result<i64, EngineError> {
        self.base_files = files.into_iter().map(|add| (add.path.clone(), add)).collect();
        self.commit().await
    }
}

impl FileWriter {
    pub(crate) fn create(
        table: &str,
        dir: &Path,
        name: String,
        schema: SchemaRef,
    ) -> Result<Self, EngineError> {
        let path = dir.join(&name);
        let file = File::create(&path).map_err(EngineError::io("create", &path))?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_max_row_group_row_count(Some(ROWS_PER_GROUP))
            .build();
        let table = table.to_owned();
        let writer = ArrowWriter::try_new(file, schema, Some(properties))
            .map_err(|source| EngineError::Parquet { table: table.clone(), source })?;
        Ok(Self { table, name, path, rows: 0, writer })
    }

    pub(crate) fn write(&mut self, batch: &RecordBatch) -> Result<(), EngineError> {
        self.writer
            .write(batch)
            .map_err(|source| EngineError::Parquet { table: self.table.clone(), source })?;
        self.rows += batch.num_rows();
        Ok(())
    }

    /// Writes it out; it is on disk then.
    pub(crate) fn close(self) -> Result<Add, EngineError> {
        let Self { table, name, path, rows, writer } = self;
        let inner = writer.into_inner().map_err(|source| EngineError::Parquet { table, source })?;
        inner.sync_all().map_err(EngineError::io("flush", &path))?;
        let size = inner.metadata().map_err(EngineError::io("look at", &path))?.len();
        Ok(add(name, i64::try_from(size).unwrap_or(i64::MAX), rows))
    }
}

/// The name carries the version to come, so a file of that name can only be the left-over of a writer that never
/// committed.
pub(crate) fn part_name(version: i64, number: usize) -> String {
    format!("part-{version:08}-{number:04}.parquet")
}

fn add(path: String, size: i64, rows: usize) -> Add {
    Add {
        path,
        partition_values: HashMap::new(),
        size,
        // Only a vacuum by age would read it, and we never vacuum by age.
        modification_time: 0,
        data_change: true,
        stats: Some(format!("{{\"numRecords\":{rows}}}")),
        tags: None,
        deletion_vector: None,
        base_row_id: None,
        default_row_commit_version: None,
        clustering_provider: None,
    }
}

pub(crate) fn files(
    table: &str,
    opened: &DeltaTable,
) -> Result<BTreeMap<String, Add>, EngineError> {
    let state = opened.snapshot().map_err(EngineError::delta(table, "read"))?;
    Ok(state
        .log_data()
        .iter()
        .map(|view| {
            let path = view.path().into_owned();
            let rows = view.num_records().unwrap_or_default();
            (path.clone(), add(path, view.size(), rows))
        })
        .collect())
}
