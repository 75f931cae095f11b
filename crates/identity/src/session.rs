//! Sessions: a random token in a cookie; the database has its hash only.

use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp};
use store::sea_orm;
use store::sea_orm::entity::prelude::*;
use store::sea_orm::{ActiveValue, FromQueryResult, Statement};
use store::{StoreError, instant_text};
use vocab::DivisionCode;
use zeroize::Zeroizing;

use crate::cookie::Cookie;
use crate::table::session as row;
use crate::{IdentityError, Role, role};

/// How long a session lasts.
pub const LASTS: SignedDuration = SignedDuration::from_hours(12);

/// The cookie of the staff.
pub const COOKIE: Cookie<'static> = Cookie::of_site("huimin_session", LASTS);

/// So many random bytes as hexadecimal digits.
pub(crate) fn random_hex<const BYTES: usize>() -> Result<Zeroizing<String>, IdentityError> {
    let mut bytes = Zeroizing::new([0; BYTES]);
    getrandom::fill(bytes.as_mut())?;
    let mut text = Zeroizing::new(String::with_capacity(2 * BYTES));
    for byte in bytes.iter() {
        // Writing into a String can't fail.
        let _ = write!(text, "{byte:02x}");
    }
    Ok(text)
}

/// A session's secret: 256 random bits as hexadecimal digits.
pub struct Token(Zeroizing<String>);

impl Token {
    /// A new one.
    ///
    /// # Errors
    ///
    /// When the operating system gives no random numbers.
    pub fn random() -> Result<Self, IdentityError> {
        random_hex::<32>().map(Self)
    }

    /// The one that a text holds; `None` when it can't be one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_one = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_one.then(|| Self(Zeroizing::new(text.to_owned())))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn hash(&self) -> String {
        blake3::hash(self.0.as_bytes()).to_hex().to_string()
    }
}

/// Starts a session, in the transaction of the sign-in; sessions that have ended are swept out.
/// `by_code`: whether a code of the second factor was given.
///
/// # Errors
///
/// When the database fails.
pub async fn start<C: ConnectionTrait>(
    db: &C,
    token: &Token,
    username: &str,
    by_code: bool,
    now: Timestamp,
) -> Result<(), StoreError> {
    row::Entity::delete_many()
        .filter(row::Column::ExpiresAt.lte(instant_text(now)))
        .exec(db)
        .await
        .map_err(StoreError::db("sweep out old sessions"))?;
    let row = row::ActiveModel {
        token_hash: ActiveValue::Set(token.hash()),
        username: ActiveValue::Set(username.to_owned()),
        created_at: ActiveValue::Set(instant_text(now)),
        by_code: ActiveValue::Set(by_code),
        expires_at: ActiveValue::Set(instant_text(now.saturating_add(LASTS).unwrap_or(now))),
    };
    row::Entity::insert(row)
        .exec_without_returning(db)
        .await
        .map_err(StoreError::db("write the session"))?;
    Ok(())
}

/// Who is signed in, and what they are employed for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// What was typed at sign-in.
    pub username: String,
    /// What is shown.
    pub display_name: String,
    /// What they are employed for.
    pub roles: Vec<Role>,
    /// The organisation that employs them.
    pub organisation: Option<String>,
    /// Its division.
    pub division: Option<DivisionCode>,
    /// Whether the password has to be changed before anything else.
    pub must_change_password: bool,
    /// Whether a second factor is in use.
    pub has_second_factor: bool,
    /// Whether this session began with a code of it.
    pub by_code: bool,
}

/// One query, since every request asks it.
const CALLER: &str = "SELECT a.username, a.display_name, a.roles, a.organisation_id, \
     a.must_change_password, o.division, f.confirmed_at, s.by_code \
     FROM user_session s \
     JOIN user_account a ON a.username = s.username \
     LEFT JOIN organisation o ON o.id = a.organisation_id \
     LEFT JOIN second_factor f ON f.username = a.username \
     WHERE s.token_hash = $1 AND s.expires_at > $2 AND NOT a.has_left";

#[derive(FromQueryResult)]
struct CallerRow {
    username: String,
    display_name: String,
    roles: String,
    organisation_id: Option<String>,
    division: Option<String>,
    must_change_password: bool,
    confirmed_at: Option<String>,
    by_code: bool,
}

/// Whose session it is; `None` when there is none, it has ended, or its owner has left.
/// # Errors
///
/// When the database fails.
pub async fn caller<C: ConnectionTrait>(
    db: &C,
    token: &Token,
    now: Timestamp,
) -> Result<Option<Caller>, IdentityError> {
    let values = [token.hash().into(), instant_text(now).into()];
    let statement = Statement::from_sql_and_values(db.get_database_backend(), CALLER, values);
    let found = CallerRow::find_by_statement(statement)
        .one(db)
        .await
        .map_err(StoreError::db("read the session"))?;
    Ok(found.map(|found| Caller {
        username: found.username,
        display_name: found.display_name,
        roles: role::read(&found.roles),
        organisation: found.organisation_id,
        division: found.division.and_then(|code| DivisionCode::parse(&code).ok()),
        must_change_password: found.must_change_password,
        has_second_factor: found.confirmed_at.is_some(),
        by_code: found.by_code,
    }))
}

/// Ends a session; harmless when there is none.
///
/// # Errors
///
/// When the database fails.
pub async fn end<C: ConnectionTrait>(db: &C, token: &Token) -> Result<(), StoreError> {
    row::Entity::delete_by_id(token.hash())
        .exec(db)
        .await
        .map_err(StoreError::db("end the session"))?;
    Ok(())
}

/// Ends all sessions of a user but one, which has given a code now.
///
/// # Errors
///
/// When the database fails.
pub(crate) async fn keep_only<C: ConnectionTrait>(
    db: &C,
    token: &Token,
    username: &str,
) -> Result<(), StoreError> {
    row::Entity::delete_many()
        .filter(row::Column::Username.eq(username))
        .filter(row::Column::TokenHash.ne(token.hash()))
        .exec(db)
        .await
        .map_err(StoreError::db("end the user's other sessions"))?;
    row::Entity::update_many()
        .set(row::ActiveModel { by_code: ActiveValue::Set(true), ..Default::default() })
        .filter(row::Column::TokenHash.eq(token.hash()))
        .exec(db)
        .await
        .map_err(StoreError::db("remember that a code was given"))?;
    Ok(())
}

/// Ends all sessions of a user.
///
/// # Errors
///
/// When the database fails.
pub async fn end_all_of<C: ConnectionTrait>(db: &C, username: &str) -> Result<(), StoreError> {
    row::Entity::delete_many()
        .filter(row::Column::Username.eq(username))
        .exec(db)
        .await
        .map_err(StoreError::db("end the user's sessions"))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_have_256_bits_and_differ() {
        let (one, two) = (Token::random().ok(), Token::random().ok());
        assert_eq!(one.as_ref().map(|token| token.0.len()), Some(64));
        assert_ne!(one.map(|token| token.hash()), two.map(|token| token.hash()));
    }
}
