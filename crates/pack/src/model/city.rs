//! The pack as a whole, and its small dictionaries.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use vocab::DivisionCode;

use super::{Contract, Department, Linkage, Parameter, Policy, PolicyTest, Survivorship, Variable};
use crate::fault::Faults;
use crate::span::{Sources, Span};

/// A text in both languages of the platform.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// Chinese (simplified), the default on screen.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Text {
    /// The text in `language` (`"en"`, else Chinese).
    #[must_use]
    pub fn get(&self, language: &str) -> &str {
        if language == "en" { &self.en } else { &self.zh }
    }
}

/// A checked city pack.
#[derive(Clone)]
pub struct Pack {
    /// Identifier of the city, for instance `guangzhou`.
    pub id: String,
    /// Name of the city.
    pub name: Text,
    /// Version that the city gives its pack.
    pub version: String,
    /// The city's own division.
    pub division: DivisionCode,
    /// ISO 4217 code of the currency in which all amounts are.
    pub currency: String,
    /// Departments that deliver data, by id.
    pub departments: BTreeMap<String, Department>,
    /// Business lines (业务条线), by id.
    pub lines: BTreeMap<String, Text>,
    /// Retention classes, by id.
    pub retention: BTreeMap<String, RetentionClass>,
    /// The divisions of the city (itself, districts, streets and towns), in file order.
    pub divisions: Vec<Division>,
    /// `divisions.geojson` as it stands in the file: one feature a district, with the properties
    /// `code` and `name`.
    pub map: Option<String>,
    /// Data elements by id.
    pub elements: BTreeMap<String, Element>,
    /// Code lists by id.
    pub codes: BTreeMap<String, CodeList>,
    /// Dataset contracts by id.
    pub datasets: BTreeMap<String, Contract>,
    /// How records are linked to persons.
    pub linkage: Linkage,
    /// How the golden record chooses between values.
    pub survivorship: Survivorship,
    /// Dated parameters that several policies share, by id. A policy that uses one has a copy of it
    /// among its own [`Policy::parameters`].
    pub parameters: BTreeMap<String, Parameter>,
    /// Variables in the order of the file: one may use those before it.
    pub variables: Vec<Variable>,
    /// Policies in the order of their `order`, then of their id.
    pub policies: Vec<Policy>,
    /// The cases of all policies.
    pub tests: Vec<PolicyTest>,
    /// BLAKE3 over the paths and bytes of all files of the pack, sorted by path; 64 hex digits.
    pub hash: String,
    /// The folder that the pack was loaded from.
    pub root: PathBuf,
    /// The texts of its YAML files, for messages of later checks.
    pub sources: Sources,
}

impl fmt::Debug for Pack {
    /// Its name tag only: a whole pack has hundreds of kilobytes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pack")
            .field("id", &self.id)
            .field("hash", &self.hash)
            .finish_non_exhaustive()
    }
}

impl Pack {
    /// The policy with this id.
    #[must_use]
    pub fn policy(&self, id: &str) -> Option<&Policy> {
        self.policies.iter().find(|policy| policy.id == id)
    }

    /// The variable with this id.
    #[must_use]
    pub fn variable(&self, id: &str) -> Option<&Variable> {
        self.variables.iter().find(|variable| variable.id == id)
    }

    /// An empty collection of faults over the files of this pack, for checks that need more than the
    /// pack (the SQL in it, against the tables).
    #[must_use]
    pub fn faults(&self) -> Faults {
        Faults::new(&self.root, self.sources.clone())
    }

    /// The division with this code.
    #[must_use]
    pub fn division_named(&self, code: &str) -> Option<&Division> {
        self.divisions.iter().find(|division| division.code.as_str() == code)
    }
}

/// How long rows are kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RetentionClass {
    /// Identifier.
    pub id: String,
    /// Name.
    pub name: Text,
    /// Years after a row has ended at its source; none: for ever.
    pub years: Option<u32>,
}

/// One administrative division (GB/T 2260, GB/T 10114).
#[derive(Debug, Clone, PartialEq)]
pub struct Division {
    /// Its code, significant digits only.
    pub code: DivisionCode,
    /// Its Chinese name, for instance `越秀区` or `洪桥街道`.
    pub name: String,
    /// City, district, street or town.
    pub level: AreaKind,
    /// The division above; none for the city itself.
    pub parent: Option<DivisionCode>,
    /// Share of the city's people who live here, between 0 and 1; used by the synthetic city only.
    pub population_share: Option<f64>,
}

/// What kind of division a row of `divisions.csv` is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AreaKind {
    /// The city itself (地级市).
    City,
    /// District or county (区, 县).
    District,
    /// Street (街道).
    Street,
    /// Town or township (镇, 乡).
    Town,
    /// Community or village (社区, 村).
    Community,
}

/// A data element (数据元): one meaning, however many datasets carry it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Element {
    /// Identifier.
    pub id: String,
    /// Name.
    pub name: Text,
    /// Type, as contracts write it (`date`, `code:sex`, …).
    pub kind: super::FieldKind,
    /// Sensitivity level, 1 to 4.
    pub level: u8,
    /// The standard that defines it.
    pub standard: Option<String>,
    /// Its place in `elements.yaml`.
    #[serde(skip)]
    pub span: Span,
}

/// A code list (代码表).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CodeList {
    /// Identifier, as in `code:<id>`.
    pub id: String,
    /// Name.
    pub name: Text,
    /// The standard it comes from; none for a city's own list.
    pub standard: Option<String>,
    /// The codes in the order of the file.
    pub entries: Vec<CodeEntry>,
    /// Its place.
    #[serde(skip)]
    pub span: Span,
}

impl CodeList {
    /// The entry of a code.
    #[must_use]
    pub fn entry(&self, code: &str) -> Option<&CodeEntry> {
        self.entries.iter().find(|entry| entry.code == code)
    }

    /// Whether the list has this code.
    #[must_use]
    pub fn contains(&self, code: &str) -> bool {
        self.entry(code).is_some()
    }
}

/// One code of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CodeEntry {
    /// The code as it stands in files; always text, so that `01` stays `01`.
    pub code: String,
    /// What it means.
    pub name: Text,
    /// Other spellings that departments write for it (`男` for `1`).
    pub aliases: Vec<String>,
    /// A remark for people.
    pub note: Option<String>,
}
