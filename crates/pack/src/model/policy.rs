//! Policies: who is entitled to what, on which legal basis, at which dated figures.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::Serialize;

use super::Text;
use crate::span::{Span, Spanned};

/// One policy.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// Identifier, for instance `longevity-allowance`.
    pub id: String,
    /// Name.
    pub name: Text,
    /// What it is for, in a sentence or two.
    pub description: Text,
    /// Business line.
    pub line: String,
    /// Laws and notices it rests on; at least one.
    pub legal_basis: Vec<LegalBasis>,
    /// Who receives it.
    pub unit: Unit,
    /// How often.
    pub cycle: Cycle,
    /// How much a citizen has to do for it.
    pub mode: PolicyMode,
    /// When an entitlement begins.
    pub start: StartRule,
    /// When it ends.
    pub stop: StopRule,
    /// The day that conditions look at and that dated parameters are taken on.
    pub day: ConditionDay,
    /// Months of the year (1 to 12) in which it is paid; empty: all. In other months it is not
    /// applicable.
    pub months: Vec<u8>,
    /// SQL bool over period variables and parameters; when it is not true, the policy is not
    /// applicable in the period.
    pub applies_when: Option<Spanned<String>>,
    /// Its dated parameters by name, those shared with other policies included.
    pub parameters: BTreeMap<String, Parameter>,
    /// The conditions in the order in which reasons are shown; all must hold.
    pub conditions: Vec<Condition>,
    /// SQL that gives the amount in fen by a named rounding function.
    pub amount: Spanned<String>,
    /// SQL bool: who is on the register (在册); none: whoever is eligible.
    pub enrolled_when: Option<Spanned<String>>,
    /// Policies to which this one gives way.
    pub excludes: Vec<Exclusion>,
    /// Whether amounts are made up for demonstration and must not be taken for the city's own.
    pub demo: bool,
    /// Position in lists.
    pub order: u32,
    /// Its place.
    pub span: Span,
}

impl Policy {
    /// The condition with this id.
    #[must_use]
    pub fn condition(&self, id: &str) -> Option<&Condition> {
        self.conditions.iter().find(|condition| condition.id == id)
    }

    /// Whether some value in force on `day` still has to be verified by the city.
    #[must_use]
    pub fn needs_verifying(&self, day: Date) -> bool {
        self.parameters.values().filter_map(|parameter| parameter.on(day)).any(|value| value.verify)
    }
}

/// A law, regulation or notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LegalBasis {
    /// Its title.
    pub title: String,
    /// Its number, for instance `国发〔2015〕52号`.
    pub number: Option<String>,
    /// The article that matters.
    pub article: Option<String>,
    /// Whether title and number still have to be verified by the city.
    pub verify: bool,
}

/// Who receives a benefit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// A person.
    Person,
    /// A household.
    Household,
}

/// How often a benefit is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cycle {
    /// Every month.
    Monthly,
    /// Every quarter.
    Quarterly,
    /// Every year.
    Yearly,
    /// Whenever the event happens.
    PerEvent,
    /// Once in a life.
    Once,
}

/// How much a citizen has to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PolicyMode {
    /// Nothing (免申即享).
    Auto,
    /// Confirm an offer once (推送确认).
    Confirm,
    /// Apply (依申请).
    Apply,
}

/// When an entitlement begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StartRule {
    /// In the month of the application.
    MonthOfApplication,
    /// In the month after it.
    MonthAfterApplication,
    /// In the month after the approval.
    MonthAfterApproval,
    /// In the month of the birthday.
    MonthOfBirthday,
    /// In the month of the event.
    MonthOfEvent,
}

/// When an entitlement ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StopRule {
    /// From the month after the event (death, moving out, loss of status).
    MonthAfterEvent,
    /// In the month of the event.
    MonthOfEvent,
}

/// The day that conditions look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ConditionDay {
    /// The first day of the period.
    PeriodStart,
    /// The last day of the period.
    PeriodEnd,
}

