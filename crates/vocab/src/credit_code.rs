//! The unified social credit code (统一社会信用代码) of organisations.
//!
//! Places are read by constant indices into arrays of fixed length, which the compiler checks.

use std::fmt;

use crate::serde_text::serde_by_text;

/// A unified social credit code of 18 characters whose characters and check character are right.
///
/// Layout: registering authority (1; a digit, or a letter such as `N` for agriculture and `Y` for others), class of body
/// (1 digit), division (6 digits), organisation code (8 and its own check character), check character. The alphabet leaves
/// out I, O, S, V and Z.
///
/// The codes of companies, societies and offices are public, so that the value may be shown and logged.
///
/// # Source
///
/// GB 32100-2015; the organisation code follows GB 11714-1997.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnifiedSocialCreditCode([u8; 18]);

/// Why a text isn't a unified social credit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum CreditCodeError {
    /// Not 18 characters.
    #[error("credit code: expected 18 characters")]
    Length,
    /// A character outside the alphabet, or a letter in the class of body or the division.
    #[error(
        "credit code: expected digits and capital letters other than I, O, S, V, Z, and digits only in places 2 to 8"
    )]
    Character,
    /// The check character doesn't follow from the 17 characters before it.
    ///
    /// Some real codes of the first years fail as well; such a code needs a confirmation by a person.
    #[error(
        "credit code: the check character doesn't fit; look for a mistyped or swapped character"
    )]
    CheckCharacter,
}

impl CreditCodeError {
    /// The stable code of the finding, for files of findings, help pages and screens.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Length => "USCC-LENGTH",
            Self::Character => "USCC-CHARACTER",
            Self::CheckCharacter => "USCC-CHECK",
        }
    }
}

const ALPHABET: [u8; 31] = *b"0123456789ABCDEFGHJKLMNPQRTUWXY";
/// `3^i mod 31`.
const WEIGHTS: [usize; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
const ORGANISATION_WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];

impl UnifiedSocialCreditCode {
    /// Reads a code of 18 half-width characters; small letters are read as capitals.
    ///
    /// The check character of the organisation part isn't demanded, because registers hold codes without a right one;
    /// see [`Self::organisation_check_fits`].
    ///
    /// # Errors
    ///
    /// The first of length, characters, check character that is wrong.
    ///
    /// # Examples
    ///
    /// ```
    /// # use huimin_vocab::UnifiedSocialCreditCode;
    /// let code = UnifiedSocialCreditCode::parse("53440199MJT0000960")?;
    /// assert_eq!(code.organisation_code(), "MJT000096");
    /// # Ok::<(), huimin_vocab::CreditCodeError>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, CreditCodeError> {
        let Ok(mut characters) = <[u8; 18]>::try_from(text.as_bytes()) else {
            // The right number of characters in too many bytes: some aren't ASCII.
            return Err(if text.chars().take(19).count() == 18 {
                CreditCodeError::Character
            } else {
                CreditCodeError::Length
            });
        };
        characters.make_ascii_uppercase();
        if !characters[1..8].iter().all(u8::is_ascii_digit) || index(characters[17]).is_none() {
            return Err(CreditCodeError::Character);
        }
        let expected = check(&characters).ok_or(CreditCodeError::Character)?;
        if characters[17] == expected {
            Ok(Self(characters))
        } else {
            Err(CreditCodeError::CheckCharacter)
        }
    }

    /// Computes the check character of the first 17 characters; `None` unless there are 17, all in the alphabet.
    #[must_use]
    pub fn check_character(first17: &str) -> Option<char> {
        let characters: &[u8; 17] = first17.as_bytes().try_into().ok()?;
        check(characters).map(char::from)
    }

    /// Computes the check character of an organisation code's first 8 characters (digits and capital letters).
    ///
    /// # Source
    ///
    /// GB 11714-1997.
    #[must_use]
    pub fn organisation_check_character(first8: &str) -> Option<char> {
        let characters: &[u8; 8] = first8.as_bytes().try_into().ok()?;
        organisation_check(characters).map(char::from)
    }

    /// The whole code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Every constructor checks that all characters are ASCII, so the fallback is never used.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The registering authority and the class of body, two characters: `51` a social organisation, `52` a private
    /// non-enterprise unit, `53` a foundation, `11` an organ of state, `91` an enterprise, `92` a sole trader.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.as_str().get(..2).unwrap_or_default()
    }

    /// The six digits of the registering authority's division.
    #[must_use]
    pub fn division(&self) -> &str {
        self.as_str().get(2..8).unwrap_or_default()
    }

    /// The organisation code with its check character, nine characters.
    #[must_use]
    pub fn organisation_code(&self) -> &str {
        self.as_str().get(8..17).unwrap_or_default()
    }

    /// Says whether the organisation part's own check character (place 17) is right.
    #[must_use]
    pub fn organisation_check_fits(&self) -> bool {
        organisation_check(&self.0[8..16]) == Some(self.0[16])
    }
}

impl fmt::Display for UnifiedSocialCreditCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for UnifiedSocialCreditCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UnifiedSocialCreditCode({})", self.as_str())
    }
}

