//! People in the portal: signing in with a code that a gateway of its own was sent, and what they see.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use identity::citizen::representation::{self, Kind, NewRepresentation};
use identity::sms::SmsHttp;
use jiff::ToSpan as _;
use serde_json::{Value, json};

use crate::app::{TestApp, check_problem};
use crate::http::{Answer, send};
use crate::town::id_number;

const PHONE: &str = "19900190001";

/// A gateway on a socket of its own.
async fn gateway(refuse_first: u32) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let token = Some("secret".to_owned());
    let options = sim::sms::SmsOptions { listen: address, token, refuse_first };
    tokio::spawn(sim::sms::serve_on(listener, options));
    address
}

async fn app(gateway: SocketAddr) -> TestApp {
    let token = "secret".to_owned().into();
    let sms = SmsHttp::new(&format!("http://{gateway}"), token).unwrap();
    TestApp::with_messages(Arc::new(sms)).await
}

fn old() -> String {
    id_number("19400103", "001")
}

async fn post(app: &TestApp, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
    let body = body.to_string();
    send(app.address, "POST", &format!("/api/v1/citizen/{path}"), headers, body.as_bytes()).await
}

async fn ask_code(app: &TestApp, id_number: &str, name: &str, phone: &str) -> Answer {
    let body = json!({ "id_number": id_number, "name": name, "phone": phone });
    post(app, "codes", &[], &body).await
}

async fn messages(gateway: SocketAddr) -> Vec<Value> {
    let answer = send(gateway, "GET", "/messages", &[], b"").await;
    answer.json()["messages"].as_array().unwrap().clone()
}

