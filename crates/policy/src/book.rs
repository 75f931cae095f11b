//! The rule book: a pack's variables and policies, checked and ready to be put into a period.

use std::collections::{BTreeMap, BTreeSet};

use pack::{
    Aggregate, Aggregation, CodeList, Definition, Entity, Fault, Faults, GOLDEN_COLUMNS, Mode,
    Pack, Policy, Spanned, Text, Unit, Variable, VariableAbsence, VariableSource, VariableType,
};

use crate::functions::CONDITIONS_MAX;
use crate::sql::{self, Expected, Scope, Typed};
use crate::{exclusion, scopes};

/// A pack's rules, type-checked.
///
/// Made by [`compile`]. It knows nothing of a period yet; dated parameters get their values when
/// somebody decides, explains or tests.
#[derive(Debug, Clone)]
pub struct RuleBook {
    pub(crate) pack_hash: String,
    /// In an order in which every variable comes after those that it uses.
    pub(crate) variables: Vec<CompiledVariable>,
    /// In the order of the pack.
    pub(crate) policies: Vec<CompiledPolicy>,
    /// What has to be known of the datasets that variables aggregate.
    pub(crate) datasets: BTreeMap<String, DatasetInfo>,
}

/// What has to be known of a dataset.
#[derive(Debug, Clone)]
pub(crate) struct DatasetInfo {
    pub(crate) name: Text,
    pub(crate) department: Text,
    pub(crate) mode: Mode,
    pub(crate) freshness_days: Option<u32>,
    /// Its fields. In rules over its rows they go before the built-in names: a month of prices is
    /// the field `month`, not the month of the period.
    pub(crate) fields: BTreeSet<String>,
}

/// A checked variable.
#[derive(Debug, Clone)]
pub(crate) struct CompiledVariable {
    pub(crate) variable: Variable,
    pub(crate) formula: Formula,
    /// The names that it is computed from directly.
    pub(crate) inputs: BTreeSet<String>,
    /// Variables over rows whose uncertain links must not do harm through this one; itself, if it is
    /// one of them.
    pub(crate) harmful: BTreeSet<String>,
    /// Those of them that decide whether a member of a household counts at all.
    pub(crate) leaves_out: BTreeSet<String>,
}

impl CompiledVariable {
    /// Whether a row that is linked without certainty could do harm through it.
    pub(crate) fn is_harmful_by_rows(&self) -> bool {
        self.variable.harm && self.formula.dataset().is_some()
    }
}

/// How a variable is computed.
#[derive(Debug, Clone)]
pub(crate) enum Formula {
    Sql(Typed),
    Aggregate(Box<CompiledAggregation>),
}

impl Formula {
    /// The dataset whose rows it aggregates, if it does.
    pub(crate) fn dataset(&self) -> Option<&str> {
        match self {
            Self::Aggregate(aggregation) => match &aggregation.from {
                VariableSource::Dataset(dataset) => Some(dataset),
                _ => None,
            },
            Self::Sql(_) => None,
        }
    }
}

/// A checked aggregation.
#[derive(Debug, Clone)]
pub(crate) struct CompiledAggregation {
    pub(crate) from: VariableSource,
    pub(crate) role: String,
    pub(crate) filter: Option<Typed>,
    pub(crate) aggregate: Aggregate,
    pub(crate) value: Option<Typed>,
    pub(crate) order: Option<Typed>,
    pub(crate) absence: VariableAbsence,
}

/// A checked policy.
#[derive(Debug, Clone)]
pub(crate) struct CompiledPolicy {
    pub(crate) policy: Policy,
    pub(crate) applies_when: Option<Typed>,
    /// As in the policy, same order.
    pub(crate) conditions: Vec<CompiledCondition>,
    /// The policies whose decision this one waits for and gives way to.
    pub(crate) gives_way_to: Vec<String>,
    pub(crate) amount: Typed,
    /// Variables over rows whose uncertain links must not leave anybody out of the amount.
    pub(crate) amount_harmful: BTreeSet<String>,
    pub(crate) enrolled_when: Option<Typed>,
}

/// A checked condition.
#[derive(Debug, Clone)]
pub(crate) struct CompiledCondition {
    pub(crate) when: Typed,
    /// Variables over rows whose uncertain links must not make it false.
    pub(crate) harmful: BTreeSet<String>,
}

impl CompiledPolicy {
    pub(crate) fn id(&self) -> &str {
        &self.policy.id
    }

    /// Prefix of its columns.
    pub(crate) fn column(&self) -> String {
        column_prefix(&self.policy.id)
    }

