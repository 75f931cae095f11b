//! Accounts of the staff.

mod change;

use std::collections::HashMap;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;
use store::sea_orm::entity::prelude::*;
use store::sea_orm::sea_query::OnConflict;
use store::sea_orm::{
    DatabaseConnection, DatabaseTransaction, QueryOrder, QuerySelect, QueryTrait as _,
};
use store::{StoreError, begin_write, instant_text};
use vocab::DivisionCode;

pub use self::change::{Change, change, set_password};
use crate::organisation::{self, is_name};
use crate::table::{organisation as organisations, user};
use crate::{IdentityError, Role, password, role, trail};

/// A user to be made.
#[derive(Debug, Clone, Copy)]
pub struct NewAccount<'a> {
    /// What is typed at sign-in.
    pub username: &'a str,
    /// What is shown; the username if empty.
    pub display_name: &'a str,
    /// The organisation that employs them.
    pub organisation: Option<&'a str>,
    /// What they are employed for.
    pub roles: &'a [Role],
    /// Whether the password was chosen by somebody else, so that it is changed at the first sign-in.
    pub must_change_password: bool,
}

/// An account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Account {
    /// What is typed at sign-in.
    pub username: String,
    /// What is shown.
    pub display_name: String,
    /// The organisation that employs them.
    pub organisation: Option<String>,
    /// What they are employed for.
    pub roles: Vec<Role>,
    /// Whether they have left; then nobody signs in with it.
    pub has_left: bool,
    /// Whether the password is changed at the next sign-in.
    pub must_change_password: bool,
    /// Counted up with each change.
    pub version: i64,
    /// When it was made, UTC, RFC 3339.
    pub created_at: String,
}

impl From<user::Model> for Account {
    fn from(row: user::Model) -> Self {
        Self {
            username: row.username,
            display_name: row.display_name,
            organisation: row.organisation_id,
            roles: role::read(&row.roles),
            has_left: row.has_left,
            must_change_password: row.must_change_password,
            version: row.version,
            created_at: row.created_at,
        }
    }
}

/// Makes an account, on behalf of `by` (a username, or the program's name).
///
/// # Errors
///
/// [`IdentityError`]: a bad username, name, password or set of roles, no such organisation, or a user of that name.
pub async fn create(
    db: &DatabaseConnection,
    new: NewAccount<'_>,
    password: &str,
    by: &str,
    now: Timestamp,
) -> Result<Account, IdentityError> {
    let prepared = prepare(new, password)?;
    let transaction = begin_write(db).await?;
    let made = prepared.create_in(&transaction, by, now).await?;
    transaction.commit().await.map_err(StoreError::db("commit the new user"))?;
    Ok(made)
}

/// An account that can be made, its password hashed.
#[derive(Debug)]
pub struct Prepared<'a> {
    new: NewAccount<'a>,
    roles: Vec<Role>,
    password_hash: String,
}

/// Checks what can be checked without the database, and hashes the password: that takes long, and would keep
/// others waiting within a transaction.
///
/// # Errors
///
/// [`IdentityError`]: a bad username, name, password or set of roles.
pub fn prepare<'a>(new: NewAccount<'a>, password: &str) -> Result<Prepared<'a>, IdentityError> {
    let username = new.username;
    if !is_username(username) {
        return Err(IdentityError::Username(username.to_owned()));
    }
    if !is_name(new.shown()) {
        return Err(IdentityError::Name);
    }
    let roles = role::together(new.roles)?;
    password::check(password, &[username, new.shown()])?;
    Ok(Prepared { new, roles, password_hash: password::hash(password)? })
}

impl<'a> NewAccount<'a> {
    fn shown(&self) -> &'a str {
        if self.display_name.is_empty() { self.username } else { self.display_name }
    }
}

impl Prepared<'_> {
    /// Makes the account, in a transaction of the caller's.
    ///
    /// # Errors
    ///
    /// [`IdentityError`]: no such organisation, or a user of that name.
    pub async fn create_in(
        self,
        transaction: &DatabaseTransaction,
        by: &str,
        now: Timestamp,
    ) -> Result<Account, IdentityError> {
        let Self { new, roles, password_hash } = self;
        let username = new.username;
        if find(transaction, username).await?.is_some() {
            return Err(IdentityError::UserExists(username.to_owned()));
        }
        check_employment(transaction, &roles, new.organisation).await?;
        let row = user::Model {
            username: username.to_owned(),
            display_name: new.shown().to_owned(),
            password_hash,
            created_at: instant_text(now),
            password_set_at: instant_text(now),
            roles: role::write(&roles),
            organisation_id: new.organisation.map(str::to_owned),
            has_left: false,
            must_change_password: new.must_change_password,
            version: 1,
        };
        let values: user::ActiveModel = row.clone().into();
        // Somebody may have made it since it was looked for.
        let once = OnConflict::column(user::Column::Username).do_nothing().to_owned();
        let inserted = user::Entity::insert(values.reset_all())
            .on_conflict(once)
            .exec_without_returning(transaction)
            .await
            .map_err(StoreError::db("write the user"))?;
        if inserted == 0 {
            return Err(IdentityError::UserExists(username.to_owned()));
        }
        let detail = json!({ "roles": row.roles, "organisation": new.organisation });
        record(transaction, by, "user.create", username, now, &detail).await?;
        Ok(row.into())
    }
}

