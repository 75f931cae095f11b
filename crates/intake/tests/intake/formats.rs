//! Each format gives the same rows.

use std::sync::Arc;

use engine::arrow::array::{ArrayRef, RecordBatch, StringArray};
use engine::parquet::arrow::ArrowWriter;

use super::common::{Delivery, END, HEADERS, WOMAN, World, csv};

const ROWS: [[&str; 10]; 3] = [
    ["1", "甲", "男", "1956-03-09", "", "", "北京街道", "12.50", "2024-01-01", ""],
    [
        "2",
        "𠮷田",
        "2",
        "1960/1/2",
        WOMAN,
        "13900001234",
        "广州市越秀区中山四路123号4栋502房",
        "1000",
        "20240105",
        "",
    ],
    ["3", "丙", "", "", "", "", "", "", "", ""],
];
const EXPECTED: [&str; 3] = [
    "1|甲|1|1956-03-09|missing|12.50|2024-01-01|-",
    "2|𠮷田|2|1960-01-02|valid|1000.00|2024-01-05|-",
    "3|丙|-|-|missing|-|-|-",
];

fn text() -> String {
    csv(&ROWS.each_ref().map(|row| row.as_slice()))
}

#[track_caller]
fn check(dataset: &str, bytes: Vec<u8>) {
    let mut world = World::new();
    world.deliver(&Delivery::new(dataset, bytes).rows(3));
    let report = world.run();
    assert_eq!(report.deliveries[0].inserted, 3);
    assert_eq!(
        world.current(
            dataset,
            "no, name, sex, born, id_number__state, fee, joined_on, left_on",
            END
        ),
        EXPECTED
    );
    let rows = world.current(dataset, "no, row_id, id_number, phone, address", END);
    let cells: Vec<&str> = rows[1].split('|').collect();
    assert_eq!(cells[1], vocab::RowId::from_key(dataset, &["2"]).as_str());
    assert_eq!(world.open(dataset, "id_number", cells[1], cells[2]), WOMAN);
    assert_eq!(world.open(dataset, "phone", cells[1], cells[3]), "13900001234");
    assert_eq!(world.open(dataset, "address", cells[1], cells[4]), "越秀区中山四路123号4栋502房");
}

#[test]
fn csv_in_each_encoding() {
    check("members", text().into_bytes());
    check("bom", format!("\u{feff}{}", text()).into_bytes());
    check("bom", text().into_bytes());
    check("members", format!("\u{feff}{}", text()).into_bytes());
    check("gb", encoding_rs::GB18030.encode(&text()).0.into_owned());
    check("members", text().replace('\n', "\r\n").into_bytes());
    check("members", text().trim_end().to_owned().into_bytes());
}

#[test]
fn csv_columns_in_another_order_and_with_quotes() {
    let mut text = String::new();
    for row in std::iter::once(HEADERS).chain(ROWS) {
        let cells: Vec<String> = row.iter().rev().map(|cell| format!("\"{cell}\"")).collect();
        text += &(cells.join(",") + "\n");
    }
    check("members", text.into_bytes());
}

#[test]
fn json_lines() {
    let mut text = String::new();
    for row in ROWS {
        let object: serde_json::Map<String, serde_json::Value> = HEADERS
            .iter()
            .zip(row)
            .map(|(header, cell)| ((*header).to_owned(), cell.into()))
            .collect();
        text += &(serde_json::Value::from(object).to_string() + "\n");
    }
    check("lines", text.into_bytes());
}

#[test]
fn xlsx_with_text_numbers_and_real_dates() {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    let dates = rust_xlsxwriter::Format::new().set_num_format("yyyy-mm-dd");
    for (column, header) in (0_u16..).zip(HEADERS) {
        sheet.write_string(0, column, header).unwrap();
    }
    for (row, cells) in (1_u32..).zip(ROWS) {
        for (column, cell) in (0_u16..).zip(cells) {
            match (row, column) {
                _ if cell.is_empty() => {}
                (1, 7) => {
                    sheet.write_number(row, column, 12.5).unwrap();
                }
                (1, 3) => {
                    let date = rust_xlsxwriter::ExcelDateTime::from_ymd(1956, 3, 9).unwrap();
                    sheet.write_datetime_with_format(row, column, &date, &dates).unwrap();
                }
                (2, 0 | 7) => {
                    sheet.write_number(row, column, cell.parse::<f64>().unwrap()).unwrap();
                }
                _ => {
                    sheet.write_string(row, column, cell).unwrap();
                }
            }
        }
    }
    check("sheet", workbook.save_to_buffer().unwrap());
}

#[test]
fn a_table_of_a_sqlite_file() {
    check("database", database("roll", &HEADERS));
}

/// A SQLite file with the club's rows.
pub(super) fn database(table: &str, headers: &[&str]) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a file?.db");
    let connection = rusqlite::Connection::open(&path).unwrap();
    let columns = headers.iter().map(|header| format!("\"{header}\"")).collect::<Vec<_>>();
    connection.execute(&format!("CREATE TABLE {table} ({})", columns.join(", ")), []).unwrap();
    for row in ROWS {
        let marks = vec!["nullif(?, '')"; headers.len()].join(", ");
        connection
            .execute(
                &format!("INSERT INTO {table} VALUES ({marks})"),
                rusqlite::params_from_iter(row.iter().take(headers.len())),
            )
            .unwrap();
    }
    connection.close().unwrap();
    std::fs::read(path).unwrap()
}

#[test]
fn parquet_columns_of_any_type() {
    let columns = HEADERS.iter().enumerate().map(|(at, header)| {
        let cells = ROWS.iter().map(|row| Some(row[at]).filter(|cell| !cell.is_empty()));
        let column: ArrayRef = match *header {
            "编号" => Arc::new(engine::arrow::array::Int32Array::from(vec![1, 2, 3])),
            _ => Arc::new(cells.collect::<StringArray>()),
        };
        (*header, column)
    });
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    check("columns", bytes);
}

#[test]
fn a_file_of_many_pieces_keeps_its_order_and_lines() {
    let mut world = World::new();
    let mut text = HEADERS.join(",") + "\n";
    let rows = 60_000_u64;
    for row in 0..rows {
        // Some rows take two lines, so that lines and rows differ.
        let name = if row % 1000 == 7 { "\"a\nb\"" } else { "甲" };
        text +=
            &format!("{row:06},{name},1,1956-03-09,,,越秀区中山四路{row}号,12.50,2024-01-01,\n");
    }
    assert!(text.len() > 3 << 20, "several pieces");
    world.deliver(&Delivery::new("members", text).rows(rows));
    let report = world.run();
    assert_eq!(report.deliveries[0].inserted, rows);
    let lines = world.current("members", "no, line", END);
    for (row, found) in lines.iter().enumerate() {
        let before = (row + 992) / 1000;
        assert_eq!(*found, format!("{row:06}|{}", row + 2 + before));
    }
}
