//! Records by their cluster, for the clusters that are asked for.

/// The records of some clusters, cluster by cluster, in one array.
#[derive(Debug, Default)]
pub(crate) struct Roster {
    /// By cluster number; one more at the end.
    start: Vec<u32>,
    records: Vec<u32>,
}

impl Roster {
    /// Collects those of the records `0..cluster.len()` that `wanted` holds true for. A record's entry
    /// in `cluster` is below `clusters` wherever `wanted` is true.
    pub(crate) fn new(cluster: &[u32], clusters: usize, wanted: impl Fn(usize) -> bool) -> Self {
        let mut start = vec![0_u32; clusters + 1];
        for (record, cluster) in cluster.iter().enumerate() {
            if wanted(record) {
                start[*cluster as usize + 1] += 1;
            }
        }
        for cluster in 0..clusters {
            start[cluster + 1] += start[cluster];
        }
        let mut next = start.clone();
        let mut records = vec![0; start[clusters] as usize];
        for (record, cluster) in cluster.iter().enumerate() {
            if wanted(record) {
                let slot = &mut next[*cluster as usize];
                records[*slot as usize] = record as u32;
                *slot += 1;
            }
        }
        Self { start, records }
    }

    /// The records of a cluster, in ascending order; none when it was not asked for.
    pub(crate) fn of(&self, cluster: u32) -> &[u32] {
        let at = cluster as usize;
        &self.records[self.start[at] as usize..self.start[at + 1] as usize]
    }
}
