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
//! the set of records and the model only, not on their order.
//!
//! A day's delta is linked by the same steps: each looks only at the records that the news can reach,
//! that is, those that share an identity number, a blocking key or a near number with a record that
//! came, went or moved in the step before. All others keep what was found for them, which is what
//! linking everything anew would find again (a property test says so).

mod model;
pub(crate) mod neighbours;
mod roster;
mod score;
#[cfg(test)]
mod tests;

use std::cmp::Ordering;

use hashbrown::{HashMap, HashSet};
use rayon::prelude::*;

pub use model::MODEL;
pub(crate) use model::Model;
pub(crate) use roster::Roster;

use crate::names::NameLevel;
use crate::records::{NO_DATE, NO_NAME, Records, Source};
use crate::rules::{Key, Rules};
use score::{Evidence, Scorer};

/// A blocking key that more persons share than this says too little to be worth comparing.
const BLOCK_MAX: usize = 400;
/// Bits by which the best person must lead the second best.
const MARGIN: f64 = 3.0;
/// No cluster, in [`Linked::cluster`]: the record is gone.
pub(crate) const NO_CLUSTER: u32 = u32::MAX;

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
    pub(crate) const ALL: [Self; 4] = [Self::IdExact, Self::IdNear, Self::Weight, Self::Single];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::IdExact => "id_exact",
            Self::IdNear => "id_near",
            Self::Weight => "fellegi_sunter",
            Self::Single => "single",
        }
    }
}

/// The step in which a record found its person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    /// By its identity number.
    Identity,
    /// In the first pass of comparing.
    First,
    /// In the second pass.
    Second,
    /// In none of these: clustered with what else was left.
    Rest,
}

impl Stage {
    pub(crate) const ALL: [Self; 4] = [Self::Identity, Self::First, Self::Second, Self::Rest];
}

/// The outcome of linking; all arrays are by record.
#[derive(Debug, Clone, Default)]
pub(crate) struct Linked {
    /// Number of the cluster, or [`NO_CLUSTER`].
    pub(crate) cluster: Vec<u32>,
    /// Cluster numbers are below this; some may have no record any more.
    pub(crate) clusters: usize,
    pub(crate) stage: Vec<Stage>,
    /// Match weight in bits; 0 for the records that found a person.
    pub(crate) weight: Vec<f32>,
    pub(crate) rule: Vec<Rule>,
    /// Whether the identity is certain enough for a stop (same valid number, and no contradiction).
    pub(crate) certain: Vec<bool>,
    /// Uncertain pairs for a person to look at: record, cluster, weight.
    pub(crate) review: Vec<(u32, u32, f32)>,
    /// Blocking keys that were met and are too common to use.
    pub(crate) skipped_blocks: usize,
}

impl Linked {
    /// Makes room for records up to `records`, not linked yet.
    fn extended(mut self, records: usize) -> Self {
        self.cluster.resize(records, NO_CLUSTER);
        self.stage.resize(records, Stage::Rest);
        self.weight.resize(records, 0.0);
        self.rule.resize(records, Rule::Single);
        self.certain.resize(records, false);
        self.skipped_blocks = 0;
        self
    }
}

/// Links records.
///
/// `before` is the outcome for the first `before.cluster.len()` records, made with the same model;
/// those of them that are no longer current are true in `gone` (which may be shorter than the
/// records). With an empty `before` everything is linked.
pub(crate) fn link(
    records: &Records,
    gone: &[bool],
    before: &Linked,
    sources: &[Source<'_>],
    rules: &Rules,
    model: &Model,
) -> Linked {
    let scorer = Scorer::new(records, rules, model);
    Work { records, gone, before, rules, scorer, block_max: BLOCK_MAX }.link(sources)
}

/// What all steps of linking read.
struct Work<'a> {
    records: &'a Records,
    gone: &'a [bool],
    before: &'a Linked,
    rules: &'a Rules,
    scorer: Scorer<'a>,
    /// See [`BLOCK_MAX`].
    block_max: usize,
}

/// The identity numbers whose persons the news may have changed.
struct Touched {
    ids: HashSet<u128>,
    /// Clusters of these numbers, before and now.
    clusters: HashSet<u32>,
}

