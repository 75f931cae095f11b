//! SQLite: one table of a database file, read without touching the file.

use std::fmt::Write as _;
use std::path::Path;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};

use super::block::Span;
use super::{Feed, Piece, ROWS_PER_PIECE, RowBlock};
use crate::code::Codes;
use crate::{Code, IntakeError};

/// Reads the contract's table in the order of its rows.
pub(super) fn read(
    feed: &Feed<'_>,
    sink: &mut dyn FnMut(Piece) -> Result<(), IntakeError>,
) -> Result<(), IntakeError> {
    let contract = feed.layout.contract;
    let table = contract.table.as_deref().ok_or_else(|| IntakeError::Contract {
        dataset: contract.id.clone(),
        field: "table".to_owned(),
        reason: "a SQLite dataset needs the name of its table".to_owned(),
    })?;
    let failed = |error: rusqlite::Error| feed.format_error(reason(&error));
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_URI
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    // Immutable: no lock, no journal beside the kept bytes.
    let connection = Connection::open_with_flags(uri(feed.path), flags).map_err(failed)?;
    let headers = headers(&connection, table).map_err(failed)?;
    if headers.is_empty() {
        return Err(feed.format_error(format!("it has no table `{table}`")));
    }
    let names: Vec<&str> = headers.iter().map(String::as_str).collect();
    let columns = feed.columns(&names)?;
    let list = names.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(", ");
    let in_order = format!("SELECT {list} FROM {} ORDER BY rowid", quoted(table));
    let any_order = format!("SELECT {list} FROM {}", quoted(table));
    // A table without row ids is stored, and so read, in the order of its key.
    let mut statement = connection
        .prepare(&in_order)
        .or_else(|_| connection.prepare(&any_order))
        .map_err(failed)?;
    let mut rows = statement.query([]).map_err(failed)?;
    let width = feed.layout.fields.len();
    let mut block = RowBlock::new(width);
    let mut number = 0;
    let mut text = String::new();
    while let Some(row) = rows.next().map_err(failed)? {
        if block.len() >= ROWS_PER_PIECE {
            sink(Piece::Rows(std::mem::replace(&mut block, RowBlock::new(width))))?;
        }
        number += 1;
        block.start(number, Span::default(), Codes::NONE);
        for (position, field) in columns.iter().enumerate() {
            text.clear();
            // Writing to a string does not fail.
            let _ = match row.get_ref(position).map_err(failed)? {
                ValueRef::Null => continue,
                ValueRef::Integer(number) => write!(text, "{number}"),
                ValueRef::Real(number) => write!(text, "{number}"),
                ValueRef::Text(bytes) => {
                    match std::str::from_utf8(bytes) {
                        Ok(plain) => {
                            block.push(*field, plain);
                        }
                        Err(_) => {
                            block.push(*field, &String::from_utf8_lossy(bytes));
                            block.fault(Code::Encoding);
                        }
                    }
                    continue;
                }
                ValueRef::Blob(_) => {
                    block.fault(Code::Encoding);
                    continue;
                }
            };
            block.push(*field, &text);
        }
    }
    if block.is_empty() { Ok(()) } else { sink(Piece::Rows(block)) }
}

fn headers(connection: &Connection, table: &str) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare("SELECT name FROM pragma_table_info(?1)")?;
    let names = statement.query_map([table], |row| row.get(0))?;
    names.collect()
}

/// What went wrong, without the statement and its values.
fn reason(error: &rusqlite::Error) -> String {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::NotADatabase) => "it is not a SQLite database".to_owned(),
        Some(rusqlite::ErrorCode::DatabaseCorrupt) => {
            "the database is damaged, or it was cut off".to_owned()
        }
        Some(code) => format!("SQLite says {code:?}"),
        None => "a cell has another type than expected".to_owned(),
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A path as a file URI in which only unreserved characters (RFC 3986) stay as they are.
fn uri(path: &Path) -> String {
    use std::os::unix::ffi::OsStrExt as _;

    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut uri = String::from("file:");
    for byte in absolute.as_os_str().as_bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_' | b'~' => {
                uri.push(char::from(*byte));
            }
            _ => {
                let _ = write!(uri, "%{byte:02X}");
            }
        }
    }
    uri.push_str("?immutable=1");
    uri
}
