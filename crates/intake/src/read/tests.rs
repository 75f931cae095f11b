//! The hand-written splitters against independent readers.

use proptest::prelude::*;

use super::*;

const WIDTH: usize = 3;

fn rows_of(bytes: Vec<u8>) -> RowBlock {
    let piece = TextPiece {
        bytes,
        first_line: 2,
        offset: 0,
        encoding: Encoding::Utf8,
        columns: [2, 0, 1].into(),
    };
    csv::rows(piece, WIDTH)
}

/// Cells with what makes CSV difficult.
fn cell() -> impl Strategy<Value = String> {
    prop::collection::vec(
        prop::sample::select(vec!["a", "甲", "\u{20bb7}", ",", "\"", "\n", "\r\n", " ", "1"]),
        0..6,
    )
    .prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn csv_cells_are_those_that_an_independent_writer_wrote(
        rows in prop::collection::vec([cell(), cell(), cell()], 1..12),
        quoted in any::<bool>(),
    ) {
        let style = if quoted { ::csv::QuoteStyle::Always } else { ::csv::QuoteStyle::Necessary };
        let mut writer = ::csv::WriterBuilder::new().quote_style(style).from_writer(Vec::new());
        for row in &rows {
            writer.write_record(row).unwrap();
        }
        let block = rows_of(writer.into_inner().unwrap());
        // A row of three empty cells is `,,` and so is a row; nothing is left out.
        prop_assert_eq!(block.len(), rows.len());
        for (number, row) in rows.iter().enumerate() {
            prop_assert!(block.codes(number).is_empty());
            let found = [block.cell(number, 2), block.cell(number, 0), block.cell(number, 1)];
            prop_assert_eq!(found, row.each_ref().map(String::as_str));
        }
    }

    #[test]
    fn any_bytes_give_rows_and_no_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let lines = bytes.split(|byte| *byte == b'\n').count();
        prop_assert!(rows_of(bytes).len() <= lines);
    }

    #[test]
    fn every_line_of_a_piece_is_in_exactly_one_row(
        lines in prop::collection::vec("[a,\"]{1,8}", 1..20),
    ) {
        let text = lines.join("\n") + "\n";
        let mut records = records::Records::new(text.as_bytes(), true);
        let total: u64 = records.by_ref().map(|record| record.lines).sum();
        prop_assert_eq!(total, lines.len() as u64);
    }
}

#[test]
fn a_piece_cut_anywhere_between_records_gives_the_same_rows() {
    let text = "1,\"two\nlines\",3\n4,5,6\n\"7\",8,9\n";
    let whole = rows_of(text.into());
    let ends: Vec<usize> = {
        let mut records = records::Records::new(text.as_bytes(), true);
        let mut ends = Vec::new();
        while records.next().is_some() {
            ends.push(records.position());
        }
        ends
    };
    assert_eq!(ends, [16, 22, 30]);
    for end in ends {
        let (first, second) = text.split_at(end);
        let parts = [rows_of(first.into()), rows_of(second.into())];
        let cells = |block: &RowBlock| -> Vec<String> {
            (0..block.len() * WIDTH)
                .map(|at| block.cell(at / WIDTH, at % WIDTH).to_owned())
                .collect()
        };
        assert_eq!([cells(&parts[0]), cells(&parts[1])].concat(), cells(&whole));
    }
}
