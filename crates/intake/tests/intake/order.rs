//! Deliveries in any order, in any number of runs, give the same tables.

use std::collections::BTreeSet;

use huimin_intake::IntakeError;
use jiff::civil::Date;
use proptest::prelude::*;

use super::common::{Delivery, END, World, csv, pack};

#[test]
fn a_late_delivery_of_an_earlier_day_gives_the_tables_of_the_right_order() {
    let january = Delivery::new("members", csv(&[&["1", "甲"], &["2", "乙"]]));
    let february = Delivery::new("members", csv(&[&["1", "甲甲"], &["3", "丙"]])).month(2);
    let march = Delivery::new("members", csv(&[&["1", "甲"], &["2", "乙乙"]])).month(3);
    let state = |order: &[&Delivery]| {
        let mut world = World::new();
        for delivery in order {
            world.deliver(delivery);
            world.run();
        }
        let columns = "no, name, version, known_from";
        (
            world.accounts(),
            world.current("members", columns, END),
            world.query(
                &["clean_members"],
                "SELECT no, name, version FROM clean_members ORDER BY 1, 3",
            ),
            world.query(
                &["closed"],
                "SELECT row_id, version, valid_to, known_to FROM closed ORDER BY 1, 2, 3",
            ),
        )
    };
    let expected = state(&[&january, &february, &march]);
    assert_eq!(expected.1, ["1|甲|3|2024-04-03", "2|乙乙|3|2024-04-03", "3|丙|2|2024-03-03"]);
    for order in [
        [&february, &january, &march],
        [&march, &february, &january],
        [&january, &march, &february],
    ] {
        assert_eq!(state(&order), expected);
    }
}

#[test]
fn what_was_known_on_a_day_stays_what_it_was_when_an_older_state_comes_late() {
    let mut world = World::new();
    world.deliver(&Delivery::new("members", csv(&[&["1", "甲"]])).received("2024-02-03"));
    world.deliver(&Delivery::new("members", csv(&[&["1", "丙"]])).month(3));
    world.run();
    // February's state comes in May.
    world.deliver(
        &Delivery::new("members", csv(&[&["1", "乙"], &["2", "丁"]]))
            .month(2)
            .received("2024-05-10"),
    );
    let report = world.run();
    assert_eq!(report.rebuilt, ["members"]);
    let known = |day: &str| world.current("members", "no, name", day.parse().unwrap());
    assert_eq!(known("2024-02-02"), Vec::<String>::new());
    assert_eq!(known("2024-02-03"), ["1|甲"]);
    assert_eq!(known("2024-04-03"), ["1|丙"]);
    assert_eq!(known("2024-05-10"), ["1|丙", "2|丁"]);
}

#[test]
fn other_datasets_and_their_quarantine_are_untouched_by_a_rebuild() {
    let mut world = World::new();
    world.deliver(&Delivery::new("roll", csv(&[&["1", "甲"], &["2", "乙"], &["3", ""]])).full());
    world.deliver(&Delivery::new("roll", csv(&[&["1", "甲甲"], &["2", "乙"]])).full().month(2));
    world.deliver(&Delivery::new("members", csv(&[&["1", "丙"], &["", "x"]])).month(2));
    world.run();
    let queries = |world: &World| {
        (
            world.query(&["closed"], "SELECT row_id, version FROM closed WHERE dataset = 'roll'"),
            world.query(
                &["quarantine"],
                "SELECT dataset, line, codes FROM quarantine ORDER BY 1, 2",
            ),
            world.current("roll", "no, name", END),
        )
    };
    let before = queries(&world);
    world.deliver(&Delivery::new("members", csv(&[&["1", "乙"]])));
    assert_eq!(world.run().rebuilt, ["members"]);
    assert_eq!(queries(&world), before);
    assert_eq!(world.current("members", "no, name, version", END), ["1|丙|2"]);
}

