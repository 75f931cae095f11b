//! The main job, what a killed run leaves, and what is refused.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use testing::{Kind, TestDatabase};

use crate::city::{City, TABLES, assert_success, command, huimin, json, pack};

#[test]
fn the_whole_job_finds_nearly_everybody_and_hardly_anybody_wrongly() {
    let city = City::new(2_000, 2);
    city.run("data", "2024-01");
    let report = city.run("data", "2024-02");
    for account in report["ingest"]["deliveries"].as_array().expect("accounts") {
        let number = |field: &str| account[field].as_u64().unwrap_or_default();
        assert!(number("rows_in") > 0, "{account}");
    }
    for period in ["2024-01", "2024-02"] {
        let score = city.score("data", period);
        let registry = &score["registry"];
        assert!(registry["precision"].as_f64().expect("a number") >= 0.998, "{period}: {registry}");
        assert!(registry["recall"].as_f64().expect("a number") >= 0.98, "{period}: {registry}");
        assert_eq!(registry["unknown"], 0, "{period}: {registry}");
        let total = &score["total"];
        assert!(total["entitled"].as_u64().expect("a number") > 100, "{period}: {total}");
        assert!(
            total["missed_per_10000"].as_f64().expect("a number") <= 150.0,
            "{period}: {total}"
        );
        assert!(total["wrong_per_10000"].as_f64().expect("a number") <= 60.0, "{period}: {total}");
    }
}

#[test]
fn the_truth_is_not_read_and_the_same_feeds_give_the_same_content() {
    let city = City::new(800, 1);
    city.run("one", "2024-01");
    std::fs::remove_dir_all(city.path("city/truth")).expect("the truth is there and goes away");
    // Another data folder has another key, so sealed columns differ; copy the key to compare them.
    std::fs::create_dir_all(city.path("two")).expect("a folder");
    for folder in ["keys", "raw", "tables", "manifests", "index"] {
        std::fs::create_dir_all(Path::new(&city.path("two")).join(folder)).expect("a folder");
    }
    std::fs::copy(city.path("one/keys/column.key"), city.path("two/keys/column.key"))
        .expect("a copy");
    std::fs::copy(city.path("one/FORMAT"), city.path("two/FORMAT")).expect("a copy");
    city.run("two", "2024-01");
    assert_eq!(city.content("one", &TABLES), city.content("two", &TABLES));
}

#[test]
fn a_killed_run_leaves_readers_alone_and_the_next_one_ends_as_if_nothing_had_happened() {
    let city = City::new(800, 2);
    city.run("data", "2024-01");
    let before = city.content("data", &TABLES);
    let undisturbed = City::run;
    // Copy the state, run it undisturbed there, and killed at growing delays here.
    city.copy("data", "twin");
    undisturbed(&city, "twin", "2024-02");
    let mut killed = 0;
    for delay in [20u64, 60, 120, 200, 300, 450, 650] {
        let args = city.run_args("data", "2024-02");
        let mut child = command(&args.iter().map(String::as_str).collect::<Vec<_>>())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        std::thread::sleep(Duration::from_millis(delay));
        if child.try_wait().expect("it can be asked").is_none() {
            child.kill().expect("it can be killed");
            killed += 1;
        }
        child.wait().expect("it ends");
        let folder =
            engine::DataFolder::open(Path::new(&city.path("data"))).expect("the folder opens");
        let manifest = engine::Manifest::published(&folder).expect("a run is published");
        if manifest.number == 1 {
            assert_eq!(
                before,
                city.content("data", &TABLES),
                "readers see what they saw, {delay} ms"
            );
        }
    }
    assert!(killed > 0, "every run ended before it was killed: the test proves nothing");
    city.run("data", "2024-02");
    let tables = [
        "persons",
        "members",
        "deliveries",
        "closed",
        "decisions_person_2024_02",
        "decisions_household_2024_02",
    ];
    assert_eq!(city.content("twin", &tables), city.content("data", &tables));
}

#[test]
fn the_same_month_again_changes_nothing() {
    let city = City::new(800, 1);
    city.run("data", "2024-01");
    let before = city.content("data", &TABLES);
    let again = city.run("data", "2024-01");
    assert_eq!((&again["link"]["anew"], &again["link"]["affected"]), (&false.into(), &0.into()));
    assert_eq!(before, city.content("data", &TABLES));
}

#[test]
fn linking_the_news_gives_what_linking_everybody_gives() {
    let city = City::new(1_500, 3);
    city.run("data", "2024-01");
    city.run("data", "2024-02");
    city.copy("data", "twin");
    std::fs::remove_dir_all(city.path("twin/linkage")).expect("it can be deleted at any time");
    let news = city.run("data", "2024-03");
    let everybody = city.run("twin", "2024-03");
    assert_eq!(news["link"]["anew"], false);
    assert_eq!(everybody["link"]["anew"], true);
    let affected = news["link"]["affected"].as_u64().expect("a number");
    assert!(affected > 0 && affected < 500, "{affected} of 1,500 people");
    for count in ["records", "persons", "new_persons", "by_weight", "uncertain", "households"] {
        assert_eq!(news["link"][count], everybody["link"][count], "{count}");
    }
    let tables =
        ["members", "households", "decisions_person_2024_03", "decisions_household_2024_03"];
    assert_eq!(city.content("data", &tables), city.content("twin", &tables));
    // The version and the run say who wrote a row, not what it says.
    for (table, passing) in [("persons", "version"), ("links", "version, run_id")] {
        let query = format!("SELECT * EXCLUDE ({passing}) FROM {table}");
        let (found, number) = city.rows("data", table, &query);
        assert!(number > 1_000, "{number} rows of {table}");
        assert_eq!((found, number), city.rows("twin", table, &query), "{table}");
    }
}

