//! Person ids that stay the same from run to run.

use hashbrown::{HashMap, HashSet};

use crate::link::Linked;
use crate::records::{Records, Source};

/// What became of a person id since the run before.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct IdEvent {
    /// The id of before.
    pub(crate) old: String,
    /// The id that most of its records have now.
    pub(crate) new: String,
    /// `merged`: all its records went to `new`. `split`: some of them did.
    pub(crate) kind: &'static str,
}

/// Person ids by cluster, and what changed.
pub(crate) struct Identities {
    pub(crate) person: Vec<String>,
    pub(crate) events: Vec<IdEvent>,
    pub(crate) new_persons: usize,
}

/// The person id of each record in the registry of the run before.
#[derive(Debug, Default)]
pub(crate) struct Before {
    ids: Vec<String>,
    numbers: HashMap<String, u32>,
    /// By row and source; the number of the id.
    of: HashMap<([u8; 12], u8), u32>,
}

impl Before {
    /// Notes an id that is taken, and gives its number.
    pub(crate) fn id(&mut self, id: &str) -> u32 {
        if let Some(number) = self.numbers.get(id) {
            return *number;
        }
        let number = self.ids.len() as u32;
        self.ids.push(id.to_owned());
        self.numbers.insert(id.to_owned(), number);
        number
    }

    /// Notes whose record it was.
    pub(crate) fn insert(&mut self, row: [u8; 12], source: u8, id: u32) {
        self.of.insert((row, source), id);
    }

    fn of_record(&self, records: &Records, record: u32) -> Option<u32> {
        let at = record as usize;
        self.of.get(&(records.row[at], records.source[at])).copied()
    }
}

/// How many records an id of before has in a cluster.
struct Claim {
    count: u32,
    old: u32,
    cluster: u32,
}

