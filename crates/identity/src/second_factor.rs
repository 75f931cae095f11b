//! The second factor: a code from a telephone that changes every 30 seconds (TOTP, RFC 6238), and ten
//! recovery codes for when the telephone is lost.

use jiff::Timestamp;
use qrcode::QrCode;
use qrcode::render::svg;
use serde_json::json;
use store::sea_orm::entity::prelude::*;
use store::sea_orm::{ActiveValue, DatabaseConnection};
use store::{Changed, StoreError, TextColumn, begin_write, change_column, instant_text};
use totp_rs::{Builder, Secret, Totp};
use trust::ColumnKeys;
use zeroize::Zeroizing;

use crate::session::Token;
use crate::table::{recovery_code, second_factor};
use crate::{IdentityError, account, session};

/// Bytes of the secret (RFC 4226, section 4, R6, recommends 20).
const SECRET: usize = 20;
/// Recovery codes that are given out.
const CODES: usize = 10;
/// Place of the secret for sealing.
const TABLE: &str = "second_factor";
const COLUMN: &str = "secret";

/// What a telephone needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolment {
    /// The secret in base32, for typing.
    pub secret: String,
    /// The address that a telephone reads (`otpauth://totp/…`).
    pub uri: String,
    /// The same as a picture: an SVG document.
    pub qr_svg: String,
}

/// Whether an account has a second factor in use.
///
/// # Errors
///
/// When the database fails.
pub async fn is_used<C: ConnectionTrait>(db: &C, username: &str) -> Result<bool, IdentityError> {
    Ok(row(db, username).await?.is_some_and(|row| row.confirmed_at.is_some()))
}

/// Makes a new secret, which counts once its first code was given. `issuer` is what the telephone shows.
///
/// # Errors
///
/// [`IdentityError::SecondFactorExists`] when one is in use.
pub async fn begin(
    db: &DatabaseConnection,
    keys: &ColumnKeys,
    username: &str,
    issuer: &str,
    now: Timestamp,
) -> Result<Enrolment, IdentityError> {
    let mut secret = Zeroizing::new([0; SECRET]);
    getrandom::fill(secret.as_mut())?;
    let totp = totp(secret.as_ref(), username, issuer)?;
    let encoded = Secret::from(secret.to_vec()).to_base32();
    let uri = totp.to_url().map_err(|error| IdentityError::Totp(error.to_string()))?;
    let qr = QrCode::new(&uri).map_err(|error| IdentityError::Totp(error.to_string()))?;
    let qr_svg = qr.render::<svg::Color<'_>>().min_dimensions(240, 240).build();

    let transaction = begin_write(db).await?;
    account::lock(&transaction, username).await?;
    if is_used(&transaction, username).await? {
        return Err(IdentityError::SecondFactorExists);
    }
    remove(&transaction, username).await?;
    let new = second_factor::ActiveModel {
        username: ActiveValue::Set(username.to_owned()),
        secret: ActiveValue::Set(keys.seal(TABLE, COLUMN, username, &encoded)),
        confirmed_at: ActiveValue::Set(None),
        last_step: ActiveValue::Set(0),
    };
    second_factor::Entity::insert(new)
        .exec_without_returning(&transaction)
        .await
        .map_err(StoreError::db("write the second factor"))?;
    let act = "second_factor.begin";
    account::record(&transaction, username, act, username, now, &json!({})).await?;
    transaction.commit().await.map_err(StoreError::db("commit the second factor"))?;
    Ok(Enrolment { secret: encoded, uri, qr_svg })
}

