//! Page marks: where the next page begins, as a text that can stand in an address.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::BenefitsError;

/// The place of an entry in the order of pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) policy: String,
    pub(super) division: String,
    pub(super) subject_id: String,
}

/// Stands between the parts; none of them can hold it.
const SEPARATOR: char = '\u{1f}';

impl Place {
    pub(super) fn to_mark(&self) -> String {
        let text =
            format!("{}{SEPARATOR}{}{SEPARATOR}{}", self.policy, self.division, self.subject_id);
        URL_SAFE_NO_PAD.encode(text)
    }

    pub(super) fn parse(mark: &str) -> Result<Self, BenefitsError> {
        let bytes = URL_SAFE_NO_PAD.decode(mark).map_err(|_| BenefitsError::Cursor)?;
        let text = String::from_utf8(bytes).map_err(|_| BenefitsError::Cursor)?;
        let mut parts = text.split(SEPARATOR).map(str::to_owned);
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(policy), Some(division), Some(subject_id), None) => {
                Ok(Self { policy, division, subject_id })
            }
            _ => Err(BenefitsError::Cursor),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_leads_back_to_its_place_and_another_text_is_refused() {
        let place = Place {
            policy: "sewage-subsidy".to_owned(),
            division: String::new(),
            subject_id: "p1".to_owned(),
        };
        assert_eq!(Place::parse(&place.to_mark()).ok(), Some(place));
        for mark in ["", "!", "cDE", "\u{1f}"] {
            assert!(matches!(Place::parse(mark), Err(BenefitsError::Cursor)), "{mark}");
        }
    }
}