/// Whoever looks at persons does it in the division of an organisation.
async fn check_employment<C: ConnectionTrait>(
    db: &C,
    roles: &[Role],
    organisation: Option<&str>,
) -> Result<(), IdentityError> {
    match organisation {
        Some(id) if organisation::find(db, id).await?.is_none() => {
            Err(IdentityError::OrganisationUnknown(id.to_owned()))
        }
        Some(_) => Ok(()),
        None => match roles.first() {
            Some(role) => Err(IdentityError::NoOrganisation(role.as_str())),
            None => Ok(()),
        },
    }
}

/// Makes whoever signs in with an account, or changes what it may do, wait for the end of this transaction.
///
/// # Errors
///
/// When the database fails.
pub async fn lock(transaction: &DatabaseTransaction, username: &str) -> Result<(), StoreError> {
    // On SQLite a transaction that writes has the whole database for itself.
    user::Entity::update_many()
        .col_expr(user::Column::Version, Expr::col(user::Column::Version))
        .filter(user::Column::Username.eq(username))
        .exec(transaction)
        .await
        .map_err(StoreError::db("lock an account"))?;
    Ok(())
}

/// An account, or `None`.
///
/// # Errors
///
/// When the database fails.
pub async fn find<C: ConnectionTrait>(
    db: &C,
    username: &str,
) -> Result<Option<Account>, IdentityError> {
    Ok(find_with_hash(db, username).await?.map(|(account, _)| account))
}

/// An account with the password hash, or `None`.
///
/// # Errors
///
/// When the database fails.
pub async fn find_with_hash<C: ConnectionTrait>(
    db: &C,
    username: &str,
) -> Result<Option<(Account, String)>, IdentityError> {
    // What can't be a username is nobody's, and some texts a database does not even take.
    if !is_username(username) {
        return Ok(None);
    }
    let row = user::Entity::find_by_id(username)
        .one(db)
        .await
        .map_err(StoreError::db("read the user"))?;
    Ok(row.map(|row| {
        let hash = row.password_hash.clone();
        (row.into(), hash)
    }))
}

/// The accounts of organisations within a division, by username, from after `after` on; without a
/// division all, also those without an organisation.
///
/// # Errors
///
/// When the database fails.
pub async fn list<C: ConnectionTrait>(
    db: &C,
    within: Option<&DivisionCode>,
    after: Option<&str>,
    limit: u64,
) -> Result<Vec<Account>, IdentityError> {
    let mut query = user::Entity::find().order_by_asc(user::Column::Username).limit(limit);
    if let Some(within) = within {
        let employers = organisations::Entity::find()
            .select_only()
            .column(organisations::Column::Id)
            .filter(organisations::Column::Division.starts_with(within.as_str()))
            .into_query();
        query = query.filter(user::Column::OrganisationId.in_subquery(employers));
    }
    if let Some(after) = after {
        query = query.filter(user::Column::Username.gt(after));
    }
    let rows = query.all(db).await.map_err(StoreError::db("read the users"))?;
    Ok(rows.into_iter().map(Account::from).collect())
}

/// What is shown for each of these accounts, by username; those that there are not are left out.
///
/// # Errors
///
/// When the database fails.
pub async fn display_names<C: ConnectionTrait>(
    db: &C,
    usernames: &[&str],
) -> Result<HashMap<String, String>, IdentityError> {
    if usernames.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(String, String)> = user::Entity::find()
        .select_only()
        .columns([user::Column::Username, user::Column::DisplayName])
        .filter(user::Column::Username.is_in(usernames.iter().copied()))
        .into_tuple()
        .all(db)
        .await
        .map_err(StoreError::db("read the names of users"))?;
    Ok(rows.into_iter().collect())
}

/// Writes an entry of the audit trail about an account, in the transaction of the effect.
///
/// # Errors
///
/// When the database refuses; the caller then gives the effect up too.
pub async fn record<C: ConnectionTrait>(
    db: &C,
    who: &str,
    what: &str,
    username: &str,
    at: Timestamp,
    detail: &serde_json::Value,
) -> Result<(), StoreError> {
    trail::record(db, (who, what), &format!("user:{username}"), at, detail).await
}

/// What is typed at sign-in: how it was written does not matter.
#[must_use]
pub fn normalised(username: &str) -> String {
    username.trim().to_ascii_lowercase()
}

/// Names that the audit trail has for what is nobody's account.
const RESERVED: [&str; 2] = ["server", "unknown"];

fn is_username(text: &str) -> bool {
    !RESERVED.contains(&text)
        && (1..=64).contains(&text.len())
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(|byte| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-_".contains(&byte)
        })
}