/// One condition: a named reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// Identifier within the policy.
    pub id: String,
    /// Name, shown as a reason.
    pub name: Text,
    /// SQL bool over the variables; null is unknown.
    pub when: Spanned<String>,
    /// The article it rests on.
    pub article: Option<String>,
    /// What to bring when it is unknown.
    pub ask: Option<Text>,
    /// Its place.
    pub span: Span,
}

/// Another policy that can't be held together with this one, and to which this one gives way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exclusion {
    /// The other policy.
    pub policy: String,
    /// How it is decided, for people.
    pub rule: Text,
    /// The condition of this policy that enforces it (a child on the orphans' roll fails
    /// `not_orphan`). Without one the decision on the other policy enforces it: whoever is eligible
    /// there is not eligible here.
    pub condition: Option<String>,
    /// Its place.
    pub span: Span,
}

/// A figure that changes with time.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Shape of its values.
    pub kind: ParameterKind,
    /// Unit, for instance `CNY/month`.
    pub unit: String,
    /// Name.
    pub name: Text,
    /// Values in the order of their dates, without overlap.
    pub values: Vec<DatedValue>,
    /// Its place.
    pub span: Span,
}

impl Parameter {
    /// The value in force on a day, if there is one.
    #[must_use]
    pub fn on(&self, day: Date) -> Option<&DatedValue> {
        self.values
            .iter()
            .rev()
            .find(|dated| dated.from <= day && dated.to.is_none_or(|last| day <= last))
    }
}

/// Shape of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ParameterKind {
    /// One number: `standard`.
    Scalar,
    /// Steps: `bracket(age, yuan_by_age)` takes the value of the greatest step not above.
    Bracket,
    /// Named numbers: `lookup(key, floor_by_district)`.
    Table,
    /// Days: `has_date(cut_offs, period_start, period_end)`.
    Dates,
}

/// A value with the time in which it is in force.
#[derive(Debug, Clone, PartialEq)]
pub struct DatedValue {
    /// First day.
    pub from: Date,
    /// Last day, inclusive. The loader fills in the day before the next value's first one, unless
    /// the file says an earlier one; the last value is open unless the file closes it.
    pub to: Option<Date>,
    /// The value.
    pub value: ParameterValue,
    /// Where it stands: title and number of a notice, or how it was derived.
    pub basis: String,
    /// How good the evidence is.
    pub evidence: Evidence,
    /// Whether the city still has to verify it; shown wherever the value is.
    pub verify: bool,
    /// Its place.
    pub span: Span,
}

/// A value of a parameter; its variant is that of the parameter's kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParameterValue {
    /// One number.
    Scalar(Decimal),
    /// Steps in ascending order: from this key on, this value.
    Bracket(Vec<(Decimal, Decimal)>),
    /// Named numbers.
    Table(BTreeMap<String, Decimal>),
    /// Days, ascending.
    Dates(Vec<Date>),
}

/// How good the evidence for a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// A source was found that states it.
    Found,
    /// Stated in the article that the platform is modelled on.
    Seed,
    /// Generally known, with a document to cite.
    Known,
    /// Generally known, not certain: verify.
    Probable,
    /// A placeholder: verify.
    Unsure,
    /// Made up for demonstration.
    Constructed,
    /// Computed from found figures.
    Derived,
}

impl Evidence {
    /// All marks with their words.
    pub const ALL: [(&'static str, Self); 7] = [
        ("found", Self::Found),
        ("seed", Self::Seed),
        ("known", Self::Known),
        ("probable", Self::Probable),
        ("unsure", Self::Unsure),
        ("constructed", Self::Constructed),
        ("derived", Self::Derived),
    ];

    /// As the pack writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::Seed => "seed",
            Self::Known => "known",
            Self::Probable => "probable",
            Self::Unsure => "unsure",
            Self::Constructed => "constructed",
            Self::Derived => "derived",
        }
    }
}
