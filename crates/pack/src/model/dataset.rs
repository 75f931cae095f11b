//! Dataset contracts: what a department delivers and what each field means.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::Text;
use crate::span::{Span, Spanned};

/// The contract of one dataset.
#[derive(Debug, Clone, PartialEq)]
pub struct Contract {
    /// Identifier; also the name of the clean table (`clean_<id>`).
    pub id: String,
    /// Name.
    pub name: Text,
    /// What it holds and what is known to be wrong with it.
    pub description: Text,
    /// Who delivers it.
    pub department: Department,
    /// Business line (业务条线).
    pub line: String,
    /// File format.
    pub format: Format,
    /// Character encoding of text formats.
    pub encoding: Encoding,
    /// Table to read, for [`Format::Sqlite`].
    pub table: Option<String>,
    /// What later deliveries hold.
    pub mode: Mode,
    /// The fields that together identify a row at its source.
    pub key: Vec<String>,
    /// What it means that a person has no row.
    pub absence: Absence,
    /// After how many days without a delivery the data counts as stale; none: never.
    pub freshness_days: Option<u32>,
    /// By how many thousandths a full delivery may be smaller than the one before; beyond, endings
    /// are held for a steward.
    pub shrink_max_permille: u32,
    /// Retention class.
    pub retention: String,
    /// The fields, in the order of the file.
    pub fields: Vec<Field>,
    /// The persons that a row speaks of, each in a role.
    pub people: Vec<PersonRole>,
    /// The household that a row puts its subject into, if any.
    pub household: Option<HouseholdRole>,
    /// Quality rules beyond types, code lists and required fields.
    pub rules: Vec<QualityRule>,
    /// Its place.
    pub span: Span,
}

impl Contract {
    /// The field with this id.
    #[must_use]
    pub fn field(&self, id: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.id == id)
    }

    /// The person in this role.
    #[must_use]
    pub fn role(&self, role: &str) -> Option<&PersonRole> {
        self.people.iter().find(|person| person.role == role)
    }
}

/// A department that delivers data.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Department {
    /// Identifier.
    pub id: String,
    /// Name.
    pub name: Text,
}

/// File format of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Comma-separated values with one header line.
    Csv,
    /// The first sheet of an Excel workbook, header in the first row.
    Xlsx,
    /// One JSON object a line.
    Jsonl,
    /// Parquet file.
    Parquet,
    /// One table of a `SQLite` database file.
    Sqlite,
}

/// Character encoding of a text file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    /// UTF-8 without byte order mark.
    Utf8,
    /// UTF-8 with byte order mark, as spreadsheet programs write.
    Utf8Bom,
    /// GB 18030-2022.
    Gb18030,
}

/// What the deliveries after the first one hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// The whole dataset again: a missing key means that the source no longer lists it.
    Full,
    /// New and changed rows only: a missing key means nothing.
    Delta,
}

/// What it means that a person has no row in a dataset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Absence {
    /// The source covers the whole population: no row is 'none' (no vehicle).
    None,
    /// The source may not know the person: no row is unknown.
    Unknown,
}

/// One field of a dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Identifier; the column of the clean table.
    pub id: String,
    /// Its header (column, key) in the department's file.
    pub header: String,
    /// Type.
    pub kind: FieldKind,
    /// Whether a row without it is refused.
    pub required: bool,
    /// Sensitivity level, 1 (open) to 4 (stored encrypted).
    pub level: u8,
    /// The data element that it carries.
    pub element: Option<String>,
    /// Smallest allowed value, written as a value of the type.
    pub min: Option<String>,
    /// Greatest allowed value, written as a value of the type.
    pub max: Option<String>,
    /// Title for people.
    pub title: Text,
    /// Its place.
    pub span: Span,
}

