//! The work inbox through the API: what a run leaves to do, and how it is done.

use engine::{Manifest, Snapshot, Tables};
use identity::Role;
use identity::account::{self, NewAccount};
use serde_json::{Value, json};
use tasks::NewTask;

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
    let db = app.database().await;
    let city = crate::town::pack().division;
    let when = (manifest.period, manifest.known_at);
    // The town has one row that nobody could read.
    for new in [1, 0] {
        let made = server::fill_inbox(&db, &snapshot, &city, when, "run1", app.now()).await;
        assert_eq!(made.unwrap(), new);
    }
    let steward = NewAccount {
        username: "steward",
        display_name: "",
        organisation: Some("ca-4401"),
        roles: &[Role::DataSteward],
        must_change_password: false,
    };
    account::create(&db, steward, PASSWORD, "test", app.now()).await.unwrap();
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

/// Subjects of tasks, with the divisions that they are of: two streets of a district, another district, the city.
const DIVISIONS: [(&str, &str); 4] =
    [("a:1", "440104001"), ("b:2", "440104002"), ("c:3", "440106001"), ("d:4", "4401")];

/// With these tasks for case workers, made and so listed in this order, and with a case worker of the whole city.
async fn with_work() -> TestApp {
    let app = TestApp::empty().await;
    let db = app.database().await;
    let city = NewAccount {
        username: "city",
        display_name: "市局经办员",
        organisation: Some("ca-4401"),
        roles: &[Role::CaseWorker],
        must_change_password: false,
    };
    account::create(&db, city, PASSWORD, "test", app.now()).await.unwrap();
    let data = json!({});
    let transaction = store::begin_write(&db).await.unwrap();
    for (subject, division) in DIVISIONS {
        let new = NewTask {
            kind: "test",
            subject,
            role: "case_worker",
            division,
            due_on: jiff::civil::date(2024, 2, 20),
            data: &data,
        };
        assert!(tasks::open(&transaction, &new, "test", app.now()).await.unwrap());
    }
    transaction.commit().await.unwrap();
    db.close().await.unwrap();
    app
}

/// The subjects of the tasks that are answered, and the cursor of the next page.
async fn subjects(app: &TestApp, cookie: &str, query: &str) -> (Vec<String>, Option<String>) {
    let answer = app.get_as(cookie, &format!("/api/v1/tasks?{query}")).await;
    assert_eq!(answer.status, 200, "{query}: {}", answer.text());
    let page = answer.json();
    let tasks = page["tasks"].as_array().unwrap().iter();
    let subjects = tasks.map(|task| task["subject"].as_str().unwrap().to_owned());
    (subjects.collect(), page["next"].as_str().map(str::to_owned))
}

/// Does something with the task that is the only one of its division.
async fn act_in(app: &TestApp, cookie: &str, show: &str, division: &str, what: &str) {
    let query = format!("/api/v1/tasks?show={show}&division={division}");
    let task = app.get_as(cookie, &query).await.json()["tasks"][0].clone();
    let tag = format!("\"{}\"", task["version"]);
    let body = json!({ "act": what, "note": "已核对" });
    let done = act(app, cookie, &format!("tasks/{}", task["task_id"]), &tag, &body).await;
    assert_eq!(done.status, 200, "{what} in {division}: {}", done.text());
}

#[tokio::test]
async fn tasks_are_cut_to_a_division_within_ones_own() {
    let app = with_work().await;
    let (worker, city) = (app.as_user("worker").await, app.as_user("city").await);
    for (cookie, query, found) in [
        (&worker, "", &["a:1", "b:2"][..]),
        (&worker, "division=440104", &["a:1", "b:2"]),
        (&worker, "division=440104001000", &["a:1"]),
        (&worker, "division=440104003", &[]),
        // Above one's own division is one's own.
        (&worker, "division=440100", &["a:1", "b:2"]),
        (&city, "", &["a:1", "b:2", "c:3", "d:4"]),
        (&city, "division=440106", &["c:3"]),
        (&city, "show=taken&division=440106", &[]),
    ] {
        assert_eq!(subjects(&app, cookie, query).await.0, found, "{query}");
    }
    for (cookie, query) in [
        (&worker, "division=440106"),
        (&worker, "show=closed&division=440106001"),
        (&worker, "show=taken&division=4301"),
        (&worker, "division=x"),
        (&city, "division=44010"),
        (&city, "division=440104&division=440106"),
    ] {
        let answer = app.get_as(cookie, &format!("/api/v1/tasks?{query}")).await;
        check_problem(&answer, 400, "PARAMETER-INVALID");
        assert_eq!(answer.json()["parameter"], "division", "{query}");
    }
    // Page by page as well.
    let (first, next) = subjects(&app, &city, "division=440104&limit=1").await;
    assert_eq!(first, ["a:1"]);
    let rest = format!("division=440104&limit=1&cursor={}", next.unwrap());
    assert_eq!(subjects(&app, &city, &rest).await, (vec!["b:2".to_owned()], None));
    app.stop().await;
}