    /// The ids of its reasons, bit by bit: conditions, exclusions, and the amount.
    pub(crate) fn reasons(&self) -> Vec<String> {
        let conditions = self.policy.conditions.iter().map(|condition| condition.id.clone());
        let exclusions = self.gives_way_to.iter().map(|other| format!("excluded_by:{other}"));
        conditions.chain(exclusions).chain(std::iter::once(AMOUNT.to_owned())).collect()
    }

    /// The parameters that it uses anywhere.
    pub(crate) fn parameters_used(&self) -> BTreeSet<&str> {
        self.trees().flat_map(Typed::parameters).collect()
    }

    fn trees(&self) -> impl Iterator<Item = &Typed> {
        self.conditions
            .iter()
            .map(|condition| &condition.when)
            .chain([&self.amount])
            .chain(&self.applies_when)
            .chain(&self.enrolled_when)
    }
}

/// The implicit last reason: nothing but the amount is unknown.
pub(crate) const AMOUNT: &str = "amount";

/// Prefix of a policy's columns: its id with `_` for `-`.
pub(crate) fn column_prefix(policy: &str) -> String {
    policy.replace('-', "_")
}

impl RuleBook {
    /// Hash of the pack that the rules are from.
    #[must_use]
    pub fn pack_hash(&self) -> &str {
        &self.pack_hash
    }

    /// Ids of the policies, in the order of the pack.
    pub fn policy_ids(&self) -> impl Iterator<Item = &str> {
        self.policies.iter().map(CompiledPolicy::id)
    }

    pub(crate) fn variable(&self, id: &str) -> Option<&CompiledVariable> {
        self.variables.iter().find(|compiled| compiled.variable.id == id)
    }

    pub(crate) fn policy(&self, id: &str) -> Option<&CompiledPolicy> {
        self.policies.iter().find(|compiled| compiled.policy.id == id)
    }

    pub(crate) fn variables_of(&self, entity: Entity) -> impl Iterator<Item = &CompiledVariable> {
        self.variables.iter().filter(move |compiled| compiled.variable.entity == entity)
    }

    pub(crate) fn policies_of(&self, unit: Unit) -> impl Iterator<Item = &CompiledPolicy> {
        self.policies.iter().filter(move |compiled| compiled.policy.unit == unit)
    }

    /// The datasets that variables of an entity aggregate, in alphabetical order.
    pub(crate) fn datasets_of(&self, entity: Entity) -> BTreeSet<&str> {
        self.variables_of(entity).filter_map(|compiled| compiled.formula.dataset()).collect()
    }
}

/// Checks all SQL of a pack's variables and policies.
///
/// Types, names, units, code lists, exactness of numbers, cycles; see the crate's documentation for
/// what rules may say.
///
/// # Errors
///
/// All faults, with their places in the pack and stable codes `RULE-…`.
pub fn compile(pack: &Pack) -> Result<RuleBook, Faults> {
    let mut faults = Vec::new();
    let variables = compile_variables(pack, &mut faults);
    let policies = pack
        .policies
        .iter()
        .filter_map(|policy| compile_policy(pack, policy, &variables, &mut faults))
        .collect::<Vec<_>>();
    if faults.is_empty()
        && let Err(fault) = exclusion::order(&policies)
    {
        faults.push(*fault);
    }
    let mut all = pack.faults();
    all.extend(faults);
    let datasets = dataset_infos(pack);
    all.into_result(RuleBook { pack_hash: pack.hash.clone(), variables, policies, datasets })
}

/// The datasets that some variable aggregates.
fn dataset_infos(pack: &Pack) -> BTreeMap<String, DatasetInfo> {
    pack.variables
        .iter()
        .filter_map(|variable| match &variable.definition {
            Definition::Aggregate(Aggregation {
                from: VariableSource::Dataset(dataset), ..
            }) => pack.datasets.get(dataset),
            _ => None,
        })
        .map(|contract| {
            let info = DatasetInfo {
                name: contract.name.clone(),
                department: contract.department.name.clone(),
                mode: contract.mode,
                freshness_days: contract.freshness_days,
                fields: contract.fields.iter().map(|field| field.id.clone()).collect(),
            };
            (contract.id.clone(), info)
        })
        .collect()
}

/// Takes the result of a check, or keeps its faults.
fn keep<T>(result: Result<T, Vec<Fault>>, faults: &mut Vec<Fault>) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(more) => {
            faults.extend(more);
            None
        }
    }
}

