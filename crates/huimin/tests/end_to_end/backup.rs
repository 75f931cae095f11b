//! Backups and the way back.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use store::sea_orm::ConnectionTrait as _;
use testing::{Kind, TestDatabase};

use crate::city::{City, TABLES, assert_success, huimin, json};

fn db(verb: &str, more: &[&str]) -> Output {
    huimin(&[&["db", verb, "--json"], more].concat())
}

#[track_caller]
fn refused(done: &Output, told: &str) {
    assert_eq!(done.status.code(), Some(1), "{}", String::from_utf8_lossy(&done.stdout));
    let message = String::from_utf8_lossy(&done.stderr);
    assert!(message.contains(told), "{message}");
}

#[test]
fn a_restored_folder_goes_on_as_the_one_that_was_lost() {
    let city = City::new(800, 2);
    city.run("data", "2024-01");
    let (data, backup, again) = (city.path("data"), city.path("backup"), city.path("again"));
    let made = db("backup", &["--data", &data, "--to", &backup]);
    assert_success(&made);
    let made = json(&made);
    assert_eq!((&made["period"], &made["with_keys"]), (&"2024-01".into(), &false.into()));
    assert_success(&db("check-backup", &["--from", &backup]));
    refused(&db("backup", &["--data", &data, "--to", &backup]), "is there already");

    let restore = ["--from", &backup, "--data", &again];
    refused(&db("restore", &restore), "the keys are not in the backup");
    assert!(!Path::new(&again).exists());
    let none = city.path("none");
    fs::create_dir(&none).expect("a folder");
    refused(&db("restore", &[&restore[..], &["--keys", &none]].concat()), "the keys are not those");
    assert!(!Path::new(&again).exists());
    let inside = format!("{data}/backup");
    refused(&db("backup", &["--data", &data, "--to", &inside]), "lies in the data folder");
    let folder = engine::DataFolder::open(Path::new(&data)).expect("the data folder");
    let held = folder.lock().expect("no run works");
    let (place, other) = (["--data", &data, "--to"], city.path("other"));
    let busy = db("backup", &[&place[..], &[&other]].concat());
    assert_eq!(busy.status.code(), Some(5), "{}", String::from_utf8_lossy(&busy.stderr));
    drop(held);
    let keys = format!("{data}/keys");
    let restored = db("restore", &[&restore[..], &["--keys", &keys]].concat());
    assert_success(&restored);
    assert_eq!(json(&restored)["sum"], made["sum"]);
    for folder in [&backup, &again] {
        use std::os::unix::fs::PermissionsExt as _;

        let mode = fs::metadata(folder).expect("a folder").permissions().mode() & 0o777;
        assert_eq!(mode, 0o700, "only the owner may enter");
    }
    let left = fs::read_dir(city.folder())
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name());
    let left: Vec<_> = left.filter(|name| name.to_string_lossy().contains(".partial")).collect();
    assert!(left.is_empty(), "{left:?}");
    assert_eq!(city.content("again", &TABLES), city.content("data", &TABLES));
    refused(&db("restore", &[&restore[..], &["--keys", &keys]].concat()), "is there already");

    let on = city.run("data", "2024-02");
    let on_again = city.run("again", "2024-02");
    assert_eq!(on["list"]["differences"], on_again["list"]["differences"]);
    assert_eq!(city.content("again", &TABLES), city.content("data", &TABLES));
    assert_success(&huimin(&["audit", "verify", "--data", &again]));
}

