//! Accounts, organisations, purposes, second factors and the trail through the API.

use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};
use totp_rs::{Builder, Secret};

use crate::app::{PASSWORD, TestApp, check_problem};
use crate::http::{Answer, send};

const NEW: &str = "a new horse for the battery";

async fn call(app: &TestApp, cookie: &str, method: &str, path: &str, body: &Value) -> Answer {
    call_with(app, cookie, method, path, body, &[]).await
}

async fn call_with(
    app: &TestApp,
    cookie: &str,
    method: &str,
    path: &str,
    body: &Value,
    more: &[(&str, &str)],
) -> Answer {
    // Each call is a new request, unless it says otherwise.
    static CALLS: AtomicU64 = AtomicU64::new(0);
    let key = format!("call-{}", CALLS.fetch_add(1, Ordering::SeqCst));
    let mut headers = vec![("cookie", cookie), ("content-type", "application/json")];
    if !more.iter().any(|(name, _)| *name == "idempotency-key") {
        headers.push(("idempotency-key", &key));
    }
    headers.extend(more);
    let body = if body.is_null() { String::new() } else { body.to_string() };
    send(app.address, method, &format!("/api/v1/{path}"), &headers, body.as_bytes()).await
}

#[tokio::test]
async fn an_account_is_made_changes_its_password_and_works_until_it_leaves() {
    let app = TestApp::with_town().await;
    let security = app.as_user("security").await;
    let draft = json!({
        "username": "wu", "display_name": "吴", "organisation": "ca-440104",
        "roles": ["case_worker"], "password": PASSWORD,
    });
    let made = call(&app, &security, "POST", "users", &draft).await;
    assert_eq!(made.status, 201, "{}", made.text());
    assert_eq!(made.json()["must_change_password"], true);
    check_problem(&call(&app, &security, "POST", "users", &draft).await, 409, "USER-EXISTS");
    let grant = json!({ "purpose": "casework", "until": "2024-12-31T00:00:00Z", "reason": "低保" });
    let granted = call(&app, &security, "POST", "users/wu/grants", &grant).await;
    assert_eq!((granted.status, &granted.json()["in_force"]), (201, &json!(true)));

    // Nothing but a new password, first.
    let cookie = app.as_user("wu").await;
    let session = app.get_as(&cookie, "/api/v1/session").await.json();
    assert_eq!(session["first"], "change_password");
    check_problem(&app.get_as(&cookie, "/api/v1/meta").await, 403, "AUTH-CHANGE-PASSWORD");
    let change = |new: &str| json!({ "password": PASSWORD, "new_password": new });
    let put = async |new: &str| call(&app, &cookie, "PUT", "session/password", &change(new)).await;
    check_problem(&put(PASSWORD).await, 400, "PASSWORD-SAME");
    check_problem(&put("wu123456").await, 400, "PASSWORD-WEAK");
    check_problem(&put("short").await, 400, "PASSWORD-SHORT");
    let wrong = json!({ "password": "not the password", "new_password": NEW });
    let refused = call(&app, &cookie, "PUT", "session/password", &wrong).await;
    check_problem(&refused, 401, "AUTH-CREDENTIALS");
    assert_eq!(put(NEW).await.status, 204);
    check_problem(&app.get_as(&cookie, "/api/v1/session").await, 401, "AUTH-SESSION");

    let cookie = app.sign_in("wu", NEW).await.cookie();
    let session = app.get_as(&cookie, "/api/v1/session").await.json();
    assert_eq!(session["first"], Value::Null);
    assert_eq!(session["user"]["organisation"]["name"]["zh"], "越秀区民政局");
    let powers = session["powers"].as_array().unwrap();
    let casework = powers.iter().find(|one| one["purpose"] == "casework").unwrap();
    assert!(casework["actions"].as_array().unwrap().contains(&json!("person.read")));
    let none = powers.iter().find(|one| one["purpose"] == Value::Null).unwrap();
    assert_eq!(none["actions"], json!(["meta.read", "overview.read", "task.read", "task.work"]));
    let purpose = [("huimin-purpose", "casework")];
    let found = call_with(&app, &cookie, "POST", "people/searches", &json!({}), &purpose).await;
    assert_eq!(found.json()["total"], 3);

    // A change needs the version that was read, and ends the sessions of whose power changes.
    let left = json!({ "has_left": true });
    let change = |tag| call_with(&app, &security, "PATCH", "users/wu", &left, tag);
    check_problem(&change(&[]).await, 428, "TAG-NEEDED");
    check_problem(&change(&[("if-match", "\"7\"")]).await, 412, "CHANGED");
    let read = app.get_as(&security, "/api/v1/users/wu").await;
    let tag = read.header("etag").unwrap().to_owned();
    let changed = change(&[("if-match", &tag)]).await;
    assert_eq!((changed.status, &changed.json()["has_left"]), (200, &json!(true)));
    check_problem(&app.get_as(&cookie, "/api/v1/session").await, 401, "AUTH-SESSION");
    check_problem(&app.sign_in("wu", NEW).await, 401, "AUTH-CREDENTIALS");
    app.stop().await;
}

