//! `huimin sim`.

use crate::cli::SimAction;
use crate::failure::Failure;
use crate::output::{Output, count, yuan};
use crate::progress::StepBar;

/// Makes a city, scores a run, or runs a counterpart.
pub(crate) async fn sim(action: SimAction, output: &Output) -> Result<(), Failure> {
    match action {
        SimAction::Generate {
            people,
            start,
            months,
            seed,
            hardship_share,
            error_scale,
            profile,
            out,
        } => {
            let options = sim::GenerateOptions {
                people,
                start,
                months,
                seed,
                hardship_share,
                error_scale,
                out: out.clone(),
                profile,
            };
            let bar = StepBar::start("city", "a synthetic city");
            let summary = sim::generate(&options, &mut |progress| {
                bar.total(progress.total);
                bar.at(progress.done);
                bar.message(progress.step);
            })?;
            let rows: u64 = summary.rows.values().flat_map(|datasets| datasets.values()).sum();
            bar.finish(
                rows,
                &format!(
                    "{} people, {} months, {} rows in {}",
                    count(u64::from(people)),
                    summary.periods.len(),
                    count(rows),
                    out.display()
                ),
            );
            let document = serde_json::json!({
                "people": summary.people, "residents": summary.residents, "rows": rows, "periods": summary.periods,
            });
            output.report(&document, || {
                format!(
                    "feeds: {}\ntruth: {}",
                    out.join("feeds").display(),
                    out.join("truth").display()
                )
            });
        }
        SimAction::Score { truth, data, period } => {
            let score = sim::score::score(&truth, &data, period).await?;
            output.report(&score, || text(&score));
        }
        SimAction::Fiscal { listen, journal, seed, reject_permille, return_permille } => {
            sim::fiscal::serve(sim::fiscal::FiscalOptions {
                listen,
                journal,
                seed,
                reject_permille,
                return_permille,
                faults: sim::fiscal::FiscalFaults::default(),
            })
            .await?;
        }
        SimAction::Sms { listen, token, refuse_first } => {
            sim::sms::serve(sim::sms::SmsOptions { listen, token, refuse_first }).await?;
        }
    }
    Ok(())
}

fn text(score: &sim::score::Score) -> String {
    let registry = &score.registry;
    let mut text = format!(
        "registry of {}: precision {:.5}  recall {:.5}  F1 {:.5}  ({} records, {} persons, {} true ones)\n\n",
        score.period,
        registry.precision,
        registry.recall,
        registry.f1,
        count(registry.records),
        count(registry.persons),
        count(registry.true_persons)
    );
    text.push_str(&format!(
        "{:<30} {:>9} {:>7} {:>7} {:>7} {:>6} {:>8} {:>8} {:>10} {:>10}\n",
        "policy",
        "entitled",
        "missed",
        "wrong",
        "amount",
        "ask",
        "ceil-mis",
        "ceil-wr",
        "mis/10000",
        "wr/10000"
    ));
    for policy in score.policies.iter().chain([&score.total]) {
        text.push_str(&format!(
            "{:<30} {:>9} {:>7} {:>7} {:>7} {:>6} {:>8} {:>8} {:>10.1} {:>10.1}\n",
            policy.id,
            policy.entitled,
            policy.missed,
            policy.wrong,
            policy.wrong_amount,
            policy.ask,
            policy.ceiling_missed,
            policy.ceiling_wrong,
            policy.missed_per_10000,
            policy.wrong_per_10000
        ));
    }
    text.push_str(&format!(
        "\nwrong amounts: ¥{} in all\ncauses: ",
        i64::try_from(score.total.wrong_amount_fen).map_or_else(|_| "?".to_owned(), yuan)
    ));
    let causes: Vec<String> =
        score.total.causes.iter().map(|(cause, number)| format!("{cause} {number}")).collect();
    text.push_str(&causes.join(", "));
    text
}
