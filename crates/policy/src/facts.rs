//! Facts: the value of every variable for every person and household, as plans.
//!
//! Each dataset is read once. Its current rows, joined with the links to persons, are aggregated by
//! person for all of its variables at the same time; the results are joined to the persons, and what
//! no row means is put in there. Variables of households aggregate the facts of their members.

use std::collections::{BTreeMap, BTreeSet};

use engine::Snapshot;
use engine::clean;
use engine::datafusion::common::JoinType;
use engine::datafusion::dataframe::DataFrame;
use engine::datafusion::functions::expr_fn::coalesce;
use engine::datafusion::functions_aggregate::expr_fn::bool_or;
use engine::datafusion::logical_expr::{Expr, and, ident, in_list, lit};
use jiff::civil::Date;
use pack::{Entity, GOLDEN_COLUMNS, Mode, VariableSource};
use vocab::Period;

use crate::PolicyError;
use crate::aggregate::{self, Parts, absence};
use crate::book::{CompiledAggregation, CompiledVariable, Formula, RuleBook};
use crate::delivered::Delivered;
use crate::guard::lower_guarded;
use crate::period_values::PeriodValues;
use crate::sql::check::variable_type;
use crate::sql::lower::{built_in, literal, null};
use crate::sql::{Lowering, Type};

/// What a decision is for, and what it knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) period: Period,
    pub(crate) known_at: Date,
}

/// Name of the column that says whether a row that the variable counts, or may count, was linked
/// without certainty.
pub(crate) fn uncertain_column(variable: &str) -> String {
    format!("{variable}__uncertain")
}

/// Puts columns and the built-in names of the period into an expression.
pub(crate) fn period_column(period: Period) -> impl Fn(&str) -> Expr {
    move |name| built_in(name, period).unwrap_or_else(|| ident(name))
}

/// Puts the fields of a dataset's rows and the built-in names of the period into an expression.
pub(crate) fn row_column(book: &RuleBook, dataset: &str, period: Period) -> impl Fn(&str) -> Expr {
    let fields = book.datasets.get(dataset).map(|info| info.fields.clone()).unwrap_or_default();
    move |name| match built_in(name, period) {
        Some(value) if !fields.contains(name) => value,
        _ => ident(name),
    }
}

fn lowering(column: &dyn Fn(&str) -> Expr, moment: Moment) -> Lowering<'_> {
    static NONE: BTreeMap<String, pack::Parameter> = BTreeMap::new();
    // Variables have no parameters, so that the day plays no part.
    Lowering { parameters: &NONE, day: moment.period.last_day(), column }
}

