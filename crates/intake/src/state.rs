//! What is known of each row of a dataset, and what a delivery does to it.
//!
//! Deliveries are taken in the order of the day that they show (as-of), whatever the order in which
//! they were received. A row version is *closed* by the next delivery that says something else of
//! the row, from the day on which both are known. When deliveries were received out of order, a
//! still later one may have been known earlier than the next one: then the version is closed a
//! second time, with the earlier known day. So for every day K, the versions known by K minus those
//! closed by K are what the deliveries known by K say, the latest of them winning.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

use vocab::RowId;

/// A row id as bytes.
pub(crate) type Key = [u8; 12];

/// Row ids are hashes already.
#[derive(Default)]
pub(crate) struct KeyHasher(u64);

impl Hasher for KeyHasher {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes.iter().take(8) {
            self.0 = (self.0 << 8) | u64::from(*byte);
        }
    }

    // The length of an array is no part of its value.
    fn write_usize(&mut self, _: usize) {}

    fn finish(&self) -> u64 {
        self.0
    }
}

/// Rows for which memory is set aside before they are seen: 128 MiB of entries.
const MOST_RESERVED: usize = 4 << 20;

type KeyMap<V> = HashMap<Key, V, BuildHasherDefault<KeyHasher>>;
pub(crate) type KeySet = HashSet<Key, BuildHasherDefault<KeyHasher>>;

/// The delivery whose turn it is. Days are counted from 1970-01-01.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Turn {
    /// Ordinal of the delivery within its dataset, from 1; the version of its rows.
    pub(crate) version: u32,
    pub(crate) as_of: i32,
    pub(crate) received: i32,
    /// Earliest receipt among the deliveries that come later in the order of as-of dates.
    pub(crate) earliest_later: Option<i32>,
}

/// What becomes of a row of the delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Nothing was known of the row, or it had ended.
    Inserted,
    /// It says something else than before.
    Changed,
    /// It says the same as before; nothing is stored.
    Unchanged,
    /// It says the same as before, but was known earlier than what said it before: it is stored.
    KnownEarlier,
    /// The same row came before in this delivery.
    Duplicate,
    /// The row came before in this delivery, with other content.
    Conflict,
}

/// Why a version is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reason {
    /// A later version took its place.
    Changed,
    /// The source no longer lists the row.
    Ended,
}

/// One closing of a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Closing {
    pub(crate) key: Key,
    pub(crate) version: u32,
    pub(crate) valid_to: i32,
    pub(crate) known_to: i32,
    pub(crate) reason: Reason,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    digest: u64,
    version: u32,
    /// Version of the delivery in which the row was seen last.
    seen: u32,
    open: bool,
}

/// A closed version that a delivery received earlier may close earlier.
#[derive(Debug, Clone, Copy)]
struct Past {
    version: u32,
    known_to: i32,
}

/// The rows of a dataset.
#[derive(Default)]
pub(crate) struct State {
    rows: KeyMap<Entry>,
    open: u64,
    past: KeyMap<Vec<Past>>,
    /// Day of receipt of each version of this run.
    received: HashMap<u32, i32>,
    closings: Vec<Closing>,
}

impl State {
    /// Takes in a stored version. Of several versions of a row the last one counts.
    pub(crate) fn load(&mut self, key: Key, version: u32, digest: u64) {
        let entry = Entry { digest, version, seen: 0, open: true };
        let stored = self.rows.entry(key).or_insert_with(|| {
            self.open += 1;
            entry
        });
        if stored.version < version {
            *stored = entry;
        }
    }

    /// Takes in a stored ending.
    pub(crate) fn load_ending(&mut self, key: Key, version: u32) {
        if let Some(entry) = self.rows.get_mut(&key)
            && entry.version == version
            && entry.open
        {
            entry.open = false;
            self.open -= 1;
        }
    }

    /// Number of rows that the source lists.
    pub(crate) fn open(&self) -> u64 {
        self.open
    }

    /// Begins a delivery of about `rows` rows.
    pub(crate) fn begin(&mut self, turn: &Turn, rows: u64) {
        // What a manifest announces is not known to be true, so it does not decide about memory.
        let rows = usize::try_from(rows).unwrap_or_default().min(MOST_RESERVED);
        self.rows.reserve(rows.saturating_sub(self.rows.len()));
        self.received.insert(turn.version, turn.received);
    }

