//! Why the golden record shows one value and not another, in words.
//!
//! The registry compares values by the pack's survivorship rules, each rule breaking the ties of the
//! one before it. Here the same rules say which of them decided between a value and the chosen one.

use std::cmp::Ordering;

use pack::{Survivorship, SurvivorshipRule};
use registry::Competing;

use crate::text::Text;

/// A value with its place and the reason for it.
pub(crate) struct Placed<'a> {
    pub(crate) value: &'a Competing,
    pub(crate) why: Text,
}

/// The rules of an attribute; as the registry does, authority and recency when the pack names none.
pub(crate) fn rules_of<'a>(
    survivorship: &'a Survivorship,
    attribute: &str,
) -> &'a [SurvivorshipRule] {
    const DEFAULT: [SurvivorshipRule; 2] = [SurvivorshipRule::Authority, SurvivorshipRule::Recency];
    survivorship.attributes.get(attribute).map_or(&DEFAULT, Vec::as_slice)
}

/// Puts values in order, the chosen one first, and says of each why it stands there.
///
/// `dataset_name` gives the name of a dataset.
pub(crate) fn place<'a>(
    values: &'a [Competing],
    rules: &[SurvivorshipRule],
    dataset_name: &dyn Fn(&str) -> Text,
) -> Vec<Placed<'a>> {
    let mut order: Vec<&Competing> = values.iter().collect();
    order.sort_by(|left, right| {
        right
            .chosen
            .cmp(&left.chosen)
            .then_with(|| (right.authority > 0).cmp(&(left.authority > 0)))
            .then_with(|| compare(right, left, rules).map_or(Ordering::Equal, |(_, order)| order))
            .then_with(|| left.record_id.cmp(&right.record_id))
    });
    let chosen = order.first().copied().filter(|value| value.chosen);
    let runner_up = order.get(1).copied();
    order
        .into_iter()
        .map(|value| {
            let why = match chosen {
                Some(chosen) if value.chosen => won(chosen, runner_up, values, rules, dataset_name),
                Some(chosen) => lost(value, chosen, rules, dataset_name),
                None => none_chosen(value),
            };
            Placed { value, why }
        })
        .collect()
}

/// The first rule that tells two values apart, and which of them it prefers.
fn compare(
    left: &Competing,
    right: &Competing,
    rules: &[SurvivorshipRule],
) -> Option<(SurvivorshipRule, Ordering)> {
    rules.iter().find_map(|rule| {
        let order = match rule {
            // Not to be seen in a masked value; see `lost`.
            SurvivorshipRule::Valid | SurvivorshipRule::Agreement => Ordering::Equal,
            SurvivorshipRule::Certain => left.certain.cmp(&right.certain),
            SurvivorshipRule::Authority => left.authority.cmp(&right.authority),
            SurvivorshipRule::Recency => left.as_of.cmp(&right.as_of),
        };
        (order != Ordering::Equal).then_some((*rule, order))
    })
}

fn won(
    chosen: &Competing,
    runner_up: Option<&Competing>,
    values: &[Competing],
    rules: &[SurvivorshipRule],
    dataset_name: &dyn Fn(&str) -> Text,
) -> Text {
    let Some(runner_up) = runner_up else {
        return Text::new("只有这一条记录给出此项", "the only record that gives it");
    };
    if values.iter().all(|value| value.value == chosen.value) {
        let count = values.len();
        return Text::new(format!("{count} 条记录一致"), format!("all {count} records agree"));
    }
    if runner_up.authority == 0 {
        return Text::new(
            "其他来源对此项没有权威，不参与取值",
            "the other sources have no authority for it and do not count",
        );
    }
    let other = dataset_name(&runner_up.dataset);
    match compare(chosen, runner_up, rules) {
        Some((SurvivorshipRule::Certain, Ordering::Greater)) => Text::new(
            format!("身份确定；次选“{}”的记录身份不确定", other.zh),
            format!("its identity is certain; that of the next best, {}, is not", other.en),
        ),
        Some((SurvivorshipRule::Authority, Ordering::Greater)) => Text::new(
            format!(
                "来源权威更高（{}，次选“{}”为 {}）",
                chosen.authority, other.zh, runner_up.authority
            ),
            format!(
                "its source has more authority ({} against {} of the next best, {})",
                chosen.authority, runner_up.authority, other.en
            ),
        ),
        Some((SurvivorshipRule::Recency, Ordering::Greater)) => Text::new(
            format!("更新（{}，次选“{}”为 {}）", chosen.as_of, other.zh, runner_up.as_of),
            format!(
                "it is more recent ({} against {} of the next best, {})",
                chosen.as_of, runner_up.as_of, other.en
            ),
        ),
        Some((_, Ordering::Less)) => Text::new(
            format!("次选“{}”的值未通过校验，不参与取值", other.zh),
            format!("the value of {} fails its check and does not count", other.en),
        ),
        _ => Text::new(
            "与次选各方面相同，取记录编号较小者",
            "equal to the next best in everything; the smaller record number decides",
        ),
    }
}

