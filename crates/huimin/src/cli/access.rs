//! Arguments of `huimin organisation` and `huimin user`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use identity::organisation::Kind;
use identity::{Purpose, Role};
use vocab::DivisionCode;

use super::PlaceArgs;

/// What can be done with organisations.
#[derive(Debug, Subcommand)]
pub(crate) enum OrganisationAction {
    /// Make one organisation.
    Add {
        /// The data folder and its database.
        #[command(flatten)]
        place: PlaceArgs,
        /// Its id: lower-case letters, digits, `.`, `-` and `_`.
        #[arg(long)]
        id: String,
        /// Its name in Chinese.
        #[arg(long)]
        name: String,
        /// Its name in English.
        #[arg(long, default_value = "")]
        name_en: String,
        /// What it does: `civil_affairs`, `department`, `charity` or `audit`.
        #[arg(long, value_parser = kind, default_value = "civil_affairs")]
        kind: Kind,
        /// The code of the division that it works in.
        #[arg(long, value_parser = division)]
        division: DivisionCode,
        /// The organisation above.
        #[arg(long)]
        parent: Option<String>,
    },
    /// Make the civil-affairs organisations of all divisions of a city pack that have none yet.
    Import {
        /// The data folder and its database.
        #[command(flatten)]
        place: PlaceArgs,
        /// The city pack.
        #[arg(long, env = "HUIMIN_PACK")]
        pack: PathBuf,
    },
    /// List organisations.
    List {
        /// The data folder and its database.
        #[command(flatten)]
        place: PlaceArgs,
        /// Only those within this division.
        #[arg(long, value_parser = division)]
        division: DivisionCode,
    },
}

/// What can be done with accounts.
#[derive(Debug, Subcommand)]
pub(crate) enum UserAction {
    /// Make an account, or change one: whatever is given is set. Its sessions end.
    Set(Box<UserSetArgs>),
    /// List accounts.
    List {
        /// The data folder and its database.
        #[command(flatten)]
        place: PlaceArgs,
    },
    /// Take the second factor of an account away, when telephone and recovery codes are lost.
    ResetSecondFactor {
        /// The data folder and its database.
        #[command(flatten)]
        place: PlaceArgs,
        /// Whose.
        #[arg(long)]
        username: String,
    },
}

/// An account as it should be.
#[derive(Debug, Args)]
pub(crate) struct UserSetArgs {
    /// The data folder and its database.
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    /// The name to sign in with.
    #[arg(long)]
    pub(crate) username: String,
    /// The name that others see.
    #[arg(long)]
    pub(crate) display_name: Option<String>,
    /// What they are employed for; may be given several times. One of policy_officer, case_worker, data_steward,
    /// finance_officer, auditor, system_admin, security_admin, audit_admin.
    #[arg(long, value_parser = role)]
    pub(crate) role: Vec<Role>,
    /// The id of the organisation that employs them.
    #[arg(long)]
    pub(crate) organisation: Option<String>,
    /// A purpose to grant for a year; may be given several times. One of casework, policy_work, payment, data_quality,
    /// supervision.
    #[arg(long, value_parser = purpose)]
    pub(crate) grant: Vec<Purpose>,
    /// The owner changes the password at the next sign-in.
    #[arg(long)]
    pub(crate) must_change_password: bool,
    /// Read the password from standard input. A new account needs one.
    #[arg(long)]
    pub(crate) password_stdin: bool,
}

fn role(text: &str) -> Result<Role, String> {
    Role::parse(text).map_err(|error| error.to_string())
}

fn purpose(text: &str) -> Result<Purpose, String> {
    Purpose::parse(text).map_err(|error| error.to_string())
}

fn kind(text: &str) -> Result<Kind, String> {
    let known = Kind::ALL.map(Kind::as_str).join(", ");
    Kind::parse(text).ok_or_else(|| format!("expected one of {known}"))
}

fn division(text: &str) -> Result<DivisionCode, String> {
    DivisionCode::parse(text).map_err(|_| "expected a division code as 440104".to_owned())
}
