//! The description, the routes and the console's copy of the description agree.

use std::path::Path;

use serde_json::Value;

use crate::app::{TestApp, check_problem};
use crate::http::send;

#[test]
fn the_copy_that_the_console_is_generated_from_is_fresh() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/openapi.json");
    let copy = std::fs::read_to_string(&path).unwrap();
    assert!(
        copy == server::openapi_json(),
        "web/openapi.json is stale; refresh it and the client with\n  \
         cargo run --release -p huimin-server --example openapi > web/openapi.json && npm --prefix web run api"
    );
}

/// Method, address with every parameter filled in, and whether a session is needed.
fn operations() -> Vec<(String, String, bool)> {
    let document: Value = serde_json::from_str(&server::openapi_json()).unwrap();
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let address = path
                .replace("{person_id}", "P1")
                .replace("{policy}", "longevity-allowance")
                .replace("{username}", "wu")
                .replace("{grant_id}", "none")
                .replace("{task_id}", "1")
                .replace("{representation_id}", "none")
                .replace("{client_id}", "program")
                .replace("{key_id}", "none")
                .replace("{agreement_id}", "none")
                .replace("{whom}", "staff");
            assert!(!address.contains('{'), "{address}");
            let guarded = operation.get("security").is_some();
            found.push((method.to_uppercase(), format!("{address}?period=2024-01"), guarded));
        }
    }
    found
}

#[tokio::test]
async fn every_operation_but_those_of_the_session_refuses_who_is_not_signed_in() {
    let app = TestApp::empty().await;
    let operations = operations();
    assert_eq!(operations.iter().filter(|(_, _, guarded)| *guarded).count(), 56);
    for (method, address, guarded) in operations {
        let answer = send(app.address, &method, &address, &[], b"").await;
        assert_ne!(answer.status, 404, "{method} {address} is described but not there");
        if guarded {
            let is_below = |place: &str| address.starts_with(&format!("/api/v1/{place}/"));
            let code = match (is_below("citizen"), is_below("exchange")) {
                (true, _) => "CITIZEN-SESSION",
                (_, true) => "SIGNATURE-NEEDED",
                _ => "AUTH-SESSION",
            };
            check_problem(&answer, 401, code);
        } else {
            let open = [
                "/api/v1/session",
                "/api/v1/citizen/session",
                "/api/v1/citizen/codes",
                "/api/v1/oidc",
                "/healthz",
                "/readyz",
            ];
            let is_open = open.iter().any(|open| address.starts_with(open));
            assert!(is_open, "{address} has no session");
        }
    }
    app.stop().await;
}

#[tokio::test]
async fn the_description_is_read_without_an_account() {
    let app = TestApp::empty().await;
    let answer = app.get("/api/v1/openapi.json").await;
    assert_eq!((answer.status, answer.text()), (200, server::openapi_json()));
    app.stop().await;
}
