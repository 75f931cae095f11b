//! What a sealed cell withstands, in both suites.

#![allow(clippy::unwrap_used)] // A test fails by panicking.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use huimin_trust::{ColumnKeys, Suite};
use proptest::prelude::*;

const SUITES: [Suite; 2] = [Suite::International, Suite::Sm];

fn keys(suite: Suite) -> ColumnKeys {
    ColumnKeys::from_master_of(suite, &[7; 32])
}

#[test]
fn a_cell_opens_in_its_place_and_nowhere_else() {
    for suite in SUITES {
        let keys = keys(suite);
        let sealed = keys.seal("pension", "id_number", "row1", "440199195003070014");
        let opened = keys.open("pension", "id_number", "row1", &sealed).unwrap();
        assert_eq!(opened, "440199195003070014");
        for (dataset, column, row) in [
            ("vehicle", "id_number", "row1"),
            ("pension", "phone", "row1"),
            ("pension", "id_number", "row2"),
            ("pension\u{1f}id_number", "", "row1"),
        ] {
            assert!(keys.open(dataset, column, row, &sealed).is_err(), "{dataset} {column} {row}");
        }
    }
}

#[test]
fn the_same_cell_seals_to_the_same_text_and_shows_nothing() {
    for suite in SUITES {
        let keys = keys(suite);
        let sealed = keys.seal("pension", "phone", "row1", "19900191234");
        assert_eq!(sealed, keys.seal("pension", "phone", "row1", "19900191234"));
        assert_ne!(sealed, keys.seal("pension", "phone", "row2", "19900191234"));
        assert!(!sealed.contains("1990019"));
    }
}

#[test]
fn no_suite_opens_what_the_other_has_sealed() {
    let [one, other] = SUITES.map(keys);
    assert_ne!(one.id(), other.id());
    assert_ne!(one.token("phone", "19900191234"), other.token("phone", "19900191234"));
    for (sealed_by, opened_by) in [(&one, &other), (&other, &one)] {
        let sealed = sealed_by.seal("pension", "phone", "row1", "19900191234");
        assert!(opened_by.open("pension", "phone", "row1", &sealed).is_err());
    }
}

#[test]
fn the_sm_suite_stays_the_same_between_versions_of_the_program() {
    // A changed derivation would cut off every table that was written before.
    let keys = keys(Suite::Sm);
    insta::assert_snapshot!(keys.token("id_number", "440199195003070014"), @"54ee86aeb74f06c3e407b1b064351ed8");
    insta::assert_snapshot!(keys.seal("d", "c", "r", "text"), @"TkZ8xQLa7cmPdma7Zd+LDx3aaJk");
    insta::assert_snapshot!(keys.id(), @"e183e31d213795c6");
    insta::assert_snapshot!(format!("{:016x}", keys.digest(b"a row")), @"a75dfe111ac34b87");
}

#[test]
fn debug_output_shows_the_public_name_only() {
    let keys = keys(Suite::Sm);
    let mut column = keys.column("pension", "phone");
    column.seal_into("row1", "19900191234", &mut String::new());
    let text = format!("{keys:?} {column:?} {:?}", keys.tokens("phone"));
    insta::assert_snapshot!(text, @r#"ColumnKeys { id: "e183e31d213795c6", .. } SealedColumn { dataset: "pension", column: "phone", .. } TokenKind { .. }"#);
}

#[test]
fn of_a_thousand_changed_cells_none_opens() {
    for suite in SUITES {
        let keys = keys(suite);
        let mut column = keys.column("pension", "phone");
        let (mut tried, mut accepted) = (0, 0);
        // Every bit of nonce or synthetic IV, of ciphertext and of tag, and every shorter cell.
        for text in ["", "1", "19900191234", "440199195003070014", "广州市越秀区中山四路123号502房"]
        {
            let mut sealed = String::new();
            column.seal_into("row1", text, &mut sealed);
            let cell = BASE64_STANDARD_NO_PAD.decode(&sealed).unwrap();
            assert_eq!(column.open("row1", &sealed).unwrap(), text);
            let flipped = (0..cell.len() * 8).map(|bit| {
                let mut changed = cell.clone();
                changed[bit / 8] ^= 1 << (bit % 8);
                changed
            });
            let cut = (0..cell.len()).flat_map(|at| [cell[..at].to_vec(), cell[at + 1..].to_vec()]);
            let longer = [[cell.as_slice(), &[0]].concat(), [&[0], cell.as_slice()].concat()];
            for changed in flipped.chain(cut).chain(longer) {
                let changed = BASE64_STANDARD_NO_PAD.encode(changed);
                tried += 1;
                accepted += usize::from(column.open("row1", &changed).is_ok());
            }
        }
        assert!(tried >= 1_000, "{tried}");
        assert_eq!(accepted, 0, "{suite}");
    }
}

#[test]
fn a_suite_is_named_as_settings_name_it() {
    for suite in SUITES {
        assert_eq!(suite.to_string().parse::<Suite>().unwrap(), suite);
    }
    let error = "SM".parse::<Suite>().unwrap_err();
    insta::assert_snapshot!(error, @"`SM` is no suite of algorithms; set `international` or `sm`");
}

proptest! {
    #[test]
    fn any_text_comes_back(text in ".*", row in "[0-9a-f]{24}") {
        for suite in SUITES {
            let keys = keys(suite);
            let sealed = keys.seal("pension", "address", &row, &text);
            prop_assert_eq!(&sealed, &keys.seal("pension", "address", &row, &text));
            prop_assert_eq!(&keys.open("pension", "address", &row, &sealed).unwrap(), &text);
        }
    }

    #[test]
    fn another_place_never_opens(
        text in ".{0,40}",
        here in ["[a-z]{1,8}", "[a-z]{1,8}", "[0-9a-f]{1,8}"],
        there in ["[a-z]{1,8}", "[a-z]{1,8}", "[0-9a-f]{1,8}"],
    ) {
        prop_assume!(here != there);
        for suite in SUITES {
            let keys = keys(suite);
            let sealed = keys.seal(&here[0], &here[1], &here[2], &text);
            prop_assert!(keys.open(&there[0], &there[1], &there[2], &sealed).is_err());
        }
    }

    #[test]
    fn any_rubbish_is_an_error_and_no_panic(text in ".*", bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        for suite in SUITES {
            let keys = keys(suite);
            prop_assert!(keys.open("pension", "address", "row1", &text).is_err());
            let bytes = BASE64_STANDARD_NO_PAD.encode(&bytes);
            prop_assert!(keys.open("pension", "address", "row1", &bytes).is_err());
        }
    }

    #[test]
    fn equal_tokens_are_of_equal_values(a in ".{0,20}", b in ".{0,20}") {
        for suite in SUITES {
            let keys = keys(suite);
            prop_assert_eq!(keys.token("phone", &a) == keys.token("phone", &b), a == b);
        }
    }
}
