//! The server under test, on a real socket over a temporary data folder.
//!
//! Its database is a file; with `HUIMIN_TEST_API_DATABASE=postgres` all tests work on PostgreSQL instead.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use engine::DataFolder;
use identity::account::{self, NewAccount};
use identity::grant::{self, NewGrant};
use identity::oidc::Whom;
use identity::organisation::{self, Kind, NewOrganisation};
use identity::sms::SmsGateway;
use identity::{Purpose, Role};
use jiff::{Timestamp, ToSpan as _};
use store::sea_orm::DatabaseConnection;
use testing::TestDatabase;
use trust::ColumnKeys;

use crate::http::{Answer, send};
use crate::town;

/// The password of every account.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// 2024-02-05T08:00:00Z.
const START: i64 = 1_707_120_000;

/// A running server.
pub(crate) struct TestApp {
    pub(crate) address: SocketAddr,
    pub(crate) folder: DataFolder,
    seconds: Arc<AtomicI64>,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    task: Option<tokio::task::JoinHandle<Result<(), server::ServerError>>>,
    _temporary: tempfile::TempDir,
    /// Gone after the server.
    server_database: Option<TestDatabase>,
}

/// How a server under test is reached.
#[derive(Default)]
struct Setting {
    sms: Option<Arc<dyn SmsGateway>>,
    exposure: server::Exposure,
    metrics: Option<SocketAddr>,
    requests_per_minute: u32,
    /// Address of a provider that signs in the staff as its client `console`, and citizens as `portal`.
    provider: Option<String>,
    /// Whether the town's register has people of another district.
    neighbours: bool,
}

impl TestApp {
    /// Over a new data folder in which nothing is published.
    pub(crate) async fn empty() -> Self {
        Self::start(false).await
    }

    /// Over the town of [`town`].
    pub(crate) async fn with_town() -> Self {
        Self::start(true).await
    }

    /// Over a new data folder, reached in some other way.
    pub(crate) async fn reached(exposure: server::Exposure, metrics: Option<SocketAddr>) -> Self {
        Self::start_with(false, Setting { exposure, metrics, ..Setting::default() }).await
    }

    /// Over a new data folder, with a limit of requests.
    pub(crate) async fn limited(requests_per_minute: u32) -> Self {
        Self::start_with(false, Setting { requests_per_minute, ..Setting::default() }).await
    }

    /// Over the town with people of another district.
    pub(crate) async fn with_neighbours() -> Self {
        Self::start_with(true, Setting { neighbours: true, ..Setting::default() }).await
    }

    /// Over the town, with a gateway for messages.
    pub(crate) async fn with_messages(sms: Arc<dyn SmsGateway>) -> Self {
        Self::start_with(true, Setting { sms: Some(sms), ..Setting::default() }).await
    }

    /// Over the town, with a provider that signs people in.
    pub(crate) async fn with_provider(issuer: &str, exposure: server::Exposure) -> Self {
        let provider = Some(issuer.to_owned());
        Self::start_with(true, Setting { provider, exposure, ..Setting::default() }).await
    }

    async fn start(populated: bool) -> Self {
        Self::start_with(populated, Setting::default()).await
    }

    async fn start_with(populated: bool, set: Setting) -> Self {
        let temporary = tempfile::tempdir().unwrap();
        let folder = DataFolder::open_or_create(&temporary.path().join("data")).unwrap();
        let pack = town::pack();
        let server_database = match std::env::var("HUIMIN_TEST_API_DATABASE") {
            Ok(kind) if kind == "postgres" => {
                Some(TestDatabase::new(testing::Kind::Postgres).await)
            }
            Ok(kind) => panic!("HUIMIN_TEST_API_DATABASE: `{kind}` is not known; `postgres` is"),
            Err(_) => None,
        };
        let url = server_database.as_ref().map(|database| database.url.clone());
        if populated {
            town::build(&folder, url.as_deref(), &pack, set.neighbours).await;
        }
        let db = server::open_database(&folder, url.as_deref()).await.unwrap();
        people(&db).await;
        db.close().await.unwrap();

        // Tests move the clock by hand.
        let seconds = Arc::new(AtomicI64::new(START));
        let clock_seconds = seconds.clone();
        let clock: server::Clock =
            Arc::new(move || Timestamp::from_second(clock_seconds.load(Ordering::SeqCst)).unwrap());
        ColumnKeys::load_or_create(&folder.key_file()).unwrap();
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let (ready, address) = tokio::sync::oneshot::channel();
        let oidc = set.provider.map(|issuer| oidc(set.exposure.mode, &issuer)).unwrap_or_default();
        let options = server::ServeOptions {
            folder: folder.clone(),
            database: url,
            pack,
            keys: server::KeySource::Folder,
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            exposure: set.exposure,
            metrics: set.metrics,
            requests_per_minute: set.requests_per_minute,
            sms: set.sms,
            oidc,
            witnesses: Vec::new(),
            on_ready: move |address| ready.send(address).unwrap(),
        };
        let task = tokio::spawn(server::serve_until(options, clock, async {
            let _ = stopped.await;
        }));
        Self {
            address: address.await.unwrap(),
            folder,
            seconds,
            stop: Some(stop),
            task: Some(task),
            _temporary: temporary,
            server_database,
        }
    }

