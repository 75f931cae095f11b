//! Meta, overview, map, quarantine, lists, batches and exports.

use serde_json::json;

use crate::app::{TestApp, check_problem};

#[tokio::test]
async fn a_new_data_folder_shows_what_the_pack_says_and_no_periods() {
    let app = TestApp::empty().await;
    let cookie = app.auditor().await;
    let meta = app.get_as(&cookie, "/api/v1/meta").await.json();
    assert_eq!(meta["periods"], json!([]));
    assert_eq!(meta["districts"].as_array().unwrap().len(), 11);
    assert!(meta["policies"].as_array().unwrap().len() >= 12);
    assert_eq!(app.search_as(&cookie, &json!({})).await.json()["total"], 0);
    assert_eq!(app.get_as(&cookie, "/api/v1/batches").await.json()["batches"], json!([]));
    for path in ["overview", "quarantine", "lists", "lists/export.xlsx", "people/P1"] {
        let answer = app.get_as(&cookie, &format!("/api/v1/{path}?period=2024-01")).await;
        check_problem(&answer, 404, "PERIOD-UNKNOWN");
    }
    app.stop().await;
}

#[tokio::test]
async fn bad_values_name_their_parameter() {
    let app = TestApp::empty().await;
    let cookie = app.auditor().await;
    for (path, parameter) in [
        ("overview", "period"),
        ("overview?period=2024-1", "period"),
        ("quarantine?period=2024-01&limit=201", "limit"),
        ("lists?period=2024-01&list=all", "list"),
        ("lists?period=2024-01&state=gone", "state"),
        ("lists?period=2024-01&period=2024-02", "period"),
    ] {
        let answer = app.get_as(&cookie, &format!("/api/v1/{path}")).await;
        check_problem(&answer, 400, "PARAMETER-INVALID");
        assert_eq!(answer.json()["parameter"], parameter, "{path}");
    }
    for (search, parameter) in [
        (json!({ "limit": 0 }), "limit"),
        (json!({ "limit": 201 }), "limit"),
        (json!({ "division": "abc" }), "division"),
        (json!({ "cursor": "x" }), "cursor"),
        (json!({ "q": "x".repeat(201) }), "q"),
        (json!({ "q": "a\tb" }), "q"),
    ] {
        let answer = app.search_as(&cookie, &search).await;
        check_problem(&answer, 400, "PARAMETER-INVALID");
        assert_eq!(answer.json()["parameter"], parameter, "{search}");
    }
    for search in
        [json!([]), json!({ "limit": "20" }), json!({ "limit": -1 }), json!({ "name": "x" })]
    {
        check_problem(&app.search_as(&cookie, &search).await, 400, "BODY-INVALID");
    }
    app.stop().await;
}

