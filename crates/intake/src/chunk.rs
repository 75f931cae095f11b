//! From rows as text to standardised columns, with the bad rows set aside.
//!
//! Runs on the workers, many chunks at once; nothing here depends on other rows.

use std::sync::Arc;

use engine::arrow::array::{
    ArrayRef, Date32Builder, Decimal128Builder, Int64Builder, RecordBatch, StringBuilder,
};
use engine::arrow::datatypes::DataType;
use pack::FieldKind;
use trust::ColumnKeys;
use vocab::RowId;

use crate::clean::{self, Cell};
use crate::code::Codes;
use crate::layout::{DECIMAL_SCALE, Layout, MONEY_SCALE, PRECISION};
use crate::read::RowBlock;
use crate::rules::Rules;
use crate::state::{self, Key};
use crate::{Code, IntakeError};

/// Things that are kept although they are wrong, counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Warnings {
    /// Identity numbers that are not valid.
    pub invalid_id_numbers: u64,
    /// Telephone numbers that are none.
    pub invalid_phones: u64,
}

impl Warnings {
    pub(crate) fn add(&mut self, other: Self) {
        self.invalid_id_numbers += other.invalid_id_numbers;
        self.invalid_phones += other.invalid_phones;
    }

    /// All of them.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.invalid_id_numbers + self.invalid_phones
    }
}

/// State of an identity number's cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IdState {
    Valid,
    Invalid,
    Missing,
}

impl IdState {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Invalid => "invalid",
            Self::Missing => "missing",
        }
    }
}

/// Standardised rows of one piece of a file.
pub(crate) struct CleanChunk {
    /// The rows as they were sent.
    pub(crate) block: RowBlock,
    /// All rows, bad ones included (as nulls), in the plain schema.
    pub(crate) plain: RecordBatch,
    /// For each field the states of its identity numbers; empty for other kinds.
    pub(crate) states: Vec<Vec<IdState>>,
    /// For each row its id, digest and line; bad rows have none.
    pub(crate) rows: Vec<Option<Row>>,
    /// The others.
    pub(crate) bad: Vec<BadRow>,
    pub(crate) warnings: Warnings,
    /// Rows with bytes that are no text.
    pub(crate) undecodable: u64,
}

/// A good row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    pub(crate) id: RowId,
    /// The id as bytes.
    pub(crate) key: Key,
    /// Keyed digest of the standardised cells.
    pub(crate) digest: u64,
    pub(crate) line: u64,
}

/// A row for the quarantine.
#[derive(Debug)]
pub(crate) struct BadRow {
    pub(crate) line: u64,
    /// Codes, separated by commas.
    pub(crate) codes: String,
    /// Fields that they concern, separated by commas.
    pub(crate) columns: String,
    /// As it was sent.
    pub(crate) original: String,
    /// The row's id, if its key could be read.
    pub(crate) key: Option<Key>,
}

