//! Running the pack's cases: facts in, decision out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use engine::EngineError;
use engine::arrow::array::{ArrayRef, BooleanArray, RecordBatch, StringArray};
use engine::arrow::datatypes::{DataType, Field, Schema};
use engine::datafusion::logical_expr::ident;
use engine::datafusion::prelude::SessionContext;
use engine::datafusion::scalar::ScalarValue;
use pack::{
    Entity, Expect, Fault, Faults, GOLDEN_COLUMNS, Outcome, Pack, PolicyTest, TestValue, Unit,
    VariableAbsence,
};
use serde::Serialize;
use vocab::{Money, Period};

use crate::PolicyError;
use crate::applies;
use crate::book::{CompiledPolicy, CompiledVariable, Formula, RuleBook};
use crate::decisions::{self, OthersAsked, PolicyColumns};
use crate::facts::{self, Moment, uncertain_column};
use crate::functions::{ASK, ELIGIBLE};
use crate::period_values::{PeriodValues, evaluate};
use crate::scopes::golden_type;
use crate::sql::check::{days, variable_type};
use crate::sql::{Lowering, Type, lower};

/// What running the cases found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TestReport {
    /// How many cases were run.
    pub cases: usize,
    /// Cases per policy.
    pub policies: BTreeMap<String, usize>,
    /// The cases that came out otherwise than they should.
    pub failures: Vec<TestFailure>,
}

/// A case that came out otherwise than it should.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TestFailure {
    /// The policy.
    pub policy: String,
    /// The case's name.
    pub name: String,
    /// The file, relative to the pack.
    pub file: String,
    /// The line of the case.
    pub line: u32,
    /// What should have come out.
    pub expected: String,
    /// What came out.
    pub actual: String,
    #[serde(skip)]
    span: pack::Span,
}

impl TestReport {
    /// Whether all cases came out as they should.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.failures.is_empty()
    }

    /// The failures in the form of faults, each with its place underlined.
    #[must_use]
    pub fn faults(&self, pack: &Pack) -> Faults {
        let mut faults = pack.faults();
        faults.extend(self.failures.iter().map(|failure| {
            Fault::new(
                "RULE-CASE",
                &failure.span,
                format!("{}: the case comes out as {}", failure.policy, failure.actual),
            )
            .expected(failure.expected.clone())
        }));
        faults
    }
}

/// What cases have to share to be decided together: the period, whether the policy applies by hand, and
/// the values of the period.
type SameMoment = (Period, bool, Vec<(String, String)>);

/// Runs all cases of a pack.
///
/// A case gives the values of variables and golden columns by hand. A variable that it does not give
/// is computed when it is SQL over others; else it has the value that no row means, or is unknown.
/// Nobody is dead unless the case says so. A policy that the tested one gives way to counts only
/// when the case makes it eligible.
///
/// # Errors
///
/// When a plan can't be made or run; a case that fails is not an error.
pub async fn test(book: &RuleBook, pack: &Pack) -> Result<TestReport, PolicyError> {
    let context = engine::session(1);
    let mut report =
        TestReport { cases: pack.tests.len(), policies: BTreeMap::new(), failures: Vec::new() };
    // Cases of one period with the same values of the period are decided together.
    let mut groups: BTreeMap<SameMoment, Vec<&PolicyTest>> = BTreeMap::new();
    for case in &pack.tests {
        *report.policies.entry(case.policy.clone()).or_default() += 1;
        let Some(policy) = book.policy(&case.policy) else { continue };
        let of_period = book
            .variables_of(Entity::Period)
            .filter_map(|compiled| {
                let id = &compiled.variable.id;
                case.facts.get(id).map(|value| (id.clone(), format!("{value:?}")))
            })
            .collect();
        let household = policy.policy.unit == Unit::Household;
        groups.entry((case.period, household, of_period)).or_default().push(case);
    }
    for ((period, household, _), cases) in groups {
        let unit = if household { Unit::Household } else { Unit::Person };
        let moment = Moment { period, known_at: period.last_day() };
        let part = only(book, &cases);
        for (case, actual) in cases.iter().zip(run(&part, &context, unit, moment, &cases).await?) {
            if let Some(failure) = compare(case, &actual) {
                report.failures.push(failure);
            }
        }
    }
    report.failures.sort_by(|a, b| a.span.cmp(&b.span));
    Ok(report)
}

