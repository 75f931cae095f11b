//! A file that can't be used is refused as a whole, with one message that says what to do.

use std::fs;
use std::io::Write as _;

use super::common::{Delivery, HEADERS, World, csv};
use super::formats::database;

fn good() -> String {
    csv(&[&["1", "甲"], &["2", "乙"]])
}

/// The message for a world in which intake refuses something; readers see nothing of it.
#[track_caller]
fn refusal(world: &World) -> String {
    let error = world.ingest().unwrap_err();
    assert!(engine::Manifest::current(&world.folder).unwrap().is_none());
    world.message(&error)
}

/// The message for one delivery.
#[track_caller]
fn refused(delivery: &Delivery) -> String {
    let mut world = World::new();
    world.deliver(delivery);
    refusal(&world)
}

#[test]
fn a_missing_file() {
    let mut world = World::new();
    world.announce(&Delivery::new("members", good()));
    insta::assert_snapshot!(refusal(&world), @"");
}

#[test]
fn an_empty_file() {
    insta::assert_snapshot!(refused(&Delivery::new("members", "")), @"");
}

#[test]
fn a_header_without_rows_is_no_fault() {
    let mut world = World::new();
    world.deliver(&Delivery::new("members", csv(&[])).rows(0));
    world.run();
    assert_eq!(world.accounts(), ["members|2024-01-31|0|0|0|0|0|0|0|0|0|-"]);
}

#[test]
fn bytes_other_than_announced() {
    let mut world = World::new();
    let delivery = Delivery::new("members", good());
    world.deliver(&delivery);
    fs::write(world.feed_file(&delivery), &delivery.bytes[..delivery.bytes.len() - 9]).unwrap();
    insta::assert_snapshot!(refusal(&world), @"");
}

#[test]
fn fewer_rows_than_announced() {
    insta::assert_snapshot!(refused(&Delivery::new("members", good()).rows(3)), @"");
}

#[test]
fn a_last_line_that_stops_in_the_middle() {
    let torn = good() + "3,丙,1";
    insta::assert_snapshot!(refused(&Delivery::new("members", torn.clone()).unhashed()), @"");
    let object = "{\"编号\":1,\"姓名\":\"甲";
    insta::assert_snapshot!(refused(&Delivery::new("lines", object).unhashed()), @"");
    // With the announced hash it is what was sent, and then only that row is bad.
    let mut world = World::new();
    world.deliver(&Delivery::new("members", torn));
    world.run();
    assert_eq!(world.quarantine(), ["4|INT-COLUMNS|"]);
}

#[test]
fn another_encoding_than_the_contract_says() {
    insta::assert_snapshot!(refused(&Delivery::new("gb", good())), @"");
    let gb = encoding_rs::GB18030.encode(&good()).0.into_owned();
    insta::assert_snapshot!(refused(&Delivery::new("members", gb)), @"");
    insta::assert_snapshot!(refused(&Delivery::new("gb", format!("\u{feff}{}", good()))), @"");
    let utf16: Vec<u8> = std::iter::once(0xfeff).chain(good().encode_utf16()).flat_map(u16::to_le_bytes).collect();
    insta::assert_snapshot!(refused(&Delivery::new("members", utf16)), @"");
}

#[test]
fn an_encoding_that_changes_in_the_middle_of_the_file() {
    let mut bytes = good().into_bytes();
    for row in 3..100 {
        bytes.extend_from_slice(&encoding_rs::GB18030.encode(&format!("{row},丙,,,,,,,,\n")).0);
    }
    insta::assert_snapshot!(refused(&Delivery::new("members", bytes)), @"");
}

#[test]
fn columns_that_are_missing_unexpected_or_repeated() {
    let without = good().replace("证件号码,", "");
    insta::assert_snapshot!(refused(&Delivery::new("members", without)), @"");
    let more = good().replace("证件号码", "证件号码,备注,姓名");
    insta::assert_snapshot!(refused(&Delivery::new("members", more)), @"");
    // Without a header the first row is taken for one; its cells don't get into the message.
    let data = "1,甲,1,1956-03-09,440199195603090027,13900001234,,,,\n";
    insta::assert_snapshot!(refused(&Delivery::new("members", data)), @"");
}

#[test]
fn json_lines_whose_names_are_not_those_of_the_contract() {
    let object = |names: &[&str]| {
        let members: Vec<String> = names.iter().map(|name| format!("\"{name}\":\"1\"")).collect();
        format!("{{{}}}\n", members.join(","))
    };
    let few: Vec<&str> = HEADERS.iter().filter(|name| **name != "证件号码").copied().collect();
    insta::assert_snapshot!(refused(&Delivery::new("lines", object(&few))), @"");
    let many: Vec<&str> = HEADERS.iter().copied().chain(["备注"]).collect();
    insta::assert_snapshot!(refused(&Delivery::new("lines", object(&many))), @"");
}

