//! A bad row goes to the quarantine, with its reasons and its text, and hides no other row.

use huimin_intake::{QUARANTINE, quarantine_place};

use super::common::{Delivery, END, HEADERS, World, csv};

fn original(world: &World, line: i64) -> String {
    let sql = format!("SELECT delivery_id, original FROM quarantine WHERE line = {line}");
    let row = world.query(&["quarantine"], &sql).remove(0);
    let (delivery, sealed) = row.split_once('|').unwrap();
    world.open(QUARANTINE, "original", &quarantine_place(delivery, line), sealed)
}

#[test]
fn each_fault_has_its_code_its_columns_and_its_line() {
    let mut world = World::new();
    let mut text = csv(&[
        &["1", ""],
        &["2", "乙", "3"],
        &["3", "丙", "1", "1956-13-09"],
        &["4", "丁", "1", "1899-12-31"],
        &["5", "戊", "", "", "", "", "", "12.345"],
        &["6", "己", "", "", "", "", "", "-1", "x"],
        &["7", "庚", "", "", "", "", "", "", "2024-01-02", "2024-01-01"],
        &["8", "辛", "男", "1956/3/9", "440199", "12", "北京街", "\"1,000\"", "", "2024年1月1日"],
    ]);
    text += "9,壬\n";
    text += "10,癸,,,,,,,,,\n";
    text += "\n";
    text += "11,\"never closed,,,,,,,,\n";
    text += "12,\"quoted, \"\"and\"\" fine\",,,,,,,,\n";
    text += "13,\"two\nlines\",,,,,,,,\r\n";
    world.deliver(&Delivery::new("members", text).rows(13));
    world.run();
    assert_eq!(
        world.quarantine(),
        [
            "2|INT-REQUIRED|name",
            "3|INT-CODE|sex",
            "4|INT-DATE-FORMAT|born",
            "5|INT-RANGE|born",
            "6|INT-NUMBER|fee",
            "7|INT-DATE-FORMAT,INT-RANGE|fee,joined_on",
            "8|ROW-DATE-ORDER|joined_on,left_on",
            "10|INT-COLUMNS|",
            "11|INT-COLUMNS|",
            "13|INT-QUOTE|",
        ]
    );
    assert_eq!(
        world.current("members", "no, name, sex, born, fee, left_on, line", END),
        [
            "12|quoted, \"and\" fine|-|-|-|-|14",
            "13|two lines|-|-|-|-|15",
            "8|辛|1|1956-03-09|1000.00|2024-01-01|9",
        ]
    );
    assert_eq!(original(&world, 10), "9,壬");
    assert_eq!(original(&world, 13), "11,\"never closed,,,,,,,,");
}

#[test]
fn an_invalid_identity_number_or_telephone_is_kept_and_counted() {
    let mut world = World::new();
    world.deliver(&Delivery::new(
        "members",
        csv(&[&["1", "甲", "", "", "440199195603090029", "123"], &["2", "乙", "", "", "无", "无"]]),
    ));
    let report = world.run();
    assert_eq!(report.deliveries[0].warnings, 2);
    assert_eq!(report.deliveries[0].quarantined, 0);
    assert_eq!(
        world.current("members", "no, id_number__state, phone IS NULL", END),
        ["1|invalid|false", "2|missing|true"]
    );
}

#[test]
fn a_row_with_bytes_of_no_text_costs_that_row_only() {
    for (dataset, text) in [("members", "1,甲"), ("gb", "1,甲")] {
        let mut world = World::new();
        let encode = |text: &str| match dataset {
            "gb" => encoding_rs::GB18030.encode(text).0.into_owned(),
            _ => text.as_bytes().to_vec(),
        };
        let mut bytes = encode(&(HEADERS.join(",") + "\n"));
        bytes.extend(encode(&format!("{text},,,,,,,,\n")));
        bytes.extend(b"2,\xff\xff,,,,,,,,\n");
        // A torn character swallows no comma and no line end.
        bytes.extend(b"3,\xd6,,,,,,,,\n");
        bytes.extend(encode("4,\u{20bb7}田,,,,,,,,\n"));
        world.deliver(&Delivery::new(dataset, bytes).rows(4));
        world.run();
        assert_eq!(world.quarantine(), ["3|INT-ENCODING|", "4|INT-ENCODING|"], "{dataset}");
        assert_eq!(world.current(dataset, "no, name", END), ["1|甲", "4|𠮷田"], "{dataset}");
        assert!(original(&world, 3).contains('\u{fffd}'));
    }
}

#[test]
fn a_line_that_is_no_flat_object_costs_that_line_only() {
    let mut world = World::new();
    let object = |no: &str, name: &str| {
        let cells = HEADERS.iter().map(|header| match *header {
            "编号" => format!("\"编号\":{no}"),
            "姓名" => format!("\"姓名\":{name}"),
            other => format!("\"{other}\":null"),
        });
        format!("{{{}}}\n", cells.collect::<Vec<_>>().join(","))
    };
    let mut text = object("1", "\"甲\"");
    text += &object("\"2\"", "\"tab\\t\\u4e59\\ud842\\udfb7\\\"\"");
    text += &object("3", "[\"丙\"]");
    text += "{\"编号\":4,\n";
    text += "not json\n\n";
    text += &object("5", "\"\\ud842\"");
    text += &object("6", "\"己\"").replace("\"性别\":null", "\"性别\":null,\"性别\":1");
    text += &object("7", "\"庚\"").replace("\"性别\":null", "\"other\":1");
    text += &object("8", "\"辛\"").replace("\"会费\":null", "\"会费\":12.50 ");
    text += &object("9", "\"壬\"").replace("\"会费\":null", "\"会费\":1e3");
    world.deliver(&Delivery::new("lines", text.trim_end().to_owned()).rows(10));
    world.run();
    assert_eq!(
        world.quarantine(),
        [
            "3|INT-JSON,INT-REQUIRED|name",
            "4|INT-JSON,INT-REQUIRED|name",
            "5|INT-JSON,INT-REQUIRED|no,name",
            "7|INT-JSON,INT-REQUIRED|name",
            "8|INT-JSON|",
            "9|INT-COLUMNS|",
            "11|INT-JSON|",
        ]
    );
    assert_eq!(
        world.current("lines", "no, name, fee, line", END),
        ["1|甲|-|1", "2|tab 乙𠮷\"|-|2", "8|辛|12.50|10"]
    );
}
