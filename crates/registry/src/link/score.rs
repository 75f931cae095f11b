//! Match weights.

use super::Model;
use crate::names::{self, NameLevel};
use crate::records::{NO_DATE, NO_NAME, Records, date};
use crate::rules::Rules;

/// Information of a name, in bits, is kept within these bounds: a name seen once is not proof, and
/// the most common one still says something.
const NAME_BITS: (f64, f64) = (5.0, 15.0);

/// Weight shown for a record that came by its identity number: some 10^9 numbers have been given
/// out, so that a chance agreement has odds of one to 2^30. It is a constant so that nothing of a
/// person changes when others come.
pub(crate) const ID_EXACT_BITS: f32 = 30.0;

/// What speaks for two being one person.
#[derive(Debug, Clone)]
pub(crate) struct Evidence {
    /// Sum of weights in bits, the prior included.
    pub(crate) weight: f64,
    /// Whether the identity numbers are one slip apart.
    pub(crate) id_near: bool,
}

/// Computes weights.
pub(crate) struct Scorer<'r> {
    records: &'r Records,
    rules: &'r Rules,
    /// log2 of the odds that two records drawn at random are one person.
    prior: f64,
    total_names: f64,
}

impl<'r> Scorer<'r> {
    pub(crate) fn new(records: &'r Records, rules: &'r Rules, model: &Model) -> Self {
        Self {
            records,
            rules,
            prior: -(f64::from(model.persons.max(2))).log2(),
            // Counts of names stay far below 2^52.
            total_names: model.named.max(1) as f64,
        }
    }

    /// Weighs a record against a person's records: each attribute counts once, by the best of the
    /// person's values.
    pub(crate) fn against(&self, record: u32, person: &[u32]) -> Evidence {
        let rules = self.rules;
        let records = self.records;
        let at = record as usize;
        let near = records.near.get(&record).map(AsRef::as_ref);
        let mut id_near: Option<bool> = None;
        let mut name = Best::default();
        let mut birth = Best::default();
        let (mut sex_same, mut sex_differs) = (0u32, 0u32);
        let (mut phone, mut address, mut case_no) =
            (Best::default(), Best::default(), Best::default());
        for other in person {
            let to = *other as usize;
            name.offer(self.name_weight(at, to));
            birth.offer(self.birth_weight(records.birth[at], records.birth[to]));
            if records.sex[at] != 0 && records.sex[to] != 0 {
                if records.sex[at] == records.sex[to] {
                    sex_same += 1;
                } else {
                    sex_differs += 1;
                }
            }
            phone.offer(pair(records.phone[at], records.phone[to], &rules.phone));
            address.offer(pair(records.address[at], records.address[to], &rules.address));
            case_no.offer(pair(records.case_no[at], records.case_no[to], &rules.case_no));
            if let Some(is_near) = self.numbers_near(at, near, to) {
                id_near = Some(id_near.unwrap_or(false) || is_near);
            }
        }
        let sex = match (sex_same, sex_differs) {
            (0, 0) => 0.0,
            (same, differs) if same >= differs => rules.sex.same,
            _ => rules.sex.differs,
        };
        let id = match id_near {
            Some(true) => rules.id_near,
            // A mistyped number that is not close to the other's valid one: some evidence against.
            Some(false) => rules.id_differs,
            None => 0.0,
        };
        let weight = self.prior
            + name.value()
            + birth.value()
            + sex
            + phone.value()
            + address.value()
            + case_no.value()
            + id;
        Evidence { weight, id_near: id_near == Some(true) }
    }

    /// Whether a mistyped number on one side is one slip away from a valid one on the other; `None` when
    /// there are no such two.
    fn numbers_near(&self, at: usize, near: Option<&[u128]>, to: usize) -> Option<bool> {
        let (left, right) = (self.records.id[at], self.records.id[to]);
        if let (Some(near), true) = (near, right != 0) {
            return Some(near.contains(&right));
        }
        let near = if left == 0 { None } else { self.records.near.get(&(to as u32)) };
        near.map(|near| near.contains(&left))
    }

