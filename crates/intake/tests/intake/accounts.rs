//! What becomes of rows, and that the account closes.

use super::common::{Delivery, END, World, csv};

#[test]
fn every_row_goes_to_one_exit_and_the_account_is_stored() {
    let mut world = World::new();
    let first = csv(&[&["1", "甲"], &["2", "乙"], &["3", "丙"], &["2", "乙"], &["", "丁"]]);
    world.deliver(&Delivery::new("members", first).rows(5));
    let second = csv(&[&["1", "甲"], &["2", "乙乙"], &["4", "丁"], &["4", "丁 "], &["4", "戊"]]);
    world.deliver(&Delivery::new("members", second).month(2).rows(5));
    let report = world.run();
    assert!(report.deliveries.iter().all(huimin_intake::DeliveryAccount::rows_close));
    assert_eq!(
        world.accounts(),
        [
            // dataset, as of, in = inserted + changed + unchanged + ended + duplicate + quarantined; missing, held
            "members|2024-01-31|5|3|0|0|0|1|1|0|0|-",
            "members|2024-02-28|5|1|1|1|0|1|1|0|0|-",
        ]
    );
    assert_eq!(world.quarantine(), ["6|INT-REQUIRED|no", "6|INT-KEY-CONFLICT|no"]);
    assert_eq!(
        world.current("members", "no, name, version", END),
        ["1|甲|1", "2|乙乙|2", "3|丙|1", "4|丁|2"]
    );
    assert_eq!(
        world.query(&["closed"], "SELECT version, valid_to, known_to, reason FROM closed"),
        ["1|2024-02-28|2024-03-03|changed"]
    );
}

#[test]
fn the_same_delivery_again_changes_nothing() {
    let mut world = World::new();
    let delivery = Delivery::new("members", csv(&[&["1", "甲"]]));
    world.deliver(&delivery);
    // Announced twice, as it happens when a folder is sent again.
    world.announce(&delivery);
    let report = world.run();
    assert_eq!((report.deliveries.len(), report.known_before), (1, 1));
    let before = (world.accounts(), world.current("members", "no, name, version", END));
    let versions = report.tables;
    let report = world.run();
    assert_eq!((report.deliveries.len(), report.known_before), (0, 2));
    assert_eq!(report.tables, versions, "no new table version");
    assert_eq!(before, (world.accounts(), world.current("members", "no, name, version", END)));
}

#[test]
fn deliveries_taken_in_before_need_not_lie_in_the_feeds_any_more() {
    let mut world = World::new();
    let january = Delivery::new("members", csv(&[&["1", "甲"]]));
    world.deliver(&january);
    world.run();
    std::fs::remove_file(world.feed_file(&january)).unwrap();
    world.deliver(&Delivery::new("members", csv(&[&["2", "乙"]])).month(2));
    world.run();
    assert_eq!(world.current("members", "no", END), ["1", "2"]);
}

#[test]
fn an_unchanged_roll_of_another_month_is_a_delivery_of_its_own() {
    let mut world = World::new();
    let roll = csv(&[&["1", "甲"]]);
    world.deliver(&Delivery::new("roll", roll.clone()).full());
    world.deliver(&Delivery::new("roll", roll).full().month(2));
    world.run();
    assert_eq!(
        world.accounts(),
        ["roll|2024-01-31|1|1|0|0|0|0|0|0|0|-", "roll|2024-02-28|1|0|0|1|0|0|0|0|0|-"]
    );
}

#[test]
fn a_full_delivery_ends_what_it_does_not_list() {
    let mut world = World::new();
    world.deliver(&Delivery::new("roll", csv(&[&["1", "甲"], &["2", "乙"], &["3", "丙"]])).full());
    world.deliver(&Delivery::new("roll", csv(&[&["1", "甲"], &["3", "丙"]])).full().month(2));
    world.deliver(
        &Delivery::new("roll", csv(&[&["1", "甲"], &["2", "乙"], &["3", "丙"]])).full().month(3),
    );
    world.run();
    assert_eq!(
        world.accounts(),
        [
            "roll|2024-01-31|3|3|0|0|0|0|0|0|0|-",
            "roll|2024-02-28|2|0|0|2|0|0|0|1|0|-",
            "roll|2024-03-28|3|1|0|2|0|0|0|0|0|-",
        ]
    );
    assert_eq!(world.current("roll", "no, version", END), ["1|1", "2|3", "3|1"]);
    assert_eq!(world.current("roll", "no", "2024-03-03".parse().unwrap()), ["1", "3"]);
    assert_eq!(world.current("roll", "no", "2024-03-02".parse().unwrap()), ["1", "2", "3"]);
}

