//! What a number measures, as far as it takes to refuse sums of yuan and years.

use std::sync::Arc;

/// What a number measures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Dimension {
    /// Money, in yuan.
    Money,
    /// Something else that was named: years, persons, percent.
    Other(Arc<str>),
}

impl Dimension {
    /// Reads a unit as the pack writes it. What stands after a `/` (per month, per person) is left
    /// out: a limit of 24 monthly standards is compared with savings, and rightly so.
    pub(crate) fn parse(unit: &str) -> Option<Self> {
        let base = unit.split('/').next().unwrap_or_default().trim();
        match base {
            "" | "1" | "none" | "date" | "code" | "text" | "boolean" => None,
            "CNY" | "yuan" | "元" => Some(Self::Money),
            other => Some(Self::Other(other.into())),
        }
    }

    /// The name for messages.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Money => "money",
            Self::Other(unit) => unit,
        }
    }
}

/// The dimension of a sum, a comparison or a choice: that of either, if they don't disagree.
pub(crate) fn same(
    left: Option<&Dimension>,
    right: Option<&Dimension>,
) -> Result<Option<Dimension>, (Dimension, Dimension)> {
    match (left, right) {
        (Some(left), Some(right)) if left != right => Err((left.clone(), right.clone())),
        (left, right) => Ok(left.or(right).cloned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn per_month_and_per_person_are_still_money() {
        assert_eq!(Dimension::parse("CNY/person/month"), Some(Dimension::Money));
        assert_eq!(Dimension::parse("CNY"), Some(Dimension::Money));
    }

    #[test]
    fn yuan_and_years_disagree_and_a_bare_number_goes_with_both() {
        let years = Dimension::parse("years");
        assert!(same(Some(&Dimension::Money), years.as_ref()).is_err());
        assert_eq!(same(None, years.as_ref()), Ok(years.clone()));
    }
}
