//! Linking and survivorship: how rows become persons, and which value a person's record shows.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Rules of record linkage after Fellegi and Sunter (1969): candidate pairs come from blocking,
/// each comparison adds the weight of the first level that holds, and the sum is held against two
/// thresholds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Linkage {
    /// The attributes that take part.
    pub attributes: Vec<String>,
    /// Two records are compared when at least one of these agrees.
    pub blocking: Vec<Blocking>,
    /// What is compared.
    pub comparisons: Vec<Comparison>,
    /// Where the sum of weights decides.
    pub thresholds: Thresholds,
}

/// One way to find candidate pairs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blocking {
    /// Identifier.
    pub id: String,
    /// Attributes, or expressions over one attribute such as `pinyin(name)` or
    /// `year(birth_date)`; all must be known and equal.
    pub on: Vec<String>,
}

/// How one attribute is compared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// The attribute.
    pub attribute: String,
    /// Whether the weight of an exact match is corrected by how common the value is.
    pub frequency: bool,
    /// Levels from the most alike to `else`; the first that holds counts. A value that is missing
    /// on either side is no evidence: weight 0.
    pub levels: Vec<ComparisonLevel>,
}

/// One level of likeness.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ComparisonLevel {
    /// Identifier.
    pub id: String,
    /// When it holds.
    pub when: LevelKind,
    /// Bound of `edits`, `days`, `years` or `overlap` (in percent).
    pub max: Option<u32>,
    /// Base-2 logarithm of the likelihood ratio.
    pub weight: f64,
}

/// When a level of likeness holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LevelKind {
    /// Equal after standardising.
    Exact,
    /// Equal to the other record's former name.
    FormerName,
    /// Same sound: equal pinyin without tones.
    Pinyin,
    /// Differs only in characters that look or are written alike (traditional, variant).
    Variant,
    /// At most `max` characters inserted, dropped, replaced or swapped.
    Edits,
    /// Day and month exchanged.
    DayMonthSwapped,
    /// At most `max` days apart.
    Days,
    /// Same year of birth.
    SameYear,
    /// Same division, road and number.
    SamePlace,
    /// Same street or town.
    SameTownship,
    /// Whatever is left.
    Else,
}

impl LevelKind {
    /// All kinds with their words.
    pub const ALL: [(&'static str, Self); 11] = [
        ("exact", Self::Exact),
        ("former_name", Self::FormerName),
        ("pinyin", Self::Pinyin),
        ("variant", Self::Variant),
        ("edits", Self::Edits),
        ("day_month_swapped", Self::DayMonthSwapped),
        ("days", Self::Days),
        ("same_year", Self::SameYear),
        ("same_place", Self::SamePlace),
        ("same_township", Self::SameTownship),
        ("else", Self::Else),
    ];
}

/// Where the sum of weights decides.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Thresholds {
    /// From here on two records are one person.
    #[serde(rename = "match")]
    pub accept: f64,
    /// From here on a person looks at it.
    pub review: f64,
}

/// How the golden record chooses, attribute by attribute.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Survivorship {
    /// Attribute → rules; each breaks the ties of the one before.
    pub attributes: BTreeMap<String, Vec<SurvivorshipRule>>,
}

/// One way to prefer a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SurvivorshipRule {
    /// A value that passes its own check before one that does not.
    Valid,
    /// A value from a record that is certainly this person's before one that is likely.
    Certain,
    /// The source with the higher authority for the attribute (the contracts say it).
    Authority,
    /// The later as-of date.
    Recency,
    /// The value that more sources give.
    Agreement,
}

impl SurvivorshipRule {
    /// All rules with their words.
    pub const ALL: [(&'static str, Self); 5] = [
        ("valid", Self::Valid),
        ("certain", Self::Certain),
        ("authority", Self::Authority),
        ("recency", Self::Recency),
        ("agreement", Self::Agreement),
    ];
}
