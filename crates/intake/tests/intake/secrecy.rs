//! Sensitive cells are nowhere in the data folder's tables as text; tokens join spellings.

use std::fs;

use super::common::{Delivery, END, WOMAN, World, csv, files};

const PHONE: &str = "13900001234";

#[test]
fn no_table_holds_a_sensitive_cell_as_text() {
    let mut world = World::new();
    let address = "越秀区中山四路123号4栋502房";
    world.deliver(&Delivery::new(
        "members",
        csv(&[
            &["1", "甲", "", "", WOMAN, PHONE, address],
            // In the quarantine too.
            &["2", "", "", "", WOMAN, PHONE, address],
        ]),
    ));
    world.run();
    let mut tables = 0;
    for path in files(&world.folder.tables_dir()) {
        let bytes = fs::read(&path).unwrap();
        for secret in [WOMAN, PHONE, "中山四路", &WOMAN[6..]] {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{secret} in {}", path.display());
        }
        tables += usize::from(path.extension().is_some_and(|extension| extension == "parquet"));
    }
    assert!(tables >= 3, "clean table, quarantine, deliveries");
    // The names are not sealed: the scan above would have found them.
    let all: Vec<u8> =
        files(&world.folder.tables_dir()).iter().flat_map(|path| fs::read(path).unwrap()).collect();
    assert!(all.windows(3).any(|window| window == "甲".as_bytes()));
}

#[test]
fn all_spellings_of_one_thing_have_one_token_in_all_datasets() {
    let mut world = World::new();
    world.deliver(&Delivery::new(
        "members",
        csv(&[
            &[
                "1",
                "甲",
                "",
                "",
                "440199560309002",
                "139-0000-1234",
                "广东省广州市越秀区北京街道中山四路123号4栋502房",
            ],
            &[
                "2",
                "甲",
                "",
                "",
                "４４０１９９１９５６０３０９００２８",
                "+8613900001234",
                "越秀区中山四路１２３号4座502",
            ],
        ]),
    ));
    world.deliver(
        &Delivery::new(
            "roll",
            csv(&[&[
                "1",
                "甲",
                "",
                "",
                WOMAN,
                PHONE,
                "广州市 越秀区 北京街 中山四路 123 号 4 幢 502 室",
            ]]),
        )
        .full(),
    );
    world.run();
    let columns = "DISTINCT id_number__token, phone__token, address__token";
    let members = world.current("members", columns, END);
    assert_eq!(members.len(), 1);
    assert_eq!(members, world.current("roll", columns, END));
    let expected =
        [("id_number", WOMAN), ("phone", PHONE), ("address", "越秀区中山四路123号4栋502房")];
    let tokens = expected.map(|(kind, value)| world.keys.token(kind, value)).join("|");
    assert_eq!(members, [tokens]);
}

#[test]
fn the_kept_bytes_are_those_that_came_whatever_the_sender_does_with_the_file_later() {
    let mut world = World::new();
    let delivery = Delivery::new("members", csv(&[&["1", "甲"]]));
    world.deliver(&delivery);
    let report = world.run();
    fs::write(world.feed_file(&delivery), "changed").unwrap();
    let hash = &report.deliveries[0].raw_sha256;
    let kept = world.folder.raw_dir().join(&hash[..2]).join(hash);
    assert_eq!(fs::read(kept).unwrap(), delivery.bytes);
}

#[test]
fn another_key_is_noticed_before_anything_is_written() {
    let mut world = World::new();
    world.deliver(&Delivery::new("members", csv(&[&["1", "甲"]])));
    world.run();
    world.keys = trust::ColumnKeys::from_master(&[8; 32]);
    world.deliver(&Delivery::new("members", csv(&[&["2", "乙"]])).month(2));
    let error = world.ingest().unwrap_err();
    insta::assert_snapshot!(error, @"the key file is not the one that this data folder was written with; restore keys/column.key from the backup of the data folder");
}
