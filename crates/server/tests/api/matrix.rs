//! Every operation of the API × every role × {own, other division, city} × {purpose granted, expired, not granted,
//! not named}, against a table that was written by hand. An operation without a row fails, and so does a row
//! without an operation.

use std::collections::BTreeMap;
use std::io::Cursor;

use calamine::{Reader as _, Xlsx};
use identity::account::{self, NewAccount};
use identity::api_client::{self, NewApiClient};
use identity::grant::{self, NewGrant};
use identity::session::{self, Token};
use identity::{Purpose, Role};
use jiff::{Timestamp, ToSpan as _};
use serde_json::{Value, json};
use store::sea_orm::DatabaseConnection;
use tasks::NewTask;

use crate::app::{PASSWORD, TestApp};
use crate::http::{Answer, send};

/// Which organisation an account is employed by; what is asked about lies in 440104.
const EMPLOYERS: [(&str, &str); 3] =
    [("city", "ca-4401"), ("own", "ca-440104"), ("other", "ca-440106")];

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Purposes {
    Granted,
    Expired,
    NotGranted,
    NotNamed,
}

const PURPOSES: [Purposes; 4] =
    [Purposes::Granted, Purposes::Expired, Purposes::NotGranted, Purposes::NotNamed];

#[derive(Debug)]
struct Row {
    place: String,
    /// Roles that may, each with the purpose that it needs.
    roles: BTreeMap<String, Option<String>>,
}

fn expectations() -> BTreeMap<String, Row> {
    let lines = include_str!("matrix.csv").lines();
    let mut rows = BTreeMap::new();
    for line in lines.filter(|line| !line.starts_with('#')).skip(1) {
        let parts: Vec<&str> = line.split(',').collect();
        let [operation, place, roles] = parts[..] else { panic!("{line}") };
        let words: Vec<&str> = if roles == "all" {
            Role::ALL.map(Role::as_str).to_vec()
        } else {
            roles.split_whitespace().collect()
        };
        let roles = words
            .into_iter()
            .map(|word| match word.split_once(':') {
                Some((role, purpose)) => (role.to_owned(), Some(purpose.to_owned())),
                None => (word.to_owned(), None),
            })
            .collect();
        rows.insert(operation.to_owned(), Row { place: place.to_owned(), roles });
    }
    rows
}

/// Id, method and path of every operation of the description.
fn operations() -> Vec<(String, String, String)> {
    let document: Value = serde_json::from_str(&server::openapi_json()).unwrap();
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap().to_owned();
            found.push((id, method.to_uppercase(), path.clone()));
        }
    }
    found
}

/// The purpose that a role would look at persons for.
fn purpose_of(role: Role) -> Purpose {
    match role {
        Role::CaseWorker => Purpose::Casework,
        Role::PolicyOfficer => Purpose::PolicyWork,
        Role::DataSteward => Purpose::DataQuality,
        Role::FinanceOfficer => Purpose::Payment,
        Role::Auditor | Role::SystemAdmin | Role::SecurityAdmin | Role::AuditAdmin => {
            Purpose::Supervision
        }
    }
}

struct Cell {
    role: Role,
    employer: &'static str,
    purposes: Purposes,
    cookie: String,
}

/// One account a cell, all signed in.
async fn cells(db: &DatabaseConnection, now: Timestamp) -> Vec<Cell> {
    let mut cells = Vec::new();
    for role in Role::ALL {
        for (employer, organisation) in EMPLOYERS {
            for purposes in PURPOSES {
                let username = format!("u{}", cells.len());
                let new = NewAccount {
                    username: &username,
                    display_name: "",
                    organisation: Some(organisation),
                    roles: &[role],
                    must_change_password: false,
                };
                account::create(db, new, PASSWORD, "test", now).await.unwrap();
                let until = match purposes {
                    Purposes::Granted | Purposes::NotNamed => Some(now + 1.hour()),
                    Purposes::Expired => Some(now),
                    Purposes::NotGranted => None,
                };
                if let Some(until) = until {
                    let purpose = purpose_of(role);
                    let new = NewGrant { purpose, from: now - 2.hours(), until, reason: "test" };
                    grant::create(db, &username, new, "test", now).await.unwrap();
                }
                let token = Token::random().unwrap();
                session::start(db, &token, &username, false, now).await.unwrap();
                let cookie =
                    session::COOKIE.set(&token, false).split(';').next().unwrap().to_owned();
                cells.push(Cell { role, employer, purposes, cookie });
            }
        }
    }
    cells
}

