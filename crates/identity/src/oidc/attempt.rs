//! A sign-in that was begun: good once, for ten minutes, in the browser that began it.
//!
//! What the provider gives back (`state`) and what the browser gives back (a cookie) have to belong together. An address that
//! somebody else prepared with a code of their own signs nobody in (RFC 6749, section 10.12).

use jiff::{SignedDuration, Timestamp};
use store::sea_orm::entity::prelude::*;
use store::sea_orm::{ActiveValue, Condition, DatabaseConnection};
use store::{StoreError, begin_write, instant_text};
use trust::ColumnKeys;
use zeroize::Zeroizing;

use super::Whom;
use crate::IdentityError;
use crate::cookie::Cookie;
use crate::session::{Token, random_hex};
use crate::table::oidc_attempt as row;

/// How long somebody may take at the provider.
pub const LASTS: SignedDuration = SignedDuration::from_mins(10);

/// The cookie of the browser that began; it goes to the way back alone.
#[must_use]
pub const fn cookie(way_back: &str) -> Cookie<'_> {
    Cookie::below(way_back, "huimin_oidc", LASTS)
}

/// Place of the verifier for sealing.
const TABLE: &str = "oidc_attempt";
const COLUMN: &str = "verifier";

/// The secrets of an attempt.
pub struct Attempt {
    /// What the provider gives back.
    pub(super) state: Token,
    /// What the ID token holds.
    pub(super) nonce: Zeroizing<String>,
    /// What proves to the provider that whoever redeems the code has asked for it (RFC 7636).
    pub(super) verifier: Zeroizing<String>,
    /// What the browser gives back.
    pub browser: Token,
}

impl Attempt {
    /// A new one: each secret has 256 random bits.
    ///
    /// # Errors
    ///
    /// When the operating system gives no random numbers.
    pub fn random() -> Result<Self, IdentityError> {
        Ok(Self {
            state: Token::random()?,
            nonce: random_hex::<32>()?,
            verifier: random_hex::<32>()?,
            browser: Token::random()?,
        })
    }

    /// What the provider is given and gives back.
    #[must_use]
    pub fn state(&self) -> &str {
        self.state.as_str()
    }

    /// Writes it down; those that have expired are swept out. `return_to` is where to go after signing in.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn begin(
        &self,
        db: &DatabaseConnection,
        keys: &ColumnKeys,
        whom: Whom,
        return_to: &str,
        now: Timestamp,
    ) -> Result<(), IdentityError> {
        let transaction = begin_write(db).await?;
        row::Entity::delete_many()
            .filter(row::Column::ExpiresAt.lte(instant_text(now)))
            .exec(&transaction)
            .await
            .map_err(StoreError::db("sweep out old attempts to sign in"))?;
        let state_hash = self.state.hash();
        let verifier = keys.seal(TABLE, COLUMN, &state_hash, &self.verifier);
        let values = row::ActiveModel {
            state_hash: ActiveValue::Set(state_hash),
            browser_hash: ActiveValue::Set(self.browser.hash()),
            whom: ActiveValue::Set(whom.as_str().to_owned()),
            nonce: ActiveValue::Set(self.nonce.to_string()),
            verifier: ActiveValue::Set(verifier),
            return_to: ActiveValue::Set(return_to.to_owned()),
            expires_at: ActiveValue::Set(instant_text(now.saturating_add(LASTS).unwrap_or(now))),
        };
        row::Entity::insert(values)
            .exec_without_returning(&transaction)
            .await
            .map_err(StoreError::db("write an attempt to sign in"))?;
        transaction.commit().await.map_err(StoreError::db("commit an attempt to sign in"))?;
        Ok(())
    }
}

/// What is left of an attempt once it is taken.
pub struct Taken {
    /// What the ID token has to hold.
    pub(super) nonce: Zeroizing<String>,
    /// What the code is redeemed with.
    pub(super) verifier: Zeroizing<String>,
    /// Where to go after signing in.
    pub return_to: String,
}

/// Takes an attempt: afterwards it is gone. `None`, and nothing is taken, when there is none, it has expired, it is for
/// others or was begun in another browser.
///
/// # Errors
///
/// When the database fails, or the verifier can't be opened.
pub async fn take(
    db: &DatabaseConnection,
    keys: &ColumnKeys,
    whom: Whom,
    (state, browser): (&Token, &Token),
    now: Timestamp,
) -> Result<Option<Taken>, IdentityError> {
    let this = Condition::all()
        .add(row::Column::StateHash.eq(state.hash()))
        .add(row::Column::BrowserHash.eq(browser.hash()))
        .add(row::Column::Whom.eq(whom.as_str()))
        .add(row::Column::ExpiresAt.gt(instant_text(now)));
    let found = row::Entity::find()
        .filter(this.clone())
        .one(db)
        .await
        .map_err(StoreError::db("read an attempt to sign in"))?;
    let Some(found) = found else { return Ok(None) };
    // Of two who come with the same at once, one gets it.
    let taken = row::Entity::delete_many()
        .filter(this)
        .exec(db)
        .await
        .map_err(StoreError::db("take an attempt to sign in"))?;
    if taken.rows_affected == 0 {
        return Ok(None);
    }
    let verifier = keys
        .open(TABLE, COLUMN, &found.state_hash, &found.verifier)
        .map_err(IdentityError::OidcVerifier)?;
    Ok(Some(Taken {
        nonce: Zeroizing::new(found.nonce),
        verifier: Zeroizing::new(verifier),
        return_to: found.return_to,
    }))
}
