//! Signing in by OpenID Connect, with a provider on a socket of its own that signs what a test tells it.

use serde_json::{Value, json};
use testing::provider::{Signing, TestProvider};
use url::Url;

use crate::app::{TestApp, check_problem};
use crate::http::{Answer, send};
use crate::town::id_number;

const STAFF: &str = "/api/v1/oidc/staff";
const CITIZENS: &str = "/api/v1/oidc/citizens";

/// A sign-in that was begun: the cookie of the browser, what the provider gives back, and what its token has to hold.
struct Begun {
    cookie: String,
    state: String,
    nonce: String,
}

async fn post(app: &TestApp, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
    send(app.address, "POST", path, headers, body.to_string().as_bytes()).await
}

async fn begin(app: &TestApp, path: &str, body: Value) -> Begun {
    let answer = post(app, &format!("{path}/attempts"), &[], &body).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let location = Url::parse(answer.json()["location"].as_str().unwrap()).unwrap();
    let one =
        |name: &str| location.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned();
    let set = answer.header("set-cookie").unwrap();
    let expected = format!("; Path={path}/callback; HttpOnly; SameSite=Lax; Max-Age=600");
    assert!(set.ends_with(&expected), "{set}");
    Begun { cookie: answer.cookie(), state: one("state"), nonce: one("nonce") }
}

/// The way back, with a code and whatever else the address has.
async fn back(app: &TestApp, path: &str, cookie: &str, query: &str) -> Answer {
    let address = format!("{path}/callback?{query}");
    let elsewhere = [("cookie", cookie), ("sec-fetch-site", "cross-site")];
    send(app.address, "GET", &address, &elsewhere, b"").await
}

/// Where an answer leads on to, which is a page whatever has happened.
#[track_caller]
fn leads_to(answer: &Answer) -> &str {
    assert_eq!(answer.status, 303, "{}", answer.text());
    assert_eq!(answer.text(), "");
    answer.header("location").unwrap()
}

#[track_caller]
fn check_refused(answer: &Answer, code: &str) {
    let page = leads_to(answer);
    assert!(page.ends_with(&format!("?refused={code}")), "{page}");
    assert!(!cookies(answer).iter().any(|cookie| cookie.contains("huimin_session=")));
    assert!(!cookies(answer).iter().any(|cookie| cookie.contains("huimin_citizen=")));
}

fn cookies(answer: &Answer) -> Vec<&str> {
    let set = answer.headers.iter().filter(|(name, _)| name == "set-cookie");
    set.map(|(_, value)| value.as_str()).collect()
}

/// The `name=value` of a cookie that was set.
fn cookie(answer: &Answer, name: &str) -> String {
    let cookies = cookies(answer);
    let found = cookies.iter().find(|set| set.starts_with(&format!("{name}=")));
    found
        .unwrap_or_else(|| panic!("no {name} in {cookies:?}"))
        .split(';')
        .next()
        .unwrap()
        .to_owned()
}

/// A server with a provider for both.
struct Place {
    app: TestApp,
    provider: TestProvider,
}

impl Place {
    async fn new() -> Self {
        let provider = TestProvider::start().await;
        Self {
            app: TestApp::with_provider(provider.issuer(), server::Exposure::default()).await,
            provider,
        }
    }

    fn says(&self, begun: &Begun, client: &str, claims: Value) {
        let now = self.app.now().as_second();
        let mut all = json!({
            "iss": self.provider.issuer(), "aud": client, "sub": "w-1", "nonce": begun.nonce,
            "iat": now, "exp": now + 300,
        });
        let Value::Object(claims) = claims else { panic!("claims are an object") };
        for (name, value) in claims {
            all[name] = value;
        }
        self.provider.next().claims = all;
    }

    fn answer_of(&self, begun: &Begun) -> String {
        format!("code=c&state={}&iss={}", begun.state, self.provider.issuer())
    }

    /// Somebody of the staff goes all the way.
    async fn staff(&self, claims: Value) -> Answer {
        let begun = begin(&self.app, STAFF, json!({ "next": "/console/lists?list=due" })).await;
        self.says(&begun, "console", claims);
        back(&self.app, STAFF, &begun.cookie, &self.answer_of(&begun)).await
    }

    /// A citizen goes all the way.
    async fn citizen(&self, claims: Value) -> Answer {
        let begun = begin(&self.app, CITIZENS, json!({})).await;
        self.says(&begun, "portal", claims);
        back(&self.app, CITIZENS, &begun.cookie, &self.answer_of(&begun)).await
    }

