//! Partners' programs: written down by a security administrator, they sign what they ask.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ed25519_dalek::{Signer as _, SigningKey};
use identity::account::{self, NewAccount};
use identity::session::Token;
use identity::{Role, citizen};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::app::{PASSWORD, TestApp, check_problem};
use crate::http::{Answer, send};
use crate::town::id_number;

const ASK: &str = "/api/v1/exchange/verifications";
const SELF: &str = "/api/v1/exchange/agreements";

/// A program with its private key, that signs as RFC 9421 says, by means of its own.
struct Program {
    key: SigningKey,
    key_id: String,
    nonces: std::cell::Cell<u32>,
}

impl Program {
    fn new(seed: u8) -> Self {
        let key = SigningKey::from_bytes(&[seed; 32]);
        Self { key, key_id: String::new(), nonces: std::cell::Cell::new(0) }
    }

    fn pem(&self) -> String {
        // `SubjectPublicKeyInfo` of Ed25519, RFC 8410.
        let mut der = vec![0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
        der.extend(self.key.verifying_key().as_bytes());
        let text = BASE64_STANDARD.encode(der);
        format!("-----BEGIN PUBLIC KEY-----\n{text}\n-----END PUBLIC KEY-----\n")
    }

    fn signed(
        &self,
        app: &TestApp,
        method: &str,
        path: &str,
        body: &[u8],
    ) -> Vec<(String, String)> {
        self.nonces.set(self.nonces.get() + 1);
        let covered = match body.is_empty() {
            true => "\"@method\" \"@authority\" \"@path\"",
            false => "\"@method\" \"@authority\" \"@path\" \"content-digest\"",
        };
        let params = format!(
            "({covered});keyid=\"{}\";created={};nonce=\"{}\"",
            self.key_id,
            app.now().as_second(),
            self.nonces.get()
        );
        let digest = format!("sha-256=:{}:", BASE64_STANDARD.encode(Sha256::digest(body)));
        let mut base =
            format!("\"@method\": {method}\n\"@authority\": {}\n\"@path\": {path}\n", app.address);
        let mut headers = Vec::new();
        if !body.is_empty() {
            base.push_str(&format!("\"content-digest\": {digest}\n"));
            headers.push(("content-digest".to_owned(), digest));
        }
        base.push_str(&format!("\"@signature-params\": {params}"));
        let signature = BASE64_STANDARD.encode(self.key.sign(base.as_bytes()).to_bytes());
        headers.push(("signature-input".to_owned(), format!("sig={params}")));
        headers.push(("signature".to_owned(), format!("sig=:{signature}:")));
        headers
    }

    async fn send(&self, app: &TestApp, method: &str, path: &str, body: &[u8]) -> Answer {
        let headers = self.signed(app, method, path, body);
        sent(app, method, path, &headers, body).await
    }

    async fn ask(&self, app: &TestApp, asked: &Value) -> Answer {
        self.send(app, "POST", ASK, asked.to_string().as_bytes()).await
    }
}

async fn sent(
    app: &TestApp,
    method: &str,
    path: &str,
    headers: &[(String, String)],
    body: &[u8],
) -> Answer {
    let headers: Vec<(&str, &str)> =
        headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    send(app.address, method, path, &headers, body).await
}

/// The cookie of a security administrator of an organisation.
async fn security(app: &TestApp, organisation: &str) -> String {
    let db = app.database().await;
    let username = format!("sec-{organisation}");
    let new = NewAccount {
        username: &username,
        display_name: "",
        organisation: Some(organisation),
        roles: &[Role::SecurityAdmin],
        must_change_password: false,
    };
    account::create(&db, new, PASSWORD, "test", app.now()).await.unwrap();
    db.close().await.unwrap();
    app.as_user(&username).await
}

async fn post(app: &TestApp, cookie: &str, path: &str, key: &str, body: &Value) -> Answer {
    let headers = [("cookie", cookie), ("idempotency-key", key)];
    let path = format!("/api/v1/api-clients{path}");
    send(app.address, "POST", &path, &headers, body.to_string().as_bytes()).await
}

async fn delete(app: &TestApp, cookie: &str, path: &str) -> u16 {
    let path = format!("/api/v1/api-clients{path}");
    send(app.address, "DELETE", &path, &[("cookie", cookie)], b"").await.status
}

/// A program of an organisation, with a key and an agreement about the longevity allowance.
async fn program(app: &TestApp, cookie: &str, id: &str, owner: &str, seed: u8) -> Program {
    let mut program = Program::new(seed);
    let body = json!({ "client_id": id, "name": "公交优待", "organisation": owner });
    let made = post(app, cookie, "", id, &body).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let body = json!({ "public_key": program.pem(), "until": "2024-12-01T00:00:00Z" });
    let made = post(app, cookie, &format!("/{id}/keys"), &format!("{id}-key"), &body).await;
    assert_eq!(made.status, 201, "{}", made.text());
    program.key_id = made.json()["key_id"].as_str().unwrap().to_owned();
    let body = json!({
        "policy": "longevity-allowance", "until": "2024-12-01T00:00:00Z",
        "basis": "《中华人民共和国老年人权益保障法》第五十八条：办理乘车优待",
    });
    let made = post(app, cookie, &format!("/{id}/agreements"), &format!("{id}-a"), &body).await;
    assert_eq!(made.status, 201, "{}", made.text());
    program
}

fn question() -> Value {
    json!({
        "id_number": id_number("19400103", "001"), "name": "张三丰", "policy": "longevity-allowance",
    })
}

fn with(field: &str, value: impl Into<Value>) -> Value {
    let mut question = question();
    question[field] = value.into();
    question
}

#[tokio::test]
async fn a_partner_is_told_in_one_word_what_an_agreement_is_about() {
    let app = TestApp::with_town().await;
    let cookie = security(&app, "ca-4401").await;
    let program = program(&app, &cookie, "bus", "ca-440104", 1).await;

    let known = program.send(&app, "GET", SELF, b"").await;
    assert_eq!(known.status, 200, "{}", known.text());
    let known = known.json();
    assert_eq!(
        (known["client_id"].as_str(), known["division"].as_str()),
        (Some("bus"), Some("440104"))
    );
    assert_eq!(known["agreements"][0]["policy"], "longevity-allowance");

    let told = program.ask(&app, &question()).await;
    assert_eq!(told.status, 200, "{}", told.text());
    let answer = told.json();
    assert_eq!(
        (answer["answer"].as_str(), answer["period"].as_str()),
        (Some("entitled"), Some("2024-01"))
    );
    // Nothing else of the person leaves.
    let mut keys: Vec<&String> = answer.as_object().unwrap().keys().collect();
    keys.sort();
    assert_eq!(keys, ["agreement_id", "answer", "known_at", "period", "policy"]);

    let young = json!({
        "id_number": id_number("20000607", "003"), "name": "王五", "policy": "longevity-allowance",
    });
    assert_eq!(program.ask(&app, &young).await.json()["answer"], "not_entitled");
    for nobody in [with("name", "李四"), with("id_number", id_number("19900101", "009"))] {
        assert_eq!(program.ask(&app, &nobody).await.json()["answer"], "no_match");
    }
    check_problem(&program.ask(&app, &with("id_number", "1")).await, 400, "ID-NUMBER-INVALID");
    check_problem(&program.ask(&app, &with("period", "2024-13")).await, 400, "BODY-INVALID");
    check_problem(&program.ask(&app, &with("period", "2023-01")).await, 404, "PERIOD-UNKNOWN");
    for policy in ["orphan-allowance", "no-such", ""] {
        let answer = program.ask(&app, &with("policy", policy)).await;
        check_problem(&answer, 404, "AGREEMENT-UNKNOWN");
    }
    // Each question is in the trail: about whom there is somebody, under them, and else under the program.
    let trail = app.trail().await;
    let asked: Vec<&str> = trail
        .iter()
        .filter(|(what, _)| what == "verification.ask")
        .map(|(_, subject)| subject.split_once(':').unwrap().0)
        .collect();
    assert_eq!(asked, ["person", "person", "api_client", "api_client"]);
    app.stop().await;
}

#[tokio::test]
async fn the_trail_and_the_person_are_told_what_the_program_is_called() {
    let app = TestApp::with_town().await;
    let cookie = security(&app, "ca-4401").await;
    let program = program(&app, &cookie, "bus", "ca-440104", 1).await;
    assert_eq!(program.ask(&app, &question()).await.json()["answer"], "entitled");
    assert_eq!(program.ask(&app, &with("name", "李四")).await.json()["answer"], "no_match");
    // What has ended keeps its name.
    assert_eq!(delete(&app, &cookie, "/bus").await, 204);

    let trail = app.as_user("trail").await;
    let read = async |what: &str| {
        let path = format!("/api/v1/audit/entries?what={what}");
        send(app.address, "GET", &path, &[("cookie", &trail)], b"").await.json()
    };
    let page = read("verification.ask").await;
    let office = json!({ "zh": "越秀区民政局", "en": "越秀区民政局" });
    let named =
        json!([{ "subject": "api_client:bus", "name": "公交优待", "organisation": office }]);
    assert_eq!(page["programs"], named);
    let [unknown, known] = [0, 1].map(|at| &page["entries"][at]);
    assert_eq!((&unknown["who"], &known["who"]), (&json!("api_client:bus"), &unknown["subject"]));
    // Also where it is what something was done to.
    assert_eq!(read("api_client.end").await["programs"], named);
    assert_eq!(read("trail.read").await["programs"], json!([]));

    let person = known["subject"].as_str().unwrap().strip_prefix("person:").unwrap();
    let token = Token::random().unwrap();
    let db = app.database().await;
    citizen::session::start(&db, &token, person, app.now()).await.unwrap();
    db.close().await.unwrap();
    let own = citizen::session::COOKIE.set(&token, false);
    let own = own.split(';').next().unwrap();
    let path = format!("/api/v1/citizen/people/{person}/readings");
    let looks = send(app.address, "GET", &path, &[("cookie", own)], b"").await.json();
    let looks = looks["looks"].as_array().unwrap();
    let asked = looks.iter().find(|look| look["what"] == "verification.ask").unwrap();
    assert_eq!(
        asked["by"],
        json!({ "kind": "partner", "organisation": office, "program": "公交优待", "roles": [] })
    );
    app.stop().await;
}

#[tokio::test]
async fn a_partner_of_another_district_finds_nobody() {
    let app = TestApp::with_town().await;
    let cookie = security(&app, "ca-4401").await;
    let program = program(&app, &cookie, "bus", "ca-440106", 1).await;
    assert_eq!(program.ask(&app, &question()).await.json()["answer"], "no_match");
    app.stop().await;
}

#[tokio::test]
async fn what_is_not_signed_as_it_should_be_is_refused() {
    let app = TestApp::with_town().await;
    let cookie = security(&app, "ca-4401").await;
    let program = program(&app, &cookie, "bus", "ca-4401", 1).await;
    let body = question().to_string();
    let body = body.as_bytes();
    let refused = |answer: &Answer| check_problem(answer, 401, "SIGNATURE-INVALID");

    check_problem(&send(app.address, "GET", SELF, &[], b"").await, 401, "SIGNATURE-NEEDED");
    check_problem(
        &send(app.address, "GET", SELF, &[("cookie", &cookie)], b"").await,
        401,
        "SIGNATURE-NEEDED",
    );
    let good = program.signed(&app, "POST", ASK, body);
    for missing in ["signature", "signature-input"] {
        let some: Vec<_> = good.iter().filter(|(name, _)| name != missing).cloned().collect();
        check_problem(&sent(&app, "POST", ASK, &some, body).await, 401, "SIGNATURE-NEEDED");
    }
    // Another body, method, path, query, or digest than was signed.
    refused(&sent(&app, "POST", ASK, &good, with("name", "李四").to_string().as_bytes()).await);
    refused(&sent(&app, "GET", SELF, &good, b"").await);
    refused(&sent(&app, "POST", &format!("{ASK}?x=1"), &good, body).await);
    let mut changed = good.clone();
    changed[0].1 = format!("sha-256=:{}:", BASE64_STANDARD.encode(Sha256::digest(b"{}")));
    refused(&sent(&app, "POST", ASK, &changed, b"{}").await);
    // Whatever was refused, the nonce is not used up by it; a second time it is.
    assert_eq!(sent(&app, "POST", ASK, &good, body).await.status, 200);
    refused(&sent(&app, "POST", ASK, &good, body).await);

    // A body that is not covered, a key that nobody has, and one that is somebody else's.
    let mut uncovered = program.signed(&app, "POST", ASK, b"");
    uncovered.push(good[0].clone());
    refused(&sent(&app, "POST", ASK, &uncovered, body).await);
    let stranger = Program { key_id: "0123456789abcdef01234567".to_owned(), ..Program::new(2) };
    refused(&stranger.ask(&app, &question()).await);
    let thief = Program { key_id: program.key_id.clone(), ..Program::new(2) };
    refused(&thief.ask(&app, &question()).await);

    // Too old.
    let late = program.signed(&app, "POST", ASK, body);
    app.wait_minutes(6);
    refused(&sent(&app, "POST", ASK, &late, body).await);
    assert_eq!(program.ask(&app, &question()).await.status, 200);
    app.stop().await;
}

#[tokio::test]
async fn keys_agreements_and_programs_end_at_once() {
    let app = TestApp::with_town().await;
    let cookie = security(&app, "ca-4401").await;
    let program = program(&app, &cookie, "bus", "ca-4401", 1).await;
    let file = app.get_as(&cookie, "/api/v1/api-clients/bus").await;
    assert_eq!(file.status, 200, "{}", file.text());
    let agreement = file.json()["agreements"][0]["agreement_id"].as_str().unwrap().to_owned();
    assert_eq!(file.json()["keys"][0]["counts"], true);

    // Once more with the same key of the request: the same answer, and nothing is made twice.
    let body = json!({ "client_id": "bus", "name": "公交优待", "organisation": "ca-4401" });
    let again = post(&app, &cookie, "", "bus", &body).await;
    assert_eq!((again.status, again.header("idempotency-replayed")), (201, Some("true")));
    check_problem(&post(&app, &cookie, "", "new", &body).await, 409, "CLIENT-EXISTS");
    check_problem(
        &post(
            &app,
            &cookie,
            "/bus/keys",
            "k2",
            &json!({ "public_key": "x", "until": "2024-12-01T00:00:00Z" }),
        )
        .await,
        400,
        "KEY-INVALID",
    );

    // Whoever looks after another district does not see it.
    let other = security(&app, "ca-440106").await;
    check_problem(&app.get_as(&other, "/api/v1/api-clients/bus").await, 404, "CLIENT-UNKNOWN");
    assert_eq!(delete(&app, &other, "/bus").await, 404);
    assert_eq!(program.ask(&app, &question()).await.status, 200);

    assert_eq!(delete(&app, &cookie, &format!("/bus/agreements/{agreement}")).await, 204);
    check_problem(&program.ask(&app, &question()).await, 404, "AGREEMENT-UNKNOWN");
    assert_eq!(delete(&app, &cookie, &format!("/bus/agreements/{agreement}")).await, 404);
    assert_eq!(delete(&app, &cookie, &format!("/bus/keys/{}", program.key_id)).await, 204);
    check_problem(&program.send(&app, "GET", SELF, b"").await, 401, "SIGNATURE-INVALID");
    assert_eq!(delete(&app, &cookie, "/bus").await, 204);
    let listed = app.get_as(&cookie, "/api/v1/api-clients").await;
    assert!(listed.json()["clients"][0]["ended_at"].is_string(), "{}", listed.text());
    app.stop().await;
}
