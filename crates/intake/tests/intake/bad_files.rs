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
    insta::assert_snapshot!(refusal(&world), @"dataset `members`: file `ROOT/feeds/2024-01/members.dat` is named in the manifest but is not there; have it delivered again, or take it out of the manifest");
}

#[test]
fn an_empty_file() {
    insta::assert_snapshot!(refused(&Delivery::new("members", "")), @"dataset `members`: file `ROOT/feeds/2024-01/members.dat` is empty; have it delivered again (a delivery without news still has its header)");
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
    insta::assert_snapshot!(refusal(&world), @"dataset `members`: file `ROOT/feeds/2024-01/members.dat` does not have the SHA-256 that its manifest announces (00fb9d65c1e7…, found 85ccea6d6d4a…): it was cut off or changed on the way; have it delivered again");
}

#[test]
fn fewer_rows_than_announced() {
    insta::assert_snapshot!(refused(&Delivery::new("members", good()).rows(3)), @"dataset `members`: file `ROOT/feeds/2024-01/members.dat` has 2 rows, its manifest announces 3: it was cut off, or the manifest is wrong; have both delivered again");
}

#[test]
fn a_last_line_that_stops_in_the_middle() {
    let torn = good() + "3,丙,1";
    insta::assert_snapshot!(refused(&Delivery::new("members", torn.clone()).unhashed()), @"dataset `members`: file `ROOT/feeds/2024-01/members.dat` ends in the middle of line 4: it was cut off; have it delivered again");
    let object = "{\"编号\":1,\"姓名\":\"甲";
    insta::assert_snapshot!(refused(&Delivery::new("lines", object).unhashed()), @"dataset `lines`: file `ROOT/feeds/2024-01/lines.dat` ends in the middle of line 1: it was cut off; have it delivered again");
    // With the announced hash it is what was sent, and then only that row is bad.
    let mut world = World::new();
    world.deliver(&Delivery::new("members", torn));
    world.run();
    assert_eq!(world.quarantine(), ["4|INT-COLUMNS|"]);
}

#[test]
fn another_encoding_than_the_contract_says() {
    insta::assert_snapshot!(refused(&Delivery::new("gb", good())), @"dataset `gb`: file `ROOT/feeds/2024-01/gb.dat` is not GB 18030, as its contract says: its header is UTF-8; have it delivered in GB 18030, or correct `encoding` in datasets/gb.yaml");
    let gb = encoding_rs::GB18030.encode(&good()).0.into_owned();
    insta::assert_snapshot!(refused(&Delivery::new("members", gb)), @"dataset `members`: file `ROOT/feeds/2024-01/members.dat` is not UTF-8, as its contract says: its header is GB 18030; have it delivered in UTF-8, or correct `encoding` in datasets/members.yaml");
    insta::assert_snapshot!(refused(&Delivery::new("gb", format!("\u{feff}{}", good()))), @"dataset `gb`: file `ROOT/feeds/2024-01/gb.dat` is not GB 18030, as its contract says: it begins with the byte order mark of UTF-8; have it delivered in GB 18030, or correct `encoding` in datasets/gb.yaml");
    let utf16: Vec<u8> =
        std::iter::once(0xfeff).chain(good().encode_utf16()).flat_map(u16::to_le_bytes).collect();
    insta::assert_snapshot!(refused(&Delivery::new("members", utf16)), @"dataset `members`: file `ROOT/feeds/2024-01/members.dat` is not UTF-8, as its contract says: it begins with the byte order mark of UTF-16; have it delivered in UTF-8, or correct `encoding` in datasets/members.yaml");
}

#[test]
fn an_encoding_that_changes_in_the_middle_of_the_file() {
    let mut bytes = good().into_bytes();
    for row in 3..100 {
        bytes.extend_from_slice(&encoding_rs::GB18030.encode(&format!("{row},丙,,,,,,,,\n")).0);
    }
    insta::assert_snapshot!(refused(&Delivery::new("members", bytes)), @"dataset `members`: file `ROOT/feeds/2024-01/members.dat` is not UTF-8, as its contract says: 97 of the first 99 rows have other bytes, the first near byte 130; have it delivered in UTF-8, or correct `encoding` in datasets/members.yaml");
}

#[test]
fn columns_that_are_missing_unexpected_or_repeated() {
    let without = good().replace("证件号码,", "");
    insta::assert_snapshot!(refused(&Delivery::new("members", without)), @"dataset `members`: file `ROOT/feeds/2024-01/members.dat` does not have the columns of its contract: no column `证件号码`; have it delivered with the agreed columns, or change datasets/members.yaml");
    let more = good().replace("证件号码", "证件号码,备注,姓名");
    insta::assert_snapshot!(refused(&Delivery::new("members", more)), @"dataset `members`: file `ROOT/feeds/2024-01/members.dat` does not have the columns of its contract: unexpected column `备注`, column `姓名` comes twice; have it delivered with the agreed columns, or change datasets/members.yaml");
    // Without a header the first row is taken for one; its cells don't get into the message.
    let data = "1,甲,1,1956-03-09,440199195603090028,13900001234,,,,\n";
    insta::assert_snapshot!(refused(&Delivery::new("members", data)), @"dataset `members`: file `ROOT/feeds/2024-01/members.dat` does not have the columns of its contract: its first line has none of their names; is the header missing; have it delivered with the agreed columns, or change datasets/members.yaml");
}

