//! Codes of administrative divisions (行政区划代码).

use std::fmt;

use crate::serde_text::serde_by_text;

/// The code of a province, city, county, township or community: 2, 4, 6, 9 or 12 significant digits.
///
/// A code is a path: each level's digits follow those of the level above, so that a division contains every division
/// whose code begins with its own. No list is consulted: retired divisions are codes as well.
///
/// Order is that of a tree walk: a division comes right before what it contains.
///
/// # Source
///
/// GB/T 2260 (to county level), GB/T 10114 (townships, three digits); three more digits for communities and villages as
/// in the statistical division codes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DivisionCode {
    /// The significant ASCII digits; zero bytes after them.
    digits: [u8; 12],
    level: DivisionLevel,
}

/// The level of a division. A higher level is the smaller value.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum DivisionLevel {
    /// Province, autonomous region, municipality (省级): 2 digits.
    Province,
    /// Prefecture-level city (地级): 4 digits.
    City,
    /// County, district (县级): 6 digits.
    County,
    /// Township, town, street (乡级): 9 digits.
    Township,
    /// Community, village (村级): 12 digits.
    Community,
}

/// Why a text isn't a division code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum DivisionError {
    /// Not 2, 4, 6, 9 or 12 characters.
    #[error("division code: expected 2, 4, 6, 9 or 12 digits")]
    Length,
    /// Something other than a digit.
    #[error("division code: expected digits only")]
    Character,
    /// A level is zero although a lower one isn't, for instance `440012`, or the province is zero.
    #[error(
        "division code: a level is 00 or 000 although a lower level isn't, or the province is 00"
    )]
    Gap,
}

impl DivisionError {
    /// The stable code of the finding, for files of findings, help pages and screens.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Length => "DIVISION-LENGTH",
            Self::Character => "DIVISION-CHARACTER",
            Self::Gap => "DIVISION-GAP",
        }
    }
}

impl DivisionLevel {
    /// All levels, from the top.
    pub const ALL: [Self; 5] =
        [Self::Province, Self::City, Self::County, Self::Township, Self::Community];

    /// The number of significant digits of a code of this level.
    #[must_use]
    pub const fn digits(self) -> usize {
        match self {
            Self::Province => 2,
            Self::City => 4,
            Self::County => 6,
            Self::Township => 9,
            Self::Community => 12,
        }
    }

    /// The level above; `None` for a province.
    #[must_use]
    pub const fn above(self) -> Option<Self> {
        match self {
            Self::Province => None,
            Self::City => Some(Self::Province),
            Self::County => Some(Self::City),
            Self::Township => Some(Self::County),
            Self::Community => Some(Self::Township),
        }
    }

    fn of_length(digits: usize) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.digits() == digits)
    }
}

impl DivisionCode {
    /// Reads a code: the significant digits, or these padded with zeros to 4, 6, 9 or 12 digits.
    ///
    /// # Errors
    ///
    /// [`DivisionError`] when the length, a character or the order of the levels is wrong.
    ///
    /// # Examples
    ///
    /// ```
    /// # use huimin_vocab::{DivisionCode, DivisionLevel};
    /// let city = DivisionCode::parse("440100")?;
    /// assert_eq!(city.as_str(), "4401");
    /// assert_eq!(city.level(), DivisionLevel::City);
    /// assert!(city.contains(&DivisionCode::parse("440112001000")?));
    /// # Ok::<(), huimin_vocab::DivisionError>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, DivisionError> {
        let bytes = text.as_bytes();
        if !text.is_ascii() {
            return Err(DivisionError::Character);
        }
        let written = DivisionLevel::of_length(bytes.len()).ok_or(DivisionError::Length)?;
        if !bytes.iter().all(u8::is_ascii_digit) {
            return Err(DivisionError::Character);
        }
        let mut digits = [0; 12];
        let mut level = None;
        let mut start = 0;
        for candidate in DivisionLevel::ALL {
            if candidate > written {
                break;
            }
            let part = bytes.get(start..candidate.digits()).unwrap_or_default();
            if part.iter().any(|digit| *digit != b'0') {
                // A part may only follow its neighbour above: `440012` would be a county of no city.
                if level != candidate.above() {
                    return Err(DivisionError::Gap);
                }
                level = Some(candidate);
                if let Some(place) = digits.get_mut(start..candidate.digits()) {
                    place.copy_from_slice(part);
                }
            }
            start = candidate.digits();
        }
        level.map(|level| Self { digits, level }).ok_or(DivisionError::Gap)
    }

    /// The significant digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // The digits up to the level's length are ASCII by construction, so that no fallback is ever used.
        std::str::from_utf8(self.digits.get(..self.level.digits()).unwrap_or_default())
            .unwrap_or_default()
    }

    /// The level of the division.
    #[must_use]
    pub fn level(&self) -> DivisionLevel {
        self.level
    }

    /// The division that directly contains this one; `None` for a province.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        self.at(self.level.above()?)
    }

    /// The division of the given level that this one lies in (or is); `None` when the level is below this one's.
    #[must_use]
    pub fn at(&self, level: DivisionLevel) -> Option<Self> {
        if level > self.level {
            return None;
        }
        let mut digits = self.digits;
        for place in digits.iter_mut().skip(level.digits()) {
            *place = 0;
        }
        Some(Self { digits, level })
    }

    /// Says whether `other` lies in this division. A division contains itself.
    #[must_use]
    pub fn contains(&self, other: &Self) -> bool {
        other.as_str().starts_with(self.as_str())
    }

    /// The code padded with zeros to 12 digits, as registers write it.
    #[must_use]
    pub fn padded12(&self) -> String {
        format!("{:0<12}", self.as_str())
    }

    /// The code padded with zeros to 6 digits, as GB/T 2260 writes it; `None` below the county.
    #[must_use]
    pub fn padded6(&self) -> Option<String> {
        (self.level <= DivisionLevel::County).then(|| format!("{:0<6}", self.as_str()))
    }
}

