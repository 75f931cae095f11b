//! The names that an expression may use.

use std::collections::BTreeMap;
use std::sync::Arc;

use pack::{Parameter, ParameterKind, ParameterValue};
use rust_decimal::Decimal;

use super::dimension::Dimension;
use super::types::Type;

/// A column.
#[derive(Debug, Clone)]
pub(crate) struct Binding {
    pub(crate) kind: Type,
    pub(crate) nullable: bool,
    pub(crate) dimension: Option<Dimension>,
    /// Code list of its values.
    pub(crate) codes: Option<Arc<str>>,
}

impl Binding {
    /// A column that can be unknown and measures nothing in particular.
    pub(crate) fn new(kind: Type) -> Self {
        Self { kind, nullable: true, dimension: None, codes: None }
    }

    pub(crate) fn not_null(mut self) -> Self {
        self.nullable = false;
        self
    }

    pub(crate) fn with_dimension(mut self, dimension: Option<Dimension>) -> Self {
        self.dimension = dimension;
        self
    }

    pub(crate) fn with_codes(mut self, list: Option<&str>) -> Self {
        self.codes = list.map(Arc::from);
        self
    }
}

/// A dated parameter as the checker sees it: one type for all its values, so that the types of an
/// expression are the same in every period.
#[derive(Debug, Clone)]
pub(crate) struct ParameterBinding {
    pub(crate) shape: ParameterKind,
    /// Type of its numbers; `Date` for dates.
    pub(crate) kind: Type,
    pub(crate) dimension: Option<Dimension>,
}

impl ParameterBinding {
    fn new(parameter: &Parameter) -> Self {
        let mut kind = match parameter.kind {
            ParameterKind::Dates => Type::Date,
            _ => Type::Decimal { digits: 1, scale: 0 },
        };
        for dated in &parameter.values {
            let numbers: Vec<Decimal> = match &dated.value {
                ParameterValue::Scalar(number) => vec![*number],
                ParameterValue::Bracket(steps) => steps.iter().map(|(_, value)| *value).collect(),
                ParameterValue::Table(table) => table.values().copied().collect(),
                ParameterValue::Dates(_) => Vec::new(),
            };
            for number in numbers {
                // Numbers of wildly different size may have no common type; those that don't fit
                // into the type of the others become unknown when they are put in.
                kind = kind.common(decimal_type(number)).unwrap_or(kind);
            }
        }
        Self { shape: parameter.kind, kind, dimension: Dimension::parse(&parameter.unit) }
    }
}

/// The smallest decimal type that holds a number exactly.
pub(crate) fn decimal_type(number: Decimal) -> Type {
    let (mantissa, scale) = exact(number);
    number_type(mantissa, scale)
}

/// The smallest decimal type for `mantissa` × 10^-`scale`.
pub(crate) fn number_type(mantissa: i128, scale: u8) -> Type {
    let digits = mantissa.unsigned_abs().checked_ilog10().map_or(1, |log| log + 1);
    Type::Decimal { digits: u8::try_from(digits).unwrap_or(u8::MAX).max(scale).max(1), scale }
}

/// A decimal as integer and scale, without trailing zeros.
pub(crate) fn exact(number: Decimal) -> (i128, u8) {
    let number = number.normalize();
    (number.mantissa(), u8::try_from(number.scale()).unwrap_or(u8::MAX))
}

/// The names that an expression may use.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scope {
    columns: BTreeMap<String, Binding>,
    parameters: BTreeMap<String, ParameterBinding>,
    refused: BTreeMap<String, String>,
}

impl Scope {
    /// Adds a column.
    pub(crate) fn column(&mut self, name: impl Into<String>, binding: Binding) {
        let name = name.into();
        self.refused.remove(&name);
        self.columns.insert(name, binding);
    }

    /// Adds the parameters of a policy.
    pub(crate) fn parameters(&mut self, parameters: &BTreeMap<String, Parameter>) {
        for (name, parameter) in parameters {
            self.parameters.insert(name.clone(), ParameterBinding::new(parameter));
        }
    }

    /// Says why a name that exists can't be used here.
    pub(crate) fn refuse(&mut self, name: impl Into<String>, why: impl Into<String>) {
        let name = name.into();
        if !self.columns.contains_key(&name) {
            self.refused.insert(name, why.into());
        }
    }

    pub(crate) fn find_column(&self, name: &str) -> Option<&Binding> {
        self.columns.get(name)
    }

    pub(crate) fn find_parameter(&self, name: &str) -> Option<&ParameterBinding> {
        self.parameters.get(name)
    }

    pub(crate) fn why_refused(&self, name: &str) -> Option<&str> {
        self.refused.get(name).map(String::as_str)
    }

    /// All names that may be used, for suggestions.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.keys().chain(self.parameters.keys()).map(String::as_str)
    }

    /// The names of parameters of one shape, for suggestions.
    pub(crate) fn parameter_names(&self, shape: ParameterKind) -> impl Iterator<Item = &str> {
        self.parameters
            .iter()
            .filter(move |(_, parameter)| parameter.shape == shape)
            .map(|(name, _)| name.as_str())
    }
}
