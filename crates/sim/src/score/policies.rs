//! Missed, wrongly found and wrongly paid, per policy.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

use engine::Snapshot;
use engine::arrow::array::{Array as _, AsArray as _};
use engine::arrow::datatypes::{Int8Type, Int64Type};
use serde::Serialize;
use vocab::Period;

use super::ScoreError;
use super::registry::People;
use super::truth::{self, Causes};

/// The score of one policy in one period; subjects are people, or households by their applicant.
#[derive(Debug, Clone, Default, Serialize)]
pub struct PolicyScore {
    /// The policy's id; `total` for all.
    pub id: String,
    /// Truly entitled.
    pub entitled: u64,
    /// Entitled and not found eligible ('ask' counts as missed).
    pub missed: u64,
    /// Found eligible and not entitled, a second finding of one person included.
    pub wrong: u64,
    /// Found, with another amount.
    pub wrong_amount: u64,
    /// Sum of the absolute differences of those amounts.
    pub wrong_amount_fen: u64,
    /// Entitled, and the decision was 'ask'.
    pub ask: u64,
    /// Missed even by the ceiling.
    pub ceiling_missed: u64,
    /// Wrongly found even by the ceiling.
    pub ceiling_wrong: u64,
    /// Missed beyond the ceiling, per 10,000 entitled.
    pub missed_per_10000: f64,
    /// Wrongly found beyond the ceiling, per 10,000 entitled.
    pub wrong_per_10000: f64,
    /// `missed:…`, `wrong:…` and `amount:…` with how often each cause occurs.
    pub causes: BTreeMap<String, u64>,
}

impl PolicyScore {
    /// The sum of several policies.
    pub(super) fn total(policies: &[Self]) -> Self {
        let mut total = Self { id: "total".to_owned(), ..Self::default() };
        for policy in policies {
            total.entitled += policy.entitled;
            total.missed += policy.missed;
            total.wrong += policy.wrong;
            total.wrong_amount += policy.wrong_amount;
            total.wrong_amount_fen += policy.wrong_amount_fen;
            total.ask += policy.ask;
            total.ceiling_missed += policy.ceiling_missed;
            total.ceiling_wrong += policy.ceiling_wrong;
            for (cause, count) in &policy.causes {
                *total.causes.entry(cause.clone()).or_default() += count;
            }
        }
        total.rates();
        total
    }

    fn rates(&mut self) {
        let per = |count: u64, ceiling: u64| {
            count.saturating_sub(ceiling) as f64 * 10_000.0 / self.entitled.max(1) as f64
        };
        self.missed_per_10000 = per(self.missed, self.ceiling_missed);
        self.wrong_per_10000 = per(self.wrong, self.ceiling_wrong);
    }
}

/// What the main job decided about one true subject.
#[derive(Default)]
struct Found {
    eligible: Vec<i64>,
    ask: bool,
}

pub(super) async fn score(
    snapshot: &Snapshot,
    truth: &Path,
    period: Period,
    people: &People,
) -> Result<Vec<PolicyScore>, ScoreError> {
    let entitled = truth::entitlements(truth, "entitlements", period)?;
    let ceiling = truth::entitlements(truth, "ceiling", period)?;
    let causes = truth::causes(truth, period)?;
    let mut found = decisions(snapshot, period, people).await?;
    let families = wrong_families(snapshot, people).await?;
    let of_families = policies_of(snapshot, "household", period).await?;
    let ids: Vec<String> = found
        .keys()
        .chain(entitled.keys())
        .cloned()
        .collect::<std::collections::BTreeSet<_>>()
        .into_iter()
        .collect();
    let none = HashMap::new();
    Ok(ids
        .into_iter()
        .map(|id| {
            one(
                entitled.get(&id).unwrap_or(&none),
                ceiling.get(&id).unwrap_or(&none),
                &found.remove(&id).unwrap_or_default(),
                &causes,
                |subject| {
                    people.wrongly_linked.contains(&subject)
                        || (of_families.contains(&id) && families.contains(&subject))
                },
                id.clone(),
            )
        })
        .collect())
}

