//! Addresses: places, and the five ways in which offices write them.

use crate::divisions::{CITY, Divisions, PROVINCE};
use crate::draw::Random;

/// A home.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Address {
    /// Index of the street or town.
    pub(crate) street: u8,
    road: u8,
    number: u16,
    /// 0: a house without building and room.
    building: u8,
    room: u16,
    /// Rural by the statistical classification (城乡属性 2).
    pub(crate) rural: bool,
}

/// How many ways of writing there are.
pub(crate) const FORMS: u32 = 5;
/// The way of the household register.
pub(crate) const REGISTER_FORM: u32 = 0;

const ROADS: [&str; 72] = [
    "中山路",
    "解放路",
    "人民路",
    "建设路",
    "文明路",
    "东风路",
    "环市路",
    "江南大道",
    "工业大道",
    "昌岗路",
    "新港路",
    "滨江路",
    "龙津路",
    "康王路",
    "黄沙大道",
    "芳村大道",
    "花地大道",
    "东川路",
    "农林路",
    "先烈路",
    "广园路",
    "天河路",
    "体育路",
    "黄埔大道",
    "中山大道",
    "五山路",
    "科韵路",
    "车陂路",
    "机场路",
    "白云大道",
    "黄石路",
    "同和路",
    "石井大道",
    "人和大道",
    "太和路",
    "江高路",
    "开创大道",
    "科学大道",
    "香雪路",
    "丰乐路",
    "大沙路",
    "市桥路",
    "大北路",
    "东环路",
    "迎宾路",
    "汉溪大道",
    "石碁路",
    "南村大道",
    "化龙路",
    "新华路",
    "云山大道",
    "凤凰路",
    "狮岭大道",
    "花山路",
    "炭步路",
    "进港大道",
    "港前大道",
    "东涌大道",
    "大岗路",
    "榄核路",
    "街口路",
    "城郊路",
    "太平路",
    "鳌头路",
    "温泉路",
    "荔城大道",
    "增江路",
    "新塘大道",
    "石滩路",
    "中新路",
    "派潭路",
    "正果路",
];
const VILLAGES: [&str; 20] = [
    "东村",
    "西村",
    "南塘村",
    "北约村",
    "上坑村",
    "下涌村",
    "新围村",
    "大塘村",
    "石湖村",
    "龙田村",
    "沙头村",
    "水口村",
    "莲塘村",
    "竹山村",
    "黄屋村",
    "罗洞村",
    "横岭村",
    "白沙村",
    "梅田村",
    "高埔村",
];

impl Address {
    /// Draws a home in a street or town drawn by its residents.
    pub(crate) fn draw(
        divisions: &Divisions,
        random: &mut impl Random,
        rural_of_towns: f64,
        rural_of_streets: f64,
    ) -> Self {
        let street = divisions.draw(random);
        Self::draw_in(street, divisions, random, rural_of_towns, rural_of_streets)
    }

    /// Draws a home in a given street or town.
    pub(crate) fn draw_in(
        street: u8,
        divisions: &Divisions,
        random: &mut impl Random,
        rural_of_towns: f64,
        rural_of_streets: f64,
    ) -> Self {
        let is_town = divisions.street(street).is_town;
        let rural = random.chance(if is_town { rural_of_towns } else { rural_of_streets });
        // A street has a handful of the roads, so that its addresses look alike.
        let road = (u32::from(street) * 7 + random.below(9)) % 72;
        let house = rural || random.chance(0.12);
        let small = |value: u32| u8::try_from(value).unwrap_or_default();
        let number = u16::try_from(1 + random.below(360)).unwrap_or(1);
        let (building, room) =
            (1 + random.below(18), (1 + random.below(28)) * 100 + 1 + random.below(8));
        Self {
            street,
            road: small(road),
            number,
            building: if house { 0 } else { small(building) },
            room: if house { 0 } else { u16::try_from(room).unwrap_or_default() },
            rural,
        }
    }

    /// Writes the address in one of the five ways.
    pub(crate) fn write(self, divisions: &Divisions, form: u32, out: &mut String) {
        use std::fmt::Write as _;
        let street = divisions.street(self.street);
        let district = divisions.district(self.street);
        let road = if self.rural {
            VILLAGES[usize::from(self.road) % VILLAGES.len()]
        } else {
            ROADS[usize::from(self.road) % ROADS.len()]
        };
        let short = street
            .name
            .strip_suffix("道")
            .filter(|_| street.name.ends_with("街道"))
            .unwrap_or(&street.name);
        let Self { number, building, room, .. } = self;
        // Writing to a string can't fail.
        let _ = match (form, building) {
            (0, 0) => {
                write!(out, "{PROVINCE}{CITY}{}{}{road}{number}号", district.name, street.name)
            }
            (0, _) => write!(
                out,
                "{PROVINCE}{CITY}{}{}{road}{number}号{building}栋{room}房",
                district.name, street.name
            ),
            (1, 0) => write!(out, "{CITY}{}{road}{number}号", district.name),
            (1, _) => write!(out, "{CITY}{}{road}{number}号{building}座{room}", district.name),
            (2, 0) => write!(out, "{}{short}{road}{number}号", district.name),
            (2, _) => write!(out, "{}{short}{road}{number}号{building}-{room}", district.name),
            (3, 0) => write!(out, "{}{road}{}号", district.name, full_width(u32::from(number))),
            (3, _) => write!(
                out,
                "{}{road}{}号{}栋{}房",
                district.name,
                full_width(u32::from(number)),
                full_width(u32::from(building)),
                full_width(u32::from(room))
            ),
            (_, 0) => write!(out, "{CITY} {} {} {road} {number} 号", district.name, street.name),
            (_, _) => write!(
                out,
                "{CITY} {} {} {road} {number} 号 {building} 幢 {room} 室",
                district.name, street.name
            ),
        };
    }
}

/// A number in full-width digits.
fn full_width(number: u32) -> String {
    number
        .to_string()
        .chars()
        .map(|digit| {
            char::from_u32(u32::from(digit) - u32::from('0') + u32::from('０')).unwrap_or(digit)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::Stream;

    #[test]
    fn one_home_is_written_in_five_different_ways() {
        let divisions = Divisions::read().expect("the embedded table");
        let home = Address { street: 0, road: 0, number: 12, building: 3, room: 502, rural: false };
        let written: Vec<String> = (0..FORMS)
            .map(|form| {
                let mut out = String::new();
                home.write(&divisions, form, &mut out);
                out
            })
            .collect();
        assert_eq!(
            written,
            [
                "广东省广州市荔湾区沙面街道中山路12号3栋502房",
                "广州市荔湾区中山路12号3座502",
                "荔湾区沙面街中山路12号3-502",
                "荔湾区中山路１２号３栋５０２房",
                "广州市 荔湾区 沙面街道 中山路 12 号 3 幢 502 室",
            ]
        );
    }

    #[test]
    fn rural_addresses_are_as_frequent_as_the_profile_says() {
        let divisions = Divisions::read().expect("the embedded table");
        let mut random = Stream::new(&[9]);
        let rural = (0..20_000)
            .filter(|_| Address::draw(&divisions, &mut random, 0.45, 0.03).rural)
            .count();
        assert!((2_000..4_200).contains(&rural), "{rural}");
    }
}
