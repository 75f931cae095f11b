//! The ways in which a clerk writes a name wrongly.

use std::collections::BTreeMap;

use super::tables::RARE;
use super::{NONE, Name, NameTables};
use crate::draw::Random;

/// Pairs of characters that look or are meant alike and are often exchanged, whatever their reading.
const LOOK_ALIKE: &str = "未末 己已 侯候 祖租 杨扬 萧肖 傅付 戴代 阎闫 晓小 燕艳 霞露 洁清 倩情 蓉榕 莉丽 娟捐 婷停 钰玉 铭名 \
     瑞端 萍平 芬芳 凤风 坤绅 珊姗 炜伟 玮炜 晨辰 睿容 彬杉 淼森 焱炎 鑫金 磊垒 峰锋 俊竣 浩皓 涛滔 宏洪 佳住 李季 王玉 陈阵 \
     黄横 梁粱 张章 林材 吴吕 刘刻 何可 谢榭 邓郑 钟锺 余佘 卢户 潘番 冯马 许午 叶吐 苏办 丘邱 欧殴 谭潭 莫英 麦麥 区欧 简间";

/// Variant forms beside the traditional ones.
const VARIANT: &str = "峰峯 群羣 昆崑 杰傑 栋棟 村邨 岩巖 志誌 才纔 升昇 秋穐 泉洤 略畧 和龢 野埜 梅楳 松枩 布佈 秀琇 明朙";

/// Exchanges of characters, made ready for look-up.
pub(crate) struct Variants {
    /// Of each reading, the characters of given names.
    by_reading: BTreeMap<&'static str, Vec<char>>,
    look_alike: BTreeMap<char, Vec<char>>,
    variant: BTreeMap<char, char>,
}

impl Variants {
    /// Collects the exchanges of the characters in the tables.
    pub(crate) fn new(tables: &NameTables) -> Self {
        let mut by_reading: BTreeMap<&'static str, Vec<char>> = BTreeMap::new();
        for character in tables.characters.iter().filter(|c| !c.reading.is_empty()) {
            by_reading.entry(character.reading).or_default().push(character.simplified);
        }
        let mut look_alike: BTreeMap<char, Vec<char>> = BTreeMap::new();
        for (left, right) in pairs(LOOK_ALIKE) {
            look_alike.entry(left).or_default().push(right);
            look_alike.entry(right).or_default().push(left);
        }
        Self { by_reading, look_alike, variant: pairs(VARIANT).collect() }
    }

    /// The name with one character exchanged for a homophone or a look-alike; `None` where none is known.
    pub(crate) fn similar(
        &self,
        name: Name,
        tables: &NameTables,
        random: &mut impl Random,
    ) -> Option<String> {
        if name.is_dotted() {
            // The middle syllables of transcribed names vary: leave one character out.
            let text = written(name, tables);
            let count = u32::try_from(text.chars().count()).ok()?;
            let gone = 1 + random.below(count.saturating_sub(3)) as usize;
            return Some(
                text.chars()
                    .enumerate()
                    .filter(|(n, c)| *n != gone || *c == '·')
                    .map(|(_, c)| c)
                    .collect(),
            );
        }
        // Given names are written by ear more often than surnames.
        let places =
            if name.second == NONE { [name.first, name.first] } else { [name.first, name.second] };
        let start = usize::from(random.chance(0.5));
        for place in [start, 1 - start] {
            let Some(index) = places.get(place).copied() else { continue };
            let Some(character) = tables.characters.get(usize::from(index)) else { continue };
            let mut choices: Vec<char> =
                self.look_alike.get(&character.simplified).cloned().unwrap_or_default();
            if let Some(same) = self.by_reading.get(character.reading) {
                choices.extend(same.iter().filter(|c| **c != character.simplified));
            }
            if let Some(choice) = random.pick(&choices) {
                return Some(replaced(name, tables, place, *choice));
            }
        }
        let surname = tables.surname(name.surname);
        let first = surname.chars().next()?;
        let choice = *random.pick(self.look_alike.get(&first)?)?;
        let text = written(name, tables);
        Some(std::iter::once(choice).chain(text.chars().skip(1)).collect())
    }

    /// The name in traditional or variant characters; `None` where every character has but one form.
    pub(crate) fn traditional(
        &self,
        name: Name,
        tables: &NameTables,
        random: &mut impl Random,
    ) -> Option<String> {
        if name.is_dotted() {
            return None;
        }
        let mut out = String::new();
        let surname = tables.surnames.get(usize::from(name.surname))?;
        let given = [name.first, name.second];
        let given = if name.second == NONE { &given[..1] } else { &given[..] };
        out.push_str(if surname.traditional.is_empty() {
            surname.simplified
        } else {
            surname.traditional
        });
        for index in given {
            let character = tables.characters.get(usize::from(*index))?;
            let variant =
                self.variant.get(&character.simplified).copied().filter(|_| random.chance(0.5));
            out.push(variant.or(character.traditional).unwrap_or(character.simplified));
        }
        (out != written(name, tables)).then_some(out)
    }

