//! A contract made ready for reading: which column is what, and the schema of the clean table.

use std::collections::BTreeMap;
use std::sync::Arc;

use engine::arrow::datatypes::{DataType, Field as ArrowField, Schema, SchemaRef};
use pack::{CodeList, Contract, FieldKind};

use crate::IntakeError;
use crate::clean::{self, Places};

/// Digits of a money or decimal column.
pub(crate) const PRECISION: u8 = 18;
/// Decimals of money, in yuan.
pub(crate) const MONEY_SCALE: i8 = 2;
/// Decimals of other exact numbers.
pub(crate) const DECIMAL_SCALE: i8 = 4;

/// Suffix of the column with a sealed field's token.
pub(crate) const TOKEN: &str = "__token";
/// Suffix of the column with an identity number's state.
pub(crate) const STATE: &str = "__state";

/// One contract, ready for reading.
pub(crate) struct Layout<'p> {
    pub(crate) contract: &'p Contract,
    pub(crate) fields: Vec<FieldPlan>,
    /// Positions of the key fields; empty: rows are known by their content.
    pub(crate) key: Vec<usize>,
    /// Fields as plain columns, for the quality rules.
    pub(crate) plain: SchemaRef,
    /// The clean table.
    pub(crate) table: SchemaRef,
    pub(crate) places: &'p Places,
}

/// One field, ready for reading.
pub(crate) struct FieldPlan {
    pub(crate) id: String,
    /// Header, cleaned for comparison.
    pub(crate) header: String,
    pub(crate) kind: FieldKind,
    pub(crate) required: bool,
    /// Level 4: stored as ciphertext with a token beside it.
    pub(crate) sealed: bool,
    /// Family of the token.
    pub(crate) family: &'static str,
    /// Least value in the column's unit: days since 1970, fen, ten-thousandths, ones.
    pub(crate) min: Option<i128>,
    /// Greatest value in the column's unit.
    pub(crate) max: Option<i128>,
    /// What may be written → the code that is meant, in the order of what is written.
    pub(crate) codes: Vec<(String, String)>,
}

impl FieldPlan {
    /// The code that is meant by a cleaned text.
    pub(crate) fn code(&self, written: &str) -> Option<&str> {
        // The lists are short: a search in order costs less than hashing the text.
        let at = self.codes.binary_search_by(|(known, _)| known.as_str().cmp(written)).ok()?;
        self.codes.get(at).map(|(_, code)| code.as_str())
    }
}

impl<'p> Layout<'p> {
    pub(crate) fn new(
        contract: &'p Contract,
        codes: &BTreeMap<String, CodeList>,
        places: &'p Places,
    ) -> Result<Self, IntakeError> {
        let mut fields = Vec::with_capacity(contract.fields.len());
        for field in &contract.fields {
            let fault = |reason: String| IntakeError::Contract {
                dataset: contract.id.clone(),
                field: field.id.clone(),
                reason,
            };
            let written = match &field.kind {
                FieldKind::Code(list) => {
                    let list = codes
                        .get(list)
                        .ok_or_else(|| fault(format!("there is no code list `{list}`")))?;
                    spellings(list)
                }
                _ => Vec::new(),
            };
            let mut plan = FieldPlan {
                id: field.id.clone(),
                header: header(&field.header),
                kind: field.kind.clone(),
                required: field.required,
                sealed: field.level >= 4,
                family: family(&field.kind),
                min: None,
                max: None,
                codes: written,
            };
            let bound = |text: &Option<String>| match text {
                None => Ok(None),
                Some(text) => clean::measure(&plan, text)
                    .map(Some)
                    .ok_or_else(|| fault(format!("`{text}` is not a bound of a {}", field.kind))),
            };
            let (min, max) = (bound(&field.min)?, bound(&field.max)?);
            (plan.min, plan.max) = (min, max);
            fields.push(plan);
        }
        let mut key = Vec::with_capacity(contract.key.len());
        for id in &contract.key {
            let position = fields.iter().position(|field| &field.id == id);
            key.push(position.ok_or_else(|| IntakeError::Contract {
                dataset: contract.id.clone(),
                field: id.clone(),
                reason: "the key names a field that the contract does not have".to_owned(),
            })?);
        }
        let plain = fields
            .iter()
            .map(|field| ArrowField::new(&field.id, plain_type(&field.kind), true))
            .collect::<Vec<_>>();
        Ok(Self {
            contract,
            key,
            plain: Arc::new(Schema::new(plain)),
            table: Arc::new(Schema::new(table_columns(&fields))),
            fields,
            places,
        })
    }

