//! Going along the log, leaf by leaf.

use std::collections::BTreeMap;

use store::audit::SealedEntry;
use trust::log::{
    Hash, LogVerifier, TILE, Tile, Tree, WitnessVerifier, count_tiles, leaf_hash, open_checkpoint,
};

use super::{Finding, Report};
use crate::leaf;
use crate::read::Stored;

/// So many findings are enough: the rest would only repeat them.
const MOST: usize = 50;

/// The state of a verification that has come to some leaf.
pub(super) struct Reading<'a> {
    log: &'a LogVerifier,
    tree: Tree,
    report: Report,
    /// When the leaf before was sealed.
    sealed_at: String,
    /// Leaves of the last stored head whose root was right; `None` once one was wrong.
    right: Option<u64>,
    /// The heads that others have kept, by their leaves.
    kept: BTreeMap<u64, Vec<Hash>>,
    /// Leaves of the last kept head whose root was right; `None` once one was wrong.
    kept_right: Option<u64>,
}

impl<'a> Reading<'a> {
    pub(super) fn new(
        log: &'a LogVerifier,
        witnesses: &[WitnessVerifier],
        kept: &[Vec<u8>],
    ) -> Self {
        let mut reading = Self {
            log,
            tree: Tree::new(),
            report: Report::default(),
            sealed_at: String::new(),
            right: Some(0),
            kept: BTreeMap::new(),
            kept_right: Some(0),
        };
        for (place, note) in kept.iter().enumerate() {
            match open_checkpoint(note, log, witnesses) {
                Ok(opened) => {
                    reading.report.cosignatures += opened.witnesses.len() as u64;
                    reading.kept.entry(opened.head.size).or_default().push(opened.head.root);
                }
                Err(error) => reading.found(Finding::Kept { place, reason: error.to_string() }),
            }
        }
        reading.check_kept();
        reading
    }

    /// How many leaves were compared.
    pub(super) fn size(&self) -> u64 {
        self.tree.size()
    }

    /// Whether so much is wrong that going on says nothing new.
    pub(super) fn is_hopeless(&self) -> bool {
        self.report.findings.len() >= MOST
    }

    fn found(&mut self, finding: Finding) {
        if !self.is_hopeless() {
            self.report.findings.push(finding);
        }
    }

    /// Compares the leaves up to before `to`. Gives the tiles above the lowest level that they fill.
    pub(super) fn page(
        &mut self,
        to: u64,
        entries: Vec<SealedEntry>,
        tiles: &BTreeMap<u64, Vec<u8>>,
        heads: Vec<Stored>,
    ) -> Vec<Tile> {
        let mut entries = entries.into_iter().peekable();
        let mut heads = heads.into_iter().peekable();
        let mut higher = Vec::new();
        while self.size() < to {
            let leaf = self.size();
            let stored = stored_hash(tiles, leaf);
            let of_leaf = |entry: &SealedEntry| u64::try_from(entry.leaf) == Ok(leaf);
            let hash = if let Some(entry) = entries.next_if(of_leaf) {
                self.compare(leaf, &entry, stored)
            } else {
                self.found(Finding::Missing { leaf });
                // Whether the stored hash is true, the next root will tell.
                stored.unwrap_or_else(|| leaf_hash(b""))
            };
            // With its index gone a database may have a leaf twice.
            while let Some(doubled) = entries.next_if(of_leaf) {
                self.found(Finding::Entry { leaf, id: doubled.entry.id });
            }
            for full in self.tree.push(hash) {
                if full.level == 0 {
                    self.compare_tile(&full, tiles.get(&full.number));
                } else {
                    higher.push(full);
                }
            }
            while let Some(head) = heads.next_if(|head| head.size <= self.tree.size()) {
                self.check_head(&head);
            }
            self.check_kept();
        }
        higher
    }

    fn compare(&mut self, leaf: u64, sealed: &SealedEntry, stored: Option<Hash>) -> Hash {
        self.report.entries += 1;
        let computed = leaf::hash(sealed);
        if let Some(stored) = stored.filter(|stored| *stored != computed) {
            self.found(Finding::Entry { leaf, id: sealed.entry.id });
            return stored;
        }
        if sealed.sealed_at < self.sealed_at {
            self.found(Finding::Clock { leaf });
        }
        self.sealed_at.clone_from(&sealed.sealed_at);
        computed
    }

    /// Compares a tile of the tree with what is stored of it.
    pub(super) fn compare_tile(&mut self, tile: &Tile, stored: Option<&Vec<u8>>) {
        if stored != Some(&tile.hashes) {
            self.found(Finding::Tile { level: tile.level, number: tile.number });
        }
    }

    /// The tiles at the right edge.
    pub(super) fn edge(&self) -> Vec<Tile> {
        self.tree.partial().collect()
    }

    fn check_head(&mut self, stored: &Stored) {
        let size = stored.size;
        let head = match open_checkpoint(stored.note.as_bytes(), self.log, &[]) {
            Ok(opened) => opened.head,
            Err(error) => {
                self.found(Finding::Checkpoint { size, reason: error.to_string() });
                return;
            }
        };
        if head.size != size || head.root.as_slice() != stored.root.as_slice() {
            let reason = "its columns are not what was signed".to_owned();
            self.found(Finding::Checkpoint { size, reason });
            return;
        }
        self.report.checkpoints += 1;
        self.report.head = Some(head);
        if head.root == self.tree.root() {
            self.right = self.right.and(Some(size));
        } else if let Some(from) = self.right.take() {
            self.found(Finding::Root { from, to: size });
        }
    }

    /// Compares the heads of this size that others have kept.
    fn check_kept(&mut self) {
        let size = self.size();
        for root in self.kept.remove(&size).unwrap_or_default() {
            if root == self.tree.root() {
                self.report.kept += 1;
                self.kept_right = self.kept_right.and(Some(size));
            } else if let Some(from) = self.kept_right.take() {
                self.found(Finding::Rewritten { from, to: size });
            }
        }
    }

    /// All leaves were compared; `stored_tiles` are stored in all.
    pub(super) fn end(&mut self, stored_tiles: u64) {
        let expected = count_tiles(self.size());
        if stored_tiles != expected {
            self.found(Finding::Tiles { stored: stored_tiles, expected });
        }
        let here = self.size();
        for (size, _) in std::mem::take(&mut self.kept) {
            self.found(Finding::Cut { size, here });
        }
    }

    /// The report. So many entries are marked as sealed, and the log has so many leaves.
    pub(super) fn report(mut self, sealed: u64, leaves: u64, waiting: u64) -> Report {
        let missing = self.report.findings.iter().any(|one| matches!(one, Finding::Missing { .. }));
        if sealed > leaves || (sealed < leaves && !missing && !self.is_hopeless()) {
            self.found(Finding::Sealed { entries: sealed, leaves });
        }
        self.report.waiting = waiting;
        self.report
    }
}

fn stored_hash(tiles: &BTreeMap<u64, Vec<u8>>, leaf: u64) -> Option<Hash> {
    let tile = tiles.get(&(leaf / TILE as u64))?;
    let place = usize::try_from(leaf % TILE as u64).ok()?;
    tile.chunks_exact(size_of::<Hash>()).nth(place)?.try_into().ok()
}
