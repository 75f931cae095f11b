//! What this crate needs to know of a policy.

use pack::{Cycle, Pack, Policy, PolicyMode, Text, Unit};

/// Who receives a benefit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubjectKind {
    /// A person.
    Person,
    /// A household living together; its head is the payee.
    Household,
}

impl SubjectKind {
    /// The word in columns and table names.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Household => "household",
        }
    }
}

/// How somebody gets onto the register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// By being eligible (免申即享).
    Auto,
    /// By confirming, by applying, or by standing on the department's roll: the decision's
    /// `enrolled` says so.
    Enrolled,
}

/// A condition of a policy, in the order of the reason masks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProgrammeCondition {
    /// Its id; the condition called `alive` is the one about death.
    pub id: String,
    /// Its name.
    pub name: Text,
}

/// One policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Programme {
    /// Its id, such as `longevity-allowance`.
    pub id: String,
    /// Its name.
    pub name: Text,
    /// Who receives it.
    pub unit: SubjectKind,
    /// How somebody gets onto its register.
    pub mode: Mode,
    /// Whether whoever was on the register last month still is this month. Not so for a benefit
    /// that belongs to an event.
    pub continuing: bool,
    /// Its reasons: conditions, implicit exclusions, the amount. Number `n` is bit `n` of the masks.
    pub conditions: Vec<ProgrammeCondition>,
}

impl Programme {
    /// The beginning of its column names in the decisions tables.
    #[must_use]
    pub fn column_prefix(&self) -> String {
        self.id.replace('-', "_")
    }
}

/// All policies of a city, with the hash of the pack that they come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Programmes {
    /// The policies in the order of the pack.
    pub all: Vec<Programme>,
    /// The pack's hash.
    pub pack_hash: String,
}

impl Programmes {
    /// The policies of a city pack.
    #[must_use]
    pub fn from_pack(pack: &Pack) -> Self {
        let all = pack
            .policies
            .iter()
            .map(|policy| Programme {
                id: policy.id.clone(),
                name: policy.name.clone(),
                unit: match policy.unit {
                    Unit::Person => SubjectKind::Person,
                    Unit::Household => SubjectKind::Household,
                },
                // A policy without a register of its own registers whoever is eligible.
                mode: match (policy.mode, &policy.enrolled_when) {
                    (PolicyMode::Auto, _) | (_, None) => Mode::Auto,
                    (PolicyMode::Confirm | PolicyMode::Apply, Some(_)) => Mode::Enrolled,
                },
                continuing: policy.cycle == Cycle::Monthly,
                conditions: reasons(policy),
            })
            .collect();
        Self { all, pack_hash: pack.hash.clone() }
    }

    /// The policy with this id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Programme> {
        self.all.iter().find(|programme| programme.id == id)
    }
}

/// What the bits of the masks stand for: the conditions, then each exclusion that no condition
/// enforces, then the amount.
fn reasons(policy: &Policy) -> Vec<ProgrammeCondition> {
    let conditions = policy.conditions.iter().map(|condition| ProgrammeCondition {
        id: condition.id.clone(),
        name: condition.name.clone(),
    });
    let exclusions = policy.excludes.iter().filter(|one| one.condition.is_none()).map(|one| {
        ProgrammeCondition { id: format!("excluded_by:{}", one.policy), name: one.rule.clone() }
    });
    let amount = ProgrammeCondition {
        id: "amount".to_owned(),
        name: Text { zh: "金额可以确定".to_owned(), en: "The amount is known".to_owned() },
    };
    conditions.chain(exclusions).chain([amount]).collect()
}
