//! `huimin keys reseal` and `huimin keys retire`: out of use with a key.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use engine::{DataFolder, Manifest, Tables, Versions};
use jiff::Timestamp;
use serde_json::json;
use server::KeySource;
use store::audit::Act;
use store::sea_orm::DatabaseConnection;
use store::{StoreError, begin_write};
use trust::ColumnKeys;

use crate::cli::{ResealArgs, RetireArgs};
use crate::commands;
use crate::failure::Failure;
use crate::output::{Output, count};
use crate::progress::StepBar;

/// What was done.
#[derive(Debug, Default)]
struct Resealed {
    cells: u64,
    sealed: u64,
    files: u64,
}

/// Seals with the present key whatever another one has sealed.
pub(crate) async fn reseal(args: &ResealArgs, output: &Output) -> Result<(), Failure> {
    let (folder, db) = args.place.open().await?;
    let keys = KeySource::from_environment()?.column(&folder)?;
    record(&db, "keys.reseal", keys.id()).await?;
    let resealed = all(&folder, &db, &keys, Duration::from_secs(args.grace)).await?;
    commands::audit::seal(&folder, &db).await;
    let document = json!({
        "key": keys.id(), "cells": resealed.cells, "sealed_anew": resealed.sealed, "files_removed": resealed.files,
    });
    output.report(&document, || {
        format!(
            "✔ {} cells, {} of them sealed anew with key {}; {} files of before removed",
            count(resealed.cells),
            count(resealed.sealed),
            keys.id(),
            count(resealed.files)
        )
    });
    Ok(())
}

/// Takes a key out of the file, once nothing is sealed with it any more.
pub(crate) async fn retire(args: &RetireArgs, output: &Output) -> Result<(), Failure> {
    commands::keys::in_folder()?;
    let (folder, db) = args.reseal.place.open().await?;
    let keys = ColumnKeys::load(&folder.key_file())?;
    // Before the long work, and again after it.
    keys.check_retirable(&args.key)?;
    record(&db, "keys.retire", &args.key).await?;
    all(&folder, &db, &keys, Duration::from_secs(args.reseal.grace)).await?;
    let left = ColumnKeys::retire(&folder.key_file(), &args.key)?;
    commands::audit::seal(&folder, &db).await;
    commands::keys::report(&left, output);
    Ok(())
}

/// The entry is written before, as that of a rotation is.
async fn record(db: &DatabaseConnection, what: &str, key: &str) -> Result<(), Failure> {
    let transaction = begin_write(db).await?;
    let act = Act {
        who: commands::BY,
        what,
        subject: "keys:column",
        at: Timestamp::now(),
        purpose: "operation",
    };
    store::audit::record(&transaction, act, &json!({ "key": key })).await?;
    transaction.commit().await.map_err(StoreError::db("commit the audit entry"))?;
    Ok(())
}

async fn all(
    folder: &DataFolder,
    db: &DatabaseConnection,
    keys: &ColumnKeys,
    grace: Duration,
) -> Result<Resealed, Failure> {
    // No run may write with what it has read before.
    let _lock = folder.lock()?;
    let bar = StepBar::start("reseal", "the database");
    let mut done = Resealed::default();
    let secrets = identity::second_factor::reseal(db, keys).await?;
    let rows = secrets + benefits::reseal(db, keys).await?;
    done.cells += rows.seen;
    done.sealed += rows.changed;
    if let Some(manifest) = Manifest::current(folder)? {
        tables(folder, manifest, keys, grace, &bar, &mut done).await?;
    }
    bar.finish(done.cells, &format!("{} of them sealed anew", count(done.sealed)));
    Ok(done)
}

async fn tables(
    folder: &DataFolder,
    mut manifest: Manifest,
    keys: &ColumnKeys,
    grace: Duration,
    bar: &StepBar,
    done: &mut Resealed,
) -> Result<(), Failure> {
    let tables = Tables::new(folder);
    let mut became = BTreeMap::new();
    for (table, versions) in read_versions(&manifest) {
        let mut of_intake = intake::Reseal::of(&table, keys);
        let mut of_registry = registry::Reseal::of(&table, keys);
        if of_intake.is_none() && of_registry.is_none() {
            continue;
        }
        bar.message(&table);
        let rewritten = engine::rewrite(&tables, &table, &versions, &mut |rows| match (
            &mut of_intake,
            &mut of_registry,
        ) {
            (Some(reseal), _) => reseal.rows(rows).map_err(anyhow::Error::from),
            (None, Some(reseal)) => reseal.rows(rows).map_err(anyhow::Error::from),
            (None, None) => Ok(None),
        })
        .await?;
        let counts = of_intake.map(|reseal| (reseal.cells, reseal.sealed));
        let counts = counts.or(of_registry.map(|reseal| (reseal.cells, reseal.sealed)));
        let (cells, sealed) = counts.unwrap_or_default();
        done.cells += cells;
        done.sealed += sealed;
        bar.at(done.cells);
        became.insert(table, rewritten.versions);
    }
    let changes = became.values().flatten().any(|(old, new)| old != new);
    if changes {
        rename(&mut manifest.tables, &became);
        for run in manifest.periods.values_mut() {
            rename(&mut run.tables, &became);
        }
        manifest.number += 1;
        manifest.publish(folder)?;
        // Whoever has begun to read what was published before may end.
        bar.message("waiting for readers of what was there before");
        tokio::time::sleep(grace).await;
    }
    // Also what a reseal has left that broke off here.
    for (table, versions) in read_versions(&manifest) {
        if became.contains_key(&table) {
            done.files += engine::remove_unread(&tables, &table, &versions).await?;
        }
    }
    Ok(())
}

/// Every version of every table that is still read: those that are published, and those that the decisions of each
/// period are explained with.
fn read_versions(manifest: &Manifest) -> BTreeMap<String, BTreeSet<i64>> {
    let mut read: BTreeMap<String, BTreeSet<i64>> = BTreeMap::new();
    let of_periods = manifest.periods.values().map(|run| &run.tables);
    for versions in std::iter::once(&manifest.tables).chain(of_periods) {
        for (table, version) in versions {
            read.entry(table.clone()).or_default().insert(*version);
        }
    }
    read
}

fn rename(versions: &mut Versions, became: &BTreeMap<String, BTreeMap<i64, i64>>) {
    for (table, version) in versions {
        if let Some(new) = became.get(table).and_then(|became| became.get(version)) {
            *version = *new;
        }
    }
}