/// Facts of persons.
///
/// ```text
/// Input: persons, links, and the clean table of every dataset that person variables use
/// Output: one row per person
///   subject_id            Utf8, not null
///   <golden column>       Date32 or Utf8, see `pack::GOLDEN_COLUMNS`
///   <variable>            by its type; null is unknown
///   <period variable>     the same in every row
///   <variable>__uncertain Boolean, not null; only for harmful variables over rows
/// ```
pub(crate) async fn of_persons(
    book: &RuleBook,
    snapshot: &Snapshot,
    moment: Moment,
    delivered: &Delivered,
    values: &PeriodValues,
) -> Result<DataFrame, PolicyError> {
    if !snapshot.has("persons") {
        return Err(PolicyError::NoPersons);
    }
    let failed = || PolicyError::plan("plan the facts of persons");
    let mut columns = vec![ident("person_id").alias("subject_id")];
    columns.extend(GOLDEN_COLUMNS.map(ident));
    let mut frame = snapshot.table("persons").await?.select(columns).map_err(failed())?;
    let mut results: BTreeMap<&str, Expr> = BTreeMap::new();
    let mut uncertain: Vec<Expr> = Vec::new();
    for dataset in book.datasets_of(Entity::Person) {
        let variables: Vec<_> = dataset_variables(book, Entity::Person, dataset).collect();
        if snapshot.has(&clean::table_name(dataset)) && delivered.has(dataset) {
            let key = format!("__subject__{dataset}");
            let (rows, parts) =
                by_person(book, snapshot, moment, dataset, &variables, &key).await?;
            // Persons stream past the table of the aggregated rows, which is the smaller side.
            frame = rows
                .join(frame, JoinType::Right, &[key.as_str()], &["subject_id"], None)
                .map_err(failed())?;
            results.extend(
                variables.iter().map(|(compiled, _)| compiled.variable.id.as_str()).zip(parts),
            );
            uncertain.extend(
                flags(&variables).map(|flag| coalesce(vec![ident(&flag), lit(false)]).alias(flag)),
            );
        } else {
            uncertain.extend(flags(&variables).map(|flag| lit(false).alias(flag)));
            for (compiled, aggregation) in variables {
                let kind = variable_type(compiled.variable.kind);
                // A dataset without rows says 'none'; one that never came says nothing.
                let value = if delivered.has(dataset) {
                    absence(aggregation.absence, kind)
                } else {
                    null(kind)
                };
                results.insert(&compiled.variable.id, value);
            }
        }
    }
    let mut columns = vec![ident("subject_id")];
    columns.extend(GOLDEN_COLUMNS.map(ident));
    columns.extend(results.into_iter().map(|(id, value)| value.alias(id)));
    columns.extend(values.columns());
    columns.extend(uncertain);
    let frame = frame.select(columns).map_err(failed())?;
    with_formulas(frame, book, Entity::Person, moment, None)
}

/// The columns of doubt of some variables.
fn flags<'b>(
    variables: &'b [(&'b CompiledVariable, &'b CompiledAggregation)],
) -> impl Iterator<Item = String> + 'b {
    variables
        .iter()
        .filter(|(compiled, _)| compiled.is_harmful_by_rows())
        .map(|(compiled, _)| uncertain_column(&compiled.variable.id))
}

/// The variables of an entity over a dataset, with their aggregations.
pub(crate) fn dataset_variables<'b>(
    book: &'b RuleBook,
    entity: Entity,
    dataset: &'b str,
) -> impl Iterator<Item = (&'b CompiledVariable, &'b CompiledAggregation)> {
    book.variables_of(entity).filter_map(move |compiled| match &compiled.formula {
        Formula::Aggregate(aggregation)
            if aggregation.from == VariableSource::Dataset(dataset.to_owned()) =>
        {
            Some((compiled, aggregation.as_ref()))
        }
        _ => None,
    })
}

/// The current rows of a dataset.
///
/// A roll that is delivered in full says who is on it on its day, so that it is read as of the end
/// of the period; other datasets tell of dated events and are read as last stated.
pub(crate) async fn current_rows(
    book: &RuleBook,
    snapshot: &Snapshot,
    moment: Moment,
    dataset: &str,
) -> Result<DataFrame, PolicyError> {
    let full = book.datasets.get(dataset).is_some_and(|info| info.mode == Mode::Full);
    let valid_on = full.then(|| moment.period.last_day());
    Ok(clean::current(snapshot, dataset, moment.known_at, valid_on).await?)
}

