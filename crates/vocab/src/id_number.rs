//! The citizen's identity number (公民身份号码).
//!
//! Places are read by constant indices into arrays of fixed length, which the compiler checks.

use std::fmt;

use jiff::civil::Date;

use crate::codes::Sex;
use crate::date::{civil, number};

/// A citizen's identity number of 18 characters whose characters, birth date and check character are right.
///
/// Layout: division of first registration (6), birth date (8), sequence (3; odd for a man, even for a woman), check
/// character (digit or `X`). The residence permits of Hong Kong, Macao and Taiwan residents (`81`, `82`, `83`) and the
/// 2023 permanent-residence card of foreigners (first digit `9`) follow the same layout and are accepted.
///
/// That a number is well formed doesn't say that it was ever issued. The division is that of the first registration: it
/// may have been abolished since, says nothing about residence, and isn't checked against any list.
///
/// The value is personal data of the highest level: `Debug` masks it, and there is neither `Display` nor `Serialize`.
///
/// # Source
///
/// GB 11643-1999; the check character follows ISO 7064:1983, MOD 11-2.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IdNumber {
    /// ASCII digits, the last one possibly `X`.
    characters: [u8; 18],
    birth: Date,
}

/// Why a text isn't an identity number. No variant holds the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum IdNumberError {
    /// Neither 18 nor 15 characters.
    #[error("identity number: expected 18 characters (or 15, of the old form)")]
    Length,
    /// Something other than a digit; at the 18th place also `X` is allowed.
    #[error("identity number: expected digits only, or X at the 18th place")]
    Character,
    /// The check character doesn't follow from the 17 digits before it: most often a typing mistake.
    #[error(
        "identity number: the check character doesn't fit; look for a mistyped or swapped digit"
    )]
    CheckCharacter,
    /// The birth date isn't in the calendar, or lies before 1800.
    #[error("identity number: the birth date in places 7 to 14 isn't a date from 1800 on")]
    BirthDate,
}

impl IdNumberError {
    /// The stable code of the finding, for files of findings, help pages and screens.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Length => "ID-LENGTH",
            Self::Character => "ID-CHARACTER",
            Self::CheckCharacter => "ID-CHECK",
            Self::BirthDate => "ID-BIRTH-DATE",
        }
    }
}