    /// The security administrator links an account.
    async fn link(&self, username: &str, subject: &str) -> Answer {
        let cookie = self.app.as_user("security").await;
        let path = format!("/api/v1/users/{username}/oidc-link");
        let body = json!({ "subject": subject }).to_string();
        send(self.app.address, "PUT", &path, &[("cookie", &cookie)], body.as_bytes()).await
    }
}

async fn who(app: &TestApp, cookie: &str) -> Answer {
    send(app.address, "GET", "/api/v1/session", &[("cookie", cookie)], b"").await
}

#[tokio::test]
async fn an_account_that_is_linked_signs_in_and_no_other() {
    let place = Place::new().await;
    let offers = place.app.get("/api/v1/oidc").await.json();
    assert_eq!(offers["staff"]["name"], json!({ "zh": "统一身份认证", "en": "Unified identity" }));
    check_refused(&place.staff(json!({})).await, "OIDC-NOT-LINKED");
    let linked = place.link("worker", "w-1").await;
    assert_eq!(linked.status, 200, "{}", linked.text());
    assert_eq!(linked.json()["link"]["subject"], "w-1");
    assert_eq!(linked.json()["issuer"], place.provider.issuer());
    check_refused(&place.staff(json!({ "sub": "w-2" })).await, "OIDC-NOT-LINKED");

    let answer = place.staff(json!({})).await;
    assert_eq!(leads_to(&answer), "/console/lists?list=due");
    let set = cookies(&answer);
    assert!(set[0].ends_with("; Path=/; HttpOnly; SameSite=Strict; Max-Age=43200"), "{set:?}");
    assert!(set[1].starts_with("huimin_oidc=; Path=/api/v1/oidc/staff/callback"), "{set:?}");
    let session = cookie(&answer, "huimin_session");
    let user = who(&place.app, &session).await.json();
    assert_eq!((&user["user"]["username"], &user["first"]), (&json!("worker"), &Value::Null));

    // It is an ordinary session: whoever looks after accounts ends it, and a change of the link does.
    assert_eq!(place.link("worker", "w-3").await.status, 200);
    check_problem(&who(&place.app, &session).await, 401, "AUTH-SESSION");
    check_refused(&place.staff(json!({})).await, "OIDC-NOT-LINKED");
    let trail = place.app.trail().await;
    for (act, subject) in [
        ("session.create", "user:worker"),
        ("oidc.link", "user:worker"),
        ("session.refuse", "user:unknown"),
    ] {
        assert!(trail.contains(&(act.to_owned(), subject.to_owned())), "{act} {subject}");
    }
    place.app.stop().await;
}

#[tokio::test]
async fn who_has_left_or_is_locked_out_does_not_come_in_by_a_provider() {
    let place = Place::new().await;
    assert_eq!(place.link("worker", "w-1").await.status, 200);
    for _ in 0..5 {
        place.app.sign_in("worker", "wrong password").await;
    }
    check_refused(&place.staff(json!({})).await, "AUTH-LOCKED");
    place.app.wait_minutes(11);
    assert_eq!(leads_to(&place.staff(json!({})).await), "/console/lists?list=due");

    let security = place.app.as_user("security").await;
    let left = json!({ "has_left": true }).to_string();
    let headers = [("cookie", security.as_str()), ("if-match", "\"1\"")];
    let path = "/api/v1/users/worker";
    let answer = send(place.app.address, "PATCH", path, &headers, left.as_bytes()).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    check_refused(&place.staff(json!({})).await, "OIDC-NOT-LINKED");
    place.app.stop().await;
}

