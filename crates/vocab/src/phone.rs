//! Telephone numbers of mainland China.

use std::fmt;

/// A mobile number of 11 digits, or a landline number with its area code; without separators and country code.
///
/// The value is personal data of the highest level: `Debug` masks it, and there is neither `Display` nor `Serialize`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Phone {
    /// ASCII digits; zero bytes after them.
    digits: [u8; MAX_DIGITS],
    length: u8,
    /// Digits of the area code; 0 for a mobile number.
    area: u8,
}

/// What sort of number it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PhoneKind {
    /// 11 digits, can receive messages.
    Mobile,
    /// Area code and seven or eight digits.
    Landline,
}

/// Why a text isn't a telephone number. No variant holds the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum PhoneError {
    /// Too few or too many digits; a landline number without area code is too short.
    #[error(
        "telephone number: expected 11 digits of a mobile number, or a landline number with its area code"
    )]
    Length,
    /// Something other than digits, spaces, hyphens, brackets and a leading plus sign.
    #[error("telephone number: expected digits, spaces, hyphens, brackets or a leading +86")]
    Character,
    /// The digits begin as no mainland mobile or landline number does.
    #[error(
        "telephone number: the first digits are not those of a mainland mobile number or area code"
    )]
    Prefix,
}

impl PhoneError {
    /// The stable code of the finding, for files of findings, help pages and screens.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Length => "PHONE-LENGTH",
            Self::Character => "PHONE-CHARACTER",
            Self::Prefix => "PHONE-PREFIX",
        }
    }
}

/// Area code of four and number of eight digits.
const MAX_DIGITS: usize = 12;
/// Room for `0086` before the longest number.
const MAX_WRITTEN: usize = MAX_DIGITS + 4;

