//! A run that was killed, or that was never published, leaves no trace in what readers see.

use engine::Manifest;

use super::common::{Delivery, END, World, csv};

fn january() -> Delivery {
    Delivery::new("roll", csv(&[&["1", "甲"], &["2", "乙"], &["3", ""]])).full()
}

fn february() -> Delivery {
    Delivery::new("roll", csv(&[&["1", "甲甲"], &["4", "丁"], &["", "x"]])).full().month(2)
}

fn march() -> Delivery {
    Delivery::new("roll", csv(&[&["1", "甲甲"], &["2", "乙"]])).full().month(3)
}

fn seen(world: &World) -> Vec<Vec<String>> {
    vec![
        world.accounts(),
        world.quarantine(),
        world.query(&["clean_roll"], "SELECT row_id, version, name FROM clean_roll ORDER BY 1, 2"),
        world.query(
            &["closed"],
            "SELECT row_id, version, valid_to, known_to, reason FROM closed ORDER BY 1, 2, 3",
        ),
        world.current("roll", "no, name", END),
    ]
}

#[test]
fn a_run_that_was_not_published_is_made_again_with_the_same_result() {
    let mut undisturbed = World::new();
    for delivery in [january(), february(), march()] {
        undisturbed.deliver(&delivery);
        undisturbed.run();
    }
    let expected = seen(&undisturbed);

    let mut world = World::new();
    world.deliver(&january());
    // Killed before the first publication, twice.
    world.ingest().unwrap();
    world.ingest().unwrap();
    assert!(Manifest::current(&world.folder).unwrap().is_none());
    world.run();
    world.deliver(&february());
    let before = seen(&world);
    world.ingest().unwrap();
    assert_eq!(seen(&world), before, "nothing is visible before it is published");
    world.run();
    world.deliver(&march());
    for _ in 0..3 {
        world.ingest().unwrap();
    }
    world.run();
    assert_eq!(seen(&world), expected);
}

#[test]
fn a_refused_file_leaves_what_readers_see_and_the_next_run_goes_on() {
    let mut world = World::new();
    world.deliver(&january());
    world.run();
    let before = seen(&world);
    world.deliver(&february());
    // Comes after `roll` in the order of datasets, so that roll's rows are written by then.
    let bad = Delivery::new("sheet", "not a workbook").month(2);
    world.deliver(&bad);
    world.ingest().unwrap_err();
    assert_eq!(seen(&world), before);
    let mut fixed = World::new();
    for delivery in [january(), february()] {
        fixed.deliver(&delivery);
        fixed.run();
    }
    // The sender takes the bad file back.
    let manifest = world.feeds().join("2024-02").join("manifest.json");
    let text = std::fs::read_to_string(&manifest).unwrap();
    let mut json: serde_json::Value = serde_json::from_str(&text).unwrap();
    json["deliveries"].as_array_mut().unwrap().pop();
    std::fs::write(&manifest, json.to_string()).unwrap();
    world.run();
    assert_eq!(seen(&world), seen(&fixed));
}

#[test]
fn half_copied_bytes_of_a_killed_run_are_cleaned_up_and_never_used() {
    let mut world = World::new();
    world.deliver(&january());
    let incoming = world.folder.raw_dir().join("incoming");
    std::fs::create_dir_all(&incoming).unwrap();
    std::fs::write(incoming.join("2024-01-roll.dat"), "half").unwrap();
    world.run();
    let left: Vec<_> = super::common::files(&incoming);
    assert!(left.is_empty(), "{left:?}");
}
