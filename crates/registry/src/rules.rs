//! The pack's linking rules, in the form that the linker works with.

use pack::{LevelKind, Linkage};

use crate::RegistryError;

/// Weights in bits (log2 of the likelihood ratio), after Fellegi and Sunter (1969).
#[derive(Debug, Clone)]
pub(crate) struct Rules {
    pub(crate) blocking: Vec<Vec<Key>>,
    pub(crate) name: NameWeights,
    pub(crate) birth: BirthWeights,
    pub(crate) sex: Pair,
    pub(crate) phone: Pair,
    pub(crate) address: Pair,
    pub(crate) case_no: Pair,
    pub(crate) id_near: f64,
    pub(crate) id_differs: f64,
    pub(crate) accept: f64,
    pub(crate) review: f64,
}

/// What a blocking rule takes from a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    Name,
    Sound,
    Birth,
    BirthYear,
    Sex,
    Phone,
    Address,
    CaseNo,
}

#[derive(Debug, Clone)]
pub(crate) struct NameWeights {
    /// Added to the information of the name's frequency, or the whole weight without frequency.
    pub(crate) exact: f64,
    pub(crate) frequency: bool,
    pub(crate) former: f64,
    pub(crate) sound: f64,
    pub(crate) one_character: f64,
    pub(crate) differs: f64,
}

#[derive(Debug, Clone)]
pub(crate) struct BirthWeights {
    pub(crate) exact: f64,
    pub(crate) swapped: f64,
    pub(crate) near: f64,
    pub(crate) differs: f64,
}

#[derive(Debug, Clone)]
pub(crate) struct Pair {
    pub(crate) same: f64,
    pub(crate) differs: f64,
}

impl Rules {
    /// Reads the pack's rules.
    pub(crate) fn new(linkage: &Linkage) -> Result<Self, RegistryError> {
        let weight = |attribute: &str, wanted: &[LevelKind]| {
            linkage
                .comparisons
                .iter()
                .filter(|comparison| comparison.attribute == attribute)
                .flat_map(|comparison| &comparison.levels)
                .find(|level| wanted.contains(&level.when))
                .map_or(0.0, |level| level.weight)
        };
        let pair = |attribute: &str| Pair {
            same: weight(attribute, &[LevelKind::Exact]),
            differs: weight(attribute, &[LevelKind::Else]),
        };
        let blocking = linkage
            .blocking
            .iter()
            .map(|rule| {
                rule.on.iter().map(|text| key(text)).collect::<Result<Vec<_>, _>>().map_err(|text| {
                    RegistryError::Rules(format!(
                        "blocking rule `{}`: `{text}` can't be blocked on; use name, pinyin(name), \
                         birth_date, year(birth_date), sex, phone, address or case_no",
                        rule.id
                    ))
                })
            })
            .collect::<Result<Vec<_>, _>>()?;
        if blocking.is_empty() {
            return Err(RegistryError::Rules("there is no blocking rule".to_owned()));
        }
        let name_frequency = linkage
            .comparisons
            .iter()
            .any(|comparison| comparison.attribute == "name" && comparison.frequency);
        Ok(Self {
            blocking,
            name: NameWeights {
                exact: weight("name", &[LevelKind::Exact]),
                frequency: name_frequency,
                former: weight("name", &[LevelKind::FormerName]),
                sound: weight("name", &[LevelKind::Pinyin]),
                one_character: weight("name", &[LevelKind::Edits]),
                differs: weight("name", &[LevelKind::Else]),
            },
            birth: BirthWeights {
                exact: weight("birth_date", &[LevelKind::Exact]),
                swapped: weight("birth_date", &[LevelKind::DayMonthSwapped]),
                near: weight("birth_date", &[LevelKind::SameYear, LevelKind::Days]),
                differs: weight("birth_date", &[LevelKind::Else]),
            },
            sex: pair("sex"),
            phone: pair("phone"),
            address: pair("address"),
            case_no: pair("case_no"),
            id_near: weight("id_number", &[LevelKind::Edits]),
            id_differs: weight("id_number", &[LevelKind::Else]),
            accept: linkage.thresholds.accept,
            review: linkage.thresholds.review,
        })
    }
}

fn key(text: &str) -> Result<Key, String> {
    Ok(match text.replace(' ', "").as_str() {
        "name" => Key::Name,
        "pinyin(name)" => Key::Sound,
        "birth_date" => Key::Birth,
        "year(birth_date)" => Key::BirthYear,
        "sex" => Key::Sex,
        "phone" => Key::Phone,
        "address" => Key::Address,
        "case_no" => Key::CaseNo,
        _ => return Err(text.to_owned()),
    })
}
