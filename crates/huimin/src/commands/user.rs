//! `huimin user`.

use std::io::{IsTerminal as _, Read as _};

use anyhow::{Context as _, bail};
use engine::DataFolder;
use identity::account::{self, Account, Change, NewAccount};
use identity::grant::{self, NewGrant};
use identity::second_factor;
use jiff::{Timestamp, ToSpan as _};
use serde_json::json;
use store::sea_orm::DatabaseConnection;

use crate::cli::{UserAction, UserSetArgs};
use crate::commands;
use crate::failure::Failure;
use crate::output::Output;

/// Accounts that are read at once.
const PAGE: u64 = 500;

/// Makes, changes or lists accounts.
pub(crate) async fn user(action: &UserAction, output: &Output) -> Result<(), Failure> {
    // These are acts of a person, not steps of the main job.
    let now = Timestamp::now();
    match action {
        UserAction::Set(args) => set(args, now, output).await,
        UserAction::List { place } => {
            let (_, db) = place.open().await?;
            let accounts = all(&db).await?;
            output.report(&accounts, || table(&accounts));
            Ok(())
        }
        UserAction::ResetSecondFactor { place, username } => {
            let (folder, db) = place.open().await?;
            second_factor::reset(&db, username, super::BY, now).await?;
            commands::audit::seal(&folder, &db).await;
            output.report(&json!({ "username": username }), || {
                format!("✔ account `{username}` has no second factor now; its sessions have ended")
            });
            Ok(())
        }
    }
}

async fn set(args: &UserSetArgs, now: Timestamp, output: &Output) -> Result<(), Failure> {
    let folder = DataFolder::open_or_create(&args.place.data)?;
    let db = server::open_database(&folder, args.place.url()).await?;
    let username = args.username.as_str();
    let made = account::find(&db, username).await?.is_none();
    if made {
        if !args.password_stdin {
            return Err(
                anyhow::anyhow!("a new account needs a password: give --password-stdin").into()
            );
        }
        let new = NewAccount {
            username,
            display_name: args.display_name.as_deref().unwrap_or_default(),
            organisation: args.organisation.as_deref(),
            roles: &args.role,
            must_change_password: args.must_change_password,
        };
        account::create(&db, new, &password()?, super::BY, now).await?;
    } else {
        if args.must_change_password && !args.password_stdin {
            let told =
                "--must-change-password goes with a new password: give --password-stdin as well";
            return Err(anyhow::anyhow!(told).into());
        }
        change(args, &db, now).await?;
    }
    for purpose in &args.grant {
        let until = now.checked_add((24 * 365).hours()).unwrap_or(now);
        let new =
            NewGrant { purpose: *purpose, from: now, until, reason: "given on the command line" };
        grant::create(&db, username, new, super::BY, now).await?;
    }
    commands::audit::seal(&folder, &db).await;
    output.report(&json!({ "username": username, "made": made }), || {
        if made {
            format!("✔ account `{username}` is there")
        } else {
            format!("✔ account `{username}` is as given; if its password, roles or organisation changed, its sessions have ended")
        }
    });
    Ok(())
}

async fn change(
    args: &UserSetArgs,
    db: &DatabaseConnection,
    now: Timestamp,
) -> Result<(), Failure> {
    let change = Change {
        display_name: args.display_name.as_deref(),
        organisation: args.organisation.as_deref(),
        roles: Some(args.role.as_slice()).filter(|roles| !roles.is_empty()),
        has_left: None,
    };
    if change.display_name.or(change.organisation).is_some() || change.roles.is_some() {
        account::change(db, &args.username, None, change, super::BY, now).await?;
    }
    if args.password_stdin {
        let must = args.must_change_password;
        account::set_password(db, &args.username, &password()?, must, super::BY, now).await?;
    }
    Ok(())
}

async fn all(db: &DatabaseConnection) -> Result<Vec<Account>, Failure> {
    let mut accounts: Vec<Account> = Vec::new();
    loop {
        let after = accounts.last().map(|last| last.username.clone());
        let page = account::list(db, None, after.as_deref(), PAGE).await?;
        if page.is_empty() {
            return Ok(accounts);
        }
        accounts.extend(page);
    }
}

fn table(accounts: &[Account]) -> String {
    if accounts.is_empty() {
        return "There is no account yet; `huimin user set` makes one.".to_owned();
    }
    let lines = accounts.iter().map(|account| {
        let roles: Vec<&str> = account.roles.iter().map(|role| role.as_str()).collect();
        let left = if account.has_left { "  (has left)" } else { "" };
        format!(
            "{:<20} {:<30} {:<24} {}{left}",
            account.username,
            roles.join(","),
            account.organisation.as_deref().unwrap_or("-"),
            account.display_name
        )
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn password() -> anyhow::Result<String> {
    if std::io::stdin().is_terminal() {
        bail!(
            "give the password on standard input, for instance `printf %s \"$PASSWORD\" | huimin user set … --password-stdin`"
        );
    }
    let mut text = String::new();
    std::io::stdin().take(4096).read_to_string(&mut text).context("failed to read the password")?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}
