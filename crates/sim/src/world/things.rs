//! What people have, do and are listed for. Money is fen. Each thing carries what deliveries have told of it (`known…`).

use super::person::PersonIndex;
use crate::address::Address;
use crate::day::Day;

/// A month index that never comes.
pub(crate) const NEVER_MONTH: i32 = i32::MAX;

/// People who live together.
#[derive(Debug, Clone)]
pub(crate) struct Family {
    pub(crate) address: Address,
    /// Where they lived before.
    pub(crate) former: Address,
    pub(crate) members: Vec<PersonIndex>,
    pub(crate) head: PersonIndex,
}

/// A book of the household register (户).
#[derive(Debug, Clone)]
pub(crate) struct Book {
    pub(crate) address: Address,
    pub(crate) members: Vec<PersonIndex>,
    pub(crate) head: PersonIndex,
}

/// A contract of employment, running or ended.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Job {
    pub(crate) person: PersonIndex,
    pub(crate) employer: u32,
    pub(crate) from: Day,
    /// [`Day::NEVER`] while it runs.
    pub(crate) to: Day,
}

/// A vehicle.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Vehicle {
    pub(crate) owner: PersonIndex,
    /// 1 private, 2 commercial, 3 for a disabled person.
    pub(crate) usage: u8,
    pub(crate) registered: Day,
    pub(crate) active: bool,
    /// What deliveries have told of `active`; `None` before any.
    pub(crate) known: Option<bool>,
}

/// A registered title to a home.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Home {
    pub(crate) owner: PersonIndex,
    pub(crate) address: Address,
    /// Square decimetres, so that there are two decimals of square metres.
    pub(crate) area: u32,
    pub(crate) registered: Day,
    pub(crate) active: bool,
    pub(crate) known: Option<bool>,
}

/// A business of an owner.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Business {
    pub(crate) owner: PersonIndex,
    pub(crate) capital: i64,
    pub(crate) registered: Day,
    pub(crate) active: bool,
    /// The capital that deliveries have told of; 0 when told inactive, `None` before any.
    pub(crate) known: Option<i64>,
}

/// A marriage or divorce.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Union {
    pub(crate) husband: PersonIndex,
    pub(crate) wife: PersonIndex,
    pub(crate) is_divorce: bool,
    pub(crate) day: Day,
}

/// Who learns of a death, and when; month indices.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Death {
    pub(crate) certificate: i32,
    pub(crate) register: i32,
    pub(crate) cremation: i32,
    pub(crate) cremated_on: Day,
    pub(crate) fee: i64,
    pub(crate) known_cremation: bool,
    pub(crate) one_source: bool,
}

/// Being held in custody.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Custody {
    pub(crate) from: Day,
    pub(crate) to: Day,
    pub(crate) known: bool,
}

/// The latest assessment of self-care.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SelfCare {
    /// Of the six actions, how many can't be done.
    pub(crate) failed: u8,
    pub(crate) assessed: Day,
    /// How many assessments there were, for the key.
    pub(crate) number: u32,
    /// The level that deliveries have told.
    pub(crate) known: Option<u8>,
}

impl SelfCare {
    /// 1 whole, 2 partial, 3 none (《特困人员认定办法》, 民发〔2021〕43号).
    pub(crate) fn level(&self) -> u8 {
        match self.failed {
            0 => 1,
            1..=3 => 2,
            _ => 3,
        }
    }
}

/// An entry of the roll of minimum living and low-income families.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Relief {
    /// 1 minimum living (低保), 2 low income (低保边缘).
    pub(crate) category: u8,
    /// Month index of approval.
    pub(crate) from: i32,
}

/// An entry of the roll of people in extreme difficulty (特困).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tekun {
    /// 1 in an institution, 2 at home.
    pub(crate) care_mode: u8,
    pub(crate) from: i32,
}

/// An entry of the roll of orphans and unattended children.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Child {
    /// 1 orphan, 2 unattended in fact.
    pub(crate) kind: u8,
    pub(crate) guardian: PersonIndex,
    pub(crate) from: i32,
}

/// A disabled person's card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Card {
    /// 1 sight, 2 hearing, 3 speech, 4 limbs, 5 intellect, 6 mind, 7 several (GB/T 26341-2010).
    pub(crate) class: u8,
    /// 1 (worst) to 4.
    pub(crate) level: u8,
    pub(crate) issued: Day,
    pub(crate) expires: Day,
    pub(crate) active: bool,
}

/// An application for assistance of the people who live together.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) applicant: PersonIndex,
    pub(crate) consented: Day,
    pub(crate) applied: Day,
    pub(crate) active: bool,
    pub(crate) members: Vec<CaseMember>,
}

/// Rows of one case at most; its members' rows have the slots `case * MOST_MEMBERS + line`.
pub(crate) const MOST_MEMBERS: u32 = 32;

/// One line of an application.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CaseMember {
    pub(crate) person: PersonIndex,
    pub(crate) other_income: u32,
    /// What banks answered last, and on which day they were asked; `None` before any answer.
    pub(crate) savings: Option<(Day, i64)>,
    /// What deliveries have told of the line: other income, and whether the application stands.
    pub(crate) known: Option<(u32, bool)>,
    pub(crate) known_savings: Option<(Day, i64)>,
}

/// A bank's answer to a check.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reply {
    pub(crate) case: u32,
    pub(crate) line: u32,
    pub(crate) asked: Day,
    pub(crate) balance: i64,
}
