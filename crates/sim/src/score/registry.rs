//! Pairwise precision and recall of the registry.

use std::collections::HashMap;
use std::path::Path;

use engine::Snapshot;
use engine::arrow::array::AsArray as _;
use serde::Serialize;
use vocab::Period;

use super::{ScoreError, truth};

/// How well records were linked, over all pairs of readable records.
#[derive(Debug, Clone, Serialize)]
pub struct RegistryScore {
    /// Of the pairs that the registry joins, the share that truly belong together.
    pub precision: f64,
    /// Of the pairs that truly belong together, the share that the registry joins.
    pub recall: f64,
    /// Harmonic mean of the two.
    pub f1: f64,
    /// Records compared.
    pub records: u64,
    /// Records of the truth that are not in the registry: unreadable rows, and rolls that ended.
    pub not_in_registry: u64,
    /// Records of the registry that the truth does not know; always 0 unless something is broken.
    pub unknown: u64,
    /// Persons of the registry.
    pub persons: u64,
    /// True persons with a record.
    pub true_persons: u64,
    /// Pairs joined wrongly.
    pub false_pairs: u64,
    /// Pairs not joined.
    pub missed_pairs: u64,
}

/// Who the persons of the registry truly are.
pub(super) struct People {
    /// True person that most records of a registry person speak of.
    pub(super) true_of: HashMap<String, u64>,
    /// True persons whose records lie in several registry persons, or share one with others.
    pub(super) wrongly_linked: std::collections::HashSet<u64>,
}

pub(super) async fn score(
    snapshot: &Snapshot,
    truth: &Path,
    period: Period,
) -> Result<(RegistryScore, People), ScoreError> {
    let mut found: HashMap<String, String> = HashMap::new();
    for batch in snapshot.query(&["links"], "SELECT record_id, person_id FROM links").await? {
        let (record, person) =
            (batch.column(0).as_string::<i32>(), batch.column(1).as_string::<i32>());
        for at in 0..batch.num_rows() {
            found.insert(record.value(at).to_owned(), person.value(at).to_owned());
        }
    }
    let in_registry = found.len() as u64;
    let mut cells: HashMap<(u64, &str), u64> = HashMap::new();
    let (mut records, mut absent) = (0u64, 0u64);
    let all = truth::records(truth, period)?;
    // A row that is delivered again, corrected, has one record id; it counts once.
    let mut seen: HashMap<&str, u64> = HashMap::new();
    for record in &all {
        if record.broken == 0 {
            seen.insert(&record.record_id, record.person);
        }
    }
    for (record, person) in &seen {
        match found.get(*record) {
            Some(id) => {
                records += 1;
                *cells.entry((*person, id)).or_default() += 1;
            }
            None => absent += 1,
        }
    }
    let (mut by_true, mut by_found): (HashMap<u64, u64>, HashMap<&str, u64>) = Default::default();
    let mut both = 0;
    for ((person, id), count) in &cells {
        *by_true.entry(*person).or_default() += count;
        *by_found.entry(id).or_default() += count;
        both += pairs(*count);
    }
    let true_pairs: u64 = by_true.values().map(|count| pairs(*count)).sum();
    let found_pairs: u64 = by_found.values().map(|count| pairs(*count)).sum();
    let precision = ratio(both, found_pairs);
    let recall = ratio(both, true_pairs);

    let mut best: HashMap<&str, (u64, u64)> = HashMap::new();
    let (mut homes, mut guests): (HashMap<u64, u32>, HashMap<&str, u32>) = Default::default();
    for ((person, id), count) in &cells {
        let slot = best.entry(id).or_insert((0, *person));
        if (*count, std::cmp::Reverse(*person)) > (slot.0, std::cmp::Reverse(slot.1)) {
            *slot = (*count, *person);
        }
        *homes.entry(*person).or_default() += 1;
        *guests.entry(id).or_default() += 1;
    }
    let wrongly_linked = cells
        .keys()
        .filter(|(person, id)| homes[person] > 1 || guests[id] > 1)
        .map(|(person, _)| *person)
        .collect();
    let score = RegistryScore {
        precision,
        recall,
        f1: if precision + recall > 0.0 {
            2.0 * precision * recall / (precision + recall)
        } else {
            0.0
        },
        records,
        not_in_registry: absent,
        unknown: in_registry.saturating_sub(records),
        persons: by_found.len() as u64,
        true_persons: by_true.len() as u64,
        false_pairs: found_pairs - both,
        missed_pairs: true_pairs - both,
    };
    let true_of = best.into_iter().map(|(id, (_, person))| (id.to_owned(), person)).collect();
    Ok((score, People { true_of, wrongly_linked }))
}

fn pairs(count: u64) -> u64 {
    count * count.saturating_sub(1) / 2
}

/// 1 when there is nothing to be wrong about.
fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}
