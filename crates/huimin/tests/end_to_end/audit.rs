//! The audit trail's log.

use std::path::Path;

use crate::city::{City, assert_success, huimin, json, pack};

#[test]
fn the_audit_log_holds_after_every_command_and_a_change_is_named() {
    let city = City::new(300, 1);
    city.run("data", "2024-01");
    let data = city.path("data");
    let audit = |verb: &str, more: &[&str]| {
        let args = [&["audit", verb, "--json", "--data", &data], more].concat();
        huimin(&args)
    };
    let kept = json(&audit("checkpoint", &[]));
    let file = city.path("kept");
    std::fs::write(&file, kept["checkpoint"].as_str().expect("a note")).expect("it is kept");
    let approve = ["batch", "approve", "--data", &data, "--period", "2024-01", "--user", "a"];
    assert_success(&huimin(&approve));

    let key = json(&audit("key", &[]));
    let key = key["verifier_key"].as_str().expect("a key").to_owned();
    let holds = audit("verify", &["--log-key", &key, "--kept", &file]);
    assert_success(&holds);
    let report = json(&holds);
    // That of the data folder fits too.
    assert_eq!(
        (&report["holds"], &report["kept"], &report["waiting"]),
        (&true.into(), &2.into(), &0.into())
    );
    assert!(report["entries"].as_u64().expect("a number") >= 2, "{report}");
    let log = city.path("log");
    assert_success(&audit("export", &["--out", &log]));
    assert!(Path::new(&log).join("tile/entries/000.p").exists());

    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        use store::sea_orm::ConnectionTrait as _;

        let url = store::sqlite_url(Path::new(&city.path("data/huimin.db")));
        let db = store::connect(&url).await.expect("the database");
        for sql in [
            "DROP TRIGGER audit_entry_no_update",
            "UPDATE audit_entry SET who = 'nobody' WHERE leaf = 1",
        ] {
            db.execute_unprepared(sql).await.expect("somebody may do everything");
        }
        db.close().await.expect("the end");
    });
    let changed = audit("verify", &[]);
    assert_eq!(changed.status.code(), Some(6));
    let report = json(&changed);
    assert_eq!(report["holds"], false);
    let finding = report["findings"][0].as_str().expect("a finding");
    assert!(finding.starts_with("leaf 1: entry 2 is not what was sealed"), "{finding}");
}

#[test]
fn an_explanation_on_the_command_line_is_in_the_trail_of_the_person() {
    let city = City::new(300, 1);
    city.run("data", "2024-01");
    let url = store::sqlite_url(Path::new(&city.path("data/huimin.db")));
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let (person, policy) = runtime.block_on(async {
        use store::sea_orm::{ConnectionTrait as _, Statement};

        let db = store::connect(&url).await.expect("the database");
        let due = "SELECT person_id, policy FROM due_item ORDER BY id LIMIT 1";
        let due = Statement::from_string(db.get_database_backend(), due);
        let row = db.query_one_raw(due).await.expect("an answer").expect("something is due");
        let text = |column: &str| row.try_get::<String>("", column).expect("a text");
        (text("person_id"), text("policy"))
    });
    let explain = |person: &str| {
        let (pack, data) = (pack(), city.path("data"));
        huimin(&[
            "explain", "--pack", &pack, "--data", &data, "--person", person, "--policy", &policy,
            "--period", "2024-01", "--json",
        ])
    };
    assert_success(&explain(&person));
    assert!(!explain("P-nobody").status.success());
    let entries = runtime.block_on(async {
        let db = store::connect(&url).await.expect("the database");
        store::audit::list(&db, None, 0, 1000).await.expect("the trail")
    });
    let asked: Vec<(&str, String)> = entries
        .iter()
        .filter(|entry| entry.what == "decision.explain")
        .map(|entry| (entry.who.as_str(), entry.subject.clone()))
        .collect();
    assert_eq!(asked, [("command line", format!("person:{person}"))]);
}
