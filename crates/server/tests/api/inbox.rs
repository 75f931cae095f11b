//! The work inbox through the API: what a run leaves to do, and how it is done.

use engine::{Manifest, Snapshot, Tables};
use serde_json::{Value, json};

use crate::app::{PASSWORD, TestApp, check_problem};
use crate::http::{Answer, send};

async fn act(app: &TestApp, cookie: &str, path: &str, tag: &str, body: &Value) -> Answer {
    let headers = [("cookie", cookie), ("if-match", tag)];
    let path = format!("/api/v1/{path}/acts");
    send(app.address, "POST", &path, &headers, body.to_string().as_bytes()).await
}

#[tokio::test]
async fn what_a_run_puts_aside_is_somebodys_work() {
    let app = TestApp::with_town().await;
    let manifest = Manifest::current(&app.folder).unwrap().unwrap();
    let snapshot = Snapshot::new(Tables::new(&app.folder), manifest.tables, 1);
    let db = server::open_database(&app.folder, None).await.unwrap();
    let city = crate::town::pack().division;
    let when = (manifest.period, manifest.known_at);
    // The town has one row that nobody could read.
    for new in [1, 0] {
        let made = server::fill_inbox(&db, &snapshot, &city, when, "run1", app.now()).await;
        assert_eq!(made.unwrap(), new);
    }
    let steward = identity::account::NewAccount {
        username: "steward",
        display_name: "",
        organisation: Some("ca-4401"),
        roles: &[identity::Role::DataSteward],
        must_change_password: false,
    };
    identity::account::create(&db, steward, PASSWORD, "test", app.now()).await.unwrap();
    db.close().await.unwrap();

    let steward = app.as_user("steward").await;
    let page = app.get_as(&steward, "/api/v1/tasks").await.json();
    let task = &page["tasks"][0];
    assert_eq!((&task["kind"], &task["state"]), (&json!("quarantine"), &json!("open")));
    assert_eq!(
        task["data"],
        json!({ "period": "2024-01", "dataset": "household_register", "rows": 1 })
    );
    assert_eq!((&task["due_on"], &task["overdue"]), (&json!("2024-02-12"), &json!(false)));
    // It is no case worker's.
    let worker = app.as_user("worker").await;
    assert_eq!(app.get_as(&worker, "/api/v1/tasks").await.json()["tasks"], json!([]));
    let path = format!("tasks/{}", task["task_id"]);
    let hidden = app.get_as(&worker, &format!("/api/v1/{path}")).await;
    check_problem(&hidden, 404, "TASK-UNKNOWN");

    let read = app.get_as(&steward, &format!("/api/v1/{path}")).await;
    let tag = read.header("etag").unwrap().to_owned();
    let taken = act(&app, &steward, &path, &tag, &json!({ "act": "take" })).await;
    assert_eq!((taken.status, &taken.json()["task"]["assignee"]), (200, &json!("steward")));
    let late = act(&app, &steward, &path, &tag, &json!({ "act": "done" })).await;
    check_problem(&late, 412, "CHANGED");
    let tag = taken.header("etag").unwrap().to_owned();
    let silent = act(&app, &steward, &path, &tag, &json!({ "act": "drop" })).await;
    check_problem(&silent, 400, "NOTE-INVALID");
    let again = act(&app, &steward, &path, &tag, &json!({ "act": "take" })).await;
    check_problem(&again, 409, "TASK-STATE");
    app.wait_minutes(9 * 24 * 60);
    let steward = app.as_user("steward").await;
    let mine = app.get_as(&steward, "/api/v1/tasks?show=mine").await.json();
    assert_eq!(mine["tasks"][0]["overdue"], true);
    let done = json!({ "act": "done", "note": "已请公安局更正" });
    let done = act(&app, &steward, &path, &tag, &done).await.json();
    assert_eq!(done["task"]["state"], "done");
    assert_eq!(done["history"][2]["note"], "已请公安局更正");
    assert_eq!(app.get_as(&steward, "/api/v1/tasks").await.json()["tasks"], json!([]));
    let closed = app.get_as(&steward, "/api/v1/tasks?show=closed").await.json();
    assert_eq!(closed["tasks"].as_array().unwrap().len(), 1);
    app.stop().await;
}
