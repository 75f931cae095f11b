//! Made-up people with whole identity, telephone and account numbers go through everything that the platform does; none
//! of these numbers may turn up in what it writes, logs, shows or keeps.
//!
//! Not looked at: `raw/`, the bytes that departments delivered, which are kept as they came; the files that a bank is
//! sent, which need the account; and what a gateway is sent.

use std::collections::BTreeMap;
use std::collections::HashSet;
use std::fs::{self, File};
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use calamine::{Reader as _, Xlsx};
use engine::arrow::array::AsArray as _;
use reqwest::{Client, Method};
use serde_json::{Value, json};

use crate::city::{City, assert_success, command, huimin, pack};
use crate::serving::Server;

const PEOPLE: u32 = 1_000;
const PERIODS: [&str; 2] = ["2024-01", "2024-02"];
const PASSWORD: &str = "correct horse battery";

/// The numbers that must not turn up.
#[derive(Default)]
struct Canaries {
    /// As they are, and backwards.
    runs: HashSet<Vec<u8>>,
    /// Identity numbers in base64 and in hexadecimal digits.
    coded: HashSet<Vec<u8>>,
}

impl Canaries {
    /// All that stand in text files of a city's feeds.
    fn of(feeds: &Path) -> Self {
        let mut found = Self::default();
        for file in files(feeds) {
            let extension = file.extension().unwrap_or_default().to_string_lossy().into_owned();
            if !["csv", "jsonl"].contains(&extension.as_str()) {
                continue;
            }
            for run in runs(&fs::read(&file).expect("a feed")) {
                if is_number(run) {
                    found.add(run);
                }
            }
        }
        found
    }

    fn add(&mut self, number: &[u8]) {
        self.runs.insert(number.to_vec());
        if number.len() == 18 {
            self.runs.insert(number.iter().rev().copied().collect());
            self.coded.insert(STANDARD.encode(number).into_bytes());
            let hex: String = number.iter().map(|byte| format!("{byte:02x}")).collect();
            self.coded.insert(hex.into_bytes());
        }
    }

    /// Refuses bytes in which one of them stands.
    fn check(&self, place: &str, bytes: &[u8]) {
        for run in runs(bytes) {
            let hit =
                self.runs.contains(run) || run.windows(18).any(|window| self.runs.contains(window));
            assert!(!hit, "{place}: {}…", String::from_utf8_lossy(&run[..run.len().min(9)]));
        }
        for length in [24, 36] {
            let hit = bytes.windows(length).any(|window| self.coded.contains(window));
            assert!(!hit, "{place}: an identity number in another form");
        }
    }
}

/// Runs of digits, with an X at the end.
fn runs(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes
        .split_inclusive(|byte| !byte.is_ascii_digit())
        .map(|run| match run {
            [digits @ .., last] if !last.is_ascii_digit() && *last != b'X' => digits,
            whole => whole,
        })
        .filter(|run| run.len() >= 11)
}

/// Identity numbers of the synthetic city, mobile numbers, account numbers.
fn is_number(run: &[u8]) -> bool {
    (run.len() == 18 && run.starts_with(b"440199"))
        || (run.len() == 11 && run.starts_with(b"19"))
        || (run.len() == 19 && run.starts_with(b"62"))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

/// Checks a folder, but for what was delivered and the keys.
fn check_folder(canaries: &Canaries, folder: &Path) -> usize {
    let mut checked = 0;
    for file in files(folder) {
        let within = file.strip_prefix(folder).expect("a file in it");
        let skipped = within.iter().any(|part| part == "raw" || part == "keys");
        if !skipped {
            canaries.check(&file.display().to_string(), &fs::read(&file).expect("a file"));
            checked += 1;
        }
    }
    checked
}

/// Checks every text of every published table, which lies compressed in the files.
async fn check_tables(canaries: &Canaries, data: &str) -> usize {
    let folder = engine::DataFolder::open(Path::new(data)).expect("a data folder");
    let manifest = engine::Manifest::published(&folder).expect("a published run");
    let names: Vec<String> = manifest.tables.keys().cloned().collect();
    let snapshot = engine::Snapshot::new(engine::Tables::new(&folder), manifest.tables, 2);
    let mut texts = 0;
    for name in &names {
        let sql = format!("SELECT * FROM \"{name}\"");
        for batch in snapshot.query(&[name], &sql).await.expect("rows") {
            for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
                let Some(column) = column.as_string_opt::<i32>() else { continue };
                for text in column.iter().flatten() {
                    canaries.check(&format!("{name}.{}", field.name()), text.as_bytes());
                    texts += 1;
                }
            }
        }
    }
    texts
}