#[tokio::test]
async fn a_way_back_is_good_once_and_in_the_browser_that_began() {
    let place = Place::new().await;
    assert_eq!(place.link("worker", "w-1").await.status, 200);
    let (one, other) =
        (begin(&place.app, STAFF, json!({})).await, begin(&place.app, STAFF, json!({})).await);
    place.says(&one, "console", json!({}));
    let answer = place.answer_of(&one);
    let try_with = async |cookie: &str, query: &str| back(&place.app, STAFF, cookie, query).await;
    check_refused(&try_with("", &answer).await, "OIDC-EXPIRED");
    check_refused(&try_with(&other.cookie, &answer).await, "OIDC-EXPIRED");
    check_refused(&try_with(&one.cookie, &place.answer_of(&other)).await, "OIDC-EXPIRED");
    let altered = answer.replace(&one.state, &"0".repeat(64));
    check_refused(&try_with(&one.cookie, &altered).await, "OIDC-EXPIRED");
    check_refused(&try_with(&one.cookie, "code=c").await, "OIDC-EXPIRED");
    check_refused(&try_with(&one.cookie, "").await, "OIDC-EXPIRED");
    // The same at the other's way back.
    check_refused(&back(&place.app, CITIZENS, &one.cookie, &answer).await, "OIDC-EXPIRED");
    assert_eq!(place.provider.asked().redeemed.len(), 0);

    assert_eq!(leads_to(&try_with(&one.cookie, &answer).await), "/console");
    check_refused(&try_with(&one.cookie, &answer).await, "OIDC-EXPIRED");
    assert_eq!(place.provider.asked().redeemed.len(), 1);

    place.says(&other, "console", json!({}));
    place.app.wait_minutes(10);
    check_refused(&try_with(&other.cookie, &place.answer_of(&other)).await, "OIDC-EXPIRED");
    place.app.stop().await;
}

#[tokio::test]
async fn what_a_provider_refuses_or_says_wrongly_is_a_code_on_the_sign_in_page() {
    let place = Place::new().await;
    assert_eq!(place.link("worker", "w-1").await.status, 200);
    let error = async |query: &str| {
        let begun = begin(&place.app, STAFF, json!({})).await;
        let query = format!("{query}&state={}&iss={}", begun.state, place.provider.issuer());
        back(&place.app, STAFF, &begun.cookie, &query).await
    };
    let answer = error("error=access_denied&error_description=%3Cb%3E").await;
    check_refused(&answer, "OIDC-CANCELLED");
    assert!(leads_to(&answer).starts_with("/console/sign-in?"));
    check_refused(&error("error=server_error").await, "OIDC-UNAVAILABLE");
    check_refused(&error("error=invalid_request").await, "OIDC-REFUSED");

    check_refused(&place.staff(json!({ "nonce": "another" })).await, "OIDC-REFUSED");
    check_refused(&place.staff(json!({ "aud": "portal" })).await, "OIDC-REFUSED");
    place.provider.next().signing = Signing::OtherKey;
    check_refused(&place.staff(json!({})).await, "OIDC-REFUSED");
    place.provider.next().signing = Signing::Right;
    place.provider.next().refused_code = Some("c".to_owned());
    check_refused(&place.staff(json!({})).await, "OIDC-REFUSED");
    place.provider.next().refused_code = None;

    // An answer of another provider.
    let begun = begin(&place.app, STAFF, json!({})).await;
    place.says(&begun, "console", json!({}));
    let query = format!("code=c&state={}&iss=https://other.example", begun.state);
    check_refused(&back(&place.app, STAFF, &begun.cookie, &query).await, "OIDC-REFUSED");

    // And one who goes away between the beginning and the end.
    let begun = begin(&place.app, STAFF, json!({})).await;
    place.provider.next().is_down = true;
    let answer = back(&place.app, STAFF, &begun.cookie, &place.answer_of(&begun)).await;
    check_refused(&answer, "OIDC-UNAVAILABLE");
    place.app.stop().await;
}

#[tokio::test]
async fn a_server_starts_without_its_provider_and_says_so_until_it_is_back() {
    let place = Place::new().await;
    place.provider.next().is_down = true;
    let path = format!("{STAFF}/attempts");
    check_problem(&post(&place.app, &path, &[], &json!({})).await, 503, "OIDC-UNAVAILABLE");
    place.provider.next().is_down = false;
    place.app.wait_minutes(1);
    assert_eq!(post(&place.app, &path, &[], &json!({})).await.status, 201);

    let elsewhere = [("sec-fetch-site", "cross-site"), ("origin", "https://example.org")];
    check_problem(&post(&place.app, &path, &elsewhere, &json!({})).await, 403, "CROSS-SITE");
    for next in ["https://example.org", "//example.org", "/consoles", ""] {
        let answer = post(&place.app, &path, &[], &json!({ "next": next })).await;
        check_problem(&answer, 400, "BODY-INVALID");
    }
    let unknown = post(&place.app, "/api/v1/oidc/nobody/attempts", &[], &json!({})).await;
    check_problem(&unknown, 404, "ROUTE-UNKNOWN");
    place.app.stop().await;

    let app = TestApp::empty().await;
    assert_eq!(app.get("/api/v1/oidc").await.json(), json!({ "staff": null, "citizens": null }));
    check_problem(&post(&app, &path, &[], &json!({})).await, 503, "OIDC-NOT-OFFERED");
    check_refused(&back(&app, STAFF, "", "code=c").await, "OIDC-NOT-OFFERED");
    app.stop().await;
}

