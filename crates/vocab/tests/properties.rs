//! Properties that hold for every value and every text, tried on random ones.

use huimin_vocab::date::{age_on, parse_loose};
use huimin_vocab::{
    DivisionCode, DivisionLevel, Ethnicity, IdNumber, MaritalStatus, Money, Period, Phone,
    RecordId, RowId, Sex, UnifiedSocialCreditCode, mask, text,
};
use jiff::civil::{Date, date};
use proptest::prelude::*;

/// Texts that come close to what the parsers accept, and texts that don't.
fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[0-9Xx]{0,20}",
        "[0-9A-Z]{17,19}",
        "[-+.0-9年月日/ ]{0,14}",
        "[ \u{3000}\ta-z0-9·张三丰〇é１（\u{301}\u{200b}\u{2028}\u{a0}´]{0,12}",
        "[省市区县镇乡街道路号自治0-9]{0,12}",
    ]
}

/// Days from 1800 to 2199.
fn any_day() -> impl Strategy<Value = Date> {
    (1800_i16..2200, 1_i8..=12, 1_i8..=31).prop_map(|(year, month, day)| {
        let first = date(year, month, 1);
        date(year, month, day.min(first.days_in_month()))
    })
}

fn any_division() -> impl Strategy<Value = DivisionCode> {
    // Few values a part, so that related divisions meet.
    ("0[12]0[12]0[12]00[12]00[12]", prop::sample::select(&DivisionLevel::ALL[..])).prop_map(
        |(community, level)| {
            DivisionCode::parse(&community).expect("no gap").at(level).expect("not below")
        },
    )
}

fn any_period() -> impl Strategy<Value = Period> {
    (2_i16..9999, 1_i8..=12).prop_filter_map("no month", |(year, month)| Period::new(year, month))
}

