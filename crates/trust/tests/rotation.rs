//! Rotating and retiring keys, and what happens to the file.

#![allow(clippy::unwrap_used)] // A test fails by panicking.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use huimin_trust::log::LogKey;
use huimin_trust::{ColumnKeys, Suite, TrustError, WatchedKeys};

const SUITES: [Suite; 2] = [Suite::International, Suite::Sm];
const PLACE: [&str; 3] = ["pension", "phone", "row1"];
const PHONE: &str = "19900191234";

fn seal(keys: &ColumnKeys) -> String {
    let [dataset, column, row] = PLACE;
    keys.seal(dataset, column, row, PHONE)
}

fn open(keys: &ColumnKeys, sealed: &str) -> Option<String> {
    let [dataset, column, row] = PLACE;
    keys.open(dataset, column, row, sealed).ok()
}

fn new_file(suite: Suite) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("column.key");
    ColumnKeys::load_or_create_of(&path, suite).unwrap();
    (folder, path)
}

/// The message with the folder of this test run taken out.
fn message(error: &TrustError, folder: &Path) -> String {
    error.to_string().replace(&folder.display().to_string(), "DATA")
}

fn write(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn names(folder: &Path) -> Vec<String> {
    let name = |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name();
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| name(entry).into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn cells_of_the_old_and_the_new_key_open_until_the_old_one_is_retired() {
    for suite in SUITES {
        let (_folder, path) = new_file(suite);
        let before = ColumnKeys::load(&path).unwrap();
        let old = seal(&before);
        let after = ColumnKeys::rotate(&path).unwrap();
        let new = seal(&after);
        assert_ne!(old, new);
        assert_eq!(open(&before, &new), None);
        for keys in [&after, &ColumnKeys::load(&path).unwrap()] {
            assert_eq!(keys.suite(), suite);
            assert_eq!(open(keys, &old).as_deref(), Some(PHONE));
            assert_eq!(open(keys, &new).as_deref(), Some(PHONE));
        }
        ColumnKeys::move_tokens(&path, after.id()).unwrap();
        let retired = ColumnKeys::retire(&path, before.id()).unwrap();
        assert_eq!(open(&retired, &old), None);
        assert_eq!(open(&retired, &new).as_deref(), Some(PHONE));
        assert_eq!(mode(&path), 0o600);
        // One key has the form again that programs without rotation read.
        let text = fs::read_to_string(&path).unwrap();
        let digits = text.trim_end().trim_start_matches("sm ");
        assert_eq!((digits.len(), text.lines().count()), (64, 1));
        assert_eq!(text.starts_with("sm "), suite == Suite::Sm);
    }
}

#[test]
fn tokens_and_digests_stay_comparable_until_they_are_moved() {
    let (_folder, path) = new_file(Suite::Sm);
    let before = ColumnKeys::load(&path).unwrap();
    let first = ColumnKeys::rotate(&path).unwrap();
    let second = ColumnKeys::rotate(&path).unwrap();
    for keys in [&first, &second] {
        assert_eq!(keys.token_id(), before.id());
        assert_eq!(keys.token("phone", PHONE), before.token("phone", PHONE));
        assert_eq!(keys.digest(b"a row"), before.digest(b"a row"));
    }
    // What a run that makes all tokens anew works with, before the file says so.
    let anew = second.with_tokens_of(second.id()).unwrap();
    assert_ne!(anew.token("phone", PHONE), before.token("phone", PHONE));
    let moved = ColumnKeys::move_tokens(&path, second.id()).unwrap();
    assert_eq!(moved.token("phone", PHONE), anew.token("phone", PHONE));
    assert_eq!(moved.digest(b"a row"), anew.digest(b"a row"));
    assert_eq!(moved.token_id(), second.id());
    // And back, for data of the time before.
    let back = moved.with_tokens_of(before.id()).unwrap();
    assert_eq!(back.token("phone", PHONE), before.token("phone", PHONE));
}

#[test]
fn a_cell_says_which_key_sealed_it() {
    for suite in SUITES {
        let (_folder, path) = new_file(suite);
        let mut sealed = Vec::new();
        for _ in 0..3 {
            let keys = ColumnKeys::load(&path).unwrap();
            sealed.push((keys.id().to_owned(), seal(&keys)));
            ColumnKeys::rotate(&path).unwrap();
        }
        let keys = ColumnKeys::load(&path).unwrap();
        let mut column = keys.column(PLACE[0], PLACE[1]);
        // In turns, so that the key that opened the cell before is another one each time.
        for (id, cell) in sealed.iter().chain(sealed.iter().rev()) {
            assert_eq!(column.sealed_by(PLACE[2], cell).unwrap(), id);
            assert_eq!(column.open(PLACE[2], cell).unwrap(), PHONE);
            assert!(column.sealed_by("row2", cell).is_err());
        }
        // Sealing goes on with the present key, whichever opened the cell before.
        let mut anew = String::new();
        column.seal_into(PLACE[2], PHONE, &mut anew);
        assert_eq!(anew, seal(&keys));
        assert_eq!(column.sealed_by(PLACE[2], &anew).unwrap(), keys.id());
    }
}

#[test]
fn the_uses_of_all_keys_are_told() {
    let (_folder, path) = new_file(Suite::International);
    let oldest = ColumnKeys::load(&path).unwrap().id().to_owned();
    let middle = ColumnKeys::rotate(&path).unwrap().id().to_owned();
    let keys = ColumnKeys::rotate(&path).unwrap();
    let uses: Vec<_> =
        keys.uses().into_iter().map(|key| (key.id, key.seals, key.makes_tokens)).collect();
    let expected =
        [(keys.id().to_owned(), true, false), (middle, false, false), (oldest, false, true)];
    assert_eq!(uses, expected);
}

#[test]
fn a_key_in_use_is_not_retired() {
    let (folder, path) = new_file(Suite::International);
    let digits = |byte: &str| byte.repeat(32);
    write(&path, &format!("{} seal\n{} token\n", digits("11"), digits("22")));
    let keys = ColumnKeys::load(&path).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    let errors = [keys.id(), keys.token_id(), "0123456789abcdef"]
        .map(|id| message(&ColumnKeys::retire(&path, id).unwrap_err(), folder.path()));
    insta::assert_snapshot!(errors.join("\n"), @r"
    key `571666c0cdf771b5` can't be retired: new cells are sealed with it; add a new key before
    key `72d4a4c6a2f50952` can't be retired: tokens are made with it; make all of them anew with another key before
    there is no key `0123456789abcdef`; there are 571666c0cdf771b5, 72d4a4c6a2f50952
    ");
    assert!(ColumnKeys::move_tokens(&path, "0123456789abcdef").is_err());
    assert!(keys.with_tokens_of("0123456789abcdef").is_err());
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
    assert_eq!(names(folder.path()), ["column.key"]);
}

#[test]
fn processes_that_rotate_together_lose_no_key() {
    let (folder, path) = new_file(Suite::Sm);
    let first = ColumnKeys::load(&path).unwrap();
    let sealed: Vec<String> = std::thread::scope(|scope| {
        let run = || seal(&ColumnKeys::rotate(&path).unwrap());
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(run)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let last = ColumnKeys::load(&path).unwrap();
    assert_eq!(last.uses().len(), 9);
    assert_eq!(last.token_id(), first.id());
    for cell in sealed.iter().chain([&seal(&first)]) {
        assert_eq!(open(&last, cell).as_deref(), Some(PHONE));
    }
    assert_eq!(mode(&path), 0o600);
    assert_eq!(names(folder.path()), ["column.key"]);
}

#[test]
fn whoever_reads_while_keys_are_rotated_finds_whole_files() {
    let (_folder, path) = new_file(Suite::International);
    let first = seal(&ColumnKeys::load(&path).unwrap());
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            for _ in 0..10 {
                ColumnKeys::rotate(&path).unwrap();
            }
        });
        let mut reads = 0;
        while !writer.is_finished() || reads == 0 {
            assert_eq!(open(&ColumnKeys::load(&path).unwrap(), &first).as_deref(), Some(PHONE));
            reads += 1;
        }
        writer.join().unwrap();
    });
    assert_eq!(ColumnKeys::load(&path).unwrap().uses().len(), 11);
}

#[test]
fn what_a_killed_rotation_left_behind_does_no_harm_and_goes() {
    let (folder, path) = new_file(Suite::Sm);
    let keys = ColumnKeys::load(&path).unwrap();
    let beside = |name: &str| folder.path().join(name);
    write(&beside("column.rotate-0123456789abcdef"), "sm 00");
    write(&beside("column.rotate-fedcba9876543210"), "");
    write(&beside("audit.rotate-0123456789abcdef"), "of another file");
    write(&beside("column.keys"), "of the operator");
    assert_eq!(ColumnKeys::load_or_create(&path).unwrap().id(), keys.id());
    let after = ColumnKeys::rotate(&path).unwrap();
    assert_eq!(open(&after, &seal(&keys)).as_deref(), Some(PHONE));
    let left = ["audit.rotate-0123456789abcdef", "column.key", "column.keys"];
    assert_eq!(names(folder.path()), left);
}

#[test]
fn a_file_that_can_not_be_used_is_not_rotated_and_stays_as_it_is() {
    let (folder, path) = new_file(Suite::Sm);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    assert!(matches!(ColumnKeys::rotate(&path), Err(TrustError::TooOpen { mode: 0o640, .. })));
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
    for garbage in ["", "00ff", &"g".repeat(64), &format!("{text}{text}"), &"sm\n".repeat(900)] {
        write(&path, garbage);
        assert!(ColumnKeys::rotate(&path).is_err());
        assert!(ColumnKeys::load_or_create(&path).is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), garbage);
    }
    fs::remove_file(&path).unwrap();
    assert!(matches!(ColumnKeys::rotate(&path), Err(TrustError::Missing { .. })));
    assert_eq!(names(folder.path()), [""; 0]);
}

