//! The public keys of partners' programs. Whoever has the private key signs requests with it (RFC 9421); this side never sees
//! it.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use store::sea_orm::entity::prelude::*;
use store::sea_orm::sea_query::OnConflict;
use store::sea_orm::{ActiveValue, DatabaseConnection, DatabaseTransaction, QueryOrder};
use store::{StoreError, begin_write, instant_text};
use trust::request::{RequestKey, RequestSignature};
use vocab::DivisionCode;

use super::ApiClient;
use crate::table::{api_client_key as row, api_client_nonce as nonce};
use crate::{IdentityError, organisation, session};

/// Keys that a program may have at a time: the present one, the next one, and one to spare.
pub const MOST: usize = 3;
/// Longest time that a key counts for, two years; then there is another one.
pub const LONGEST: SignedDuration = SignedDuration::from_hours(2 * 366 * 24);
/// How far the clock of whoever signs may be from ours.
pub const DRIFT: SignedDuration = SignedDuration::from_mins(5);
/// Longest nonce.
const NONCE: usize = 128;

/// A public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Its id, which signatures name as `keyid`.
    pub id: String,
    /// The 32 bytes in Base64.
    pub public_key: String,
    /// By whom it was written down.
    pub made_by: String,
    /// When; UTC, RFC 3339.
    pub made_at: String,
    /// Before this instant.
    pub until_at: String,
    /// When it was taken back.
    pub revoked_at: Option<String>,
}

/// Whose a signature may be.
#[derive(Debug, Clone)]
pub struct Signer {
    /// The program.
    pub client: ApiClient,
    /// Where its organisation works.
    pub division: DivisionCode,
    /// What its signatures are checked with.
    pub key: RequestKey,
}

/// Writes a key down, on behalf of `by`.
///
/// # Errors
///
/// [`IdentityError`]: no such program, a text that is no key or is a key of somebody already, an end that is past or too
/// late, one key too many.
pub async fn create_in(
    transaction: &DatabaseTransaction,
    client: &str,
    (pem, until): (&str, Timestamp),
    by: &str,
    now: Timestamp,
) -> Result<Key, IdentityError> {
    let client = super::in_force(transaction, client).await?;
    let public = RequestKey::from_pem(pem).ok_or(IdentityError::ApiClientKey)?;
    let latest = now.saturating_add(LONGEST).unwrap_or(now);
    if until <= now || until > latest {
        return Err(IdentityError::ApiClientKeyTime);
    }
    let known = list(transaction, &client.id).await?;
    if known.iter().filter(|key| key.counts(now)).count() >= MOST {
        return Err(IdentityError::ApiClientKeys);
    }
    let made = row::Model {
        id: session::random_hex::<12>()?.to_string(),
        client_id: client.id.clone(),
        public_key: public.to_base64(),
        made_by: by.to_owned(),
        made_at: instant_text(now),
        until_at: instant_text(until),
        revoked_at: None,
    };
    let values: row::ActiveModel = made.clone().into();
    // One key for two would let the one speak for the other, and a key that was taken back stays so.
    let once = OnConflict::column(row::Column::PublicKey).do_nothing().to_owned();
    let inserted = row::Entity::insert(values.reset_all())
        .on_conflict(once)
        .exec_without_returning(transaction)
        .await
        .map_err(StoreError::db("write the key of an API client"))?;
    if inserted == 0 {
        return Err(IdentityError::ApiClientKeyExists);
    }
    let detail = json!({ "key": made.id, "public_key": made.public_key, "until": made.until_at });
    super::record(transaction, (by, "api_client.key.create"), &client.id, now, &detail).await?;
    Ok(made.into())
}

/// Takes a key back; it ends at once.
///
/// # Errors
///
/// [`IdentityError::ApiClientKeyUnknown`], and failures of the database.
pub async fn revoke(
    db: &DatabaseConnection,
    client: &str,
    id: &str,
    by: &str,
    now: Timestamp,
) -> Result<(), IdentityError> {
    if !is_hex(id) {
        return Err(IdentityError::ApiClientKeyUnknown);
    }
    let transaction = begin_write(db).await?;
    let revoked = row::ActiveModel {
        revoked_at: ActiveValue::Set(Some(instant_text(now))),
        ..Default::default()
    };
    let changed = row::Entity::update_many()
        .set(revoked)
        .filter(row::Column::Id.eq(id))
        .filter(row::Column::ClientId.eq(client))
        .filter(row::Column::RevokedAt.is_null())
        .exec(&transaction)
        .await
        .map_err(StoreError::db("take the key of an API client back"))?;
    if changed.rows_affected == 0 {
        return Err(IdentityError::ApiClientKeyUnknown);
    }
    let detail = json!({ "key": id });
    super::record(&transaction, (by, "api_client.key.revoke"), client, now, &detail).await?;
    transaction.commit().await.map_err(StoreError::db("commit the end of the key"))?;
    Ok(())
}

