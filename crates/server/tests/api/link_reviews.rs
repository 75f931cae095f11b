//! Pairs that may be one person: who sees which, in which order, and what is written down.

use std::collections::BTreeSet;

use identity::account::{self, NewAccount};
use identity::grant::{self, NewGrant};
use identity::{Purpose, Role};
use jiff::ToSpan as _;
use serde_json::{Value, json};

use crate::app::{PASSWORD, TestApp, check_problem};
use crate::http::{Answer, send};
use crate::town::{id_number, publish_pairs};

/// The record's person, whom it may be as well, the weight: one of this district, one of both, one of the other.
const PAIRS: [(&str, &str, &str); 3] =
    [("李小龙女", "陈远", "-1.25"), ("周邻", "陈远", "0.50"), ("王五", "张三丰", "2.10")];

const HERE: [&str; 2] = ["王五", "张三丰"];
const ACROSS: [&str; 2] = ["李小龙女", "陈远"];
const THERE: [&str; 2] = ["周邻", "陈远"];

async fn get(app: &TestApp, cookie: &str, purpose: &str, query: &str) -> Answer {
    let headers = [("cookie", cookie), ("huimin-purpose", purpose)];
    let path = format!("/api/v1/link-reviews?{query}");
    send(app.address, "GET", &path, &headers, b"").await
}

/// The names of the two persons of each pair.
fn names(page: &Value) -> Vec<[&str; 2]> {
    let pairs = page["pairs"].as_array().unwrap().iter();
    pairs
        .map(|pair| ["person", "other"].map(|side| pair[side]["summary"]["name"].as_str().unwrap()))
        .collect()
}

/// With a data steward of the other district.
async fn with_pairs() -> TestApp {
    let app = TestApp::with_neighbours().await;
    publish_pairs(&app.folder, &PAIRS).await;
    let db = app.database().await;
    let new = NewAccount {
        username: "steward",
        display_name: "",
        organisation: Some("ca-440106"),
        roles: &[Role::DataSteward],
        must_change_password: false,
    };
    account::create(&db, new, PASSWORD, "test", app.now()).await.unwrap();
    let (from, until) = (app.now(), app.now() + 24.hours());
    let new = NewGrant { purpose: Purpose::DataQuality, from, until, reason: "test" };
    grant::create(&db, "steward", new, "test", app.now()).await.unwrap();
    db.close().await.unwrap();
    app
}