#[test]
fn no_more_keys_are_added_than_a_file_may_hold() {
    let (folder, path) = new_file(Suite::Sm);
    for _ in 1..16 {
        ColumnKeys::rotate(&path).unwrap();
    }
    assert_eq!(ColumnKeys::load(&path).unwrap().uses().len(), 16);
    let error = ColumnKeys::rotate(&path).unwrap_err();
    insta::assert_snapshot!(message(&error, folder.path()), @"key file `DATA/column.key` holds 16 keys already; seal everything anew and retire old ones");
    assert_eq!(ColumnKeys::load(&path).unwrap().uses().len(), 16);
}

#[test]
fn the_file_behind_a_symbolic_link_is_rotated() {
    let (folder, path) = new_file(Suite::International);
    let link = folder.path().join("link.key");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    let keys = ColumnKeys::rotate(&link).unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(ColumnKeys::load(&path).unwrap().id(), keys.id());
    assert_eq!(fs::metadata(&path).unwrap().uid(), fs::metadata(folder.path()).unwrap().uid());
}

#[test]
fn whoever_holds_old_keys_notices() {
    let (_folder, path) = new_file(Suite::Sm);
    let watched = WatchedKeys::load(&path).unwrap();
    let first = watched.current().unwrap();
    assert!(!first.has_changed().unwrap());
    assert!(Arc::ptr_eq(&first, &watched.current().unwrap()), "not read again");
    let rotated = ColumnKeys::rotate(&path).unwrap();
    assert!(first.has_changed().unwrap());
    assert!(!rotated.has_changed().unwrap());
    let second = watched.current().unwrap();
    assert_eq!(second.id(), rotated.id());
    assert!(Arc::ptr_eq(&second, &watched.current().unwrap()));
    ColumnKeys::move_tokens(&path, second.id()).unwrap();
    assert!(second.has_changed().unwrap());
    ColumnKeys::retire(&path, first.id()).unwrap();
    assert_eq!(watched.current().unwrap().uses().len(), 1);
    // Keys that are gone are told, not gone on with.
    fs::remove_file(&path).unwrap();
    assert!(matches!(watched.current(), Err(TrustError::Missing { .. })));
    let fixed = WatchedKeys::from(ColumnKeys::from_master(&[7; 32]));
    assert!(!fixed.current().unwrap().has_changed().unwrap());
}

