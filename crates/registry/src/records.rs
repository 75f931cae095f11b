//! The records of people, read from the clean tables into columns.
//!
//! A record is a clean row that speaks of a person in a role. What linking compares is kept in one
//! compact array per attribute; sealed attributes are compared by their keyed tokens, so nothing has
//! to be opened, except mistyped identity numbers, of which the tokens of all neighbours are kept.

use std::collections::{BTreeSet, VecDeque};

use engine::arrow::array::{Array, AsArray, PrimitiveArray, RecordBatch};
use engine::arrow::datatypes::{ArrowPrimitiveType, Date32Type, Int64Type};
use engine::{EngineError, Snapshot, clean};
use hashbrown::{HashMap, HashSet};
use jiff::civil::Date;
use pack::{Contract, FieldKind, Pack, PersonRole};
use rayon::prelude::*;
use tokio::sync::mpsc::Receiver;
use trust::ColumnKeys;

use crate::fetch::fetch;
use crate::link::neighbours;
use crate::{RegistryError, names};

/// Sources whose rows are fetched while those of another are taken.
const AHEAD: usize = 3;

/// No date.
pub(crate) const NO_DATE: i32 = i32::MIN;
/// No name, in [`Records::name`] and [`Records::former`].
pub(crate) const NO_NAME: u32 = u32::MAX;

/// A dataset and a role in it; records name it by its index.
#[derive(Debug, Clone)]
pub(crate) struct Source<'p> {
    pub(crate) contract: &'p Contract,
    pub(crate) role: &'p PersonRole,
}

/// All sources of a pack, in the order of dataset ids.
pub(crate) fn sources(pack: &Pack) -> Vec<Source<'_>> {
    pack.datasets
        .values()
        .flat_map(|contract| contract.people.iter().map(move |role| Source { contract, role }))
        .collect()
}

/// Records as columns; all arrays have the same length.
#[derive(Debug, Clone, Default)]
pub(crate) struct Records {
    /// The clean row, as the bytes of its hexadecimal id.
    pub(crate) row: Vec<[u8; 12]>,
    /// The version of the clean row.
    pub(crate) version: Vec<u32>,
    /// The day whose state the row shows, in days since 1970-01-01.
    pub(crate) as_of: Vec<i32>,
    /// Index into [`sources`].
    pub(crate) source: Vec<u8>,
    /// Index into [`Records::names`], or [`NO_NAME`].
    pub(crate) name: Vec<u32>,
    pub(crate) former: Vec<u32>,
    /// Days since 1970-01-01, or [`NO_DATE`].
    pub(crate) birth: Vec<i32>,
    /// GB/T 2261.1 code; 0 when unknown.
    pub(crate) sex: Vec<u8>,
    /// Token of a valid identity number; 0 when there is none.
    pub(crate) id: Vec<u128>,
    /// Tokens of telephone, address and case number; 0 when there is none.
    pub(crate) phone: Vec<u64>,
    pub(crate) address: Vec<u64>,
    pub(crate) case_no: Vec<u64>,
    /// For records whose identity number is mistyped: tokens of the valid numbers one slip away.
    pub(crate) near: HashMap<u32, Box<[u128]>>,
    /// Distinct simplified names.
    pub(crate) names: Names,
}

/// Distinct simplified names, interned.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names {
    index: HashMap<String, u32>,
    /// The names.
    pub(crate) text: Vec<String>,
    /// A hash of each name's sound.
    pub(crate) sound: Vec<u64>,
    /// How often each name occurs, by the linking model; 0 for a name that the model has not seen.
    pub(crate) count: Vec<u32>,
    /// Raw spellings seen, so that each is simplified once.
    raw: HashMap<String, u32>,
}

impl Names {
    /// The number of a name, which is simplified first.
    pub(crate) fn intern(&mut self, raw: &str) -> u32 {
        if let Some(number) = self.raw.get(raw) {
            return *number;
        }
        let number = self.intern_simple(&names::simplify(raw));
        self.raw.insert(raw.to_owned(), number);
        number
    }