/// Runs the program with everything logged, and checks what it says.
fn run(canaries: &Canaries, args: &[&str]) -> Vec<u8> {
    let done = command(args).args(["--log", "trace"]).output().expect("the program starts");
    assert_success(&done);
    let place = args.join(" ");
    canaries.check(&format!("{place}: output"), &done.stdout);
    canaries.check(&format!("{place}: log"), &done.stderr);
    done.stdout
}

/// Somebody who asks the server, and checks what it answers.
struct Asker<'a> {
    canaries: &'a Canaries,
    client: Client,
    address: &'a str,
    cookie: String,
    purpose: &'static str,
    asked: BTreeMap<u16, usize>,
}

impl<'a> Asker<'a> {
    fn new(canaries: &'a Canaries, address: &'a str) -> Self {
        let client = Client::builder().no_proxy().build().expect("a client");
        Self {
            canaries,
            client,
            address,
            cookie: String::new(),
            purpose: "none",
            asked: BTreeMap::new(),
        }
    }

    async fn sign_in(&mut self, path: &str, body: &Value) {
        let answer = self.send(Method::POST, path, Some(body)).await;
        let set = answer.1.expect("a session");
        set.split(';').next().expect("a cookie").clone_into(&mut self.cookie);
    }

    async fn send(
        &mut self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> (Vec<u8>, Option<String>) {
        let url = format!("http://{}/api/v1/{path}", self.address);
        let mut request = self
            .client
            .request(method.clone(), url)
            .header("cookie", &self.cookie)
            .header("huimin-purpose", self.purpose)
            .header("idempotency-key", self.asked.len().to_string());
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let answer = request.send().await.expect("an answer");
        let status = answer.status().as_u16();
        *self.asked.entry(status).or_default() += 1;
        assert!(status < 500, "{method} {path}: {status}");
        let headers = format!("{:?}", answer.headers());
        self.canaries.check(&format!("{method} {path}: headers"), headers.as_bytes());
        let cookie = answer.headers().get("set-cookie").and_then(|value| value.to_str().ok());
        let cookie = cookie.map(str::to_owned);
        let bytes = answer.bytes().await.expect("a body").to_vec();
        self.canaries.check(&format!("{method} {path}"), &bytes);
        (bytes, cookie)
    }

    async fn search(&mut self, search: &Value) -> Value {
        let (bytes, _) = self.send(Method::POST, "people/searches", Some(search)).await;
        serde_json::from_slice(&bytes).expect("JSON")
    }

    async fn get(&mut self, path: &str) -> Value {
        let (bytes, _) = self.send(Method::GET, path, None).await;
        serde_json::from_slice(&bytes).expect("JSON")
    }

    /// A workbook, which lies compressed in its file.
    async fn workbook(&mut self, path: &str) {
        let (bytes, _) = self.send(Method::GET, path, None).await;
        let mut book = Xlsx::new(Cursor::new(bytes)).expect("a workbook");
        let sheet = book.worksheet_range_at(0).expect("a sheet").expect("its cells");
        for (_, _, cell) in sheet.used_cells() {
            self.canaries.check(path, cell.to_string().as_bytes());
        }
    }
}

/// What somebody of the city's staff can ask for.
async fn look_at_everything(asker: &mut Asker<'_>, somebody: &Value) -> usize {
    let meta = asker.get("meta").await;
    let policies: Vec<String> = meta["policies"]
        .as_array()
        .expect("policies")
        .iter()
        .map(|policy| {
            policy["id"].as_str().or(policy["policy"].as_str()).expect("an id").to_owned()
        })
        .collect();
    let number = somebody["id_number"].as_str().expect("a number");
    let found = asker.search(&json!({ "q": number })).await;
    assert_eq!(found["total"], 1, "the number finds its person");
    let mut people = Vec::new();
    let mut search = json!({ "limit": 200 });
    loop {
        let page = asker.search(&search).await;
        people.extend(page["people"].as_array().expect("people").clone());
        let Some(next) = page["next"].as_str() else { break };
        search["cursor"] = next.into();
    }
    for (at, person) in people.iter().enumerate() {
        let id = person["person_id"].as_str().expect("an id");
        if at % 5 == 0 {
            asker.get(&format!("people/{id}?period={}", PERIODS[1])).await;
        }
        if at % 40 == 0 {
            for policy in &policies {
                asker.get(&format!("people/{id}/decisions/{policy}?period={}", PERIODS[1])).await;
            }
        }
    }
    for period in PERIODS {
        for list in ["registered", "due", "paid"] {
            asker.get(&format!("lists?period={period}&list={list}&limit=200")).await;
            asker.workbook(&format!("lists/export.xlsx?period={period}&list={list}")).await;
        }
        asker.get(&format!("quarantine?period={period}&limit=200")).await;
        asker.workbook(&format!("quarantine/export.xlsx?period={period}")).await;
        asker.get(&format!("overview?period={period}")).await;
    }
    asker.get("batches").await;
    asker.get("audit/entries?limit=200").await;
    // Numbers where none belong.
    asker.get(&format!("people/{number}?period={}", PERIODS[1])).await;
    asker.get(&format!("lists?period={number}")).await;
    asker.search(&json!({ "division": number })).await;
    asker.get(&format!("audit/entries?subject=person:{}", people[0]["person_id"])).await;
    for body in [
        json!({ "username": number, "password": number }),
        json!({ "username": "auditor", "password": somebody["phone"], "code": number }),
        json!([number]),
    ] {
        asker.send(Method::POST, "session", Some(&body)).await;
    }
    people.len()
}

async fn look_at_oneself(asker: &mut Asker<'_>, gateway: &str, somebody: &Value, other: &Value) {
    asker.send(Method::POST, "citizen/codes", Some(somebody)).await;
    let wrong = json!({ "id_number": somebody["phone"], "name": somebody["id_number"], "phone": somebody["phone"] });
    asker.send(Method::POST, "citizen/codes", Some(&wrong)).await;
    let messages = format!("http://{gateway}/messages");
    let mut code = None;
    for _ in 0..200 {
        let answer = asker.client.get(&messages).send().await.expect("an answer");
        let sent: Value =
            serde_json::from_slice(&answer.bytes().await.expect("a body")).expect("JSON");
        code = sent["messages"][0]["parameters"]["code"].as_str().map(str::to_owned);
        if code.is_some() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let mut given = somebody.clone();
    given["code"] = code.expect("a code").into();
    asker.sign_in("citizen/session", &given).await;
    let session = asker.get("citizen/session").await;
    let person = session["people"][0]["person_id"].as_str().expect("an id").to_owned();
    let affairs = asker.get(&format!("citizen/people/{person}")).await;
    let mut households = 0;
    for decision in affairs["decisions"].as_array().expect("decisions") {
        let policy = decision["policy"].as_str().expect("a policy");
        let why = asker.get(&format!("citizen/people/{person}/decisions/{policy}")).await;
        if decision["unit"] == "household" {
            // Its sums, and nothing of its members one by one.
            assert_eq!(why["text"], json!({ "zh": "", "en": "" }), "{policy}");
            let conditions = why["conditions"].as_array().expect("conditions").iter();
            let mut values = conditions.flat_map(|one| one["values"].as_array().expect("values"));
            assert!(values.all(|value| value["sources"] == json!([])), "{policy}");
            households += 1;
        }
    }
    assert!(households > 0, "nothing was decided about the household");
    asker.get(&format!("citizen/people/{person}/readings?limit=200")).await;
    let until = (jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24)).to_string();
    let draft = json!({ "id_number": other["id_number"], "name": other["name"], "until": until });
    let path = format!("citizen/people/{person}/representatives");
    asker.send(Method::POST, &path, Some(&draft)).await;
    asker.get(&path).await;
}

/// Two people with number, name and telephone in one delivery.
fn two_people(feeds: &Path) -> [Value; 2] {
    let file = feeds.join(PERIODS[0]).join("benefit_confirmation.jsonl");
    let text = fs::read_to_string(file).expect("confirmations");
    let register =
        fs::read(feeds.join(PERIODS[0]).join("household_register.csv")).expect("a register");
    let registered: HashSet<&[u8]> = runs(&register).collect();
    let rows = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("a row"));
    let mut whole = rows.filter(|row| {
        let [number, phone] =
            ["证件号码", "联系电话"].map(|name| row[name].as_str().unwrap_or_default());
        is_number(number.as_bytes())
            && is_number(phone.as_bytes())
            && registered.contains(number.as_bytes())
    });
    std::array::from_fn(|_| {
        let row = whole.next().expect("somebody");
        json!({ "id_number": row["证件号码"], "name": row["姓名"], "phone": row["联系电话"] })
    })
}