#[test]
fn a_database_server_gives_the_same_lists_and_a_folder_keeps_to_its_database() {
    let city = City::new(800, 1);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let database = runtime.block_on(TestDatabase::new(Kind::Postgres));
    let run = |data: &str, url: Option<&str>| {
        let args = city.run_args(data, "2024-01");
        let url = url.map(|url| ["--database", url]);
        let args: Vec<&str> =
            args.iter().map(String::as_str).chain(url.into_iter().flatten()).collect();
        huimin(&args)
    };
    let embedded = city.run("embedded", "2024-01");
    let served = run("served", Some(&database.url));
    assert_success(&served);
    let served = json(&served);
    for count in ["registered", "due", "due_fen", "found", "policies", "differences"] {
        assert_eq!(served["list"][count], embedded["list"][count], "{count}");
    }
    assert_eq!(served["list"]["batch"]["amount_fen"], embedded["list"]["batch"]["amount_fen"]);
    assert!(served["list"]["due"].as_u64().expect("a number") > 10, "{}", served["list"]);

    // Whoever forgets the database, or names another one, would pay everybody again; a new folder would
    // take over the lists of another.
    let other = runtime.block_on(TestDatabase::new(Kind::Postgres));
    for (data, url, told) in [
        ("served", None, "belongs with another database"),
        ("served", Some(other.url.as_str()), "belongs with another database"),
        ("embedded", Some(other.url.as_str()), "leave --database"),
        ("fresh", Some(database.url.as_str()), "belongs with another data folder"),
    ] {
        let refused = run(data, url);
        assert_eq!(refused.status.code(), Some(1), "{data} {url:?}");
        let message = String::from_utf8_lossy(&refused.stderr);
        assert!(message.contains(told), "{message}");
    }
    let untouched = runtime.block_on(async {
        let db = other.connect().await;
        store::schema_status(&db, &[]).await.expect("its state").applied
    });
    assert!(untouched.is_empty(), "{untouched:?}");
    assert!(!Path::new(&city.path("served/huimin.db")).exists());

    let status = huimin(&[
        "db",
        "status",
        "--json",
        "--data",
        &city.path("served"),
        "--database",
        &database.url,
    ]);
    assert_success(&status);
    let status = json(&status);
    assert_eq!((&status["kind"], &status["pending"]), (&"postgres".into(), &Value::Array(vec![])));
}

#[test]
fn a_wrong_pack_is_exit_3_and_a_missing_delivery_exit_4() {
    let city = City::new(300, 1);
    let done = huimin(&["check", &city.path("city")]);
    assert_eq!(done.status.code(), Some(3), "{}", String::from_utf8_lossy(&done.stderr));
    std::fs::remove_file(city.path("city/feeds/2024-01/death_certificate.jsonl"))
        .expect("the delivery is there");
    let args = city.run_args("data", "2024-01");
    let done = huimin(&args.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(done.status.code(), Some(4));
    let message = String::from_utf8_lossy(&done.stderr);
    assert!(message.contains("death_certificate"), "{message}");
}

#[test]
fn a_period_without_data_is_one_clear_error() {
    let city = City::new(300, 1);
    city.run("data", "2024-01");
    let before = city.published("data");
    for period in ["2023-12", "2024-05"] {
        let args = city.run_args("data", period);
        let done = huimin(&args.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(done.status.code(), Some(4));
        let message = String::from_utf8_lossy(&done.stderr);
        assert!(message.contains(period), "{message}");
    }
    let decide = ["decide", "--pack", &pack(), "--data", &city.path("data"), "--period", "2024-05"];
    let done = huimin(&decide);
    assert_eq!(done.status.code(), Some(1));
    let message = String::from_utf8_lossy(&done.stderr);
    assert!(message.contains("has no delivery of 2024-05"), "{message}");
    assert_eq!(city.published("data"), before);
}

#[test]
fn a_folder_whose_database_file_is_lost_does_not_begin_a_new_one() {
    let city = City::new(300, 1);
    city.run("data", "2024-01");
    std::fs::remove_file(city.path("data/huimin.db")).expect("the database is there");
    let args = city.run_args("data", "2024-01");
    let refused = huimin(&args.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(refused.status.code(), Some(1));
    let message = String::from_utf8_lossy(&refused.stderr);
    assert!(message.contains("huimin.db` is missing"), "{message}");
    assert!(!Path::new(&city.path("data/huimin.db")).exists());
}