/// The book with only the policies that some cases are about, and those that they give way to.
fn only(book: &RuleBook, cases: &[&PolicyTest]) -> RuleBook {
    let mut wanted: BTreeSet<&str> = cases.iter().map(|case| case.policy.as_str()).collect();
    loop {
        let more: Vec<&str> = book
            .policies
            .iter()
            .filter(|policy| wanted.contains(policy.id()))
            .flat_map(|policy| policy.gives_way_to.iter().map(String::as_str))
            .filter(|other| !wanted.contains(other))
            .collect();
        if more.is_empty() {
            break;
        }
        wanted.extend(more);
    }
    RuleBook {
        policies: book
            .policies
            .iter()
            .filter(|policy| wanted.contains(policy.id()))
            .cloned()
            .collect(),
        ..book.clone()
    }
}

/// What came out of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Actual {
    outcome: Outcome,
    amount_fen: Option<i64>,
    failed: Vec<String>,
    unknown: Vec<String>,
}

/// Decides a group of cases, which become the rows of one table.
async fn run(
    book: &RuleBook,
    context: &SessionContext,
    unit: Unit,
    moment: Moment,
    cases: &[&PolicyTest],
) -> Result<Vec<Actual>, PolicyError> {
    let failed = || PolicyError::plan("run the cases of the pack");
    let entity = match unit {
        Unit::Person => Entity::Person,
        Unit::Household => Entity::Household,
    };
    let values = period_values(book, context, moment, cases).await?;
    let not_applicable = applies::not_applicable(book, context, moment, &values).await?;
    let rows = table(book, entity, cases)?;
    let frame = context.read_batch(rows).map_err(failed())?;
    let mut columns: Vec<_> =
        frame.schema().fields().iter().map(|field| ident(field.name())).collect();
    columns.extend(values.columns());
    let frame = frame.select(columns).map_err(failed())?;
    let given = |id: &str| given_column(id);
    let frame = facts::with_formulas(frame, book, entity, moment, Some(&given))?;
    let frame = decisions::plan(frame, book, unit, moment, &not_applicable, OthersAsked::Ignore)?;
    let batches = frame.collect().await.map_err(failed())?;
    let mut results: BTreeMap<usize, Actual> = BTreeMap::new();
    for batch in &batches {
        for at in 0..batch.num_rows() {
            let cell = |column: &str| {
                batch
                    .column_by_name(column)
                    .and_then(|array| ScalarValue::try_from_array(array, at).ok())
            };
            let Some(ScalarValue::Utf8(Some(number))) = cell("subject_id") else { continue };
            let Some((number, case)) =
                number.parse::<usize>().ok().and_then(|number| Some((number, cases.get(number)?)))
            else {
                continue;
            };
            let Some(policy) = book.policy(&case.policy) else { continue };
            results.insert(number, actual(policy, &cell));
        }
    }
    Ok(results.into_values().collect())
}