/// Sets up a second factor for an account, and gives its secret.
async fn enrol(app: &TestApp, username: &str) -> totp_rs::Totp {
    let cookie = app.as_user(username).await;
    let path = "/api/v1/session/second-factor";
    let begun = send(app.address, "POST", path, &[("cookie", &cookie)], b"").await;
    let secret = begun.json()["secret"].as_str().unwrap().to_owned();
    let totp = totp_rs::Builder::new()
        .with_secret(totp_rs::Secret::try_from_base32(&secret).unwrap().as_bytes().to_vec())
        .with_account_name(username.to_owned())
        .with_issuer(Some("huimin".to_owned()))
        .build()
        .unwrap();
    let code = json!({ "code": code(&totp, app) }).to_string();
    let done = send(app.address, "PUT", path, &[("cookie", &cookie)], code.as_bytes()).await;
    assert_eq!(done.status, 200, "{}", done.text());
    totp
}

fn code(totp: &totp_rs::Totp, app: &TestApp) -> String {
    totp.generate(u64::try_from(app.now().as_second()).unwrap()).to_string()
}

#[tokio::test]
async fn without_a_second_factor_at_the_provider_that_of_the_account_is_asked_for() {
    let place = Place::new().await;
    let app = &place.app;
    let totp = enrol(app, "worker").await;
    assert_eq!(place.link("worker", "w-1").await.status, 200);
    app.wait_minutes(1);
    // With one at the provider nothing more is asked.
    let answer = place.staff(json!({ "amr": ["pwd", "otp"] })).await;
    assert_eq!(leads_to(&answer), "/console/lists?list=due");

    let give = async |cookie: &str, code: &str| {
        post(app, &format!("{STAFF}/session"), &[("cookie", cookie)], &json!({ "code": code }))
            .await
    };
    let answer = place.staff(json!({ "amr": ["pwd"] })).await;
    let page = leads_to(&answer);
    assert_eq!(page, "/console/sign-in?step=code&next=%2Fconsole%2Flists%3Flist%3Ddue");
    assert!(!cookies(&answer).iter().any(|set| set.starts_with("huimin_session=")));
    let waits = cookie(&answer, "huimin_oidc_code");
    // What it is good for is this step alone.
    let as_session = waits.replace("huimin_oidc_code", "huimin_session");
    check_problem(&who(app, &as_session).await, 401, "AUTH-SESSION");
    check_problem(&give("", &code(&totp, app)).await, 401, "OIDC-EXPIRED");
    check_problem(&give(&waits, "000000").await, 401, "AUTH-CODE");
    let done = give(&waits, &code(&totp, app)).await;
    assert_eq!(done.status, 200, "{}", done.text());
    assert_eq!(done.json()["user"]["username"], "worker");
    assert_eq!(who(app, &cookie(&done, "huimin_session")).await.status, 200);
    app.wait_minutes(1);
    check_problem(&give(&waits, &code(&totp, app)).await, 401, "OIDC-EXPIRED");

    // Wrong codes are counted like those after a password.
    let waits = cookie(&place.staff(json!({})).await, "huimin_oidc_code");
    for _ in 0..4 {
        check_problem(&give(&waits, "000000").await, 401, "AUTH-CODE");
    }
    check_problem(&give(&waits, &code(&totp, app)).await, 429, "AUTH-LOCKED");
    check_problem(&app.sign_in("worker", crate::app::PASSWORD).await, 429, "AUTH-LOCKED");
    app.wait_minutes(11);
    check_problem(&give(&waits, &code(&totp, app)).await, 401, "OIDC-EXPIRED");

    // Without the link nobody goes on.
    let waits = cookie(&place.staff(json!({})).await, "huimin_oidc_code");
    assert_eq!(place.link("worker", "w-2").await.status, 200);
    check_problem(&give(&waits, &code(&totp, app)).await, 401, "OIDC-EXPIRED");
    place.app.stop().await;
}