/// Takes the first code: the second factor counts from now on, and all sessions but `token` end, since they began
/// without it. Returns the recovery codes, which are shown this once.
///
/// # Errors
///
/// [`IdentityError::NoSecondFactor`] and [`IdentityError::Code`].
pub async fn confirm(
    db: &DatabaseConnection,
    keys: &ColumnKeys,
    (username, token): (&str, &Token),
    code: &str,
    now: Timestamp,
) -> Result<Vec<String>, IdentityError> {
    let codes = (0..CODES).map(|_| recovery()).collect::<Result<Vec<_>, _>>()?;
    let transaction = begin_write(db).await?;
    account::lock(&transaction, username).await?;
    let waiting = row(&transaction, username).await?;
    let waiting = waiting.filter(|row| row.confirmed_at.is_none());
    let waiting = waiting.ok_or(IdentityError::NoSecondFactor)?;
    let step = step_of(keys, &waiting, code, now)?.ok_or(IdentityError::Code)?;
    second_factor::Entity::update_many()
        .set(second_factor::ActiveModel {
            confirmed_at: ActiveValue::Set(Some(instant_text(now))),
            last_step: ActiveValue::Set(step),
            ..Default::default()
        })
        .filter(second_factor::Column::Username.eq(username))
        .exec(&transaction)
        .await
        .map_err(StoreError::db("confirm the second factor"))?;
    let rows = codes.iter().map(|code| recovery_code::ActiveModel {
        username: ActiveValue::Set(username.to_owned()),
        code_hash: ActiveValue::Set(hash(username, code)),
    });
    recovery_code::Entity::insert_many(rows)
        .exec_without_returning(&transaction)
        .await
        .map_err(StoreError::db("write the recovery codes"))?;
    session::keep_only(&transaction, token, username).await?;
    let act = "second_factor.confirm";
    account::record(&transaction, username, act, username, now, &json!({})).await?;
    transaction.commit().await.map_err(StoreError::db("commit the second factor"))?;
    Ok(codes)
}

/// Takes a second factor away, on behalf of `by`. The account's sessions end.
///
/// # Errors
///
/// [`IdentityError::NoSecondFactor`] when there is none in use, and [`IdentityError::Own`].
pub async fn reset(
    db: &DatabaseConnection,
    username: &str,
    by: &str,
    now: Timestamp,
) -> Result<(), IdentityError> {
    // Whoever has stolen a session must not get rid of what the thief lacks.
    if username == by {
        return Err(IdentityError::Own);
    }
    let transaction = begin_write(db).await?;
    account::lock(&transaction, username).await?;
    if !is_used(&transaction, username).await? {
        return Err(IdentityError::NoSecondFactor);
    }
    remove(&transaction, username).await?;
    session::end_all_of(&transaction, username).await?;
    let act = "second_factor.reset";
    account::record(&transaction, by, act, username, now, &json!({})).await?;
    transaction.commit().await.map_err(StoreError::db("commit the end of the second factor"))?;
    Ok(())
}

/// Takes a code at sign-in, in its transaction: one of the telephone, of this half minute or the ones
/// beside it, or a recovery code. Each is taken once.
///
/// # Errors
///
/// When the database fails, or the secret can't be opened.
pub async fn take<C: ConnectionTrait>(
    db: &C,
    keys: &ColumnKeys,
    username: &str,
    code: &str,
    now: Timestamp,
) -> Result<bool, IdentityError> {
    let Some(row) = row(db, username).await? else { return Ok(false) };
    if let Some(step) = step_of(keys, &row, code, now)? {
        // The condition makes sure that one of two who give it at once is refused.
        let taken = second_factor::Entity::update_many()
            .set(second_factor::ActiveModel {
                last_step: ActiveValue::Set(step),
                ..Default::default()
            })
            .filter(second_factor::Column::Username.eq(username))
            .filter(second_factor::Column::LastStep.lt(step))
            .exec(db)
            .await
            .map_err(StoreError::db("take the code"))?;
        return Ok(taken.rows_affected == 1);
    }
    let taken = recovery_code::Entity::delete_many()
        .filter(recovery_code::Column::Username.eq(username))
        .filter(recovery_code::Column::CodeHash.eq(hash(username, &spelled(code))))
        .exec(db)
        .await
        .map_err(StoreError::db("take the recovery code"))?;
    Ok(taken.rows_affected == 1)
}

/// Seals every secret with the present key that another one has sealed. People may sign in meanwhile.
///
/// # Errors
///
/// [`IdentityError::Secret`] for one that does not open, and failures of the database.
pub async fn reseal(db: &DatabaseConnection, keys: &ColumnKeys) -> Result<Changed, IdentityError> {
    let column = TextColumn { table: TABLE, key: "username", place: "username", value: COLUMN };
    let mut change = |username: &str, cell: &str| {
        keys.column(TABLE, COLUMN)
            .reseal(username, cell)
            .map_err(|source| IdentityError::Secret { username: username.to_owned(), source })
    };
    change_column(db, column, &mut change).await
}

