//! Policies that give way to others: in which order they are decided.

use std::collections::BTreeSet;

use pack::Fault;

use crate::book::CompiledPolicy;

/// Indexes of the policies in rounds: each policy is in a later round than those it gives way to.
///
/// # Errors
///
/// A fault when policies wait for each other, or for one that is not decided with them.
pub(crate) fn order(policies: &[CompiledPolicy]) -> Result<Vec<Vec<usize>>, Box<Fault>> {
    for policy in policies {
        for other in &policy.gives_way_to {
            let fits = policies.iter().any(|candidate| {
                candidate.id() == other && candidate.policy.unit == policy.policy.unit
            });
            if !fits {
                let message = format!("`{}` can't wait for the decision on `{other}`", policy.id());
                return Err(Box::new(
                    Fault::new("RULE-EXCLUDES", &policy.policy.span, message)
                        .expected("a policy for the same kind of subject"),
                ));
            }
        }
    }
    let mut done: BTreeSet<&str> = BTreeSet::new();
    let mut rounds = Vec::new();
    while done.len() < policies.len() {
        let round: Vec<usize> = policies
            .iter()
            .enumerate()
            .filter(|(_, policy)| {
                !done.contains(policy.id())
                    && policy.gives_way_to.iter().all(|other| done.contains(other.as_str()))
            })
            .map(|(at, _)| at)
            .collect();
        if round.is_empty() {
            let waiting: Vec<&CompiledPolicy> =
                policies.iter().filter(|policy| !done.contains(policy.id())).collect();
            let names: Vec<&str> = waiting.iter().map(|policy| policy.id()).collect();
            let Some(first) = waiting.first() else { break };
            return Err(Box::new(
                Fault::new("RULE-EXCLUDES", &first.policy.span, "policies give way to each other")
                    .expected("an order in which they can be decided")
                    .help(names.join(", ")),
            ));
        }
        done.extend(round.iter().filter_map(|at| policies.get(*at)).map(CompiledPolicy::id));
        rounds.push(round);
    }
    Ok(rounds)
}