#[tokio::test]
async fn what_others_have_taken_is_shown_with_their_names() {
    let app = with_work().await;
    let (worker, city) = (app.as_user("worker").await, app.as_user("city").await);
    act_in(&app, &worker, "open", "440104001", "take").await;
    act_in(&app, &city, "open", "440106", "take").await;
    let page = app.get_as(&city, "/api/v1/tasks?show=taken").await.json();
    let taken = |at: usize| {
        let task = &page["tasks"][at];
        (&task["subject"], &task["state"], &task["assignee"], &task["assignee_name"])
    };
    let state = json!("taken");
    assert_eq!(taken(0), (&json!("a:1"), &state, &json!("worker"), &json!("经办员")));
    assert_eq!(taken(1), (&json!("c:3"), &state, &json!("city"), &json!("市局经办员")));
    assert_eq!(page["tasks"].as_array().unwrap().len(), 2);
    // Within one's own division and one's roles, and apart from what is one's own.
    assert_eq!(subjects(&app, &worker, "show=taken").await.0, ["a:1"]);
    assert_eq!(subjects(&app, &city, "show=mine").await.0, ["c:3"]);
    assert_eq!(subjects(&app, &city, "show=open").await.0, ["b:2", "d:4"]);
    let auditor = app.auditor().await;
    assert!(subjects(&app, &auditor, "show=taken").await.0.is_empty());
    let (first, next) = subjects(&app, &city, "show=taken&limit=1").await;
    assert_eq!(first, ["a:1"]);
    let rest = format!("show=taken&limit=1&cursor={}", next.unwrap());
    assert_eq!(subjects(&app, &city, &rest).await, (vec!["c:3".to_owned()], None));
    app.stop().await;
}

#[tokio::test]
async fn what_was_closed_last_comes_first() {
    let app = with_work().await;
    let city = app.as_user("city").await;
    for (division, what) in [("440106", "done"), ("440104001", "drop"), ("440104002", "done")] {
        act_in(&app, &city, "open", division, "take").await;
        app.wait_minutes(1);
        act_in(&app, &city, "mine", division, what).await;
    }
    assert_eq!(subjects(&app, &city, "show=closed").await.0, ["b:2", "a:1", "c:3"]);
    assert_eq!(subjects(&app, &city, "show=closed&division=440104").await.0, ["b:2", "a:1"]);
    let worker = app.as_user("worker").await;
    assert_eq!(subjects(&app, &worker, "show=closed").await.0, ["b:2", "a:1"]);
    let (first, next) = subjects(&app, &city, "show=closed&limit=2").await;
    assert_eq!(first, ["b:2", "a:1"]);
    let rest = format!("show=closed&limit=2&cursor={}", next.unwrap());
    assert_eq!(subjects(&app, &city, &rest).await, (vec!["c:3".to_owned()], None));

    let closed = app.get_as(&city, "/api/v1/tasks?show=closed&limit=1").await.json();
    let task = &closed["tasks"][0];
    let closed_at: jiff::Timestamp = task["closed_at"].as_str().unwrap().parse().unwrap();
    assert_eq!(closed_at, app.now());
    let path = format!("/api/v1/tasks/{}", task["task_id"]);
    let file = app.get_as(&city, &path).await.json();
    assert_eq!(file["task"], *task);
    let open = app.get_as(&city, "/api/v1/tasks").await.json();
    assert_eq!(
        (&open["tasks"][0]["subject"], &open["tasks"][0]["closed_at"]),
        (&json!("d:4"), &json!(null))
    );
    // The two orders have cursors of their own.
    for query in ["show=closed&cursor=2024-02-20~1", "show=taken&cursor=1", "cursor=1"] {
        let answer = app.get_as(&city, &format!("/api/v1/tasks?{query}")).await;
        check_problem(&answer, 400, "PARAMETER-INVALID");
    }
    app.stop().await;
}
