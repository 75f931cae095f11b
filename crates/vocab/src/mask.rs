//! Hiding personal data on screens, in lists and in messages.
//!
//! Each function takes any text, valid or not, and shows less rather than more when the text has an unexpected form.
//! Masking is for eyes: a masked value is still personal data, and no key.

use std::borrow::Cow;

/// Hides a name but for its first character: `张三丰` → `张**`. One character is hidden as well.
#[must_use]
pub fn name(text: &str) -> String {
    let count = text.chars().count();
    ends(text, count, usize::from(count > 1), 0)
}

/// Hides the birth date (and more, in an invalid number): `440199194001010014` → `440199********0014`.
///
/// 18 characters or more keep the first six and the last four, 15 to 17 the first six and the last three, 8 to 14 the
/// first and last two; fewer are hidden altogether.
#[must_use]
pub fn id_number(text: &str) -> String {
    let count = text.chars().count();
    let (head, tail) = match count {
        0..=7 => (0, 0),
        8..=14 => (2, 2),
        15..=17 => (6, 3),
        _ => (6, 4),
    };
    ends(text, count, head, tail)
}

/// Hides the middle of a telephone number: `19900190001` → `199****0001`.
///
/// 11 characters or more keep the first three and the last four, 7 to 10 the last three; fewer are hidden altogether.
#[must_use]
pub fn phone(text: &str) -> String {
    let count = text.chars().count();
    let (head, tail) = match count {
        0..=6 => (0, 0),
        7..=10 => (0, 3),
        _ => (3, 4),
    };
    ends(text, count, head, tail)
}

/// Hides an account number but for its last four characters. Fewer than ten are hidden altogether.
#[must_use]
pub fn account(text: &str) -> String {
    let count = text.chars().count();
    ends(text, count, 0, if count < 10 { 0 } else { 4 })
}

/// Keeps the administrative part of an address and hides the rest: `广州市越秀区东山街道某路12号` →
/// `广州市越秀区东山街道****`.
///
/// The kept part ends with the first street or town (街道, 镇, 乡), else district or county, else city, else province,
/// and never holds a digit. An address without any of these is hidden altogether. The number of stars is fixed, so that it
/// says nothing.
#[must_use]
pub fn address(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let kept = ADMINISTRATIVE_ENDINGS
        .iter()
        .filter_map(|endings| text.get(..first_end(text, endings)?))
        .find(|kept| !kept.chars().any(is_digit))
        .unwrap_or_default();
    format!("{kept}****")
}

/// Hides the middle of each run of seven digits or more in a free text, keeping the run's first and last two:
/// `证号 440199194001010014` → `证号 44**************14`.
///
/// Full-width digits count, and an `X` or `x` after digits belongs to the run. Digits with separators between them are
/// several runs, so that dates such as 2024-01-05 stay legible.
///
/// Borrows the text when there is nothing to hide.
#[must_use]
pub fn digits_in_text(text: &str) -> Cow<'_, str> {
    let mut out: Option<String> = None;
    let mut copied = 0;
    let mut characters = text.char_indices().peekable();
    while let Some((start, first)) = characters.next() {
        if !is_digit(first) {
            continue;
        }
        let mut count = 1;
        let mut end = start + first.len_utf8();
        while let Some((at, next)) = characters.next_if(|(_, c)| is_digit(*c)) {
            count += 1;
            end = at + next.len_utf8();
        }
        if let Some((at, x)) = characters.next_if(|(_, c)| matches!(c, 'X' | 'x' | 'Ｘ' | 'ｘ')) {
            count += 1;
            end = at + x.len_utf8();
        }
        if count >= 7
            && let (Some(before), Some(run)) = (text.get(copied..start), text.get(start..end))
        {
            let out = out.get_or_insert_with(|| String::with_capacity(text.len()));
            out.push_str(before);
            push_ends(out, run, count, 2, 2);
            copied = end;
        }
    }
    match out {
        None => Cow::Borrowed(text),
        Some(mut out) => {
            out.push_str(text.get(copied..).unwrap_or_default());
            Cow::Owned(out)
        }
    }
}