    /// The dataset's id.
    pub(crate) fn dataset(&self) -> &'p str {
        &self.contract.id
    }

    /// What key and content are, so that a changed contract is noticed: the rows that are kept were
    /// read with the old one.
    pub(crate) fn fits(&self, found: &Schema) -> bool {
        let wanted = self.table.fields();
        found.fields().len() == wanted.len()
            && found
                .fields()
                .iter()
                .zip(wanted)
                .all(|(a, b)| a.name() == b.name() && a.data_type() == b.data_type())
    }
}

/// A header as it is compared: without case, spaces and width.
pub(crate) fn header(text: &str) -> String {
    let cleaned = vocab::text::clean(text);
    cleaned.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
}

fn family(kind: &FieldKind) -> &'static str {
    match kind {
        FieldKind::IdNumber => "id_number",
        FieldKind::Phone => "phone",
        FieldKind::Account => "account",
        FieldKind::Address => "address",
        FieldKind::Name => "name",
        _ => "other",
    }
}

fn plain_type(kind: &FieldKind) -> DataType {
    match kind {
        FieldKind::Date => DataType::Date32,
        FieldKind::Money => DataType::Decimal128(PRECISION, MONEY_SCALE),
        FieldKind::Decimal => DataType::Decimal128(PRECISION, DECIMAL_SCALE),
        FieldKind::Integer => DataType::Int64,
        _ => DataType::Utf8,
    }
}

/// Columns of a clean table: seven of ours, then the fields in the contract's order.
fn table_columns(fields: &[FieldPlan]) -> Vec<ArrowField> {
    let mut columns = vec![
        ArrowField::new("row_id", DataType::Utf8, false),
        ArrowField::new("version", DataType::Int64, false),
        ArrowField::new("delivery_id", DataType::Utf8, false),
        ArrowField::new("line", DataType::Int64, false),
        ArrowField::new("as_of", DataType::Date32, false),
        ArrowField::new("known_from", DataType::Date32, false),
        ArrowField::new("content_hash", DataType::Utf8, false),
    ];
    for field in fields {
        let stored = if field.sealed { DataType::Utf8 } else { plain_type(&field.kind) };
        columns.push(ArrowField::new(&field.id, stored, true));
        if field.sealed {
            columns.push(ArrowField::new(format!("{}{TOKEN}", field.id), DataType::Utf8, true));
        }
        if field.kind == FieldKind::IdNumber {
            columns.push(ArrowField::new(format!("{}{STATE}", field.id), DataType::Utf8, true));
        }
    }
    columns
}

/// All ways in which an entry of a code list may be written.
///
/// Departments write codes, labels, or codes that a spreadsheet took the leading zero from. A
/// spelling that would mean two entries is left out, so that nothing is guessed.
fn spellings(list: &CodeList) -> Vec<(String, String)> {
    let mut found: BTreeMap<String, Option<String>> = BTreeMap::new();
    let mut offer = |written: &str, code: &str| {
        let written = vocab::text::clean(written);
        if written.is_empty() {
            return;
        }
        found
            .entry(written)
            .and_modify(|meant| {
                if meant.as_deref() != Some(code) {
                    *meant = None;
                }
            })
            .or_insert_with(|| Some(code.to_owned()));
    };
    for entry in &list.entries {
        offer(&entry.name.zh, &entry.code);
        offer(&entry.name.en, &entry.code);
        for alias in &entry.aliases {
            offer(alias, &entry.code);
        }
        let short = entry.code.trim_start_matches('0');
        if !short.is_empty() && short.bytes().all(|byte| byte.is_ascii_digit()) {
            offer(short, &entry.code);
            if short.len() == 1 {
                offer(&format!("0{short}"), &entry.code);
            }
        }
    }
    // The code itself always means itself, whatever else is spelt like it.
    for entry in &list.entries {
        found.insert(entry.code.clone(), Some(entry.code.clone()));
    }
    found.into_iter().filter_map(|(written, code)| code.map(|code| (written, code))).collect()
}