#[test]
fn json_lines_whose_names_are_not_those_of_the_contract() {
    let object = |names: &[&str]| {
        let members: Vec<String> = names.iter().map(|name| format!("\"{name}\":\"1\"")).collect();
        format!("{{{}}}\n", members.join(","))
    };
    let few: Vec<&str> = HEADERS.iter().filter(|name| **name != "证件号码").copied().collect();
    insta::assert_snapshot!(refused(&Delivery::new("lines", object(&few))), @"dataset `lines`: file `ROOT/feeds/2024-01/lines.dat` does not have the columns of its contract: no row names `证件号码`; have it delivered with the agreed columns, or change datasets/lines.yaml");
    let many: Vec<&str> = HEADERS.iter().copied().chain(["备注"]).collect();
    insta::assert_snapshot!(refused(&Delivery::new("lines", object(&many))), @"dataset `lines`: file `ROOT/feeds/2024-01/lines.dat` does not have the columns of its contract: every row has a name that is not in the contract; have it delivered with the agreed columns, or change datasets/lines.yaml");
}

#[test]
fn a_file_of_another_format() {
    insta::assert_snapshot!(refused(&Delivery::new("sheet", good())), @"dataset `sheet`: file `ROOT/feeds/2024-01/sheet.dat` can't be read as XLSX: it is not a ZIP container, or it was cut off; have it delivered again as XLSX");
    insta::assert_snapshot!(refused(&Delivery::new("database", good())), @"dataset `database`: file `ROOT/feeds/2024-01/database.dat` can't be read as SQLite database: it is not a SQLite database; have it delivered again as SQLite database");
    insta::assert_snapshot!(refused(&Delivery::new("columns", good())), @"dataset `columns`: file `ROOT/feeds/2024-01/columns.dat` can't be read as Parquet: it is not a Parquet file, is damaged, or was cut off; have it delivered again as Parquet");
    insta::assert_snapshot!(refused(&Delivery::new("members", "x".repeat(5 << 20))), @"dataset `members`: file `ROOT/feeds/2024-01/members.dat` can't be read as CSV: line 1 is longer than 4 MiB; have it delivered again as CSV");
}

#[test]
fn a_database_without_the_table_or_cut_off() {
    insta::assert_snapshot!(refused(&Delivery::new("database", database("other", &HEADERS))), @"dataset `database`: file `ROOT/feeds/2024-01/database.dat` can't be read as SQLite database: it has no table `roll`; have it delivered again as SQLite database");
    insta::assert_snapshot!(refused(&Delivery::new("database", database("roll", &HEADERS[..9]))), @"dataset `database`: file `ROOT/feeds/2024-01/database.dat` does not have the columns of its contract: no column `退出日期`; have it delivered with the agreed columns, or change datasets/database.yaml");
    let mut bytes = database("roll", &HEADERS);
    bytes.truncate(4096);
    insta::assert_snapshot!(refused(&Delivery::new("database", bytes)), @"dataset `database`: file `ROOT/feeds/2024-01/database.dat` can't be read as SQLite database: the database is damaged, or it was cut off; have it delivered again as SQLite database");
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
    insta::assert_snapshot!(refused(&Delivery::new("sheet", bytes.clone())), @"dataset `sheet`: file `ROOT/feeds/2024-01/sheet.dat` is refused because it unpacks to far more than a workbook of its size holds (xl/worksheets/sheet1.xml: more than 200 times its packed size); have the data delivered as CSV");
    // One that declares a small size for itself does not get past the look inside either.
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
    insta::assert_snapshot!(refused(&Delivery::new("sheet", lying)), @"dataset `sheet`: file `ROOT/feeds/2024-01/sheet.dat` can't be read as XLSX: its part xl/worksheets/sheet1.xml is damaged, or it was cut off; have it delivered again as XLSX");
}

#[test]
fn a_workbook_that_is_cut_off() {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    workbook.add_worksheet().write_string(0, 0, "编号").unwrap();
    let bytes = workbook.save_to_buffer().unwrap();
    insta::assert_snapshot!(refused(&Delivery::new("sheet", &bytes[..bytes.len() / 2])), @"dataset `sheet`: file `ROOT/feeds/2024-01/sheet.dat` can't be read as XLSX: it is not a ZIP container, or it was cut off; have it delivered again as XLSX");
}

