//! Person ids that stay the same from run to run.

use hashbrown::{HashMap, HashSet};

use crate::affected::Affected;
use crate::link::Linked;
use crate::records::{Records, Source};

/// A person's id as a number; it is shown as `P` and 16 hexadecimal digits.
pub(crate) type PersonId = u64;

/// No person, or none yet.
pub(crate) const NOBODY: PersonId = 0;

/// The id as tables and people see it.
pub(crate) fn shown(id: PersonId) -> String {
    format!("P{id:016x}")
}

/// The id that is shown so.
pub(crate) fn parse(text: &str) -> Option<PersonId> {
    let digits = text.strip_prefix('P').filter(|digits| digits.len() == 16)?;
    u64::from_str_radix(digits, 16).ok()
}

/// What became of a person id since the run before.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct IdEvent {
    /// The id of before.
    pub(crate) old: PersonId,
    /// The id that most of its records have now.
    pub(crate) new: PersonId,
    /// `merged`: all its records went to `new`. `split`: some of them did.
    pub(crate) kind: &'static str,
}

/// Person ids, and what changed.
pub(crate) struct Identities {
    /// By cluster; [`NOBODY`] for a cluster without records.
    pub(crate) person: Vec<PersonId>,
    pub(crate) events: Vec<IdEvent>,
    pub(crate) new_persons: usize,
}

/// Person ids in the run before.
#[derive(Debug, Default)]
pub(crate) struct Before {
    /// By record; [`NOBODY`] where the record is new. May be shorter than the records.
    pub(crate) of_record: Vec<PersonId>,
    /// By cluster; what the clusters that are not affected keep.
    pub(crate) of_cluster: Vec<PersonId>,
    /// All ids that are taken.
    pub(crate) taken: HashSet<PersonId>,
}

impl Before {
    pub(crate) fn of(&self, record: u32) -> PersonId {
        self.of_record.get(record as usize).copied().unwrap_or(NOBODY)
    }
}

/// How many records an id of before has in a cluster.
struct Claim {
    count: u32,
    old: PersonId,
    cluster: u32,
}