#[tokio::test]
async fn the_run_its_accounts_its_quarantine_and_its_lists_are_shown() {
    let app = TestApp::with_town().await;
    let cookie = app.auditor().await;
    let get = |path: &'static str| app.get_as(&cookie, path);

    let meta = get("/api/v1/meta").await.json();
    assert_eq!(meta["periods"], json!(["2024-01"]));

    let answer = get("/api/v1/overview?period=2024-01").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let overview = answer.json();
    assert_eq!(overview["totals"]["persons"], 3);
    assert_eq!(overview["totals"]["alive"], 3);
    assert_eq!(overview["totals"]["quarantined"], 1);
    assert_eq!(overview["run"]["run_id"], "run1");
    let deliveries = overview["deliveries"].as_array().unwrap();
    assert_eq!(deliveries.len(), 2);
    assert!(deliveries.iter().all(|delivery| delivery["balanced"] == true));
    let policies = overview["policies"].as_array().unwrap();
    let longevity = policies.iter().find(|one| one["policy"] == "longevity-allowance").unwrap();
    assert_eq!((&longevity["eligible"], &longevity["not"]), (&2.into(), &1.into()));
    assert_eq!(longevity["amount_fen"], 13_000);
    let gift = policies.iter().find(|one| one["policy"] == "centenarian-gift").unwrap();
    assert_eq!(gift["not_applicable"], true);
    let districts = overview["districts"].as_array().unwrap();
    let yuexiu = districts.iter().find(|one| one["code"] == "440104").unwrap();
    assert_eq!(yuexiu["persons"], 3);

    let map = get("/api/v1/map").await.json();
    assert_eq!(map["type"], "FeatureCollection");
    assert_eq!(map["features"].as_array().unwrap().len(), 11);

    let page = get("/api/v1/quarantine?period=2024-01").await.json();
    assert_eq!(page["total"], 1);
    let row = &page["rows"][0];
    assert_eq!(row["codes"][0]["code"], "INT-DATE-FORMAT");
    assert_eq!(row["columns"], json!(["出生日期"]));
    let original = row["original"].as_str().unwrap();
    assert!(original.contains("1990-13-45") && original.contains("****"), "{original}");
    let none = get("/api/v1/quarantine?period=2024-01&code=INT-RANGE").await.json();
    assert_eq!((none["total"].as_u64(), none["rows"].as_array().unwrap().len()), (Some(0), 0));
    check_problem(&get("/api/v1/quarantine?period=2024-01&code=X").await, 400, "PARAMETER-INVALID");

    let answer = get("/api/v1/lists?period=2024-01&policy=longevity-allowance").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let lists = answer.json();
    assert_eq!(lists["summary"]["closes"], true);
    assert_eq!((&lists["summary"]["registered"], &lists["summary"]["due"]), (&1.into(), &1.into()));
    assert_eq!(lists["items"][0]["person_name"], "张三丰");
    assert_eq!(lists["items"][0]["due_fen"], 10_000);
    let found = get(
        "/api/v1/lists?period=2024-01&policy=longevity-allowance&list=differences&state=not_due",
    )
    .await;
    assert_eq!(found.status, 200, "{}", found.text());
    let found = found.json();
    assert_eq!(found["items"][0]["cause"], "not_enrolled");
    assert_eq!(found["total"], found["items"].as_array().unwrap().len());

    let batches = get("/api/v1/batches").await.json();
    assert_eq!(batches["batches"][0]["state"], "prepared");

    for path in [
        "/api/v1/quarantine/export.xlsx?period=2024-01",
        "/api/v1/lists/export.xlsx?period=2024-01&list=due",
    ] {
        let workbook = get(path).await;
        assert_eq!(workbook.status, 200, "{path}");
        assert!(workbook.header("content-disposition").unwrap().ends_with("-2024-01.xlsx\""));
        assert_eq!(&workbook.body[..4], b"PK\x03\x04", "{path}");
    }
    let trail = app.trail().await;
    for act in ["quarantine.export", "list.export"] {
        assert!(trail.contains(&(act.to_owned(), "period:2024-01".to_owned())), "{act}");
    }
    app.stop().await;
}

#[tokio::test]
async fn the_overview_is_narrowed_to_a_division_within_ones_own() {
    let app = TestApp::with_town().await;
    let (auditor, worker) = (app.auditor().await, app.as_user("worker").await);
    let overview = async |cookie: &str, division: &str| {
        let path = format!("/api/v1/overview?period=2024-01{division}");
        let answer = app.get_as(cookie, &path).await;
        assert_eq!(answer.status, 200, "{division}: {}", answer.text());
        answer.json()
    };
    let whole = overview(&auditor, "").await;
    assert_eq!(whole["division"], serde_json::json!(null));
    // The town lives in one street, so that all of its figures are those of the street.
    let street = overview(&auditor, "&division=440104001000").await;
    assert_eq!(street["division"], "440104001");
    for part in ["totals", "policies", "districts", "run", "deliveries"] {
        assert_eq!(street[part], whole[part], "{part}");
    }
    assert_eq!(street["totals"]["persons"], 3);
    // Elsewhere there is nobody; rows that nobody could read are the whole city's, and so is whether a policy applies.
    let nobody = overview(&auditor, "&division=440106").await;
    for figure in
        ["persons", "households", "records", "links_uncertain", "alive", "dead", "uncertain"]
    {
        assert_eq!(nobody["totals"][figure], 0, "{figure}");
    }
    assert_eq!(nobody["totals"]["quarantined"], 1);
    assert_eq!(nobody["districts"], whole["districts"]);
    let policies = nobody["policies"].as_array().unwrap().iter();
    for (policy, of_all) in policies.zip(whole["policies"].as_array().unwrap()) {
        assert_eq!(policy["not_applicable"], of_all["not_applicable"], "{}", policy["policy"]);
        let figures = ["eligible", "ask", "not", "amount_fen"].map(|name| policy[name].as_i64());
        assert_eq!(figures, [Some(0); 4], "{}", policy["policy"]);
    }

    // Who asks for no part sees the city, and who asks for one what is theirs.
    assert_eq!(overview(&worker, "").await, whole);
    for own in ["&division=440104", "&division=440100"] {
        assert_eq!(overview(&worker, own).await["division"], "440104", "{own}");
    }
    assert_eq!(overview(&worker, "&division=440104001").await, street);
    for (cookie, division) in
        [(&worker, "440106"), (&worker, "440106001"), (&auditor, "4301"), (&auditor, "x")]
    {
        let path = format!("/api/v1/overview?period=2024-01&division={division}");
        let answer = app.get_as(cookie, &path).await;
        check_problem(&answer, 400, "PARAMETER-INVALID");
        assert_eq!(answer.json()["parameter"], "division", "{division}");
    }
    app.stop().await;
}
