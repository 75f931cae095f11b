//! The server is killed in the middle of writing, again and again: what was answered is there, once, with its entry in
//! the audit trail, and no entry speaks of something that is not there.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::Stdio;
use std::sync::Mutex;
use std::time::Duration;

use identity::account::{self, NewAccount};
use identity::organisation::{self, Kind as Does, NewOrganisation};
use identity::{Role, grant};
use jiff::Timestamp;
use serde_json::Value;
use store::sea_orm::DatabaseConnection;
use testing::{Kind, TestDatabase};

use crate::city::{assert_success, command};
use crate::serving::Server;

const ROUNDS: u64 = 50;
const WRITERS: u64 = 4;
const PASSWORD: &str = "correct horse battery";

/// Status, cookie and body of an answer; `None` when none came.
fn send(address: &str, head: &str, body: &str) -> Option<(u16, Option<String>, String)> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(20))).ok()?;
    let length = body.len();
    let request = format!(
        "{head}\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let cookie = head
        .lines()
        .find_map(|line| line.strip_prefix("set-cookie: "))
        .and_then(|value| value.split(';').next())
        .map(str::to_owned);
    // An answer that was cut off is none.
    let whole = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let whole = whole.and_then(|length| length.parse::<usize>().ok());
    (whole.is_none() || whole == Some(body.len())).then(|| (status, cookie, body.to_owned()))
}

fn sign_in(address: &str, username: &str) -> String {
    let body = serde_json::json!({ "username": username, "password": PASSWORD }).to_string();
    let answer = send(address, "POST /api/v1/session HTTP/1.1", &body);
    answer.and_then(|(_, cookie, _)| cookie).expect("a session")
}

/// Grants a purpose; the id of the grant, or `None` without an answer.
fn write(address: &str, cookie: &str, key: &str) -> Option<String> {
    let head = format!(
        "POST /api/v1/users/target/grants HTTP/1.1\r\ncookie: {cookie}\r\nidempotency-key: {key}"
    );
    let body = serde_json::json!({ "purpose": "casework", "until": "2099-01-01T00:00:00Z", "reason": key });
    let (status, _, body) = send(address, &head, &body.to_string())?;
    assert_eq!(status, 201, "{body}");
    let answer: Value = serde_json::from_str(&body).expect("JSON");
    Some(answer["grant_id"].as_str().expect("an id").to_owned())
}

async fn people(db: &DatabaseConnection) {
    let now = Timestamp::now();
    let city = NewOrganisation {
        id: "city",
        name_zh: "广州市民政局",
        name_en: "",
        kind: Does::CivilAffairs,
        division: vocab::DivisionCode::parse("440100").expect("a code"),
        parent: None,
    };
    organisation::create(db, &[city], "test", now).await.expect("an organisation");
    for (username, role) in [
        ("security", Role::SecurityAdmin),
        ("trail", Role::AuditAdmin),
        ("target", Role::CaseWorker),
    ] {
        let new = NewAccount {
            username,
            display_name: "",
            organisation: Some("city"),
            roles: &[role],
            must_change_password: false,
        };
        account::create(db, new, PASSWORD, "test", now).await.expect("an account");
    }
}

/// What the writers know: the grant that each key was answered with, and the keys without an answer.
#[derive(Default)]
struct Known {
    answered: BTreeMap<String, String>,
    open: BTreeSet<String>,
    /// Pages of the trail that were shown.
    read: usize,
}