impl Work<'_> {
    fn link(&self, sources: &[Source<'_>]) -> Linked {
        let mut now = self.before.clone().extended(self.records.len());
        for (record, gone) in self.gone.iter().enumerate() {
            if *gone {
                now.cluster[record] = NO_CLUSTER;
            }
        }
        let touched = self.identify(sources, &mut now);
        let seekers = self.first_seekers(&touched, &now);
        let found = self.seek(&seekers, Stage::Identity, &mut now);
        self.settle(&seekers, &found, Stage::First, &mut now);
        let seekers = self.second_seekers(&touched, &seekers, &now);
        let found = self.seek(&seekers, Stage::First, &mut now);
        self.settle(&seekers, &found, Stage::Second, &mut now);
        self.note_uncertain(&seekers, &found, &mut now);
        self.cluster_rest(&mut now);
        now
    }

    fn is_gone(&self, record: u32) -> bool {
        self.gone.get(record as usize).copied().unwrap_or(false)
    }

    fn is_known(&self, record: u32) -> bool {
        (record as usize) < self.before.cluster.len()
    }

    /// The stage and cluster of before.
    fn was(&self, record: u32) -> Option<(Stage, u32)> {
        let at = record as usize;
        self.is_known(record).then(|| (self.before.stage[at], self.before.cluster[at]))
    }

    /// What names a record whatever its position is.
    fn identity(&self, record: u32) -> ([u8; 12], u8) {
        (self.records.row[record as usize], self.records.source[record as usize])
    }

    fn all(&self) -> std::ops::Range<u32> {
        0..self.records.len() as u32
    }

    /// Current records of all.
    fn current(&self) -> impl ParallelIterator<Item = u32> {
        self.all().into_par_iter().filter(|record| !self.is_gone(*record))
    }

    fn keys(&self, record: u32) -> impl Iterator<Item = u64> {
        (0..self.rules.blocking.len())
            .filter_map(move |rule| block_key(self.records, self.rules, rule, record))
    }

    /// Whether the record shares a key with these, or its mistyped number is near one of those.
    fn reaches(&self, record: u32, keys: &HashSet<u64>, ids: &HashSet<u128>) -> bool {
        self.keys(record).any(|key| keys.contains(&key))
            || self
                .records
                .near
                .get(&record)
                .is_some_and(|tokens| tokens.iter().any(|token| ids.contains(token)))
    }

    /// Step 1: the persons that an identity number makes.
    fn identify(&self, sources: &[Source<'_>], now: &mut Linked) -> Touched {
        let records = self.records;
        let authority: Vec<u8> = sources
            .iter()
            .map(|source| source.role.authority.get("id_number").copied().unwrap_or(0))
            .collect();
        let ids: HashSet<u128> = self
            .all()
            .filter(|record| self.is_gone(*record) || !self.is_known(*record))
            .map(|record| records.id[record as usize])
            .filter(|id| *id != 0)
            .collect();
        let mut numbers: HashMap<u128, u32> = HashMap::with_capacity(ids.len());
        for record in 0..self.before.cluster.len() {
            let id = records.id[record];
            if self.before.stage[record] == Stage::Identity && ids.contains(&id) {
                numbers.insert(id, self.before.cluster[record]);
            }
        }
        let mut clusters: HashSet<u32> = numbers.values().copied().collect();
        let mut order: Vec<u32> = self
            .current()
            .filter(|record| {
                let id = records.id[*record as usize];
                id != 0 && ids.contains(&id)
            })
            .collect();
        order.par_sort_unstable_by_key(|record| {
            let at = *record as usize;
            (
                records.id[at],
                u8::MAX - authority[usize::from(records.source[at])],
                records.row[at],
                records.source[at],
            )
        });
        for run in
            order.chunk_by(|left, right| records.id[*left as usize] == records.id[*right as usize])
        {
            let anchor = run[0] as usize;
            let cluster = *numbers.entry(records.id[anchor]).or_insert_with(|| {
                now.clusters += 1;
                now.clusters as u32 - 1
            });
            clusters.insert(cluster);
            for record in run {
                let at = *record as usize;
                let alike = same_name(records, anchor, at);
                let member = alike || !births_contradict(records.birth[anchor], records.birth[at]);
                if member {
                    now.cluster[at] = cluster;
                    now.stage[at] = Stage::Identity;
                    now.rule[at] = Rule::IdExact;
                    now.weight[at] = score::ID_EXACT_BITS;
                    now.certain[at] = alike;
                } else {
                    self.set_open(at, now);
                }
            }
        }
        Touched { ids, clusters }
    }

    fn set_open(&self, at: usize, now: &mut Linked) {
        now.cluster[at] = NO_CLUSTER;
        now.stage[at] = Stage::Rest;
        now.rule[at] = Rule::Single;
        now.weight[at] = 0.0;
        now.certain[at] = false;
    }

    /// Records without a person of their own number that the first pass has to compare.
    fn first_seekers(&self, touched: &Touched, now: &Linked) -> Vec<u32> {
        let keys = self.keys_of_members(&touched.clusters, Stage::Identity, now);
        self.current()
            .filter(|record| {
                let at = *record as usize;
                now.stage[at] != Stage::Identity
                    && (self.was(*record).is_none_or(|(stage, _)| stage == Stage::Identity)
                        || touched.ids.contains(&self.records.id[at])
                        || self.reaches(*record, &keys, &touched.ids))
            })
            .collect()
    }

    /// Records that the second pass has to compare: those of the first that found nobody, and those
    /// that share a key with a person whom the first pass has changed.
    fn second_seekers(&self, touched: &Touched, first: &[u32], now: &Linked) -> Vec<u32> {
        let mut clusters = touched.clusters.clone();
        let joined = |stage: Stage, cluster: u32| (stage == Stage::First).then_some(cluster);
        for record in first {
            let at = *record as usize;
            let was = self.was(*record).and_then(|(stage, cluster)| joined(stage, cluster));
            let is = joined(now.stage[at], now.cluster[at]);
            if was != is {
                clusters.extend(was.into_iter().chain(is));
            }
        }
        for (record, gone) in self.gone.iter().enumerate() {
            if *gone && self.before.stage[record] == Stage::First {
                clusters.insert(self.before.cluster[record]);
            }
        }
        let keys = self.keys_of_members(&clusters, Stage::First, now);
        let mut ids = touched.ids.clone();
        if !self.before.cluster.is_empty() {
            ids.extend(self.all().filter_map(|record| {
                let at = record as usize;
                (now.stage[at] == Stage::Identity && clusters.contains(&now.cluster[at]))
                    .then_some(self.records.id[at])
            }));
        }
        let again: HashSet<u32> = first.iter().copied().collect();
        self.current()
            .filter(|record| {
                now.stage[*record as usize] > Stage::First
                    && (again.contains(record) || self.reaches(*record, &keys, &ids))
            })
            .collect()
    }

    /// Blocking keys of all who are or were members of these clusters by a stage; none when nothing
    /// was linked before, since everybody seeks then.
    fn keys_of_members(&self, clusters: &HashSet<u32>, by: Stage, now: &Linked) -> HashSet<u64> {
        if self.before.cluster.is_empty() {
            return HashSet::new();
        }
        let member = |record: u32| {
            let at = record as usize;
            let is = now.stage[at] <= by && clusters.contains(&now.cluster[at]);
            is || self
                .was(record)
                .is_some_and(|(stage, cluster)| stage <= by && clusters.contains(&cluster))
        };
        self.all()
            .into_par_iter()
            .filter(|record| member(*record))
            .collect::<Vec<u32>>()
            .into_iter()
            .flat_map(|record| self.keys(record))
            .collect()
    }

    /// Step 2: for each seeker the best person among those that records up to a stage make.
    fn seek(&self, seekers: &[u32], members_by: Stage, now: &mut Linked) -> Vec<Attempt> {
        let choice = self.choice(seekers, members_by, now);
        now.skipped_blocks += choice.skipped;
        seekers.par_iter().map(|record| self.attempt(*record, &choice)).collect()
    }

    /// What the seekers can choose from.
    fn choice(&self, seekers: &[u32], members_by: Stage, now: &Linked) -> Choice {
        let wanted: HashSet<u64> = seekers.iter().flat_map(|record| self.keys(*record)).collect();
        let tokens: HashSet<u128> = seekers
            .iter()
            .filter_map(|record| self.records.near.get(record))
            .flat_map(|tokens| tokens.iter().copied())
            .collect();
        let member = |record: &u32| {
            now.stage[*record as usize] <= members_by && now.cluster[*record as usize] != NO_CLUSTER
        };
        let mut pairs: Vec<(u64, u32)> = self
            .current()
            .filter(member)
            .flat_map_iter(|record| {
                let cluster = now.cluster[record as usize];
                self.keys(record).filter(|key| wanted.contains(key)).map(move |key| (key, cluster))
            })
            .collect();
        pairs.par_sort_unstable();
        pairs.dedup();
        let mut by_key: HashMap<u64, Vec<u32>> = HashMap::with_capacity(wanted.len());
        let mut skipped = 0;
        for block in pairs.chunk_by(|left, right| left.0 == right.0) {
            if block.len() <= self.block_max {
                by_key.insert(block[0].0, block.iter().map(|(_, cluster)| *cluster).collect());
            } else {
                skipped += 1;
            }
        }
        let by_id: HashMap<u128, u32> = self
            .all()
            .filter(|record| {
                now.stage[*record as usize] == Stage::Identity
                    && tokens.contains(&self.records.id[*record as usize])
                    && !self.is_gone(*record)
            })
            .map(|record| (self.records.id[record as usize], now.cluster[record as usize]))
            .collect();
        let mut needed = vec![false; now.clusters];
        for cluster in by_key.values().flatten().chain(by_id.values()) {
            needed[*cluster as usize] = true;
        }
        let members = Roster::new(&now.cluster, now.clusters, |record| {
            member(&(record as u32)) && needed[now.cluster[record] as usize]
        });
        Choice { by_key, by_id, members, skipped }
    }

    fn attempt(&self, record: u32, choice: &Choice) -> Attempt {
        let mut candidates: Vec<u32> = self
            .records
            .near
            .get(&record)
            .into_iter()
            .flat_map(|tokens| tokens.iter().filter_map(|token| choice.by_id.get(token).copied()))
            .collect();
        for found in self.keys(record).filter_map(|key| choice.by_key.get(&key)) {
            candidates.extend(found);
        }
        candidates.sort_unstable();
        candidates.dedup();
        let (mut best, mut second): (Option<(u32, Evidence)>, f64) = (None, f64::NEG_INFINITY);
        // Of two that weigh the same the one with the smaller record is named, since cluster numbers
        // depend on the order of the records.
        let smallest = |cluster: u32| {
            choice.members.of(cluster).iter().map(|record| self.identity(*record)).min()
        };
        for cluster in candidates {
            let evidence = self.scorer.against(record, choice.members.of(cluster));
            let leads = best.as_ref().is_none_or(|(leader, lead)| {
                evidence.weight > lead.weight
                    || (evidence.weight == lead.weight && smallest(cluster) < smallest(*leader))
            });
            let loser =
                if leads { best.replace((cluster, evidence)) } else { Some((cluster, evidence)) };
            if let Some((_, evidence)) = loser {
                second = second.max(evidence.weight);
            }
        }
        match best {
            Some((cluster, evidence))
                if evidence.weight >= self.rules.accept && evidence.weight - second >= MARGIN =>
            {
                Attempt::Joins { cluster, evidence }
            }
            Some((cluster, evidence)) if evidence.weight >= self.rules.review => {
                Attempt::Unsure { cluster, weight: evidence.weight }
            }
            _ => Attempt::Nobody,
        }
    }

    /// Writes down what a pass has found.
    fn settle(&self, seekers: &[u32], found: &[Attempt], stage: Stage, now: &mut Linked) {
        for (record, attempt) in seekers.iter().zip(found) {
            let at = *record as usize;
            self.set_open(at, now);
            if let Attempt::Joins { cluster, evidence } = attempt {
                now.cluster[at] = *cluster;
                now.stage[at] = stage;
                now.weight[at] = evidence.weight as f32;
                now.rule[at] = if evidence.id_near { Rule::IdNear } else { Rule::Weight };
            }
        }
    }

    /// Keeps the uncertain pairs of records that have not sought again, and adds the new ones.
    fn note_uncertain(&self, seekers: &[u32], found: &[Attempt], now: &mut Linked) {
        let again: HashSet<u32> = seekers.iter().copied().collect();
        let mut review = std::mem::take(&mut now.review);
        review.retain(|(record, ..)| {
            !self.is_gone(*record)
                && !again.contains(record)
                && now.stage[*record as usize] == Stage::Rest
        });
        for (record, attempt) in seekers.iter().zip(found) {
            if let Attempt::Unsure { cluster, weight } = attempt {
                review.push((*record, *cluster, *weight as f32));
            }
        }
        review.sort_unstable_by_key(|(record, ..)| self.identity(*record));
        now.review = review;
    }

    /// Step 3: clusters the records that joined nobody.
    fn cluster_rest(&self, now: &mut Linked) {
        let loose: Vec<u32> =
            self.current().filter(|record| now.stage[*record as usize] == Stage::Rest).collect();
        let mut blocks: HashMap<u64, Vec<u32>> = HashMap::new();
        for record in &loose {
            for key in self.keys(*record) {
                blocks.entry(key).or_default().push(*record);
            }
        }
        now.skipped_blocks +=
            blocks.values().filter(|members| members.len() > self.block_max).count();
        blocks.retain(|_, members| members.len() > 1 && members.len() <= self.block_max);
        let mut pairs: Vec<(u32, u32)> = blocks
            .values()
            .flat_map(|members| {
                members.iter().enumerate().flat_map(move |(position, left)| {
                    members[position + 1..].iter().map(move |right| {
                        if left < right { (*left, *right) } else { (*right, *left) }
                    })
                })
            })
            .collect();
        pairs.par_sort_unstable();
        pairs.dedup();
        let mut scored: Vec<(f64, u32, u32)> = pairs
            .par_iter()
            .filter_map(|(left, right)| {
                let evidence = self.scorer.against(*left, &[*right]);
                (evidence.weight >= self.rules.accept).then_some((evidence.weight, *left, *right))
            })
            .collect();
        // The order of equal weights must not depend on the order of the records.
        let identity = |record: u32| self.identity(record);
        scored.par_sort_unstable_by(|left, right| {
            right.0.partial_cmp(&left.0).unwrap_or(Ordering::Equal).then_with(|| {
                let (a, b) = (identity(left.1), identity(left.2));
                let (c, d) = (identity(right.1), identity(right.2));
                (a.min(b), a.max(b)).cmp(&(c.min(d), c.max(d)))
            })
        });

        for record in &loose {
            self.set_open(*record as usize, now);
        }
        let mut members: Vec<Vec<u32>> = loose.iter().map(|record| vec![*record]).collect();
        let mut home: HashMap<u32, usize> =
            loose.iter().enumerate().map(|(position, record)| (*record, position)).collect();
        for (weight, left, right) in scored {
            let (a, b) = (home[&left], home[&right]);
            if a == b
                || members[a]
                    .iter()
                    .any(|x| members[b].iter().any(|y| self.scorer.contradict(*x, *y)))
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
                now.rule[at] = Rule::Weight;
                now.weight[at] = now.weight[at].max(weight as f32);
            }
            members[to].extend(moved);
        }
        self.number_rest(members, now);
    }

    /// Numbers the clusters of step 3; one with the same records as before keeps its number.
    fn number_rest(&self, members: Vec<Vec<u32>>, now: &mut Linked) {
        let mut size_before: HashMap<u32, usize> = HashMap::new();
        for (cluster, stage) in self.before.cluster.iter().zip(&self.before.stage) {
            if *stage == Stage::Rest {
                *size_before.entry(*cluster).or_default() += 1;
            }
        }
        for cluster in members.into_iter().filter(|cluster| !cluster.is_empty()) {
            let rest = |record: &u32| {
                self.was(*record)
                    .and_then(|(stage, number)| (stage == Stage::Rest).then_some(number))
            };
            let same = rest(&cluster[0]).filter(|number| {
                size_before.get(number) == Some(&cluster.len())
                    && cluster.iter().all(|record| rest(record) == Some(*number))
            });
            let number = same.unwrap_or_else(|| {
                now.clusters += 1;
                now.clusters as u32 - 1
            });
            for record in cluster {
                now.cluster[record as usize] = number;
            }
        }
    }
}

/// The persons that seekers may join.
struct Choice {
    /// Clusters by blocking key.
    by_key: HashMap<u64, Vec<u32>>,
    /// Clusters by the token of their identity number, where a seeker's mistyped one is near.
    by_id: HashMap<u128, u32>,
    members: Roster,
    /// Keys that too many clusters share.
    skipped: usize,
}

enum Attempt {
    Joins { cluster: u32, evidence: Evidence },
    Unsure { cluster: u32, weight: f64 },
    Nobody,
}

/// Whether the names of two records with one identity number fit; a name that is missing does.
fn same_name(records: &Records, anchor: usize, at: usize) -> bool {
    let (left, right) = (records.name[anchor], records.name[at]);
    if left == NO_NAME || right == NO_NAME || left == right {
        return true;
    }
    records.former[anchor] == right
        || records.former[at] == left
        || score::name_level(records, left, right) >= NameLevel::OneCharacter
}

fn births_contradict(left: i32, right: i32) -> bool {
    left != NO_DATE && right != NO_DATE && left != right && !score::swapped(left, right)
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
