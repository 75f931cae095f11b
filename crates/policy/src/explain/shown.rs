//! Values as JSON and in words.

use engine::datafusion::scalar::ScalarValue;
use pack::Text;
use serde_json::Value;

use crate::delivered::date_of;
use crate::rules::{SourceRule, VariableRule};

/// A value as JSON: decimals and dates as text, so that nothing is rounded on the way.
pub(super) fn json(value: &ScalarValue) -> Value {
    match value {
        ScalarValue::Boolean(Some(truth)) => Value::Bool(*truth),
        ScalarValue::Int64(Some(number)) => Value::from(*number),
        ScalarValue::Utf8(Some(text)) => Value::from(text.as_str()),
        _ => plain(value).map_or(Value::Null, Value::from),
    }
}

/// A value in words.
pub(super) fn words(value: &ScalarValue, rule: &VariableRule) -> Text {
    let same = |text: String| Text { zh: text.clone(), en: text };
    match value {
        ScalarValue::Boolean(Some(true)) => Text { zh: "是".to_owned(), en: "yes".to_owned() },
        ScalarValue::Boolean(Some(false)) => Text { zh: "否".to_owned(), en: "no".to_owned() },
        _ => match plain(value) {
            Some(text) if rule.kind == "money" => {
                Text { zh: format!("{text} 元"), en: format!("{text} yuan") }
            }
            Some(text) => match unit(rule.unit.as_deref().unwrap_or_default()) {
                Some((zh, en)) => Text { zh: format!("{text} {zh}"), en: format!("{text} {en}") },
                None => same(text),
            },
            None if rule.source == SourceRule::Golden => {
                Text { zh: "没有记录".to_owned(), en: "not recorded".to_owned() }
            }
            None => Text { zh: "未知".to_owned(), en: "unknown".to_owned() },
        },
    }
}

fn unit(unit: &str) -> Option<(&str, &str)> {
    match unit.split('/').next().unwrap_or_default() {
        "" | "1" | "none" | "count" => None,
        "years" => Some(("周岁", "years")),
        "months" => Some(("个月", "months")),
        "days" => Some(("天", "days")),
        "persons" => Some(("人", "persons")),
        "vehicles" => Some(("辆", "vehicles")),
        "homes" => Some(("套", "homes")),
        "percent" => Some(("%", "%")),
        other => Some((other, other)),
    }
}

/// A known value as text; none when it is unknown.
fn plain(value: &ScalarValue) -> Option<String> {
    match value {
        ScalarValue::Boolean(truth) => truth.map(|truth| truth.to_string()),
        ScalarValue::Int64(number) => number.map(|number| number.to_string()),
        ScalarValue::Utf8(text) => text.clone(),
        ScalarValue::Date32(days) => days.and_then(date_of).map(|date| date.to_string()),
        ScalarValue::Decimal128(number, _, scale) => {
            number.map(|number| decimal(number, usize::try_from(*scale).unwrap_or_default()))
        }
        _ => None,
    }
}

fn decimal(number: i128, scale: usize) -> String {
    let sign = if number < 0 { "-" } else { "" };
    let digits = format!("{:0>width$}", number.unsigned_abs(), width = scale + 1);
    let (whole, decimals) = digits.split_at(digits.len() - scale);
    // Money keeps its two decimals; what is finer loses trailing zeros.
    let shortest = decimals.trim_end_matches('0').len().max(scale.min(2));
    match decimals.get(..shortest) {
        Some(decimals) if !decimals.is_empty() => format!("{sign}{whole}.{decimals}"),
        _ => format!("{sign}{whole}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_written_exactly() {
        assert_eq!(decimal(128_200, 2), "1282.00");
        assert_eq!(decimal(-5, 2), "-0.05");
        assert_eq!(decimal(36_000, 4), "3.60");
        assert_eq!(decimal(36_250, 4), "3.625");
        assert_eq!(decimal(7, 0), "7");
    }
}
