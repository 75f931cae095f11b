//! The tables that names are drawn from.

use crate::draw::{Random, Weights};
use crate::error::SimError;

const CHARACTERS: &str = include_str!("../../profile/characters.csv");
const SURNAMES: &str = include_str!("../../profile/surnames.csv");

/// Characters of names beyond U+FFFF that occur in given names, each with a common character that is written in its place
/// where a system can't hold it. GB 18030 encodes them in four bytes.
pub(super) const RARE: [(char, char); 12] = [
    ('\u{20bb7}', '吉'), // 𠮷
    ('\u{2a7dd}', '绩'), // 𪟝
    ('\u{2c029}', '玮'), // 𬀩
    ('\u{2c02a}', '晖'), // 𬀪
    ('\u{2c356}', '桦'), // 𬍖
    ('\u{2c35b}', '璟'), // 𬍛
    ('\u{2c613}', '绅'), // 𬘓
    ('\u{2c618}', '绸'), // 𬘘
    ('\u{2c8d9}', '诩'), // 𬣙
    ('\u{2cb38}', '钧'), // 𬬸
    ('\u{2cc56}', '迪'), // 𬱖
    ('\u{2cc5f}', '伟'), // 𬱟
];

/// Given names that are far more frequent than their characters alone would make them: women's, then men's.
const COMMON_FEMALE: [&str; 34] = [
    "秀英", "秀珍", "玉兰", "桂英", "桂兰", "秀兰", "玉珍", "凤英", "丽华", "敏", "静", "丽", "芳",
    "娜", "艳", "婷婷", "雪梅", "燕", "玲", "霞", "红", "慧敏", "淑珍", "淑华", "丽娟", "欣怡",
    "梓涵", "诗涵", "惠玲", "秀华", "少芳", "丽珍", "佩玲", "小玲",
];
const COMMON_MALE: [&str; 32] = [
    "建国", "建华", "志强", "志明", "国强", "伟", "强", "军", "勇", "杰", "涛", "明", "磊", "俊杰",
    "浩然", "子轩", "国华", "伟强", "志伟", "志华", "建军", "文杰", "家豪", "嘉豪", "永强", "伟明",
    "国平", "少华", "子豪", "志文", "锦华", "耀明",
];

/// Parts of dotted names: given names of men, of women, and fathers' names.
const DOTTED_MALE: [&str; 14] = [
    "阿卜杜拉",
    "买买提",
    "艾力",
    "吐尔逊",
    "阿迪力",
    "库尔班",
    "玉素甫",
    "艾尼瓦尔",
    "热合曼",
    "扎西",
    "多吉",
    "卡德尔",
    "木拉提",
    "依明",
];
const DOTTED_FEMALE: [&str; 10] = [
    "古丽",
    "阿依古丽",
    "热依汗",
    "帕提古丽",
    "迪丽努尔",
    "阿米娜",
    "卓玛",
    "海日古丽",
    "祖丽菲亚",
    "美合日",
];
const DOTTED_FATHER: [&str; 12] = [
    "买买提",
    "艾力",
    "吐尔逊",
    "阿不都",
    "玉素甫",
    "热合曼",
    "司马义",
    "库尔班",
    "亚森",
    "托合提",
    "依明",
    "卡德尔",
];

/// What is known of a character.
#[derive(Debug, Clone, Copy)]
pub(super) struct Character {
    pub(super) simplified: char,
    pub(super) traditional: Option<char>,
    pub(super) reading: &'static str,
}

/// What is known of a surname.
#[derive(Debug, Clone, Copy)]
pub(super) struct Surname {
    pub(super) simplified: &'static str,
    pub(super) traditional: &'static str,
}

/// Surnames, characters and parts with their frequencies.
pub(crate) struct NameTables {
    pub(super) characters: Vec<Character>,
    pub(super) surnames: Vec<Surname>,
    male: Weights,
    female: Weights,
    surname_weights: Weights,
    common_male: Vec<(u16, u16)>,
    common_female: Vec<(u16, u16)>,
    dotted: Vec<&'static str>,
}

