//! Packs on disk.

#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]

mod common;

use std::fs;
use std::path::Path;

use common::{base, path};
use huimin_pack::{Absence, Definition, FieldKind, ParameterValue, Style, TestValue, load};
use jiff::civil::date;

/// A copy of the base pack in a folder of its own.
fn copy() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in base() {
        write(dir.path(), &name, text.as_bytes());
    }
    dir
}

fn write(root: &Path, name: &str, bytes: &[u8]) {
    let file = root.join(name);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, bytes).unwrap();
}

fn codes(root: &Path) -> Vec<&'static str> {
    load(root).unwrap_err().sorted().iter().map(|fault| fault.code).collect()
}

#[test]
fn a_folder_that_is_not_there_is_one_fault() {
    let faults = load(Path::new("/nowhere/at/all")).unwrap_err();
    assert_eq!(faults.len(), 1);
    let text = faults.render(Style::Plain);
    assert!(text.contains("PACK-FOLDER-MISSING") && text.contains("/nowhere/at/all"), "{text}");
}

#[test]
fn an_empty_folder_says_what_belongs_there() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(codes(dir.path()), ["PACK-FILE-MISSING"]);
}

#[test]
fn a_file_in_another_encoding_is_a_fault_and_not_a_panic() {
    let dir = copy();
    // GB 18030 for 中文.
    write(dir.path(), "codes/work.yaml", &[0xd6, 0xd0, 0xce, 0xc4]);
    assert_eq!(codes(dir.path()), ["PACK-FILE-ENCODING"]);
}

#[test]
fn a_file_that_is_far_too_large_is_not_read() {
    let dir = copy();
    let file = fs::File::create(dir.path().join("codes/huge.yaml")).unwrap();
    file.set_len(11 * 1024 * 1024).unwrap();
    assert_eq!(codes(dir.path()), ["PACK-FILE-UNREADABLE"]);
}

#[test]
fn a_byte_order_mark_does_not_move_places() {
    let dir = copy();
    let text = format!("\u{feff}{}", base()["elements.yaml"].replace("type: phone", "type: fone"));
    write(dir.path(), "elements.yaml", text.as_bytes());
    let faults = load(dir.path()).unwrap_err();
    let fault =
        faults.sorted().into_iter().find(|fault| fault.code == "PACK-FIELD-TYPE").unwrap().clone();
    assert_eq!((fault.span.line, fault.span.column), (3, 55));
}

#[test]
fn hidden_files_and_backup_copies_are_no_part_of_a_pack() {
    let dir = copy();
    let hash = load(dir.path()).unwrap().hash;
    write(dir.path(), ".swp", b"x");
    write(dir.path(), "policies/court-grant.yaml~", b"x");
    assert_eq!(load(dir.path()).unwrap().hash, hash);
}

#[test]
fn the_hash_depends_on_every_byte_and_on_nothing_else() {
    let (one, two) = (copy(), copy());
    let hash = load(one.path()).unwrap().hash;
    assert_eq!(hash.len(), 64);
    assert_eq!(load(two.path()).unwrap().hash, hash, "another folder, the same pack");
    let text = format!("{}# a remark\n", base()["pack.yaml"]);
    write(two.path(), "pack.yaml", text.as_bytes());
    assert_ne!(load(two.path()).unwrap().hash, hash);
}

#[test]
fn windows_line_ends_are_fine() {
    let dir = copy();
    for (name, text) in base() {
        write(dir.path(), &name, text.replace('\n', "\r\n").as_bytes());
    }
    load(dir.path()).unwrap();
}

#[test]
fn what_the_files_say_arrives_exactly() {
    let pack = load(&path("base")).unwrap();
    let roll = &pack.datasets["club_roll"];
    assert_eq!(roll.department.name.en, "Tennis club");
    assert_eq!(roll.shrink_max_permille, 200);
    assert_eq!(
        pack.datasets["racket_hire"].shrink_max_permille, 100,
        "a tenth when it is not said"
    );
    assert_eq!(roll.field("sex").unwrap().kind, FieldKind::Code("sex".to_owned()));
    assert_eq!(roll.field("phone").unwrap().level, 4, "the level of its data element");
    assert_eq!(roll.field("joined_on").unwrap().level, 2, "internal when nobody says");
    assert_eq!(roll.absence, Absence::None);

    let grant = &pack.policy("court-grant").unwrap().parameters["grant"];
    let in_2023 = grant.on(date(2023, 12, 31)).unwrap();
    assert_eq!(in_2023.to, Some(date(2023, 12, 31)), "closed by the value that follows");
    assert_eq!(in_2023.value, ParameterValue::Scalar("100.50".parse().unwrap()));
    assert_eq!(grant.on(date(2024, 1, 1)).unwrap().basis, "Notice 2");
    assert_eq!(grant.on(date(2022, 12, 31)), None);
    assert!(pack.policy("court-grant").unwrap().needs_verifying(date(2024, 6, 1)));

    let Definition::Aggregate(fees) = &pack.variable("fees").unwrap().definition else {
        panic!("`fees` is aggregated")
    };
    assert_eq!(fees.absence, huimin_pack::VariableAbsence::Unknown, "as the contract says");
    let case = &pack.tests[3];
    assert_eq!(case.facts["fees"], TestValue::Number("12.50".parse().unwrap()));
    assert_eq!(case.facts["last_hire"], TestValue::Date(date(2024, 1, 31)));
    assert_eq!(case.facts["member"], TestValue::Bool(false), "from `given`");
    assert_eq!(case.facts["vital_status"], TestValue::Text("alive".to_owned()));
    assert_eq!(pack.tests[0].expect.amount_fen, Some(10_050));
}

#[test]
fn a_place_inside_an_expression_can_be_pointed_at() {
    let pack = load(&path("base")).unwrap();
    let condition = &pack.policy("racket-grant").unwrap().conditions[0];
    let at = condition.when.value.find("60").unwrap();
    let span = condition.when.inside(at, 2);
    let text = pack.sources.get(&span.file).unwrap();
    assert_eq!(&text[span.offset..span.offset + span.len], "60");
    let mut faults = pack.faults();
    faults.push(huimin_pack::Fault::new("SQL-TYPE", &span, "60 is not a text").expected("a text"));
    assert!(faults.render(Style::Plain).contains("policies/racket-grant.yaml:34:37"));
}

#[test]
fn the_pack_of_guangzhou_has_no_fault() {
    let pack = load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../city/guangzhou")).unwrap();
    assert_eq!(pack.datasets.len(), 27);
    assert!(pack.policies.len() >= 14);
    assert!(pack.tests.len() >= 150);
    for policy in &pack.policies {
        assert!(!policy.name.zh.is_empty() && !policy.name.en.is_empty());
    }
}
