//! `huimin audit`.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, anyhow};
use audit::Report;
use engine::DataFolder;
use indicatif::{ProgressBar, ProgressStyle};
use jiff::Timestamp;
use serde_json::json;
use server::{AuditLog, KeySource};
use store::sea_orm::DatabaseConnection;
use trust::log::{LogVerifier, WitnessVerifier};
use witness::Client;

use crate::cli::{AuditAction, VerifyArgs};
use crate::failure::Failure;
use crate::output::{Output, count};

/// Exit code for a log that was changed.
const CHANGED: u8 = 6;

/// Seals what a command has written. What the command was for is done, so that a failure is told and no more; the
/// entries wait.
pub(crate) async fn seal(folder: &DataFolder, db: &DatabaseConnection) {
    let sealed = async { anyhow::Ok(open(folder, db).await?.seal(Timestamp::now()).await?) };
    if let Err(error) = sealed.await {
        eprintln!("! the audit trail was not sealed: {error:#}");
    }
}

async fn open(folder: &DataFolder, db: &DatabaseConnection) -> anyhow::Result<AuditLog> {
    Ok(AuditLog::open(folder, db, &KeySource::from_environment()?).await?)
}

/// Works on the audit trail's log.
pub(crate) async fn audit(action: &AuditAction, output: &Output) -> Result<(), Failure> {
    match action {
        AuditAction::Verify(args) => verify(args, output).await,
        AuditAction::Key(place) => {
            let (folder, db) = place.open().await?;
            let log = open(&folder, &db).await?;
            let key = json!({ "verifier_key": log.verifier_key() });
            output.report(&key, || log.verifier_key().to_owned());
            Ok(())
        }
        AuditAction::Checkpoint(place) => {
            let (folder, db) = place.open().await?;
            open(&folder, &db).await?.seal(Timestamp::now()).await?;
            let note = audit::checkpoint(&db).await?.ok_or(audit::AuditError::Nothing)?;
            output.report(&json!({ "checkpoint": note }), || note.trim_end().to_owned());
            Ok(())
        }
        AuditAction::Cosign { place, witnesses } => {
            let (folder, db) = place.open().await?;
            cosign(&open(&folder, &db).await?, &witnesses.clients()?, output).await
        }
        AuditAction::Export { place, out } => {
            let (folder, db) = place.open().await?;
            open(&folder, &db).await?.seal(Timestamp::now()).await?;
            let leaves = audit::export(&db, out).await?;
            output.report(&json!({ "leaves": leaves }), || {
                format!("✔ {} leaves of the audit log are in `{}`", count(leaves), out.display())
            });
            Ok(())
        }
    }
}

/// All of them are asked, whatever one of them says.
async fn cosign(log: &AuditLog, witnesses: &[Client], output: &Output) -> Result<(), Failure> {
    if witnesses.is_empty() {
        let told = "no witness is named; give its public key and address with --ask-witness";
        return Err(anyhow!(told).into());
    }
    log.seal(Timestamp::now()).await?;
    let (mut answers, mut lines, mut code) = (Vec::new(), Vec::new(), 0);
    for witness in witnesses {
        let name = witness.key().name();
        match log.cosign(witness).await {
            Ok(cosigned) => {
                lines.push(format!("✔ `{name}` has co-signed {} entries", count(cosigned.size)));
                lines.push(cosigned.note.trim_end().to_owned());
                answers.push(json!({
                    "witness": name, "size": cosigned.size, "checkpoint": cosigned.note,
                }));
            }
            Err(error) => {
                code = code.max(if error.is_evidence() { CHANGED } else { 1 });
                let told = format!("{:#}", anyhow::Error::from(error));
                lines.push(format!("✘ {told}"));
                answers.push(json!({ "witness": name, "error": told }));
            }
        }
    }
    output.report(&json!({ "witnesses": answers }), || lines.join("\n"));
    if code == 0 { Ok(()) } else { Err(Failure::Told(code)) }
}

async fn verify(args: &VerifyArgs, output: &Output) -> Result<(), Failure> {
    let (folder, db) = args.place.open().await?;
    let key = match &args.log_key {
        Some(key) => key.clone(),
        None => open(&folder, &db).await?.verifier_key().to_owned(),
    };
    let others = args.kept.len() as u64;
    let log = LogVerifier::parse(&key).context("--log-key")?;
    let witnesses = args
        .witness
        .iter()
        .map(|key| WitnessVerifier::parse(key))
        .collect::<Result<Vec<_>, _>>()
        .context("--witness")?;
    let mut kept = args.kept.iter().map(|path| read(path)).collect::<anyhow::Result<Vec<_>>>()?;
    // What this folder has seen last counts as well.
    let seen = folder.audit_head_file();
    if seen.exists() {
        kept.push(read(&seen)?);
    }
    // And what witnesses have co-signed.
    kept.extend(audit::cosigned(&db).await?.into_iter().map(|cosigned| cosigned.note.into_bytes()));
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{spinner} {pos} of {len} entries  {per_sec}") {
        bar.set_style(style);
    }
    let report = audit::verify(&db, &log, &witnesses, &kept, &|done, of| {
        bar.set_length(of);
        bar.set_position(done);
    })
    .await?;
    bar.finish_and_clear();
    let findings: Vec<String> = report.findings.iter().map(ToString::to_string).collect();
    let document = json!({
        "holds": report.holds(), "size": report.head.map_or(0, |head| head.size), "entries": report.entries,
        "checkpoints": report.checkpoints, "kept": report.kept, "cosignatures": report.cosignatures,
        "waiting": report.waiting, "findings": findings,
    });
    let is_alone = !witnesses.is_empty() && report.cosignatures == 0;
    output.report(&document, || text(&report, others, is_alone));
    match (report.holds(), is_alone) {
        (false, _) => Err(Failure::Told(CHANGED)),
        (true, true) => Err(Failure::Told(1)),
        (true, false) => Ok(()),
    }
}

fn text(report: &Report, others: u64, is_alone: bool) -> String {
    let mut text = String::new();
    let size = report.head.map_or(0, |head| head.size);
    let mark =
        if report.holds() { "✔ the audit log holds" } else { "✘ the audit log was changed" };
    // Writing to a text never fails.
    let _ = write!(
        text,
        "{mark}: {} entries compared, {} checkpoints to {} leaves, {} wait to be sealed",
        count(report.entries),
        count(report.checkpoints),
        count(size),
        count(report.waiting)
    );
    if report.kept > 0 {
        let _ = write!(
            text,
            "\n  {} kept checkpoints fit, those of the data folder and of its witnesses counted in; {} co-signatures of the witnesses that were given",
            count(report.kept),
            count(report.cosignatures)
        );
    }
    if others == 0 {
        text.push_str(
            "\n  Without a checkpoint that somebody else has kept (--kept), an old copy of the whole folder, or a history written anew with the log's key, can't be told.",
        );
    }
    if is_alone {
        text.push_str(
            "\n  None of these checkpoints is co-signed by a witness that was given (--witness).",
        );
    }
    for finding in &report.findings {
        let _ = write!(text, "\n  {finding}");
    }
    text
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("failed to read `{}`", path.display()))
}
