use super::*;
use crate::layout::FieldPlan;

fn field(kind: FieldKind) -> FieldPlan {
    FieldPlan {
        id: "f".to_owned(),
        header: "f".to_owned(),
        kind,
        required: false,
        sealed: false,
        family: "other",
        min: None,
        max: None,
        codes: Vec::new(),
    }
}

/// The cell in a short text form: what the column will hold, or the code of the fault.
fn shown(field: &FieldPlan, raw: &str) -> String {
    match standardise(field, &Places::default(), raw) {
        Cell::Null => "null".to_owned(),
        Cell::Text(text) => text.into_owned(),
        Cell::Id(number) => format!("valid {}", number.expose()),
        Cell::InvalidId(text) => format!("invalid {text}"),
        Cell::Phone(phone) => phone.expose().to_owned(),
        Cell::InvalidPhone(text) => format!("invalid {text}"),
        Cell::Division(code) => code.as_str().to_owned(),
        Cell::Month(month) => month.to_string(),
        Cell::Day(days) => date_of(days).map_or_else(|| "?".to_owned(), |date| date.to_string()),
        Cell::Number(number) => number.to_string(),
        Cell::Fault(code) => code.as_str().to_owned(),
    }
}

#[track_caller]
fn check(kind: FieldKind, cases: &[(&str, &str)]) {
    let field = field(kind);
    for (raw, expected) in cases {
        assert_eq!(shown(&field, raw), *expected, "{raw:?}");
    }
}

#[test]
fn names_lose_width_and_inner_spaces_and_keep_their_characters() {
    check(
        FieldKind::Name,
        &[
            ("张 三", "张三"),
            ("　李　四　", "李四"),
            ("買買提·艾力", "買買提·艾力"),
            ("𠮷野", "𠮷野"),
            ("Ｊｏｈｎ　Smith", "John Smith"),
            ("", "null"),
            ("无", "无"),
        ],
    );
}

#[test]
fn identity_numbers_become_18_characters_or_are_kept_as_invalid() {
    check(
        FieldKind::IdNumber,
        &[
            ("11010519491231002X", "valid 11010519491231002X"),
            ("１１０１０５１９４９１２３１００２ｘ", "valid 11010519491231002X"),
            (" 110105 19491231 002x ", "valid 11010519491231002X"),
            ("110105491231002", "valid 11010519491231002X"),
            ("110105194912310021", "invalid 110105194912310021"),
            ("11010519491231002", "invalid 11010519491231002"),
            ("abc", "invalid ABC"),
            ("无", "null"),
            ("-", "null"),
        ],
    );
    let mut required = field(FieldKind::IdNumber);
    required.required = true;
    assert_eq!(shown(&required, "110105194912310021"), "INT-ID-NUMBER");
    assert_eq!(shown(&required, " "), "INT-REQUIRED");
}

#[test]
fn dates_are_read_in_their_many_spellings_and_never_guessed() {
    check(
        FieldKind::Date,
        &[
            ("1956-03-09", "1956-03-09"),
            ("1956/3/9", "1956-03-09"),
            ("19560309", "1956-03-09"),
            ("1956年3月9日", "1956-03-09"),
            ("１９５６．３．９", "1956-03-09"),
            ("1956-03-09 00:00:00", "1956-03-09"),
            ("1956-03-09T00:00:00Z", "1956-03-09"),
            ("2024-02-29", "2024-02-29"),
            ("2023-02-29", "INT-DATE-FORMAT"),
            ("1956-13-09", "INT-DATE-FORMAT"),
            ("09.03.1956", "INT-DATE-FORMAT"),
            ("20523", "INT-DATE-FORMAT"),
            ("1956-03-09 morning", "INT-DATE-FORMAT"),
            ("不详", "null"),
        ],
    );
}

