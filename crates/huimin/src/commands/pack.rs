//! `huimin check` and `huimin test`.

use std::io::IsTerminal as _;
use std::path::Path;

use pack::{Faults, Pack, Style};
use policy::RuleBook;

use crate::failure::Failure;
use crate::output::Output;

/// Loads a pack and compiles its rules; faults are printed to standard error.
pub(crate) fn load(path: &Path) -> Result<(Pack, RuleBook), Failure> {
    let checked = checked(path).map_err(|faults| {
        eprint!("{}", faults.render(style()));
        Failure::Pack
    })?;
    Ok(checked)
}

fn checked(path: &Path) -> Result<(Pack, RuleBook), Faults> {
    let pack = pack::load(path)?;
    let book = policy::compile(&pack)?;
    Ok((pack, book))
}

/// How many faults a pack has; `None` without any.
pub(crate) fn faults(path: &Path) -> Option<usize> {
    checked(path).err().map(|faults| faults.to_json().as_array().map_or(1, Vec::len))
}

fn style() -> Style {
    if std::io::stderr().is_terminal() { Style::Fancy } else { Style::Plain }
}

/// Checks a pack as a whole.
pub(crate) fn check(path: &Path, output: &Output) -> Result<(), Failure> {
    match checked(path) {
        Ok((pack, _)) => {
            let document = serde_json::json!({
                "pack": pack.id, "hash": pack.hash, "datasets": pack.datasets.len(),
                "variables": pack.variables.len(), "policies": pack.policies.len(),
                "tests": pack.tests.len(), "faults": [],
            });
            output.report(&document, || {
                format!(
                    "✔ pack `{}`: {} datasets, {} variables, {} policies with {} tests, no faults",
                    pack.id,
                    pack.datasets.len(),
                    pack.variables.len(),
                    pack.policies.len(),
                    pack.tests.len()
                )
            });
            Ok(())
        }
        Err(faults) => {
            if output.json() {
                output.document(&serde_json::json!({ "faults": faults.to_json() }));
            } else {
                eprint!("{}", faults.render(style()));
            }
            Err(Failure::Pack)
        }
    }
}

/// Runs the tests of a pack's policies.
pub(crate) async fn test(path: &Path, output: &Output) -> Result<(), Failure> {
    let (pack, book) = load(path)?;
    let report = policy::test(&book, &pack).await?;
    output.report(&report, || {
        let mut text = String::new();
        for failure in &report.failures {
            text.push_str(&format!(
                "✘ {} ({}:{}) {}\n  expected {}\n  found    {}\n",
                failure.policy,
                failure.file,
                failure.line,
                failure.name,
                failure.expected,
                failure.actual
            ));
        }
        text.push_str(&format!(
            "{} passed, {} failed",
            report.cases - report.failures.len(),
            report.failures.len()
        ));
        text
    });
    if report.failures.is_empty() { Ok(()) } else { Err(Failure::Pack) }
}