impl fmt::Display for DivisionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for DivisionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DivisionCode({})", self.as_str())
    }
}

impl std::str::FromStr for DivisionCode {
    type Err = DivisionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

serde_by_text!(DivisionCode, |code| code.as_str(), "a division code of 2, 4, 6, 9 or 12 digits");

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn code(text: &str) -> DivisionCode {
        DivisionCode::parse(text).expect("the code is right")
    }

    #[test]
    fn padded_and_significant_forms_are_the_same_division() {
        for (significant, level, forms) in [
            (
                "44",
                DivisionLevel::Province,
                &["44", "4400", "440000", "440000000", "440000000000"][..],
            ),
            ("4401", DivisionLevel::City, &["4401", "440100", "440100000", "440100000000"]),
            ("440112", DivisionLevel::County, &["440112", "440112000", "440112000000"]),
            ("440112001", DivisionLevel::Township, &["440112001", "440112001000"]),
            ("440112001002", DivisionLevel::Community, &["440112001002"]),
        ] {
            for form in forms {
                let division = code(form);
                assert_eq!(division.as_str(), significant);
                assert_eq!(division.level(), level);
                assert_eq!(division.padded12().len(), 12);
                assert_eq!(code(&division.padded12()), division);
            }
        }
    }

    #[test]
    fn a_zero_inside_a_part_is_significant() {
        assert_eq!(code("440110").as_str(), "440110");
        assert_eq!(code("440112100").as_str(), "440112100");
        assert_eq!(code("10").as_str(), "10");
    }

    #[test]
    fn a_level_that_is_left_out_is_refused() {
        for text in [
            "00",
            "0000",
            "000000",
            "004401",
            "440012",
            "440100001",
            "440112000123",
            "440000000001",
        ] {
            assert_eq!(DivisionCode::parse(text), Err(DivisionError::Gap), "{text}");
        }
    }

    #[test]
    fn other_lengths_and_characters_are_refused() {
        for text in ["", "4", "440", "44011", "4401120", "44011200", "4401120010", "4401120010020"]
        {
            assert_eq!(DivisionCode::parse(text), Err(DivisionError::Length), "{text}");
        }
        for text in ["4a", "44 1", "４４", "广州", "44011X"] {
            assert_eq!(DivisionCode::parse(text), Err(DivisionError::Character), "{text}");
        }
    }

    #[test]
    fn parents_lead_up_to_the_province() {
        let mut path = Vec::new();
        let mut division = Some(code("440112001002"));
        while let Some(current) = division {
            path.push(current.to_string());
            division = current.parent();
        }
        assert_eq!(path, ["440112001002", "440112001", "440112", "4401", "44"]);
    }

    #[test]
    fn a_division_contains_itself_and_what_lies_below_it() {
        assert!(code("440100").contains(&code("440112001")));
        assert!(code("440100").contains(&code("440100")));
        assert!(!code("440112001").contains(&code("440100")));
        assert!(!code("440112").contains(&code("440113001")));
    }

    #[test]
    fn the_division_of_a_level_above_can_be_asked_for() {
        assert_eq!(code("440112001").at(DivisionLevel::City), Some(code("4401")));
        assert_eq!(code("440112001").at(DivisionLevel::Township), Some(code("440112001")));
        assert_eq!(code("440112001").at(DivisionLevel::Community), None);
    }

    #[test]
    fn six_digits_end_at_the_county() {
        assert_eq!(code("4401").padded6().as_deref(), Some("440100"));
        assert_eq!(code("440112001").padded6(), None);
    }

    #[test]
    fn sorting_walks_the_tree() {
        let mut codes = ["4402", "440112", "44", "4401", "440112001", "440113"].map(code);
        codes.sort();
        assert_eq!(
            codes.map(|code| code.to_string()),
            ["44", "4401", "440112", "440112001", "440113", "4402"]
        );
    }
}