#[test]
fn a_contract_with_another_column_builds_the_dataset_anew_from_the_kept_bytes() {
    let mut world = World::new();
    let january = Delivery::new("members", csv(&[&["1", "甲"], &["2", "乙"]]));
    world.deliver(&january);
    world.run();
    std::fs::remove_file(world.feed_file(&january)).unwrap();
    let mut changed = pack().clone();
    let contract = changed.datasets.get_mut("members").unwrap();
    contract.fields.iter_mut().find(|field| field.id == "name").unwrap().id =
        "full_name".to_owned();
    let report = world.ingest_with(&changed, "2024-01", None).unwrap();
    world.publish(&report);
    assert_eq!(report.rebuilt, ["members"]);
    assert_eq!(world.current("members", "no, full_name", END), ["1|甲", "2|乙"]);
    // Without the kept bytes it can't be done, and says so.
    std::fs::remove_dir_all(world.folder.raw_dir()).unwrap();
    let error = world.ingest().unwrap_err();
    assert!(matches!(error, IntakeError::RawLost { .. }), "{error}");
}

#[derive(Debug, Clone)]
struct Made {
    rows: Vec<(u8, u8)>,
    full: bool,
    /// Days after the as-of date.
    delay: i32,
}

fn made() -> impl Strategy<Value = Vec<Made>> {
    let one = (prop::collection::vec((0..5_u8, 0..4_u8), 1..7), any::<bool>(), 0..100_i32)
        .prop_map(|(rows, full, delay)| Made { rows, full, delay });
    prop::collection::vec(one, 2..5)
}

fn deliveries(made: &[Made]) -> Vec<Delivery> {
    (1..)
        .zip(made)
        .map(|(month, made)| {
            let rows: Vec<[String; 2]> = made
                .rows
                .iter()
                // Value 0 is a broken row: it has no name.
                .map(|(no, value)| [no.to_string(), "甲".repeat(usize::from(*value))])
                .collect();
            let cells: Vec<[&str; 2]> =
                rows.iter().map(|row| row.each_ref().map(String::as_str)).collect();
            let text = csv(&cells.iter().map(<[&str; 2]>::as_slice).collect::<Vec<_>>());
            let mut delivery = Delivery::new("members", text).month(month);
            let as_of: Date = delivery.as_of.parse().unwrap();
            let received = as_of.checked_add(jiff::Span::new().days(made.delay)).unwrap();
            delivery.received = received.to_string();
            delivery.kind = if made.full { "full" } else { "delta" };
            delivery
        })
        .collect()
}

/// Everything that a reader can see, on several days.
fn seen(world: &World) -> Vec<Vec<String>> {
    let mut all = vec![
        world.accounts(),
        world.quarantine(),
        world.query(&["clean_members"], "SELECT row_id, version, name, content_hash, known_from FROM clean_members ORDER BY 1, 2"),
        world.query(&["closed"], "SELECT row_id, version, valid_to, known_to, reason FROM closed ORDER BY 1, 2, 3"),
    ];
    for day in ["2024-03-01", "2024-04-15", "2024-06-01", "2024-12-31"] {
        all.push(world.current("members", "no, name", day.parse().unwrap()));
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, max_shrink_iters: 60, ..ProptestConfig::default() })]

    #[test]
    fn any_order_in_any_number_of_runs_gives_the_same_tables(
        made in made(),
        order in Just((0..4_usize).collect::<Vec<_>>()).prop_shuffle(),
        runs_after in prop::collection::btree_set(0..4_usize, 0..4),
    ) {
        let deliveries = deliveries(&made);
        let mut straight = World::new();
        for delivery in &deliveries {
            straight.deliver(delivery);
        }
        let report = straight.run();
        prop_assert!(report.deliveries.iter().all(huimin_intake::DeliveryAccount::rows_close));
        let expected = seen(&straight);
        let mut shuffled = World::new();
        let order: Vec<usize> = order.into_iter().filter(|at| *at < deliveries.len()).collect();
        let last: BTreeSet<usize> = runs_after.into_iter().chain([order.len() - 1]).collect();
        for (position, at) in order.iter().enumerate() {
            shuffled.deliver(&deliveries[*at]);
            if last.contains(&position) {
                shuffled.run();
                // Feeding again changes nothing.
                let again = shuffled.run();
                prop_assert!(again.deliveries.is_empty());
            }
        }
        prop_assert_eq!(seen(&shuffled), expected);
    }
}
