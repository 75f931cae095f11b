//! Addresses: one spelling for one door.
//!
//! Departments write the same door with and without province, city and street office, with `栋`,
//! `幢` or a hyphen, with `室` or `房`, with Chinese numerals or digits. An address is taken apart
//! into division, road, number, building, unit, floor and room, and written again in one form:
//! `越秀区中山四路123号4栋502房`. The token of that form is then equal for all spellings.
//!
//! What is dropped: province and city (the pack's own, or any other that stands in front), the
//! street office or town when a road or village follows (it adds nothing to the door and is left
//! out by many), the floor when a room is given. What can't be taken apart stays as cleaned text,
//! without spaces.

use std::collections::HashSet;

use pack::{AreaKind, Division};

/// Names of the city's divisions, as they stand in addresses.
#[derive(Debug, Default)]
pub(crate) struct Places {
    cities: Names,
    districts: Names,
    towns: Names,
}

/// Names that an address may begin with.
#[derive(Debug, Default)]
struct Names {
    names: HashSet<String>,
    /// Their lengths in characters, the longest first.
    lengths: Vec<usize>,
}

/// What the parts of a door are called, the longer words first.
const LABELS: [(&str, Part); 18] = [
    ("号楼", Part::Building),
    ("号栋", Part::Building),
    ("号房", Part::Room),
    ("号院", Part::Number),
    ("单元", Part::Unit),
    ("号", Part::Number),
    ("號", Part::Number),
    ("栋", Part::Building),
    ("幢", Part::Building),
    ("座", Part::Building),
    ("楼", Part::Floor),
    ("层", Part::Floor),
    ("梯", Part::Unit),
    ("室", Part::Room),
    ("房", Part::Room),
    ("户", Part::Room),
    ("之", Part::Bare),
    ("-", Part::Bare),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Number,
    Building,
    Unit,
    Floor,
    Room,
    /// A value without a label; its place follows from the others.
    Bare,
}

/// An address taken apart.
#[derive(Debug, Default, PartialEq, Eq)]
struct Door {
    road: String,
    estate: String,
    number: String,
    building: String,
    unit: String,
    floor: String,
    room: String,
}

impl Places {
    /// The names of a pack's divisions.
    pub(crate) fn new(divisions: &[Division]) -> Self {
        let mut places = Self::default();
        for division in divisions {
            let name = vocab::text::clean(&division.name);
            match division.level {
                AreaKind::City => {
                    if let Some(short) = name.strip_suffix('市') {
                        places.cities.insert(short.to_owned());
                    }
                    places.cities.insert(name);
                }
                AreaKind::District => {
                    places.districts.insert(name);
                }
                AreaKind::Street => {
                    // 北京街道 is written 北京街 as often.
                    if let Some(short) = name.strip_suffix('道').filter(|s| s.ends_with('街')) {
                        places.towns.insert(short.to_owned());
                    } else if name.ends_with('街') {
                        places.towns.insert(format!("{name}道"));
                    }
                    places.towns.insert(name);
                }
                AreaKind::Town => {
                    places.towns.insert(name);
                }
                AreaKind::Community => {}
            }
        }
        places
    }

    /// Writes a cleaned address in the one form.
    pub(crate) fn standardise(&self, text: &str) -> String {
        let chars: Vec<char> = text
            .chars()
            .filter(|c| {
                !c.is_whitespace() && !matches!(c, ',' | '、' | '。' | ';' | '(' | ')' | '"')
            })
            .map(|c| if matches!(c, '—' | '–' | '―' | '#' | '~' | '_' | '−') { '-' } else { c })
            .collect();
        let mut rest: &[char] = &chars;
        rest = skip_province(rest);
        if let Some(after) = self.cities.strip(rest) {
            rest = after;
        }
        let mut out = String::with_capacity(text.len());
        if let Some(after) = self.districts.strip(rest) {
            out.extend(taken(rest, after));
            rest = after;
        } else if let Some(after) = foreign_city(rest) {
            rest = after;
        }
        let (town, after_town) = match self.towns.strip(rest) {
            Some(after) => (taken(rest, after), after),
            None => (&rest[..0], rest),
        };
        let door = Door::parse(after_town);
        if door.road.is_empty() {
            out.extend(town);
        }
        door.write(&mut out);
        out
    }
}