/// Standardises and checks the rows of a block.
pub(crate) fn standardise(
    layout: &Layout<'_>,
    rules: &Rules,
    keys: &ColumnKeys,
    block: RowBlock,
) -> Result<CleanChunk, IntakeError> {
    let rows = block.len();
    let mut columns: Vec<Column> = layout
        .fields
        .iter()
        .enumerate()
        .map(|(position, field)| Column::new(&field.kind, layout.key.contains(&position), rows))
        .collect();
    let mut faults: Vec<(Codes, u64)> = Vec::with_capacity(rows);
    let mut found = Vec::with_capacity(rows);
    let mut warnings = Warnings::default();
    let mut content = Vec::with_capacity(512);
    let mut ids = Ids::new(layout);
    for row in 0..rows {
        let mut codes = block.codes(row);
        let mut concerned = 0_u64;
        content.clear();
        ids.clear();
        let mut row_warnings = Warnings::default();
        for (position, (field, column)) in layout.fields.iter().zip(&mut columns).enumerate() {
            let raw = block.cell(row, position);
            let cell = clean::standardise(field, layout.places, raw);
            match &cell {
                Cell::Fault(code) => {
                    codes.add(*code);
                    concerned |= crate::read::bit(position);
                }
                Cell::InvalidId(_) => row_warnings.invalid_id_numbers += 1,
                Cell::InvalidPhone(_) => row_warnings.invalid_phones += 1,
                _ => {}
            }
            column.push(&cell, &mut content);
            if column.is_key {
                ids.take(position, column.last());
            }
        }
        if codes.is_empty() {
            warnings.add(row_warnings);
        }
        let id = ids.row_id(codes, &content);
        faults.push((codes, concerned));
        found.push(id.map(|id| Row {
            id,
            key: state::key(&id),
            digest: keys.digest(&content),
            line: block.line(row),
        }));
    }
    let mut states = Vec::with_capacity(columns.len());
    let mut arrays = Vec::with_capacity(columns.len());
    for column in columns {
        let (array, state) = column.finish();
        arrays.push(array);
        states.push(state);
    }
    let plain = RecordBatch::try_new(Arc::clone(&layout.plain), arrays)
        .map_err(engine::EngineError::arrow("standardise rows"))
        .map_err(IntakeError::engine(layout.dataset()))?;
    let broken = rules.broken(&plain)?;
    let mut chunk = CleanChunk {
        plain,
        states,
        rows: Vec::with_capacity(rows),
        bad: Vec::new(),
        warnings,
        undecodable: 0,
        block,
    };
    for (row, (found, (codes, concerned))) in found.into_iter().zip(faults).enumerate() {
        let ruled = broken.iter().filter(|rule| rule.rows.get(row) == Some(&true));
        if codes.has(Code::Encoding) {
            chunk.undecodable += 1;
        }
        let mut ruled = ruled.peekable();
        if codes.is_empty() && ruled.peek().is_none() {
            chunk.rows.push(found);
            continue;
        }
        let mut names: Vec<&str> = codes.iter().map(Code::as_str).collect();
        let mut fields: Vec<&str> = layout
            .fields
            .iter()
            .enumerate()
            .filter(|(position, _)| concerned & crate::read::bit(*position) != 0)
            .map(|(_, field)| field.id.as_str())
            .collect();
        // Rules about cells that can't be read say nothing new.
        if codes.is_empty() {
            for rule in ruled {
                names.push(rule.code);
                fields.extend(rule.columns.iter().map(String::as_str));
            }
            names.sort_unstable();
            names.dedup();
            fields.sort_unstable();
            fields.dedup();
        }
        chunk.rows.push(None);
        chunk.bad.push(BadRow {
            line: chunk.block.line(row),
            codes: names.join(","),
            columns: fields.join(","),
            original: chunk.block.original(row),
            key: found.map(|found| found.key),
        });
    }
    Ok(chunk)
}

/// The key of the row that is being read.
struct Ids<'l> {
    dataset: &'l str,
    key: &'l [usize],
    /// Text of each key field; `None` when it is empty or unreadable.
    parts: Vec<Option<String>>,
}

impl<'l> Ids<'l> {
    fn new(layout: &'l Layout<'_>) -> Self {
        Self {
            dataset: layout.dataset(),
            key: &layout.key,
            parts: layout.key.iter().map(|_| None).collect(),
        }
    }

    fn clear(&mut self) {
        // Keeps the texts' memory for the next row.
        self.parts.iter_mut().flatten().for_each(String::clear);
    }

    fn take(&mut self, field: usize, text: Option<&str>) {
        for (part, key) in self.parts.iter_mut().zip(self.key) {
            if *key == field {
                let part = part.get_or_insert_default();
                part.push_str(text.unwrap_or_default());
            }
        }
    }

    /// The row's id: by its key, or by its content where the contract has no key.
    ///
    /// Of a bad row too, if its key is there: a key seen in the quarantine is not missing.
    fn row_id(&self, codes: Codes, content: &[u8]) -> Option<RowId> {
        if self.key.is_empty() {
            let text = blake3::hash(content).to_hex();
            return codes.is_empty().then(|| RowId::from_content(self.dataset, &[&text]));
        }
        let mut parts = [""; 8];
        if self.parts.len() > parts.len() {
            return None;
        }
        for (place, part) in parts.iter_mut().zip(&self.parts) {
            *place = part.as_deref().filter(|text| !text.is_empty())?;
        }
        let parts = parts.get(..self.parts.len())?;
        // U+FFFD stands for bytes that are no text: a key with it is not the key.
        if codes.has(Code::Encoding) && parts.iter().any(|part| part.contains('\u{fffd}')) {
            return None;
        }
        Some(RowId::from_key(self.dataset, parts))
    }
}