fn one(
    entitled: &HashMap<u64, i64>,
    ceiling: &HashMap<u64, i64>,
    found: &HashMap<u64, Found>,
    causes: &Causes,
    wrongly_linked: impl Fn(u64) -> bool,
    id: String,
) -> PolicyScore {
    let mut score = PolicyScore { entitled: entitled.len() as u64, ..PolicyScore::default() };
    let mut because = |kind: &str, subject: u64, ceiling_too: bool, ask: bool| {
        let cause = if ceiling_too {
            causes
                .get(&(id.clone(), subject, kind.to_owned()))
                .map_or("known_facts", String::as_str)
        } else if wrongly_linked(subject) {
            "wrong_link"
        } else if ask {
            "missing_fact"
        } else {
            "other"
        };
        *score.causes.entry(format!("{kind}:{cause}")).or_default() += 1;
    };
    let (mut missed, mut wrong, mut wrong_amount, mut wrong_amount_fen, mut asked) =
        (0, 0, 0, 0, 0);
    for (subject, amount) in entitled {
        let decided = found.get(subject);
        match decided.and_then(|decided| decided.eligible.first()) {
            None => {
                let ask = decided.is_some_and(|decided| decided.ask);
                missed += 1;
                asked += u64::from(ask);
                because("missed", *subject, !ceiling.contains_key(subject), ask);
            }
            Some(given) if given != amount => {
                wrong_amount += 1;
                wrong_amount_fen += given.abs_diff(*amount);
                because("amount", *subject, ceiling.get(subject) != Some(amount), false);
            }
            Some(_) => {}
        }
    }
    for (subject, decided) in found {
        let allowed = usize::from(entitled.contains_key(subject));
        for _ in allowed..decided.eligible.len() {
            wrong += 1;
            because("wrong", *subject, ceiling.contains_key(subject) && allowed == 0, false);
        }
    }
    let known: HashSet<&u64> = entitled.keys().collect();
    score.missed = missed;
    score.wrong = wrong;
    score.wrong_amount = wrong_amount;
    score.wrong_amount_fen = wrong_amount_fen;
    score.ask = asked;
    score.ceiling_missed =
        entitled.keys().filter(|subject| !ceiling.contains_key(subject)).count() as u64;
    score.ceiling_wrong = ceiling.keys().filter(|subject| !known.contains(subject)).count() as u64;
    score.id = id;
    score.rates();
    score
}

/// The true heads of families of which some member's records were linked wrongly.
async fn wrong_families(snapshot: &Snapshot, people: &People) -> Result<HashSet<u64>, ScoreError> {
    let mut families = HashSet::new();
    if !snapshot.has("households") || !snapshot.has("members") {
        return Ok(families);
    }
    let sql = "SELECT h.head_person, m.person_id FROM households h \
               JOIN members m ON m.household_id = h.household_id";
    for batch in snapshot.query(&["households", "members"], sql).await? {
        let (head, member) =
            (batch.column(0).as_string::<i32>(), batch.column(1).as_string::<i32>());
        for at in 0..batch.num_rows() {
            let wrong = |id: &str| {
                people.true_of.get(id).is_none_or(|person| people.wrongly_linked.contains(person))
            };
            if head.is_valid(at) && wrong(member.value(at)) {
                families.extend(people.true_of.get(head.value(at)));
            }
        }
    }
    Ok(families)
}

/// The policies that were decided for persons or for households.
async fn policies_of(
    snapshot: &Snapshot,
    unit: &str,
    period: Period,
) -> Result<HashSet<String>, ScoreError> {
    let table = format!("decisions_{unit}_{}", period.to_string().replace('-', "_"));
    if !snapshot.has(&table) {
        return Ok(HashSet::new());
    }
    let batches = snapshot.query(&[&table], &format!("SELECT * FROM {table} LIMIT 1")).await?;
    let schemas = batches.iter().map(|batch| batch.schema());
    Ok(schemas
        .flat_map(|schema| {
            let names = schema.fields().iter().filter_map(|field| {
                Some(field.name().strip_suffix("__outcome")?.replace('_', "-"))
            });
            names.collect::<Vec<_>>()
        })
        .collect())
}

/// All decisions of a period, by policy and true subject.
async fn decisions(
    snapshot: &Snapshot,
    period: Period,
    people: &People,
) -> Result<BTreeMap<String, HashMap<u64, Found>>, ScoreError> {
    let month = period.to_string().replace('-', "_");
    let mut all: BTreeMap<String, HashMap<u64, Found>> = BTreeMap::new();
    let mut any = false;
    for entity in ["person", "household"] {
        let table = format!("decisions_{entity}_{month}");
        if !snapshot.has(&table) {
            continue;
        }
        any = true;
        let sql = if entity == "person" {
            format!("SELECT d.subject_id AS true_key, d.* FROM {table} d")
        } else {
            format!(
                "SELECT h.head_person AS true_key, d.* FROM {table} d \
                 JOIN households h ON h.household_id = d.subject_id"
            )
        };
        if entity == "household" {
            snapshot.register("households").await?;
        }
        for batch in snapshot.query(&[&table], &sql).await? {
            let key = batch.column(0).as_string::<i32>();
            for field in batch.schema().fields() {
                let Some(column) = field.name().strip_suffix("__outcome") else { continue };
                let policy = column.replace('_', "-");
                let slot = all.entry(policy).or_default();
                let outcome = batch
                    .column_by_name(field.name())
                    .and_then(|array| array.as_primitive_opt::<Int8Type>().cloned());
                let amount = batch
                    .column_by_name(&format!("{column}__amount"))
                    .and_then(|array| array.as_primitive_opt::<Int64Type>().cloned());
                let (Some(outcome), Some(amount)) = (outcome, amount) else { continue };
                for at in 0..batch.num_rows() {
                    if outcome.is_null(at) || outcome.value(at) == 0 {
                        continue;
                    }
                    // A person without any record in the truth can't be: records come from it.
                    let Some(subject) = people.true_of.get(key.value(at)) else { continue };
                    let decided = slot.entry(*subject).or_default();
                    if outcome.value(at) == 1 {
                        decided.eligible.push(if amount.is_null(at) {
                            0
                        } else {
                            amount.value(at)
                        });
                    } else {
                        decided.ask = true;
                    }
                }
            }
        }
    }
    if any { Ok(all) } else { Err(ScoreError::NotDecided { period }) }
}
