//! The real divisions of the city: districts, streets and towns with their shares of the residents.

use crate::draw::{Random, Weights};
use crate::error::SimError;

/// The file is shared with the city pack; its columns are code, name, level, parent, `population_share`.
const FILE: &str = include_str!("../../../city/guangzhou/divisions.csv");
const TABLE: &str = "city/guangzhou/divisions.csv";

/// The city's name as addresses write it.
pub(crate) const CITY: &str = "广州市";
/// The province's name as addresses write it.
pub(crate) const PROVINCE: &str = "广东省";
/// The division of the identity numbers of synthetic people. It isn't assigned, so that none of them can be somebody's.
pub(crate) const SYNTHETIC_DIVISION: &str = "440199";

/// A street (街道) or town (镇).
#[derive(Debug, Clone)]
pub(crate) struct Street {
    /// Nine digits.
    pub(crate) code: String,
    /// With its ending 街道 or 镇.
    pub(crate) name: String,
    /// Index of the district.
    pub(crate) district: usize,
    pub(crate) is_town: bool,
}

/// A district (区).
#[derive(Debug, Clone)]
pub(crate) struct District {
    /// Six digits.
    pub(crate) code: String,
    pub(crate) name: String,
}

/// All divisions below the city.
pub(crate) struct Divisions {
    pub(crate) districts: Vec<District>,
    pub(crate) streets: Vec<Street>,
    weights: Weights,
}

impl Divisions {
    /// Reads the table that comes with the program.
    pub(crate) fn read() -> Result<Self, SimError> {
        let mut districts: Vec<District> = Vec::new();
        let mut streets = Vec::new();
        let mut shares = Vec::new();
        for (number, line) in FILE.lines().enumerate().skip(1) {
            let damaged = || SimError::Table { table: TABLE, line: number + 1 };
            let mut cells = line.split(',');
            let mut cell = || cells.next().ok_or_else(damaged);
            let (code, name, level, parent, share) = (cell()?, cell()?, cell()?, cell()?, cell()?);
            match level {
                "city" => {}
                "district" => {
                    districts.push(District { code: code.to_owned(), name: name.to_owned() });
                }
                "street" | "town" => {
                    let district =
                        districts.iter().position(|d| d.code == parent).ok_or_else(damaged)?;
                    shares.push(share.parse::<f64>().map_err(|_| damaged())?);
                    streets.push(Street {
                        code: code.to_owned(),
                        name: name.to_owned(),
                        district,
                        is_town: level == "town",
                    });
                }
                _ => return Err(damaged()),
            }
        }
        // Streets are held in one byte by the world's tables.
        if streets.is_empty() || streets.len() > 255 {
            return Err(SimError::Table { table: TABLE, line: 0 });
        }
        Ok(Self { districts, streets, weights: Weights::new(shares) })
    }

    /// Draws a street in proportion to its residents.
    pub(crate) fn draw(&self, random: &mut impl Random) -> u8 {
        u8::try_from(self.weights.draw(random)).unwrap_or_default()
    }

    /// The street at an index of the world's tables.
    pub(crate) fn street(&self, index: u8) -> &Street {
        // Indices come from `draw` only, and there is at least one street.
        &self.streets[usize::from(index).min(self.streets.len() - 1)]
    }

    /// The district of a street.
    pub(crate) fn district(&self, street: u8) -> &District {
        &self.districts[self.street(street).district]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::Stream;

    #[test]
    fn the_city_has_its_eleven_districts_and_176_streets_and_towns() {
        let divisions = Divisions::read().expect("the embedded table");
        assert_eq!(divisions.districts.len(), 11);
        assert_eq!(divisions.streets.len(), 176);
        assert_eq!(divisions.streets.iter().filter(|s| s.is_town).count(), 34);
        assert!(divisions.streets.iter().all(|s| s.code.len() == 9));
    }

    #[test]
    fn every_code_of_the_table_is_a_division_code_below_its_parent() {
        for street in &Divisions::read().expect("the embedded table").streets {
            let code = vocab::DivisionCode::parse(&street.code).expect("a division code");
            assert_eq!(code.level(), vocab::DivisionLevel::Township);
        }
    }

    #[test]
    fn baiyun_draws_about_a_fifth() {
        let divisions = Divisions::read().expect("the embedded table");
        let mut stream = Stream::new(&[1]);
        let hits = (0..10_000).filter(|_| {
            let street = divisions.draw(&mut stream);
            divisions.district(street).code == "440111"
        });
        assert!((1_800..2_100).contains(&hits.count()));
    }
}