/// A column in the making.
struct Column {
    values: Values,
    states: Vec<IdState>,
    is_id: bool,
    is_key: bool,
    /// Text of the last cell; of dates and numbers only if they are a part of the key.
    last: String,
    last_null: bool,
}

enum Values {
    Text(StringBuilder),
    Day(Date32Builder),
    Integer(Int64Builder),
    Exact(Decimal128Builder),
}

impl Column {
    fn new(kind: &FieldKind, is_key: bool, rows: usize) -> Self {
        let exact = |scale| {
            Values::Exact(
                Decimal128Builder::with_capacity(rows)
                    .with_data_type(DataType::Decimal128(PRECISION, scale)),
            )
        };
        let values = match kind {
            FieldKind::Date => Values::Day(Date32Builder::with_capacity(rows)),
            FieldKind::Integer => Values::Integer(Int64Builder::with_capacity(rows)),
            FieldKind::Money => exact(MONEY_SCALE),
            FieldKind::Decimal => exact(DECIMAL_SCALE),
            _ => Values::Text(StringBuilder::with_capacity(rows, rows * 16)),
        };
        Self {
            values,
            states: Vec::new(),
            is_id: *kind == FieldKind::IdNumber,
            is_key,
            last: String::new(),
            last_null: true,
        }
    }

    /// Appends a cell to the column and to the content that the row's digest is made of.
    fn push(&mut self, cell: &Cell<'_>, content: &mut Vec<u8>) {
        use std::fmt::Write as _;

        self.last.clear();
        self.last_null = false;
        let mut state = IdState::Missing;
        match cell {
            Cell::Null | Cell::Fault(_) => self.last_null = true,
            Cell::Text(text) | Cell::InvalidPhone(text) => self.last.push_str(text),
            Cell::InvalidId(text) => {
                state = IdState::Invalid;
                self.last.push_str(text);
            }
            Cell::Id(number) => {
                state = IdState::Valid;
                self.last.push_str(number.expose());
            }
            Cell::Phone(phone) => self.last.push_str(phone.expose()),
            Cell::Division(code) => self.last.push_str(code.as_str()),
            // Writing to a string does not fail.
            Cell::Month(month) => {
                let _ = write!(self.last, "{month}");
            }
            Cell::Day(day) => {
                content.push(2);
                content.extend_from_slice(&day.to_le_bytes());
                if self.is_key
                    && let Some(date) = clean::date_of(*day)
                {
                    let _ = write!(self.last, "{date}");
                }
            }
            Cell::Number(number) => {
                content.push(3);
                content.extend_from_slice(&number.to_le_bytes());
                if self.is_key {
                    let _ = write!(self.last, "{number}");
                }
            }
        }
        match (&mut self.values, cell) {
            (Values::Text(builder), _) => {
                if self.last_null {
                    content.push(0);
                    builder.append_null();
                } else {
                    content.push(1);
                    content.extend_from_slice(&(self.last.len() as u64).to_le_bytes());
                    content.extend_from_slice(self.last.as_bytes());
                    builder.append_value(&self.last);
                }
            }
            (Values::Day(builder), Cell::Day(day)) => builder.append_value(*day),
            (Values::Exact(builder), Cell::Number(number)) => builder.append_value(*number),
            (Values::Integer(builder), Cell::Number(number)) => {
                // Integers are read within the bounds of i64.
                builder.append_option(i64::try_from(*number).ok());
            }
            (Values::Day(builder), _) => {
                content.push(0);
                builder.append_null();
            }
            (Values::Exact(builder), _) => {
                content.push(0);
                builder.append_null();
            }
            (Values::Integer(builder), _) => {
                content.push(0);
                builder.append_null();
            }
        }
        if self.is_id {
            self.states.push(state);
        }
    }

    /// Text of the last cell.
    fn last(&self) -> Option<&str> {
        (!self.last_null).then_some(self.last.as_str())
    }

    fn finish(self) -> (ArrayRef, Vec<IdState>) {
        let array: ArrayRef = match self.values {
            Values::Text(mut builder) => Arc::new(builder.finish()),
            Values::Day(mut builder) => Arc::new(builder.finish()),
            Values::Integer(mut builder) => Arc::new(builder.finish()),
            Values::Exact(mut builder) => Arc::new(builder.finish()),
        };
        (array, self.states)
    }
}
