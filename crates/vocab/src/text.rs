//! Cleaning of text cells.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

/// Cleans a text cell: Unicode form NFKC, no control or invisible characters, no white space at the ends, runs of white
/// space made one space, and none at all between two Chinese characters (`张　三` → `张三`).
///
/// Full-width letters, digits and punctuation become half-width by NFKC. Cleaning a clean text changes nothing.
///
/// # Examples
///
/// ```
/// # use huimin_vocab::text::clean;
/// assert_eq!(clean(" 张　三 "), "张三");
/// assert_eq!(clean("４４０１９９"), "440199");
/// assert_eq!(clean("Anna  Lee"), "Anna Lee");
/// ```
#[must_use]
pub fn clean(text: &str) -> String {
    clean_cow(text).into_owned()
}

/// Like [`clean`], but borrows a text that is clean already, as most are.
#[must_use]
pub fn clean_cow(text: &str) -> Cow<'_, str> {
    if is_plainly_clean(text) { Cow::Borrowed(text) } else { Cow::Owned(clean_slowly(text)) }
}

/// Says whether the character is a Chinese ideograph (a unified one, or 〇).
#[must_use]
pub fn is_han(character: char) -> bool {
    matches!(character,
        '\u{4e00}'..='\u{9fff}'       // the block of nearly all names
        | '\u{3007}'                  // 〇
        | '\u{3400}'..='\u{4dbf}'     // extension A
        | '\u{20000}'..='\u{2a6df}'   // extension B
        | '\u{2a700}'..='\u{2ebef}'   // extensions C to F
        | '\u{2ebf0}'..='\u{2ee5d}'   // extension I
        | '\u{30000}'..='\u{323af}') // extensions G and H
}

fn clean_slowly(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut last = None;
    let mut space = false;
    // Invisible characters go first: one between a letter and its accent would hinder their composition.
    for character in text.chars().filter(|c| !is_removed(*c)).nfkc() {
        if character.is_whitespace() {
            space = true;
            continue;
        }
        if space && last.is_some_and(|last| !(is_han(last) && is_han(character))) {
            out.push(' ');
        }
        space = false;
        last = Some(character);
        out.push(character);
    }
    out
}

/// A quick test that clean texts of ASCII and ideographs pass; others may be clean as well.
fn is_plainly_clean(text: &str) -> bool {
    // The character before the space that was just seen; at the beginning a space is in the wrong place.
    let mut before = ' ';
    let mut after_space = None;
    for character in text.chars() {
        match character {
            ' ' => {
                if before == ' ' {
                    return false;
                }
                after_space = Some(is_han(before));
                before = ' ';
            }
            // The middle dot of names such as 买买提·艾力 is stable under NFKC.
            '!'..='~' | '·' => {
                after_space = None;
                before = character;
            }
            _ if is_han(character) => {
                if after_space == Some(true) {
                    return false;
                }
                after_space = None;
                before = character;
            }
            _ => return false,
        }
    }
    text.is_empty() || before != ' '
}

/// Control characters other than white space, and characters that have no shape of their own.
fn is_removed(character: char) -> bool {
    (character.is_control() && !character.is_whitespace())
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{feff}' | '\u{e0001}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2064}'
            | '\u{2066}'..='\u{206f}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0020}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(given: &str, expected: &str) {
        assert_eq!(clean(given), expected);
        assert_eq!(clean(expected), expected, "cleaning twice changes something");
    }

    #[test]
    fn full_width_becomes_half_width() {
        check("４４０１９９１９４９０１０１００１Ｘ", "44019919490101001X");
        check("（广州）：１２号，", "(广州):12号,");
    }

    #[test]
    fn white_space_inside_chinese_names_goes() {
        check("张 三", "张三");
        check("　张　　三　", "张三");
        check("张\t三\r\n", "张三");
        check("〇 一", "〇一");
    }

    #[test]
    fn white_space_between_other_words_becomes_one_space() {
        check("Anna   Lee", "Anna Lee");
        check("Anna\u{a0}\tLee", "Anna Lee");
        check("某路 12 号", "某路 12 号");
        check("张 Anna", "张 Anna");
    }

    #[test]
    fn control_and_invisible_characters_go() {
        check("\u{feff}张三", "张三");
        check("张\u{200b}三\0", "张三");
        check("a\u{ad}b\u{7f}", "ab");
        check("\u{1f}", "");
    }

    #[test]
    fn an_accent_behind_an_invisible_character_is_composed() {
        check("e\u{200b}\u{301}", "é");
    }

    #[test]
    fn rare_characters_and_the_middle_dot_stay() {
        check("𠀀𬬭", "𠀀𬬭");
        check("买买提·艾力", "买买提·艾力");
        // A compatibility ideograph becomes the unified one.
        check("\u{f900}", "豈");
    }

    #[test]
    fn clean_text_is_borrowed() {
        for text in ["", "张三", "440199194001010014", "Anna Lee", "买买提·艾力", "某路 12 号"]
        {
            assert!(matches!(clean_cow(text), Cow::Borrowed(_)), "{text:?} was copied");
        }
    }

    #[test]
    fn the_quick_test_lets_nothing_through_that_the_slow_way_changes() {
        let pieces = ["", " ", "  ", "张", "a", "·", "1", "。", "１"];
        for first in pieces {
            for second in pieces {
                for third in pieces {
                    for fourth in pieces {
                        let text = [first, second, third, fourth].concat();
                        assert_eq!(clean(&text), clean_slowly(&text), "{text:?}");
                    }
                }
            }
        }
    }
}