/// One dataset by person: `key`, the parts of every variable, and for harmful ones whether the link of a
/// row that may count is uncertain. Gives the variables' results over those columns, in the order of `variables`.
async fn by_person(
    book: &RuleBook,
    snapshot: &Snapshot,
    moment: Moment,
    dataset: &str,
    variables: &[(&CompiledVariable, &CompiledAggregation)],
    key: &str,
) -> Result<(DataFrame, Vec<Expr>), PolicyError> {
    let failed = || PolicyError::plan(format!("plan the facts from {dataset}"));
    let mut fields: BTreeSet<&str> = BTreeSet::from(["row_id"]);
    let mut roles: BTreeSet<&str> = BTreeSet::new();
    for (_, aggregation) in variables {
        roles.insert(&aggregation.role);
        for tree in
            [&aggregation.filter, &aggregation.value, &aggregation.order].into_iter().flatten()
        {
            fields.extend(tree.columns());
        }
    }
    // Several names of roles need the role in each filter; one is filtered before.
    let several = roles.len() > 1;
    let column = row_column(book, dataset, moment.period);
    // What is not a column is a built-in name of the period, hence a literal.
    let is_column = |name: &&str| matches!(column(name), Expr::Column(_));
    let rows = current_rows(book, snapshot, moment, dataset)
        .await?
        .select(fields.into_iter().filter(is_column).map(ident))
        .map_err(failed())?;
    let of_roles = roles.iter().map(|role| lit(*role)).collect();
    let links = snapshot
        .table("links")
        .await?
        .filter(ident("dataset").eq(lit(dataset)))
        .and_then(|links| links.filter(in_list(ident("role"), of_roles, false)))
        .and_then(|links| {
            links.select(vec![
                ident("row_id").alias("__row"),
                ident("role").alias("__role"),
                ident("certain").alias("__certain"),
                ident("person_id").alias(key),
            ])
        })
        .map_err(failed())?;
    let joined =
        links.join(rows, JoinType::Inner, &["__row"], &["row_id"], None).map_err(failed())?;
    let to = lowering(&column, moment);
    let mut columns = Vec::new();
    let mut results = Vec::new();
    for (compiled, aggregation) in variables {
        let only = several.then(|| ident("__role").eq(lit(aggregation.role.as_str())));
        let Parts { columns: more, result, may_count } =
            aggregate::parts(compiled, aggregation, &to, only, "__row")?;
        columns.extend(more);
        results.push(result);
        if compiled.is_harmful_by_rows() {
            let doubt = ident("__certain").is_not_true();
            let doubt = may_count.into_iter().fold(doubt, and);
            columns.push(bool_or(doubt).alias(uncertain_column(&compiled.variable.id)));
        }
    }
    let frame = joined.aggregate(vec![ident(key)], columns).map_err(failed())?;
    Ok((frame, results))
}

/// Facts of households whose members live together.
///
/// ```text
/// Input: households, members, and the facts of persons
/// Output: one row per household of the kind `living_together`
///   subject_id, division, head_person  Utf8
///   <variable>, <period variable>      as for persons
///   <variable>__uncertain              Boolean, whether it is so for any member
/// ```
pub(crate) async fn of_households(
    book: &RuleBook,
    snapshot: &Snapshot,
    moment: Moment,
    persons: DataFrame,
    values: &PeriodValues,
) -> Result<DataFrame, PolicyError> {
    let failed = || PolicyError::plan("plan the facts of households");
    let together = || ident("kind").eq(lit(pack::HouseholdKind::LivingTogether.as_str()));
    let variables: Vec<(&CompiledVariable, &CompiledAggregation)> = book
        .variables_of(Entity::Household)
        .filter_map(|compiled| match &compiled.formula {
            Formula::Aggregate(aggregation) => Some((compiled, aggregation.as_ref())),
            Formula::Sql(_) => None,
        })
        .collect();
    let members = snapshot
        .table("members")
        .await?
        .filter(together())
        .and_then(|members| {
            members.select(vec![
                ident("household_id").alias("__household"),
                ident("person_id").alias("__member"),
                ident("relation"),
            ])
        })
        .map_err(failed())?;
    // A member who is not in the facts has unknown facts; a left join keeps them.
    let joined = members
        .join(persons, JoinType::Left, &["__member"], &["subject_id"], None)
        .map_err(failed())?;
    let column = period_column(moment.period);
    let to = lowering(&column, moment);
    let (mut columns, mut results) = (Vec::new(), Vec::new());
    for (compiled, aggregation) in &variables {
        let Parts { columns: more, result, .. } =
            aggregate::parts(compiled, aggregation, &to, None, "__member")?;
        columns.extend(more);
        results.push(result.alias(&compiled.variable.id));
    }
    let harmful = harmful_variables(book);
    for variable in &harmful {
        let flag = uncertain_column(variable);
        columns.push(bool_or(ident(&flag)).alias(flag));
    }
    let households = snapshot
        .table("households")
        .await?
        .filter(together())
        .and_then(|households| {
            households.select(vec![
                ident("household_id").alias("subject_id"),
                ident("division"),
                ident("head_person"),
            ])
        })
        .map_err(failed())?;
    let frame = if columns.is_empty() {
        households
    } else {
        joined
            .aggregate(vec![ident("__household")], columns)
            .and_then(|grouped| {
                // `division` and the like of persons are gone after the aggregation.
                grouped.join(households, JoinType::Right, &["__household"], &["subject_id"], None)
            })
            .map_err(failed())?
    };
    let mut columns = vec![ident("subject_id"), ident("division"), ident("head_person")];
    columns.extend(results);
    columns.extend(values.columns());
    columns.extend(harmful.iter().map(|variable| {
        let flag = uncertain_column(variable);
        coalesce(vec![ident(&flag), lit(false)]).alias(flag)
    }));
    let frame = frame.select(columns).map_err(failed())?;
    with_formulas(frame, book, Entity::Household, moment, None)
}