/// The code of the newest message, once there are `count`.
async fn code(gateway: SocketAddr, count: usize) -> String {
    for _ in 0..200 {
        let found = messages(gateway).await;
        if found.len() >= count {
            assert_eq!(found[0]["to"], PHONE);
            return found[0]["parameters"]["code"].as_str().unwrap().to_owned();
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("no message came");
}

async fn sign_in(app: &TestApp, code: &str) -> Answer {
    let body = json!({ "id_number": old(), "name": "张三丰", "phone": PHONE, "code": code });
    post(app, "session", &[], &body).await
}

/// A cookie of 张三丰, and the person's id.
async fn signed_in(app: &TestApp, gateway: SocketAddr) -> (String, String) {
    assert_eq!(ask_code(app, &old(), "张三丰", PHONE).await.status, 202);
    let answer = sign_in(app, &code(gateway, 1).await).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let person = answer.json()["people"][0]["person_id"].as_str().unwrap().to_owned();
    (answer.cookie(), person)
}

async fn get(app: &TestApp, cookie: &str, path: &str) -> Answer {
    let path = format!("/api/v1/citizen/{path}");
    send(app.address, "GET", &path, &[("cookie", cookie)], b"").await
}

#[tokio::test]
async fn a_code_comes_to_the_telephone_that_the_registry_knows_and_to_no_other() {
    let gateway = gateway(1).await;
    let app = app(gateway).await;
    let young = id_number("20000607", "003");
    for (number, name, phone) in [
        (old(), "张三", PHONE),
        (old(), "张三丰", "19900190002"),
        (young.clone(), "王五", PHONE),
        (id_number("19900101", "009"), "无此人", PHONE),
    ] {
        let answer = ask_code(&app, &number, name, phone).await;
        // Nothing in the answer tells them from the right one.
        assert_eq!((answer.status, answer.json()["again_in_s"].as_i64()), (202, Some(60)));
    }
    let answer = ask_code(&app, &old(), "張三豐", "+86 199 0019 0001").await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    // The gateway refused the first attempt; the message comes all the same, and once.
    let right = code(gateway, 1).await;
    assert_eq!(messages(gateway).await.len(), 1);

    let wrong = format!("{:06}", (right.parse::<u32>().unwrap() + 1) % 1_000_000);
    check_problem(&sign_in(&app, &wrong).await, 401, "CITIZEN-CREDENTIALS");
    let answer = sign_in(&app, &right).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.json()["people"][0]["name"], "张三丰");
    assert_eq!(answer.json()["people"][0]["standing"], "self");
    check_problem(&sign_in(&app, &right).await, 401, "CITIZEN-CREDENTIALS");

    check_problem(&ask_code(&app, "123", "张三丰", PHONE).await, 400, "ID-NUMBER-INVALID");
    check_problem(&ask_code(&app, &old(), "张三丰", "02083190001").await, 400, "PHONE-INVALID");
    check_problem(&ask_code(&app, &old(), " ", PHONE).await, 400, "BODY-INVALID");
    app.stop().await;
}

#[tokio::test]
async fn without_a_gateway_nobody_is_told_that_a_code_comes() {
    let app = TestApp::with_town().await;
    let answer = ask_code(&app, &old(), "张三丰", PHONE).await;
    check_problem(&answer, 503, "SMS-UNAVAILABLE");
    app.stop().await;
}

#[tokio::test]
async fn a_person_sees_what_is_known_decided_and_paid_and_who_has_looked() {
    let gateway = gateway(0).await;
    let app = app(gateway).await;
    let clerk = app.auditor().await;
    let (cookie, person) = signed_in(&app, gateway).await;
    let looked = app.get_as(&clerk, &format!("/api/v1/people/{person}?period=2024-01")).await;
    assert_eq!(looked.status, 200);

    let affairs = get(&app, &cookie, &format!("people/{person}")).await;
    assert_eq!(affairs.status, 200, "{}", affairs.text());
    let seen = affairs.json();
    assert_eq!(
        (seen["period"].as_str(), seen["standing"].as_str()),
        (Some("2024-01"), Some("self"))
    );
    let decisions = seen["decisions"].as_array().unwrap();
    let longevity = decisions.iter().find(|one| one["policy"] == "longevity-allowance").unwrap();
    assert_eq!(longevity["outcome"], "eligible");
    assert!(!affairs.text().contains(&old()) && !affairs.text().contains(PHONE));

    let why = get(&app, &cookie, &format!("people/{person}/decisions/longevity-allowance")).await;
    assert_eq!(why.status, 200, "{}", why.text());
    assert_eq!(why.json()["amount_fen"], longevity["amount_fen"]);

    let looks = get(&app, &cookie, &format!("people/{person}/readings?limit=200")).await.json();
    let looks = looks["looks"].as_array().unwrap().clone();
    let by = |what: &str| {
        let found = looks.iter().find(|look| look["what"] == what);
        found.unwrap_or_else(|| panic!("no {what} in {looks:?}")).clone()
    };
    let read = by("person.read");
    assert_eq!(read["by"]["kind"], "staff");
    assert_eq!(read["purpose"], "supervision");
    assert!(read["by"]["organisation"]["zh"].as_str().is_some_and(|name| !name.is_empty()));
    assert_eq!(by("affairs.readings")["by"]["kind"], "self");
    assert_eq!(by("citizen.code")["by"]["kind"], "program");
    // Which clerk it was is the office's affair.
    assert!(!json!(looks).to_string().contains("审计员"));

    // Page by page it is the same, but for what the pages themselves add.
    let mut paged = Vec::new();
    let mut next = String::new();
    loop {
        let path = format!("people/{person}/readings?limit=2{next}");
        let page = get(&app, &cookie, &path).await.json();
        paged.extend(page["looks"].as_array().unwrap().clone());
        let Some(cursor) = page["next"].as_str() else { break };
        next = format!("&cursor={cursor}");
    }
    let of_others = |all: &[Value]| {
        let others = all.iter().filter(|look| look["what"] != "affairs.readings").cloned();
        others.collect::<Vec<_>>()
    };
    assert_eq!(of_others(&paged), of_others(&looks));
    app.stop().await;
}

#[tokio::test]
async fn nobody_sees_another_person_but_for_those_whom_they_act_for() {
    let gateway = gateway(0).await;
    let app = app(gateway).await;
    let (cookie, person) = signed_in(&app, gateway).await;
    let auditor = app.auditor().await;
    let found = app.search_as(&auditor, &serde_json::json!({ "q": "王五" })).await.json();
    let other = found["people"][0]["person_id"].as_str().unwrap().to_owned();
    let nothing = get(&app, &cookie, "people/P0").await;
    let paths = ["", "/decisions/longevity-allowance", "/readings", "/representatives"];
    for path in paths {
        let answer = get(&app, &cookie, &format!("people/{other}{path}")).await;
        check_problem(&answer, 404, "PERSON-UNKNOWN");
        assert_eq!(answer.json()["detail"], nothing.json()["detail"]);
    }
    check_problem(&get(&app, "", &format!("people/{person}")).await, 401, "CITIZEN-SESSION");
    // A session of the staff opens nothing here, nor the other way round.
    check_problem(&get(&app, &auditor, "session").await, 401, "CITIZEN-SESSION");
    check_problem(&app.get_as(&cookie, "/api/v1/meta").await, 401, "AUTH-SESSION");

    // 王五 asks 张三丰 to act, until tomorrow.
    let db = app.database().await;
    let transaction = store::begin_write(&db).await.unwrap();
    let new = NewRepresentation {
        principal: &other,
        representative: &person,
        kind: Kind::Entrusted,
        until: app.now() + 1.hour(),
        basis: "委托书",
    };
    representation::create_in(&transaction, new, "test", app.now()).await.unwrap();
    transaction.commit().await.unwrap();
    db.close().await.unwrap();
    let session = get(&app, &cookie, "session").await.json();
    assert_eq!(session["people"][1]["name"], "王五");
    assert_eq!(session["people"][1]["standing"], "entrusted");
    let statuses = async |app: &TestApp| {
        let mut statuses = Vec::new();
        for path in paths {
            statuses.push(get(app, &cookie, &format!("people/{other}{path}")).await.status);
        }
        statuses
    };
    assert_eq!(statuses(&app).await, [200, 200, 404, 404]);
    app.wait_minutes(60);
    assert_eq!(statuses(&app).await, [404, 404, 404, 404]);
    app.wait_minutes(60);
    check_problem(&get(&app, &cookie, "session").await, 401, "CITIZEN-SESSION");
    app.stop().await;
}

#[tokio::test]
async fn a_person_asks_another_to_act_and_takes_it_back() {
    let gateway = gateway(0).await;
    let app = app(gateway).await;
    let (cookie, person) = signed_in(&app, gateway).await;
    let path = format!("people/{person}/representatives");
    let wife = id_number("19500505", "002");
    let until = (app.now() + 24.hours()).to_string();
    let draft = |id_number: &str, name: &str| json!({ "id_number": id_number, "name": name, "until": until });
    let ask = async |key: &str, body: &Value| {
        let headers = [("cookie", cookie.as_str()), ("idempotency-key", key)];
        post(&app, &path, &headers, body).await
    };
    let unknown = ask("k1", &draft(&wife, "李小龙")).await;
    check_problem(&unknown, 400, "REPRESENTATIVE-UNKNOWN");
    check_problem(&ask("k1", &draft(&old(), "张三丰")).await, 400, "REPRESENTATION-INVALID");
    let far = json!({ "id_number": wife, "name": "李小龙女", "until": "2099-01-01T00:00:00Z" });
    check_problem(&ask("k1", &far).await, 400, "BODY-INVALID");
    let made = ask("k2", &draft(&wife, "李小龙女")).await;
    assert_eq!(made.status, 201, "{}", made.text());
    assert_eq!(made.json()["kind"], "entrusted");
    assert_eq!(ask("k2", &draft(&wife, "李小龙女")).await.json(), made.json());
    check_problem(&ask("k3", &draft(&wife, "李小龙女")).await, 409, "REPRESENTATION-EXISTS");

    let id = made.json()["representation_id"].as_str().unwrap().to_owned();
    let listed = get(&app, &cookie, &path).await.json();
    assert_eq!(listed["representatives"][0]["representation_id"], id.as_str());
    let gone = async |id: &str| {
        let path = format!("/api/v1/citizen/{path}/{id}");
        send(app.address, "DELETE", &path, &[("cookie", &cookie)], b"").await
    };
    assert_eq!(gone(&id).await.status, 204);
    check_problem(&gone(&id).await, 404, "REPRESENTATION-UNKNOWN");
    // Names are not found out by trying them with a number.
    for name in ["王一", "王二", "王三", "王四"] {
        check_problem(&ask("k4", &draft(&wife, name)).await, 400, "REPRESENTATIVE-UNKNOWN");
    }
    check_problem(&ask("k5", &draft(&wife, "李小龙女")).await, 429, "TOO-MANY-REQUESTS");
    app.stop().await;
}