proptest! {
    // A failure prints its smallest case; that becomes a unit test, so that no file of failures is kept.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_function_panics(text in any_text(), parts in prop::collection::vec(any_text(), 0..4)) {
        let _ = IdNumber::parse(&text);
        let _ = IdNumber::check_character(&text);
        let _ = IdNumber::from_parts(&text, date(2000, 1, 1), 7);
        let _ = UnifiedSocialCreditCode::parse(&text);
        let _ = UnifiedSocialCreditCode::check_character(&text);
        let _ = UnifiedSocialCreditCode::organisation_check_character(&text);
        let _ = DivisionCode::parse(&text);
        let _ = Money::parse(&text);
        let _ = Period::parse(&text);
        let _ = Phone::parse(&text);
        let _ = RowId::parse(&text);
        let _ = RecordId::parse(&text);
        let _ = (Sex::from_code(&text), MaritalStatus::from_code(&text), Ethnicity::from_code(&text));
        let _ = parse_loose(&text);
        let _ = text::clean(&text);
        let _ = mask::digits_in_text(&text);
        for hide in [mask::name, mask::id_number, mask::phone, mask::account, mask::address] {
            let _ = hide(&text);
        }
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let _ = RecordId::new(&RowId::from_key(&text, &parts), &text);
        let _ = RowId::from_content(&text, &parts);
    }

    #[test]
    fn a_composed_identity_number_is_read_back(division in "[0-9]{6}", birth in any_day(), sequence in 0_u16..1000) {
        let number = IdNumber::from_parts(&division, birth, sequence).expect("the parts fit");
        prop_assert_eq!(IdNumber::parse(number.expose()), Ok(number));
        prop_assert_eq!(number.birth_date(), birth);
        prop_assert_eq!(number.division(), division);
        prop_assert_eq!(number.sex(), if sequence % 2 == 1 { Sex::Male } else { Sex::Female });
        prop_assert!(!number.masked().contains(&number.expose()[6..14]));
    }

    #[test]
    fn every_single_wrong_digit_and_every_swap_of_neighbours_is_found(
        birth in any_day(), sequence in 0_u16..1000, place in 0_usize..17, digit in b'0'..=b'9',
    ) {
        let number = IdNumber::from_parts("440199", birth, sequence).expect("the parts fit");
        let mut wrong = number.expose().as_bytes().to_vec();
        if wrong[place] != digit {
            wrong[place] = digit;
            prop_assert!(IdNumber::parse(std::str::from_utf8(&wrong).expect("digits")).is_err());
        }
        let mut swapped = number.expose().as_bytes().to_vec();
        swapped.swap(place, place + 1);
        if swapped != number.expose().as_bytes() {
            prop_assert!(IdNumber::parse(std::str::from_utf8(&swapped).expect("digits")).is_err());
        }
    }

    #[test]
    fn fifteen_digits_give_the_eighteen_of_the_same_person(birth in any_day(), sequence in 0_u16..1000) {
        let number = IdNumber::from_parts("440199", birth, sequence).expect("the parts fit");
        let old = format!("{}{}", &number.expose()[..6], &number.expose()[8..17]);
        let century = if sequence >= 996 { 1800 } else { 1900 };
        let same_century = birth.year() / 100 * 100 == century;
        match IdNumber::parse(&old) {
            Ok(converted) => {
                prop_assert_eq!(converted == number, same_century);
                prop_assert_eq!(converted.sex(), number.sex());
            }
            // Only 29 February of 2000 has no like in 1900, nor in 1800.
            Err(_) => prop_assert!(!same_century && (birth.month(), birth.day()) == (2, 29)),
        }
    }

    #[test]
    fn a_code_with_its_check_character_is_right_and_with_another_wrong(
        first17 in "[0-9ANY][0-9]{7}[0-9ABCDEFGHJKLMNPQRTUWXY]{9}", other in "[0-9ABCDEFGHJKLMNPQRTUWXY]",
    ) {
        let check = UnifiedSocialCreditCode::check_character(&first17).expect("17 characters of the alphabet");
        let right = format!("{first17}{check}");
        let code = UnifiedSocialCreditCode::parse(&right).expect("right");
        prop_assert_eq!(code.as_str(), right);
        prop_assert_eq!(
            UnifiedSocialCreditCode::parse(&format!("{first17}{other}")).is_ok(),
            other == check.to_string()
        );
    }

    #[test]
    fn containment_of_divisions_is_a_partial_order(a in any_division(), b in any_division(), c in any_division()) {
        prop_assert!(a.contains(&a));
        prop_assert!(!(a.contains(&b) && b.contains(&a)) || a == b);
        prop_assert!(!(a.contains(&b) && b.contains(&c)) || a.contains(&c));
        // A division lies in another exactly if that one is among its ancestors.
        let ancestors: Vec<_> = std::iter::successors(Some(b), DivisionCode::parent).collect();
        prop_assert_eq!(a.contains(&b), ancestors.contains(&a));
        // Order: the container comes first.
        prop_assert!(!a.contains(&b) || a <= b);
    }

    #[test]
    fn every_form_of_a_division_is_read_back(division in any_division()) {
        prop_assert_eq!(DivisionCode::parse(division.as_str()), Ok(division));
        prop_assert_eq!(DivisionCode::parse(&division.padded12()), Ok(division));
        if let Some(six) = division.padded6() {
            prop_assert_eq!(DivisionCode::parse(&six), Ok(division));
        }
    }

    #[test]
    fn amounts_are_read_back(fen in any::<i64>()) {
        let money = Money::from_fen(fen);
        prop_assert_eq!(Money::parse(&money.to_string()), Ok(money));
        prop_assert_eq!(Money::from_yuan_decimal(money.to_yuan_decimal()), Ok(money));
    }

    #[test]
    fn reading_money_agrees_with_the_decimal_library(text in "-?[0-9]{1,17}(\\.[0-9]{1,4})?") {
        let decimal: rust_decimal::Decimal = text.parse().expect("a decimal");
        prop_assert_eq!(Money::parse(&text), Money::from_yuan_decimal(decimal));
    }

    #[test]
    fn whole_yuan_are_the_least_that_suffice(fen in any::<i64>()) {
        if let Some(whole) = Money::from_fen(fen).ceil_to_yuan() {
            prop_assert_eq!(whole.fen() % 100, 0);
            prop_assert!(whole.fen() >= fen && i128::from(whole.fen()) - i128::from(fen) < 100);
        } else {
            prop_assert!(fen > i64::MAX - 100);
        }
    }

    #[test]
    fn next_and_previous_month_undo_each_other(period in any_period(), months in -24_000_i32..24_000) {
        prop_assert_eq!(period.next().previous(), period);
        prop_assert_eq!(period.previous().next(), period);
        prop_assert!(period.previous() < period && period < period.next());
        prop_assert_eq!(period.next().first_day(), period.last_day().tomorrow().expect("not the last day"));
        prop_assert_eq!(Period::parse(&period.to_string()), Ok(period));
        prop_assert_eq!(Period::of(period.last_day()), Some(period));
        if let Some(other) = period.plus_months(months) {
            prop_assert_eq!(other.months_since(period), months);
        }
    }

    #[test]
    fn every_spelling_of_a_day_is_read(day in any_day()) {
        let (y, m, d) = (day.year(), day.month(), day.day());
        for text in [
            format!("{y}-{m:02}-{d:02}"),
            format!("{y}/{m}/{d}"),
            format!("{y}.{m}.{d}"),
            format!("{y}{m:02}{d:02}"),
            format!("{y}年{m}月{d}日"),
        ] {
            prop_assert_eq!(parse_loose(&text), Some(day), "{}", text);
        }
    }

    #[test]
    fn age_grows_by_one_a_year(birth in any_day(), day in any_day()) {
        // The definition by the other way round: the birthday of that age has come, the next hasn't.
        let birthday = |age: i32| {
            let year = birth.year() + i16::try_from(age).expect("within four centuries");
            let in_year = date(year, birth.month(), 1);
            if birth.day() > in_year.days_in_month() { date(year, 3, 1) } else { date(year, birth.month(), birth.day()) }
        };
        let age = age_on(birth, day);
        prop_assert!(birthday(age) <= day && day < birthday(age + 1));
    }

    #[test]
    fn cleaning_twice_is_cleaning_once(given in any_text()) {
        let cleaned = text::clean(&given);
        prop_assert_eq!(text::clean(&cleaned), cleaned.clone());
        prop_assert!(!cleaned.chars().any(char::is_control));
        prop_assert_eq!(cleaned.trim(), cleaned.as_str());
        prop_assert!(!cleaned.contains("  "));
    }

    #[test]
    fn phones_are_read_back(text in "(\\+86|0086|86)?[ -]?(1[3-9][0-9]{9}|0(10|2[0-9]|[3-9][0-9]{2})[2-9][0-9]{6,7})") {
        if let Ok(phone) = Phone::parse(&text) {
            prop_assert_eq!(Phone::parse(phone.expose()), Ok(phone));
        } else {
            // `86` without plus sign is a country code before a mobile number only.
            prop_assert!(text.starts_with("86"), "{}", text);
        }
    }

    #[test]
    fn masks_keep_the_length_and_show_no_long_run(text in "[0-9]{7,30}") {
        for hide in [mask::id_number, mask::phone, mask::account] {
            let hidden = hide(&text);
            prop_assert_eq!(hidden.len(), text.len());
            prop_assert!(hidden.contains("***"), "{}", hidden);
        }
        let hidden = mask::digits_in_text(&text);
        prop_assert_eq!(hidden.bytes().filter(u8::is_ascii_digit).count(), 4);
        prop_assert_eq!(mask::digits_in_text(&hidden), hidden.as_ref());
    }

    #[test]
    fn an_address_never_shows_a_digit(text in "[省市区县镇乡街道路号自治0-9０-９a]{0,20}") {
        let hidden = mask::address(&text);
        prop_assert!(!hidden.chars().any(|c| c.is_ascii_digit() || ('０'..='９').contains(&c)), "{}", hidden);
    }

    #[test]
    fn texts_survive_serialisation(division in any_division(), period in any_period(), key in any::<String>()) {
        let row = RowId::from_key("dataset", &[&key]);
        let record = RecordId::new(&row, "subject");
        let before = (division, period, row, record);
        let json = serde_json::to_string(&before).expect("serialises");
        let after: (DivisionCode, Period, RowId, RecordId) = serde_json::from_str(&json).expect("reads");
        prop_assert_eq!(after, before);
    }
}