impl Phone {
    /// Reads a telephone number; spaces, hyphens, brackets and the country code (`+86`, `0086`, `86` before a mobile
    /// number) are taken away.
    ///
    /// Ranges of mobile numbers are given out all the time, so that only the first two digits are looked at: 13 to 19.
    /// The text must be half-width, see [`crate::text::clean`].
    ///
    /// # Errors
    ///
    /// [`PhoneError`]: other characters (an extension, two numbers in one cell), another number of digits, or a beginning
    /// that no mainland number has (service numbers such as 12345 or 400 belong to nobody's person).
    ///
    /// # Examples
    ///
    /// ```
    /// # use huimin_vocab::{Phone, PhoneKind};
    /// let phone = Phone::parse("+86 199-0019-0001")?;
    /// assert_eq!(phone.expose(), "19900190001");
    /// assert_eq!(Phone::parse("(020) 8319 0001")?.kind(), PhoneKind::Landline);
    /// # Ok::<(), huimin_vocab::PhoneError>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, PhoneError> {
        let mut written = [0; MAX_WRITTEN];
        let mut count = 0;
        let mut plus = false;
        for byte in text.bytes() {
            match byte {
                b'0'..=b'9' => {
                    *written.get_mut(count).ok_or(PhoneError::Length)? = byte;
                    count += 1;
                }
                b' ' | b'-' | b'(' | b')' => {}
                b'+' if count == 0 && !plus => plus = true,
                _ => return Err(PhoneError::Character),
            }
        }
        let digits = written.get(..count).unwrap_or_default();
        if plus {
            return Self::national(digits.strip_prefix(b"86").ok_or(PhoneError::Prefix)?, true);
        }
        match digits {
            [b'0', b'0', b'8', b'6', rest @ ..] => Self::national(rest, true),
            [b'8', b'6', mobile @ ..] if mobile.len() == 11 => Self::national(mobile, true),
            digits => Self::national(digits, false),
        }
    }

    /// The digits in clear. Every call is a place where personal data leaves: know why.
    #[must_use]
    pub fn expose(&self) -> &str {
        let digits = self.digits.get(..usize::from(self.length)).unwrap_or_default();
        // Every constructor takes ASCII digits only, so the fallback is never used.
        std::str::from_utf8(digits).unwrap_or_default()
    }

    /// The number with its middle hidden, for screens and lists: `199****0001`.
    #[must_use]
    pub fn masked(&self) -> String {
        crate::mask::phone(self.expose())
    }

    /// Mobile or landline.
    #[must_use]
    pub fn kind(&self) -> PhoneKind {
        if self.area == 0 { PhoneKind::Mobile } else { PhoneKind::Landline }
    }

    /// The area code with its leading zero; `None` for a mobile number.
    #[must_use]
    pub fn area_code(&self) -> Option<&str> {
        (self.area > 0).then(|| self.expose().get(..usize::from(self.area)).unwrap_or_default())
    }

    /// Checks the digits after the country code. From abroad (`international`) an area code has no leading zero.
    fn national(digits: &[u8], international: bool) -> Result<Self, PhoneError> {
        match digits {
            [] => Err(PhoneError::Length),
            [b'1', second, ..] if digits.len() == 11 => {
                if matches!(second, b'3'..=b'9') {
                    Self::new(&[], digits, 0)
                } else {
                    Err(PhoneError::Prefix)
                }
            }
            [b'0', ..] => Self::landline(&[], digits),
            _ if international => Self::landline(b"0", digits),
            // A local number of seven or eight digits may belong to any city.
            [b'1'..=b'9', ..] if digits.len() < 11 => Err(PhoneError::Length),
            _ => Err(PhoneError::Prefix),
        }
    }

    fn landline(zero: &[u8], digits: &[u8]) -> Result<Self, PhoneError> {
        let area_and_number =
            if zero.is_empty() { digits.get(1..).unwrap_or_default() } else { digits };
        // 010 and 020 to 029 are the areas of the largest cities; all others have four digits.
        let area = match area_and_number {
            [b'1', b'0', ..] | [b'2', ..] => 3,
            [b'3'..=b'9', ..] => 4,
            [] => return Err(PhoneError::Length),
            _ => return Err(PhoneError::Prefix),
        };
        let number = area_and_number.get(usize::from(area) - 1..).unwrap_or_default();
        match number {
            // Local numbers begin with 2 to 9: 0 and 1 lead to other networks and services.
            [b'2'..=b'9', ..] if matches!(number.len(), 7 | 8) => Self::new(zero, digits, area),
            _ if matches!(number.len(), 7 | 8) => Err(PhoneError::Prefix),
            _ => Err(PhoneError::Length),
        }
    }

    fn new(zero: &[u8], rest: &[u8], area: u8) -> Result<Self, PhoneError> {
        let mut digits = [0; MAX_DIGITS];
        let mut length = 0;
        for byte in zero.iter().chain(rest) {
            *digits.get_mut(usize::from(length)).ok_or(PhoneError::Length)? = *byte;
            length += 1;
        }
        Ok(Self { digits, length, area })
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Phone").field(&format_args!("{}", self.masked())).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mobile_numbers_lose_separators_and_country_code() {
        for text in [
            "19900190001",
            "199 0019 0001",
            "199-0019-0001",
            "+86 19900190001",
            "+8619900190001",
            "008619900190001",
            "8619900190001",
            "(+86)199-0019-0001",
            " 19900190001 ",
        ] {
            let phone = Phone::parse(text).expect("a mobile number");
            assert_eq!(phone.expose(), "19900190001", "{text}");
            assert_eq!((phone.kind(), phone.area_code()), (PhoneKind::Mobile, None));
        }
    }

    #[test]
    fn landline_numbers_keep_their_area_code() {
        for (text, digits, area) in [
            ("020-83190001", "02083190001", "020"),
            ("(020) 8319 0001", "02083190001", "020"),
            ("+86 20 83190001", "02083190001", "020"),
            ("+86 (0)20 83190001", "02083190001", "020"),
            ("+86 10 83190001", "01083190001", "010"),
            ("0086-0757-83190001", "075783190001", "0757"),
            ("0660-3190001", "06603190001", "0660"),
        ] {
            let phone = Phone::parse(text).expect("a landline number");
            assert_eq!(phone.expose(), digits, "{text}");
            assert_eq!((phone.kind(), phone.area_code()), (PhoneKind::Landline, Some(area)));
        }
    }

    #[test]
    fn numbers_without_area_code_and_cut_off_numbers_are_too_short_or_too_long() {
        for text in [
            "",
            "+86",
            "83190001",
            "1990019000",
            "0208319",
            "020831900011",
            "199001900011234567890",
            "0",
            "12345",
        ] {
            assert_eq!(Phone::parse(text), Err(PhoneError::Length), "{text}");
        }
    }

    #[test]
    fn other_beginnings_are_refused() {
        for text in [
            "12900190001",
            "+1 202 5550100",
            "29900190001",
            "02013190001",
            "01183190001",
            "0012025550100",
        ] {
            assert_eq!(Phone::parse(text), Err(PhoneError::Prefix), "{text}");
        }
    }

    #[test]
    fn two_numbers_extensions_and_words_are_refused() {
        for text in [
            "19900190001/19900190002",
            "020-83190001转8",
            "１９９00190001",
            "1990019+0001",
            "++8619900190001",
            "无",
        ] {
            assert_eq!(Phone::parse(text), Err(PhoneError::Character), "{text}");
        }
    }

    #[test]
    fn debug_hides_the_number() {
        let phone = Phone::parse("19900190001").expect("a mobile number");
        assert_eq!(format!("{phone:?}"), "Phone(199****0001)");
        assert_eq!(phone.masked(), "199****0001");
    }

    #[test]
    fn codes_of_findings_are_stable() {
        use PhoneError::{Character, Length, Prefix};
        assert_eq!(
            [Length, Character, Prefix].map(PhoneError::code),
            ["PHONE-LENGTH", "PHONE-CHARACTER", "PHONE-PREFIX"]
        );
    }
}