/// The variables over rows that are marked as harmful.
pub(crate) fn harmful_variables(book: &RuleBook) -> BTreeSet<&str> {
    let harmful = book.variables.iter().filter(|compiled| compiled.is_harmful_by_rows());
    harmful.map(|compiled| compiled.variable.id.as_str()).collect()
}

/// Adds the variables that are computed by SQL, in rounds: each round uses only what is there.
///
/// `given`: in tests, the name of a boolean column that says whether a variable's own column holds a
/// value by hand; none: computed for every row.
pub(crate) fn with_formulas(
    mut frame: DataFrame,
    book: &RuleBook,
    entity: Entity,
    moment: Moment,
    given: Option<&dyn Fn(&str) -> String>,
) -> Result<DataFrame, PolicyError> {
    let column = period_column(moment.period);
    let to = lowering(&column, moment);
    let mut waiting: Vec<(&CompiledVariable, Expr)> = book
        .variables_of(entity)
        .filter_map(|compiled| match &compiled.formula {
            Formula::Sql(tree) => Some((compiled, lower_guarded(tree, &to))),
            Formula::Aggregate(_) => None,
        })
        .collect();
    while !waiting.is_empty() {
        let pending: BTreeSet<&str> =
            waiting.iter().map(|(compiled, _)| compiled.variable.id.as_str()).collect();
        let (now, later): (Vec<_>, Vec<_>) = waiting.into_iter().partition(|(compiled, _)| {
            compiled.inputs.iter().all(|name| !pending.contains(name.as_str()))
        });
        if now.is_empty() {
            // Cycles were refused when the rules were checked.
            break;
        }
        let fresh: BTreeSet<&str> =
            now.iter().map(|(compiled, _)| compiled.variable.id.as_str()).collect();
        let mut columns: Vec<Expr> = frame
            .schema()
            .fields()
            .iter()
            .map(|field| field.name())
            .filter(|name| !fresh.contains(name.as_str()))
            .map(ident)
            .collect();
        for (compiled, expression) in now {
            let id = &compiled.variable.id;
            let expression = match given {
                None => expression,
                Some(given) => {
                    crate::sql::lower::when(vec![(ident(given(id)), ident(id))], Some(expression))
                }
            };
            columns.push(expression.alias(id));
        }
        frame = frame
            .select(columns)
            .map_err(PolicyError::plan("plan the variables that are computed by SQL"))?;
        waiting = later;
    }
    Ok(frame)
}

/// A literal column.
pub(crate) fn constant(value: &engine::datafusion::scalar::ScalarValue, name: &str) -> Expr {
    literal(value.clone()).alias(name)
}

/// The type of a variable's column.
pub(crate) fn column_type(compiled: &CompiledVariable) -> Type {
    variable_type(compiled.variable.kind)
}