#[tokio::test]
async fn a_purpose_ends_when_it_is_taken_back() {
    let app = TestApp::with_town().await;
    let security = app.as_user("security").await;
    let auditor = app.auditor().await;
    assert_eq!(app.search_as(&auditor, &json!({})).await.status, 200);
    let grants = call(&app, &security, "GET", "users/auditor/grants", &Value::Null).await.json();
    let id = grants["grants"][0]["grant_id"].as_str().unwrap();
    let revoke = async |path: String| call(&app, &security, "DELETE", &path, &Value::Null).await;
    assert_eq!(revoke(format!("users/auditor/grants/{id}")).await.status, 204);
    let again = revoke(format!("users/auditor/grants/{id}")).await;
    check_problem(&again, 404, "GRANT-UNKNOWN");
    check_problem(&app.search_as(&auditor, &json!({})).await, 404, "ROUTE-UNKNOWN");
    assert_eq!(app.get_as(&auditor, "/api/v1/overview?period=2024-01").await.status, 200);

    // Nobody gives themselves anything.
    let grant = json!({ "purpose": "casework", "until": "2030-01-01T00:00:00Z", "reason": "x" });
    let own = call(&app, &security, "POST", "users/security/grants", &grant).await;
    check_problem(&own, 409, "OWN-ACCOUNT");
    let tag = [("if-match", "\"1\"")];
    let roles = json!({ "roles": ["case_worker"] });
    let own = call_with(&app, &security, "PATCH", "users/security", &roles, &tag).await;
    check_problem(&own, 409, "OWN-ACCOUNT");
    let both = json!({ "roles": ["case_worker", "audit_admin"] });
    let bad = call_with(&app, &security, "PATCH", "users/target", &both, &tag).await;
    check_problem(&bad, 400, "ROLES-TOGETHER");
    app.stop().await;
}

#[tokio::test]
async fn organisations_are_made_within_ones_own_division() {
    let app = TestApp::empty().await;
    let security = app.as_user("security").await;
    let draft = |id: &str, division: &str, parent: &str| {
        json!({
            "organisation_id": id, "name_zh": "洪桥街道办事处", "name_en": "Hongqiao Street Office",
            "kind": "civil_affairs", "division": division, "parent": parent,
        })
    };
    let post = async |draft: Value| call(&app, &security, "POST", "organisations", &draft).await;
    let made = post(draft("hongqiao", "440104001000", "ca-440104")).await;
    assert_eq!(made.status, 201, "{}", made.text());
    assert_eq!(
        (&made.json()["level"], &made.json()["division"]),
        (&json!("street"), &json!("440104001"))
    );
    let again = post(draft("hongqiao", "440104001", "ca-440104")).await;
    check_problem(&again, 409, "ORGANISATION-EXISTS");
    check_problem(&post(draft("a", "440106001", "ca-440104")).await, 400, "OUTSIDE-PARENT");
    check_problem(&post(draft("a", "110101", "ca-4401")).await, 400, "BODY-INVALID");
    check_problem(&post(draft("a b", "440104", "ca-4401")).await, 400, "ORGANISATION-INVALID");
    check_problem(&post(draft("a", "440104", "nowhere")).await, 400, "ORGANISATION-UNKNOWN");
    let page = call(&app, &security, "GET", "organisations?limit=2", &Value::Null).await.json();
    let next = page["next"].as_str().unwrap();
    let rest =
        app.get_as(&security, &format!("/api/v1/organisations?limit=9&cursor={next}")).await.json();
    let ids: Vec<&Value> = page["organisations"]
        .as_array()
        .unwrap()
        .iter()
        .chain(rest["organisations"].as_array().unwrap())
        .map(|one| &one["organisation_id"])
        .collect();
    assert_eq!(ids, ["ca-4401", "ca-440104", "hongqiao", "ca-440106"]);
    app.stop().await;
}