#[test]
fn months_are_read_in_their_many_spellings() {
    check(
        FieldKind::Month,
        &[
            ("2024-01", "2024-01"),
            ("202401", "2024-01"),
            ("2024/1", "2024-01"),
            ("2024.01", "2024-01"),
            ("2024年1月", "2024-01"),
            ("2024-01-15", "2024-01"),
            ("2024-13", "INT-MONTH-FORMAT"),
            ("24-01", "INT-MONTH-FORMAT"),
            ("2024", "INT-MONTH-FORMAT"),
        ],
    );
}

#[test]
fn money_is_exact_in_fen_and_nothing_is_rounded() {
    check(
        FieldKind::Money,
        &[
            ("1234.5", "123450"),
            ("1,234.50", "123450"),
            ("￥1,234.50", "123450"),
            ("1234.50元", "123450"),
            ("-0.01", "-1"),
            ("12.340", "1234"),
            ("12.345", "INT-NUMBER"),
            ("12,34", "INT-NUMBER"),
            ("1,2345.00", "INT-NUMBER"),
            ("12.", "INT-NUMBER"),
            (".5", "INT-NUMBER"),
            ("", "null"),
            ("九元", "INT-NUMBER"),
            ("9999999999999999.99", "999999999999999999"),
            ("10000000000000000.00", "INT-NUMBER"),
            ("1e3", "INT-NUMBER"),
        ],
    );
    check(FieldKind::Integer, &[("7", "7"), ("7.0", "7"), ("7.5", "INT-NUMBER"), ("-3", "-3")]);
    check(
        FieldKind::Decimal,
        &[("3.6", "36000"), ("88.1234", "881234"), ("88.12345", "INT-NUMBER")],
    );
}

#[test]
fn telephones_lose_punctuation_and_wrong_ones_are_kept() {
    check(
        FieldKind::Phone,
        &[
            ("+86 139-0000-1234", "13900001234"),
            ("１３９００００１２３４", "13900001234"),
            ("12345", "invalid 12345"),
            ("无", "null"),
        ],
    );
}

#[test]
fn divisions_and_accounts_have_one_form() {
    check(
        FieldKind::Division,
        &[("440103001000", "440103001"), ("440100", "4401"), ("44010300", "INT-DIVISION")],
    );
    check(FieldKind::Account, &[("6299 0000 1234 567", "629900001234567"), ("ab-12", "AB12")]);
}

#[test]
fn codes_are_those_of_the_list_under_any_of_their_spellings() {
    let mut field = field(FieldKind::Code("sex".to_owned()));
    let codes = [("1", "1"), ("2", "2"), ("男", "1")];
    field.codes = codes.map(|(written, code)| (written.to_owned(), code.to_owned())).to_vec();
    for (raw, expected) in [("男", "1"), ("１", "1"), (" 2 ", "2"), ("3", "INT-CODE"), ("", "null")]
    {
        assert_eq!(shown(&field, raw), expected, "{raw:?}");
    }
}

#[test]
fn values_outside_the_bounds_of_the_contract_are_faults() {
    let mut money = field(FieldKind::Money);
    money.min = measure(&money, "0");
    money.max = measure(&money, "100.00");
    for (raw, expected) in
        [("0", "0"), ("100", "10000"), ("100.01", "INT-RANGE"), ("-1", "INT-RANGE")]
    {
        assert_eq!(shown(&money, raw), expected, "{raw:?}");
    }
    let mut date = field(FieldKind::Date);
    date.min = measure(&date, "1900-01-01");
    assert_eq!(shown(&date, "1899-12-31"), "INT-RANGE");
    assert_eq!(shown(&date, "1900-01-01"), "1900-01-01");
}

#[test]
fn day_numbers_agree_with_the_calendar_in_both_directions() {
    assert_eq!(days(Date::constant(1970, 1, 1)), 0);
    assert_eq!(days(Date::constant(2000, 3, 1)), 11_017);
    let mut day = Date::constant(1896, 2, 27);
    for number in days(day).. {
        assert_eq!(days(day), number);
        assert_eq!(date_of(number), Some(day));
        if day.year() > 2104 {
            break;
        }
        day = day.tomorrow().unwrap_or(day);
    }
}