fn lost(
    value: &Competing,
    chosen: &Competing,
    rules: &[SurvivorshipRule],
    dataset_name: &dyn Fn(&str) -> Text,
) -> Text {
    if value.authority == 0 {
        return Text::new(
            "此来源对此项没有权威，不参与取值",
            "this source has no authority for it and does not count",
        );
    }
    let by = dataset_name(&chosen.dataset);
    let reason = match compare(value, chosen, rules) {
        Some((SurvivorshipRule::Certain, Ordering::Less)) => Text::new(
            format!("记录的身份不确定；“{}”的确定", by.zh),
            format!("the record's identity is not certain; that of {} is", by.en),
        ),
        Some((SurvivorshipRule::Authority, Ordering::Less)) => Text::new(
            format!("来源权威较低（{}，“{}”为 {}）", value.authority, by.zh, chosen.authority),
            format!(
                "its source has less authority ({} against {} of {})",
                value.authority, chosen.authority, by.en
            ),
        ),
        Some((SurvivorshipRule::Recency, Ordering::Less)) => Text::new(
            format!("较旧（{}，“{}”为 {}）", value.as_of, by.zh, chosen.as_of),
            format!("it is older ({} against {} of {})", value.as_of, chosen.as_of, by.en),
        ),
        // It would have won by the rules, so it was not offered.
        Some((_, Ordering::Greater)) => {
            Text::new("未通过校验，不参与取值", "it fails its check and does not count")
        }
        _ => Text::new(
            "与所取值各方面相同，记录编号较大",
            "equal to the chosen one in everything; its record number is larger",
        ),
    };
    if value.value == chosen.value {
        return Text::new(
            format!("与所取值一致；{}", reason.zh),
            format!("the same value; {}", reason.en),
        );
    }
    reason
}

fn none_chosen(value: &Competing) -> Text {
    if value.authority == 0 {
        Text::new(
            "此来源对此项没有权威，不参与取值",
            "this source has no authority for it and does not count",
        )
    } else {
        Text::new("未通过校验，不参与取值", "it fails its check and does not count")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn value(text: &str, dataset: &str, authority: u8, month: i8, certain: bool) -> Competing {
        Competing {
            value: text.to_owned(),
            record_id: format!("{dataset}-{month}"),
            dataset: dataset.to_owned(),
            as_of: date(2024, month, 28),
            authority,
            certain,
            chosen: false,
        }
    }

    fn chosen(mut value: Competing) -> Competing {
        value.chosen = true;
        value
    }

    #[track_caller]
    fn check(values: &[Competing], expected: &[&str]) {
        const RULES: [SurvivorshipRule; 4] = [
            SurvivorshipRule::Valid,
            SurvivorshipRule::Certain,
            SurvivorshipRule::Authority,
            SurvivorshipRule::Recency,
        ];
        let placed = place(values, &RULES, &|dataset| Text::both(dataset));
        let whys: Vec<&str> = placed.iter().map(|placed| placed.why.en.as_str()).collect();
        assert_eq!(whys, expected);
        assert!(placed.iter().all(|placed| !placed.why.zh.is_empty()));
    }

    #[test]
    fn one_value_alone_needs_no_reason_but_that() {
        check(&[chosen(value("a", "tax", 10, 1, true))], &["the only record that gives it"]);
    }

    #[test]
    fn authority_decides_before_recency() {
        check(
            &[value("b", "tax", 20, 6, true), chosen(value("a", "register", 90, 1, true))],
            &[
                "its source has more authority (90 against 20 of the next best, tax)",
                "its source has less authority (20 against 90 of register)",
            ],
        );
    }

    #[test]
    fn recency_decides_between_equal_authorities() {
        check(
            &[chosen(value("b", "tax", 20, 6, true)), value("a", "tax", 20, 1, true)],
            &[
                "it is more recent (2024-06-28 against 2024-01-28 of the next best, tax)",
                "it is older (2024-01-28 against 2024-06-28 of tax)",
            ],
        );
    }

    #[test]
    fn a_certain_identity_decides_first() {
        check(
            &[chosen(value("a", "tax", 20, 1, true)), value("b", "register", 90, 6, false)],
            &[
                "its identity is certain; that of the next best, register, is not",
                "the record's identity is not certain; that of tax is",
            ],
        );
    }

    #[test]
    fn a_better_value_that_was_not_chosen_must_have_failed_its_check() {
        check(
            &[chosen(value("a", "tax", 20, 1, true)), value("b", "register", 90, 6, true)],
            &[
                "the value of register fails its check and does not count",
                "it fails its check and does not count",
            ],
        );
    }

    #[test]
    fn sources_without_authority_come_last_and_records_that_agree_say_so() {
        check(
            &[
                value("b", "roll", 0, 6, true),
                chosen(value("a", "register", 90, 1, true)),
                value("a", "tax", 20, 1, true),
            ],
            &[
                "its source has more authority (90 against 20 of the next best, tax)",
                "the same value; its source has less authority (20 against 90 of register)",
                "this source has no authority for it and does not count",
            ],
        );
        check(
            &[chosen(value("a", "register", 90, 1, true)), value("a", "tax", 20, 1, true)],
            &[
                "all 2 records agree",
                "the same value; its source has less authority (20 against 90 of register)",
            ],
        );
    }
}
