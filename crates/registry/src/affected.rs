//! The persons that the news of a run concerns.

use crate::link::{Linked, NO_CLUSTER, Roster};

const NOWHERE: u32 = u32::MAX;

/// Clusters that have other records than before, or records that are linked in another way.
pub(crate) struct Affected {
    /// Those that have records now, in ascending order.
    pub(crate) clusters: Vec<u32>,
    /// Those of before that have none any more.
    pub(crate) vanished: Vec<u32>,
    roster: Roster,
    place: Vec<u32>,
}

impl Affected {
    pub(crate) fn new(before: &Linked, now: &Linked) -> Self {
        let known = before.cluster.len();
        let mut flags = vec![false; now.clusters];
        for record in 0..now.cluster.len() {
            let is = now.cluster[record];
            let same = record < known
                && before.cluster[record] == is
                && before.certain[record] == now.certain[record]
                && before.rule[record] == now.rule[record]
                && before.weight[record].to_bits() == now.weight[record].to_bits();
            if same {
                continue;
            }
            if record < known {
                flags[before.cluster[record] as usize] = true;
            }
            if is != NO_CLUSTER {
                flags[is as usize] = true;
            }
        }
        let roster = Roster::new(&now.cluster, now.clusters, |record| {
            let cluster = now.cluster[record];
            cluster != NO_CLUSTER && flags[cluster as usize]
        });
        let mut affected = Self {
            clusters: Vec::new(),
            vanished: Vec::new(),
            roster,
            place: vec![NOWHERE; now.clusters],
        };
        for (cluster, _) in flags.iter().enumerate().filter(|(_, flag)| **flag) {
            let number = cluster as u32;
            if affected.roster.of(number).is_empty() {
                affected.vanished.push(number);
            } else {
                affected.place[cluster] = affected.clusters.len() as u32;
                affected.clusters.push(number);
            }
        }
        affected
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.clusters.len()
    }

    /// The records of an affected cluster.
    pub(crate) fn records(&self, cluster: u32) -> &[u32] {
        self.roster.of(cluster)
    }

    /// The position of a cluster in [`Affected::clusters`]; `None` when it is not affected.
    pub(crate) fn place(&self, cluster: u32) -> Option<usize> {
        let place = self.place[cluster as usize];
        (place != NOWHERE).then_some(place as usize)
    }
}