fn code(secret: &str, seconds: i64) -> String {
    let secret = Secret::try_from_base32(secret).unwrap();
    let totp = Builder::new().with_secret(secret).with_account_name("x").build().unwrap();
    totp.generate(seconds.try_into().unwrap()).to_string()
}

#[tokio::test]
async fn in_production_nothing_is_done_before_there_is_a_second_factor() {
    let exposure = server::Exposure {
        mode: server::Mode::Production,
        trusted_proxies: vec!["127.0.0.0/8".parse().unwrap()],
    };
    let app = TestApp::reached(exposure, None).await;
    let tls = [("x-forwarded-proto", "https")];
    let sign_in = async |code: Option<String>| {
        let body = json!({ "username": "auditor", "password": PASSWORD, "code": code });
        call_with(&app, "", "POST", "session", &body, &tls).await
    };
    let cookie = sign_in(None).await.cookie();
    let get = async |cookie: &str, path: &str| {
        call_with(&app, cookie, "GET", path, &Value::Null, &tls).await
    };
    assert_eq!(get(&cookie, "session").await.json()["first"], "second_factor");
    check_problem(&get(&cookie, "meta").await, 403, "AUTH-SECOND-FACTOR");
    let begun = call_with(&app, &cookie, "POST", "session/second-factor", &Value::Null, &tls).await;
    assert_eq!(begun.status, 200, "{}", begun.text());
    let secret = begun.json()["secret"].as_str().unwrap().to_owned();
    let confirm = async |code: String| {
        let body = json!({ "code": code });
        call_with(&app, &cookie, "PUT", "session/second-factor", &body, &tls).await
    };
    // Somebody else with the password is signed in as well, and no further.
    let thief = sign_in(None).await.cookie();
    check_problem(&get(&thief, "meta").await, 403, "AUTH-SECOND-FACTOR");
    check_problem(&confirm("000000".to_owned()).await, 400, "CODE-WRONG");
    let now = app.now().as_second();
    let confirmed = confirm(code(&secret, now)).await;
    assert_eq!(confirmed.status, 200, "{}", confirmed.text());
    let recovery = confirmed.json()["codes"][0].as_str().unwrap().to_owned();
    assert_eq!(get(&cookie, "meta").await.status, 200);
    check_problem(&get(&thief, "meta").await, 401, "AUTH-SESSION");

    // From now on a code is asked for; without one nothing is counted, a wrong one counts.
    for _ in 0..6 {
        check_problem(&sign_in(None).await, 401, "AUTH-CODE-NEEDED");
    }
    app.wait_minutes(1);
    let later = app.now().as_second();
    assert_eq!(sign_in(Some(code(&secret, later))).await.status, 200);
    check_problem(&sign_in(Some(code(&secret, later))).await, 401, "AUTH-CODE");
    assert_eq!(sign_in(Some(recovery.to_uppercase())).await.status, 200);
    for _ in 0..5 {
        check_problem(&sign_in(Some(recovery.clone())).await, 401, "AUTH-CODE");
    }
    check_problem(&sign_in(Some(code(&secret, later + 30))).await, 429, "AUTH-LOCKED");
    app.stop().await;
}

