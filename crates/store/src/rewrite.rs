//! Changing a column of many rows while others work with the table.

use std::ops::Add;

use sea_orm::{ConnectionTrait, DatabaseConnection, FromQueryResult, Statement};

use crate::{StoreError, begin_write};

/// Rows that are read, and changed in one transaction.
const ROWS: u64 = 500;

/// A column of texts. Names are the program's own words, never input.
#[derive(Debug, Clone, Copy)]
pub struct TextColumn<'a> {
    /// The table.
    pub table: &'a str,
    /// The column of its primary key, a text.
    pub key: &'a str,
    /// A column that the change depends on, such as the person whose account it is.
    pub place: &'a str,
    /// The column that is changed; rows without a value are left out.
    pub value: &'a str,
}

/// What was done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Changed {
    /// Values that were looked at.
    pub seen: u64,
    /// Values that were changed.
    pub changed: u64,
}

/// Gives a value anew by its place and what it is; `None` when it stays.
pub type ChangeText<'c, E> = dyn FnMut(&str, &str) -> Result<Option<String>, E> + Send + 'c;

impl Add for Changed {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { seen: self.seen + other.seen, changed: self.changed + other.changed }
    }
}

#[derive(FromQueryResult)]
struct Row {
    key: String,
    place: String,
    value: String,
}

/// Changes the values of a column, some hundred rows a transaction, in the order of the key. `change` is given place
/// and value, and gives the value anew, or `None` when it stays. A row that somebody else changes meanwhile stays as
/// they have left it.
///
/// # Errors
///
/// What `change` gives, and failures of the database. Rows that were changed before stay changed.
pub async fn change_column<E: From<StoreError>>(
    db: &DatabaseConnection,
    column: TextColumn<'_>,
    change: &mut ChangeText<'_, E>,
) -> Result<Changed, E> {
    let TextColumn { table, key, place, value } = column;
    let select = format!(
        "SELECT {key} AS key, {place} AS place, {value} AS value FROM {table} \
         WHERE {value} IS NOT NULL AND {key} > $1 ORDER BY {key} LIMIT {ROWS}"
    );
    let update = format!("UPDATE {table} SET {value} = $1 WHERE {key} = $2 AND {value} = $3");
    let backend = db.get_database_backend();
    let mut done = Changed::default();
    let mut last = String::new();
    loop {
        let statement = Statement::from_sql_and_values(backend, &select, [last.as_str().into()]);
        let rows = db.query_all_raw(statement).await.map_err(StoreError::db("read a column"))?;
        let Some(end) = rows.last() else { return Ok(done) };
        last = Row::from_query_result(end, "").map_err(StoreError::db("read a column"))?.key;
        let mut changes = Vec::new();
        for row in &rows {
            let row = Row::from_query_result(row, "").map_err(StoreError::db("read a column"))?;
            done.seen += 1;
            if let Some(anew) = change(&row.place, &row.value)? {
                changes.push([anew.into(), row.key.into(), row.value.into()]);
            }
        }
        if changes.is_empty() {
            continue;
        }
        let transaction = begin_write(db).await?;
        for values in changes {
            let statement = Statement::from_sql_and_values(backend, &update, values);
            let written = transaction
                .execute_raw(statement)
                .await
                .map_err(StoreError::db("change a column"))?;
            done.changed += written.rows_affected();
        }
        transaction.commit().await.map_err(StoreError::db("commit a changed column"))?;
    }
}