const WEIGHTS: [u8; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECK_CHARACTERS: [u8; 11] = *b"10X98765432";
/// A birth year before it can't belong to anybody: the oldest 15-digit numbers were given to people born in the 1880s.
const FIRST_BIRTH_YEAR: u32 = 1800;

impl IdNumber {
    /// Reads an identity number.
    ///
    /// * `text`: 18 characters (`x` is read as `X`), or the 15 digits of the form used until 1999, which are converted:
    ///   the century `19` is inserted and the check character appended; the sequences 996 to 999 were reserved for
    ///   people born before 1900, and get `18`.
    ///
    /// The text must be half-width and trimmed, see [`crate::text::clean`].
    ///
    /// # Errors
    ///
    /// The first of length, characters, check character, birth date that is wrong.
    ///
    /// # Examples
    ///
    /// ```
    /// # use huimin_vocab::{IdNumber, IdNumberError};
    /// let number = IdNumber::parse("440199194001010014")?;
    /// assert_eq!(number.birth_date(), jiff::civil::date(1940, 1, 1));
    /// assert_eq!(number.masked(), "440199********0014");
    /// assert_eq!(IdNumber::parse("440199194001010015"), Err(IdNumberError::CheckCharacter));
    /// # Ok::<(), IdNumberError>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, IdNumberError> {
        if let Ok(characters) = <&[u8; 18]>::try_from(text.as_bytes()) {
            Self::from_18(*characters)
        } else if let Ok(characters) = <&[u8; 15]>::try_from(text.as_bytes()) {
            Self::from_15(characters)
        } else if matches!(text.chars().take(19).count(), 15 | 18) {
            // The right number of characters in too many bytes: some aren't ASCII.
            Err(IdNumberError::Character)
        } else {
            Err(IdNumberError::Length)
        }
    }

    /// Composes the number from its parts; `None` when a part doesn't fit.
    ///
    /// * `division`: six digits.
    /// * `birth`: from the year 1800 on.
    /// * `sequence`: 0 to 999; odd for a man, even for a woman.
    ///
    /// For synthetic people use the division `440199`, which isn't assigned, so that the number can't be somebody's.
    #[must_use]
    pub fn from_parts(division: &str, birth: Date, sequence: u16) -> Option<Self> {
        let division: &[u8; 6] = division.as_bytes().try_into().ok()?;
        if !division.iter().all(u8::is_ascii_digit) || sequence > 999 {
            return None;
        }
        let year = u32::try_from(birth.year()).ok().filter(|year| *year >= FIRST_BIRTH_YEAR)?;
        let month = u32::try_from(birth.month()).ok()?;
        let day = u32::try_from(birth.day()).ok()?;
        let mut characters = [b'0'; 18];
        characters[..6].copy_from_slice(division);
        write_digits(&mut characters[6..14], year * 10_000 + month * 100 + day);
        write_digits(&mut characters[14..17], u32::from(sequence));
        characters[17] = check(&characters)?;
        Some(Self { characters, birth })
    }

    /// The whole number in clear. Every call is a place where personal data leaves: know why.
    #[must_use]
    pub fn expose(&self) -> &str {
        // Every constructor checks that all characters are ASCII, so the fallback is never used.
        std::str::from_utf8(&self.characters).unwrap_or_default()
    }

    /// The number with the birth date hidden, for screens and lists: `440199********0014`.
    #[must_use]
    pub fn masked(&self) -> String {
        crate::mask::id_number(self.expose())
    }

    /// The birth date that the number states.
    #[must_use]
    pub fn birth_date(&self) -> Date {
        self.birth
    }

    /// The sex that the number states: [`Sex::Male`] or [`Sex::Female`].
    #[must_use]
    pub fn sex(&self) -> Sex {
        if self.characters[16] % 2 == 1 { Sex::Male } else { Sex::Female }
    }

    /// The six digits of the division of first registration.
    #[must_use]
    pub fn division(&self) -> &str {
        // All ASCII, so that the boundary at 6 exists.
        self.expose().get(..6).unwrap_or_default()
    }

    /// Computes the check character of the first 17 digits; `None` unless there are exactly 17 ASCII digits.
    #[must_use]
    pub fn check_character(first17: &str) -> Option<char> {
        let digits: &[u8; 17] = first17.as_bytes().try_into().ok()?;
        check(digits).map(char::from)
    }

    fn from_18(mut characters: [u8; 18]) -> Result<Self, IdNumberError> {
        characters[17].make_ascii_uppercase();
        let expected = check(&characters).ok_or(IdNumberError::Character)?;
        if !characters[17].is_ascii_digit() && characters[17] != b'X' {
            return Err(IdNumberError::Character);
        }
        if characters[17] != expected {
            return Err(IdNumberError::CheckCharacter);
        }
        let birth = birth_date(&characters).ok_or(IdNumberError::BirthDate)?;
        Ok(Self { characters, birth })
    }

    fn from_15(old: &[u8; 15]) -> Result<Self, IdNumberError> {
        let born_before_1900 = matches!(&old[12..], b"996" | b"997" | b"998" | b"999");
        let mut characters = [b'0'; 18];
        characters[..6].copy_from_slice(&old[..6]);
        characters[6..8].copy_from_slice(if born_before_1900 { b"18" } else { b"19" });
        characters[8..17].copy_from_slice(&old[6..]);
        characters[17] = check(&characters).ok_or(IdNumberError::Character)?;
        let birth = birth_date(&characters).ok_or(IdNumberError::BirthDate)?;
        Ok(Self { characters, birth })
    }
}

impl fmt::Debug for IdNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("IdNumber").field(&format_args!("{}", self.masked())).finish()
    }
}

/// The check character of the first 17 of the bytes; `None` if one of them isn't a digit.
fn check(characters: &[u8]) -> Option<u8> {
    let mut sum = 0_usize;
    for (byte, weight) in characters.iter().zip(WEIGHTS) {
        if !byte.is_ascii_digit() {
            return None;
        }
        sum += usize::from(byte - b'0') * usize::from(weight);
    }
    CHECK_CHARACTERS.get(sum % 11).copied()
}

fn birth_date(characters: &[u8; 18]) -> Option<Date> {
    let year = number(&characters[6..10])?;
    let month = number(&characters[10..12])?;
    let day = number(&characters[12..14])?;
    if year < FIRST_BIRTH_YEAR { None } else { civil(year, month, day) }
}

