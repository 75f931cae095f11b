//! Variables of the period: one value for everybody.

use std::collections::BTreeMap;

use engine::Snapshot;
use engine::arrow::array::{ArrayRef, BooleanArray, RecordBatch};
use engine::arrow::datatypes::{DataType, Field, Schema};
use engine::clean;
use engine::datafusion::logical_expr::Expr;
use engine::datafusion::prelude::SessionContext;
use engine::datafusion::scalar::ScalarValue;
use pack::{Entity, VariableSource};
use std::sync::Arc;

use crate::PolicyError;
use crate::aggregate::{self, Parts};
use crate::book::{CompiledAggregation, CompiledVariable, Formula, RuleBook};
use crate::delivered::Delivered;
use crate::facts::{self, Moment, current_rows};
use crate::sql::lower::{built_in, literal, null};
use crate::sql::{Lowering, lower};

/// The values of the period's variables, by id.
#[derive(Debug, Clone, Default)]
pub(crate) struct PeriodValues {
    values: BTreeMap<String, ScalarValue>,
}

impl PeriodValues {
    /// Computes them.
    pub(crate) async fn compute(
        book: &RuleBook,
        snapshot: &Snapshot,
        moment: Moment,
        delivered: &Delivered,
    ) -> Result<Self, PolicyError> {
        let mut all = Self::default();
        for compiled in book.variables_of(Entity::Period) {
            let value = match &compiled.formula {
                Formula::Sql(tree) => {
                    let column = |name: &str| all.column(name, moment);
                    let expression = lower(tree, &no_parameters(&column, moment));
                    evaluate(snapshot.context(), expression).await?
                }
                Formula::Aggregate(aggregation) => {
                    Self::aggregate(book, snapshot, moment, delivered, compiled, aggregation)
                        .await?
                }
            };
            all.values.insert(compiled.variable.id.clone(), value);
        }
        Ok(all)
    }

    async fn aggregate(
        book: &RuleBook,
        snapshot: &Snapshot,
        moment: Moment,
        delivered: &Delivered,
        compiled: &CompiledVariable,
        aggregation: &CompiledAggregation,
    ) -> Result<ScalarValue, PolicyError> {
        let unknown = || {
            ScalarValue::try_from(&facts::column_type(compiled).arrow())
                .map_err(PolicyError::plan("make an empty value"))
        };
        let VariableSource::Dataset(dataset) = &aggregation.from else { return unknown() };
        if !delivered.has(dataset) || !snapshot.has(&clean::table_name(dataset)) {
            return unknown();
        }
        let what = format!("compute {}", compiled.variable.id);
        let failed = || PolicyError::plan(what.clone());
        let rows = current_rows(book, snapshot, moment, dataset).await?;
        let column = facts::row_column(book, dataset, moment.period);
        let to = no_parameters(&column, moment);
        let Parts { columns, result, .. } =
            aggregate::parts(compiled, aggregation, &to, None, "row_id")?;
        let frame = rows
            .aggregate(vec![], columns)
            .and_then(|frame| frame.select(vec![result.alias("value")]))
            .map_err(failed())?;
        first_value(&frame.collect().await.map_err(failed())?).map_or_else(unknown, Ok)
    }

    /// Values given by hand.
    pub(crate) fn given(values: BTreeMap<String, ScalarValue>) -> Self {
        Self { values }
    }

    /// The expression of a name in the scope of the period.
    pub(crate) fn column(&self, name: &str, moment: Moment) -> Expr {
        built_in(name, moment.period)
            .or_else(|| self.values.get(name).map(|value| literal(value.clone())))
            .unwrap_or_else(|| null(crate::sql::Type::Null))
    }

    /// The values as columns that are the same in every row.
    pub(crate) fn columns(&self) -> impl Iterator<Item = Expr> {
        self.values.iter().map(|(id, value)| facts::constant(value, id))
    }
}

fn no_parameters(column: &dyn Fn(&str) -> Expr, moment: Moment) -> Lowering<'_> {
    static NONE: BTreeMap<String, pack::Parameter> = BTreeMap::new();
    Lowering { parameters: &NONE, day: moment.period.last_day(), column }
}

/// The value of an expression without columns.
pub(crate) async fn evaluate(
    context: &SessionContext,
    expression: Expr,
) -> Result<ScalarValue, PolicyError> {
    let failed = || PolicyError::plan("evaluate an expression over the period");
    let one: ArrayRef = Arc::new(BooleanArray::from(vec![true]));
    let schema = Arc::new(Schema::new(vec![Field::new("one", DataType::Boolean, false)]));
    let row = RecordBatch::try_new(schema, vec![one])
        .map_err(engine::EngineError::arrow("make a row"))?;
    let batches = context
        .read_batch(row)
        .and_then(|frame| frame.select(vec![expression.alias("value")]))
        .map_err(failed())?
        .collect()
        .await
        .map_err(failed())?;
    Ok(first_value(&batches).unwrap_or(ScalarValue::Null))
}

fn first_value(batches: &[RecordBatch]) -> Option<ScalarValue> {
    let batch = batches.iter().find(|batch| batch.num_rows() > 0)?;
    ScalarValue::try_from_array(batch.columns().first()?, 0).ok()
}
