//! Record linkage: which records speak of one person.
//!
//! 1. Records with the same valid identity number are one person, unless name and birth date both
//!    say otherwise.
//! 2. Every other record is compared with the persons of step 1 that share a blocking key or have an
//!    identity number one slip away, after Fellegi and Sunter (1969); it joins the best one if the
//!    weight is high enough and clearly above the second best. A second pass lets it also match what
//!    the first pass has added.
//! 3. What is left is clustered among itself, strongest pairs first; two records never meet in a
//!    cluster in which any pair contradicts.
//!
//! Two different valid identity numbers therefore never become one person. The result depends on
//! the set of records only, not on their order.

mod near_id;
mod score;
#[cfg(test)]
mod tests;

use std::cmp::Ordering;

use hashbrown::{HashMap, HashSet};
use rayon::prelude::*;
use trust::ColumnKeys;

use crate::names::NameLevel;
use crate::records::{NO_DATE, NO_NAME, Records, Source};
use crate::rules::{Key, Rules};
use score::{Evidence, Scorer};

/// A blocking key that more persons share than this says too little to be worth comparing.
const BLOCK_MAX: usize = 400;
/// Bits by which the best person must lead the second best.
const MARGIN: f64 = 3.0;

/// How a record came to its person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rule {
    /// Same valid identity number.
    IdExact,
    /// Identity number one slip away, and the rest agrees.
    IdNear,
    /// Weight of the other attributes.
    Weight,
    /// Nobody else.
    Single,
}

impl Rule {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::IdExact => "id_exact",
            Self::IdNear => "id_near",
            Self::Weight => "fellegi_sunter",
            Self::Single => "single",
        }
    }
}

/// The outcome of linking; all arrays are by record.
#[derive(Debug)]
pub(crate) struct Linked {
    /// Number of the cluster; clusters are numbered from 0 in no particular order.
    pub(crate) cluster: Vec<u32>,
    pub(crate) clusters: usize,
    /// Match weight in bits; 0 for the records that found a person.
    pub(crate) weight: Vec<f32>,
    pub(crate) rule: Vec<Rule>,
    /// Whether the identity is certain enough for a stop (same valid number, and no contradiction).
    pub(crate) certain: Vec<bool>,
    /// Uncertain pairs for a person to look at: record, cluster, weight.
    pub(crate) review: Vec<(u32, u32, f32)>,
    /// Blocking keys that were too common to use.
    pub(crate) skipped_blocks: usize,
}