/// Writes and reads until the server is killed.
fn round(data: &str, url: Option<&str>, number: u64, known: &Mutex<Known>) {
    let server = Server::start(data, url, &[], Stdio::null());
    let (security, trail) =
        (sign_in(&server.address, "security"), sign_in(&server.address, "trail"));
    // What was not answered before is asked for again, with the same key.
    let open = known.lock().expect("no writer has failed").open.clone();
    for key in open {
        let grant = write(&server.address, &security, &key).expect("an answer");
        let mut known = known.lock().expect("no writer has failed");
        known.open.remove(&key);
        known.answered.insert(key, grant);
    }
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (address, cookie) = (server.address.clone(), security.clone());
            scope.spawn(move || {
                for count in 0.. {
                    let key = format!("{number}-{writer}-{count}");
                    known.lock().expect("no writer has failed").open.insert(key.clone());
                    let Some(grant) = write(&address, &cookie, &key) else { break };
                    let mut known = known.lock().expect("no writer has failed");
                    known.open.remove(&key);
                    known.answered.insert(key, grant);
                }
            });
        }
        let address = server.address.clone();
        scope.spawn(move || {
            let head = format!("GET /api/v1/audit/entries?limit=1 HTTP/1.1\r\ncookie: {trail}");
            while let Some((200, _, _)) = send(&address, &head, "") {
                known.lock().expect("no writer has failed").read += 1;
            }
        });
        // At another moment each time.
        std::thread::sleep(Duration::from_millis(20 + (number * 37) % 130));
        drop(server);
    });
}

/// What is in the database, against what was answered.
async fn check(db: &DatabaseConnection, known: &Known) {
    let grants = grant::list(db, "target").await.expect("the grants");
    let there: BTreeSet<&str> = grants.iter().map(|grant| grant.id.as_str()).collect();
    let answered: BTreeSet<&str> = known.answered.values().map(String::as_str).collect();
    assert_eq!(there, answered, "what was answered is there, once");
    assert_eq!(answered.len(), known.answered.len(), "each key has made one grant");

    let mut told = Vec::new();
    let mut read = 0;
    let mut after = 0;
    loop {
        let page = store::audit::list(db, None, after, 5000).await.expect("the trail");
        let Some(last) = page.last() else { break };
        after = last.id;
        for entry in &page {
            if entry.what == "purpose.grant" {
                let detail: Value = serde_json::from_str(&entry.detail).expect("JSON");
                told.push(detail["grant"].as_str().expect("an id").to_owned());
            }
            read += usize::from(entry.what == "trail.read");
        }
    }
    assert_eq!(told.len(), there.len(), "one entry an effect");
    let told: BTreeSet<&str> = told.iter().map(String::as_str).collect();
    assert_eq!(told, there, "no entry without effect, no effect without entry");
    assert!(read >= known.read, "{} pages were shown, {read} entries tell of it", known.read);
}

fn killed(kind: Kind) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let database = runtime.block_on(TestDatabase::new(kind));
    let url = (kind == Kind::Postgres).then(|| database.url.clone());
    let temporary = tempfile::tempdir().expect("a folder");
    let data = temporary.path().join("data").to_string_lossy().into_owned();
    let folder = engine::DataFolder::open_or_create(Path::new(&data)).expect("a data folder");
    trust::ColumnKeys::load_or_create(&folder.key_file()).expect("a key");
    runtime.block_on(async {
        let db = server::open_database(&folder, url.as_deref()).await.expect("a database");
        people(&db).await;
        db.close().await.expect("the end of the connection");
    });
    let known = Mutex::new(Known::default());
    for number in 0..ROUNDS {
        round(&data, url.as_deref(), number, &known);
    }
    // Once more for what the last round has left open.
    {
        let server = Server::start(&data, url.as_deref(), &[], Stdio::null());
        let security = sign_in(&server.address, "security");
        let mut known = known.lock().expect("no writer has failed");
        for key in std::mem::take(&mut known.open) {
            let grant = write(&server.address, &security, &key).expect("an answer");
            known.answered.insert(key, grant);
        }
    }
    let known = known.into_inner().expect("no writer has failed");
    assert!(known.answered.len() as u64 > ROUNDS && known.read as u64 > ROUNDS);
    runtime.block_on(async {
        let db = server::open_database(&folder, url.as_deref()).await.expect("a database");
        check(&db, &known).await;
        db.close().await.expect("the end of the connection");
    });
    let mut verify = command(&["audit", "verify", "--data", &data]);
    if let Some(url) = &url {
        verify.env("HUIMIN_DATABASE", url);
    }
    assert_success(&verify.output().expect("the program starts"));
}

#[test]
fn a_server_on_sqlite_that_is_killed_loses_nothing_that_it_has_answered() {
    killed(Kind::Sqlite);
}

#[test]
fn a_server_on_postgres_that_is_killed_loses_nothing_that_it_has_answered() {
    killed(Kind::Postgres);
}
