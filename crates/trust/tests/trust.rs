//! The key file, and what a sealed cell withstands.

#![allow(clippy::unwrap_used)] // A test fails by panicking.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use huimin_trust::{ColumnKeys, TrustError};
use proptest::prelude::*;

fn keys() -> ColumnKeys {
    ColumnKeys::from_master(&[7; 32])
}

/// The message with the folder of this test run taken out.
fn message(error: &TrustError, folder: &Path) -> String {
    error.to_string().replace(&folder.display().to_string(), "DATA")
}

#[test]
fn a_cell_opens_in_its_place_and_nowhere_else() {
    let keys = keys();
    let sealed = keys.seal("pension", "id_number", "row1", "440199195003070014");
    assert_eq!(keys.open("pension", "id_number", "row1", &sealed).unwrap(), "440199195003070014");
    for (dataset, column, row) in [
        ("vehicle", "id_number", "row1"),
        ("pension", "phone", "row1"),
        ("pension", "id_number", "row2"),
        ("pension\u{1f}id_number", "", "row1"),
    ] {
        assert!(keys.open(dataset, column, row, &sealed).is_err(), "{dataset} {column} {row}");
    }
}

#[test]
fn the_same_cell_seals_to_the_same_text_and_shows_nothing() {
    let keys = keys();
    let sealed = keys.seal("pension", "phone", "row1", "19900191234");
    assert_eq!(sealed, keys.seal("pension", "phone", "row1", "19900191234"));
    assert_ne!(sealed, keys.seal("pension", "phone", "row2", "19900191234"));
    assert!(!sealed.contains("1990019"));
    // Nonce 12, text 11, tag 16: 39 bytes are 52 characters of base64.
    assert_eq!(sealed.len(), 52);
}

#[test]
fn another_key_opens_nothing_and_makes_other_tokens() {
    let (mine, other) = (keys(), ColumnKeys::from_master(&[8; 32]));
    let sealed = mine.seal("pension", "phone", "row1", "19900191234");
    let error = other.open("pension", "phone", "row1", &sealed).unwrap_err();
    insta::assert_snapshot!(error, @"a sealed cell of column `phone` in dataset `pension` does not open: it was sealed with another key, or was moved or changed; check that the key file is the one that this data folder was written with");
    assert_ne!(mine.token("phone", "19900191234"), other.token("phone", "19900191234"));
    assert_ne!(mine.id(), other.id());
    assert_ne!(mine.digest(b"a row"), other.digest(b"a row"));
}

#[test]
fn a_token_is_the_same_for_equal_values_of_one_kind_only() {
    let keys = keys();
    let token = keys.token("phone", "19900191234");
    assert_eq!(token.len(), 32);
    assert_eq!(token, keys.token("phone", "19900191234"));
    assert_ne!(token, keys.token("phone", "19900191235"));
    assert_ne!(token, keys.token("account", "19900191234"));
}

#[test]
fn tokens_stay_the_same_between_versions_of_the_program() {
    // A changed derivation would cut off every table that was written before.
    insta::assert_snapshot!(keys().token("id_number", "440199195003070014"), @"b125f1c1d79da56cb8d57e2e802ef00f");
    insta::assert_snapshot!(keys().seal("d", "c", "r", "text"), @"28ZTFIMAwsIKuJyU1Sz+kDChOWqJ7yWz1wIy6hzaZtI");
    insta::assert_snapshot!(keys().id(), @"d90271799341db5a");
    insta::assert_snapshot!(format!("{:016x}", keys().digest(b"a row")), @"4c747de453c1715b");
}

#[test]
fn debug_output_shows_the_public_name_only() {
    let keys = keys();
    let mut column = keys.column("pension", "phone");
    column.seal_into("row1", "19900191234", &mut String::new());
    let text = format!("{keys:?} {column:?} {:?}", keys.tokens("phone"));
    assert!(
        !text.contains("1990019") && !text.contains('7'.to_string().repeat(3).as_str()),
        "{text}"
    );
}

#[test]
fn the_first_start_makes_a_private_key_file_and_later_ones_read_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys").join("column.key");
    let first = ColumnKeys::load_or_create(&path).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "nothing left over");
    let second = ColumnKeys::load_or_create(&path).unwrap();
    let third = ColumnKeys::load(&path).unwrap();
    assert_eq!((first.id(), first.id()), (second.id(), third.id()));
    let elsewhere = ColumnKeys::load_or_create(&folder.path().join("other.key")).unwrap();
    assert_ne!(first.id(), elsewhere.id(), "keys are random");
}

#[test]
fn processes_that_start_together_agree_on_one_key() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("column.key");
    let ids: Vec<String> = std::thread::scope(|scope| {
        let run = || ColumnKeys::load_or_create(&path).unwrap().id().to_owned();
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(run)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let last = ColumnKeys::load(&path).unwrap();
    assert!(ids.iter().all(|id| id == last.id()));
}

#[test]
fn a_key_file_that_others_can_read_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("column.key");
    ColumnKeys::load_or_create(&path).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let error = ColumnKeys::load_or_create(&path).unwrap_err();
    insta::assert_snapshot!(message(&error, folder.path()), @"key file `DATA/column.key` has mode 0644: others than its owner may read or write it; run `chmod 600 DATA/column.key`, and if somebody may have read it, make a new key");
}

#[test]
fn a_missing_or_damaged_key_file_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("column.key");
    let error = ColumnKeys::load(&path).unwrap_err();
    insta::assert_snapshot!(message(&error, folder.path()), @"there is no key file at `DATA/column.key`; restore it from the backup of the data folder: without it the sensitive columns can't be read");
    for content in ["", "00ff", &"g".repeat(64), &"0".repeat(65), &"0".repeat(10_000)] {
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        let error = ColumnKeys::load_or_create(&path).unwrap_err();
        assert!(matches!(error, TrustError::Malformed { .. }), "{error}");
        insta::allow_duplicates! {
            insta::assert_snapshot!(message(&error, folder.path()), @"key file `DATA/column.key` does not hold a key: expected 64 hexadecimal digits; restore it from the backup of the data folder");
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), content, "never overwritten");
    }
}

proptest! {
    #[test]
    fn any_text_comes_back(text in ".*", row in "[0-9a-f]{24}") {
        let keys = keys();
        let sealed = keys.seal("pension", "address", &row, &text);
        prop_assert_eq!(keys.open("pension", "address", &row, &sealed).unwrap(), text);
    }

    #[test]
    fn a_changed_text_never_opens(text in ".{0,40}", at in 0_usize..1000, bit in 0_u8..6) {
        let keys = keys();
        let sealed = keys.seal("pension", "address", "row1", &text);
        let mut bytes = sealed.into_bytes();
        let at = at % bytes.len();
        // Stay within base64's alphabet where possible, so that the seal is tested, not the alphabet.
        const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let value = ALPHABET.iter().position(|byte| *byte == bytes[at]).unwrap();
        bytes[at] = ALPHABET[value ^ (1 << bit)];
        prop_assert!(keys.open("pension", "address", "row1", &String::from_utf8(bytes).unwrap()).is_err());
    }

    #[test]
    fn any_rubbish_is_an_error_and_no_panic(text in ".*") {
        prop_assert!(keys().open("pension", "address", "row1", &text).is_err());
    }
}