#[test]
fn keys_come_from_a_text_as_from_a_file() {
    let (_folder, path) = new_file(Suite::Sm);
    ColumnKeys::rotate(&path).unwrap();
    let file = ColumnKeys::load(&path).unwrap();
    let place = "environment variable `KEYS`";
    let text = ColumnKeys::parse(&fs::read_to_string(&path).unwrap(), place).unwrap();
    assert_eq!(file.uses(), text.uses());
    assert_eq!(seal(&file), seal(&text));
    let alone = ColumnKeys::parse(&"07".repeat(32), place).unwrap();
    assert_eq!(seal(&alone), seal(&ColumnKeys::from_master(&[7; 32])));
    let errors = ["", "sm 07", &format!("{} seal", "07".repeat(32))]
        .map(|text| ColumnKeys::parse(text, place).unwrap_err().to_string());
    insta::assert_snapshot!(errors.join("\n"), @r"
    the keys in environment variable `KEYS` can't be used: expected 64 hexadecimal digits, for the SM suite with `sm ` in front
    the keys in environment variable `KEYS` can't be used: expected 64 hexadecimal digits, for the SM suite with `sm ` in front
    the keys in environment variable `KEYS` can't be used: exactly one key has to say `token`
    ");
}

#[test]
fn a_file_of_another_suite_than_the_one_that_is_set_is_refused() {
    let (folder, path) = new_file(Suite::Sm);
    let error = ColumnKeys::load_or_create_of(&path, Suite::International).unwrap_err();
    insta::assert_snapshot!(message(&error, folder.path()), @"key file `DATA/column.key` is of the suite `sm`, not `international`; the suite of a data folder can't be changed: set `sm`");
    // Whoever sets nothing gets what the file says.
    assert_eq!(ColumnKeys::load_or_create(&path).unwrap().suite(), Suite::Sm);
    assert!(LogKey::load_or_create_of(&path, Suite::International, "example.org/log").is_err());
}

#[test]
fn the_key_of_a_log_is_of_the_suite_of_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.key");
    let made = LogKey::load_or_create_of(&path, Suite::Sm, "example.org/log").unwrap();
    let read = LogKey::load(&path, "example.org/log").unwrap();
    assert_eq!(made.verifier_key(), read.verifier_key());
    let text = fs::read_to_string(&path).unwrap();
    let parsed = LogKey::parse(&text, "environment variable `KEY`", "example.org/log").unwrap();
    assert_eq!(made.verifier_key(), parsed.verifier_key());
    assert!(text.starts_with("sm ") && mode(&path) == 0o600);

    write(&path, &format!("{} seal\n{} token\n", "11".repeat(32), "22".repeat(32)));
    let error = LogKey::load(&path, "example.org/log").unwrap_err();
    insta::assert_snapshot!(message(&error, folder.path()), @"key file `DATA/audit.key` holds several keys; a log is signed with one");
    let several = fs::read_to_string(&path).unwrap();
    assert!(LogKey::parse(&several, "environment variable `KEY`", "example.org/log").is_err());
}