/// Type of a field.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum FieldKind {
    /// Free text.
    Text,
    /// Name of a person.
    Name,
    /// Citizen identity number (GB 11643).
    IdNumber,
    /// Telephone number.
    Phone,
    /// Calendar date in any of its usual spellings.
    Date,
    /// Month `YYYY-MM`.
    Month,
    /// Administrative division code.
    Division,
    /// Postal address.
    Address,
    /// Yuan with at most two decimals.
    Money,
    /// Whole number.
    Integer,
    /// Exact decimal, at most four decimals.
    Decimal,
    /// Bank account.
    Account,
    /// A code of the named list.
    Code(String),
}

impl FieldKind {
    /// Kinds other than `code:<list>`, as they are written.
    pub const WORDS: [&str; 12] = [
        "text",
        "name",
        "id_number",
        "phone",
        "date",
        "month",
        "division",
        "address",
        "money",
        "integer",
        "decimal",
        "account",
    ];

    /// Reads a kind as contracts write it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "text" => Self::Text,
            "name" => Self::Name,
            "id_number" => Self::IdNumber,
            "phone" => Self::Phone,
            "date" => Self::Date,
            "month" => Self::Month,
            "division" => Self::Division,
            "address" => Self::Address,
            "money" => Self::Money,
            "integer" => Self::Integer,
            "decimal" => Self::Decimal,
            "account" => Self::Account,
            _ => Self::Code(text.strip_prefix("code:").filter(|list| !list.is_empty())?.to_owned()),
        })
    }

    /// The least sensitivity level that a field of this kind has: 4 for what identifies or reaches
    /// a person, 3 for names, else 2.
    #[must_use]
    pub fn least_level(&self) -> u8 {
        match self {
            Self::IdNumber | Self::Phone | Self::Account | Self::Address => 4,
            Self::Name => 3,
            _ => 1,
        }
    }
}

impl fmt::Display for FieldKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "text",
            Self::Name => "name",
            Self::IdNumber => "id_number",
            Self::Phone => "phone",
            Self::Date => "date",
            Self::Month => "month",
            Self::Division => "division",
            Self::Address => "address",
            Self::Money => "money",
            Self::Integer => "integer",
            Self::Decimal => "decimal",
            Self::Account => "account",
            Self::Code(list) => return write!(f, "code:{list}"),
        })
    }
}

impl Serialize for FieldKind {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A person that a row speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonRole {
    /// The role, for instance `subject` or `mother`; the second part of a record's id.
    pub role: String,
    /// Attribute of the person → field of the row, or an SQL expression over its fields
    /// (`CASE WHEN status = '3' THEN status_date END`). Attributes of level 4 are always fields.
    pub attributes: BTreeMap<String, String>,
    /// Attribute of the person → value that the role implies (a husband is a man).
    pub constants: BTreeMap<String, String>,
    /// Attribute → authority of this source for it, 0 to 100; the higher one wins. An attribute
    /// that is not named has authority 0: it helps to link and never wins.
    pub authority: BTreeMap<String, u8>,
    /// Its place.
    pub span: Span,
}

/// The household that a row puts its subject into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HouseholdRole {
    /// Which kind of household.
    pub kind: HouseholdKind,
    /// The field that all rows of one household share.
    pub key: String,
    /// The field with the relation to the head or applicant.
    pub relation: String,
    /// SQL over the fields: only rows for which it is true count; none: all.
    pub when: Option<Spanned<String>>,
}

/// Kinds of households.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HouseholdKind {
    /// One register book (户).
    Register,
    /// Family members living together (共同生活的家庭成员).
    LivingTogether,
}

impl HouseholdKind {
    /// As the pack and the tables write it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::LivingTogether => "living_together",
        }
    }
}

/// A quality rule: a row for which `when` is true goes to the quarantine with `code`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QualityRule {
    /// Identifier within the contract.
    pub id: String,
    /// SQL over the fields of the row, true when the row is wrong. Null (something is missing) is
    /// not a fault.
    pub when: Spanned<String>,
    /// Reason code of the quarantine, for instance `ROW-DATE-ORDER`.
    pub code: String,
    /// The reason, for people.
    pub message: Text,
}