    /// The name with a character beyond U+FFFF where it has none, or with a common one where it has one; `None` for dotted
    /// names.
    pub(crate) fn outside_bmp(
        &self,
        name: Name,
        tables: &NameTables,
        random: &mut impl Random,
    ) -> Option<String> {
        if name.is_dotted() {
            return None;
        }
        if tables.is_rare(name.second) {
            let place = usize::from(name.second) - (tables.characters.len() - RARE.len());
            return Some(replaced(name, tables, 1, RARE.get(place)?.1));
        }
        let place = usize::from(name.second != NONE);
        let (rare, _) = random.pick(&RARE)?;
        Some(replaced(name, tables, place, *rare))
    }

    /// The name with spaces or in full-width forms.
    pub(crate) fn spaced(text: &str, random: &mut impl Random) -> String {
        if text.contains('·') {
            // Other dots stand for the middle dot.
            let dot = ["•", "．", "・", " · "];
            return text.replace('·', random.pick(&dot).copied().unwrap_or("．"));
        }
        let mut characters = text.chars();
        let first: String = characters.by_ref().take(1).collect();
        let rest: String = characters.collect();
        match random.below(4) {
            0 => format!("{first}\u{3000}{rest}"),
            1 => format!("{first} {rest}"),
            2 => format!("{text} "),
            _ => format!("\u{3000}{text}"),
        }
    }
}

fn written(name: Name, tables: &NameTables) -> String {
    let mut text = String::new();
    name.write(tables, &mut text);
    text
}

/// The name with the given character at place 0 or 1 of the given name.
fn replaced(name: Name, tables: &NameTables, place: usize, character: char) -> String {
    let mut text = String::from(tables.surname(name.surname));
    let place = if name.second == NONE { 0 } else { place };
    text.push(if place == 0 { character } else { tables.character(name.first) });
    if name.second != NONE {
        text.push(if place == 1 { character } else { tables.character(name.second) });
    }
    text
}

fn pairs(text: &str) -> impl Iterator<Item = (char, char)> + '_ {
    text.split_whitespace().filter_map(|pair| {
        let mut characters = pair.chars();
        Some((characters.next()?, characters.next()?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::Stream;

    fn rates() -> crate::profile::Names {
        crate::profile::Names { one_character: 0.15, common_full: 0.08, outside_bmp: 0.001 }
    }

    #[test]
    fn a_changed_name_differs_from_the_true_one_in_the_promised_way() {
        let tables = NameTables::read().expect("the embedded tables");
        let variants = Variants::new(&tables);
        let mut random = Stream::new(&[5]);
        let (mut similar, mut traditional) = (0, 0);
        for _ in 0..2_000 {
            let name = Name::draw(&tables, &mut random, true, &rates());
            let text = written(name, &tables);
            if let Some(changed) = variants.similar(name, &tables, &mut random) {
                similar += 1;
                assert_eq!(changed.chars().count(), text.chars().count());
                assert_eq!(changed.chars().zip(text.chars()).filter(|(a, b)| a != b).count(), 1);
            }
            if let Some(changed) = variants.traditional(name, &tables, &mut random) {
                traditional += 1;
                assert_ne!(changed, text);
            }
            let changed = variants
                .outside_bmp(name, &tables, &mut random)
                .expect("no dotted name is drawn here");
            assert_ne!(
                changed.chars().any(|c| c > '\u{ffff}'),
                text.chars().any(|c| c > '\u{ffff}')
            );
        }
        assert!(similar > 1_900, "{similar}");
        assert!(traditional > 1_200, "{traditional}");
    }

    #[test]
    fn spacing_is_undone_by_cleaning() {
        let mut random = Stream::new(&[6]);
        for _ in 0..50 {
            assert_eq!(vocab::text::clean(&Variants::spaced("欧阳建国", &mut random)), "欧阳建国");
        }
    }

    #[test]
    fn the_share_of_rare_names_is_as_the_profile_says() {
        let tables = NameTables::read().expect("the embedded tables");
        let mut random = Stream::new(&[7]);
        let rates = crate::profile::Names { outside_bmp: 0.05, ..rates() };
        let rare = (0..20_000)
            .filter(|_| tables.is_rare(Name::draw(&tables, &mut random, false, &rates).second))
            .count();
        assert!((800..1_100).contains(&rare), "{rare}");
    }
}