fn compile_variables(pack: &Pack, faults: &mut Vec<Fault>) -> Vec<CompiledVariable> {
    let (person, members) = (scopes::of_person(pack), scopes::of_members(pack));
    let (household, period) = (scopes::of_household(pack), scopes::of_period(pack));
    let mut compiled = Vec::new();
    for variable in &pack.variables {
        let formula = match &variable.definition {
            Definition::Sql(text) => {
                let scope = match variable.entity {
                    Entity::Person => &person,
                    Entity::Household => &household,
                    Entity::Period => &period,
                };
                let expected = Expected::Variable(variable.kind);
                keep(sql::check(text, scope, &pack.codes, expected), faults).map(Formula::Sql)
            }
            Definition::Aggregate(aggregation) => {
                compile_aggregation(pack, variable, aggregation, &members, faults)
                    .map(|checked| Formula::Aggregate(Box::new(checked)))
            }
        };
        if let Some(formula) = formula {
            let inputs = inputs(&formula);
            let variable = variable.clone();
            compiled.push(CompiledVariable {
                variable,
                formula,
                inputs,
                harmful: BTreeSet::new(),
                leaves_out: BTreeSet::new(),
            });
        }
    }
    let mut sorted = in_order(compiled, faults);
    mark_harm(&mut sorted);
    sorted
}

fn compile_aggregation(
    pack: &Pack,
    variable: &Variable,
    aggregation: &Aggregation,
    members: &Scope,
    faults: &mut Vec<Fault>,
) -> Option<CompiledAggregation> {
    let of_dataset;
    let scope = match &aggregation.from {
        VariableSource::Members => members,
        VariableSource::Dataset(dataset) => {
            // The pack's own check has named a dataset that does not exist.
            of_dataset = scopes::of_dataset(pack.datasets.get(dataset)?);
            &of_dataset
        }
    };
    let mut tree = |text: &Option<Spanned<String>>, expected| match text {
        None => Some(None),
        Some(text) => keep(sql::check(text, scope, &pack.codes, expected), faults).map(Some),
    };
    let filter = tree(&aggregation.filter, Expected::Condition);
    let value = tree(&aggregation.value, Expected::Variable(variable.kind));
    let order = tree(&aggregation.order, Expected::Sortable);
    let (filter, value, order) = (filter?, value?, order?);
    let unordered = matches!(aggregation.aggregate, Aggregate::Min | Aggregate::Max)
        && variable.kind == VariableType::Boolean;
    if unordered {
        faults.push(
            Fault::new("RULE-TYPE", &variable.span, "true and false have no order")
                .expected("`aggregate: any` with a `where`"),
        );
        return None;
    }
    Some(CompiledAggregation {
        from: aggregation.from.clone(),
        role: aggregation.role.clone(),
        filter,
        aggregate: aggregation.aggregate,
        value,
        order,
        absence: aggregation.absence,
    })
}

fn inputs(formula: &Formula) -> BTreeSet<String> {
    let trees: Vec<&Typed> = match formula {
        Formula::Sql(tree) => vec![tree],
        // The names in it are fields of the dataset.
        Formula::Aggregate(_) if formula.dataset().is_some() => return BTreeSet::new(),
        Formula::Aggregate(aggregation) => {
            [&aggregation.filter, &aggregation.value, &aggregation.order]
                .into_iter()
                .flatten()
                .collect()
        }
    };
    trees.into_iter().flat_map(Typed::columns).map(str::to_owned).collect()
}

/// Sorts variables so that each comes after those that it uses, keeping the file's order otherwise.
fn in_order(mut waiting: Vec<CompiledVariable>, faults: &mut Vec<Fault>) -> Vec<CompiledVariable> {
    let known: BTreeSet<String> =
        waiting.iter().map(|compiled| compiled.variable.id.clone()).collect();
    let mut done: BTreeSet<String> = BTreeSet::new();
    let mut sorted = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() {
        let ready = |compiled: &CompiledVariable| {
            compiled.inputs.iter().all(|input| !known.contains(input) || done.contains(input))
        };
        let Some(at) = waiting.iter().position(ready) else {
            faults.push(cycle(&waiting));
            break;
        };
        let compiled = waiting.remove(at);
        done.insert(compiled.variable.id.clone());
        sorted.push(compiled);
    }
    sorted
}

/// The fault for variables that wait for each other: follows one of them around the circle.
fn cycle(waiting: &[CompiledVariable]) -> Fault {
    let by_id: BTreeMap<&str, &CompiledVariable> =
        waiting.iter().map(|compiled| (compiled.variable.id.as_str(), compiled)).collect();
    let mut path: Vec<&str> = Vec::new();
    let mut next = waiting.first().map(|compiled| compiled.variable.id.as_str());
    while let Some(id) = next {
        if let Some(start) = path.iter().position(|seen| *seen == id) {
            path.drain(..start);
            path.push(id);
            break;
        }
        path.push(id);
        next = by_id
            .get(id)
            .and_then(|compiled| {
                compiled.inputs.iter().find(|input| by_id.contains_key(input.as_str()))
            })
            .map(String::as_str);
    }
    let first = path.first().and_then(|id| by_id.get(id)).or_else(|| by_id.values().next());
    let fault = |compiled: &&CompiledVariable| {
        Fault::new("RULE-CYCLE", &compiled.variable.span, "variables are computed from each other")
            .expected("a variable that does not come back to itself")
            .help(path.join(" → "))
    };
    // There is one: the caller found variables that wait.
    first.map_or_else(
        || Fault::new("RULE-CYCLE", &pack::Span::file_start("variables.yaml"), "a cycle"),
        fault,
    )
}