    /// Takes in a row of the delivery.
    pub(crate) fn admit(&mut self, turn: &Turn, key: Key, digest: u64) -> Fate {
        let new = Entry { digest, version: turn.version, seen: turn.version, open: true };
        let Some(entry) = self.rows.get_mut(&key) else {
            self.rows.insert(key, new);
            self.open += 1;
            return Fate::Inserted;
        };
        if entry.seen == turn.version {
            return if entry.digest == digest { Fate::Duplicate } else { Fate::Conflict };
        }
        let old = *entry;
        let same = old.open && old.digest == digest;
        if same && received(&self.received, old.version) <= turn.received {
            entry.seen = turn.version;
            return Fate::Unchanged;
        }
        *entry = new;
        self.close_past(turn, key, Reason::Changed);
        if old.open {
            self.close(turn, key, old.version, Reason::Changed);
        } else {
            self.open += 1;
        }
        match (old.open, same) {
            (false, _) => Fate::Inserted,
            (true, true) => Fate::KnownEarlier,
            (true, false) => Fate::Changed,
        }
    }

    /// How many rows the source listed before and neither lists nor has in the quarantine now.
    pub(crate) fn missing(&self, turn: &Turn, quarantined: &KeySet) -> u64 {
        let missing = |(key, entry): &(&Key, &Entry)| {
            entry.open && entry.seen != turn.version && !quarantined.contains(*key)
        };
        self.rows.iter().filter(missing).count() as u64
    }

    /// Ends the missing rows of a full delivery and returns their number.
    pub(crate) fn end_missing(&mut self, turn: &Turn, quarantined: &KeySet) -> u64 {
        let absent = |state: &Self, key: &Key| {
            state.rows.get(key).is_none_or(|entry| entry.seen != turn.version)
                && !quarantined.contains(key)
        };
        let past: Vec<Key> = self.past.keys().filter(|key| absent(self, key)).copied().collect();
        for key in past {
            self.close_past(turn, key, Reason::Ended);
        }
        let mut ended = Vec::new();
        for (key, entry) in &mut self.rows {
            if entry.open && entry.seen != turn.version && !quarantined.contains(key) {
                entry.open = false;
                ended.push((*key, entry.version));
            }
        }
        for (key, version) in &ended {
            self.close(turn, *key, *version, Reason::Ended);
        }
        self.open -= ended.len() as u64;
        ended.len() as u64
    }

    /// The closings since the last call, in the order of rows.
    pub(crate) fn take_closings(&mut self) -> Vec<Closing> {
        let mut closings = std::mem::take(&mut self.closings);
        closings.sort_unstable();
        closings
    }

    /// Closings that wait to be taken.
    pub(crate) fn closings_waiting(&self) -> usize {
        self.closings.len()
    }

    fn close(&mut self, turn: &Turn, key: Key, version: u32, reason: Reason) {
        let known_to = received(&self.received, version).max(turn.received);
        self.closings.push(Closing { key, version, valid_to: turn.as_of, known_to, reason });
        if turn.may_close_earlier(known_to) {
            self.past.entry(key).or_default().push(Past { version, known_to });
        }
    }

    fn close_past(&mut self, turn: &Turn, key: Key, reason: Reason) {
        let Some(past) = self.past.get_mut(&key) else {
            return;
        };
        for closed in past.iter_mut() {
            let known_to = received(&self.received, closed.version).max(turn.received);
            if known_to < closed.known_to {
                closed.known_to = known_to;
                let version = closed.version;
                self.closings.push(Closing {
                    key,
                    version,
                    valid_to: turn.as_of,
                    known_to,
                    reason,
                });
            }
        }
        past.retain(|closed| turn.may_close_earlier(closed.known_to));
        if past.is_empty() {
            self.past.remove(&key);
        }
    }
}

impl Turn {
    fn may_close_earlier(&self, known_to: i32) -> bool {
        self.earliest_later.is_some_and(|received| received < known_to)
    }
}

/// Versions of earlier runs were received before all deliveries of this one, or the dataset would
/// be built anew.
fn received(days: &HashMap<u32, i32>, version: u32) -> i32 {
    days.get(&version).copied().unwrap_or(i32::MIN)
}

/// The bytes of a row id.
pub(crate) fn key(id: &RowId) -> Key {
    key_of(id.as_str()).unwrap_or_default()
}

/// The bytes of a row id in hexadecimal digits.
pub(crate) fn key_of(text: &str) -> Option<Key> {
    let mut key = Key::default();
    if text.len() != 2 * key.len() {
        return None;
    }
    for (byte, pair) in key.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        for digit in pair {
            let value = match digit {
                b'0'..=b'9' => digit - b'0',
                b'a'..=b'f' => digit - b'a' + 10,
                _ => return None,
            };
            *byte = (*byte << 4) | value;
        }
    }
    Some(key)
}

/// A key as the tables hold it: 24 hexadecimal digits.
pub(crate) fn write_hex(bytes: &[u8], out: &mut String) {
    const HEX: [u8; 16] = *b"0123456789abcdef";
    for byte in bytes {
        // Both indexes are below 16.
        out.push(char::from(HEX[usize::from(byte >> 4)]));
        out.push(char::from(HEX[usize::from(byte & 0x0f)]));
    }
}

#[cfg(test)]
mod tests;