impl std::str::FromStr for UnifiedSocialCreditCode {
    type Err = CreditCodeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

serde_by_text!(
    UnifiedSocialCreditCode,
    |code| code.as_str(),
    "a unified social credit code of 18 characters"
);

fn index(byte: u8) -> Option<usize> {
    ALPHABET.iter().position(|letter| *letter == byte)
}

/// The check character of the first 17 of the bytes; `None` if one of them isn't in the alphabet.
fn check(characters: &[u8]) -> Option<u8> {
    let mut sum = 0;
    for (byte, weight) in characters.iter().zip(WEIGHTS) {
        sum += index(*byte)? * weight;
    }
    // The outer remainder matters: a sum that is a multiple of 31 has the check character `0`.
    ALPHABET.get((31 - sum % 31) % 31).copied()
}

fn organisation_check(characters: &[u8]) -> Option<u8> {
    let mut sum = 0;
    for (byte, weight) in characters.iter().zip(ORGANISATION_WEIGHTS) {
        let value = match byte {
            b'0'..=b'9' => byte - b'0',
            b'A'..=b'Z' => byte - b'A' + 10,
            _ => return None,
        };
        sum += u32::from(value) * weight;
    }
    b"0X987654321".get(usize::try_from(sum % 11).ok()?).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn real_and_synthetic_codes_are_valid() {
        for text in [
            "91350100M000100Y43",
            "91110000101623741K",
            "11440100007483164X",
            "51440199MJT000010B",
            "52440199MJT0000295",
            "53440199MJT000037W",
            "11440199000000019N",
        ] {
            let code = UnifiedSocialCreditCode::parse(text).expect("the code is right");
            assert_eq!(code.as_str(), text);
            assert!(code.organisation_check_fits(), "{text}");
        }
    }

    #[test]
    fn a_sum_that_is_a_multiple_of_31_has_the_check_character_0() {
        assert!(UnifiedSocialCreditCode::parse("53440199MJT0000960").is_ok());
        assert_eq!(UnifiedSocialCreditCode::check_character("53440199MJT000096"), Some('0'));
        assert_eq!(UnifiedSocialCreditCode::check_character("00000000000000000"), Some('0'));
    }

    #[test]
    fn an_early_code_with_a_wrong_check_character_is_refused() {
        assert_eq!(
            UnifiedSocialCreditCode::parse("91350211M0000XUF46"),
            Err(CreditCodeError::CheckCharacter)
        );
    }

    #[test]
    fn small_letters_are_read_as_capitals() {
        let code = UnifiedSocialCreditCode::parse("51440199mjt000010b").expect("the code is right");
        assert_eq!(code.as_str(), "51440199MJT000010B");
    }

    #[test]
    fn the_registering_authority_may_be_a_letter_and_the_division_may_not() {
        let first17 = "N2440199MJT000010";
        let check = UnifiedSocialCreditCode::check_character(first17)
            .expect("17 characters of the alphabet");
        assert!(UnifiedSocialCreditCode::parse(&format!("{first17}{check}")).is_ok());
        for text in ["5144019AMJT000010B", "5N440199MJT000010B"] {
            assert_eq!(
                UnifiedSocialCreditCode::parse(text),
                Err(CreditCodeError::Character),
                "{text}"
            );
        }
    }

    #[test]
    fn letters_outside_the_alphabet_are_found() {
        for letter in ["I", "O", "S", "V", "Z", "-", " "] {
            let text = format!("51440199MJT00001{letter}B");
            assert_eq!(
                UnifiedSocialCreditCode::parse(&text),
                Err(CreditCodeError::Character),
                "{letter}"
            );
            let text = format!("51440199MJT000010{letter}");
            assert_eq!(
                UnifiedSocialCreditCode::parse(&text),
                Err(CreditCodeError::Character),
                "{letter}"
            );
        }
    }

    #[test]
    fn other_lengths_and_wide_characters_are_found() {
        for text in ["", "51440199MJT000010", "51440199MJT000010BB"] {
            assert_eq!(
                UnifiedSocialCreditCode::parse(text),
                Err(CreditCodeError::Length),
                "{text}"
            );
        }
        for text in ["５１４４０１９９ＭＪＴ０００１０Ｂ号", "四四四四四四"]
        {
            assert_eq!(
                UnifiedSocialCreditCode::parse(text),
                Err(CreditCodeError::Character),
                "{text}"
            );
        }
    }

    #[test]
    fn the_parts_can_be_read() {
        let code = UnifiedSocialCreditCode::parse("11440100007483164X").expect("the code is right");
        assert_eq!(
            (code.kind(), code.division(), code.organisation_code()),
            ("11", "440100", "007483164")
        );
    }

    #[test]
    fn the_organisation_part_has_its_own_check_character() {
        assert_eq!(UnifiedSocialCreditCode::organisation_check_character("00748316"), Some('4'));
        assert_eq!(UnifiedSocialCreditCode::organisation_check_character("MJT00001"), Some('0'));
        assert_eq!(UnifiedSocialCreditCode::organisation_check_character("mjt00001"), None);
        let first17 = "51440199MJT000011";
        let check = UnifiedSocialCreditCode::check_character(first17)
            .expect("17 characters of the alphabet");
        let code = UnifiedSocialCreditCode::parse(&format!("{first17}{check}"))
            .expect("the last character is right");
        assert!(!code.organisation_check_fits());
    }
}
