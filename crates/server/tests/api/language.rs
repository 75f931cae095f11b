//! Problems come in the language that a request asks for.

use serde_json::Value;

use crate::app::{PASSWORD, TestApp, check_problem};
use crate::http::{Answer, send};

const CHINESE: &str = "zh-CN,zh;q=0.9,en;q=0.8";

async fn ask(app: &TestApp, method: &str, path: &str, language: Option<&str>) -> Answer {
    let headers: Vec<_> =
        language.map(|language| ("accept-language", language)).into_iter().collect();
    send(app.address, method, path, &headers, b"").await
}

/// Checks language, title and detail of a problem.
#[track_caller]
fn check_told(answer: &Answer, language: &str, title: &str, detail: Option<&str>) {
    assert_eq!(answer.header("content-language"), Some(language), "{}", answer.text());
    let vary: Vec<&str> = answer
        .headers
        .iter()
        .filter(|(name, _)| name == "vary")
        .map(|(_, value)| value.as_str())
        .collect();
    assert!(vary.contains(&"accept-language"), "{vary:?}");
    let problem = answer.json();
    assert_eq!(problem["title"], title);
    assert_eq!(problem["detail"], detail.map_or(Value::Null, Value::from));
}

#[tokio::test]
async fn a_problem_is_told_in_the_language_that_is_wished_for_and_else_in_english() {
    let app = TestApp::empty().await;
    for (language, tag) in [
        (Some(CHINESE), "zh"),
        (Some("zh"), "zh"),
        (Some("en;q=0.5, zh-Hant-HK;q=0.6"), "zh"),
        (Some("en"), "en"),
        (Some("en-US,zh;q=0.9"), "en"),
        (Some("fr"), "en"),
        (Some("zh;q=0"), "en"),
        (Some(";;q=,zh;q=9,=*"), "en"),
        (Some("*"), "en"),
        (None, "en"),
    ] {
        let answer = ask(&app, "GET", "/api/v1/meta", language).await;
        check_problem(&answer, 401, "AUTH-SESSION");
        let (title, detail) = match tag {
            "zh" => ("尚未登录", "请登录；登录满十二小时后须重新登录。"),
            _ => ("Not signed in", "Sign in; a session ends after twelve hours."),
        };
        check_told(&answer, tag, title, Some(detail));
    }
    app.stop().await;
}

#[tokio::test]
async fn what_the_layers_refuse_is_told_in_that_language_too() {
    let app = TestApp::empty().await;
    let unknown = ask(&app, "GET", "/api/v1/nothing", Some(CHINESE)).await;
    check_problem(&unknown, 404, "ROUTE-UNKNOWN");
    check_told(&unknown, "zh", "没有这个地址", Some("本接口的地址都在其 OpenAPI 文档中。"));
    let method = ask(&app, "PUT", "/api/v1/session", Some(CHINESE)).await;
    check_problem(&method, 405, "METHOD-NOT-ALLOWED");
    check_told(&method, "zh", "该地址不接受此方法", None);

    let chinese = ("accept-language", CHINESE);
    let post = async |headers: &[(&str, &str)], body: &[u8]| {
        send(app.address, "POST", "/api/v1/session", headers, body).await
    };
    let large = post(&[chinese], &[b'x'; 20_000]).await;
    check_problem(&large, 413, "BODY-TOO-LARGE");
    check_told(&large, "zh", "请求正文过大", None);
    let elsewhere = [chinese, ("sec-fetch-site", "cross-site"), ("origin", "https://example.org")];
    let refused = post(&elsewhere, b"{}").await;
    check_problem(&refused, 403, "CROSS-SITE");
    check_told(&refused, "zh", "请求被拒绝", Some("请求来自其他网站。"));
    let body = post(&[chinese], b"{}").await;
    check_problem(&body, 400, "BODY-INVALID");
    let expected = "应为 JSON 对象，含文本 `username` 和 `password`，需要时另含 `code`。";
    check_told(&body, "zh", "请求正文无效", Some(expected));
    app.stop().await;
}

#[tokio::test]
async fn what_accounts_and_parameters_refuse_is_told_in_that_language_too() {
    let app = TestApp::empty().await;
    let cookie = app.auditor().await;
    let headers = [("cookie", cookie.as_str()), ("accept-language", CHINESE)];
    let body = serde_json::json!({ "password": PASSWORD, "new_password": "short" }).to_string();
    let put = send(app.address, "PUT", "/api/v1/session/password", &headers, body.as_bytes()).await;
    check_problem(&put, 400, "PASSWORD-SHORT");
    check_told(&put, "zh", "这个密码不能用", Some("请换一个：它不足 8 个字符。"));

    let headers = [headers[0], headers[1], ("huimin-purpose", "supervision")];
    let path = "/api/v1/people/searches";
    let list = send(app.address, "POST", path, &headers, b"{\"limit\": 0}").await;
    check_problem(&list, 400, "PARAMETER-INVALID");
    check_told(&list, "zh", "参数无效", Some("参数 `limit`：应为 1 到 200 之间的数。"));
    assert_eq!(list.json()["parameter"], "limit");
    // What succeeds is the same for everybody.
    let session = send(app.address, "GET", "/api/v1/session", &headers, b"").await;
    assert_eq!((session.status, session.header("content-language")), (200, None));
    app.stop().await;
}