    /// Moves the clock on.
    pub(crate) fn wait_minutes(&self, minutes: i64) {
        self.seconds.fetch_add(60 * minutes, Ordering::SeqCst);
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        send(self.address, "GET", path, &[], b"").await
    }

    /// As a user who supervises.
    pub(crate) async fn get_as(&self, cookie: &str, path: &str) -> Answer {
        let headers = [("cookie", cookie), ("huimin-purpose", "supervision")];
        send(self.address, "GET", path, &headers, b"").await
    }

    /// Searches people as a user who supervises.
    pub(crate) async fn search_as(&self, cookie: &str, search: &serde_json::Value) -> Answer {
        let headers = [("cookie", cookie), ("huimin-purpose", "supervision")];
        let body = search.to_string();
        send(self.address, "POST", "/api/v1/people/searches", &headers, body.as_bytes()).await
    }

    pub(crate) async fn sign_in(&self, username: &str, password: &str) -> Answer {
        let body = serde_json::json!({ "username": username, "password": password }).to_string();
        let headers = [("content-type", "application/json")];
        send(self.address, "POST", "/api/v1/session", &headers, body.as_bytes()).await
    }

    /// The present instant of the server.
    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_second(self.seconds.load(Ordering::SeqCst)).unwrap()
    }

    /// Signs in as the city's auditor, who sees everything, and returns the cookie.
    pub(crate) async fn auditor(&self) -> String {
        self.as_user("auditor").await
    }

    /// Signs in and returns the cookie.
    pub(crate) async fn as_user(&self, username: &str) -> String {
        let answer = self.sign_in(username, PASSWORD).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.cookie()
    }

    /// A connection to the server's database.
    pub(crate) async fn database(&self) -> DatabaseConnection {
        let url = self.server_database.as_ref().map(|database| database.url.as_str());
        server::open_database(&self.folder, url).await.unwrap()
    }

    /// The acts in the audit trail with their subjects.
    pub(crate) async fn trail(&self) -> Vec<(String, String)> {
        let db = self.database().await;
        let entries = store::audit::list(&db, None, 0, 1000).await.unwrap();
        db.close().await.unwrap();
        entries.into_iter().map(|entry| (entry.what, entry.subject)).collect()
    }

    /// Stops the server and waits for its end.
    pub(crate) async fn stop(mut self) {
        self.stop.take().unwrap().send(()).unwrap();
        self.task.take().unwrap().await.unwrap().unwrap();
    }
}

fn oidc(mode: server::Mode, issuer: &str) -> server::Oidc {
    let of = |whom, client_id| {
        let settings = server::OidcSettings {
            whom,
            issuer,
            client_id: Some(client_id),
            secret: "secret".to_owned().into(),
            public_url: Some("https://huimin.example.gov.cn"),
            name: Some("统一身份认证"),
            name_en: Some("Unified identity"),
            scopes: &[],
            id_number_claim: "id_number",
            name_claim: "name",
        };
        Some(server::oidc_provider(mode, settings).unwrap())
    };
    server::Oidc { staff: of(Whom::Staff, "console"), citizens: of(Whom::Citizens, "portal") }
}

/// Three organisations, and an account of each kind that the tests need.
async fn people(db: &DatabaseConnection) {
    let now = Timestamp::from_second(START).unwrap();
    let bureau = |id, name_zh, code, parent| NewOrganisation {
        id,
        name_zh,
        name_en: "",
        kind: Kind::CivilAffairs,
        division: vocab::DivisionCode::parse(code).unwrap(),
        parent,
    };
    let bureaus = [
        bureau("ca-4401", "广州市民政局", "440100", None),
        bureau("ca-440104", "越秀区民政局", "440104", Some("ca-4401")),
        bureau("ca-440106", "天河区民政局", "440106", Some("ca-4401")),
    ];
    organisation::create(db, &bureaus, "test", now).await.unwrap();
    for (username, display_name, employer, role, purpose) in [
        ("auditor", "审计员", "ca-4401", Role::Auditor, Some(Purpose::Supervision)),
        ("security", "安全员", "ca-4401", Role::SecurityAdmin, None),
        ("trail", "审计管理员", "ca-4401", Role::AuditAdmin, None),
        ("worker", "经办员", "ca-440104", Role::CaseWorker, Some(Purpose::Casework)),
        ("target", "某人", "ca-440104", Role::CaseWorker, None),
    ] {
        let new = NewAccount {
            username,
            display_name,
            organisation: Some(employer),
            roles: &[role],
            must_change_password: false,
        };
        account::create(db, new, PASSWORD, "test", now).await.unwrap();
        if let Some(purpose) = purpose {
            let until = now + (24 * 365).hours();
            let new = NewGrant { purpose, from: now, until, reason: "test" };
            grant::create(db, username, new, "test", now).await.unwrap();
        }
    }
}

/// Checks that an answer is a problem with this status and code.
#[track_caller]
pub(crate) fn check_problem(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    let problem = answer.json();
    assert_eq!(problem["code"], code);
    assert_eq!(problem["status"], status);
    assert_eq!(problem["type"], format!("urn:huimin:problem:{}", code.to_lowercase()));
    assert_eq!(problem["request_id"].as_str(), answer.header("x-request-id"));
}