/// All keys of a program, newest first; those that have ended as well.
///
/// # Errors
///
/// When the database fails.
pub async fn list<C: ConnectionTrait>(db: &C, client: &str) -> Result<Vec<Key>, IdentityError> {
    let rows = row::Entity::find()
        .filter(row::Column::ClientId.eq(client))
        .order_by_desc(row::Column::MadeAt)
        .order_by_asc(row::Column::Id)
        .all(db)
        .await
        .map_err(StoreError::db("read the keys of an API client"))?;
    Ok(rows.into_iter().map(Key::from).collect())
}

/// Whose a key is, if it counts at an instant.
///
/// # Errors
///
/// When the database fails.
pub async fn signer<C: ConnectionTrait>(
    db: &C,
    key_id: &str,
    now: Timestamp,
) -> Result<Option<Signer>, IdentityError> {
    if !is_hex(key_id) {
        return Ok(None);
    }
    let found = row::Entity::find_by_id(key_id)
        .one(db)
        .await
        .map_err(StoreError::db("read the key of an API client"))?;
    let Some(found) = found else { return Ok(None) };
    let client = super::find(db, &found.client_id).await?;
    let found = Key::from(found);
    let Some(client) = client.filter(|client| client.ended_at.is_none() && found.counts(now))
    else {
        return Ok(None);
    };
    let Some(owner) = organisation::find(db, &client.organisation).await? else { return Ok(None) };
    let Some(key) = RequestKey::from_base64(&found.public_key) else { return Ok(None) };
    Ok(Some(Signer { client, division: owner.division, key }))
}

/// Whether a signature is of this time: made lately, and not ended.
#[must_use]
pub fn is_timely(signature: &RequestSignature, now: Timestamp) -> bool {
    let away = now.as_second().saturating_sub(signature.created);
    away.unsigned_abs() <= DRIFT.as_secs().unsigned_abs()
        && signature.expires.is_none_or(|expires| now.as_second() < expires)
}

/// Counts a signature that holds: `false` when a request with its nonce was counted before.
///
/// # Errors
///
/// When the database fails.
pub async fn count(
    db: &DatabaseConnection,
    signature: &RequestSignature,
    now: Timestamp,
) -> Result<bool, IdentityError> {
    if !(1..=NONCE).contains(&signature.nonce.len()) {
        return Ok(false);
    }
    let transaction = begin_write(db).await?;
    // Later nothing with this nonce is timely any more, whatever our clock said before.
    let kept_until = now.saturating_add(DRIFT * 4).unwrap_or(now);
    nonce::Entity::delete_many()
        .filter(nonce::Column::KeptUntil.lt(instant_text(now)))
        .exec(&transaction)
        .await
        .map_err(StoreError::db("forget old nonces"))?;
    let values = nonce::ActiveModel {
        key_id: ActiveValue::Set(signature.key_id.clone()),
        nonce_hash: ActiveValue::Set(blake3::hash(signature.nonce.as_bytes()).to_hex().to_string()),
        kept_until: ActiveValue::Set(instant_text(kept_until)),
    };
    let once = OnConflict::columns([nonce::Column::KeyId, nonce::Column::NonceHash])
        .do_nothing()
        .to_owned();
    let inserted = nonce::Entity::insert(values)
        .on_conflict(once)
        .exec_without_returning(&transaction)
        .await
        .map_err(StoreError::db("count a signed request"))?;
    transaction.commit().await.map_err(StoreError::db("commit a signed request"))?;
    Ok(inserted == 1)
}

/// No id of another form was ever given.
pub(super) fn is_hex(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

impl Key {
    /// Whether it counts at an instant.
    #[must_use]
    pub fn counts(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && instant_text(now) < self.until_at
    }
}

impl From<row::Model> for Key {
    fn from(row: row::Model) -> Self {
        Self {
            id: row.id,
            public_key: row.public_key,
            made_by: row.made_by,
            made_at: row.made_at,
            until_at: row.until_at,
            revoked_at: row.revoked_at,
        }
    }
}
