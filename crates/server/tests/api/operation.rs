//! What operators ask: does it live, can it answer, how much does it do; and production mode.

use std::net::SocketAddr;

use server::{Exposure, Mode};

use crate::app::{PASSWORD, TestApp, check_problem};
use crate::http::send;

#[tokio::test]
async fn a_server_that_lives_and_can_answer_says_so_without_a_session() {
    let app = TestApp::empty().await;
    let health = app.get("/healthz").await;
    assert_eq!((health.status, health.text().as_str()), (200, "ok\n"));
    let ready = app.get("/readyz").await;
    assert_eq!(ready.status, 200, "{}", ready.text());
    assert_eq!(ready.json()["ready"], true);

    std::fs::write(app.folder.root().join("CURRENT"), "00000007.json").unwrap();
    let broken = app.get("/readyz").await;
    assert_eq!(broken.status, 503);
    assert_eq!(
        (&broken.json()["published"], &broken.json()["database"]),
        (&false.into(), &true.into())
    );
    assert_eq!(app.get("/healthz").await.status, 200);
    app.stop().await;
}

#[tokio::test]
async fn figures_are_answered_on_an_address_of_their_own_and_name_no_identifiers() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let metrics = free.local_addr().unwrap();
    drop(free);
    let app = TestApp::reached(Exposure::default(), Some(metrics)).await;
    let cookie = app.auditor().await;
    app.get_as(&cookie, "/api/v1/people/P0123456789abcdef?period=2024-01").await;
    assert_ne!(
        app.get("/metrics").await.header("content-type"),
        Some("text/plain; version=0.0.4; charset=utf-8")
    );
    let figures = send(metrics, "GET", "/metrics", &[], b"").await.text();
    for expected in [
        "huimin_http_requests_total{method=\"GET\",route=\"/api/v1/people/{person_id}\",status=\"404\"}",
        "huimin_http_request_seconds_bucket{method=\"POST\",route=\"/api/v1/session\",le=\"30\"}",
        "huimin_audit_unsealed_entries",
        "process_resident_memory_bytes",
    ] {
        assert!(figures.contains(expected), "{expected} in\n{figures}");
    }
    assert!(!figures.contains("P0123456789abcdef"), "{figures}");
    app.stop().await;
}

#[tokio::test]
async fn production_answers_only_what_came_through_its_proxy_by_tls() {
    let exposure =
        Exposure { mode: Mode::Production, trusted_proxies: vec!["127.0.0.1/32".parse().unwrap()] };
    let app = TestApp::reached(exposure, None).await;
    check_problem(&app.get("/api/v1/session").await, 403, "TLS-REQUIRED");
    assert_eq!(app.get("/").await.status, 403);
    assert_eq!(app.get("/healthz").await.status, 200);
    let by_tls = [("x-forwarded-proto", "https"), ("content-type", "application/json")];
    let body = serde_json::json!({ "username": "auditor", "password": PASSWORD }).to_string();
    let answer = send(app.address, "POST", "/api/v1/session", &by_tls, body.as_bytes()).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(answer.header("set-cookie").unwrap().ends_with("; Secure"));
    app.stop().await;
}

#[tokio::test]
async fn production_is_not_started_without_a_proxy() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = engine::DataFolder::open_or_create(&temporary.path().join("data")).unwrap();
    trust::ColumnKeys::load_or_create(&folder.key_file()).unwrap();
    let options = server::ServeOptions {
        folder,
        database: None,
        pack: crate::town::pack(),
        keys: server::KeySource::Folder,
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        exposure: Exposure { mode: Mode::Production, trusted_proxies: Vec::new() },
        metrics: None,
        requests_per_minute: 0,
        sms: None,
        oidc: server::Oidc::default(),
        witnesses: Vec::new(),
        on_ready: |_| panic!("it was started"),
    };
    let refused = server::serve(options).await.unwrap_err();
    assert!(refused.to_string().contains("--trusted-proxy"), "{refused}");
}

#[tokio::test]
async fn one_client_that_asks_too_much_waits_and_others_do_not() {
    let app = TestApp::limited(12).await;
    let (cookie, other) = (app.auditor().await, app.as_user("worker").await);
    let mut refused = None;
    for _ in 0..100 {
        let answer = app.get_as(&cookie, "/api/v1/meta").await;
        if answer.status != 200 {
            refused = Some(answer);
            break;
        }
    }
    let refused = refused.unwrap();
    check_problem(&refused, 429, "TOO-MANY-REQUESTS");
    let wait: u32 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=6).contains(&wait));
    assert_eq!(app.get_as(&other, "/api/v1/meta").await.status, 200);
    // Before anybody is signed in, the address counts.
    let mut codes = std::collections::BTreeSet::new();
    for _ in 0..100 {
        codes.insert(app.get("/api/v1/session").await.json()["code"].to_string());
    }
    assert!(codes.contains("\"TOO-MANY-REQUESTS\""), "{codes:?}");
    assert_eq!(app.get("/healthz").await.status, 200);
    app.stop().await;
}
