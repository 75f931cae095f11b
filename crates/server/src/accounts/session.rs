//! Sessions: a random token in a cookie; the database has its hash only.

use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp};
use store::sea_orm::ActiveValue;
use store::sea_orm::entity::prelude::*;
use store::{StoreError, instant_text};
use zeroize::Zeroizing;

use super::{HashError, User, table};

/// How long a session lasts.
pub(crate) const LASTS: SignedDuration = SignedDuration::from_hours(12);

/// Name of the cookie.
pub(crate) const COOKIE: &str = "huimin_session";

/// A session's secret: 256 random bits as hexadecimal digits.
pub(crate) struct Token(Zeroizing<String>);

impl Token {
    /// A new one.
    pub(crate) fn random() -> Result<Self, HashError> {
        let mut bytes = Zeroizing::new([0; 32]);
        getrandom::fill(bytes.as_mut()).map_err(HashError::Random)?;
        let mut text = Zeroizing::new(String::with_capacity(64));
        for byte in bytes.iter() {
            // Writing into a String can't fail.
            let _ = write!(text, "{byte:02x}");
        }
        Ok(Self(text))
    }

    /// The one that the cookies of a request hold.
    pub(crate) fn from_cookies(cookies: &str) -> Option<Self> {
        cookies
            .split(';')
            .filter_map(|cookie| cookie.trim().split_once('='))
            .find(|(name, _)| *name == COOKIE)
            .map(|(_, value)| value)
            .filter(|value| value.len() == 64 && value.bytes().all(|byte| byte.is_ascii_hexdigit()))
            .map(|value| Self(Zeroizing::new(value.to_owned())))
    }

    /// The `Set-Cookie` value that gives it to the browser.
    ///
    /// `secure` keeps it from going over anything but TLS.
    pub(crate) fn cookie(&self, secure: bool) -> String {
        format!(
            "{COOKIE}={}; Path=/; HttpOnly; SameSite=Strict; Max-Age={}{}",
            self.0.as_str(),
            LASTS.as_secs(),
            if secure { "; Secure" } else { "" }
        )
    }

    fn hash(&self) -> String {
        blake3::hash(self.0.as_bytes()).to_hex().to_string()
    }
}

/// The `Set-Cookie` value that takes the cookie away.
pub(crate) fn no_cookie() -> String {
    format!("{COOKIE}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0")
}

/// Starts a session, in the transaction of the sign-in; sessions that have ended are swept out.
pub(crate) async fn start<C: ConnectionTrait>(
    db: &C,
    token: &Token,
    username: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    table::session::Entity::delete_many()
        .filter(table::session::Column::ExpiresAt.lte(instant_text(now)))
        .exec(db)
        .await
        .map_err(StoreError::db("sweep out old sessions"))?;
    let row = table::session::ActiveModel {
        token_hash: ActiveValue::Set(token.hash()),
        username: ActiveValue::Set(username.to_owned()),
        created_at: ActiveValue::Set(instant_text(now)),
        expires_at: ActiveValue::Set(instant_text(now.saturating_add(LASTS).unwrap_or(now))),
    };
    table::session::Entity::insert(row)
        .exec_without_returning(db)
        .await
        .map_err(StoreError::db("write the session"))?;
    Ok(())
}

/// Whose session it is; `None` when there is none or it has ended.
pub(crate) async fn user<C: ConnectionTrait>(
    db: &C,
    token: &Token,
    now: Timestamp,
) -> Result<Option<User>, StoreError> {
    let row = table::session::Entity::find_by_id(token.hash())
        .one(db)
        .await
        .map_err(StoreError::db("read the session"))?;
    let Some(row) = row.filter(|row| row.expires_at > instant_text(now)) else { return Ok(None) };
    let user = table::user::Entity::find_by_id(row.username)
        .one(db)
        .await
        .map_err(StoreError::db("read the user"))?;
    Ok(user.map(User::from))
}

/// Ends a session; harmless when there is none.
pub(crate) async fn end<C: ConnectionTrait>(db: &C, token: &Token) -> Result<(), StoreError> {
    table::session::Entity::delete_by_id(token.hash())
        .exec(db)
        .await
        .map_err(StoreError::db("end the session"))?;
    Ok(())
}

/// Ends all sessions of a user.
pub(crate) async fn end_all_of<C: ConnectionTrait>(
    db: &C,
    username: &str,
) -> Result<(), StoreError> {
    table::session::Entity::delete_many()
        .filter(table::session::Column::Username.eq(username))
        .exec(db)
        .await
        .map_err(StoreError::db("end the user's sessions"))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_found_among_other_cookies_and_odd_ones_are_not_taken() {
        let token = Token::random().ok();
        let cookie = token.as_ref().map(|token| token.cookie(false)).unwrap_or_default();
        let pair = cookie.split(';').next().unwrap_or_default();
        let found = Token::from_cookies(&format!("a=b; {pair}; c"));
        assert_eq!(found.map(|token| token.hash()), token.map(|token| token.hash()));
        assert!(Token::from_cookies("huimin_session=abc").is_none());
        assert!(Token::from_cookies("xhuimin_session=").is_none());
        assert!(Token::from_cookies("").is_none());
    }

    #[test]
    fn tokens_have_256_bits_and_differ() {
        let (one, two) = (Token::random().ok(), Token::random().ok());
        assert_eq!(one.as_ref().map(|token| token.0.len()), Some(64));
        assert_ne!(one.map(|token| token.hash()), two.map(|token| token.hash()));
    }
}
