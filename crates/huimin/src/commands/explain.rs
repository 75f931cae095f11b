//! `huimin explain`.

use anyhow::anyhow;
use engine::{DataFolder, Manifest, Snapshot, Tables};

use crate::cli::{ExplainArgs, Language};
use crate::commands;
use crate::failure::Failure;
use crate::output::Output;

/// Says why a person gets or does not get a benefit.
pub(crate) async fn explain(args: &ExplainArgs, output: &Output) -> Result<(), Failure> {
    let (_, book) = commands::pack::load(&args.pack)?;
    let folder = DataFolder::open(&args.data)?;
    let manifest = Manifest::published(&folder)?;
    let period = args.period.to_string();
    // A decision is explained from the table versions that it was computed from.
    let run = manifest.periods.get(&period).ok_or_else(|| {
        anyhow!(
            "{period} has not been decided in `{}`; run `huimin run --period {period}` first",
            args.data.display()
        )
    })?;
    let snapshot = Snapshot::new(Tables::new(&folder), run.tables.clone(), 2);
    let request = policy::ExplainRequest {
        person: &args.person,
        policy: &args.policy,
        period: args.period,
        known_at: run.known_at,
    };
    let explanation = policy::explain(&book, &snapshot, request).await?;
    let language = match args.lang {
        Language::Zh => "zh",
        Language::En => "en",
    };
    output.report(&explanation, || explanation.text.get(language).to_owned());
    Ok(())
}
