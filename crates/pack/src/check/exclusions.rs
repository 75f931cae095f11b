//! Policies that can't be held together: which of the two gives way must be clear.
//!
//! An exclusion stands in the policy that gives way. It is enforced by a condition that it names, or
//! else by the decision on the other policy; the latter needs the other decision first, for the same
//! kind of subject, so that it may neither cross units nor go round in a circle.

use std::collections::BTreeSet;

use crate::fault::Fault;
use crate::model::{Exclusion, Pack, Policy};
use crate::read::Sink;

pub(super) fn check(pack: &Pack, sink: &Sink) {
    for policy in &pack.policies {
        for exclusion in &policy.excludes {
            if let Some(fault) = fault(pack, policy, exclusion) {
                sink.push(fault);
            }
        }
    }
}

fn fault(pack: &Pack, policy: &Policy, exclusion: &Exclusion) -> Option<Fault> {
    let fault = |message: String| Fault::new("PACK-EXCLUDES", &exclusion.span, message);
    if exclusion.policy == policy.id {
        return Some(
            fault("a policy can't give way to itself".to_owned()).expected("another policy"),
        );
    }
    let other = pack.policy(&exclusion.policy)?;
    if exclusion.condition.is_some() {
        return None;
    }
    if policy.unit != other.unit {
        return Some(
            fault(format!("{} is decided for another kind of subject", other.id))
                .expected("`condition: …`, the condition of this policy that refuses")
                .also(&other.span, "the other policy"),
        );
    }
    let circle = waits_for(pack, &other.id, &mut BTreeSet::new(), &policy.id);
    circle.then(|| {
        fault(format!(
            "{} and {} give way to each other: nobody would get either",
            policy.id, other.id
        ))
        .expected("`condition: …` on one of the two, or remove one")
        .also(&other.span, "the other policy")
    })
}

/// Whether the decision on `from` needs the decision on `wanted` first.
fn waits_for<'p>(
    pack: &'p Pack,
    from: &'p str,
    seen: &mut BTreeSet<&'p str>,
    wanted: &str,
) -> bool {
    if from == wanted {
        return true;
    }
    if !seen.insert(from) {
        return false;
    }
    pack.policy(from).is_some_and(|policy| {
        policy
            .excludes
            .iter()
            .filter(|exclusion| exclusion.condition.is_none())
            .any(|exclusion| waits_for(pack, &exclusion.policy, seen, wanted))
    })
}