#[test]
fn a_cell_is_sealed_anew_with_the_present_key_and_once() {
    for suite in SUITES {
        let (_folder, path) = new_file(suite);
        let before = ColumnKeys::load(&path).unwrap();
        let old = seal(&before);
        let keys = ColumnKeys::rotate(&path).unwrap();
        let [dataset, column, row] = PLACE;
        let mut cells = keys.column(dataset, column);
        let new = cells.reseal(row, &old).unwrap().unwrap();
        assert_eq!(new, seal(&keys));
        assert_eq!(open(&keys, &new).as_deref(), Some(PHONE));
        assert_eq!(open(&before, &new), None);
        assert_eq!(cells.reseal(row, &new).unwrap(), None);
        for (row, cell) in [("row2", old.as_str()), (row, "x"), (row, "")] {
            assert!(matches!(cells.reseal(row, cell), Err(TrustError::Sealed { .. })));
        }
    }
}

#[test]
fn what_keeps_a_key_from_being_retired_is_known_before() {
    let (_folder, path) = new_file(Suite::International);
    let first = ColumnKeys::load(&path).unwrap();
    let second = ColumnKeys::rotate(&path).unwrap();
    let keys = ColumnKeys::rotate(&path).unwrap();
    for in_use in [first.id(), keys.id()] {
        let told = keys.check_retirable(in_use).unwrap_err().to_string();
        assert_eq!(told, ColumnKeys::retire(&path, in_use).unwrap_err().to_string());
    }
    assert!(matches!(keys.check_retirable("0"), Err(TrustError::UnknownKey { .. })));
    keys.check_retirable(second.id()).unwrap();
    ColumnKeys::retire(&path, second.id()).unwrap();
}
