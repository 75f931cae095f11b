use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

/// A delivery of a made-up dataset with few rows and values.
#[derive(Debug, Clone)]
struct Delivery {
    received: i32,
    full: bool,
    /// Endings are held, as a steward's hold or unreadable keys would.
    held: bool,
    rows: Vec<(u8, u64)>,
    quarantined: BTreeSet<u8>,
}

fn key_for(row: u8) -> Key {
    [row; 12]
}

/// What the deliveries known by a day say: replayed in the order of as-of dates, without versions.
fn replay(deliveries: &[Delivery], known_at: i32) -> BTreeMap<Key, u64> {
    let mut state = BTreeMap::new();
    for delivery in deliveries.iter().filter(|delivery| delivery.received <= known_at) {
        let mut seen = BTreeSet::new();
        for (row, value) in &delivery.rows {
            if seen.insert(*row) {
                state.insert(key_for(*row), *value);
            }
        }
        if delivery.full && !delivery.held {
            let stays =
                |key: &Key| seen.contains(&key[0]) || delivery.quarantined.contains(&key[0]);
            state.retain(|key, _| stays(key));
        }
    }
    state
}

/// What is stored: versions and closings.
#[derive(Default)]
struct Store {
    versions: Vec<(Key, u32, i32, u64)>,
    closings: Vec<Closing>,
}

impl Store {
    fn build(deliveries: &[Delivery]) -> Self {
        let mut store = Self::default();
        let mut state = State::default();
        for (position, delivery) in deliveries.iter().enumerate() {
            let turn = Turn {
                version: u32::try_from(position + 1).unwrap(),
                as_of: i32::try_from(position).unwrap() * 10,
                received: delivery.received,
                earliest_later: deliveries[position + 1..].iter().map(|later| later.received).min(),
            };
            state.begin(&turn, 10);
            let open_before = state.open();
            let mut inserted = 0;
            for (row, value) in &delivery.rows {
                let fate = state.admit(&turn, key_for(*row), *value);
                if matches!(fate, Fate::Inserted | Fate::Changed | Fate::KnownEarlier) {
                    store.versions.push((key_for(*row), turn.version, turn.received, *value));
                }
                inserted += u64::from(fate == Fate::Inserted);
            }
            let mut ended = 0;
            if delivery.full && !delivery.held {
                let quarantined = delivery.quarantined.iter().map(|row| key_for(*row)).collect();
                let missing = state.missing(&turn, &quarantined);
                ended = state.end_missing(&turn, &quarantined);
                assert_eq!(missing, ended);
            }
            assert_eq!(open_before + inserted - ended, state.open());
            store.closings.extend(state.take_closings());
        }
        store
    }

    /// Known by the day, minus closed by the day.
    fn current(&self, known_at: i32) -> Vec<(Key, u64)> {
        let closed: BTreeSet<(Key, u32)> = self
            .closings
            .iter()
            .filter(|closing| closing.known_to <= known_at)
            .map(|closing| (closing.key, closing.version))
            .collect();
        let mut current: Vec<(Key, u64)> = self
            .versions
            .iter()
            .filter(|(key, version, received, _)| {
                *received <= known_at && !closed.contains(&(*key, *version))
            })
            .map(|(key, _, _, value)| (*key, *value))
            .collect();
        current.sort_unstable();
        current
    }
}

fn delivery() -> impl Strategy<Value = Delivery> {
    (
        0..12_i32,
        any::<bool>(),
        prop::bool::weighted(0.2),
        prop::collection::vec((0..6_u8, 0..3_u64), 0..8),
        prop::collection::btree_set(0..6_u8, 0..2),
    )
        .prop_map(|(received, full, held, rows, quarantined)| Delivery {
            received,
            full,
            held,
            rows,
            quarantined,
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn at_every_day_the_stored_versions_say_what_the_known_deliveries_say(
        deliveries in prop::collection::vec(delivery(), 1..7),
    ) {
        let store = Store::build(&deliveries);
        for known_at in -1..13 {
            let expected: Vec<_> = replay(&deliveries, known_at).into_iter().collect();
            prop_assert_eq!(store.current(known_at), expected, "known at {}", known_at);
        }
    }

    #[test]
    fn in_order_of_receipt_a_version_is_closed_once_and_nothing_unchanged_is_stored(
        mut deliveries in prop::collection::vec(delivery(), 1..7),
    ) {
        deliveries.sort_by_key(|delivery| delivery.received);
        let store = Store::build(&deliveries);
        let mut closed = BTreeSet::new();
        for closing in &store.closings {
            prop_assert!(closed.insert((closing.key, closing.version)));
        }
        for pair in store.versions.windows(2) {
            if let [(a, first, _, x), (b, second, _, y)] = pair && a == b {
                let ended = store.closings.iter().any(|closing| {
                    closing.key == *a && closing.version == *first && closing.reason == Reason::Ended
                });
                prop_assert!(x != y || ended, "{:?} of versions {} and {}", a, first, second);
            }
        }
    }
}

#[test]
fn a_stored_state_goes_on_where_it_was() {
    let mut state = State::default();
    state.load(key_for(1), 1, 10);
    state.load(key_for(1), 2, 11);
    state.load(key_for(2), 1, 20);
    state.load_ending(key_for(2), 1);
    state.load(key_for(3), 1, 30);
    // The ending of an earlier version does not end the later one.
    state.load(key_for(4), 3, 40);
    state.load_ending(key_for(4), 1);
    assert_eq!(state.open(), 3);
    let turn = Turn { version: 4, as_of: 100, received: 105, earliest_later: None };
    state.begin(&turn, 10);
    assert_eq!(state.admit(&turn, key_for(1), 11), Fate::Unchanged);
    assert_eq!(state.admit(&turn, key_for(2), 20), Fate::Inserted);
    assert_eq!(state.admit(&turn, key_for(3), 31), Fate::Changed);
    assert_eq!(state.admit(&turn, key_for(3), 31), Fate::Duplicate);
    assert_eq!(state.admit(&turn, key_for(3), 32), Fate::Conflict);
    assert_eq!(state.end_missing(&turn, &KeySet::default()), 1);
    let closing = |row, version, reason| Closing {
        key: key_for(row),
        version,
        valid_to: 100,
        known_to: 105,
        reason,
    };
    assert_eq!(
        state.take_closings(),
        [closing(3, 1, Reason::Changed), closing(4, 3, Reason::Ended)]
    );
}

#[test]
fn keys_and_row_ids_are_the_same_thing_in_two_forms() {
    let id = RowId::from_key("pension", &["P1"]);
    let mut text = String::new();
    write_hex(&key(&id), &mut text);
    assert_eq!(text, id.as_str());
    assert_eq!(key_of("xyz"), None);
    assert_eq!(key_of(&"g".repeat(24)), None);
}
