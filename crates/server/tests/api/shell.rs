//! Static files, headers, and addresses that are not there.

use crate::app::{TestApp, check_problem};
use crate::http::send;

#[tokio::test]
async fn addresses_of_the_application_get_its_page_and_those_of_the_api_a_problem() {
    let app = TestApp::empty().await;
    for path in
        ["/", "/console/people", "/console/people/P0123456789abcdef", "/console/accounts/li.wei"]
    {
        let page = app.get(path).await;
        assert_eq!(page.status, 200, "{path}");
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
        assert_eq!(page.header("cache-control"), Some("no-cache"));
        assert!(page.text().to_lowercase().contains("<!doctype html>"));
    }
    check_problem(&app.get("/api/v1/nothing").await, 404, "ROUTE-UNKNOWN");
    check_problem(&app.get("/api").await, 404, "ROUTE-UNKNOWN");
    let answer = send(app.address, "PUT", "/api/v1/session", &[], b"").await;
    check_problem(&answer, 405, "METHOD-NOT-ALLOWED");
    assert_eq!(app.get("/assets/missing.js").await.status, 404);
    assert_eq!(app.get("/../Cargo.toml").await.status, 404);
    app.stop().await;
}

#[tokio::test]
async fn every_answer_has_the_security_headers_and_a_request_id_of_its_own() {
    let app = TestApp::empty().await;
    let (page, problem) = (app.get("/").await, app.get("/api/v1/meta").await);
    for answer in [&page, &problem] {
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.starts_with(
            "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'"
        ));
        assert!(policy.contains("frame-ancestors 'none'"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(answer.header("x-frame-options"), Some("DENY"));
        assert_eq!(answer.header("x-request-id").unwrap().len(), 16);
    }
    assert_ne!(page.header("x-request-id"), problem.header("x-request-id"));
    assert_eq!(problem.header("cache-control"), Some("no-store"));
    app.stop().await;
}

#[tokio::test]
async fn a_page_that_the_browser_has_is_not_sent_again_and_long_answers_are_compressed() {
    let app = TestApp::empty().await;
    let page = app.get("/").await;
    let tag = page.header("etag").unwrap().to_owned();
    let again = send(app.address, "GET", "/", &[("if-none-match", &tag)], b"").await;
    assert_eq!((again.status, again.body.len()), (304, 0));
    let small = send(app.address, "GET", "/", &[("accept-encoding", "gzip")], b"").await;
    assert_eq!(small.header("content-encoding"), Some("gzip"));
    assert_eq!(small.body[..2], [0x1f, 0x8b]);
    app.stop().await;
}

#[cfg(unix)]
#[tokio::test]
async fn the_terminate_signal_ends_the_server_in_order() {
    use std::net::SocketAddr;

    let temporary = tempfile::tempdir().unwrap();
    let folder = engine::DataFolder::open_or_create(&temporary.path().join("data")).unwrap();
    trust::ColumnKeys::load_or_create(&folder.key_file()).unwrap();
    let pack = crate::town::pack();
    let listen = SocketAddr::from(([127, 0, 0, 1], 0));
    let terminate = |_| {
        let status = std::process::Command::new("kill")
            .args(["-TERM", &std::process::id().to_string()])
            .status();
        assert!(status.unwrap().success());
    };
    let options = server::ServeOptions {
        folder,
        database: None,
        pack,
        keys: server::KeySource::Folder,
        listen,
        exposure: server::Exposure::default(),
        metrics: None,
        requests_per_minute: 0,
        sms: None,
        oidc: server::Oidc::default(),
        witnesses: Vec::new(),
        on_ready: terminate,
    };
    let ended =
        tokio::time::timeout(std::time::Duration::from_secs(9), server::serve(options)).await;
    ended.unwrap().unwrap();
}