    /// Whether two records can't be one person whatever else agrees.
    pub(crate) fn contradict(&self, left: u32, right: u32) -> bool {
        let records = self.records;
        let (a, b) = (left as usize, right as usize);
        (records.id[a] != 0 && records.id[b] != 0 && records.id[a] != records.id[b])
            || (records.sex[a] != 0 && records.sex[b] != 0 && records.sex[a] != records.sex[b])
            || (records.birth[a] != NO_DATE
                && records.birth[b] != NO_DATE
                && records.birth[a] != records.birth[b]
                && !swapped(records.birth[a], records.birth[b]))
            || self.name_weight(a, b).is_some_and(|weight| weight <= self.rules.name.differs)
    }

    fn name_weight(&self, left: usize, right: usize) -> Option<f64> {
        let records = self.records;
        let weights = &self.rules.name;
        let (a, b) = (records.name[left], records.name[right]);
        if a == NO_NAME || b == NO_NAME {
            return None;
        }
        if a == b {
            return Some(weights.exact + if weights.frequency { self.name_bits(a) } else { 0.0 });
        }
        if records.former[left] == b || records.former[right] == a {
            return Some(weights.former);
        }
        Some(match name_level(records, a, b) {
            NameLevel::Exact => weights.exact,
            NameLevel::SameSound => weights.sound,
            NameLevel::OneCharacter => weights.one_character,
            // One of two characters: half of the evidence of one of three.
            NameLevel::HalfShared => weights.one_character / 2.0 - 1.0,
            NameLevel::Differ => weights.differs,
        })
    }

    fn name_bits(&self, name: u32) -> f64 {
        let count = f64::from(self.records.names.count[name as usize].max(1));
        (self.total_names / count).log2().clamp(NAME_BITS.0, NAME_BITS.1)
    }

    fn birth_weight(&self, left: i32, right: i32) -> Option<f64> {
        let weights = &self.rules.birth;
        if left == NO_DATE || right == NO_DATE {
            return None;
        }
        Some(if left == right {
            weights.exact
        } else if swapped(left, right) {
            weights.swapped
        } else if one_part_differs(left, right) {
            weights.near
        } else {
            weights.differs
        })
    }
}

/// The best of several weights; 0 when there was nothing to compare.
#[derive(Default)]
struct Best(Option<f64>);

impl Best {
    fn offer(&mut self, weight: Option<f64>) {
        if let Some(weight) = weight
            && self.0.is_none_or(|best| weight > best)
        {
            self.0 = Some(weight);
        }
    }

    fn value(&self) -> f64 {
        self.0.unwrap_or(0.0)
    }
}

fn pair(left: u64, right: u64, weights: &crate::rules::Pair) -> Option<f64> {
    (left != 0 && right != 0).then_some(if left == right { weights.same } else { weights.differs })
}

/// How alike two interned names are.
pub(crate) fn name_level(records: &Records, left: u32, right: u32) -> NameLevel {
    let names = &records.names;
    if left == NO_NAME || right == NO_NAME {
        return NameLevel::Differ;
    }
    let (a, b) = (left as usize, right as usize);
    names::compare(&names.text[a], &names.text[b], names.sound[a] == names.sound[b])
}

/// The year of a day number; 0 when out of range.
pub(crate) fn year(days: i32) -> i32 {
    date(days).map_or(0, |date| i32::from(date.year()))
}

/// Whether the two dates are the same but for day and month exchanged.
pub(crate) fn swapped(left: i32, right: i32) -> bool {
    match (date(left), date(right)) {
        (Some(left), Some(right)) => {
            left.year() == right.year()
                && left.month() == right.day()
                && left.day() == right.month()
        }
        _ => false,
    }
}

/// Whether the two dates differ in exactly one of year, month and day.
fn one_part_differs(left: i32, right: i32) -> bool {
    match (date(left), date(right)) {
        (Some(left), Some(right)) => {
            u8::from(left.year() != right.year())
                + u8::from(left.month() != right.month())
                + u8::from(left.day() != right.day())
                == 1
        }
        _ => false,
    }
}