#[tokio::test]
async fn in_production_a_session_without_a_second_factor_opens_nothing() {
    let provider = TestProvider::start().await;
    let exposure = server::Exposure {
        mode: server::Mode::Production,
        trusted_proxies: vec!["127.0.0.1/32".parse().unwrap()],
    };
    let app = TestApp::with_provider(provider.issuer(), exposure).await;
    let db = app.database().await;
    let link = (provider.issuer(), "w-1");
    identity::oidc::link::set(&db, "worker", link, "test", app.now()).await.unwrap();
    db.close().await.unwrap();
    for (amr, status) in [(json!(["pwd"]), 403), (json!(["pwd", "mfa"]), 200)] {
        let tls = ("x-forwarded-proto", "https");
        let begun = post(&app, &format!("{STAFF}/attempts"), &[tls], &json!({})).await;
        assert_eq!(begun.status, 201, "{}", begun.text());
        let set = begun.header("set-cookie").unwrap();
        assert!(set.starts_with("__Secure-huimin_oidc="), "{set}");
        assert!(set.ends_with("; Secure"), "{set}");
        let location = Url::parse(begun.json()["location"].as_str().unwrap()).unwrap();
        let one = |name: &str| {
            location.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned()
        };
        let now = app.now().as_second();
        provider.next().claims = json!({
            "iss": provider.issuer(), "aud": "console", "sub": "w-1", "nonce": one("nonce"),
            "iat": now, "exp": now + 300, "amr": amr,
        });
        let path =
            format!("{STAFF}/callback?code=c&state={}&iss={}", one("state"), provider.issuer());
        let browser = begun.cookie();
        let plain = browser.replace("__Secure-", "");
        let headers = [tls, ("cookie", plain.as_str())];
        check_refused(&send(app.address, "GET", &path, &headers, b"").await, "OIDC-EXPIRED");
        let headers = [tls, ("cookie", browser.as_str())];
        let answer = send(app.address, "GET", &path, &headers, b"").await;
        assert_eq!(leads_to(&answer), "/console");
        let over = "__Secure-huimin_oidc=; Path=/api/v1/oidc/staff/callback; HttpOnly; SameSite=Lax; Max-Age=0; Secure";
        assert_eq!(cookies(&answer)[1], over);
        let session = cookie(&answer, "__Host-huimin_session");
        let headers = [tls, ("cookie", session.as_str())];
        let meta = send(app.address, "GET", "/api/v1/tasks", &headers, b"").await;
        assert_eq!(meta.status, status, "{amr}: {}", meta.text());
        if status == 403 {
            assert_eq!(meta.json()["code"], "AUTH-SECOND-FACTOR");
        }
    }
    app.stop().await;
}

#[tokio::test]
async fn in_production_a_citizens_session_is_bound_to_the_host() {
    let provider = TestProvider::start().await;
    let exposure = server::Exposure {
        mode: server::Mode::Production,
        trusted_proxies: vec!["127.0.0.1/32".parse().unwrap()],
    };
    let app = TestApp::with_provider(provider.issuer(), exposure).await;
    let tls = ("x-forwarded-proto", "https");
    let begun = post(&app, &format!("{CITIZENS}/attempts"), &[tls], &json!({})).await;
    assert_eq!(begun.status, 201, "{}", begun.text());
    let location = Url::parse(begun.json()["location"].as_str().unwrap()).unwrap();
    let one =
        |name: &str| location.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned();
    let now = app.now().as_second();
    provider.next().claims = json!({
        "iss": provider.issuer(), "aud": "portal", "sub": "w-1", "nonce": one("nonce"),
        "iat": now, "exp": now + 300, "id_number": id_number("19400103", "001"), "name": "张三丰",
    });
    let path =
        format!("{CITIZENS}/callback?code=c&state={}&iss={}", one("state"), provider.issuer());
    let browser = begun.cookie();
    let headers = [tls, ("cookie", browser.as_str())];
    let answer = send(app.address, "GET", &path, &headers, b"").await;
    assert_eq!(leads_to(&answer), "/");
    let session = cookie(&answer, "__Host-huimin_citizen");
    assert!(
        cookies(&answer)[0].ends_with("; Path=/; HttpOnly; SameSite=Strict; Max-Age=7200; Secure")
    );

    let ask = async |method: &str, cookie: &str| {
        let headers = [tls, ("cookie", cookie)];
        send(app.address, method, "/api/v1/citizen/session", &headers, b"").await
    };
    assert_eq!(ask("GET", &session).await.status, 200);
    let plain = session.replace("__Host-", "");
    check_problem(&ask("GET", &plain).await, 401, "CITIZEN-SESSION");
    let out = ask("DELETE", &session).await;
    let gone = "__Host-huimin_citizen=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0; Secure";
    assert_eq!((out.status, out.header("set-cookie")), (204, Some(gone)));
    check_problem(&ask("GET", &session).await, 401, "CITIZEN-SESSION");
    app.stop().await;
}

