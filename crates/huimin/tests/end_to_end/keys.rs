//! The keys of the sealed columns.

use std::path::Path;

use crate::city::{City, assert_success, huimin, json};

#[test]
fn a_month_after_a_rotation_comes_out_as_without_one_and_old_cells_still_open() {
    let city = City::new(800, 2);
    city.run("data", "2024-01");
    city.copy("data", "twin");
    let keys = |verb: &str| {
        let done = huimin(&["keys", verb, "--json", "--data", &city.path("twin")]);
        assert_success(&done);
        json(&done)
    };
    let before = keys("status");
    assert_eq!(
        (&before["suite"], before["keys"].as_array().map(Vec::len)),
        (&"international".into(), Some(1))
    );
    let after = keys("rotate");
    let uses =
        |at: usize| (after["keys"][at]["seals"].clone(), after["keys"][at]["makes_tokens"].clone());
    assert_eq!((uses(0), uses(1)), ((true.into(), false.into()), (false.into(), true.into())));
    assert_eq!(after["keys"][1]["id"], before["keys"][0]["id"]);

    city.run("data", "2024-02");
    city.run("twin", "2024-02");
    let tables =
        ["members", "households", "decisions_person_2024_02", "decisions_household_2024_02"];
    assert_eq!(city.content("data", &tables), city.content("twin", &tables));
    let links = "SELECT record_id, person_id, weight, certain FROM links";
    assert_eq!(city.rows("data", "links", links), city.rows("twin", "links", links));
    // Accounts that were sealed before and after are opened by the lists, and each file by its own key.
    assert_eq!(city.score("data", "2024-02"), city.score("twin", "2024-02"));
    assert_success(&huimin(&["audit", "verify", "--data", &city.path("twin")]));
}

#[test]
fn a_folder_whose_keys_are_made_of_the_sm_suite_is_worked_on_with_it() {
    let city = City::new(800, 1);
    let data = city.path("sm");
    let create = ["keys", "create", "--suite", "sm", "--json", "--data", &data];
    let made = huimin(&create);
    assert_success(&made);
    assert_eq!(json(&made)["suite"], "sm");
    // What is there is not made anew.
    let again = huimin(&create);
    assert_eq!(again.status.code(), Some(1));

    city.run("sm", "2024-01");
    city.run("data", "2024-01");
    let (sm, international) = (city.score("sm", "2024-01"), city.score("data", "2024-01"));
    assert_eq!(sm, international);
    let text = std::fs::read_to_string(city.path("sm/keys/column.key")).expect("the key file");
    assert!(text.starts_with("sm "));
    assert!(Path::new(&city.path("sm/keys/audit.key")).exists());
    let text = std::fs::read_to_string(city.path("sm/keys/audit.key")).expect("the key file");
    assert!(text.starts_with("sm "), "the log is signed with SM2");
    let verified = huimin(&["audit", "verify", "--json", "--data", &data]);
    assert_success(&verified);
    assert_eq!(json(&verified)["holds"], true);
}