/// From the most exact level to the least.
const ADMINISTRATIVE_ENDINGS: [&[&str]; 4] =
    [&["街道", "镇", "乡"], &["区", "县", "旗"], &["市", "州", "盟"], &["省", "自治区"]];

/// Where the first of the endings ends; an autonomous region (自治区) isn't a district.
fn first_end(text: &str, endings: &[&str]) -> Option<usize> {
    endings
        .iter()
        .filter_map(|ending| {
            text.match_indices(ending)
                .find(|(at, found)| {
                    *found != "区"
                        || !text.get(..*at).is_some_and(|before| before.ends_with("自治"))
                })
                .map(|(at, found)| at + found.len())
        })
        .min()
}

fn ends(text: &str, count: usize, head: usize, tail: usize) -> String {
    let mut out = String::with_capacity(text.len());
    push_ends(&mut out, text, count, head, tail);
    out
}

/// Appends the text with all but its first and last characters replaced, a star for each.
fn push_ends(out: &mut String, text: &str, count: usize, head: usize, tail: usize) {
    for (position, character) in text.chars().enumerate() {
        let shown = position < head || position + tail >= count;
        out.push(if shown { character } else { '*' });
    }
}

/// An ASCII or full-width decimal digit.
fn is_digit(character: char) -> bool {
    character.is_ascii_digit() || matches!(character, '０'..='９')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_the_first_character() {
        assert_eq!(name(""), "");
        assert_eq!(name("张"), "*");
        assert_eq!(name("张三"), "张*");
        assert_eq!(name("张三丰"), "张**");
        assert_eq!(name("𠀀三"), "𠀀*");
    }

    #[test]
    fn identity_numbers_keep_division_and_tail_and_lose_the_birth_date() {
        assert_eq!(id_number("440199194001010014"), "440199********0014");
        assert_eq!(id_number("440199400101001"), "440199******001");
        assert_eq!(id_number("44019919400101001"), "440199********001");
    }

    #[test]
    fn values_of_an_unexpected_length_show_less() {
        assert_eq!(id_number("4401991"), "*******");
        assert_eq!(id_number("44019919"), "44****19");
        assert_eq!(phone("123456"), "******");
        assert_eq!(phone("83190001"), "*****001");
        assert_eq!(account("629900001"), "*********");
    }

    #[test]
    fn phones_and_accounts_keep_what_a_clerk_needs_to_recognise_them() {
        assert_eq!(phone("19900190001"), "199****0001");
        assert_eq!(phone("02083190001"), "020****0001");
        assert_eq!(account("6299000000001234"), "************1234");
    }

    #[test]
    fn addresses_keep_the_administrative_part() {
        for (shown, given) in [
            ("", ""),
            ("广州市越秀区东山街道****", "广州市越秀区东山街道某路12号3房"),
            ("广东省广州市番禺区南村镇****", "广东省广州市番禺区南村镇某村5巷"),
            ("广州市天河区****", "广州市天河区某路12号某小区3栋"),
            ("广西壮族自治区南宁市青秀区****", "广西壮族自治区南宁市青秀区某路1号"),
            ("广西壮族自治区南宁市****", "广西壮族自治区南宁市某路1号"),
            ("连山壮族瑶族自治县****", "连山壮族瑶族自治县某路1号"),
            ("****", "某路12号"),
            // The street comes after the house here: the district is as far as the digits allow.
            ("天河区****", "天河区某路12号石牌街道"),
        ] {
            assert_eq!(address(given), shown);
        }
    }

    #[test]
    fn long_runs_of_digits_lose_their_middle() {
        for (shown, given) in [
            ("", ""),
            ("没有数字", "没有数字"),
            ("第123456号", "第123456号"),
            ("12***67", "1234567"),
            ("证号 44**************1X。", "证号 44019919490101001X。"),
            ("12***6x", "123456x"),
            ("1２***６7", "1２345６7"),
            ("2024-01-05", "2024-01-05"),
            ("11***11、22***22", "1111111、2222222"),
            ("X1234", "X1234"),
        ] {
            assert_eq!(digits_in_text(given), shown);
        }
    }

    #[test]
    fn a_text_with_nothing_to_hide_is_borrowed() {
        assert!(matches!(digits_in_text("第 12 行"), Cow::Borrowed(_)));
    }
}