/// The step of a code that was not used yet.
fn step_of(
    keys: &ColumnKeys,
    row: &second_factor::Model,
    code: &str,
    now: Timestamp,
) -> Result<Option<i64>, IdentityError> {
    let failed = |source| IdentityError::Secret { username: row.username.clone(), source };
    let opened = keys.open(TABLE, COLUMN, &row.username, &row.secret).map_err(failed)?;
    let opened = Zeroizing::new(opened);
    let secret = Secret::try_from_base32(opened.as_str())
        .map_err(|error| IdentityError::Totp(format!("{error:?}")))?;
    let totp = totp(secret.as_bytes(), &row.username, "huimin")?;
    let code: String = code.chars().filter(char::is_ascii_digit).collect();
    let seconds = u64::try_from(now.as_second()).unwrap_or_default();
    let step = totp.check(&code, seconds).and_then(|step| i64::try_from(step).ok());
    Ok(step.filter(|step| *step > row.last_step))
}

fn totp(secret: &[u8], username: &str, issuer: &str) -> Result<Totp, IdentityError> {
    // SHA-1, six digits, 30 seconds: what every telephone's program knows. A colon separates the parts
    // of the address.
    let issuer = issuer.replace(':', " ");
    Builder::new()
        .with_secret(secret.to_vec())
        .with_account_name(username.to_owned())
        .with_issuer(Some(issuer))
        .build()
        .map_err(|error| IdentityError::Totp(error.to_string()))
}

/// Twelve letters and digits that are not mistaken for each other, in three groups: 59 random bits.
fn recovery() -> Result<String, IdentityError> {
    const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";
    let mut bytes = [0; 12];
    getrandom::fill(&mut bytes)?;
    let mut code = String::with_capacity(14);
    for (at, byte) in bytes.iter().enumerate() {
        if at > 0 && at % 4 == 0 {
            code.push('-');
        }
        code.push(char::from(LETTERS[usize::from(byte % 32)]));
    }
    Ok(code)
}

/// A recovery code however it was typed.
fn spelled(code: &str) -> String {
    let letters: Vec<char> = code
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| letter.to_ascii_lowercase())
        .collect();
    let groups: Vec<String> = letters.chunks(4).map(|four| four.iter().collect()).collect();
    groups.join("-")
}

/// The code has enough random bits that a fast hash can't be searched.
fn hash(username: &str, code: &str) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in ["recovery code", username, code] {
        hasher.update(part.as_bytes());
        hasher.update(b"\0");
    }
    hasher.finalize().to_hex().to_string()
}

async fn row<C: ConnectionTrait>(
    db: &C,
    username: &str,
) -> Result<Option<second_factor::Model>, IdentityError> {
    let row = second_factor::Entity::find_by_id(username)
        .one(db)
        .await
        .map_err(StoreError::db("read the second factor"))?;
    Ok(row)
}

async fn remove<C: ConnectionTrait>(db: &C, username: &str) -> Result<(), IdentityError> {
    second_factor::Entity::delete_by_id(username)
        .exec(db)
        .await
        .map_err(StoreError::db("remove the second factor"))?;
    recovery_code::Entity::delete_many()
        .filter(recovery_code::Column::Username.eq(username))
        .exec(db)
        .await
        .map_err(StoreError::db("remove the recovery codes"))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recovery_code_is_read_however_it_was_typed() {
        let code = recovery().unwrap_or_default();
        assert_eq!(code.len(), 14);
        assert_eq!(spelled(&code.to_uppercase().replace('-', " ")), code);
        assert_ne!(hash("a", &code), hash("b", &code));
    }

    #[test]
    fn codes_are_those_of_the_standard() {
        // RFC 6238, appendix B, SHA-1, last six of eight digits.
        let totp = totp(b"12345678901234567890", "someone", "huimin");
        let code = |seconds| totp.as_ref().ok().map(|totp| totp.generate(seconds).to_string());
        assert_eq!(code(59), Some("287082".to_owned()));
        assert_eq!(code(1_111_111_109), Some("081804".to_owned()));
        assert_eq!(code(20_000_000_000), Some("353130".to_owned()));
    }
}
