//! A town of three people, through the real pipeline: files in, published tables out.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use engine::arrow::array::{ArrayRef, RecordBatch, StringArray};
use engine::arrow::datatypes::{DataType, Field, Schema};
use engine::arrow::util::display::array_value_to_string;
use engine::{DataFolder, Manifest, PeriodRun, Snapshot, Step, Tables, Versions, WriteMode};
use trust::ColumnKeys;
use vocab::{IdNumber, Period};

/// The month that is decided.
pub(crate) const PERIOD: &str = "2024-01";

/// The city pack of the repository.
pub(crate) fn pack() -> pack::Pack {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../city/guangzhou");
    pack::load(&root).unwrap()
}

/// A valid identity number of the division that no real one has.
pub(crate) fn id_number(birth: &str, sequence: &str) -> String {
    let first = format!("440199{birth}{sequence}");
    format!("{first}{}", IdNumber::check_character(&first).unwrap())
}

/// Where the town's people live.
const HERE: &str = "440104001000";

/// People of another district, who are in the register only where they are asked for.
const NEIGHBOURS: [(&str, &str, &str, &str, &str); 2] =
    [("R5", "H3", "陈远", "1965-03-04", "005"), ("R6", "H4", "周邻", "1971-08-09", "007")];

/// Writes the feeds: the household register and confirmations of an offer.
fn write_feeds(feeds: &Path, with_neighbours: bool) {
    let folder = feeds.join(PERIOD);
    fs::create_dir_all(&folder).unwrap();
    let old = id_number("19400103", "001");
    let wife = id_number("19500505", "002");
    let young = id_number("20000607", "003");
    let mut register = String::from(
        "人员编号,户号,姓名,曾用名,性别,民族,出生日期,公民身份号码,与户主关系,婚姻状况,户籍地址,区划代码,城乡属性,户口状态,状态日期,落户日期\r\n",
    );
    for (number, house, name, sex, birth, id, relation) in [
        ("R1", "H1", "张三丰", "1", "1940-01-03", &old, "02"),
        ("R2", "H1", "李小龙女", "2", "1950-05-05", &wife, "10"),
        ("R3", "H2", "王五", "1", "2000-06-07", &young, "02"),
        ("R4", "H2", "坏行", "1", "1990-13-45", &id_number("19900101", "004"), "20"),
    ] {
        register.push_str(&format!(
            "{number},{house},{name},,{sex},01,{birth},{id},{relation},20,广东省广州市越秀区洪桥街道某路12号,{HERE},1,1,,2000-01-01\r\n"
        ));
    }
    for (number, house, name, birth, sequence) in NEIGHBOURS.into_iter().filter(|_| with_neighbours)
    {
        let id = id_number(&birth.replace('-', ""), sequence);
        register.push_str(&format!(
            "{number},{house},{name},,1,01,{birth},{id},02,20,广东省广州市天河区五山街道某路8号,440106001000,1,1,,2000-01-01\r\n"
        ));
    }
    let (register, _, _) = encoding_rs::GB18030.encode(&register);
    fs::write(folder.join("household_register.csv"), register).unwrap();
    let confirmed = serde_json::json!({
        "确认编号": "C1", "事项": "longevity-allowance", "姓名": "张三丰", "证件号码": old,
        "出生日期": "1940-01-03", "联系电话": "19900190001", "确认日期": "2023-12-10",
        "收款账号": "6299000000000012345",
    });
    fs::write(folder.join("benefit_confirmation.jsonl"), format!("{confirmed}\n")).unwrap();
    let delivery = |dataset: &str, file: &str| {
        serde_json::json!({
            "dataset": dataset, "file": file, "as_of": "2024-01-31", "received": "2024-02-02",
            "sequence": 1, "kind": "full",
        })
    };
    let manifest = serde_json::json!({
        "period": PERIOD,
        "deliveries": [
            delivery("household_register", "household_register.csv"),
            delivery("benefit_confirmation", "benefit_confirmation.jsonl"),
        ],
    });
    fs::write(folder.join("manifest.json"), manifest.to_string()).unwrap();
}

