//! `huimin db`.

use engine::DataFolder;

use crate::cli::DbAction;
use crate::failure::Failure;
use crate::output::Output;

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
    }
    Ok(())
}