#[test]
fn a_delta_where_the_contract_wants_everything() {
    insta::assert_snapshot!(refused(&Delivery::new("roll", good())), @"manifest `ROOT/feeds/2024-01/manifest.json`: dataset `roll` is announced as a delta, but its contract says that every delivery is full; have it delivered whole, or correct `mode` in datasets/roll.yaml");
}

#[test]
fn a_dataset_without_contract() {
    insta::assert_snapshot!(refused(&Delivery::new("strangers", good())), @"manifest `ROOT/feeds/2024-01/manifest.json` delivers dataset `strangers`, for which the city pack has no contract; add datasets/strangers.yaml to the pack, or correct the name in the manifest");
}

#[test]
fn a_manifest_that_is_missing_or_wrong() {
    let mut world = World::new();
    world.deliver(&Delivery::new("members", good()));
    let path = world.feeds().join("2024-01").join("manifest.json");
    let text = fs::read_to_string(&path).unwrap();
    let try_with = |text: &str| {
        fs::write(&path, text).unwrap();
        refusal(&world)
    };
    insta::assert_snapshot!(try_with("{"), @"manifest `ROOT/feeds/2024-01/manifest.json`: EOF while parsing an object at line 1 column 1; ask the sender for a corrected manifest");
    insta::assert_snapshot!(try_with(&text.replace("\"2024-01\"", "\"2024-02\"")), @"manifest `ROOT/feeds/2024-01/manifest.json`: it is for period `2024-02`, its folder for 2024-01; ask the sender for a corrected manifest");
    insta::assert_snapshot!(try_with(&text.replace("members.dat", "../members.dat")), @"manifest `ROOT/feeds/2024-01/manifest.json`: delivery of `members`: `file` must be a file name without folders; ask the sender for a corrected manifest");
    insta::assert_snapshot!(try_with(&text.replace("2024-02-03", "2024-01-03")), @"manifest `ROOT/feeds/2024-01/manifest.json`: delivery of `members`: received on 2024-01-03, before the day 2024-01-31 that it shows; ask the sender for a corrected manifest");
    insta::assert_snapshot!(try_with(&text.replace("\"delta\"", "\"some\"")), @"manifest `ROOT/feeds/2024-01/manifest.json`: unknown variant `some`, expected `full` or `delta` at line 1 column 147; ask the sender for a corrected manifest");
    fs::remove_file(&path).unwrap();
    insta::assert_snapshot!(refusal(&world), @"manifest `ROOT/feeds/2024-01/manifest.json`: there is none in this folder; ask the sender for a corrected manifest");
}

#[test]
fn a_period_without_data() {
    let world = World::new();
    insta::assert_snapshot!(refusal(&world), @"`ROOT/feeds` has no deliveries up to 2024-12: expected folders named YYYY-MM, each with a manifest.json; check --feeds and --period");
    let mut early = World::new();
    early.deliver(&Delivery::new("members", good()));
    let try_at = |day: Option<&str>| {
        let known_at = day.map(|day| day.parse().unwrap());
        early.ingest_with(super::common::pack(), "2024-12", known_at)
    };
    insta::assert_snapshot!(early.message(&try_at(None).unwrap_err()), @"`ROOT/feeds` has no deliveries of 2024-12, the last ones are of 2024-01; check --period, wait for them, or say with --known-at that what is known by a day is meant to do");
    assert_eq!(try_at(Some("2024-12-31")).unwrap().deliveries.len(), 1);
    fs::remove_dir(world.feeds()).unwrap();
    insta::assert_snapshot!(refusal(&world), @"`ROOT/feeds` has no deliveries up to 2024-12: expected folders named YYYY-MM, each with a manifest.json; check --feeds and --period");
}

#[test]
fn a_quality_rule_that_is_not_sql_over_the_fields() {
    let mut pack = super::common::pack().clone();
    let mut world = World::new();
    world.deliver(&Delivery::new("members", good()));
    let mut try_with = |sql: &str| {
        let rule = &mut pack.datasets.get_mut("members").unwrap().rules[0];
        rule.when.value = sql.to_owned();
        world.message(&world.ingest_with(&pack, "2024-01", None).unwrap_err())
    };
    insta::assert_snapshot!(try_with("left_at < joined_on"), @"datasets/members.yaml:28:11: rule `left_before_joined` of dataset `members` can't be used: Schema error: No field named left_at. Did you mean 'left_on'?");
    insta::assert_snapshot!(try_with("left_on <"), @r#"datasets/members.yaml:28:11: rule `left_before_joined` of dataset `members` can't be used: SQL error: ParserError("Expected: an expression, found: EOF")"#);
    insta::assert_snapshot!(try_with("fee + 1"), @"datasets/members.yaml:28:11: rule `left_before_joined` of dataset `members` can't be used: it gives Decimal128(23, 2), not yes or no");
}
