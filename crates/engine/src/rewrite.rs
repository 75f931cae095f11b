//! Changing cells of rows that are there, in every version of a table that is still read.
//!
//! Versions share files. Each file is written anew once, and every version is then made again of the new files; the
//! old ones stay for readers that have begun, until [`remove_unread`].

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io;
use std::path::Path;

use arrow::array::RecordBatch;
use deltalake_core::kernel::Add;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::folder::sync_dir;
use crate::tables::as_i64;
use crate::writer::{FileWriter, files, part_name};
use crate::{EngineError, TableWriter, Tables, WriteMode};

/// Rows that are changed at once.
const ROWS: usize = 8_192;

/// Gives rows anew, in the same schema; `None` when they stay.
pub type ChangeRows<'c, E> = dyn FnMut(&RecordBatch) -> Result<Option<RecordBatch>, E> + Send + 'c;

/// What became of the versions of a table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rewritten {
    /// The version that has the changed rows of each version.
    pub versions: BTreeMap<i64, i64>,
    /// Rows that were looked at, each once however many versions have it.
    pub rows: u64,
}

/// Changes the rows of `versions` of a table. `change` gives the rows anew, in the same schema, or `None` when they
/// stay as they are; it is called once for each row, file by file.
///
/// A file of which nothing changes stays, and a table of which nothing changes keeps its versions. One that breaks off
/// leaves files that no version names, and versions that nobody has published.
///
/// # Errors
///
/// What `change` gives, and when a file can't be read or written.
pub async fn rewrite<E: From<EngineError>>(
    tables: &Tables,
    table: &str,
    versions: &BTreeSet<i64>,
    change: &mut ChangeRows<'_, E>,
) -> Result<Rewritten, E> {
    let mut rewritten = Rewritten::default();
    let mut renamed: BTreeMap<String, Add> = BTreeMap::new();
    let dir = tables.table_dir(table);
    let latest = tables.open_latest(table).await?.and_then(|opened| opened.version());
    let mut names = (0..).map({
        let next = latest.map_or(0, |version| as_i64(version) + 1);
        move |number: usize| part_name(next, number)
    });
    let mut old_files = Vec::new();
    for version in versions {
        let opened = tables.open_version(table, *version).await?;
        let of_version = files(table, &opened)?;
        for (path, old) in &of_version {
            if renamed.contains_key(path) {
                continue;
            }
            let name = names.next().unwrap_or_default();
            let rows = &mut rewritten.rows;
            let new = rewrite_file(table, &dir, path, &name, rows, change)?;
            renamed.insert(path.clone(), new.unwrap_or_else(|| old.clone()));
        }
        old_files.push((*version, opened, of_version));
    }
    sync_dir(&dir)?;
    for (version, opened, of_version) in old_files {
        let is_same =
            of_version.keys().all(|path| renamed.get(path).is_none_or(|new| new.path == *path));
        if is_same {
            rewritten.versions.insert(version, version);
            continue;
        }
        let state = opened.snapshot().map_err(EngineError::delta(table, "read"))?;
        let schema = state.snapshot().arrow_schema();
        let writer = TableWriter::open(tables, table, schema, None, WriteMode::Overwrite).await?;
        let new = of_version.into_keys().filter_map(|path| renamed.get(&path).cloned());
        rewritten.versions.insert(version, writer.commit_files(new).await?);
    }
    Ok(rewritten)
}

/// Gives the new file; `None` when nothing in it changes.
fn rewrite_file<E: From<EngineError>>(
    table: &str,
    dir: &Path,
    old: &str,
    name: &str,
    rows: &mut u64,
    change: &mut ChangeRows<'_, E>,
) -> Result<Option<Add>, E> {
    let path = dir.join(old);
    let parquet = |source| EngineError::Parquet { table: table.to_owned(), source };
    let file = File::open(&path).map_err(EngineError::io("open", &path))?;
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).map_err(parquet)?;
    let schema = reader.schema().clone();
    let reader = reader.with_batch_size(ROWS).build().map_err(parquet)?;
    let mut writer = FileWriter::create(table, dir, name.to_owned(), schema)?;
    let mut is_changed = false;
    for batch in reader {
        let batch = batch.map_err(EngineError::arrow("read rows"))?;
        *rows += batch.num_rows() as u64;
        let changed = change(&batch)?;
        is_changed |= changed.is_some();
        writer.write(changed.as_ref().unwrap_or(&batch))?;
    }
    let new = writer.close()?;
    if is_changed {
        return Ok(Some(new));
    }
    let unused = dir.join(&new.path);
    fs::remove_file(&unused).map_err(EngineError::io("remove", unused))?;
    Ok(None)
}

/// Removes the files of a table that none of `versions` names, and returns how many. Readers of other versions fail
/// from then on.
///
/// # Errors
///
/// When a version is not there, or a file can't be removed.
pub async fn remove_unread(
    tables: &Tables,
    table: &str,
    versions: &BTreeSet<i64>,
) -> Result<u64, EngineError> {
    let mut read = BTreeSet::new();
    for version in versions {
        read.extend(files(table, &tables.open_version(table, *version).await?)?.into_keys());
    }
    let dir = tables.table_dir(table);
    let mut removed = 0;
    for entry in fs::read_dir(&dir).map_err(EngineError::io("look into", &dir))? {
        let path = entry.map_err(EngineError::io("look into", &dir))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !name.ends_with(".parquet") || read.contains(&name) {
            continue;
        }
        match fs::remove_file(&path) {
            Ok(()) => removed += 1,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(source) => return Err(EngineError::io("remove", path)(source)),
        }
    }
    sync_dir(&dir)?;
    Ok(removed)
}