/// Gives every cluster a person id.
///
/// A cluster keeps the id that most of its records had; where two clusters claim one id, the one
/// with more of its records gets it. A cluster of new records gets an id made from its smallest
/// record id, so that the same records give the same ids in every fresh data folder.
pub(crate) fn assign(
    records: &Records,
    sources: &[Source<'_>],
    linked: &Linked,
    before: &Before,
) -> Identities {
    let mut smallest: Vec<Option<u32>> = vec![None; linked.clusters];
    let order = |record: u32| {
        let at = record as usize;
        (records.row[at], &sources[records.source[at] as usize].role.role)
    };
    for record in 0..records.len() as u32 {
        let slot = &mut smallest[linked.cluster[record as usize] as usize];
        if slot.is_none_or(|best| order(record) < order(best)) {
            *slot = Some(record);
        }
    }
    let mut claims = claims(records, linked, before);
    claims.sort_unstable_by(|left, right| {
        right
            .count
            .cmp(&left.count)
            .then_with(|| before.ids[left.old as usize].cmp(&before.ids[right.old as usize]))
            .then_with(|| {
                let first = |claim: &Claim| smallest[claim.cluster as usize].map(order);
                first(left).cmp(&first(right))
            })
    });
    let mut person: Vec<Option<String>> = vec![None; linked.clusters];
    let mut taken: HashSet<u32> = HashSet::new();
    for claim in &claims {
        if person[claim.cluster as usize].is_none() && taken.insert(claim.old) {
            person[claim.cluster as usize] = Some(before.ids[claim.old as usize].clone());
        }
    }
    let mut new_persons = 0;
    for (cluster, slot) in person.iter_mut().enumerate() {
        if slot.is_none() {
            // Every cluster has a record, so the default is never used.
            let record = smallest[cluster].unwrap_or_default();
            let base = records.record_id(record, sources);
            let id = (0u32..)
                .map(|attempt| new_id(&base, attempt))
                .find(|id| !before.numbers.contains_key(id))
                .unwrap_or_default();
            *slot = Some(id);
            new_persons += 1;
        }
    }
    let person: Vec<String> = person.into_iter().map(Option::unwrap_or_default).collect();
    let events = changes(&claims, before, &person);
    Identities { person, events, new_persons }
}

fn claims(records: &Records, linked: &Linked, before: &Before) -> Vec<Claim> {
    let mut counts: HashMap<(u32, u32), u32> = HashMap::new();
    for record in 0..records.len() as u32 {
        if let Some(old) = before.of_record(records, record) {
            *counts.entry((old, linked.cluster[record as usize])).or_default() += 1;
        }
    }
    counts.into_iter().map(|((old, cluster), count)| Claim { count, old, cluster }).collect()
}

fn changes(claims: &[Claim], before: &Before, person: &[String]) -> Vec<IdEvent> {
    let pair = |claim: &Claim| {
        (before.ids[claim.old as usize].as_str(), person[claim.cluster as usize].as_str())
    };
    let kept: HashSet<&str> =
        claims.iter().map(pair).filter(|(old, new)| old == new).map(|(old, _)| old).collect();
    let mut events: Vec<IdEvent> = claims
        .iter()
        .map(pair)
        .filter(|(old, new)| old != new)
        .map(|(old, new)| IdEvent {
            old: old.to_owned(),
            new: new.to_owned(),
            kind: if kept.contains(old) { "split" } else { "merged" },
        })
        .collect();
    events.sort_unstable();
    events
}

fn new_id(record_id: &str, attempt: u32) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(b"person\0");
    hasher.update(record_id.as_bytes());
    if attempt > 0 {
        hasher.update(&attempt.to_le_bytes());
    }
    let hash = hasher.finalize();
    let mut id = String::with_capacity(17);
    id.push('P');
    id.push_str(&hash.to_hex()[..16]);
    id
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::Rule;
    use crate::records::sources;

    fn pack() -> pack::Pack {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../city/guangzhou");
        pack::load(&folder).unwrap()
    }

    /// Records with rows 0, 1, …, in the clusters given.
    fn assigned(clusters: &[u32], before: &Before) -> Identities {
        let pack = pack();
        let sources = sources(&pack);
        let mut records = Records::default();
        for row in 0..clusters.len() {
            let mut id = [0; 12];
            id[11] = row as u8;
            records.row.push(id);
            records.source.push(0);
        }
        let linked = Linked {
            cluster: clusters.to_vec(),
            clusters: clusters.iter().max().map_or(0, |last| *last as usize + 1),
            weight: vec![0.0; clusters.len()],
            rule: vec![Rule::Single; clusters.len()],
            certain: vec![true; clusters.len()],
            review: Vec::new(),
            skipped_blocks: 0,
        };
        assign(&records, &sources, &linked, before)
    }

    /// The ids of the rows 0, 1, … in the run before.
    fn named(persons: &[&str]) -> Before {
        let mut before = Before::default();
        for (row, person) in persons.iter().enumerate() {
            let mut id = [0; 12];
            id[11] = row as u8;
            let number = before.id(person);
            before.insert(id, 0, number);
        }
        before
    }

    #[test]
    fn the_same_records_get_the_same_ids_in_every_fresh_folder() {
        let one = assigned(&[0, 0, 1], &Before::default());
        let other = assigned(&[1, 1, 0], &Before::default());
        assert_eq!(one.new_persons, 2);
        assert_eq!(one.person[0], other.person[1]);
        assert_eq!(one.person[1], other.person[0]);
    }

    #[test]
    fn a_person_keeps_the_id_when_records_come_and_a_new_one_gets_another() {
        let before = named(&["Pold", "Pold"]);
        let now = assigned(&[0, 0, 0, 1], &before);
        assert_eq!(now.person[0], "Pold");
        assert_ne!(now.person[1], "Pold");
        assert_eq!((now.new_persons, now.events.len()), (1, 0));
    }

    #[test]
    fn merged_persons_keep_the_id_of_more_records_and_the_other_is_noted() {
        let before = named(&["Pmore", "Pmore", "Pless"]);
        let now = assigned(&[0, 0, 0], &before);
        assert_eq!(now.person, ["Pmore"]);
        let event = IdEvent { old: "Pless".into(), new: "Pmore".into(), kind: "merged" };
        assert_eq!(now.events, [event]);
    }

    #[test]
    fn a_split_person_keeps_the_id_where_most_records_are() {
        let before = named(&["Pone", "Pone", "Pone"]);
        let now = assigned(&[1, 0, 0], &before);
        assert_eq!(now.person[0], "Pone");
        assert_eq!(now.events.len(), 1);
        assert_eq!((now.events[0].old.as_str(), now.events[0].kind), ("Pone", "split"));
        assert_eq!(now.events[0].new, now.person[1]);
    }
}
