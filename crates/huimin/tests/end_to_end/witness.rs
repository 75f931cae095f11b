//! A witness of the audit log, as a process of its own.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use store::sea_orm::ConnectionTrait as _;

use crate::city::{City, assert_success, command, huimin, json};
use crate::serving::Server;

/// What somebody does who may do everything on the machine of the log.
fn tamper(data: &str, statements: &[&str]) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let url = store::sqlite_url(&Path::new(data).join("huimin.db"));
        let db = store::connect(&url).await.expect("the database");
        for sql in statements {
            db.execute_unprepared(sql).await.expect("somebody may do everything");
        }
        db.close().await.expect("the end");
    });
}

#[test]
fn an_old_copy_and_a_history_written_anew_with_the_logs_key_are_told_by_a_witness() {
    let city = City::new(300, 1);
    city.run("data", "2024-01");
    let data = city.path("data");
    let folder = city.path("witness");
    let named = ["--folder", &folder, "--name", "audit.example/witness"];
    let key = json(&huimin(&[&["witness", "key", "--json"], &named[..]].concat()));
    let key = key["verifier_key"].as_str().expect("a key").to_owned();
    let log = json(&huimin(&["audit", "key", "--json", "--data", &data]));
    let log = log["verifier_key"].as_str().expect("a key").to_owned();
    let serve = ["witness", "serve", "--log-key", &log, "--witness-listen", "127.0.0.1:0"];
    let witness = Server::spawned(command(&[&serve, &named[..]].concat()));
    let asked = format!("{key} http://{}", witness.address);
    let cosign = |data: &str| {
        huimin(&["audit", "cosign", "--json", "--data", data, "--ask-witness", &asked])
    };
    let verify = |data: &str, more: &[&str]| {
        huimin(&[&["audit", "verify", "--json", "--data", data], more].concat())
    };

    let first = cosign(&data);
    assert_success(&first);
    let first = json(&first);
    let size = first["witnesses"][0]["size"].as_u64().expect("a size");
    city.copy("data", "old");
    city.copy("data", "anew");
    let approve = ["batch", "approve", "--data", &data, "--period", "2024-01", "--user", "a"];
    assert_success(&huimin(&approve));
    let second = json(&cosign(&data));
    assert!(second["witnesses"][0]["size"].as_u64().expect("a size") > size, "{second}");
    let holds = verify(&data, &["--witness", &key]);
    assert_success(&holds);
    let report = json(&holds);
    assert_eq!((&report["cosignatures"], &report["kept"]), (&1.into(), &2.into()), "{report}");

    // An old copy of everything holds by itself; the witness has seen more.
    let old = city.path("old");
    assert_success(&verify(&old, &[]));
    let refused = cosign(&old);
    assert_eq!(refused.status.code(), Some(6));
    let told = json(&refused)["witnesses"][0]["error"].as_str().expect("a reason").to_owned();
    assert!(told.contains("`audit.example/witness` has co-signed"), "{told}");

    // So does a history that is written anew with the log's own key, of more entries than were seen.
    let anew = city.path("anew");
    tamper(
        &anew,
        &[
            "DROP TRIGGER audit_entry_no_update",
            "UPDATE audit_entry SET who = 'nobody' WHERE leaf = 0",
            "UPDATE audit_entry SET leaf = NULL, salt = NULL, sealed_at = NULL",
            "DELETE FROM audit_tile",
            "DELETE FROM audit_checkpoint",
            "DELETE FROM audit_cosigned",
        ],
    );
    std::fs::remove_file(Path::new(&anew).join("AUDIT")).expect("it was there");
    for user in ["b", "c"] {
        let _ =
            huimin(&["batch", "approve", "--data", &anew, "--period", "2024-01", "--user", user]);
    }
    let refused = cosign(&anew);
    assert_eq!(refused.status.code(), Some(6), "{}", json(&refused));
    let told = json(&refused)["witnesses"][0]["error"].as_str().expect("a reason").to_owned();
    assert!(told.contains("does not go on from the one"), "{told}");
    assert_success(&verify(&anew, &[]));
    // What the witness has seen shows it offline as well; whoever asks for co-signatures is told that there are none.
    let kept = city.path("kept");
    let note = second["witnesses"][0]["checkpoint"].as_str().expect("a note");
    std::fs::write(&kept, note).expect("it is kept");
    let found = verify(&anew, &["--log-key", &log, "--kept", &kept]);
    assert_eq!(found.status.code(), Some(6));
    assert_eq!(verify(&anew, &["--witness", &key]).status.code(), Some(1));

    // A server has its log co-signed by itself.
    tamper(&data, &["DELETE FROM audit_cosigned"]);
    assert_eq!(json(&verify(&data, &[]))["kept"], 1);
    let server = Server::start(&data, None, &["--ask-witness", &asked], Stdio::null());
    let deadline = Instant::now() + Duration::from_secs(60);
    let seen = loop {
        let report = json(&verify(&data, &["--witness", &key]));
        let checked = report["kept"].as_u64().expect("a number");
        if checked >= 2 || Instant::now() > deadline {
            break checked;
        }
        std::thread::sleep(Duration::from_millis(200));
    };
    assert_eq!(seen, 2, "the data folder's head and that of the witness");
    drop(server);

    drop(witness);
    let nobody = cosign(&data);
    assert_eq!(nobody.status.code(), Some(1), "it is no evidence that nobody answers");
}
