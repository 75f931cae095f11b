//! Makes a feeds folder for measuring: `make_feeds OUT ROWS` writes the household register (CSV,
//! GB 18030), deaths (JSON Lines) and the minimum-living roll (XLSX) of a made-up month.

#![allow(clippy::print_stdout, clippy::unwrap_used)] // A tool of the benchmark.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use sha2::{Digest as _, Sha256};
use vocab::IdNumber;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [out, rows] = arguments.as_slice() else {
        println!("usage: make_feeds OUT ROWS");
        return;
    };
    let rows: u32 = rows.parse().unwrap();
    let folder = Path::new(out).join("2024-01");
    fs::create_dir_all(&folder).unwrap();
    let register = encoding_rs::GB18030.encode(&register(rows)).0.into_owned();
    let files = [
        ("household_register", "csv", "full", rows, register),
        ("death_certificate", "jsonl", "full", rows, deaths(rows).into_bytes()),
        ("dibao_roll", "xlsx", "full", rows.min(1_000_000), roll(rows.min(1_000_000))),
    ];
    let mut deliveries = Vec::new();
    for (dataset, extension, kind, rows, bytes) in files {
        let file = format!("{dataset}.{extension}");
        let hash: String =
            Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        fs::write(folder.join(&file), bytes).unwrap();
        deliveries.push(serde_json::json!({
            "dataset": dataset, "file": file, "as_of": "2024-01-31", "received": "2024-02-02",
            "sequence": 1, "kind": kind, "rows": rows, "sha256": hash,
        }));
    }
    let manifest = serde_json::json!({ "period": "2024-01", "deliveries": deliveries });
    fs::write(folder.join("manifest.json"), manifest.to_string()).unwrap();
}

struct Person {
    number: u32,
    name: String,
    birth: jiff::civil::Date,
    id: IdNumber,
    address: String,
}

fn person(number: u32) -> Person {
    let surnames = ["陈", "李", "黄", "张", "梁", "林", "刘", "吴", "罗", "欧阳"];
    let given = ["志强", "秀英", "桂芳", "伟", "静怡", "子轩", "雅琪", "建国"];
    let pick = |list: &[&'static str], by: u32| list[(number / by) as usize % list.len()];
    let day = |list: u32, of: u32| (number.wrapping_mul(2_654_435_761) >> list) % of;
    let birth = jiff::civil::date(
        i16::try_from(1930 + day(3, 90)).unwrap(),
        i8::try_from(1 + day(7, 12)).unwrap(),
        i8::try_from(1 + day(11, 28)).unwrap(),
    );
    Person {
        number,
        name: format!("{}{}", pick(&surnames, 1), pick(&given, 10)),
        birth,
        id: IdNumber::from_parts("440199", birth, u16::try_from(number % 999).unwrap()).unwrap(),
        address: format!(
            "广州市越秀区北京街道中山四路{}号{}栋{}房",
            number % 300 + 1,
            number % 18 + 1,
            number % 2800 + 101
        ),
    }
}

fn register(rows: u32) -> String {
    let mut text = String::from(
        "人员编号,户号,姓名,曾用名,性别,民族,出生日期,公民身份号码,与户主关系,婚姻状况,户籍地址,区划代码,城乡属性,户口状态,状态日期,落户日期\n",
    );
    for person in (0..rows).map(person) {
        let _ = writeln!(
            text,
            "P{:09},H{:08},{},,{},01,{},{},02,20,广东省{},440104001000,1,1,,{}",
            person.number,
            person.number / 3,
            person.name,
            person.id.sex().code(),
            person.birth.strftime("%Y%m%d"),
            person.id.expose(),
            person.address,
            person.birth.strftime("%Y%m%d"),
        );
    }
    text
}

fn deaths(rows: u32) -> String {
    let mut text = String::new();
    for person in (0..rows).map(person) {
        let _ = writeln!(
            text,
            "{{\"证明编号\":\"D{:09}\",\"死者姓名\":\"{}\",\"性别\":\"{}\",\"出生日期\":\"{}\",\"证件号码\":\"{}\",\"死亡日期\":\"2024-01-12\",\"生前住址\":\"{}\",\"死亡原因分类\":\"循环系统疾病\"}}",
            person.number,
            person.name,
            person.id.sex().code(),
            person.birth,
            person.id.expose(),
            person.address,
        );
    }
    text
}

fn roll(rows: u32) -> Vec<u8> {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    let headers = [
        "名册编号",
        "家庭编号",
        "类别",
        "姓名",
        "身份证号",
        "与申请人关系",
        "联系电话",
        "家庭住址",
        "起保年月",
        "银行账号",
    ];
    for (column, header) in (0..).zip(headers) {
        sheet.write_string(0, column, header).unwrap();
    }
    for person in (0..rows).map(person) {
        let cells = [
            format!("R{:09}", person.number),
            format!("F{:08}", person.number / 3),
            "1".to_owned(),
            person.name,
            person.id.expose().to_owned(),
            "01".to_owned(),
            format!("1990019{:04}", person.number % 10_000),
            person.address,
            "2023-05".to_owned(),
            format!("6299{:015}", person.number),
        ];
        for (column, cell) in (0..).zip(cells) {
            sheet.write_string(person.number + 1, column, cell).unwrap();
        }
    }
    workbook.save_to_buffer().unwrap()
}