impl Door {
    fn parse(text: &[char]) -> Self {
        let mut door = Self::default();
        let mut bare: Vec<String> = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            if let Some((value, part, after)) = value(rest) {
                door.put(value, part, &mut bare);
                rest = after;
                continue;
            }
            // Up to the first value it is the road; later it is the name of an estate or the like.
            let target =
                if door.is_bare() && bare.is_empty() { &mut door.road } else { &mut door.estate };
            if let Some((first, after)) = rest.split_first() {
                if *first != '-' {
                    target.push(*first);
                }
                rest = after;
            }
        }
        door.place(bare);
        door
    }

    fn is_bare(&self) -> bool {
        self.number.is_empty()
            && self.building.is_empty()
            && self.unit.is_empty()
            && self.floor.is_empty()
            && self.room.is_empty()
    }

    fn put(&mut self, value: String, part: Part, bare: &mut Vec<String>) {
        let slot = match part {
            Part::Number => &mut self.number,
            Part::Building => &mut self.building,
            Part::Unit => &mut self.unit,
            Part::Floor => &mut self.floor,
            Part::Room => &mut self.room,
            Part::Bare => return bare.push(value),
        };
        if slot.is_empty() {
            *slot = value;
        } else {
            // A second 号 is the door's number within the building.
            bare.push(value);
        }
    }

    /// Values without a label: the house number first, the room last, building and unit between.
    fn place(&mut self, bare: Vec<String>) {
        let mut values = bare.into_iter().collect::<std::collections::VecDeque<_>>();
        if self.number.is_empty()
            && self.building.is_empty()
            && let Some(value) = values.pop_front()
        {
            self.number = value;
        }
        if self.room.is_empty()
            && let Some(value) = values.pop_back()
        {
            self.room = value;
        }
        if self.building.is_empty()
            && let Some(value) = values.pop_front()
        {
            self.building = value;
        }
        if self.unit.is_empty()
            && let Some(value) = values.pop_front()
        {
            self.unit = value;
        }
        for value in values {
            self.estate.push('-');
            self.estate.push_str(&value);
        }
    }

    fn write(&self, out: &mut String) {
        out.push_str(&self.road);
        for (value, label) in [
            (&self.number, "号"),
            (&self.estate, ""),
            (&self.building, "栋"),
            (&self.unit, "单元"),
            (&self.floor, "楼"),
            (&self.room, "房"),
        ] {
            if value.is_empty() || (label == "楼" && !self.room.is_empty()) {
                continue;
            }
            out.push_str(value);
            out.push_str(label);
        }
    }
}

/// A number or letter with its label at the beginning of `rest`, and what follows.
fn value(rest: &[char]) -> Option<(String, Part, &[char])> {
    // 123号之502 and 123号-502 are the same door.
    let start = usize::from(matches!(rest.first(), Some('-' | '之')));
    let body = rest.get(start..)?;
    let digits = body.iter().take_while(|c| c.is_ascii_alphanumeric()).count();
    if digits > 0 {
        let (value, after) = body.split_at(digits);
        let numeric = value.iter().any(char::is_ascii_digit);
        let (part, after) = label(after);
        // Letters alone are a name, unless they are labelled: A座.
        if numeric || part != Part::Bare {
            let text: String = value.iter().map(char::to_ascii_uppercase).collect();
            return Some((unpadded(&text), part, after));
        }
        return None;
    }
    // Chinese numerals count only with a label behind them: 中山四路 is a name.
    let numerals = body.iter().take_while(|c| numeral(**c).is_some()).count();
    if numerals == 0 {
        return None;
    }
    let (value, after) = body.split_at(numerals);
    let (part, after) = label(after);
    (part != Part::Bare).then(|| (arabic(value), part, after))
}

fn label(rest: &[char]) -> (Part, &[char]) {
    for (word, part) in LABELS {
        if let Some(after) = strip(rest, word) {
            return (part, after);
        }
    }
    (Part::Bare, rest)
}

fn strip<'c>(rest: &'c [char], word: &str) -> Option<&'c [char]> {
    let mut rest = rest;
    for wanted in word.chars() {
        rest = rest.strip_prefix(&[wanted])?;
    }
    Some(rest)
}

fn unpadded(text: &str) -> String {
    let short = text.trim_start_matches('0');
    if short.is_empty() { "0".to_owned() } else { short.to_owned() }
}

fn numeral(c: char) -> Option<u32> {
    Some(match c {
        '〇' | '零' => 0,
        '一' => 1,
        '二' | '两' => 2,
        '三' => 3,
        '四' => 4,
        '五' => 5,
        '六' => 6,
        '七' => 7,
        '八' => 8,
        '九' => 9,
        '十' => 10,
        '百' => 100,
        '千' => 1000,
        _ => return None,
    })
}

/// `一百二十三` → 123, `五〇二` → 502.
fn arabic(numerals: &[char]) -> String {
    let values: Vec<u32> = numerals.iter().filter_map(|c| numeral(*c)).collect();
    if values.iter().all(|value| *value < 10) {
        let digits: String =
            values.iter().filter_map(|value| char::from_digit(*value, 10)).collect();
        return unpadded(&digits);
    }
    let (mut sum, mut digit) = (0_u32, None);
    for value in values {
        if value < 10 {
            digit = Some(value);
        } else {
            // 十二 is 12: a ten without a digit in front is one ten.
            sum = sum.saturating_add(digit.take().unwrap_or(1).max(1) * value);
        }
    }
    (sum.saturating_add(digit.unwrap_or(0))).to_string()
}

impl Names {
    fn insert(&mut self, name: String) {
        let length = name.chars().count();
        if let Err(place) = self.lengths.binary_search_by(|known| length.cmp(known)) {
            self.lengths.insert(place, length);
        }
        self.names.insert(name);
    }

