//! Changing an account. What it may do, and its sessions, change together.

use jiff::Timestamp;
use serde_json::json;
use store::sea_orm::entity::prelude::*;
use store::sea_orm::{ActiveValue, DatabaseConnection};
use store::{StoreError, begin_write, instant_text};

use super::{Account, check_employment, find, record};
use crate::organisation::is_name;
use crate::table::user;
use crate::{IdentityError, Role, attempts, grant, password, role, session};

/// What changes about an account; `None` leaves a thing as it is.
#[derive(Debug, Clone, Copy, Default)]
pub struct Change<'a> {
    /// What is shown.
    pub display_name: Option<&'a str>,
    /// The organisation that employs them.
    pub organisation: Option<&'a str>,
    /// What they are employed for.
    pub roles: Option<&'a [Role]>,
    /// Whether they have left.
    pub has_left: Option<bool>,
}

/// Changes an account, on behalf of `by`, if it still has `version`. When what it may do changes, its
/// sessions end.
///
/// # Errors
///
/// [`IdentityError`]: no such user, another version, one's own account, a bad set of roles, no such organisation.
pub async fn change(
    db: &DatabaseConnection,
    username: &str,
    version: Option<i64>,
    change: Change<'_>,
    by: &str,
    now: Timestamp,
) -> Result<Account, IdentityError> {
    let transaction = begin_write(db).await?;
    let before = find(&transaction, username).await?;
    let before = before.ok_or_else(|| IdentityError::UserUnknown(username.to_owned()))?;
    if version.is_some_and(|version| version != before.version) {
        return Err(IdentityError::Changed);
    }
    let after = applied(&before, change)?;
    let power =
        |account: &Account| (account.roles.clone(), account.organisation.clone(), account.has_left);
    let changes_power = power(&before) != power(&after);
    if changes_power {
        if username == by {
            return Err(IdentityError::Own);
        }
        check_employment(&transaction, &after.roles, after.organisation.as_deref()).await?;
    }
    // Writing locks the account: whoever signs in meanwhile waits, and finds the new state.
    write(&transaction, &after).await?;
    if changes_power {
        session::end_all_of(&transaction, username).await?;
    }
    let moved = before.organisation != after.organisation || after.has_left;
    if moved {
        // Purposes were granted for the work in the place that they leave.
        grant::revoke_all(&transaction, username, now).await?;
    }
    let detail = json!({
        "roles": role::write(&after.roles), "organisation": after.organisation, "has_left": after.has_left,
        "before": {
            "roles": role::write(&before.roles), "organisation": before.organisation,
            "has_left": before.has_left,
        },
        "sessions_ended": changes_power, "purposes_ended": moved,
    });
    record(&transaction, by, "user.change", username, now, &detail).await?;
    transaction.commit().await.map_err(StoreError::db("commit the changed user"))?;
    Ok(after)
}

fn applied(before: &Account, change: Change<'_>) -> Result<Account, IdentityError> {
    let mut after = before.clone();
    if let Some(name) = change.display_name {
        if !is_name(name) {
            return Err(IdentityError::Name);
        }
        name.clone_into(&mut after.display_name);
    }
    if let Some(organisation) = change.organisation {
        after.organisation = Some(organisation.to_owned());
    }
    if let Some(roles) = change.roles {
        after.roles = role::together(roles)?;
    }
    if let Some(has_left) = change.has_left {
        after.has_left = has_left;
    }
    after.version += 1;
    Ok(after)
}

async fn write<C: ConnectionTrait>(db: &C, account: &Account) -> Result<(), IdentityError> {
    let row = user::ActiveModel {
        display_name: ActiveValue::Set(account.display_name.clone()),
        organisation_id: ActiveValue::Set(account.organisation.clone()),
        roles: ActiveValue::Set(role::write(&account.roles)),
        has_left: ActiveValue::Set(account.has_left),
        version: ActiveValue::Set(account.version),
        ..Default::default()
    };
    let changed = user::Entity::update_many()
        .set(row)
        .filter(user::Column::Username.eq(account.username.as_str()))
        // On a server two may have read the same version.
        .filter(user::Column::Version.eq(account.version - 1))
        .exec(db)
        .await
        .map_err(StoreError::db("write the user"))?;
    if changed.rows_affected == 1 { Ok(()) } else { Err(IdentityError::Changed) }
}

/// Sets a user's password and ends all sessions of theirs. `must_change` when somebody else has chosen it.
///
/// # Errors
///
/// [`IdentityError`]: no such user, or a bad password.
pub async fn set_password(
    db: &DatabaseConnection,
    username: &str,
    password: &str,
    must_change: bool,
    by: &str,
    now: Timestamp,
) -> Result<(), IdentityError> {
    let account = find(db, username).await?;
    let account = account.ok_or_else(|| IdentityError::UserUnknown(username.to_owned()))?;
    password::check(password, &[username, &account.display_name])?;
    let hash = password::hash(password)?;
    let transaction = begin_write(db).await?;
    let row = user::ActiveModel {
        password_hash: ActiveValue::Set(hash),
        password_set_at: ActiveValue::Set(instant_text(now)),
        must_change_password: ActiveValue::Set(must_change),
        ..Default::default()
    };
    user::Entity::update_many()
        .set(row)
        .filter(user::Column::Username.eq(username))
        .exec(&transaction)
        .await
        .map_err(StoreError::db("write the password"))?;
    session::end_all_of(&transaction, username).await?;
    attempts::forget(&transaction, username).await?;
    record(&transaction, by, "user.set_password", username, now, &json!({})).await?;
    transaction.commit().await.map_err(StoreError::db("commit the new password"))?;
    Ok(())
}