fn actual(policy: &CompiledPolicy, cell: &dyn Fn(&str) -> Option<ScalarValue>) -> Actual {
    let columns = PolicyColumns::of(policy);
    let whole = |column: &str| match cell(column) {
        Some(ScalarValue::Int64(value)) => value,
        _ => None,
    };
    let outcome = match cell(&columns.outcome) {
        Some(ScalarValue::Int8(Some(ELIGIBLE))) => Outcome::Eligible,
        Some(ScalarValue::Int8(Some(ASK))) => Outcome::Ask,
        Some(ScalarValue::Int8(Some(_))) => Outcome::Not,
        _ => Outcome::NotApplicable,
    };
    let reasons = policy.reasons();
    let (held, unknown) =
        (whole(&columns.held).unwrap_or_default(), whole(&columns.unknown).unwrap_or_default());
    let conditions = reasons.len() - 1;
    let named = |bits: &dyn Fn(usize) -> bool| {
        reasons.iter().enumerate().filter(|(at, _)| bits(*at)).map(|(_, id)| id.clone()).collect()
    };
    let decided = outcome != Outcome::NotApplicable;
    Actual {
        outcome,
        amount_fen: whole(&columns.amount),
        failed: named(&|at| decided && at < conditions && (held | unknown) >> at & 1 == 0),
        unknown: named(&|at| unknown >> at & 1 == 1),
    }
}

/// The variables of the period, which all cases of a group share.
async fn period_values(
    book: &RuleBook,
    context: &SessionContext,
    moment: Moment,
    cases: &[&PolicyTest],
) -> Result<PeriodValues, PolicyError> {
    let mut values: BTreeMap<String, ScalarValue> = BTreeMap::new();
    for compiled in book.variables_of(Entity::Period) {
        let id = &compiled.variable.id;
        let kind = variable_type(compiled.variable.kind);
        let given = cases.first().and_then(|case| case.facts.get(id));
        let value = match (given, &compiled.formula) {
            (Some(given), _) => scalar(given, kind),
            (None, Formula::Aggregate(_)) => absent(compiled),
            (None, Formula::Sql(tree)) => {
                let known = PeriodValues::given(values.clone());
                let column = |name: &str| known.column(name, moment);
                let none = BTreeMap::new();
                let to =
                    Lowering { parameters: &none, day: moment.period.last_day(), column: &column };
                evaluate(context, lower(tree, &to)).await?
            }
        };
        values.insert(id.clone(), value);
    }
    Ok(PeriodValues::given(values))
}

fn given_column(id: &str) -> String {
    format!("__given__{id}")
}

