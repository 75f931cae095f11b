//! Whether a policy is paid in a period at all.

use std::collections::BTreeMap;

use engine::datafusion::prelude::SessionContext;
use engine::datafusion::scalar::ScalarValue;
use jiff::civil::Date;
use pack::{ConditionDay, ParameterKind, Policy, Text};

use crate::PolicyError;
use crate::book::{CompiledPolicy, RuleBook};
use crate::facts::Moment;
use crate::period_values::{PeriodValues, evaluate};
use crate::sql::{Lowering, lower};

/// For each policy that is not applicable in the period, why; the others are not in it.
pub(crate) type NotApplicable = BTreeMap<String, Text>;

/// The day that a policy's conditions look at.
pub(crate) fn day_of(policy: &Policy, moment: Moment) -> Date {
    match policy.day {
        ConditionDay::PeriodStart => moment.period.first_day(),
        ConditionDay::PeriodEnd => moment.period.last_day(),
    }
}

/// Finds the policies that are not applicable.
pub(crate) async fn not_applicable(
    book: &RuleBook,
    context: &SessionContext,
    moment: Moment,
    values: &PeriodValues,
) -> Result<NotApplicable, PolicyError> {
    let mut out = NotApplicable::new();
    for compiled in &book.policies {
        let reason = match by_calendar(compiled, moment) {
            Some(reason) => Some(reason),
            None => by_rule(compiled, context, moment, values).await?,
        };
        if let Some(reason) = reason {
            out.insert(compiled.policy.id.clone(), reason);
        }
    }
    Ok(out)
}

/// Months of the policy, and parameters that have no value on its day.
fn by_calendar(compiled: &CompiledPolicy, moment: Moment) -> Option<Text> {
    let policy = &compiled.policy;
    let this_month = u8::try_from(moment.period.month()).unwrap_or_default();
    if !policy.months.is_empty() && !policy.months.contains(&this_month) {
        let months: Vec<String> = policy.months.iter().map(ToString::to_string).collect();
        return Some(Text {
            zh: format!("只在{}月发放", months.join("、")),
            en: format!("paid in these months only: {}", months.join(", ")),
        });
    }
    let day = day_of(policy, moment);
    let missing: Vec<&pack::Parameter> = compiled
        .parameters_used()
        .into_iter()
        .filter_map(|name| policy.parameters.get(name))
        // A table may lack a key anyway, and a look-up is unknown then; so it is without a table.
        .filter(|parameter| parameter.kind != ParameterKind::Table && parameter.on(day).is_none())
        .collect();
    if missing.is_empty() {
        return None;
    }
    let names = |language: &str| {
        missing.iter().map(|parameter| parameter.name.get(language)).collect::<Vec<_>>()
    };
    Some(Text {
        zh: format!("{day}没有有效的标准：{}", names("zh").join("、")),
        en: format!("no value in force on {day}: {}", names("en").join(", ")),
    })
}

/// The policy's own rule over the period.
async fn by_rule(
    compiled: &CompiledPolicy,
    context: &SessionContext,
    moment: Moment,
    values: &PeriodValues,
) -> Result<Option<Text>, PolicyError> {
    let Some(tree) = &compiled.applies_when else { return Ok(None) };
    let column = |name: &str| values.column(name, moment);
    let to = Lowering {
        parameters: &compiled.policy.parameters,
        day: day_of(&compiled.policy, moment),
        column: &column,
    };
    let text = compiled.policy.applies_when.as_ref().map_or("", |text| text.value.as_str());
    Ok(match evaluate(context, lower(tree, &to)).await? {
        ScalarValue::Boolean(Some(true)) => None,
        ScalarValue::Boolean(Some(false)) => Some(Text {
            zh: format!("本期未达到触发条件：{text}"),
            en: format!("its trigger does not hold in the period: {text}"),
        }),
        _ => Some(Text {
            zh: format!("本期触发条件所需的数据还没有：{text}"),
            en: format!("what its trigger needs is not known for the period: {text}"),
        }),
    })
}
