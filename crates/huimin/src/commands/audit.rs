//! `huimin audit`.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Context as _;
use audit::Report;
use engine::DataFolder;
use indicatif::{ProgressBar, ProgressStyle};
use jiff::Timestamp;
use server::AuditLog;
use store::sea_orm::DatabaseConnection;
use trust::log::{LogVerifier, WitnessVerifier};

use crate::cli::{AuditAction, VerifyArgs};
use crate::failure::Failure;
use crate::output::{Output, count};

/// Exit code for a log that was changed.
const CHANGED: u8 = 6;

/// Seals what a command has written. What the command was for is done, so that a failure is told and no more; the
/// entries wait.
pub(crate) async fn seal(folder: &DataFolder, db: &DatabaseConnection) {
    let sealed = async { AuditLog::open(folder, db).await?.seal(Timestamp::now()).await };
    if let Err(error) = sealed.await {
        eprintln!("! the audit trail was not sealed: {:#}", anyhow::Error::from(error));
    }
}

/// Works on the audit trail's log.
pub(crate) async fn audit(action: &AuditAction, output: &Output) -> Result<(), Failure> {
    match action {
        AuditAction::Verify(args) => verify(args, output).await,
        AuditAction::Key(place) => {
            let (folder, db) = place.open().await?;
            let log = AuditLog::open(&folder, &db).await?;
            let key = serde_json::json!({ "verifier_key": log.verifier_key() });
            output.report(&key, || log.verifier_key().to_owned());
            Ok(())
        }
        AuditAction::Checkpoint(place) => {
            let (folder, db) = place.open().await?;
            AuditLog::open(&folder, &db).await?.seal(Timestamp::now()).await?;
            let note = audit::checkpoint(&db).await?.ok_or(audit::AuditError::Nothing)?;
            output
                .report(&serde_json::json!({ "checkpoint": note }), || note.trim_end().to_owned());
            Ok(())
        }
        AuditAction::Export { place, out } => {
            let (folder, db) = place.open().await?;
            AuditLog::open(&folder, &db).await?.seal(Timestamp::now()).await?;
            let leaves = audit::export(&db, out).await?;
            output.report(&serde_json::json!({ "leaves": leaves }), || {
                format!("✔ {} leaves of the audit log are in `{}`", count(leaves), out.display())
            });
            Ok(())
        }
    }
}

async fn verify(args: &VerifyArgs, output: &Output) -> Result<(), Failure> {
    let (folder, db) = args.place.open().await?;
    let key = match &args.log_key {
        Some(key) => key.clone(),
        None => AuditLog::open(&folder, &db).await?.verifier_key().to_owned(),
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
    let document = serde_json::json!({
        "holds": report.holds(), "size": report.head.map_or(0, |head| head.size), "entries": report.entries,
        "checkpoints": report.checkpoints, "kept": report.kept, "cosignatures": report.cosignatures,
        "waiting": report.waiting, "findings": findings,
    });
    output.report(&document, || text(&report, others));
    if report.holds() { Ok(()) } else { Err(Failure::Told(CHANGED)) }
}

fn text(report: &Report, others: u64) -> String {
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
    let _ = match others {
        0 => write!(
            text,
            "\n  Without a checkpoint that somebody else has kept (--kept), an old copy of the whole folder, or a history written anew with the log's key, can't be told."
        ),
        others => write!(
            text,
            "\n  {} checkpoints were given; {} fit, that of the data folder counted in; {} co-signatures",
            count(others),
            count(report.kept),
            count(report.cosignatures)
        ),
    };
    for finding in &report.findings {
        let _ = write!(text, "\n  {finding}");
    }
    text
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("failed to read `{}`", path.display()))
}