/// Writes the number right-aligned over the whole slice, with leading zeros.
fn write_digits(slice: &mut [u8], mut value: u32) {
    for place in slice.iter_mut().rev() {
        // The remainder is below 10.
        *place = b'0' + u8::try_from(value % 10).unwrap_or_default();
        value /= 10;
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[track_caller]
    fn valid(text: &str, birth: Date, sex: Sex) {
        let number = IdNumber::parse(text).expect("the number is right");
        assert_eq!(number.expose(), text);
        assert_eq!(number.birth_date(), birth);
        assert_eq!(number.sex(), sex);
    }

    #[track_caller]
    fn invalid(text: &str, error: IdNumberError) {
        assert_eq!(IdNumber::parse(text), Err(error));
    }

    #[test]
    fn the_numbers_printed_in_the_standard_are_valid() {
        valid("11010519491231002X", date(1949, 12, 31), Sex::Female);
        valid("440524188001010014", date(1880, 1, 1), Sex::Male);
    }

    #[test]
    fn synthetic_numbers_are_valid() {
        valid("440199194001010014", date(1940, 1, 1), Sex::Male);
        valid("440199193506150026", date(1935, 6, 15), Sex::Female);
        valid("440199192410050069", date(1924, 10, 5), Sex::Female);
        valid("440199201602290042", date(2016, 2, 29), Sex::Female);
    }

    #[test]
    fn a_small_x_is_read_as_a_capital() {
        let number = IdNumber::parse("11010519491231002x").expect("the number is right");
        assert_eq!(number.expose(), "11010519491231002X");
    }

    #[test]
    fn fifteen_digits_become_eighteen() {
        let number = IdNumber::parse("110105491231002").expect("the number is right");
        assert_eq!(number.expose(), "11010519491231002X");
    }

    #[test]
    fn fifteen_digits_with_a_sequence_from_996_belong_to_the_nineteenth_century() {
        for (sequence, year) in [("995", 1988), ("996", 1888), ("999", 1888)] {
            let number =
                IdNumber::parse(&format!("440199880101{sequence}")).expect("the number is right");
            assert_eq!(number.birth_date(), date(year, 1, 1), "{sequence}");
        }
    }

    #[test]
    fn a_wrong_check_character_is_found() {
        invalid("440199194001010015", IdNumberError::CheckCharacter);
        invalid("44019919400101001X", IdNumberError::CheckCharacter);
    }

    #[test]
    fn a_day_outside_the_calendar_is_found_although_the_check_character_is_right() {
        invalid("440199201002290014", IdNumberError::BirthDate);
        // 1900 wasn't a leap year.
        invalid("440199000229001", IdNumberError::BirthDate);
    }

    #[test]
    fn a_birth_before_1800_is_refused() {
        let first17 = "44019917991231001";
        let check = IdNumber::check_character(first17).expect("17 digits");
        invalid(&format!("{first17}{check}"), IdNumberError::BirthDate);
    }

    #[test]
    fn other_characters_are_found() {
        invalid("44019919400101001Y", IdNumberError::Character);
        invalid("4401991940010100X4", IdNumberError::Character);
        invalid("X40199194001010014", IdNumberError::Character);
        invalid("44019940010100X", IdNumberError::Character);
        invalid("４４０１９９１９４００１０１００１４", IdNumberError::Character);
        invalid("44019919400101001４", IdNumberError::Character);
    }

    #[test]
    fn other_lengths_are_found() {
        for text in
            ["", "4", "44019919400101001", "4401991940010100144", " 440199194001010014", "四四"]
        {
            invalid(text, IdNumberError::Length);
        }
    }

    #[test]
    fn eighteen_bytes_of_fewer_characters_are_no_panic() {
        invalid("四四四四四四", IdNumberError::Character);
        invalid("44019919400101四", IdNumberError::Character);
    }

    #[test]
    fn debug_and_errors_hide_the_number() {
        let number = IdNumber::parse("440199194001010014").expect("the number is right");
        assert_eq!(format!("{number:?}"), "IdNumber(440199********0014)");
        assert!(!IdNumberError::CheckCharacter.to_string().contains("4401"));
    }

    #[test]
    fn codes_of_findings_are_stable() {
        use IdNumberError::{BirthDate, Character, CheckCharacter, Length};
        assert_eq!(
            [Length, Character, CheckCharacter, BirthDate].map(IdNumberError::code),
            ["ID-LENGTH", "ID-CHARACTER", "ID-CHECK", "ID-BIRTH-DATE"]
        );
    }

    #[test]
    fn parts_compose_the_number() {
        let number = IdNumber::from_parts("440199", date(1940, 1, 1), 1).expect("the parts fit");
        assert_eq!(number.expose(), "440199194001010014");
        assert_eq!(number.division(), "440199");
        assert_eq!(IdNumber::from_parts("44019", date(1940, 1, 1), 1), None);
        assert_eq!(IdNumber::from_parts("44019X", date(1940, 1, 1), 1), None);
        assert_eq!(IdNumber::from_parts("440199", date(1799, 12, 31), 1), None);
        assert_eq!(IdNumber::from_parts("440199", date(1940, 1, 1), 1000), None);
        assert_eq!(IdNumber::from_parts("440199", Date::MIN, 1), None);
    }

    #[test]
    fn the_check_character_wants_seventeen_digits() {
        assert_eq!(IdNumber::check_character("11010519491231002"), Some('X'));
        for text in
            ["", "1101051949123100", "11010519491231002X", "1101051949123100X", "1101051949123四"]
        {
            assert_eq!(IdNumber::check_character(text), None, "{text}");
        }
    }
}