impl NameTables {
    /// Reads the tables that come with the program.
    pub(crate) fn read() -> Result<Self, SimError> {
        let mut characters = Vec::new();
        let (mut male, mut female) = (Vec::new(), Vec::new());
        for (number, line) in CHARACTERS.lines().enumerate().skip(1) {
            let damaged = || SimError::Table { table: "profile/characters.csv", line: number + 1 };
            let cells: Vec<&'static str> = line.split(',').collect();
            let [character, men, women, reading, traditional] = cells[..] else {
                return Err(damaged());
            };
            male.push(men.parse().map_err(|_| damaged())?);
            female.push(women.parse().map_err(|_| damaged())?);
            characters.push(Character {
                simplified: character.chars().next().ok_or_else(damaged)?,
                traditional: traditional.chars().next(),
                reading,
            });
        }
        let mut surnames = Vec::new();
        let mut weights = Vec::new();
        for (number, line) in SURNAMES.lines().enumerate().skip(1) {
            let damaged = || SimError::Table { table: "profile/surnames.csv", line: number + 1 };
            let cells: Vec<&'static str> = line.split(',').collect();
            let [simplified, weight, _, traditional] = cells[..] else { return Err(damaged()) };
            weights.push(weight.parse().map_err(|_| damaged())?);
            surnames.push(Surname { simplified, traditional });
        }
        let mut tables = Self {
            characters,
            surnames,
            male: Weights::new(male),
            female: Weights::new(female),
            surname_weights: Weights::new(weights),
            common_male: Vec::new(),
            common_female: Vec::new(),
            dotted: DOTTED_MALE.into_iter().chain(DOTTED_FEMALE).chain(DOTTED_FATHER).collect(),
        };
        tables.common_male = tables.find_common(&COMMON_MALE);
        tables.common_female = tables.find_common(&COMMON_FEMALE);
        // Rare characters follow the drawn ones, so that no frequency table reaches them.
        tables.characters.extend(RARE.iter().map(|(rare, _)| Character {
            simplified: *rare,
            traditional: None,
            reading: "",
        }));
        Ok(tables)
    }

    /// The names of the list whose characters are all in the table.
    fn find_common(&self, names: &[&str]) -> Vec<(u16, u16)> {
        let index = |wanted: char| {
            let place = self.characters.iter().position(|c| c.simplified == wanted)?;
            u16::try_from(place).ok()
        };
        names
            .iter()
            .filter_map(|name| {
                let mut characters = name.chars();
                let first = index(characters.next()?)?;
                let second = match characters.next() {
                    Some(second) => index(second)?,
                    None => super::NONE,
                };
                Some((first, second))
            })
            .collect()
    }

    pub(crate) fn draw_surname(&self, random: &mut impl Random) -> u16 {
        u16::try_from(self.surname_weights.draw(random)).unwrap_or_default()
    }

    pub(crate) fn draw_character(&self, random: &mut impl Random, male: bool) -> u16 {
        let weights = if male { &self.male } else { &self.female };
        u16::try_from(weights.draw(random)).unwrap_or_default()
    }

    pub(super) fn draw_common(&self, random: &mut impl Random, male: bool) -> (u16, u16) {
        let names = if male { &self.common_male } else { &self.common_female };
        random.pick(names).copied().unwrap_or((0, super::NONE))
    }

    pub(super) fn draw_rare(&self, random: &mut impl Random) -> u16 {
        let first = self.characters.len() - RARE.len();
        let choice = random.below(u32::try_from(RARE.len()).unwrap_or(1)) as usize;
        u16::try_from(first + choice).unwrap_or_default()
    }

    pub(super) fn draw_dotted(&self, random: &mut impl Random, male: bool) -> (u16, u16) {
        let index = |offset: usize, length: usize, random: &mut dyn FnMut(u32) -> u32| {
            let choice = random(u32::try_from(length).unwrap_or(1)) as usize;
            u16::try_from(offset + choice).unwrap_or_default()
        };
        let mut below = |bound| random.below(bound);
        let first = if male {
            index(0, DOTTED_MALE.len(), &mut below)
        } else {
            index(DOTTED_MALE.len(), DOTTED_FEMALE.len(), &mut below)
        };
        (first, index(DOTTED_MALE.len() + DOTTED_FEMALE.len(), DOTTED_FATHER.len(), &mut below))
    }

    // Indices of names come from the draws above, hence the fallbacks below are never used.

    pub(crate) fn surname(&self, index: u16) -> &'static str {
        self.surnames.get(usize::from(index)).map_or("", |surname| surname.simplified)
    }

    pub(crate) fn character(&self, index: u16) -> char {
        self.characters.get(usize::from(index)).map_or('某', |character| character.simplified)
    }

    pub(super) fn dotted_part(&self, index: u16) -> &'static str {
        self.dotted.get(usize::from(index)).copied().unwrap_or_default()
    }

    pub(super) fn is_rare(&self, index: u16) -> bool {
        usize::from(index) >= self.characters.len() - RARE.len() && index != super::NONE
    }
}