/// A task for case workers of the district that things lie in.
async fn task(db: &DatabaseConnection, now: Timestamp) -> i64 {
    let data = json!({});
    let new = NewTask {
        kind: "quarantine",
        subject: "delivery:test",
        role: "case_worker",
        division: "440104001",
        due_on: jiff::civil::date(2024, 2, 20),
        data: &data,
    };
    let transaction = store::begin_write(db).await.unwrap();
    assert!(tasks::open(&transaction, &new, "test", now).await.unwrap());
    transaction.commit().await.unwrap();
    1
}

/// A partner's program of the district that things lie in.
async fn program(db: &DatabaseConnection, now: Timestamp) {
    let transaction = store::begin_write(db).await.unwrap();
    let new = NewApiClient { id: "program", name: "助学", organisation: "ca-440104" };
    api_client::create_in(&transaction, new, "test", now).await.unwrap();
    transaction.commit().await.unwrap();
}

async fn ask(app: &TestApp, cell: &Cell, method: &str, path: &str, body: &str) -> Answer {
    let mut headers = vec![("cookie", cell.cookie.as_str())];
    if cell.purposes != Purposes::NotNamed {
        headers.push(("huimin-purpose", purpose_of(cell.role).as_str()));
    }
    send(app.address, method, path, &headers, body.as_bytes()).await
}

/// What is answered to those who may not: the same as if it were not there.
fn absent(answer: &Answer) -> bool {
    let codes =
        ["ROUTE-UNKNOWN", "PERSON-UNKNOWN", "USER-UNKNOWN", "TASK-UNKNOWN", "CLIENT-UNKNOWN"];
    answer.status == 404 && codes.iter().any(|code| answer.json()["code"] == *code)
}

/// Rows of a workbook, its heading among them.
fn rows_of(answer: &Answer) -> usize {
    let mut workbook = Xlsx::new(Cursor::new(answer.body.clone())).unwrap();
    workbook.worksheet_range_at(0).unwrap().unwrap().height()
}

/// An answer without the number of the request.
fn said(answer: &Answer) -> (u16, Value) {
    let mut body = answer.json();
    body.as_object_mut().unwrap().remove("request_id");
    (answer.status, body)
}

