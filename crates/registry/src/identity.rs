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

/// Gives every cluster a person id.
///
/// `before` maps record ids to the person ids of the run before. A cluster keeps the id that most of
/// its records had; where two clusters claim one id, the one with more of its records gets it. A
/// cluster of new records gets an id made from its smallest record id, so that the same records give
/// the same ids in every fresh data folder.
pub(crate) fn assign(
    records: &Records,
    sources: &[Source<'_>],
    linked: &Linked,
    before: &HashMap<String, String>,
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
    let mut person: Vec<Option<String>> = vec![None; linked.clusters];
    let mut events = Vec::new();
    let mut taken: HashSet<&str> = HashSet::new();
    if !before.is_empty() {
        let mut claims: HashMap<(&str, u32), u32> = HashMap::new();
        for record in 0..records.len() as u32 {
            if let Some(old) = before.get(&records.record_id(record, sources)) {
                *claims.entry((old, linked.cluster[record as usize])).or_default() += 1;
            }
        }
        let mut claims: Vec<(u32, &str, u32)> =
            claims.into_iter().map(|((old, cluster), count)| (count, old, cluster)).collect();
        claims.sort_unstable_by(|left, right| {
            right.0.cmp(&left.0).then(left.1.cmp(right.1)).then_with(|| {
                smallest[left.2 as usize].map(order).cmp(&smallest[right.2 as usize].map(order))
            })
        });
        for (_, old, cluster) in &claims {
            if person[*cluster as usize].is_none() && taken.insert(old) {
                person[*cluster as usize] = Some((*old).to_owned());
            }
        }
    }
    let mut new_persons = 0;
    let everyone_before: HashSet<&str> = before.values().map(String::as_str).collect();
    for (cluster, slot) in person.iter_mut().enumerate() {
        if slot.is_none() {
            // Every cluster has a record, so the default is never used.
            let record = smallest[cluster].unwrap_or_default();
            let base = records.record_id(record, sources);
            let id = (0u32..)
                .map(|attempt| new_id(&base, attempt))
                .find(|id| !everyone_before.contains(id.as_str()))
                .unwrap_or_default();
            *slot = Some(id);
            new_persons += 1;
        }
    }
    let person: Vec<String> = person.into_iter().map(Option::unwrap_or_default).collect();
    if !before.is_empty() {
        events = changes(records, sources, linked, before, &person);
    }
    Identities { person, events, new_persons }
}

fn changes(
    records: &Records,
    sources: &[Source<'_>],
    linked: &Linked,
    before: &HashMap<String, String>,
    person: &[String],
) -> Vec<IdEvent> {
    let mut now: HashMap<&str, HashMap<&str, u32>> = HashMap::new();
    for record in 0..records.len() as u32 {
        if let Some(old) = before.get(&records.record_id(record, sources)) {
            let new = person[linked.cluster[record as usize] as usize].as_str();
            *now.entry(old).or_default().entry(new).or_default() += 1;
        }
    }
    let mut events: Vec<IdEvent> = now
        .into_iter()
        .flat_map(|(old, targets)| {
            let kept = targets.contains_key(old);
            targets.into_keys().filter(move |new| *new != old).map(move |new| IdEvent {
                old: old.to_owned(),
                new: new.to_owned(),
                kind: if kept { "split" } else { "merged" },
            })
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
    fn assigned(clusters: &[u32], before: &HashMap<String, String>) -> (Vec<String>, Identities) {
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
        let ids = (0..clusters.len() as u32).map(|at| records.record_id(at, &sources)).collect();
        (ids, assign(&records, &sources, &linked, before))
    }

    fn named(records: &[String], persons: &[&str]) -> HashMap<String, String> {
        records.iter().cloned().zip(persons.iter().map(|id| (*id).to_owned())).collect()
    }

    #[test]
    fn the_same_records_get_the_same_ids_in_every_fresh_folder() {
        let (_, one) = assigned(&[0, 0, 1], &HashMap::new());
        let (_, other) = assigned(&[1, 1, 0], &HashMap::new());
        assert_eq!(one.new_persons, 2);
        assert_eq!(one.person[0], other.person[1]);
        assert_eq!(one.person[1], other.person[0]);
    }

    #[test]
    fn a_person_keeps_the_id_when_records_come_and_a_new_one_gets_another() {
        let (records, _) = assigned(&[0, 0, 1, 1], &HashMap::new());
        let before = named(&records[..2], &["Pold", "Pold"]);
        let (_, now) = assigned(&[0, 0, 0, 1], &before);
        assert_eq!(now.person[0], "Pold");
        assert_ne!(now.person[1], "Pold");
        assert_eq!((now.new_persons, now.events.len()), (1, 0));
    }

    #[test]
    fn merged_persons_keep_the_id_of_more_records_and_the_other_is_noted() {
        let (records, _) = assigned(&[0, 0, 0], &HashMap::new());
        let before = named(&records, &["Pmore", "Pmore", "Pless"]);
        let (_, now) = assigned(&[0, 0, 0], &before);
        assert_eq!(now.person, ["Pmore"]);
        let event = IdEvent { old: "Pless".into(), new: "Pmore".into(), kind: "merged" };
        assert_eq!(now.events, [event]);
    }

    #[test]
    fn a_split_person_keeps_the_id_where_most_records_are() {
        let (records, _) = assigned(&[0, 0, 0], &HashMap::new());
        let before = named(&records, &["Pone", "Pone", "Pone"]);
        let (_, now) = assigned(&[1, 0, 0], &before);
        assert_eq!(now.person[0], "Pone");
        assert_eq!(now.events.len(), 1);
        assert_eq!((now.events[0].old.as_str(), now.events[0].kind), ("Pone", "split"));
        assert_eq!(now.events[0].new, now.person[1]);
    }
}
