//! The keys of the sealed columns.

use std::path::Path;

use crate::city::{City, assert_success, command, huimin, json, pack};

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

/// Whether a text stands in a file below a folder, as it is.
fn stands_in(folder: &Path, text: &str) -> bool {
    std::fs::read_dir(folder).expect("a folder").any(|entry| {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            return stands_in(&path, text);
        }
        let bytes = std::fs::read(&path).expect("a file");
        bytes.windows(text.len()).any(|window| window == text.as_bytes())
    })
}

#[test]
fn all_cells_are_sealed_anew_while_people_read_and_a_key_that_seals_nothing_is_retired() {
    let city = City::new(800, 3);
    city.run("data", "2024-01");
    city.copy("data", "twin");
    let (data, twin) = (city.path("data"), city.path("twin"));
    let keys = |verb: &str, more: &[&str]| {
        huimin(&[&["keys", verb, "--json", "--data", &twin], more].concat())
    };
    let name = |at: usize, of: &serde_json::Value| {
        of["keys"][at]["id"].as_str().expect("a name").to_owned()
    };
    // A month with each of three keys, so that versions of the tables share files of several.
    let first = name(0, &json(&keys("status", &[])));
    assert_success(&keys("rotate", &[]));
    city.run("data", "2024-02");
    city.run("twin", "2024-02");
    let second = name(0, &json(&keys("status", &[])));
    let cell = city.texts("twin", "persons", "SELECT phone FROM persons WHERE phone IS NOT NULL");
    let cell = cell.first().expect("a sealed cell").clone();
    assert!(stands_in(Path::new(&twin), &cell));
    assert_success(&keys("rotate", &[]));
    let in_use = keys("retire", &["--key", &first]);
    assert!(String::from_utf8_lossy(&in_use.stderr).contains("tokens are made with it"));

    // Whoever looks at a person meanwhile is answered, of either month.
    let person = city.texts("twin", "persons", "SELECT person_id FROM persons").remove(0);
    let stop = std::sync::atomic::AtomicBool::new(false);
    let (read, done) = std::thread::scope(|scope| {
        let reading = scope.spawn(|| {
            let mut read = 0;
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                let period = ["2024-01", "2024-02"][read % 2];
                let told = huimin(&[
                    "explain",
                    "--pack",
                    &pack(),
                    "--data",
                    &twin,
                    "--person",
                    &person,
                    "--policy",
                    "longevity-allowance",
                    "--period",
                    period,
                ]);
                assert_success(&told);
                read += 1;
            }
            read
        });
        let done = keys("reseal", &["--grace", "3"]);
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        (reading.join().expect("every reading is answered"), done)
    });
    assert!(read >= 2, "{read}");
    assert_success(&done);
    let done = json(&done);
    assert_eq!(done["cells"], done["sealed_anew"], "{done}");
    assert!(done["cells"].as_u64().expect("a number") > 3_000, "{done}");
    assert!(done["files_removed"].as_u64().expect("a number") > 10, "{done}");
    assert!(!stands_in(&Path::new(&twin).join("tables"), &cell));
    let again = json(&keys("reseal", &["--grace", "0"]));
    assert_eq!(
        (&again["cells"], &again["sealed_anew"], &again["files_removed"]),
        (&done["cells"], &0.into(), &0.into())
    );

    let left = keys("retire", &["--key", &second, "--grace", "0"]);
    assert_success(&left);
    assert_eq!(json(&left)["keys"].as_array().map(Vec::len), Some(2));
    // Everything goes on as if nothing had been, also what was decided before.
    city.run("data", "2024-03");
    city.run("twin", "2024-03");
    let tables =
        ["members", "households", "decisions_person_2024_03", "decisions_household_2024_03"];
    assert_eq!(city.content("data", &tables), city.content("twin", &tables));
    for month in ["2024-01", "2024-02", "2024-03"] {
        assert_eq!(city.score("data", month), city.score("twin", month));
    }
    let explain = |data: &str| {
        huimin(&[
            "explain",
            "--pack",
            &pack(),
            "--data",
            data,
            "--person",
            &person,
            "--policy",
            "longevity-allowance",
            "--period",
            "2024-01",
        ])
    };
    assert_eq!(explain(&data).stdout, explain(&twin).stdout);
    assert_success(&huimin(&["audit", "verify", "--data", &twin]));
}