/// Links records. `keys` makes the tokens of the neighbours of mistyped identity numbers.
pub(crate) fn link(
    records: &Records,
    sources: &[Source<'_>],
    rules: &Rules,
    keys: &ColumnKeys,
) -> Linked {
    let mut groups = Groups::by_identity(records, sources);
    let scorer = Scorer::new(records, rules, groups.len());
    let mut state = Linked {
        cluster: vec![u32::MAX; records.len()],
        clusters: groups.len(),
        weight: vec![0.0; records.len()],
        rule: vec![Rule::Single; records.len()],
        certain: vec![false; records.len()],
        review: Vec::new(),
        skipped_blocks: 0,
    };
    for (group, members) in groups.members.iter().enumerate() {
        for member in members {
            let at = *member as usize;
            state.cluster[at] = group as u32;
            state.rule[at] = Rule::IdExact;
            state.certain[at] = groups.consistent[at];
            state.weight[at] = score::ID_EXACT_BITS;
        }
    }

    let mut loose: Vec<u32> = groups.loose.clone();
    for pass in 0..2 {
        let (index, skipped) = block_index(records, rules, &groups, &loose);
        state.skipped_blocks += skipped;
        let found: Vec<Attempt> = loose
            .par_iter()
            .map(|record| {
                let near = near_id::groups(records, *record, keys, &groups.by_id);
                attempt(*record, records, rules, &scorer, &groups, &index, &near)
            })
            .collect();
        let mut rest = Vec::new();
        let mut review = Vec::new();
        for (record, attempt) in loose.iter().zip(found) {
            match attempt {
                Attempt::Joins { group, evidence } => {
                    groups.members[group as usize].push(*record);
                    let at = *record as usize;
                    state.cluster[at] = group;
                    state.weight[at] = evidence.weight as f32;
                    state.rule[at] = if evidence.id_near { Rule::IdNear } else { Rule::Weight };
                }
                Attempt::Unsure { group, weight } => {
                    rest.push(*record);
                    review.push((*record, group, weight as f32));
                }
                Attempt::Nobody => rest.push(*record),
            }
        }
        loose = rest;
        if pass == 1 {
            state.review = review;
        }
    }
    cluster_rest(records, rules, &scorer, &loose, &mut state);
    state
}

/// Persons that an identity number makes, and the records that belong to none.
struct Groups {
    members: Vec<Vec<u32>>,
    by_id: HashMap<u128, u32>,
    loose: Vec<u32>,
    /// By record: whether name or former name agree with the group's most authoritative record.
    consistent: Vec<bool>,
}

impl Groups {
    fn len(&self) -> usize {
        self.members.len()
    }

    fn by_identity(records: &Records, sources: &[Source<'_>]) -> Self {
        let authority: Vec<u8> = sources
            .iter()
            .map(|source| source.role.authority.get("id_number").copied().unwrap_or(0))
            .collect();
        let mut order: Vec<u32> =
            (0..records.len() as u32).filter(|record| records.id[*record as usize] != 0).collect();
        order.par_sort_unstable_by_key(|record| {
            let at = *record as usize;
            (
                records.id[at],
                u8::MAX - authority[usize::from(records.source[at])],
                records.row[at],
                records.source[at],
            )
        });
        let mut groups = Self {
            members: Vec::new(),
            by_id: HashMap::new(),
            loose: (0..records.len() as u32)
                .filter(|record| records.id[*record as usize] == 0)
                .collect(),
            consistent: vec![false; records.len()],
        };
        for run in
            order.chunk_by(|left, right| records.id[*left as usize] == records.id[*right as usize])
        {
            let anchor = run[0] as usize;
            let mut members = Vec::with_capacity(run.len());
            for record in run {
                let at = *record as usize;
                let alike = same_name(records, anchor, at);
                if !alike && births_contradict(records.birth[anchor], records.birth[at]) {
                    groups.loose.push(*record);
                    continue;
                }
                groups.consistent[at] = alike;
                members.push(*record);
            }
            groups.by_id.insert(records.id[anchor], groups.members.len() as u32);
            groups.members.push(members);
        }
        groups
    }
}

fn same_name(records: &Records, anchor: usize, at: usize) -> bool {
    let (left, right) = (records.name[anchor], records.name[at]);
    left == right
        || records.former[anchor] == right && right != NO_NAME
        || records.former[at] == left && left != NO_NAME
        || score::name_level(records, left, right) >= NameLevel::OneCharacter
        || left == NO_NAME
        || right == NO_NAME
}

fn births_contradict(left: i32, right: i32) -> bool {
    left != NO_DATE && right != NO_DATE && left != right && !score::swapped(left, right)
}

enum Attempt {
    Joins { group: u32, evidence: Evidence },
    Unsure { group: u32, weight: f64 },
    Nobody,
}

fn attempt(
    record: u32,
    records: &Records,
    rules: &Rules,
    scorer: &Scorer<'_>,
    groups: &Groups,
    index: &HashMap<u64, Vec<u32>>,
    near: &[u32],
) -> Attempt {
    let mut candidates: Vec<u32> = near.to_vec();
    for rule in 0..rules.blocking.len() {
        if let Some(found) = block_key(records, rules, rule, record).and_then(|key| index.get(&key))
        {
            candidates.extend(found);
        }
    }
    candidates.sort_unstable();
    candidates.dedup();
    let (mut best, mut second): (Option<(u32, Evidence)>, f64) = (None, f64::NEG_INFINITY);
    for group in candidates {
        let evidence =
            scorer.against(record, &groups.members[group as usize], near.contains(&group));
        match &best {
            Some((_, leader)) if leader.weight >= evidence.weight => {
                second = second.max(evidence.weight);
            }
            _ => {
                if let Some((_, leader)) = &best {
                    second = second.max(leader.weight);
                }
                best = Some((group, evidence));
            }
        }
    }
    match best {
        Some((group, evidence))
            if evidence.weight >= rules.accept && evidence.weight - second >= MARGIN =>
        {
            Attempt::Joins { group, evidence }
        }
        Some((group, evidence)) if evidence.weight >= rules.review => {
            Attempt::Unsure { group, weight: evidence.weight }
        }
        _ => Attempt::Nobody,
    }
}

/// For each blocking key of a loose record, the groups that share it.
fn block_index(
    records: &Records,
    rules: &Rules,
    groups: &Groups,
    loose: &[u32],
) -> (HashMap<u64, Vec<u32>>, usize) {
    let wanted: HashSet<u64> = loose
        .iter()
        .flat_map(|record| {
            (0..rules.blocking.len()).filter_map(|rule| block_key(records, rules, rule, *record))
        })
        .collect();
    let pairs: Vec<(u64, u32)> = groups
        .members
        .par_iter()
        .enumerate()
        .flat_map_iter(|(group, members)| {
            let mut keys: Vec<u64> = members
                .iter()
                .flat_map(|member| {
                    (0..rules.blocking.len())
                        .filter_map(|rule| block_key(records, rules, rule, *member))
                })
                .filter(|key| wanted.contains(key))
                .collect();
            keys.sort_unstable();
            keys.dedup();
            keys.into_iter().map(move |key| (key, group as u32))
        })
        .collect();
    let mut index: HashMap<u64, Vec<u32>> = HashMap::with_capacity(wanted.len());
    for (key, group) in pairs {
        index.entry(key).or_default().push(group);
    }
    let before = index.len();
    index.retain(|_, found| found.len() <= BLOCK_MAX);
    let skipped = before - index.len();
    (index, skipped)
}

/// The hash of a record's values for a blocking rule, or none if one of them is missing.
fn block_key(records: &Records, rules: &Rules, rule: usize, record: u32) -> Option<u64> {
    let at = record as usize;
    let mut hash = 0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(rule as u64 + 1);
    for part in &rules.blocking[rule] {
        let value = match part {
            Key::Name if records.name[at] != NO_NAME => u64::from(records.name[at]) + 1,
            Key::Sound if records.name[at] != NO_NAME => {
                records.names.sound[records.name[at] as usize]
            }
            Key::Birth if records.birth[at] != NO_DATE => {
                u64::from(records.birth[at].unsigned_abs()) << 1 | u64::from(records.birth[at] < 0)
            }
            Key::BirthYear if records.birth[at] != NO_DATE => {
                u64::from(score::year(records.birth[at]).unsigned_abs()) + 1
            }
            Key::Sex if records.sex[at] != 0 => u64::from(records.sex[at]),
            Key::Phone if records.phone[at] != 0 => records.phone[at],
            Key::Address if records.address[at] != 0 => records.address[at],
            Key::CaseNo if records.case_no[at] != 0 => records.case_no[at],
            _ => return None,
        };
        // A multiplicative mix (splitmix64): the keys only choose candidates, a rare collision
        // costs one comparison.
        hash = (hash ^ value).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        hash ^= hash >> 29;
    }
    Some(hash)
}

/// Clusters the records that joined nobody.
fn cluster_rest(
    records: &Records,
    rules: &Rules,
    scorer: &Scorer<'_>,
    loose: &[u32],
    state: &mut Linked,
) {
    let mut blocks: HashMap<u64, Vec<u32>> = HashMap::new();
    for record in loose {
        for rule in 0..rules.blocking.len() {
            if let Some(key) = block_key(records, rules, rule, *record) {
                blocks.entry(key).or_default().push(*record);
            }
        }
    }
    state.skipped_blocks += blocks.values().filter(|members| members.len() > BLOCK_MAX).count();
    blocks.retain(|_, members| members.len() > 1 && members.len() <= BLOCK_MAX);
    let mut pairs: Vec<(u32, u32)> = blocks
        .values()
        .flat_map(|members| {
            members.iter().enumerate().flat_map(move |(position, left)| {
                members[position + 1..]
                    .iter()
                    .map(move |right| if left < right { (*left, *right) } else { (*right, *left) })
            })
        })
        .collect();
    pairs.par_sort_unstable();
    pairs.dedup();
    let mut scored: Vec<(f64, u32, u32)> = pairs
        .par_iter()
        .filter_map(|(left, right)| {
            let evidence = scorer.against(*left, &[*right], false);
            (evidence.weight >= rules.accept).then_some((evidence.weight, *left, *right))
        })
        .collect();
    // The order of equal weights must not depend on the order of the records.
    let identity = |record: u32| (records.row[record as usize], records.source[record as usize]);
    scored.par_sort_unstable_by(|left, right| {
        right.0.partial_cmp(&left.0).unwrap_or(Ordering::Equal).then_with(|| {
            let (a, b) = (identity(left.1), identity(left.2));
            let (c, d) = (identity(right.1), identity(right.2));
            (a.min(b), a.max(b)).cmp(&(c.min(d), c.max(d)))
        })
    });

    let mut members: Vec<Vec<u32>> = loose.iter().map(|record| vec![*record]).collect();
    let mut home: HashMap<u32, usize> =
        loose.iter().enumerate().map(|(position, record)| (*record, position)).collect();
    for (weight, left, right) in scored {
        let (a, b) = (home[&left], home[&right]);
        if a == b || members[a].iter().any(|x| members[b].iter().any(|y| scorer.contradict(*x, *y)))
        {
            continue;
        }
        let (from, to) = if members[a].len() < members[b].len() { (a, b) } else { (b, a) };
        let moved = std::mem::take(&mut members[from]);
        for record in &moved {
            home.insert(*record, to);
        }
        for record in [left, right] {
            let at = record as usize;
            state.rule[at] = Rule::Weight;
            state.weight[at] = state.weight[at].max(weight as f32);
        }
        members[to].extend(moved);
    }
    for cluster in members.into_iter().filter(|cluster| !cluster.is_empty()) {
        for record in cluster {
            state.cluster[record as usize] = state.clusters as u32;
        }
        state.clusters += 1;
    }
}
