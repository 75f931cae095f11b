//! The records of people, read from the clean tables into columns.
//!
//! A record is a clean row that speaks of a person in a role. What linking compares is kept in one
//! compact array per attribute; sealed attributes are compared by their keyed tokens, so nothing has
//! to be opened, except mistyped identity numbers, whose neighbours are looked for.

use engine::arrow::array::{Array, AsArray, RecordBatch};
use engine::arrow::datatypes::{DataType, Date32Type};
use engine::{Snapshot, clean};
use futures::StreamExt as _;
use hashbrown::HashMap;
use jiff::civil::Date;
use pack::{Contract, FieldKind, Pack, PersonRole};
use trust::ColumnKeys;

use crate::{RegistryError, names};

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
#[derive(Debug, Default)]
pub(crate) struct Records {
    /// The clean row, as the bytes of its hexadecimal id.
    pub(crate) row: Vec<[u8; 12]>,
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
    /// Mistyped identity numbers by record.
    pub(crate) bad_id: HashMap<u32, String>,
    /// Distinct simplified names.
    pub(crate) names: Names,
}

/// Distinct simplified names, interned.
#[derive(Debug, Default)]
pub(crate) struct Names {
    index: HashMap<String, u32>,
    /// The names.
    pub(crate) text: Vec<String>,
    /// A hash of each name's sound.
    pub(crate) sound: Vec<u64>,
    /// How often each name was read.
    pub(crate) count: Vec<u32>,
    /// Raw spellings seen, so that each is simplified once.
    raw: HashMap<String, u32>,
}

impl Names {
    /// The number of a name, which is simplified first.
    pub(crate) fn intern(&mut self, raw: &str) -> u32 {
        let number = match self.raw.get(raw) {
            Some(number) => *number,
            None => {
                let simple = names::simplify(raw);
                let number = match self.index.get(&simple) {
                    Some(number) => *number,
                    None => {
                        let number = u32::try_from(self.text.len()).unwrap_or(NO_NAME - 1);
                        self.sound.push(hash64(names::pinyin(&simple).as_bytes()));
                        self.count.push(0);
                        self.index.insert(simple.clone(), number);
                        self.text.push(simple);
                        number
                    }
                };
                self.raw.insert(raw.to_owned(), number);
                number
            }
        };
        if let Some(count) = self.count.get_mut(number as usize) {
            *count = count.saturating_add(1);
        }
        number
    }
}

impl Records {
    /// How many records there are.
    pub(crate) fn len(&self) -> usize {
        self.row.len()
    }

    /// Reads the current records of all sources as known at a day.
    pub(crate) async fn read(
        snapshot: &Snapshot,
        sources: &[Source<'_>],
        keys: &ColumnKeys,
        known_at: Date,
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<Self, RegistryError> {
        let mut records = Self::default();
        for (number, source) in sources.iter().enumerate() {
            let dataset = source.contract.id.as_str();
            if !snapshot.has(&clean::table_name(dataset)) {
                continue;
            }
            clean::register(snapshot, dataset).await?;
            let sql = select(snapshot, source, known_at);
            let frame = snapshot
                .context()
                .sql(&sql)
                .await
                .map_err(engine::EngineError::query(format!("records of {dataset}")))?;
            let mut stream = frame
                .execute_stream()
                .await
                .map_err(engine::EngineError::query(format!("records of {dataset}")))?;
            while let Some(batch) = stream.next().await {
                let batch =
                    batch.map_err(engine::EngineError::query(format!("records of {dataset}")))?;
                records.push(&batch, number, source, keys)?;
                progress(batch.num_rows() as u64);
            }
        }
        Ok(records)
    }

    fn push(
        &mut self,
        batch: &RecordBatch,
        number: usize,
        source: &Source<'_>,
        keys: &ColumnKeys,
    ) -> Result<(), RegistryError> {
        let dataset = source.contract.id.as_str();
        let text = |column: &'static str| string_column(batch, dataset, column);
        let (row, name, former, sex) =
            (text("row_id")?, text("name")?, text("former_name")?, text("sex")?);
        let (id, bad) = (text("id_token")?, text("id_bad")?);
        let (phone, address, case_no) = (text("phone")?, text("address")?, text("case_no")?);
        let birth = batch
            .column_by_name("birth_date")
            .and_then(|column| column.as_primitive_opt::<Date32Type>())
            .ok_or_else(|| wrong(batch, dataset, "birth_date", "a date"))?;
        // Sources are few (dozens), so their number fits.
        let number = u8::try_from(number)
            .map_err(|_| RegistryError::Rules("more than 255 datasets × roles".to_owned()))?;
        let id_column = source.role.attributes.get("id_number").map_or("", String::as_str);
        for at in 0..batch.num_rows() {
            let record = self.row.len() as u32;
            let row_id = row.value(at);
            self.row.push(row_bytes(row_id));
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
                self.bad_id.insert(record, plain);
            }
        }
        Ok(())
    }

    /// The record's id: row and role.
    pub(crate) fn record_id(&self, record: u32, sources: &[Source<'_>]) -> String {
        let at = record as usize;
        format!("{}:{}", row_hex(&self.row[at]), sources[self.source[at] as usize].role.role)
    }
}

/// SQL for what linking reads of one source.
fn select(snapshot: &Snapshot, source: &Source<'_>, known_at: Date) -> String {
    let text = |attribute: &str| plain(source, attribute, "VARCHAR");
    let (mut id_token, mut id_bad) =
        ("CAST(NULL AS VARCHAR)".to_owned(), "CAST(NULL AS VARCHAR)".to_owned());
    if let Some(field) = source.role.attributes.get("id_number") {
        id_token = format!("CASE WHEN \"{field}__state\" = 'valid' THEN \"{field}__token\" END");
        id_bad = format!("CASE WHEN \"{field}__state\" = 'invalid' THEN \"{field}\" END");
    }
    format!(
        "SELECT row_id, {} AS name, {} AS former_name, {} AS sex, {} AS birth_date, \
         {id_token} AS id_token, {id_bad} AS id_bad, {} AS phone, {} AS address, {} AS case_no FROM {}",
        text("name"),
        text("former_name"),
        text("sex"),
        plain(source, "birth_date", "DATE"),
        sealed_token(source, "phone"),
        sealed_token(source, "address"),
        text("case_no"),
        clean::current_sql(snapshot, &source.contract.id, known_at, None),
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
            .map_or("missing".to_owned(), |field| type_name(field.data_type())),
        expected,
    }
}

fn type_name(data_type: &DataType) -> String {
    data_type.to_string()
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