    /// What follows the longest of the names that stands at the beginning of `rest`.
    fn strip<'c>(&self, rest: &'c [char]) -> Option<&'c [char]> {
        let mut name = String::new();
        for length in &self.lengths {
            let Some((start, after)) = rest.split_at_checked(*length) else {
                continue;
            };
            name.clear();
            name.extend(start);
            if self.names.contains(&name) {
                return Some(after);
            }
        }
        None
    }
}

/// The characters between the beginnings of `rest` and of `after`, which is its end.
fn taken<'c>(rest: &'c [char], after: &[char]) -> &'c [char] {
    rest.get(..rest.len().saturating_sub(after.len())).unwrap_or_default()
}

/// Skips a province: 广东省, 广西壮族自治区.
fn skip_province(rest: &[char]) -> &[char] {
    for ending in ["省", "自治区"] {
        if let Some(after) = after_within(rest, ending, 9) {
            return after;
        }
    }
    // Written without 省 in front of a city: 广东广州市.
    if let Some(after) = strip(rest, "广东")
        && after_within(after, "市", 5).is_some()
    {
        return after;
    }
    rest
}

/// Skips the city of another place, which is not in the pack.
fn foreign_city(rest: &[char]) -> Option<&[char]> {
    after_within(rest, "市", 5).filter(|after| !after.is_empty())
}

fn after_within<'c>(rest: &'c [char], word: &str, within: usize) -> Option<&'c [char]> {
    // At least two characters of name in front.
    (2..within.min(rest.len())).find_map(|at| strip(rest.get(at..)?, word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places() -> Places {
        let set = |names: &[&str]| {
            let mut set = Names::default();
            names.iter().for_each(|name| set.insert((*name).to_owned()));
            set
        };
        Places {
            cities: set(&["广州市", "广州"]),
            districts: set(&["越秀区", "番禺区", "天河区"]),
            towns: set(&["北京街道", "北京街", "石碁镇", "新塘镇"]),
        }
    }

    #[track_caller]
    fn same(expected: &str, spellings: &[&str]) {
        for spelling in spellings {
            let cleaned = vocab::text::clean(spelling);
            assert_eq!(places().standardise(&cleaned), expected, "{spelling}");
        }
    }

    #[test]
    fn a_door_has_one_form_however_it_is_written() {
        same(
            "越秀区中山四路123号4栋502房",
            &[
                "广东省广州市越秀区北京街道中山四路123号4栋502房",
                "广州市越秀区中山四路123号4幢502室",
                "越秀区北京街中山四路１２３号４座５０２",
                "广东广州市越秀区中山四路123-4-502",
                "越秀区中山四路123号4栋5楼502室",
                "广州越秀区 中山四路 123号，4栋，502房",
                "越秀区中山四路一百二十三号四栋五〇二室",
                "越秀区中山四路123号—4—502",
                "越秀区中山四路0123号4号楼502",
            ],
        );
    }

    #[test]
    fn a_house_without_building_and_a_flat_without_number_keep_their_parts() {
        same(
            "越秀区中山四路123号502房",
            &["越秀区中山四路123号502房", "越秀区中山四路123号之502", "越秀区中山四路123-502"],
        );
        same(
            "天河区华景新城A栋2单元1203房",
            &["广州市天河区华景新城A座2单元1203房", "天河区华景新城a栋2梯1203"],
        );
        same(
            "番禺区官涌村大街十二巷5号",
            &["番禺区石碁镇官涌村大街十二巷5号", "广州市番禺区官涌村大街十二巷五号"],
        );
        same("越秀区文德路8号阳光花园3栋101房", &["越秀区文德路8号阳光花园3栋101室"]);
        same("越秀区文德路8号3楼", &["越秀区文德路8号三楼", "越秀区文德路8号3层"]);
    }

    #[test]
    fn numerals_in_names_stay_and_numbers_are_read() {
        for (numerals, value) in [
            ("十", "10"),
            ("十二", "12"),
            ("二十", "20"),
            ("一百零五", "105"),
            ("一千二百三十四", "1234"),
            ("五〇二", "502"),
        ] {
            assert_eq!(arabic(&numerals.chars().collect::<Vec<_>>()), value);
        }
        same("越秀区六二三路15号", &["越秀区六二三路十五号"]);
    }

    #[test]
    fn other_cities_lose_province_and_city_and_the_unreadable_stays() {
        same("雨花区韶山中路5号", &["湖南省长沙市雨花区韶山中路5号", "长沙市雨花区韶山中路5号"]);
        same("番禺区石碁镇", &["番禺区石碁镇"]);
        same("无固定住所", &["无固定住所", "无固定 住所"]);
        same("", &[""]);
        same("", &["-", "()"]);
    }

    #[test]
    fn the_form_is_its_own_form() {
        for text in [
            "越秀区中山四路123号4栋502房",
            "天河区华景新城A栋2单元1203房",
            "越秀区文德路8号阳光花园3栋101房",
            "番禺区石碁镇",
        ] {
            same(text, &[text]);
        }
    }
}
