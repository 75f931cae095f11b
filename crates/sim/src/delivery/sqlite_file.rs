//! Database files with one table.

use std::path::{Path, PathBuf};

use rusqlite::Connection;
use rusqlite::types::{ToSqlOutput, Value, ValueRef};

use super::Line;
use super::sums::sum_of;
use crate::dataset::{Column, Spec};
use crate::error::SimError;

pub(super) struct SqliteFile {
    path: PathBuf,
    connection: Connection,
    insert: String,
}

impl SqliteFile {
    pub(super) fn create(path: &Path, table: &str, spec: &Spec) -> Result<Self, SimError> {
        let failed = |source| failed(path, source);
        let connection = Connection::open(path).map_err(failed)?;
        // The file is new and thrown away when writing fails: no journal is needed.
        connection
            .execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN")
            .map_err(failed)?;
        let columns: Vec<String> = spec
            .columns
            .iter()
            .map(|(name, column)| match column {
                Column::MoneyNumber => format!("{name} NUMERIC"),
                _ => format!("{name} TEXT"),
            })
            .collect();
        // Names of tables and columns are those of `dataset`, hence plain words.
        connection
            .execute_batch(&format!("CREATE TABLE {table} ({})", columns.join(", ")))
            .map_err(failed)?;
        let marks = vec!["?"; spec.columns.len()].join(", ");
        let insert = format!("INSERT INTO {table} VALUES ({marks})");
        Ok(Self { path: path.to_path_buf(), connection, insert })
    }

    pub(super) fn write(&mut self, line: &Line) -> Result<(), SimError> {
        let failed = |source| failed(&self.path, source);
        let mut statement = self.connection.prepare_cached(&self.insert).map_err(failed)?;
        let values = line.cells().map(|cell| {
            if cell.is_empty() {
                ToSqlOutput::Owned(Value::Null)
            } else {
                ToSqlOutput::Borrowed(ValueRef::Text(cell.as_bytes()))
            }
        });
        statement.execute(rusqlite::params_from_iter(values)).map_err(failed)?;
        Ok(())
    }

    pub(super) fn finish(self) -> Result<String, SimError> {
        self.connection.execute_batch("COMMIT").map_err(|source| failed(&self.path, source))?;
        self.connection.close().map_err(|(_, source)| failed(&self.path, source))?;
        sum_of(&self.path)
    }
}

fn failed(path: &Path, source: rusqlite::Error) -> SimError {
    SimError::Database { path: path.to_path_buf(), source: Box::new(source) }
}