#[tokio::test]
async fn a_number_is_seen_in_full_for_a_reason_that_is_written_down() {
    let app = TestApp::with_town().await;
    let auditor = app.auditor().await;
    let people = app.search_as(&auditor, &json!({ "q": "zsf" })).await.json();
    let id = people["people"][0]["person_id"].as_str().unwrap().to_owned();
    let worker = app.as_user("worker").await;
    let casework = [("huimin-purpose", "casework")];
    let reveal = async |attribute: &str, reason: &str| {
        let body = json!({ "attribute": attribute, "reason": reason });
        call_with(&app, &worker, "POST", &format!("people/{id}/reveal"), &body, &casework).await
    };
    let number = crate::town::id_number("19400103", "001");
    let seen = reveal("id_number", "与本人核对").await;
    assert_eq!((seen.status, &seen.json()["value"]), (200, &json!(number)));
    check_problem(&reveal("id_number", "  ").await, 400, "BODY-INVALID");
    check_problem(&reveal("name", "x").await, 400, "BODY-INVALID");
    check_problem(&reveal("shoe_size", "x").await, 400, "BODY-INVALID");

    let trail = app.as_user("trail").await;
    let filter = format!("audit/entries?what=person.reveal&subject=person:{id}");
    let entries = call(&app, &trail, "GET", &filter, &Value::Null).await.json();
    let entry = &entries["entries"][0];
    assert_eq!((&entry["who"], &entry["purpose"]), (&json!("worker"), &json!("casework")));
    assert_eq!(entry["detail"], json!({ "attribute": "id_number", "reason": "与本人核对" }));
    assert_eq!(entries["entries"].as_array().unwrap().len(), 1);
    assert!(!entries.to_string().contains(&number));
    let page = call(&app, &trail, "GET", "audit/entries?limit=1", &Value::Null).await.json();
    // Who looks into the trail is in it as well.
    assert_eq!(page["entries"][0]["what"], "trail.read");
    let next = page["next"].as_str().unwrap();
    let rest = app.get_as(&trail, &format!("/api/v1/audit/entries?limit=1&cursor={next}")).await;
    assert_ne!(rest.json()["entries"][0]["id"], page["entries"][0]["id"]);
    app.stop().await;
}

#[tokio::test]
async fn keys_are_rotated_while_the_server_answers() {
    let app = TestApp::with_town().await;
    let auditor = app.auditor().await;
    let number = crate::town::id_number("19400103", "001");
    let worker = app.as_user("worker").await;
    for round in 0..3 {
        let found = app.search_as(&auditor, &json!({ "q": number })).await.json();
        let id = found["people"][0]["person_id"].as_str().unwrap().to_owned();
        let body = json!({ "attribute": "id_number", "reason": "与本人核对" });
        let path = format!("people/{id}/reveal");
        let casework = [("huimin-purpose", "casework")];
        let seen = call_with(&app, &worker, "POST", &path, &body, &casework).await;
        assert_eq!((seen.status, &seen.json()["value"]), (200, &json!(number)), "round {round}");
        let keys = trust::ColumnKeys::rotate(&app.folder.key_file()).unwrap();
        assert_eq!(keys.uses().len(), round + 2);
    }
    // Without the file nothing is opened any more, and that is said.
    std::fs::remove_file(app.folder.key_file()).unwrap();
    let gone = app.search_as(&auditor, &json!({ "q": number })).await;
    check_problem(&gone, 500, "INTERNAL");
    app.stop().await;
}