/// Runs the main job and publishes.
pub(crate) async fn build(
    folder: &DataFolder,
    database: Option<&str>,
    pack: &pack::Pack,
    with_neighbours: bool,
) {
    let feeds = folder.root().with_extension("feeds");
    write_feeds(&feeds, with_neighbours);
    let keys = ColumnKeys::load_or_create(&folder.key_file()).unwrap();
    let tables = Tables::new(folder);
    let period = Period::parse(PERIOD).unwrap();
    let known_at = jiff::civil::date(2024, 2, 2);
    let db = server::open_database(folder, database).await.unwrap();
    let mut versions = Versions::new();

    let context = intake::IngestContext { folder, tables: &tables, pack, keys: &keys };
    let ingested = intake::ingest(&context, &feeds, period, Some(known_at), &|_| {}).await.unwrap();
    versions.extend(ingested.tables.clone());
    let (linked, leftover) = registry::link(
        &registry::LinkContext {
            folder,
            pack,
            keys: &keys,
            versions: &versions,
            index: None,
            learn: false,
            run_id: "run1",
            known_at,
            partitions: 2,
        },
        None,
        &|_, _| {},
    )
    .await
    .unwrap();
    leftover.write().unwrap();
    versions.extend(linked.tables.clone());
    let book = policy::compile(pack).unwrap();
    let snapshot = Snapshot::new(tables.clone(), versions.clone(), 2);
    let decided = policy::decide(
        &book,
        policy::DecideInput {
            snapshot: &snapshot,
            tables: &tables,
            base: &Versions::new(),
            period,
            known_at,
        },
        &|_| {},
    )
    .await
    .unwrap();
    versions.extend(decided.versions.clone());
    let programmes = benefits::Programmes::from_pack(pack);
    let snapshot = Snapshot::new(tables.clone(), versions.clone(), 2);
    let input = benefits::ListInput {
        db: &db,
        snapshot: &snapshot,
        programmes: &programmes,
        keys: &keys,
        run_id: "run1",
        period,
        known_at,
        progress: &|_| {},
    };
    benefits::list(input, None).await.unwrap();
    db.close().await.unwrap();

    let steps = vec![Step { id: "ingest".to_owned(), ms: 12, items: 5, stages: Vec::new() }];
    let run = PeriodRun {
        run_id: "run1".to_owned(),
        known_at,
        pack_hash: pack.hash.clone(),
        code_version: "test".to_owned(),
        tables: versions.clone(),
        steps: steps.clone(),
    };
    Manifest {
        number: 1,
        run_id: "run1".to_owned(),
        period,
        known_at,
        pack_hash: pack.hash.clone(),
        code_version: "test".to_owned(),
        tables: versions,
        index: Some(linked.index),
        linkage: Some(linked.linkage),
        periods: [(PERIOD.to_owned(), run)].into(),
        steps,
    }
    .publish(folder)
    .unwrap();
}

/// Publishes pairs for a person to look at: the record in the register of the first name may be the second's, with
/// this weight. Linking leaves none of the town open, since all have an identity number.
pub(crate) async fn publish_pairs(folder: &DataFolder, pairs: &[(&str, &str, &str)]) {
    let mut manifest = Manifest::current(folder).unwrap().unwrap();
    let tables = Tables::new(folder);
    let snapshot = Snapshot::new(tables.clone(), manifest.tables.clone(), 1);
    let sql = "SELECT p.name AS name, l.record_id AS record_id, p.person_id AS person_id \
               FROM links l JOIN persons p ON l.person_id = p.person_id \
               WHERE l.dataset = 'household_register'";
    let found = snapshot.query(&[registry::LINKS, registry::PERSONS], sql).await.unwrap();
    let mut of_name = HashMap::new();
    for batch in &found {
        for at in 0..batch.num_rows() {
            let [name, record_id, person_id] = ["name", "record_id", "person_id"].map(|column| {
                array_value_to_string(batch.column_by_name(column).unwrap(), at).unwrap()
            });
            of_name.insert(name, (record_id, person_id));
        }
    }
    let column = |values: Vec<&str>| Arc::new(StringArray::from(values)) as ArrayRef;
    let columns = vec![
        column(pairs.iter().map(|(name, _, _)| of_name[*name].0.as_str()).collect()),
        column(pairs.iter().map(|(_, other, _)| of_name[*other].1.as_str()).collect()),
        column(pairs.iter().map(|(_, _, weight)| *weight).collect()),
    ];
    let fields = ["record_id", "person_id", "weight"];
    let fields = fields.map(|name| Field::new(name, DataType::Utf8, true));
    let schema = Arc::new(Schema::new(fields.to_vec()));
    let batch = RecordBatch::try_new(schema.clone(), columns).unwrap();
    let base = manifest.tables.get(registry::REVIEW).copied();
    let version =
        tables.write(registry::REVIEW, schema, base, WriteMode::Overwrite, &[batch]).await.unwrap();
    manifest.tables.insert(registry::REVIEW.to_owned(), version);
    manifest.number += 1;
    manifest.publish(folder).unwrap();
}
