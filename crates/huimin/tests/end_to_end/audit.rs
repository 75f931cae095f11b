//! The audit trail's log.

use std::path::Path;

use crate::city::{City, assert_success, huimin, json};

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
