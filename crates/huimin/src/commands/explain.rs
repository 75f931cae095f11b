//! `huimin explain`.

use anyhow::anyhow;
use engine::{Manifest, Snapshot, Tables};
use jiff::Timestamp;
use serde_json::json;
use store::audit::Act;
use store::{StoreError, begin_write};

use crate::cli::{ExplainArgs, Language};
use crate::commands;
use crate::failure::Failure;
use crate::output::Output;

/// Says why a person gets or does not get a benefit. That somebody has asked is in the audit trail before it is told.
pub(crate) async fn explain(args: &ExplainArgs, output: &Output) -> Result<(), Failure> {
    let (_, book) = commands::pack::load(&args.pack)?;
    let (folder, db) = args.place.open().await?;
    let manifest = Manifest::published(&folder)?;
    let period = args.period.to_string();
    // A decision is explained from the table versions that it was computed from.
    let run = manifest.periods.get(&period).ok_or_else(|| {
        anyhow!(
            "{period} has not been decided in `{}`; run `huimin run --period {period}` first",
            args.place.data.display()
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
    let transaction = begin_write(&db).await?;
    let act = Act {
        who: commands::BY,
        what: "decision.explain",
        subject: &identity::citizen::subject(&args.person),
        at: Timestamp::now(),
        purpose: "none",
    };
    let detail = json!({ "period": period, "policy": args.policy });
    store::audit::record(&transaction, act, &detail).await?;
    transaction.commit().await.map_err(StoreError::db("commit the audit entry"))?;
    commands::audit::seal(&folder, &db).await;
    let language = match args.lang {
        Language::Zh => "zh",
        Language::En => "en",
    };
    output.report(&explanation, || explanation.text.get(language).to_owned());
    Ok(())
}
