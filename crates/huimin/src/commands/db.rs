//! `huimin db`.

use std::path::Path;

use anyhow::anyhow;
use engine::DataFolder;
use indicatif::{HumanBytes, ProgressBar, ProgressStyle};
use jiff::Timestamp;
use server::KeySource;
use server::backup::{self, Inventory};

use crate::cli::DbAction;
use crate::commands;
use crate::failure::Failure;
use crate::output::{Output, count};

/// Works on the database.
pub(crate) async fn db(action: &DbAction, output: &Output) -> Result<(), Failure> {
    match action {
        DbAction::Status(place) => {
            let folder = DataFolder::open(&place.data)?;
            let status = server::database_status(&folder, place.url()).await?;
            output.report(&status, || {
                let mut lines =
                    vec![format!("{}: {} migrations applied", status.kind, status.applied.len())];
                for (mark, names) in [("pending", &status.pending), ("unknown", &status.unknown)] {
                    lines.extend(names.iter().map(|name| format!("{mark}  {name}")));
                }
                if !status.unknown.is_empty() {
                    lines.push("a newer program wrote this database; use that one".to_owned());
                }
                lines.join("\n")
            });
        }
        DbAction::Migrate(place) => {
            let folder = DataFolder::open_or_create(&place.data)?;
            let (_, applied) = server::migrate_database(&folder, place.url()).await?;
            output.report(&serde_json::json!({ "applied": applied }), || match applied.len() {
                0 => "✔ the schema is up to date".to_owned(),
                number => format!("✔ {number} migrations applied: {}", applied.join(", ")),
            });
        }
        DbAction::Backup { place, to, with_keys } => {
            if *with_keys && !KeySource::from_environment()?.is_folder() {
                let told = "the keys come from the environment and can't be put into the backup; leave out --with-keys";
                return Err(anyhow!(told).into());
            }
            let (folder, db) = place.open().await?;
            commands::audit::seal(&folder, &db).await;
            let bar = BytesBar::start();
            let database = (&db, place.url());
            let now = Timestamp::now();
            let made =
                backup::backup(&folder, database, to, *with_keys, now, &bar.progress()).await?;
            bar.end();
            report(output, &made, "is made", to);
            if !with_keys && !output.json() {
                output.text(&format!(
                    "  The keys are not in it: keep `{}` elsewhere, without them it can't be read.",
                    folder.root().join("keys").display()
                ));
            }
        }
        DbAction::CheckBackup { from } => {
            let bar = BytesBar::start();
            let found = backup::check_backup(from, &bar.progress())?;
            bar.end();
            report(output, &found, "is whole", from);
        }
        DbAction::Restore { from, place, keys } => {
            let bar = BytesBar::start();
            let keys = keys.as_deref();
            let (data, url) = (&place.data, place.url());
            let source = KeySource::from_environment()?;
            let made = backup::restore(from, data, url, keys, &source, &bar.progress()).await?;
            bar.end();
            report(output, &made, "is restored", data);
            if !output.json() {
                output.text(
                    "  What was sent to the fiscal platform after the backup is known there: run `huimin batch receive` for open batches before you prepare new ones.",
                );
            }
        }
    }
    Ok(())
}

fn report(output: &Output, inventory: &Inventory, what: &str, place: &Path) {
    let document = serde_json::json!({
        "made_at": inventory.made_at, "code_version": inventory.code_version, "with_keys": inventory.with_keys,
        "run_id": inventory.run_id, "period": inventory.period, "files": inventory.files.len(),
        "bytes": inventory.bytes(), "sum": inventory.sum,
    });
    output.report(&document, || {
        format!(
            "✔ `{}` {what}: {} files, {}, as of {}{}",
            place.display(),
            count(inventory.files.len() as u64),
            HumanBytes(inventory.bytes()),
            inventory.made_at,
            inventory
                .period
                .as_ref()
                .map(|period| format!(", decided up to {period}"))
                .unwrap_or_default()
        )
    });
}

/// Progress over bytes.
struct BytesBar(ProgressBar);

impl BytesBar {
    fn start() -> Self {
        let bar = ProgressBar::new(0);
        if let Ok(style) =
            ProgressStyle::with_template("{spinner} {bytes} of {total_bytes}  {bytes_per_sec}")
        {
            bar.set_style(style);
        }
        Self(bar)
    }

    fn progress(&self) -> impl Fn(u64, u64) + Sync {
        let bar = self.0.clone();
        move |done, of| {
            bar.set_length(of);
            bar.set_position(done);
        }
    }

    fn end(self) {
        self.0.finish_and_clear();
    }
}