/// The cases as rows of facts; `subject_id` is the number of the case.
fn table(
    book: &RuleBook,
    entity: Entity,
    cases: &[&PolicyTest],
) -> Result<RecordBatch, PolicyError> {
    let mut fields = Vec::new();
    let mut columns: Vec<ArrayRef> = Vec::new();
    let mut push = |name: String, array: ArrayRef| {
        fields.push(Field::new(name, array.data_type().clone(), true));
        columns.push(array);
    };
    let numbers: StringArray = (0..cases.len()).map(|number| Some(number.to_string())).collect();
    push("subject_id".to_owned(), Arc::new(numbers));
    let golden: &[&str] = match entity {
        Entity::Person => &GOLDEN_COLUMNS,
        _ => &["division"],
    };
    for name in golden {
        let values = cases.iter().map(|case| match (case.facts.get(*name), *name) {
            (None, "vital_status") => {
                let dead = matches!(case.facts.get("death_date"), Some(TestValue::Date(_)));
                ScalarValue::from(if dead { "dead" } else { "alive" })
            }
            (Some(value), _) => scalar(value, golden_type(name)),
            (None, _) => empty(golden_type(name)),
        });
        push((*name).to_owned(), array(values.collect(), golden_type(name))?);
    }
    for compiled in book.variables_of(entity) {
        let id = &compiled.variable.id;
        let kind = variable_type(compiled.variable.kind);
        let values = cases.iter().map(|case| {
            case.facts.get(id).map_or_else(|| absent(compiled), |value| scalar(value, kind))
        });
        push(id.clone(), array(values.collect(), kind)?);
        let given: BooleanArray =
            cases.iter().map(|case| Some(case.facts.contains_key(id))).collect();
        push(given_column(id), Arc::new(given));
    }
    for variable in facts::harmful_variables(book) {
        let certain = BooleanArray::from(vec![false; cases.len()]);
        push(uncertain_column(variable), Arc::new(certain));
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
        .map_err(EngineError::arrow("put the cases into a table"))
        .map_err(PolicyError::from)
}

fn array(values: Vec<ScalarValue>, kind: Type) -> Result<ArrayRef, PolicyError> {
    if values.is_empty() {
        return Ok(engine::arrow::array::new_empty_array(&kind.arrow()));
    }
    ScalarValue::iter_to_array(values).map_err(PolicyError::plan("put the cases into a table"))
}

fn empty(kind: Type) -> ScalarValue {
    ScalarValue::try_from(&kind.arrow()).unwrap_or(ScalarValue::Null)
}

/// What a variable is when a case says nothing of it.
fn absent(compiled: &CompiledVariable) -> ScalarValue {
    let kind = variable_type(compiled.variable.kind);
    let Formula::Aggregate(aggregation) = &compiled.formula else { return empty(kind) };
    match (aggregation.absence, kind.arrow()) {
        (VariableAbsence::Zero, DataType::Int64) => ScalarValue::Int64(Some(0)),
        (VariableAbsence::Zero, DataType::Decimal128(digits, scale)) => {
            ScalarValue::Decimal128(Some(0), digits, scale)
        }
        (VariableAbsence::False, DataType::Boolean) => ScalarValue::Boolean(Some(false)),
        _ => empty(kind),
    }
}

/// A fact of a case; the pack has read it by the type of its variable.
fn scalar(value: &TestValue, kind: Type) -> ScalarValue {
    match (value, kind) {
        (TestValue::Bool(truth), Type::Boolean) => ScalarValue::Boolean(Some(*truth)),
        (TestValue::Text(text), Type::Text) => ScalarValue::Utf8(Some(text.clone())),
        (TestValue::Date(date), Type::Date) => ScalarValue::Date32(Some(days(*date))),
        (TestValue::Number(number), Type::Integer) => {
            ScalarValue::Int64(number.normalize().to_string().parse().ok())
        }
        (TestValue::Number(number), Type::Decimal { digits, scale }) => {
            let mut number = *number;
            number.rescale(u32::from(scale));
            let scale = i8::try_from(scale).unwrap_or(i8::MAX);
            ScalarValue::Decimal128(Some(number.mantissa()), digits, scale)
        }
        _ => empty(kind),
    }
}

/// Compares what came out with what should have.
fn compare(case: &PolicyTest, actual: &Actual) -> Option<TestFailure> {
    let Expect { outcome, amount_fen, failed, unknown } = &case.expect;
    let same_set = |wanted: &[String], found: &[String]| {
        wanted.is_empty()
            || wanted.iter().collect::<BTreeSet<_>>() == found.iter().collect::<BTreeSet<_>>()
    };
    let fits = *outcome == actual.outcome
        && (amount_fen.is_none() || *amount_fen == actual.amount_fen)
        && same_set(failed, &actual.failed)
        && same_set(unknown, &actual.unknown);
    if fits {
        return None;
    }
    Some(TestFailure {
        policy: case.policy.clone(),
        name: case.name.clone(),
        file: case.span.file.to_string(),
        line: case.span.line,
        expected: sentence(*outcome, *amount_fen, failed, unknown),
        actual: sentence(actual.outcome, actual.amount_fen, &actual.failed, &actual.unknown),
        span: case.span.clone(),
    })
}

fn sentence(
    outcome: Outcome,
    amount: Option<i64>,
    failed: &[String],
    unknown: &[String],
) -> String {
    let mut text = match outcome {
        Outcome::Eligible => "eligible",
        Outcome::Not => "not",
        Outcome::Ask => "ask",
        Outcome::NotApplicable => "not_applicable",
    }
    .to_owned();
    if let Some(fen) = amount {
        text.push_str(&format!(", amount {}", Money::from_fen(fen)));
    }
    if !failed.is_empty() {
        text.push_str(&format!(", failed: {}", failed.join(", ")));
    }
    if !unknown.is_empty() {
        text.push_str(&format!(", unknown: {}", unknown.join(", ")));
    }
    text
}