#[tokio::test]
async fn what_is_asked_again_with_the_same_key_is_not_made_twice() {
    let app = TestApp::empty().await;
    let security = app.as_user("security").await;
    let grant = json!({ "purpose": "casework", "until": "2030-01-01T00:00:00Z", "reason": "低保" });
    let post = async |key: &str, body: &Value| {
        let headers = [("idempotency-key", key)];
        call_with(&app, &security, "POST", "users/target/grants", body, &headers).await
    };
    let (first, again) = (post("k1", &grant).await, post("k1", &grant).await);
    assert_eq!((first.status, again.status), (201, 201));
    assert_eq!(first.json(), again.json());
    assert_eq!(
        (first.header("idempotency-replayed"), again.header("idempotency-replayed")),
        (None, Some("true"))
    );
    assert_ne!(post("k2", &grant).await.json()["grant_id"], first.json()["grant_id"]);
    let other = json!({ "purpose": "casework", "until": "2031-01-01T00:00:00Z", "reason": "低保" });
    check_problem(&post("k1", &other).await, 422, "KEY-REUSED");
    check_problem(&post("", &grant).await, 400, "KEY-NEEDED");
    let all = call(&app, &security, "GET", "users/target/grants", &Value::Null).await.json();
    assert_eq!(all["grants"].as_array().unwrap().len(), 2);
    // What was refused leaves its key free.
    let bad = json!({ "purpose": "casework", "until": "2001-01-01T00:00:00Z", "reason": "x" });
    check_problem(&post("k3", &bad).await, 400, "GRANT-INVALID");
    assert_eq!(post("k3", &grant).await.status, 201);
    app.stop().await;
}

#[tokio::test]
async fn whoever_makes_accounts_for_a_district_reaches_no_other_one() {
    let app = TestApp::empty().await;
    let city = app.as_user("security").await;
    let draft = |username: &str, organisation: &str, role: &str| {
        json!({
            "username": username, "display_name": "某人", "organisation": organisation, "roles": [role],
            "password": PASSWORD,
        })
    };
    let district = draft("district", "ca-440106", "security_admin");
    assert_eq!(call(&app, &city, "POST", "users", &district).await.status, 201);
    let cookie = app.as_user("district").await;
    let change = json!({ "password": PASSWORD, "new_password": NEW });
    assert_eq!(call(&app, &cookie, "PUT", "session/password", &change).await.status, 204);
    let cookie = app.sign_in("district", NEW).await.cookie();

    let made = call(&app, &cookie, "POST", "users", &draft("li", "ca-440106", "case_worker")).await;
    assert_eq!(made.status, 201, "{}", made.text());
    // Organisations elsewhere are as if they were not there.
    for elsewhere in ["ca-440104", "ca-4401", "nowhere"] {
        let draft = draft("wu", elsewhere, "case_worker");
        let refused = call(&app, &cookie, "POST", "users", &draft).await;
        check_problem(&refused, 400, "BODY-INVALID");
        let moved = json!({ "organisation": elsewhere });
        let tag = [("if-match", "\"1\"")];
        let refused = call_with(&app, &cookie, "PATCH", "users/li", &moved, &tag).await;
        check_problem(&refused, 400, "BODY-INVALID");
        let organisation = json!({
            "organisation_id": "new", "name_zh": "某街道办事处", "kind": "civil_affairs",
            "division": "440106001", "parent": elsewhere,
        });
        let refused = call(&app, &cookie, "POST", "organisations", &organisation).await;
        check_problem(&refused, 400, "ORGANISATION-UNKNOWN");
    }
    app.stop().await;
}

#[tokio::test]
async fn odd_texts_and_methods_are_refused_and_nothing_fails() {
    let app = TestApp::empty().await;
    let security = app.as_user("security").await;
    let zero = json!({ "username": "a\u{0}b", "password": PASSWORD });
    check_problem(&call(&app, "", "POST", "session", &zero).await, 400, "BODY-INVALID");
    let unknown = call(&app, &security, "GET", "users/a%00b", &Value::Null).await;
    check_problem(&unknown, 404, "USER-UNKNOWN");
    let unknown = call(&app, &security, "DELETE", "users/target/grants/%00", &Value::Null).await;
    check_problem(&unknown, 404, "GRANT-UNKNOWN");
    for (method, path) in [("DELETE", "meta"), ("OPTIONS", "lists"), ("GET", "session/password")] {
        let answer = call(&app, "", method, path, &Value::Null).await;
        check_problem(&answer, 405, "METHOD-NOT-ALLOWED");
    }
    app.stop().await;
}