#[test]
fn endings_are_known_to_the_next_run_too() {
    let mut world = World::new();
    world.deliver(&Delivery::new("roll", csv(&[&["1", "甲"], &["2", "乙"]])).full());
    world.run();
    world.deliver(&Delivery::new("roll", csv(&[&["1", "甲"]])).full().month(2));
    world.run();
    world.deliver(&Delivery::new("roll", csv(&[&["1", "甲"], &["2", "乙"]])).full().month(3));
    world.run();
    assert_eq!(world.accounts().last().unwrap(), "roll|2024-03-28|2|1|0|1|0|0|0|0|0|-");
    assert_eq!(world.current("roll", "no, version", END), ["1|1", "2|3"]);
}

#[test]
fn a_key_seen_in_the_quarantine_is_not_missing() {
    let mut world = World::new();
    world.deliver(&Delivery::new("roll", csv(&[&["1", "甲"], &["2", "乙"], &["3", "丙"]])).full());
    // Row 2 is there but can't be used: its name is missing. Row 3 is really gone.
    world.deliver(&Delivery::new("roll", csv(&[&["1", "甲"], &["2", ""]])).full().month(2));
    world.run();
    assert_eq!(world.current("roll", "no", END), ["1", "2"]);
    assert_eq!(world.accounts()[1], "roll|2024-02-28|2|0|0|1|0|0|1|1|0|-");
}

#[test]
fn unreadable_keys_hold_all_endings() {
    let mut world = World::new();
    world.deliver(&Delivery::new("roll", csv(&[&["1", "甲"], &["2", "乙"], &["3", "丙"]])).full());
    world.deliver(
        &Delivery::new("roll", csv(&[&["1", "甲"], &["2", "乙"], &["", "丁"]])).full().month(2),
    );
    let report = world.run();
    assert_eq!(report.held_endings(), 1);
    assert_eq!(world.current("roll", "no", END), ["1", "2", "3"]);
    assert_eq!(world.accounts()[1], "roll|2024-02-28|3|0|0|2|0|0|1|0|1|unreadable_keys");
}

#[test]
fn a_shrink_beyond_the_bound_holds_all_endings_until_a_whole_delivery_comes() {
    let mut world = World::new();
    let rows: [&[&str]; 4] = [&["1", "甲"], &["2", "乙"], &["3", "丙"], &["4", "丁"]];
    world.deliver(&Delivery::new("roll", csv(&rows)).full());
    // The contract allows half.
    world.deliver(&Delivery::new("roll", csv(&rows[..1])).full().month(2));
    world.run();
    assert_eq!(world.accounts()[1], "roll|2024-02-28|1|0|0|1|0|0|0|0|3|shrink");
    assert_eq!(world.current("roll", "no", END), ["1", "2", "3", "4"]);
    world.deliver(&Delivery::new("roll", csv(&rows[..2])).full().month(3));
    world.run();
    assert_eq!(world.accounts()[2], "roll|2024-03-28|2|0|0|2|0|0|0|2|0|-");
    assert_eq!(world.current("roll", "no", END), ["1", "2"]);
}

#[test]
fn only_what_was_received_by_the_known_day_is_taken_in() {
    let mut world = World::new();
    world.deliver(&Delivery::new("members", csv(&[&["1", "甲"]])));
    world.deliver(&Delivery::new("members", csv(&[&["2", "乙"]])).month(2));
    let report = world
        .ingest_with(super::common::pack(), "2024-12", Some("2024-02-28".parse().unwrap()))
        .unwrap();
    assert_eq!(report.deliveries.len(), 1);
    let report = world.ingest_with(super::common::pack(), "2024-01", None).unwrap();
    assert_eq!(report.deliveries.len(), 1);
}
