//! Names: one spelling to compare, their sound, and how alike two names are.

use pinyin::ToPinyin as _;

/// Brings a name to the form in which names are compared: simplified characters, common variants
/// folded, separators of minority and foreign names unified, Latin letters in upper case.
#[must_use]
pub(crate) fn simplify(name: &str) -> String {
    fast2s::convert(name)
        .chars()
        .filter_map(|character| match character {
            '·' | '•' | '・' | '‧' | '.' | '．' | '∙' => Some('·'),
            other if other.is_whitespace() => None,
            other => Some(fold_variant(other)),
        })
        .flat_map(char::to_uppercase)
        .collect()
}

/// Variant characters that registers use for one another in names and that the
/// traditional-to-simplified table leaves alone (异体字, 《第一批异体字整理表》 1955 and common use).
fn fold_variant(character: char) -> char {
    match character {
        '峯' => '峰',
        '堃' | '坤' => '坤',
        '喆' => '哲',
        '淼' => '淼',
        '昇' | '陞' => '升',
        '煇' | '暉' => '辉',
        '珮' => '佩',
        '崑' => '昆',
        '崙' => '仑',
        '傑' => '杰',
        '蹟' => '迹',
        '勳' | '勛' => '勋',
        '綵' => '彩',
        '慤' => '悫',
        '羣' => '群',
        '甦' => '苏',
        '穎' | '頴' => '颖',
        '鑑' | '鍳' => '鉴',
        '裡' => '里',
        '菓' => '果',
        '淨' | '浄' => '净',
        '眞' => '真',
        '黃' => '黄',
        '呂' => '吕',
        '吳' => '吴',
        '溫' => '温',
        '鄧' => '邓',
        '强' | '彊' | '強' => '强',
        '钜' => '巨',
        '晧' | '皜' => '皓',
        '濬' => '浚',
        '鎔' => '镕',
        '鍾' => '钟',
        '遊' => '游',
        '藴' => '蕴',
        '嫺' => '娴',
        '絃' => '弦',
        '茘' => '荔',
        '栢' => '柏',
        '筍' => '笋',
        '姉' => '姊',
        '娬' => '妩',
        '槑' | '楳' => '梅',
        '咊' => '和',
        '逺' => '远',
        '囯' | '圀' => '国',
        '秌' => '秋',
        '艸' => '草',
        '焱' => '焱',
        other => other,
    }
}

/// Pinyin without tones, syllables joined: `陈伟` gives `chenwei`. Characters without a reading stay.
#[must_use]
pub(crate) fn pinyin(name: &str) -> String {
    let mut text = String::with_capacity(name.len() * 2);
    for (character, reading) in name.chars().zip(name.to_pinyin()) {
        match reading {
            Some(reading) => text.push_str(reading.plain()),
            None if character.is_alphanumeric() => text.extend(character.to_lowercase()),
            None => {}
        }
    }
    text
}

/// First letters of the pinyin: `陈伟` gives `cw`.
#[must_use]
pub(crate) fn initials(name: &str) -> String {
    let mut text = String::with_capacity(4);
    for (character, reading) in name.chars().zip(name.to_pinyin()) {
        match reading {
            Some(reading) => text.push_str(reading.first_letter()),
            None if character.is_alphanumeric() => text.extend(character.to_lowercase()),
            None => {}
        }
    }
    text
}

/// How alike two simplified names are; higher is more alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum NameLevel {
    /// Nothing in common that counts.
    Differ,
    /// Of the same length, one character of two differs.
    HalfShared,
    /// Of the same length (three or more), exactly one character differs.
    OneCharacter,
    /// Other characters with the same sound.
    SameSound,
    /// The same characters.
    Exact,
}

/// Compares two simplified names. `same_sound` says whether their pinyin is equal.
#[must_use]
pub(crate) fn compare(left: &str, right: &str, same_sound: bool) -> NameLevel {
    if left == right {
        return NameLevel::Exact;
    }
    if same_sound {
        return NameLevel::SameSound;
    }
    let (mut length, mut differing) = (0, 0);
    let mut others = right.chars();
    for character in left.chars() {
        let Some(other) = others.next() else { return NameLevel::Differ };
        length += 1;
        differing += usize::from(character != other);
    }
    if others.next().is_some() {
        return NameLevel::Differ;
    }
    match (length, differing) {
        (3.., 1) => NameLevel::OneCharacter,
        (2, 1) => NameLevel::HalfShared,
        _ => NameLevel::Differ,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traditional_and_variant_spellings_become_one() {
        assert_eq!(simplify("陳國強"), simplify("陈国强"));
        assert_eq!(simplify("李峯"), "李峰");
        assert_eq!(simplify("阿依古丽•买买提"), simplify("阿依古丽·买买提"));
        assert_eq!(simplify("欧阳 娜娜"), "欧阳娜娜");
    }

    #[test]
    fn sound_and_initials_are_read_without_tones() {
        assert_eq!(pinyin("陈伟"), "chenwei");
        assert_eq!(initials("陈伟"), "cw");
        assert!(pinyin("田A").ends_with('a'));
    }

    #[test]
    fn levels_follow_what_the_eye_sees() {
        let level = |left: &str, right: &str| compare(left, right, pinyin(left) == pinyin(right));
        assert_eq!(level("陈伟", "陈伟"), NameLevel::Exact);
        assert_eq!(level("陈伟", "陈玮"), NameLevel::SameSound);
        assert_eq!(level("陈小明", "陈小朋"), NameLevel::OneCharacter);
        assert_eq!(level("陈伟", "陈强"), NameLevel::HalfShared);
        assert_eq!(level("陈伟", "李明"), NameLevel::Differ);
        assert_eq!(level("陈伟", "陈伟明"), NameLevel::Differ);
    }
}
