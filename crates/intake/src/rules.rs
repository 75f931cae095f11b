//! Quality rules of a contract: SQL over the fields, true for a bad row.
//!
//! Compiled once for a dataset and then evaluated on every chunk of standardised columns, before
//! anything is sealed. Unknown is not wrong: a rule that comes out null lets the row pass.

use std::sync::Arc;

use engine::arrow::array::{Array, AsArray as _, RecordBatch};
use engine::arrow::datatypes::{DataType, SchemaRef};
use engine::datafusion::common::DFSchema;
use engine::datafusion::physical_expr::PhysicalExpr;
use pack::Contract;

use crate::IntakeError;

/// The compiled rules of a contract.
#[derive(Debug)]
pub(crate) struct Rules {
    dataset: String,
    rules: Vec<Rule>,
}

#[derive(Debug)]
struct Rule {
    id: String,
    place: String,
    code: String,
    columns: Vec<String>,
    expression: Arc<dyn PhysicalExpr>,
}

/// For which rows of a chunk a rule says that they are bad.
pub(crate) struct Broken<'r> {
    pub(crate) code: &'r str,
    pub(crate) columns: &'r [String],
    pub(crate) rows: Vec<bool>,
}

impl Rules {
    /// Compiles the rules over the plain columns of the fields.
    pub(crate) fn compile(contract: &Contract, plain: &SchemaRef) -> Result<Self, IntakeError> {
        let mut rules = Vec::with_capacity(contract.rules.len());
        for rule in &contract.rules {
            rules.push(compile(contract, plain, rule)?);
        }
        Ok(Self { dataset: contract.id.clone(), rules })
    }

    /// Evaluates all rules; only those that some row breaks are returned.
    pub(crate) fn broken(&self, rows: &RecordBatch) -> Result<Vec<Broken<'_>>, IntakeError> {
        let mut broken = Vec::new();
        for rule in &self.rules {
            let fault = |reason: String| IntakeError::Rule {
                place: rule.place.clone(),
                dataset: self.dataset.clone(),
                rule: rule.id.clone(),
                reason,
            };
            let values = rule
                .expression
                .evaluate(rows)
                .and_then(|value| value.into_array(rows.num_rows()))
                // The message of an arithmetic error may hold a value of the row.
                .map_err(|_| fault("it can't be evaluated on some row".to_owned()))?;
            let truth = values
                .as_boolean_opt()
                .ok_or_else(|| fault("it does not say yes or no".to_owned()))?;
            if truth.true_count() > 0 {
                let rows = (0..truth.len()).map(|row| truth.is_valid(row) && truth.value(row));
                broken.push(Broken {
                    code: &rule.code,
                    columns: &rule.columns,
                    rows: rows.collect(),
                });
            }
        }
        Ok(broken)
    }
}

fn compile(
    contract: &Contract,
    plain: &SchemaRef,
    rule: &pack::QualityRule,
) -> Result<Rule, IntakeError> {
    let span = &rule.when.span;
    let place = format!("{}:{}:{}", span.file, span.line, span.column);
    let fault = |reason: String| IntakeError::Rule {
        place: place.clone(),
        dataset: contract.id.clone(),
        rule: rule.id.clone(),
        reason,
    };
    let context = engine::session(1);
    let wrong = |error: engine::datafusion::error::DataFusionError| {
        fault(error.strip_backtrace().lines().next().unwrap_or_default().to_owned())
    };
    let schema = DFSchema::try_from(Arc::clone(plain)).map_err(wrong)?;
    let logical = context.parse_sql_expr(&rule.when.value, &schema).map_err(wrong)?;
    let mut columns: Vec<String> =
        logical.column_refs().into_iter().map(|column| column.name.clone()).collect();
    columns.sort_unstable();
    let expression = context.create_physical_expr(logical, &schema).map_err(wrong)?;
    let kind = expression.data_type(plain).map_err(wrong)?;
    if kind != DataType::Boolean {
        return Err(fault(format!("it gives {kind}, not yes or no")));
    }
    Ok(Rule { id: rule.id.clone(), place, code: rule.code.clone(), columns, expression })
}
