//! Local accounts: who may sign in, with passwords as argon2id hashes.
//!
//! Functions take the instant as an argument; only salts and session tokens come from the operating
//! system's random numbers, because nobody else should choose them. Every change is written to the
//! audit trail in its own transaction.

pub(crate) mod attempts;
mod password;
pub(crate) mod session;
mod table;

use jiff::Timestamp;
use serde::Serialize;
use store::audit::{self, Act};
use store::sea_orm::entity::prelude::*;
use store::sea_orm::{DatabaseConnection, QueryOrder};
use store::{StoreError, begin_write, instant_text};

pub(crate) use password::{HashError, verify_in_turn};

/// Fewest characters of a password (NIST SP 800-63B, section 5.1.1.2, asks for eight).
pub const PASSWORD_MIN: usize = 8;
/// Most bytes of a password, so that hashing it stays cheap.
pub const PASSWORD_MAX: usize = 1024;

/// What can go wrong with accounts.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// The username has characters that none may have.
    #[error(
        "`{0}` is not a username; use 1 to 64 lower-case letters, digits, `.`, `-` and `_`, beginning with a letter"
    )]
    Username(String),
    /// There is such a user already.
    #[error("there is a user `{0}` already; `huimin user password {0}` sets a new password")]
    Exists(String),
    /// There is no such user.
    #[error("there is no user `{0}`; `huimin user list` shows all")]
    Unknown(String),
    /// The role is not one that this program knows.
    #[error("`{0}` is not a role; use one of admin, clerk, approver, auditor")]
    Role(String),
    /// The password is too short, too long, or the username.
    #[error("this password can't be used: {0}")]
    Password(&'static str),
    /// Hashing failed.
    #[error("the password could not be hashed")]
    Hash(#[source] HashError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Roles that a user may have. What each may do is the same for now: to read the console.
const ROLES: [&str; 4] = ["admin", "clerk", "approver", "auditor"];

/// A user to be made.
#[derive(Debug, Clone, Copy)]
pub struct NewUser<'a> {
    /// What is typed at sign-in.
    pub username: &'a str,
    /// What is shown; the username if empty.
    pub display_name: &'a str,
    /// `admin`, `clerk`, `approver` or `auditor`.
    pub role: &'a str,
}

/// A user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct User {
    /// What is typed at sign-in.
    pub username: String,
    /// What is shown.
    pub display_name: String,
    /// `admin`, `clerk`, `approver` or `auditor`.
    pub role: String,
    /// When it was made, UTC, RFC 3339.
    pub created_at: String,
}

impl From<table::user::Model> for User {
    fn from(row: table::user::Model) -> Self {
        Self {
            username: row.username,
            display_name: row.display_name,
            role: row.role,
            created_at: row.created_at,
        }
    }
}

/// Makes a user, on behalf of `by` (a username, or the program's name).
///
/// # Errors
///
/// [`AccountError`]: a bad username, role or password, or a user of that name.
pub async fn create_user(
    db: &DatabaseConnection,
    new: NewUser<'_>,
    password: &str,
    by: &str,
    now: Timestamp,
) -> Result<User, AccountError> {
    let username = new.username;
    if !is_username(username) {
        return Err(AccountError::Username(username.to_owned()));
    }
    if !ROLES.contains(&new.role) {
        return Err(AccountError::Role(new.role.to_owned()));
    }
    check_password(username, password)?;
    let hash = password::hash(password).map_err(AccountError::Hash)?;

    let transaction = begin_write(db).await?;
    if table::user::Entity::find_by_id(username)
        .one(&transaction)
        .await
        .map_err(StoreError::db("look for the user"))?
        .is_some()
    {
        return Err(AccountError::Exists(username.to_owned()));
    }
    let display_name = if new.display_name.is_empty() { username } else { new.display_name };
    let row = table::user::Model {
        username: username.to_owned(),
        display_name: display_name.to_owned(),
        role: new.role.to_owned(),
        password_hash: hash,
        created_at: instant_text(now),
        password_set_at: instant_text(now),
    };
    let values: table::user::ActiveModel = row.clone().into();
    table::user::Entity::insert(values.reset_all())
        .exec_without_returning(&transaction)
        .await
        .map_err(StoreError::db("write the user"))?;
    record(
        &transaction,
        by,
        "user.create",
        username,
        now,
        &serde_json::json!({ "role": new.role }),
    )
    .await?;
    transaction.commit().await.map_err(StoreError::db("commit the new user"))?;
    Ok(row.into())
}

/// Sets a user's password and ends all sessions of theirs.
///
/// # Errors
///
/// [`AccountError`]: no such user, or a bad password.
pub async fn set_password(
    db: &DatabaseConnection,
    username: &str,
    password: &str,
    by: &str,
    now: Timestamp,
) -> Result<(), AccountError> {
    check_password(username, password)?;
    let hash = password::hash(password).map_err(AccountError::Hash)?;
    let transaction = begin_write(db).await?;
    let changed = table::user::Entity::update_many()
        .col_expr(table::user::Column::PasswordHash, Expr::value(hash))
        .col_expr(table::user::Column::PasswordSetAt, Expr::value(instant_text(now)))
        .filter(table::user::Column::Username.eq(username))
        .exec(&transaction)
        .await
        .map_err(StoreError::db("write the password"))?;
    if changed.rows_affected == 0 {
        return Err(AccountError::Unknown(username.to_owned()));
    }
    session::end_all_of(&transaction, username).await?;
    attempts::forget(&transaction, username).await?;
    record(&transaction, by, "user.set_password", username, now, &serde_json::json!({})).await?;
    transaction.commit().await.map_err(StoreError::db("commit the new password"))?;
    Ok(())
}

/// All users, by username.
///
/// # Errors
///
/// When the database fails.
pub async fn list(db: &DatabaseConnection) -> Result<Vec<User>, AccountError> {
    let rows = table::user::Entity::find()
        .order_by_asc(table::user::Column::Username)
        .all(db)
        .await
        .map_err(StoreError::db("read the users"))?;
    Ok(rows.into_iter().map(User::from).collect())
}

/// A user with the password hash, or `None`.
pub(crate) async fn find(
    db: &DatabaseConnection,
    username: &str,
) -> Result<Option<(User, String)>, StoreError> {
    let row = table::user::Entity::find_by_id(username)
        .one(db)
        .await
        .map_err(StoreError::db("read the user"))?;
    Ok(row.map(|row| {
        let hash = row.password_hash.clone();
        (row.into(), hash)
    }))
}

/// Writes an audit entry about a user.
pub(crate) async fn record<C: ConnectionTrait>(
    db: &C,
    who: &str,
    what: &str,
    username: &str,
    at: Timestamp,
    detail: &serde_json::Value,
) -> Result<(), StoreError> {
    let subject = format!("user:{username}");
    audit::record(db, Act { who, what, subject: &subject, at, purpose: "access control" }, detail)
        .await
}

/// What is typed at sign-in: how it was written does not matter.
pub(crate) fn normalised(username: &str) -> String {
    username.trim().to_ascii_lowercase()
}

fn is_username(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(|byte| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-_".contains(&byte)
        })
}

fn check_password(username: &str, password: &str) -> Result<(), AccountError> {
    if password.chars().count() < PASSWORD_MIN {
        return Err(AccountError::Password("it has fewer than 8 characters"));
    }
    if password.len() > PASSWORD_MAX {
        return Err(AccountError::Password("it is longer than 1024 bytes"));
    }
    if normalised(password) == normalised(username) {
        return Err(AccountError::Password("it is the username"));
    }
    Ok(())
}
