//! Every policy has cases on both sides: one that is eligible, one that fails each condition, one
//! under each dated value.

use crate::fault::Fault;
use crate::load::day_of;
use crate::model::{Outcome, Pack, ParameterKind, Policy, PolicyTest};
use crate::read::Sink;

pub(super) fn check(pack: &Pack, sink: &Sink) {
    for policy in &pack.policies {
        let cases: Vec<&PolicyTest> =
            pack.tests.iter().filter(|test| test.policy == policy.id).collect();
        let file = format!("policies/tests/{}.yaml", policy.id);
        let own = format!("policies/{}.yaml", policy.id);
        // A value or a case that can't be read is missing here, and would be complained about twice.
        if ["parameters.yaml", own.as_str(), file.as_str()]
            .into_iter()
            .any(|file| sink.has_fault_in(file))
        {
            continue;
        }
        if cases.is_empty() {
            // A file whose cases can't be read has its own faults.
            if pack.sources.get(&file).is_none() {
                sink.push(
                    Fault::new("PACK-TEST-MISSING", &policy.span, "the policy has no cases")
                        .expected(format!("a file {file}")),
                );
            }
            continue;
        }
        check_conditions(policy, &cases, &file, sink);
        if cases.iter().any(|case| case.expect.outcome == Outcome::Eligible) {
            check_values(policy, &cases, &file, sink);
        } else {
            sink.push(
                Fault::new("PACK-TEST-ELIGIBLE", &policy.span, "no case of the policy is eligible")
                    .expected(format!("a case with `outcome: eligible` in {file}")),
            );
        }
    }
}

fn check_conditions(policy: &Policy, cases: &[&PolicyTest], file: &str, sink: &Sink) {
    for condition in &policy.conditions {
        if !cases.iter().any(|case| case.expect.failed.contains(&condition.id)) {
            sink.push(
                Fault::new(
                    "PACK-TEST-CONDITION",
                    &condition.span,
                    format!("no case fails the condition `{}`", condition.id),
                )
                .expected(format!("a case with `failed: [{}]` in {file}", condition.id)),
            );
        }
    }
}

/// A date of change is a boundary too: each value must decide at least one case.
fn check_values(policy: &Policy, cases: &[&PolicyTest], file: &str, sink: &Sink) {
    for (name, parameter) in &policy.parameters {
        if parameter.kind == ParameterKind::Dates {
            continue;
        }
        for value in &parameter.values {
            let tried = cases.iter().any(|case| {
                case.expect.outcome == Outcome::Eligible
                    && parameter.on(day_of(policy, case.period)) == Some(value)
            });
            if !tried {
                sink.push(
                    Fault::new(
                        "PACK-TEST-VALUE",
                        &value.span,
                        format!("no case of {} is decided under this value of `{name}`", policy.id),
                    )
                    .expected(format!("an eligible case of this time in {file}")),
                );
            }
        }
    }
}
