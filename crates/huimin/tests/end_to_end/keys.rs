//! The keys of the sealed columns.

use std::path::Path;

use crate::city::{City, assert_success, command, huimin, json};

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

#[test]
fn keys_that_the_environment_has_need_not_lie_in_the_folder() {
    let city = City::new(300, 2);
    city.run("data", "2024-01");
    city.copy("data", "twin");
    let (data, keys) = (city.path("data"), city.path("data/keys"));
    let read = |name: &str| std::fs::read_to_string(Path::new(&keys).join(name)).expect("a key");
    let (column, audit) = (read("column.key"), read("audit.key"));
    let status = json(&huimin(&["keys", "status", "--json", "--data", &data]));
    std::fs::remove_dir_all(&keys).expect("they were there");
    let with = |args: &[&str], both: bool| {
        let mut command = command(args);
        command.env("HUIMIN_COLUMN_KEYS", &column);
        if both {
            command.env("HUIMIN_AUDIT_KEY", &audit);
        }
        command.output().expect("the program starts")
    };

    let run = city.run_args("data", "2024-02");
    let run: Vec<&str> = run.iter().map(String::as_str).collect();
    assert_eq!(huimin(&run).status.code(), Some(1), "no key, and no new one is made");
    let half = with(&run, false);
    assert_eq!(half.status.code(), Some(1));
    let told = String::from_utf8_lossy(&half.stderr).into_owned();
    assert!(told.contains("`HUIMIN_COLUMN_KEYS` is set and `HUIMIN_AUDIT_KEY` is not"), "{told}");
    assert_success(&with(&run, true));
    city.run("twin", "2024-02");
    let tables = ["persons", "members", "decisions_person_2024_02"];
    assert_eq!(city.content("data", &tables), city.content("twin", &tables));

    let known = with(&["keys", "status", "--json", "--data", &data], true);
    assert_eq!(json(&known), status);
    assert_success(&with(&["audit", "verify", "--data", &data], true));
    for refused in ["create", "rotate"] {
        let done = with(&["keys", refused, "--data", &data], true);
        assert_eq!(done.status.code(), Some(1));
        assert!(String::from_utf8_lossy(&done.stderr).contains("come from the environment"));
    }
    let backup = city.path("backup");
    let copy = ["db", "backup", "--data", &data, "--to", &backup];
    assert_eq!(with(&[&copy, &["--with-keys"][..]].concat(), true).status.code(), Some(1));
    assert_success(&with(&copy, true));
    let again = city.path("again");
    let restore = ["db", "restore", "--from", &backup, "--data", &again];
    assert_eq!(huimin(&restore).status.code(), Some(1), "nobody says where the keys are");
    assert_success(&with(&restore, true));
    assert_success(&with(&["audit", "verify", "--data", &again], true));
    assert!(!Path::new(&keys).exists(), "no key was written");
}