#[tokio::test]
async fn a_citizen_is_whom_the_registry_knows_by_number_and_name() {
    let place = Place::new().await;
    let old = id_number("19400103", "001");
    let answer = place.citizen(json!({ "id_number": old, "name": "张三豐" })).await;
    assert_eq!(leads_to(&answer), "/");
    let session = cookie(&answer, "huimin_citizen");
    let path = "/api/v1/citizen/session";
    let own = send(place.app.address, "GET", path, &[("cookie", &session)], b"").await;
    assert_eq!(own.json()["people"][0]["name"], "张三丰");

    // All others are told the same.
    place.provider.next().user_info = json!({ "sub": "w-1" });
    let child = id_number("20200607", "003");
    for claims in [
        json!({ "id_number": old, "name": "张三" }),
        json!({ "id_number": id_number("19900101", "009"), "name": "无此人" }),
        json!({ "id_number": child, "name": "王小五" }),
        json!({ "id_number": "123", "name": "张三丰" }),
        json!({ "id_number": old }),
        json!({ "name": "张三丰" }),
        json!({ "id_number": 7, "name": "张三丰" }),
        json!({}),
    ] {
        let answer = place.citizen(claims).await;
        check_refused(&answer, "OIDC-NO-PERSON");
        assert_eq!(leads_to(&answer), "/?refused=OIDC-NO-PERSON");
    }
    // From user info as well, if it is about the same.
    place.provider.next().user_info = json!({ "sub": "w-1", "id_number": old, "name": "张三丰" });
    assert_eq!(leads_to(&place.citizen(json!({})).await), "/");
    check_refused(&place.citizen(json!({ "sub": "w-9" })).await, "OIDC-REFUSED");
    // A citizen's way in opens no console.
    check_problem(&who(&place.app, &session).await, 401, "AUTH-SESSION");
    place.app.stop().await;
}

#[tokio::test]
async fn a_link_is_shown_set_and_taken_away_by_who_looks_after_accounts() {
    let place = Place::new().await;
    let app = &place.app;
    let path = |username: &str| format!("/api/v1/users/{username}/oidc-link");
    let security = app.as_user("security").await;
    let headers = [("cookie", security.as_str())];
    let read =
        async |username: &str| send(app.address, "GET", &path(username), &headers, b"").await;
    assert_eq!(
        read("worker").await.json(),
        json!({ "issuer": place.provider.issuer(), "link": null })
    );
    check_problem(&place.link("worker", "").await, 400, "OIDC-LINK-INVALID");
    check_problem(&place.link("security", "w-1").await, 409, "OWN-ACCOUNT");
    check_problem(&place.link("nobody", "w-1").await, 404, "USER-UNKNOWN");
    assert_eq!(place.link("worker", " w-1 ").await.status, 200);
    check_problem(&place.link("target", "w-1").await, 409, "OIDC-LINK-EXISTS");
    let shown = read("worker").await.json();
    assert_eq!(shown["link"]["subject"], "w-1");
    assert_eq!(shown["link"]["made_by"], "security");
    let remove =
        async |username: &str| send(app.address, "DELETE", &path(username), &headers, b"").await;
    check_problem(&remove("security").await, 409, "OWN-ACCOUNT");
    check_problem(&remove("target").await, 404, "OIDC-NO-LINK");
    assert_eq!(remove("worker").await.status, 204);
    assert_eq!(read("worker").await.json()["link"], Value::Null);
    check_refused(&place.staff(json!({})).await, "OIDC-NOT-LINKED");
    place.app.stop().await;

    // Without a provider there is nothing to link with.
    let app = TestApp::empty().await;
    let security = app.as_user("security").await;
    let body = json!({ "subject": "w-1" }).to_string();
    let headers = [("cookie", security.as_str())];
    let answer = send(app.address, "PUT", &path("worker"), &headers, body.as_bytes()).await;
    check_problem(&answer, 503, "OIDC-NOT-OFFERED");
    app.stop().await;
}

#[tokio::test]
async fn what_the_layers_before_it_refuse_is_a_page_on_the_way_back_too() {
    let app = TestApp::limited(4).await;
    let mut last = back(&app, STAFF, "", "code=c").await;
    for _ in 0..8 {
        last = back(&app, STAFF, "", "code=c").await;
    }
    check_refused(&last, "TOO-MANY-REQUESTS");
    app.stop().await;
}