#[test]
fn a_database_on_a_server_is_in_the_backup_too() {
    let city = City::new(300, 1);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let database = runtime.block_on(TestDatabase::new(Kind::Postgres));
    let args = city.run_args("data", "2024-01");
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    assert_success(&huimin(&[&args[..], &["--database", &database.url]].concat()));
    let (data, backup, again) = (city.path("data"), city.path("backup"), city.path("again"));
    let place = ["--data", &data, "--database", &database.url];
    assert_success(&db("backup", &[&place[..], &["--to", &backup, "--with-keys"]].concat()));

    let restore = ["--from", &backup, "--data", &again];
    refused(&db("restore", &restore), "was on a server");
    let full = [&restore[..], &["--database", &database.url]].concat();
    refused(&db("restore", &full), "the database is not empty");

    // Another database of the same server; the schema of the test comes with the backup.
    let name = format!("restored_{}", std::process::id());
    let execute = |sql: String| {
        runtime.block_on(async {
            let db = database.connect().await;
            db.execute_unprepared(&sql).await.expect("a database is made or dropped");
            db.close().await.expect("the end");
        });
    };
    execute(format!("CREATE DATABASE {name}"));
    let other = database.url.replacen("/postgres?", &format!("/{name}?"), 1);
    assert_ne!(other, database.url);
    let restored = db("restore", &[&restore[..], &["--database", &other]].concat());
    let verified = huimin(&["audit", "verify", "--json", "--data", &again, "--database", &other]);
    let show = ["batch", "show", "--json", "--data"];
    let shown = huimin(&[&show[..], &[&again, "--database", &other]].concat());
    let expected = huimin(&[&show[..], &[&data, "--database", &database.url]].concat());
    execute(format!("DROP DATABASE {name} WITH (FORCE)"));
    assert_success(&restored);
    assert_success(&verified);
    assert_success(&shown);
    assert_eq!(json(&shown), json(&expected));
    assert_eq!(json(&shown)["batches"].as_array().map(Vec::len), Some(1));
}

/// Every file of a folder, in the order of the names.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    found
}

#[test]
fn a_damaged_backup_is_refused_whatever_is_wrong_with_it() {
    let city = City::new(300, 1);
    city.run("data", "2024-01");
    let whole = city.path("whole");
    let place = ["--data", &city.path("data"), "--to", &whole, "--with-keys"];
    assert_success(&db("backup", &place));
    let (backup, again) = (city.path("backup"), city.path("again"));
    let all = files(Path::new(&whole));
    let one_of = |part: &str| {
        all.iter().find(|path| path.to_string_lossy().contains(part)).expect("such a file")
    };
    let places = [
        "backup.json",
        "data/CURRENT",
        "data/FORMAT",
        "data/DATABASE",
        "database/huimin.db",
        "keys/column.key",
        "keys/audit.key",
        "manifests/",
        "_delta_log",
        ".parquet",
        "data/raw/",
        "data/index/",
    ];
    let mut tried = 0;
    for part in places {
        let name = one_of(part).strip_prefix(&whole).expect("below it");
        for damage in ["gone", "cut", "flipped", "longer"] {
            city.copy("whole", "backup");
            let file = Path::new(&backup).join(name);
            let mut bytes = fs::read(&file).expect("a file");
            match damage {
                "gone" => fs::remove_file(&file).expect("it goes"),
                "cut" => fs::write(&file, &bytes[..bytes.len() - 1]).expect("it is cut"),
                "flipped" => {
                    let middle = bytes.len() / 2;
                    bytes[middle] ^= 1;
                    fs::write(&file, &bytes).expect("it is changed");
                }
                _ => {
                    bytes.push(b'x');
                    fs::write(&file, &bytes).expect("it is longer");
                }
            }
            let done = db("restore", &["--from", &backup, "--data", &again]);
            assert_eq!(done.status.code(), Some(1), "{part} {damage}");
            let message = String::from_utf8_lossy(&done.stderr);
            assert!(
                message.contains("is damaged") || message.contains("newer program"),
                "{message}"
            );
            assert!(!Path::new(&again).exists(), "{part} {damage}");
            fs::remove_dir_all(&backup).expect("it goes");
            tried += 1;
        }
    }
    city.copy("whole", "backup");
    fs::write(format!("{backup}/data/tables/more"), "x").expect("a file more");
    refused(&db("restore", &["--from", &backup, "--data", &again]), "was not written with it");
    fs::remove_dir_all(format!("{backup}/database")).expect("it goes");
    fs::remove_file(format!("{backup}/data/tables/more")).expect("it goes");
    refused(&db("check-backup", &["--from", &backup]), "can't be read");
    assert_eq!(tried, 48);
    assert_success(&db("restore", &["--from", &whole, "--data", &again]));
}
