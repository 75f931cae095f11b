//! Signing in and out.

use server::{Exposure, Mode};

use crate::app::{PASSWORD, TestApp, check_problem};
use crate::http::send;

#[tokio::test]
async fn a_session_begins_with_the_right_password_and_ends_with_signing_out() {
    let app = TestApp::empty().await;
    let answer = app.sign_in("Auditor ", PASSWORD).await;
    assert_eq!(answer.status, 200);
    let user = &answer.json()["user"];
    assert_eq!((&user["username"], &user["display_name"]), (&"auditor".into(), &"审计员".into()));
    assert_eq!(user["roles"], serde_json::json!(["auditor"]));
    let set = answer.header("set-cookie").unwrap().to_owned();
    assert!(set.starts_with("huimin_session="), "{set}");
    assert!(set.ends_with("; Path=/; HttpOnly; SameSite=Strict; Max-Age=43200"), "{set}");
    let cookie = answer.cookie();
    assert_eq!(app.get_as(&cookie, "/api/v1/session").await.status, 200);
    let of_tls = app.get_as(&format!("__Host-{cookie}"), "/api/v1/session").await;
    check_problem(&of_tls, 401, "AUTH-SESSION");

    // The database has a hash of the token, never the token.
    let token = cookie.split_once('=').unwrap().1;
    let wal = app.folder.root().join("huimin.db-wal");
    for file in [app.folder.database_file(), wal] {
        let bytes = std::fs::read(file).unwrap_or_default();
        assert!(!bytes.windows(64).any(|window| window == token.as_bytes()));
    }

    let answer = send(app.address, "DELETE", "/api/v1/session", &[("cookie", &cookie)], b"").await;
    assert_eq!(answer.status, 204);
    assert!(answer.header("set-cookie").unwrap().contains("Max-Age=0"));
    check_problem(&app.get_as(&cookie, "/api/v1/session").await, 401, "AUTH-SESSION");
    let trail = app.trail().await;
    for act in ["user.create", "session.create", "session.delete"] {
        assert!(trail.contains(&(act.to_owned(), "user:auditor".to_owned())), "{act}");
    }
    app.stop().await;
}

#[tokio::test]
async fn over_tls_the_cookie_is_bound_to_the_host_and_counts_under_no_other_name() {
    let exposure =
        Exposure { mode: Mode::Production, trusted_proxies: vec!["127.0.0.1/32".parse().unwrap()] };
    let app = TestApp::reached(exposure, None).await;
    let tls = ("x-forwarded-proto", "https");
    let body = serde_json::json!({ "username": "auditor", "password": PASSWORD }).to_string();
    let answer = send(app.address, "POST", "/api/v1/session", &[tls], body.as_bytes()).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let set = answer.header("set-cookie").unwrap();
    assert!(set.starts_with("__Host-huimin_session="), "{set}");
    assert!(set.ends_with("; Path=/; HttpOnly; SameSite=Strict; Max-Age=43200; Secure"), "{set}");

    let cookie = answer.cookie();
    let ask = async |method: &str, cookie: &str| {
        send(app.address, method, "/api/v1/session", &[tls, ("cookie", cookie)], b"").await
    };
    assert_eq!(ask("GET", &cookie).await.status, 200);
    // Another host of the domain can set the plain name; that signs nobody in, nor out.
    let plain = cookie.replace("__Host-", "");
    check_problem(&ask("GET", &plain).await, 401, "AUTH-SESSION");
    let other = format!("huimin_session={}; {cookie}", "0".repeat(64));
    assert_eq!(ask("GET", &other).await.status, 200);
    assert_eq!(ask("DELETE", &plain).await.status, 204);
    assert_eq!(ask("GET", &cookie).await.status, 200);

    let out = ask("DELETE", &cookie).await;
    let gone = "__Host-huimin_session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0; Secure";
    assert_eq!((out.status, out.header("set-cookie")), (204, Some(gone)));
    check_problem(&ask("GET", &cookie).await, 401, "AUTH-SESSION");
    app.stop().await;
}

#[tokio::test]
async fn a_session_ends_after_twelve_hours() {
    let app = TestApp::empty().await;
    let cookie = app.auditor().await;
    app.wait_minutes(12 * 60 - 1);
    assert_eq!(app.get_as(&cookie, "/api/v1/session").await.status, 200);
    app.wait_minutes(1);
    check_problem(&app.get_as(&cookie, "/api/v1/session").await, 401, "AUTH-SESSION");
    app.stop().await;
}

#[tokio::test]
async fn after_five_wrong_passwords_the_right_one_is_refused_for_ten_minutes() {
    let app = TestApp::empty().await;
    // Known and unknown usernames get the same answers.
    for username in ["auditor", "nobody"] {
        for _ in 0..5 {
            check_problem(&app.sign_in(username, "wrong password").await, 401, "AUTH-CREDENTIALS");
        }
        let locked = app.sign_in(username, PASSWORD).await;
        check_problem(&locked, 429, "AUTH-LOCKED");
        assert_eq!(locked.header("retry-after"), Some("600"));
    }
    app.wait_minutes(11);
    assert_eq!(app.sign_in("auditor", PASSWORD).await.status, 200);
    let refused = app.trail().await.into_iter().filter(|(act, _)| act == "session.refuse");
    let subjects: Vec<String> = refused.map(|(_, subject)| subject).collect();
    assert_eq!(subjects.iter().filter(|subject| *subject == "user:auditor").count(), 5);
    assert_eq!(subjects.iter().filter(|subject| *subject == "user:unknown").count(), 5);
    app.stop().await;
}

#[tokio::test]
async fn guesses_sent_at_once_are_counted_like_guesses_sent_in_turn() {
    let app = TestApp::empty().await;
    let guesses: Vec<_> = (0..8).map(|_| app.sign_in("auditor", "wrong password")).collect();
    let mut statuses = Vec::new();
    for answer in futures::future::join_all(guesses).await {
        statuses.push(answer.status);
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [401, 401, 401, 401, 401, 429, 429, 429]);
    app.stop().await;
}

#[tokio::test]
async fn bodies_that_are_no_credentials_are_refused() {
    let app = TestApp::empty().await;
    let post = |body: Vec<u8>, headers: Vec<(&'static str, &'static str)>| async move {
        send(app.address, "POST", "/api/v1/session", &headers, &body).await
    };
    check_problem(&post(b"{}".to_vec(), vec![]).await, 400, "BODY-INVALID");
    check_problem(&post(vec![b'x'; 20_000], vec![]).await, 413, "BODY-TOO-LARGE");
    let elsewhere = vec![("sec-fetch-site", "cross-site"), ("origin", "https://example.org")];
    check_problem(&post(b"{}".to_vec(), elsewhere).await, 403, "CROSS-SITE");
}