/// Hands the names of harmful variables on to everything that is computed from them.
fn mark_harm(variables: &mut [CompiledVariable]) {
    // By variable: those that harm through it, and those of them that leave members out.
    let mut known: BTreeMap<String, (BTreeSet<String>, BTreeSet<String>)> = BTreeMap::new();
    for compiled in variables {
        if compiled.is_harmful_by_rows() {
            compiled.harmful.insert(compiled.variable.id.clone());
        }
        for (harmful, leaves_out) in compiled.inputs.iter().filter_map(|input| known.get(input)) {
            compiled.harmful.extend(harmful.iter().cloned());
            compiled.leaves_out.extend(leaves_out.iter().cloned());
        }
        // The names in the filter over a dataset are its fields, not variables.
        if let Formula::Aggregate(aggregation) = &compiled.formula
            && compiled.formula.dataset().is_none()
        {
            let deciding = aggregation.filter.iter().flat_map(Typed::columns);
            for (harmful, _) in deciding.filter_map(|name| known.get(name)) {
                compiled.leaves_out.extend(harmful.iter().cloned());
            }
        }
        let marks = (compiled.harmful.clone(), compiled.leaves_out.clone());
        known.insert(compiled.variable.id.clone(), marks);
    }
}

fn compile_policy(
    pack: &Pack,
    policy: &Policy,
    variables: &[CompiledVariable],
    faults: &mut Vec<Fault>,
) -> Option<CompiledPolicy> {
    let scope = scopes::of_policy(pack, policy);
    let before = faults.len();
    let codes: &BTreeMap<String, CodeList> = &pack.codes;
    let applies_when = policy.applies_when.as_ref().map(|text| {
        let scope = scopes::of_policy_period(pack, policy);
        keep(sql::check(text, &scope, codes, Expected::Condition), faults)
    });
    let conditions: Vec<Option<CompiledCondition>> = policy
        .conditions
        .iter()
        .map(|condition| {
            let when =
                keep(sql::check(&condition.when, &scope, codes, Expected::Condition), faults)?;
            let harmful = gathered(&when, variables, |compiled| &compiled.harmful);
            Some(CompiledCondition { when, harmful })
        })
        .collect();
    let amount = keep(sql::check(&policy.amount, &scope, codes, Expected::Amount), faults);
    let enrolled_when = policy
        .enrolled_when
        .as_ref()
        .map(|text| keep(sql::check(text, &scope, codes, Expected::Condition), faults));
    let gives_way_to: Vec<String> = policy
        .excludes
        .iter()
        .filter(|exclusion| exclusion.condition.is_none())
        .map(|exclusion| exclusion.policy.clone())
        .collect();
    if policy.conditions.len() + gives_way_to.len() > CONDITIONS_MAX {
        faults.push(
            Fault::new("RULE-CONDITIONS", &policy.span, "the policy has too many conditions")
                .expected(format!("at most {CONDITIONS_MAX}, exclusions included")),
        );
    }
    if faults.len() > before {
        return None;
    }
    let amount = amount?;
    Some(CompiledPolicy {
        policy: policy.clone(),
        applies_when: flatten(applies_when)?,
        conditions: conditions.into_iter().collect::<Option<_>>()?,
        gives_way_to,
        amount_harmful: gathered(&amount, variables, |compiled| &compiled.leaves_out),
        amount,
        enrolled_when: flatten(enrolled_when)?,
    })
}

/// What the variables of an expression are marked with.
fn gathered(
    tree: &Typed,
    variables: &[CompiledVariable],
    marks: impl Fn(&CompiledVariable) -> &BTreeSet<String>,
) -> BTreeSet<String> {
    tree.columns()
        .iter()
        .filter_map(|name| variables.iter().find(|compiled| compiled.variable.id == *name))
        .flat_map(|compiled| marks(compiled).iter().cloned())
        .collect()
}

/// An optional text that was checked: none stays none, a faulty one makes the whole none.
fn flatten(checked: Option<Option<Typed>>) -> Option<Option<Typed>> {
    match checked {
        None => Some(None),
        Some(None) => None,
        Some(Some(tree)) => Some(Some(tree)),
    }
}

/// Whether a name is a column of the golden record.
pub(crate) fn is_golden(name: &str) -> bool {
    GOLDEN_COLUMNS.contains(&name)
}