#[tokio::test]
async fn no_number_turns_up_in_what_is_written_logged_shown_or_kept() {
    let city = City::new(PEOPLE, 2);
    let feeds = city.folder().join("city/feeds");
    let canaries = Canaries::of(&feeds);
    assert!(canaries.runs.len() > 3_000, "{} numbers", canaries.runs.len());
    let (data, pack) = (city.path("data"), pack());
    let place = ["--data", data.as_str()];
    for period in PERIODS {
        let args = city.run_args("data", period);
        run(&canaries, &args.iter().map(String::as_str).collect::<Vec<_>>());
    }
    let first = ["--period", PERIODS[0]];
    for user in ["one", "two"] {
        run(&canaries, &[&["batch", "approve", "--user", user], &place[..], &first].concat());
    }
    let bank = city.path("bank");
    fs::create_dir(&bank).expect("a folder");
    let send = ["batch", "send", "--pack", &pack, "--files", &bank];
    run(&canaries, &[&send[..], &place, &first].concat());
    run(&canaries, &[&["batch", "show"], &place[..]].concat());
    run(&canaries, &[&["organisation", "import", "--pack", &pack], &place[..]].concat());
    for (name, role, purpose) in
        [("auditor", "auditor", "supervision"), ("steward", "data_steward", "data_quality")]
    {
        let args = ["user", "set", "--username", name, "--role", role, "--organisation", "ca-4401"];
        let mut setting =
            command(&[&args[..], &["--grant", purpose, "--password-stdin"], &place].concat());
        let mut process =
            setting.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().expect("a start");
        let mut input = process.stdin.take().expect("its input");
        std::io::Write::write_all(&mut input, PASSWORD.as_bytes()).expect("a password");
        drop(input);
        assert!(process.wait().expect("an end").success());
    }

    let gateway = Server::spawned(command(&["sim", "sms", "--listen", "127.0.0.1:0"]));
    let log = city.folder().join("serve.log");
    let errors = Stdio::from(File::create(&log).expect("a log"));
    let sms = format!("http://{}", gateway.address);
    let more = ["--log", "trace", "--sms-gateway", &sms];
    let server = Server::start(&data, None, &more, errors);
    let address = server.address.clone();
    let [somebody, other] = two_people(&feeds);
    let mut staff = Asker::new(&canaries, &address);
    staff.sign_in("session", &json!({ "username": "auditor", "password": PASSWORD })).await;
    staff.purpose = "supervision";
    let people = look_at_everything(&mut staff, &somebody).await;
    let mut citizen = Asker::new(&canaries, &address);
    look_at_oneself(&mut citizen, &gateway.address, &somebody, &other).await;
    assert_eq!(citizen.asked.get(&201), Some(&1), "somebody was asked to act");

    let backup = city.path("backup");
    run(&canaries, &[&["db", "backup", "--to", &backup], &place[..]].concat());
    drop(server);
    let exported = city.path("log");
    run(&canaries, &[&["audit", "export", "--out", &exported], &place[..]].concat());
    run(&canaries, &[&["audit", "verify"], &place[..]].concat());
    let logged = fs::read(&log).expect("a log");
    canaries.check("the server's log", &logged);
    assert!(logged.len() > 10_000, "everything is logged");

    let texts = check_tables(&canaries, &data).await;
    let mut checked = 0;
    for folder in [&data, &backup, &exported] {
        checked += check_folder(&canaries, Path::new(folder));
    }
    eprintln!(
        "{} numbers; {people} people; {:?} and {:?} answers by status; {texts} texts of tables; {checked} files",
        canaries.runs.len(),
        staff.asked,
        citizen.asked
    );
    assert!(
        people > 900
            && staff.asked[&200] > 400
            && citizen.asked[&200] > 5
            && texts > 50_000
            && checked > 100
    );
    // The search can find: what was delivered is full of them.
    let found = std::panic::catch_unwind(|| {
        let whole =
            fs::read(feeds.join(PERIODS[0]).join("household_register.csv")).expect("a feed");
        canaries.check("a feed", &whole);
    });
    assert!(found.is_err());
    assert_success(&huimin(&["audit", "verify", "--data", &data]));
}