#[tokio::test]
async fn every_cell_of_the_matrix_is_answered_as_the_table_says() {
    let app = TestApp::with_town().await;
    crate::town::publish_pairs(&app.folder, &[("王五", "张三丰", "2.10")]).await;
    let rows = expectations();
    let operations = operations();
    for (id, _, _) in &operations {
        assert!(rows.contains_key(id), "{id} has no row in matrix.csv");
    }
    for id in rows.keys() {
        assert!(operations.iter().any(|(known, _, _)| known == id), "{id} is no operation");
    }
    let auditor = app.auditor().await;
    let people = app.search_as(&auditor, &json!({ "q": "zsf" })).await.json();
    let person = people["people"][0]["person_id"].as_str().unwrap().to_owned();

    let db = app.database().await;
    let cells = cells(&db, app.now()).await;
    let task = task(&db, app.now()).await.to_string();
    program(&db, app.now()).await;
    db.close().await.unwrap();
    let mut walked = 0;
    for (id, method, path) in &operations {
        let row = &rows[id];
        if row.place == "open" {
            continue;
        }
        let filled = path
            .replace("{person_id}", &person)
            .replace("{policy}", "longevity-allowance")
            .replace("{username}", "target")
            .replace("{task_id}", &task)
            .replace("{client_id}", "program")
            .replace("{key_id}", "none")
            .replace("{agreement_id}", "none")
            .replace("{grant_id}", "none")
            .replace("{representation_id}", "none");
        let without = path
            .replace("{person_id}", "P0")
            .replace("{policy}", "longevity-allowance")
            .replace("{username}", "nobody")
            .replace("{task_id}", "999999")
            .replace("{client_id}", "nothing")
            .replace("{key_id}", "none")
            .replace("{agreement_id}", "none")
            .replace("{grant_id}", "none")
            .replace("{representation_id}", "none");
        let query = if method == "GET" { "?period=2024-01" } else { "" };
        let body = match id.as_str() {
            "reveal_attribute" => r#"{"attribute": "phone", "reason": "核实"}"#,
            _ if method == "GET" || method == "DELETE" => "",
            _ => "{}",
        };
        for cell in &cells {
            let at = format!(
                "{id} as {} of {} with purpose {:?}",
                cell.role.as_str(),
                cell.employer,
                cell.purposes
            );
            if ["portal", "partner"].contains(&row.place.as_str()) {
                // Whatever somebody is employed for, here they are nobody.
                let answer = ask(&app, cell, method, &format!("{filled}{query}"), body).await;
                let code = match row.place.as_str() {
                    "portal" => "CITIZEN-SESSION",
                    _ => "SIGNATURE-NEEDED",
                };
                let is_nobody = answer.status == 401 && answer.json()["code"] == code;
                assert!(is_nobody, "{at}: {}", answer.text());
                walked += 1;
                continue;
            }
            let there = match (row.place.as_str(), cell.employer) {
                ("session" | "anywhere" | "cut", _) | (_, "city") | ("own", "own") => true,
                ("own" | "city", _) => false,
                (other, _) => panic!("{other} is no place"),
            };
            let leave = row.place == "session"
                || row.roles.get(cell.role.as_str()).is_some_and(|needs| {
                    let named = purpose_of(cell.role).as_str();
                    let is_named = needs.as_deref() == Some(named);
                    needs.is_none() || (is_named && cell.purposes == Purposes::Granted)
                });
            let answer = ask(&app, cell, method, &format!("{filled}{query}"), body).await;
            assert!(answer.status < 500, "{at}: {}", answer.text());
            assert_eq!(!absent(&answer), leave && there, "{at}: {}", answer.text());
            if !(leave && there) {
                // What is forbidden and what does not exist can't be told apart.
                let nothing = ask(&app, cell, method, &format!("{without}{query}"), body).await;
                assert_eq!(said(&answer), said(&nothing), "{at}");
            } else if id == "export_lists" {
                assert_eq!(answer.status, 200, "{at}");
                assert_eq!(rows_of(&answer) > 1, cell.employer != "other", "{at}");
            } else if row.place == "cut" {
                let marker = match id.as_str() {
                    "search_people" | "list_lists" | "list_link_reviews" => "张三丰",
                    "list_users" => "\"target\"",
                    "list_clients" => "\"program\"",
                    "list_divisions" => "\"440104001\"",
                    _ => "ca-440104",
                };
                assert_eq!(answer.status, 200, "{at}: {}", answer.text());
                assert_eq!(answer.text().contains(marker), cell.employer != "other", "{at}");
            }
            walked += 1;
        }
    }
    let guarded = rows.values().filter(|row| row.place != "open").count();
    assert_eq!(walked, guarded * Role::ALL.len() * EMPLOYERS.len() * PURPOSES.len());
    app.stop().await;
}

#[tokio::test]
async fn a_division_outside_of_ones_own_is_refused_whatever_is_in_it() {
    let app = TestApp::with_town().await;
    let db = app.database().await;
    let cells = cells(&db, app.now()).await;
    db.close().await.unwrap();
    let wanted = |cell: &&Cell| {
        cell.role == Role::CaseWorker
            && cell.employer == "other"
            && cell.purposes == Purposes::Granted
    };
    let other = cells.iter().find(wanted).unwrap();
    let search = async |search: Value| {
        ask(&app, other, "POST", "/api/v1/people/searches", &search.to_string()).await
    };
    for division in ["440104", "440103"] {
        let answer = search(json!({ "division": division })).await;
        crate::app::check_problem(&answer, 400, "PARAMETER-INVALID");
    }
    let path = "/api/v1/lists?period=2024-01&division=440104001";
    let answer = ask(&app, other, "GET", path, "").await;
    crate::app::check_problem(&answer, 400, "PARAMETER-INVALID");
    // Above one's own division is one's own.
    for asked in [json!({ "division": "440100" }), json!({ "division": "440106" }), json!({})] {
        let answer = search(asked).await;
        assert_eq!(answer.json()["total"], 0, "{}", answer.text());
    }
    // Nor does the whole identity number find anybody there.
    let number = crate::town::id_number("19400103", "001");
    let answer = search(json!({ "q": number })).await;
    assert_eq!(answer.json()["total"], 0);
    app.stop().await;
}
