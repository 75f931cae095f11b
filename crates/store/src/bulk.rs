//! Many rows with few statements.
//!
//! A statement holds several hundred rows, and all full statements have the same text, so that the
//! database prepares it once. The caller decides how many statements share a transaction: for a
//! list that readers must see as a whole it is one, for a long import a [`CHUNK_ROWS`] each.

use sea_orm::{ConnectionTrait, DbBackend, Statement, Value};

use crate::StoreError;

/// Rows per statement at most. More gain nothing: the time then goes into the indexes.
pub const CHUNK_ROWS: usize = 500;

/// Placeholders per statement: SQLite takes 32,766, PostgreSQL 65,535.
const PLACEHOLDERS: usize = 32_766;

/// What to do with a row whose key is already there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnConflict<'a> {
    /// Fail.
    Fail,
    /// Leave the old row as it is.
    Keep {
        /// The columns of the key.
        key: &'a [&'a str],
    },
    /// Write all other columns of the new row over the old one.
    Replace {
        /// The columns of the key.
        key: &'a [&'a str],
    },
}

/// A table and its columns, ready to take rows.
#[derive(Debug, Clone, Copy)]
pub struct Bulk<'a> {
    /// The table.
    pub table: &'a str,
    /// The columns, in the order of each row's values.
    pub columns: &'a [&'a str],
    /// What to do with a row whose key is already there.
    pub on_conflict: OnConflict<'a>,
}

impl Bulk<'_> {
    /// Writes all rows and returns how many the database says it wrote.
    ///
    /// Table and column names are the program's own words, never input. Every row has as many
    /// values as there are columns.
    ///
    /// # Errors
    ///
    /// When the database refuses a row. Run it in a transaction to have all rows or none.
    pub async fn write<C: ConnectionTrait>(
        &self,
        db: &C,
        rows: impl IntoIterator<Item = Vec<Value>>,
    ) -> Result<u64, StoreError> {
        let backend = db.get_database_backend();
        let chunk = (PLACEHOLDERS / self.columns.len().max(1)).clamp(1, CHUNK_ROWS);
        let full = self.sql(backend, chunk);
        let mut written = 0;
        let mut values = Vec::with_capacity(chunk * self.columns.len());
        let mut count = 0;
        for row in rows {
            debug_assert_eq!(row.len(), self.columns.len(), "row of {}", self.table);
            values.extend(row);
            count += 1;
            if count == chunk {
                let batch =
                    std::mem::replace(&mut values, Vec::with_capacity(chunk * self.columns.len()));
                written += execute(db, backend, full.clone(), batch).await?;
                count = 0;
            }
        }
        if count > 0 {
            written += execute(db, backend, self.sql(backend, count), values).await?;
        }
        Ok(written)
    }

    fn sql(&self, backend: DbBackend, rows: usize) -> String {
        use std::fmt::Write as _;

        let quoted = |names: &[&str]| {
            names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ")
        };
        let mut sql = format!("INSERT INTO \"{}\" ({}) VALUES ", self.table, quoted(self.columns));
        let mut number = 0;
        for row in 0..rows {
            sql.push_str(if row == 0 { "(" } else { ", (" });
            for column in 0..self.columns.len() {
                if column > 0 {
                    sql.push_str(", ");
                }
                if backend == DbBackend::Postgres {
                    number += 1;
                    // Writing into a String can't fail.
                    let _ = write!(sql, "${number}");
                } else {
                    sql.push('?');
                }
            }
            sql.push(')');
        }
        match self.on_conflict {
            OnConflict::Fail => {}
            OnConflict::Keep { key } => {
                let _ = write!(sql, " ON CONFLICT ({}) DO NOTHING", quoted(key));
            }
            OnConflict::Replace { key } => {
                let others: Vec<String> = self
                    .columns
                    .iter()
                    .filter(|column| !key.contains(column))
                    .map(|column| format!("\"{column}\" = excluded.\"{column}\""))
                    .collect();
                let _ = write!(
                    sql,
                    " ON CONFLICT ({}) DO UPDATE SET {}",
                    quoted(key),
                    others.join(", ")
                );
            }
        }
        sql
    }
}

async fn execute<C: ConnectionTrait>(
    db: &C,
    backend: DbBackend,
    sql: String,
    values: Vec<Value>,
) -> Result<u64, StoreError> {
    let statement = Statement::from_sql_and_values(backend, sql, values);
    let result = db.execute_raw(statement).await.map_err(StoreError::db("write rows in bulk"))?;
    Ok(result.rows_affected())
}
