//! What the whole expression must come out as.

use pack::VariableType;

use crate::sql::dimension::Dimension;
use crate::sql::tree::Typed;
use crate::sql::types::Type;

use super::{
    Checker, Expected,
    arithmetic::is_zero,
    literals::{iso_date, literal_text},
};

impl Checker<'_> {
    pub(super) fn expect(&mut self, value: Typed, expected: Expected) -> Option<Typed> {
        let found = value.kind;
        let range = value.range.clone();
        match expected {
            Expected::Condition => {
                if matches!(found, Type::Boolean | Type::Null) {
                    return Some(self.convert(value, Type::Boolean));
                }
                self.fault(
                    "RULE-TYPE",
                    &range,
                    format!("a condition has to be true, false or unknown; this is a {found}"),
                    "a comparison or a boolean variable",
                );
            }
            Expected::Amount => {
                if found == Type::Fen || is_zero(&value) {
                    return Some(self.convert(value, Type::Fen));
                }
                self.fault_with_help(
                    "RULE-AMOUNT",
                    &range,
                    format!("an amount has to be in whole fen; this is a {found}"),
                    "fen(…), ceil_fen(…) or ceil_yuan(…)",
                    "say how the amount is rounded: fen (exact), ceil_fen or ceil_yuan (rounded up)",
                );
            }
            Expected::Sortable => {
                if !matches!(found, Type::Null | Type::Boolean) {
                    return Some(value);
                }
                self.fault(
                    "RULE-TYPE",
                    &range,
                    format!("a {found} has no order"),
                    "a date, text or number",
                );
            }
            Expected::Variable(wanted) => return self.variable(value, wanted),
        }
        None
    }

    pub(super) fn variable(&mut self, value: Typed, wanted: VariableType) -> Option<Typed> {
        let found = value.kind;
        let range = value.range.clone();
        let target = variable_type(wanted);
        let scale = |kind| match kind {
            Type::Decimal { scale, .. } => scale,
            _ => 0,
        };
        if found.is_number() && target.is_number() {
            if scale(found) > scale(target) {
                self.fault_with_help(
                    "RULE-ROUNDING",
                    &range,
                    format!("this has {} decimals; the variable keeps {}", scale(found), scale(target)),
                    format!("at most {} decimals", scale(target)),
                    "rounding is only done by a named function in a policy's amount; calculate there",
                );
                return None;
            }
            if let (VariableType::Money, Some(other @ Dimension::Other(_))) =
                (wanted, &value.dimension)
            {
                let message = format!("a money variable is given {}", other.name());
                self.fault("RULE-UNIT", &range, message, "an amount of money");
                return None;
            }
            // Digits in front of the point that don't fit become unknown.
            let nullable = value.nullable || found != target;
            let mut value = self.convert(value, target);
            value.nullable = nullable;
            return Some(value);
        }
        if found == target || found == Type::Null {
            return Some(self.convert(value, target));
        }
        if target == Type::Date && literal_text(&value).and_then(iso_date).is_some() {
            return Some(self.convert(value, target));
        }
        if found == Type::Fen {
            self.fault_with_help(
                "RULE-FEN",
                &range,
                "a variable is in yuan, not rounded to fen",
                "an amount in yuan",
                "round in the policy's amount only",
            );
            return None;
        }
        self.fault(
            "RULE-TYPE",
            &range,
            format!("the variable is declared as {}; this is a {found}", variable_word(wanted)),
            format!("a {target}"),
        );
        None
    }
}

/// The type of a variable's column.
pub(crate) fn variable_type(kind: VariableType) -> Type {
    match kind {
        VariableType::Money => Type::MONEY,
        VariableType::Integer => Type::Integer,
        VariableType::Decimal => Type::DECIMAL,
        VariableType::Boolean => Type::Boolean,
        VariableType::Text => Type::Text,
        VariableType::Date => Type::Date,
    }
}

pub(super) fn variable_word(kind: VariableType) -> &'static str {
    match kind {
        VariableType::Money => "money",
        VariableType::Integer => "integer",
        VariableType::Decimal => "decimal",
        VariableType::Boolean => "boolean",
        VariableType::Text => "text",
        VariableType::Date => "date",
    }
}
