//! Types: what an operand must be, and one type for several branches.

use std::ops::Range;

use engine::datafusion::logical_expr::Operator;
use engine::datafusion::sql::sqlparser::ast::{
    CaseWhen, DataType as SqlType, ExactNumberInfo, Expr,
};

use crate::sql::dimension;
use crate::sql::scope::number_type;
use crate::sql::tree::{Node, Typed};
use crate::sql::types::{DIGITS_MAX, INTEGER_ARITHMETIC_DIGITS, Type};

use super::{
    Checker,
    arithmetic::{common_dimension, is_zero},
    literals::{converted_literal, iso_date, literal_kind, literal_text},
};

impl Checker<'_> {
    pub(in crate::sql) fn boolean(&mut self, expression: &Expr) -> Option<Typed> {
        let inner = self.expression(expression)?;
        if matches!(inner.kind, Type::Boolean | Type::Null) {
            return Some(self.convert(inner, Type::Boolean));
        }
        self.fault(
            "RULE-TYPE",
            &inner.range,
            format!("`{}` is a {}", self.source(&inner.range), inner.kind),
            "something that is true, false or unknown",
        );
        None
    }

    pub(in crate::sql) fn number(&mut self, expression: &Expr) -> Option<Typed> {
        let inner = self.expression(expression)?;
        if inner.kind.is_number() {
            return Some(inner);
        }
        let help = match inner.kind {
            Type::Text => "codes are text; a text can't be calculated with",
            Type::Fen => "calculate in yuan first and round once, around the whole",
            _ => "only numbers can be calculated with",
        };
        self.fault_with_help(
            "RULE-TYPE",
            &inner.range,
            format!("`{}` is a {}", self.source(&inner.range), inner.kind),
            "a number",
            help,
        );
        None
    }

    pub(in crate::sql) fn text(&mut self, expression: &Expr) -> Option<Typed> {
        let inner = self.expression(expression)?;
        if inner.kind == Type::Text {
            return Some(inner);
        }
        self.fault(
            "RULE-TYPE",
            &inner.range,
            format!("`{}` is a {}", self.source(&inner.range), inner.kind),
            "a text",
        );
        None
    }

    pub(in crate::sql) fn date(&mut self, expression: &Expr) -> Option<Typed> {
        let inner = self.expression(expression)?;
        match inner.kind {
            Type::Date => Some(inner),
            Type::Text if matches!(inner.node, Node::Literal(_)) => {
                let range = inner.range.clone();
                match literal_text(&inner).and_then(iso_date) {
                    Some(_) => Some(self.convert(inner, Type::Date)),
                    None => self.date_literal("", range),
                }
            }
            kind => {
                self.fault(
                    "RULE-TYPE",
                    &inner.range,
                    format!("`{}` is a {kind}", self.source(&inner.range)),
                    "a date",
                );
                None
            }
        }
    }

    pub(super) fn case(
        &mut self,
        operand: Option<&Expr>,
        branches: &[CaseWhen],
        otherwise: Option<&Expr>,
        range: Range<usize>,
    ) -> Option<Typed> {
        let operand = match operand {
            Some(operand) => Some(self.expression(operand)?),
            None => None,
        };
        let conditions: Vec<Option<Typed>> = branches
            .iter()
            .map(|branch| match &operand {
                None => self.boolean(&branch.condition),
                Some(operand) => {
                    let value = self.expression(&branch.condition)?;
                    let range = value.range.clone();
                    self.compare(operand.clone(), Operator::Eq, value, range)
                }
            })
            .collect();
        let results: Vec<Option<Typed>> =
            branches.iter().map(|branch| self.expression(&branch.result)).collect();
        let otherwise = otherwise.map(|otherwise| self.expression(otherwise));
        let conditions: Vec<Typed> = conditions.into_iter().collect::<Option<_>>()?;
        let mut results: Vec<Typed> = results.into_iter().collect::<Option<_>>()?;
        let has_otherwise = otherwise.is_some();
        if let Some(otherwise) = otherwise {
            results.push(otherwise?);
        }
        let nullable = !has_otherwise || results.iter().any(|result| result.nullable);
        let mut results = self.unify(results, "results of one CASE")?;
        let first = results.first()?;
        let (kind, dimension, codes) =
            (first.kind, common_dimension(&results), first.codes.clone());
        let otherwise = if has_otherwise { results.pop().map(Box::new) } else { None };
        let whens = conditions.into_iter().zip(results).collect();
        Some(Typed {
            node: Node::Case { whens, otherwise },
            kind,
            nullable,
            dimension,
            codes,
            range,
        })
    }

    /// `CAST` as far as it does not round.
    pub(super) fn cast(
        &mut self,
        expression: &Expr,
        target: &SqlType,
        range: Range<usize>,
    ) -> Option<Typed> {
        let inner = self.expression(expression)?;
        let target = match target {
            SqlType::Decimal(info) | SqlType::Numeric(info) | SqlType::Dec(info) => match info {
                ExactNumberInfo::PrecisionAndScale(digits, scale)
                    if *digits <= u64::from(DIGITS_MAX)
                        && *scale >= 0
                        && scale.unsigned_abs() <= *digits =>
                {
                    // Both were just found to be small.
                    Some(Type::Decimal {
                        digits: u8::try_from(*digits).ok()?,
                        scale: u8::try_from(*scale).ok()?,
                    })
                }
                _ => None,
            },
            SqlType::Int(_) | SqlType::Integer(_) | SqlType::BigInt(_) => Some(Type::Integer),
            SqlType::Text | SqlType::Varchar(_) | SqlType::String(_) => Some(Type::Text),
            SqlType::Date => Some(Type::Date),
            _ => None,
        };
        let Some(target) = target else {
            self.fault(
                "RULE-CAST",
                &range,
                "a rule can't cast to this type",
                "DECIMAL(digits, decimals), INTEGER, TEXT or DATE",
            );
            return None;
        };
        let from_scale = match inner.kind {
            Type::Decimal { scale, .. } => scale,
            _ => 0,
        };
        let to_scale = match target {
            Type::Decimal { scale, .. } => scale,
            _ => 0,
        };
        let possible = match (inner.kind, target) {
            (Type::Null, _) => true,
            (from, to) if from.is_number() && to.is_number() => {
                if from_scale > to_scale {
                    self.fault_with_help(
                        "RULE-ROUNDING",
                        &range,
                        format!("this cast would round {from_scale} decimals to {to_scale}"),
                        "a type with at least as many decimals",
                        "rounding is only done by fen, ceil_yuan and ceil_fen in a policy's amount",
                    );
                    return None;
                }
                true
            }
            (Type::Text, _) => true,
            (Type::Integer | Type::Date, Type::Text) => true,
            (from, to) => from == to,
        };
        if !possible {
            self.fault(
                "RULE-CAST",
                &range,
                format!("a {} can't be cast to a {target}", inner.kind),
                "another type",
            );
            return None;
        }
        let dimension = inner.dimension.clone();
        Some(Typed {
            node: Node::Cast(Box::new(inner)),
            kind: target,
            nullable: true,
            dimension,
            codes: None,
            range,
        })
    }

    /// Brings several values to one type; `how` says for the message what is done with them.
    pub(in crate::sql) fn unify(&mut self, parts: Vec<Typed>, how: &str) -> Option<Vec<Typed>> {
        // A text literal next to a date is a date.
        let dates = parts.iter().any(|part| part.kind == Type::Date);
        let fen = parts.iter().any(|part| part.kind == Type::Fen);
        let mut ready = Vec::with_capacity(parts.len());
        for part in parts {
            let part = match part.kind {
                Type::Text if dates && literal_text(&part).and_then(iso_date).is_some() => {
                    self.convert(part, Type::Date)
                }
                Type::Integer if fen && is_zero(&part) => self.convert(part, Type::Fen),
                _ => part,
            };
            ready.push(part);
        }
        let mut kind = Type::Null;
        for (at, part) in ready.iter().enumerate() {
            match kind.common(literal_kind(part)) {
                Some(common) => kind = common,
                None => {
                    let others = ready.get(..at).unwrap_or_default();
                    let other =
                        others.iter().rev().find(|other| other.kind != Type::Null).unwrap_or(part);
                    self.mixed(other, part, how);
                    return None;
                }
            }
        }
        // Whole numbers among themselves stay integers.
        if ready.iter().all(|part| matches!(part.kind, Type::Integer | Type::Null))
            && ready.iter().any(|part| part.kind == Type::Integer)
        {
            kind = Type::Integer;
        }
        let mut known: Option<&Typed> = None;
        for part in &ready {
            if let Some(before) = known
                && let Err((left, right)) =
                    dimension::same(before.dimension.as_ref(), part.dimension.as_ref())
            {
                let range = part.range.clone();
                self.fault(
                    "RULE-UNIT",
                    &range,
                    format!("{} and {} are {how}", left.name(), right.name()),
                    format!("a value in {}", left.name()),
                );
                return None;
            }
            if part.dimension.is_some() {
                known = Some(part);
            }
        }
        Some(ready.into_iter().map(|part| self.convert(part, kind)).collect())
    }

    pub(super) fn mixed(&mut self, left: &Typed, right: &Typed, how: &str) {
        let (left_text, right_text) =
            (self.source(&left.range).to_owned(), self.source(&right.range).to_owned());
        let message = format!(
            "`{left_text}` ({}) and `{right_text}` ({}) can't be {how}",
            left.kind, right.kind
        );
        let help = match (left.kind, right.kind) {
            (Type::Text, Type::Integer) => Some(format!("codes are text: write '{right_text}'")),
            (Type::Integer, Type::Text) => Some("codes are text: write the number in quotes".to_owned()),
            (Type::Date, Type::Text) | (Type::Text, Type::Date) => Some("write DATE '2024-01-31'".to_owned()),
            (Type::Fen, _) | (_, Type::Fen) => Some(
                "one is rounded to fen and the other is in yuan: put one rounding function around the whole"
                    .to_owned(),
            ),
            _ => None,
        };
        let expected = format!("a {}", left.kind);
        match help {
            Some(help) => self.fault_with_help("RULE-TYPE", &right.range, message, expected, help),
            None => self.fault("RULE-TYPE", &right.range, message, expected),
        }
    }

    pub(in crate::sql) fn to_decimal(&self, value: Typed) -> Typed {
        match (value.kind, value.number()) {
            (Type::Decimal { .. }, _) => value,
            (_, Some((mantissa, scale))) => {
                let kind = number_type(mantissa, scale);
                self.convert(value, kind)
            }
            _ => {
                let kind = Type::Decimal { digits: INTEGER_ARITHMETIC_DIGITS, scale: 0 };
                Typed { nullable: true, ..self.convert(value, kind) }
            }
        }
    }

    /// Converts a value to a type that can hold it.
    pub(in crate::sql) fn convert(&self, value: Typed, kind: Type) -> Typed {
        if value.kind == kind {
            return value;
        }
        if let Some(literal) = converted_literal(&value, kind) {
            return Typed { node: Node::Literal(literal), kind, ..value };
        }
        Typed {
            kind,
            nullable: value.nullable,
            dimension: value.dimension.clone(),
            codes: value.codes.clone(),
            range: value.range.clone(),
            node: Node::Cast(Box::new(value)),
        }
    }
}