    /// The number of a name that is simplified already.
    pub(crate) fn intern_simple(&mut self, simple: &str) -> u32 {
        if let Some(number) = self.index.get(simple) {
            return *number;
        }
        let number = u32::try_from(self.text.len()).unwrap_or(NO_NAME - 1);
        self.sound.push(hash64(names::pinyin(simple).as_bytes()));
        self.count.push(0);
        self.index.insert(simple.to_owned(), number);
        self.text.push(simple.to_owned());
        number
    }

    /// Takes a name back as it was kept, with its sound and frequency.
    pub(crate) fn restore(&mut self, simple: &str, sound: u64, count: u32) {
        let number = self.text.len() as u32;
        self.index.insert(simple.to_owned(), number);
        self.text.push(simple.to_owned());
        self.sound.push(sound);
        self.count.push(count);
    }
}

/// Row versions of clean tables. Row ids are hashes of the dataset too, so that one is never of two
/// datasets.
pub(crate) type RowVersions = HashSet<([u8; 12], u32)>;

/// A source by its index, and its rows on their way.
type Coming = (usize, Receiver<Result<RecordBatch, EngineError>>);

/// Begins to fetch the rows of some datasets that became known after the first day, by the second. They
/// may be closed since.
pub(crate) async fn fetch_news(
    snapshot: &Snapshot,
    sources: &[Source<'_>],
    datasets: &BTreeSet<String>,
    (after, by): (Date, Date),
) -> Result<Vec<Coming>, RegistryError> {
    let mut coming = Vec::new();
    for (number, source) in sources.iter().enumerate() {
        let dataset = source.contract.id.as_str();
        if datasets.contains(dataset) && snapshot.has(&clean::table_name(dataset)) {
            clean::register(snapshot, dataset).await?;
            let from = format!(
                "\"{}\" WHERE known_from > DATE '{after}' AND known_from <= DATE '{by}'",
                clean::table_name(dataset)
            );
            let what = format!("records of {dataset}");
            coming.push((number, fetch(snapshot, select(source, &from), what)));
        }
    }
    Ok(coming)
}

impl Records {
    /// How many records there are.
    pub(crate) fn len(&self) -> usize {
        self.row.len()
    }

    /// Appends the current records of all sources as known at a day.
    pub(crate) async fn read(
        &mut self,
        snapshot: &Snapshot,
        sources: &[Source<'_>],
        keys: &ColumnKeys,
        known_at: Date,
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<(), RegistryError> {
        let mut waiting = VecDeque::new();
        for (number, source) in sources.iter().enumerate() {
            let dataset = source.contract.id.as_str();
            if !snapshot.has(&clean::table_name(dataset)) {
                continue;
            }
            clean::register(snapshot, dataset).await?;
            let sql = select(source, &clean::current_sql(snapshot, dataset, known_at, None));
            waiting.push_back((number, fetch(snapshot, sql, format!("records of {dataset}"))));
            if waiting.len() > AHEAD
                && let Some(next) = waiting.pop_front()
            {
                self.take(next, sources, None, keys, progress).await?;
            }
        }
        while let Some(next) = waiting.pop_front() {
            self.take(next, sources, None, keys, progress).await?;
        }
        Ok(())
    }

    /// Appends the records of a source as its rows come, without those that are `closed`.
    pub(crate) async fn take(
        &mut self,
        (number, mut batches): Coming,
        sources: &[Source<'_>],
        closed: Option<&RowVersions>,
        keys: &ColumnKeys,
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<(), RegistryError> {
        while let Some(batch) = batches.recv().await {
            let batch = batch?;
            self.push(&batch, number, &sources[number], keys, closed)?;
            progress(batch.num_rows() as u64);
        }
        Ok(())
    }

    fn push(
        &mut self,
        batch: &RecordBatch,
        number: usize,
        source: &Source<'_>,
        keys: &ColumnKeys,
        closed: Option<&RowVersions>,
    ) -> Result<(), RegistryError> {
        let dataset = source.contract.id.as_str();
        let text = |column: &'static str| string_column(batch, dataset, column);
        let (row, name, former, sex) =
            (text("row_id")?, text("name")?, text("former_name")?, text("sex")?);
        let (id, bad) = (text("id_token")?, text("id_bad")?);
        let (phone, address, case_no) = (text("phone")?, text("address")?, text("case_no")?);
        let date = |column| number_column::<Date32Type>(batch, dataset, column);
        let (birth, as_of) = (date("birth_date")?, date("as_of")?);
        let version = number_column::<Int64Type>(batch, dataset, "version")?;
        let mut mistyped: Vec<(u32, String)> = Vec::new();
        // Sources are few (dozens), so their number fits.
        let number = u8::try_from(number)
            .map_err(|_| RegistryError::Rules("more than 255 datasets × roles".to_owned()))?;
        let id_column = source.role.attributes.get("id_number").map_or("", String::as_str);
        for at in 0..batch.num_rows() {
            let record = self.row.len() as u32;
            let row_id = row.value(at);
            let row_version = (row_bytes(row_id), row_version(version.value(at)));
            if closed.is_some_and(|closed| closed.contains(&row_version)) {
                continue;
            }
            self.row.push(row_version.0);
            self.version.push(row_version.1);
            self.as_of.push(as_of.value(at));
            self.source.push(number);
            self.name.push(if name.is_null(at) {
                NO_NAME
            } else {
                self.names.intern(name.value(at))
            });
            self.former.push(if former.is_null(at) {
                NO_NAME
            } else {
                self.names.intern(former.value(at))
            });
            self.birth.push(if birth.is_null(at) { NO_DATE } else { birth.value(at) });
            self.sex.push(match (sex.is_null(at), sex.value(at)) {
                (false, "1") => 1,
                (false, "2") => 2,
                _ => 0,
            });
            self.id.push(if id.is_null(at) {
                0
            } else {
                u128::from_str_radix(id.value(at), 16).unwrap_or(0)
            });
            self.phone.push(if phone.is_null(at) { 0 } else { token64(phone.value(at)) });
            self.address.push(if address.is_null(at) { 0 } else { token64(address.value(at)) });
            self.case_no.push(if case_no.is_null(at) {
                0
            } else {
                hash64(case_no.value(at).as_bytes())
            });
            if !bad.is_null(at) {
                let plain = keys.open(dataset, id_column, row_id, bad.value(at)).map_err(|_| {
                    RegistryError::Sealed {
                        dataset: dataset.to_owned(),
                        column: id_column.to_owned(),
                    }
                })?;
                mistyped.push((record, plain));
            }
        }
        let near: Vec<_> = mistyped
            .par_iter()
            .map(|(record, typed)| (*record, neighbours::tokens(typed, keys)))
            .collect();
        self.near.extend(near);
        Ok(())
    }

    /// The record's id: row and role.
    pub(crate) fn record_id(&self, record: u32, sources: &[Source<'_>]) -> String {
        let at = record as usize;
        format!("{}:{}", row_hex(&self.row[at]), sources[self.source[at] as usize].role.role)
    }
}

/// SQL for what linking reads of one source.
fn select(source: &Source<'_>, from: &str) -> String {
    let text = |attribute: &str| plain(source, attribute, "VARCHAR");
    let (mut id_token, mut id_bad) =
        ("CAST(NULL AS VARCHAR)".to_owned(), "CAST(NULL AS VARCHAR)".to_owned());
    if let Some(field) = source.role.attributes.get("id_number") {
        id_token = format!("CASE WHEN \"{field}__state\" = 'valid' THEN \"{field}__token\" END");
        id_bad = format!("CASE WHEN \"{field}__state\" = 'invalid' THEN \"{field}\" END");
    }
    format!(
        "SELECT row_id, version, as_of, {} AS name, {} AS former_name, {} AS sex, {} AS birth_date, \
         {id_token} AS id_token, {id_bad} AS id_bad, {} AS phone, {} AS address, {} AS case_no FROM {from}",
        text("name"),
        text("former_name"),
        text("sex"),
        plain(source, "birth_date", "DATE"),
        sealed_token(source, "phone"),
        sealed_token(source, "address"),
        text("case_no"),
    )
}

/// SQL of an attribute that is stored in the clear: a field, an expression, or the role's constant.
pub(crate) fn plain(source: &Source<'_>, attribute: &str, sql_type: &str) -> String {
    let value = match (source.role.attributes.get(attribute), source.role.constants.get(attribute))
    {
        (Some(field), _) if source.contract.field(field).is_some() => format!("\"{field}\""),
        (Some(expression), _) => format!("({expression})"),
        (None, Some(constant)) => format!("'{}'", constant.replace('\'', "''")),
        (None, None) => "NULL".to_owned(),
    };
    format!("CAST({value} AS {sql_type})")
}

/// The sealed field behind an attribute, if the attribute is one.
pub(crate) fn sealed_field<'s>(source: &'s Source<'_>, attribute: &str) -> Option<&'s str> {
    let field = source.role.attributes.get(attribute)?;
    let kind = &source.contract.field(field)?.kind;
    matches!(kind, FieldKind::IdNumber | FieldKind::Phone | FieldKind::Address | FieldKind::Account)
        .then_some(field.as_str())
}

fn sealed_token(source: &Source<'_>, attribute: &str) -> String {
    match sealed_field(source, attribute) {
        Some(field) => format!("\"{field}__token\""),
        None => "CAST(NULL AS VARCHAR)".to_owned(),
    }
}

pub(crate) fn string_column<'b>(
    batch: &'b RecordBatch,
    dataset: &str,
    column: &'static str,
) -> Result<&'b engine::arrow::array::StringArray, RegistryError> {
    batch
        .column_by_name(column)
        .and_then(|array| array.as_string_opt::<i32>())
        .ok_or_else(|| wrong(batch, dataset, column, "text"))
}

/// A column of numbers or dates.
pub(crate) fn number_column<'b, T: ArrowPrimitiveType>(
    batch: &'b RecordBatch,
    dataset: &str,
    column: &'static str,
) -> Result<&'b PrimitiveArray<T>, RegistryError> {
    batch
        .column_by_name(column)
        .and_then(|array| array.as_primitive_opt::<T>())
        .ok_or_else(|| wrong(batch, dataset, column, "a number or a date"))
}

fn wrong(
    batch: &RecordBatch,
    dataset: &str,
    column: &str,
    expected: &'static str,
) -> RegistryError {
    RegistryError::Column {
        dataset: dataset.to_owned(),
        column: column.to_owned(),
        found: batch
            .schema()
            .field_with_name(column)
            .map_or("missing".to_owned(), |field| field.data_type().to_string()),
        expected,
    }
}

/// First 64 bits of a hexadecimal token; never 0, which means 'none'.
fn token64(token: &str) -> u64 {
    token.get(..16).and_then(|hex| u64::from_str_radix(hex, 16).ok()).unwrap_or(0).max(1)
}

/// A 64-bit hash of some bytes; never 0.
pub(crate) fn hash64(bytes: &[u8]) -> u64 {
    let hash = blake3::hash(bytes);
    let mut first = [0u8; 8];
    first.copy_from_slice(&hash.as_bytes()[..8]);
    u64::from_le_bytes(first).max(1)
}

/// The 12 bytes of a row id. Row ids are made by `vocab::RowId`, always 24 hexadecimal digits.
pub(crate) fn row_bytes(hex: &str) -> [u8; 12] {
    let mut bytes = [0u8; 12];
    for (byte, pair) in bytes.iter_mut().zip(hex.as_bytes().chunks_exact(2)) {
        *byte = (digit(pair[0]) << 4) | digit(pair[1]);
    }
    bytes
}

/// The version of a clean row. Versions count the deliveries of a dataset.
pub(crate) fn row_version(number: i64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn digit(character: u8) -> u8 {
    match character {
        b'0'..=b'9' => character - b'0',
        b'a'..=b'f' => character - b'a' + 10,
        _ => 0,
    }
}

/// The row id of 12 bytes.
pub(crate) fn row_hex(bytes: &[u8; 12]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(24);
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

/// The calendar date of a day number; none when it is out of range.
pub(crate) fn date(days: i32) -> Option<Date> {
    const EPOCH: Date = Date::constant(1970, 1, 1);
    EPOCH.checked_add(jiff::Span::new().try_days(days).ok()?).ok()
}

/// The calendar date of a day number that stands in a column.
pub(crate) fn date_in(days: i32, dataset: &str, column: &str) -> Result<Date, RegistryError> {
    date(days).ok_or_else(|| RegistryError::Column {
        dataset: dataset.to_owned(),
        column: column.to_owned(),
        found: format!("day {days}"),
        expected: "a day of the calendar",
    })
}