#[tokio::test]
async fn pairs_are_shown_likeliest_first_masked_and_written_down() {
    let app = with_pairs().await;
    let auditor = app.auditor().await;
    let answer = get(&app, &auditor, "supervision", "").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    for (birth, sequence) in [("19400103", "001"), ("20000607", "003"), ("19650304", "005")] {
        let number = id_number(birth, sequence);
        assert!(!answer.text().contains(&number), "a whole identity number is shown");
    }
    let page = answer.json();
    assert_eq!(names(&page), [HERE, THERE, ACROSS]);
    assert_eq!((&page["total"], &page["next"]), (&json!(3), &Value::Null));
    assert_eq!(page["period"], "2024-01");

    let first = &page["pairs"][0];
    assert_eq!((&first["weight"], &first["role"]), (&json!(2.1), &json!("subject")));
    assert_eq!(first["dataset"], "household_register");
    assert_eq!(first["dataset_name"]["en"], "Household register");
    let (young, old) = (&first["person"], &first["other"]);
    assert_eq!(young["summary"]["birth_date"], "2000-06-07");
    assert_eq!((&old["summary"]["sex"], &old["summary"]["age"]), (&json!("1"), &json!(84)));
    assert_eq!(old["summary"]["division_name"]["zh"], "越秀区洪桥街道");
    assert!(old["summary"]["id_number"].as_str().unwrap().contains('*'));
    let datasets = |person: &Value| -> Vec<String> {
        let datasets = person["datasets"].as_array().unwrap().iter();
        datasets.map(|dataset| dataset["code"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(datasets(young), ["household_register"]);
    assert_eq!(datasets(old), ["benefit_confirmation", "household_register"]);

    // Everybody on the page, once each.
    let seen = |trail: Vec<(String, String)>| {
        let seen = trail.into_iter().filter(|(act, _)| act == "link_review.read");
        seen.map(|(_, subject)| subject).collect::<Vec<_>>()
    };
    let written = seen(app.trail().await);
    let shown: BTreeSet<String> = page["pairs"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|pair| ["person", "other"].map(|side| &pair[side]["summary"]["person_id"]))
        .map(|id| format!("person:{}", id.as_str().unwrap()))
        .collect();
    assert_eq!((written.len(), shown.len()), (5, 5));
    assert_eq!(written.into_iter().collect::<BTreeSet<_>>(), shown);

    // Page by page; each writes down whom it shows.
    let page = get(&app, &auditor, "supervision", "limit=2").await.json();
    assert_eq!(names(&page), [HERE, THERE]);
    let next = page["next"].as_str().unwrap();
    let rest = get(&app, &auditor, "supervision", &format!("limit=2&cursor={next}")).await.json();
    assert_eq!((names(&rest), &rest["next"]), (vec![ACROSS], &Value::Null));
    assert_eq!(rest["total"], 3);
    assert_eq!(seen(app.trail().await).len(), 5 + 4 + 2);

    for bad in ["cursor=1", "cursor=x~y", "limit=0", "limit=201", "division=x"] {
        let answer = get(&app, &auditor, "supervision", bad).await;
        check_problem(&answer, 400, "PARAMETER-INVALID");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_pair_is_seen_where_one_of_the_two_lives_by_whoever_may_see_both() {
    let app = with_pairs().await;
    let (auditor, worker) = (app.auditor().await, app.as_user("worker").await);
    let steward = app.as_user("steward").await;
    for (cookie, purpose, query, found) in [
        (&auditor, "supervision", "division=440104", &[HERE, ACROSS][..]),
        (&auditor, "supervision", "division=440106", &[THERE, ACROSS]),
        (&auditor, "supervision", "division=440105", &[]),
        (&worker, "casework", "", &[HERE]),
        (&worker, "casework", "division=440104001000", &[HERE]),
        (&worker, "casework", "division=440104002", &[]),
        // Above one's own division is one's own.
        (&worker, "casework", "division=440100", &[HERE]),
        (&steward, "data_quality", "", &[THERE]),
    ] {
        let answer = get(&app, cookie, purpose, query).await;
        assert_eq!(answer.status, 200, "{query}: {}", answer.text());
        let page = answer.json();
        assert_eq!(names(&page), found, "{purpose} {query}");
        assert_eq!(page["total"], found.len(), "{purpose} {query}");
    }

    // Nothing of somebody elsewhere is told, nor written down as read.
    let page = get(&app, &worker, "casework", "").await;
    assert!(!page.text().contains("陈远"));
    let opens = |side: &str| page.json()["pairs"][0][side]["file_opens"].as_bool().unwrap();
    assert!(opens("person") && opens("other"));

    for query in ["division=440106", "division=440106001", "division=4301"] {
        let answer = get(&app, &worker, "casework", query).await;
        check_problem(&answer, 400, "PARAMETER-INVALID");
        assert_eq!(answer.json()["parameter"], "division", "{query}");
    }
    // Without a purpose that is granted there is no such page.
    for purpose in ["none", "casework", "supervision"] {
        check_problem(&get(&app, &steward, purpose, "").await, 404, "ROUTE-UNKNOWN");
    }
    app.stop().await;
}

#[tokio::test]
async fn where_linking_has_left_nothing_open_there_are_no_pairs() {
    for app in [TestApp::with_town().await, TestApp::empty().await] {
        let auditor = app.auditor().await;
        let page = get(&app, &auditor, "supervision", "").await.json();
        let found = (&page["pairs"], &page["total"], &page["next"]);
        assert_eq!(found, (&json!([]), &json!(0), &Value::Null));
        assert!(app.trail().await.iter().all(|(act, _)| act != "link_review.read"));
        app.stop().await;
    }
}