#[test]
fn a_file_of_another_format() {
    insta::assert_snapshot!(refused(&Delivery::new("sheet", good())), @"");
    insta::assert_snapshot!(refused(&Delivery::new("database", good())), @"");
    insta::assert_snapshot!(refused(&Delivery::new("columns", good())), @"");
    insta::assert_snapshot!(refused(&Delivery::new("members", "x".repeat(5 << 20))), @"");
}

#[test]
fn a_database_without_the_table_or_cut_off() {
    insta::assert_snapshot!(refused(&Delivery::new("database", database("other", &HEADERS))), @"");
    insta::assert_snapshot!(refused(&Delivery::new("database", database("roll", &HEADERS[..9]))), @"");
    let mut bytes = database("roll", &HEADERS);
    bytes.truncate(4096);
    insta::assert_snapshot!(refused(&Delivery::new("database", bytes)), @"");
}

/// A ZIP file with one part of nothing but zeros.
fn bomb(name: &str, size: usize) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    archive.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
    let zeros = vec![0; 1 << 20];
    for _ in 0..size {
        archive.write_all(&zeros).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

#[test]
fn a_workbook_that_is_a_zip_bomb() {
    let bytes = bomb("xl/worksheets/sheet1.xml", 64);
    assert!(bytes.len() < 1 << 20);
    insta::assert_snapshot!(refused(&Delivery::new("sheet", bytes.clone())), @"");
    // A bomb that declares a small size for itself is found by unpacking it.
    let mut lying = bytes;
    let declared = (64_u32 << 20).to_le_bytes();
    let small = 1000_u32.to_le_bytes();
    let mut changed = 0;
    for at in 0..lying.len() - 4 {
        if lying[at..at + 4] == declared {
            lying[at..at + 4].copy_from_slice(&small);
            changed += 1;
        }
    }
    assert!(changed > 0);
    insta::assert_snapshot!(refused(&Delivery::new("sheet", lying)), @"");
}

#[test]
fn a_workbook_that_is_cut_off() {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    workbook.add_worksheet().write_string(0, 0, "编号").unwrap();
    let bytes = workbook.save_to_buffer().unwrap();
    insta::assert_snapshot!(refused(&Delivery::new("sheet", &bytes[..bytes.len() / 2])), @"");
}

#[test]
fn a_delta_where_the_contract_wants_everything() {
    insta::assert_snapshot!(refused(&Delivery::new("roll", good())), @"");
}

#[test]
fn a_dataset_without_contract() {
    insta::assert_snapshot!(refused(&Delivery::new("strangers", good())), @"");
}

#[test]
fn a_manifest_that_is_missing_or_wrong() {
    let mut world = World::new();
    world.deliver(&Delivery::new("members", good()));
    let path = world.feeds().join("2024-01").join("manifest.json");
    let text = fs::read_to_string(&path).unwrap();
    let mut try_with = |text: &str| {
        fs::write(&path, text).unwrap();
        refusal(&world)
    };
    insta::assert_snapshot!(try_with("{"), @"");
    insta::assert_snapshot!(try_with(&text.replace("\"2024-01\"", "\"2024-02\"")), @"");
    insta::assert_snapshot!(try_with(&text.replace("members.dat", "../members.dat")), @"");
    insta::assert_snapshot!(try_with(&text.replace("2024-02-03", "2024-01-03")), @"");
    insta::assert_snapshot!(try_with(&text.replace("\"delta\"", "\"some\"")), @"");
    fs::remove_file(&path).unwrap();
    insta::assert_snapshot!(refusal(&world), @"");
}

#[test]
fn a_period_without_data() {
    let world = World::new();
    insta::assert_snapshot!(refusal(&world), @"");
    fs::remove_dir(world.feeds()).unwrap();
    insta::assert_snapshot!(refusal(&world), @"");
}

#[test]
fn a_quality_rule_that_is_not_sql_over_the_fields() {
    let mut pack = super::common::pack().clone();
    let mut world = World::new();
    world.deliver(&Delivery::new("members", good()));
    let mut try_with = |sql: &str| {
        let rule = &mut pack.datasets.get_mut("members").unwrap().rules[0];
        rule.when.value = sql.to_owned();
        world.message(&world.ingest_with(&pack, "2024-12", None).unwrap_err())
    };
    insta::assert_snapshot!(try_with("left_at < joined_on"), @"");
    insta::assert_snapshot!(try_with("left_on <"), @"");
    insta::assert_snapshot!(try_with("fee + 1"), @"");
}
