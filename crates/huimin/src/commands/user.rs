//! `huimin user`.

use std::io::{IsTerminal as _, Read as _};

use anyhow::{Context as _, bail};
use engine::DataFolder;
use jiff::Timestamp;
use server::accounts::{self, AccountError, NewUser};

use crate::cli::UserAction;
use crate::commands;
use crate::failure::Failure;
use crate::output::Output;

/// Makes or changes an account.
pub(crate) async fn user(action: &UserAction, output: &Output) -> Result<(), Failure> {
    let UserAction::Set { place, username, display_name, password_stdin } = action;
    let folder = DataFolder::open_or_create(&place.data)?;
    let db = server::open_database(&folder, place.url()).await?;
    let password = password(*password_stdin)?;
    let by = "command line";
    // An account is made now; this is an act of a person, not a step of the main job.
    let now = Timestamp::now();
    let new = NewUser {
        username,
        display_name: display_name.as_deref().unwrap_or_default(),
        role: "admin",
    };
    let made = match accounts::create_user(&db, new, &password, by, now).await {
        Ok(_) => true,
        Err(AccountError::Exists(_)) => {
            accounts::set_password(&db, username, &password, by, now).await?;
            false
        }
        Err(error) => return Err(error.into()),
    };
    commands::audit::seal(&folder, &db).await;
    output.report(&serde_json::json!({ "username": username, "made": made }), || {
        if made {
            format!("✔ account `{username}` is there")
        } else {
            format!("✔ account `{username}` has its new password; its sessions have ended")
        }
    });
    Ok(())
}

fn password(from_stdin: bool) -> anyhow::Result<String> {
    if !from_stdin && std::io::stdin().is_terminal() {
        bail!(
            "give the password on standard input, for instance `printf %s \"$PASSWORD\" | huimin user set … --password-stdin`"
        );
    }
    let mut text = String::new();
    std::io::stdin().take(4096).read_to_string(&mut text).context("failed to read the password")?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}
