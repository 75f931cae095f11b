//! `huimin keys`.

use anyhow::anyhow;
use engine::DataFolder;
use jiff::Timestamp;
use serde_json::json;
use server::{AUDIT_KEY, COLUMN_KEYS, KeySource};
use store::audit::Act;
use store::{StoreError, begin_write};
use trust::{ColumnKeys, Suite};

use crate::cli::{KeysAction, PlaceArgs};
use crate::commands;
use crate::failure::Failure;
use crate::output::Output;

/// Works on the keys of the sealed columns.
pub(crate) async fn keys(action: &KeysAction, output: &Output) -> Result<(), Failure> {
    match action {
        KeysAction::Create { place, suite } => create(place, (*suite).into(), output),
        KeysAction::Status(place) => {
            let folder = DataFolder::open(&place.data)?;
            report(&KeySource::from_environment()?.column(&folder)?, output);
            Ok(())
        }
        KeysAction::Rotate(place) => rotate(place, output).await,
        KeysAction::Reseal(args) => commands::reseal::reseal(args, output).await,
        KeysAction::Retire(args) => commands::reseal::retire(args, output).await,
    }
}

fn create(place: &PlaceArgs, suite: Suite, output: &Output) -> Result<(), Failure> {
    in_folder()?;
    let folder = DataFolder::open_or_create(&place.data)?;
    // Whoever asks for keys that are there may think of others than those.
    for file in [folder.key_file(), folder.audit_key_file()] {
        if file.exists() {
            let told = format!("`{}` is there already; nothing was made", file.display());
            return Err(anyhow!(told).into());
        }
    }
    report(&ColumnKeys::load_or_create_of(&folder.key_file(), suite)?, output);
    Ok(())
}

/// The entry is written before: a rotation without one would be worse than an entry without a rotation.
async fn rotate(place: &PlaceArgs, output: &Output) -> Result<(), Failure> {
    in_folder()?;
    let (folder, db) = place.open().await?;
    let before = ColumnKeys::load(&folder.key_file())?;
    let transaction = begin_write(&db).await?;
    let act = Act {
        who: commands::BY,
        what: "keys.rotate",
        subject: "keys:column",
        at: Timestamp::now(),
        purpose: "operation",
    };
    store::audit::record(&transaction, act, &json!({ "sealed_until_now": before.id() })).await?;
    transaction.commit().await.map_err(StoreError::db("commit the audit entry"))?;
    commands::audit::seal(&folder, &db).await;
    report(&ColumnKeys::rotate(&folder.key_file())?, output);
    if !output.json() {
        output.text(&format!(
            "  Keep a copy of `{}` again, apart from the backups.",
            folder.key_file().display()
        ));
    }
    Ok(())
}

/// Keys from the environment are changed where they are kept.
pub(crate) fn in_folder() -> Result<(), Failure> {
    if KeySource::from_environment()?.is_folder() {
        return Ok(());
    }
    let told = format!(
        "the keys come from the environment (`{COLUMN_KEYS}`, `{AUDIT_KEY}`), which can't be changed from here; put them into files of the data folder, unset both, and run this again"
    );
    Err(anyhow!(told).into())
}

pub(crate) fn report(keys: &ColumnKeys, output: &Output) {
    let used: Vec<_> = keys.uses();
    let shown: Vec<_> = used
        .iter()
        .map(|key| json!({ "id": key.id, "seals": key.seals, "makes_tokens": key.makes_tokens }))
        .collect();
    output.report(&json!({ "suite": keys.suite().as_str(), "keys": shown }), || {
        let mut lines = vec![format!("suite {}", keys.suite().as_str())];
        lines.extend(used.iter().map(|key| {
            let uses = match (key.seals, key.makes_tokens) {
                (true, true) => "seals, makes tokens, opens",
                (true, false) => "seals, opens",
                (false, true) => "makes tokens, opens",
                (false, false) => "opens",
            };
            format!("{}  {uses}", key.id)
        }));
        lines.join("\n")
    });
}