/// Gives every affected cluster a person id.
///
/// A cluster keeps the id that most of its records had; where two clusters claim one id, the one
/// with more of its records gets it. A cluster of new records gets an id made from its smallest
/// record id, so that the same records give the same ids in every fresh data folder.
pub(crate) fn assign(
    records: &Records,
    sources: &[Source<'_>],
    linked: &Linked,
    affected: &Affected,
    before: &Before,
) -> Identities {
    let order = |record: u32| {
        let at = record as usize;
        (records.row[at], &sources[records.source[at] as usize].role.role)
    };
    // Every affected cluster has a record, so the default is never used.
    let smallest = |cluster: u32| {
        affected
            .records(cluster)
            .iter()
            .copied()
            .min_by_key(|record| order(*record))
            .unwrap_or_default()
    };
    let mut claims = claims(affected, before);
    claims.sort_unstable_by(|left, right| {
        right
            .count
            .cmp(&left.count)
            .then_with(|| left.old.cmp(&right.old))
            .then_with(|| order(smallest(left.cluster)).cmp(&order(smallest(right.cluster))))
    });
    let mut person = before.of_cluster.clone();
    person.resize(linked.clusters, NOBODY);
    for cluster in affected.clusters.iter().chain(&affected.vanished) {
        person[*cluster as usize] = NOBODY;
    }
    let mut given: HashSet<PersonId> = HashSet::new();
    for claim in &claims {
        let slot = &mut person[claim.cluster as usize];
        if *slot == NOBODY && given.insert(claim.old) {
            *slot = claim.old;
        }
    }
    let mut new_persons = 0;
    for cluster in &affected.clusters {
        if person[*cluster as usize] == NOBODY {
            let base = records.record_id(smallest(*cluster), sources);
            person[*cluster as usize] = (0u32..)
                .map(|attempt| new_id(&base, attempt))
                .find(|id| *id != NOBODY && !before.taken.contains(id))
                .unwrap_or_default();
            new_persons += 1;
        }
    }
    let events = changes(&claims, &person);
    Identities { person, events, new_persons }
}

fn claims(affected: &Affected, before: &Before) -> Vec<Claim> {
    let mut counts: HashMap<(PersonId, u32), u32> = HashMap::new();
    for cluster in &affected.clusters {
        for record in affected.records(*cluster) {
            let old = before.of(*record);
            if old != NOBODY {
                *counts.entry((old, *cluster)).or_default() += 1;
            }
        }
    }
    counts.into_iter().map(|((old, cluster), count)| Claim { count, old, cluster }).collect()
}

fn changes(claims: &[Claim], person: &[PersonId]) -> Vec<IdEvent> {
    let pair = |claim: &Claim| (claim.old, person[claim.cluster as usize]);
    let kept: HashSet<PersonId> =
        claims.iter().map(pair).filter(|(old, new)| old == new).map(|(old, _)| old).collect();
    let mut events: Vec<IdEvent> = claims
        .iter()
        .map(pair)
        .filter(|(old, new)| old != new)
        .map(|(old, new)| IdEvent {
            old,
            new,
            kind: if kept.contains(&old) { "split" } else { "merged" },
        })
        .collect();
    events.sort_unstable();
    events
}

fn new_id(record_id: &str, attempt: u32) -> PersonId {
    let mut hasher = blake3::Hasher::new();
    hasher.update(b"person\0");
    hasher.update(record_id.as_bytes());
    if attempt > 0 {
        hasher.update(&attempt.to_le_bytes());
    }
    let mut first = [0; 8];
    first.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
    u64::from_be_bytes(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::{Rule, Stage};
    use crate::records::sources;

    const OLD: PersonId = 0x01d;
    const OTHER: PersonId = 0x07e;

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
            stage: vec![Stage::Rest; clusters.len()],
            weight: vec![0.0; clusters.len()],
            rule: vec![Rule::Single; clusters.len()],
            certain: vec![true; clusters.len()],
            ..Linked::default()
        };
        let affected = Affected::new(&Linked::default(), &linked);
        assign(&records, &sources, &linked, &affected, before)
    }

    /// The ids of the rows 0, 1, … in the run before.
    fn named(persons: &[PersonId]) -> Before {
        Before {
            of_record: persons.to_vec(),
            of_cluster: Vec::new(),
            taken: persons.iter().copied().collect(),
        }
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
        let before = named(&[OLD, OLD]);
        let now = assigned(&[0, 0, 0, 1], &before);
        assert_eq!(now.person[0], OLD);
        assert_ne!(now.person[1], OLD);
        assert_eq!((now.new_persons, now.events.len()), (1, 0));
    }

    #[test]
    fn merged_persons_keep_the_id_of_more_records_and_the_other_is_noted() {
        let before = named(&[OLD, OLD, OTHER]);
        let now = assigned(&[0, 0, 0], &before);
        assert_eq!(now.person, [OLD]);
        let event = IdEvent { old: OTHER, new: OLD, kind: "merged" };
        assert_eq!(now.events, [event]);
    }

    #[test]
    fn a_split_person_keeps_the_id_where_most_records_are() {
        let before = named(&[OLD, OLD, OLD]);
        let now = assigned(&[1, 0, 0], &before);
        assert_eq!(now.person[0], OLD);
        assert_eq!(now.events.len(), 1);
        assert_eq!((now.events[0].old, now.events[0].kind), (OLD, "split"));
        assert_eq!(now.events[0].new, now.person[1]);
    }

    #[test]
    fn an_id_is_read_back_as_it_is_shown() {
        assert_eq!(shown(OLD), "P000000000000001d");
        assert_eq!(parse(&shown(u64::MAX)), Some(u64::MAX));
        assert_eq!(parse("P1d"), None);
        assert_eq!(parse("H000000000000001d"), None);
    }
}
