//! One-time codes: six digits that are sent to a telephone, good for five minutes and five tries.
//!
//! A million codes, five tries each, at most ten of them a day: whoever guesses is right once in 20,000 days.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use store::sea_orm::entity::prelude::*;
use store::sea_orm::sea_query::{ExprTrait as _, OnConflict};
use store::sea_orm::{ActiveValue, DatabaseConnection};
use store::{StoreError, begin_write, instant_text};
use trust::ColumnKeys;
use zeroize::Zeroizing;

use crate::IdentityError;
use crate::table::citizen_code as row;

/// How long a code is good.
pub const LASTS: SignedDuration = SignedDuration::from_mins(5);
/// How long nobody gets another one.
pub const PAUSE: SignedDuration = SignedDuration::from_secs(60);
/// Tries that one code has.
pub const TRIES: i32 = 5;
/// Codes that one person is sent within [`COUNTED`].
pub const MOST: i32 = 10;
/// How long sent codes are counted.
pub const COUNTED: SignedDuration = SignedDuration::from_hours(24);

/// Makes a code for a person and the telephone that it is sent to; it replaces the one before. `None` while there may
/// be no other yet.
///
/// `phone` is the token of the number, so that the code opens nothing together with another number.
///
/// # Errors
///
/// When the database fails or the operating system gives no random numbers.
pub async fn issue(
    db: &DatabaseConnection,
    keys: &ColumnKeys,
    person: &str,
    phone: &str,
    now: Timestamp,
) -> Result<Option<Zeroizing<String>>, IdentityError> {
    let transaction = begin_write(db).await?;
    let before = row::Entity::find_by_id(person)
        .one(&transaction)
        .await
        .map_err(StoreError::db("read the code of before"))?;
    let within = |since: &str, span: SignedDuration| {
        since
            .parse::<Timestamp>()
            .is_ok_and(|since| since.saturating_add(span).is_ok_and(|end| now < end))
    };
    let counted = before.as_ref().filter(|before| within(&before.counted_from, COUNTED));
    let sent = counted.map_or(0, |before| before.sent);
    if sent >= MOST || before.as_ref().is_some_and(|before| within(&before.sent_at, PAUSE)) {
        return Ok(None);
    }
    let code = six_digits()?;
    let values = row::ActiveModel {
        person_id: ActiveValue::Set(person.to_owned()),
        phone: ActiveValue::Set(phone.to_owned()),
        code: ActiveValue::Set(token(keys, person, &code)),
        sent_at: ActiveValue::Set(instant_text(now)),
        expires_at: ActiveValue::Set(instant_text(now.saturating_add(LASTS).unwrap_or(now))),
        tries: ActiveValue::Set(0),
        sent: ActiveValue::Set(sent + 1),
        counted_from: ActiveValue::Set(
            counted.map_or_else(|| instant_text(now), |before| before.counted_from.clone()),
        ),
    };
    let columns = [
        row::Column::Phone,
        row::Column::Code,
        row::Column::SentAt,
        row::Column::ExpiresAt,
        row::Column::Tries,
        row::Column::Sent,
        row::Column::CountedFrom,
    ];
    row::Entity::insert(values)
        .on_conflict(OnConflict::column(row::Column::PersonId).update_columns(columns).to_owned())
        .exec_without_returning(&transaction)
        .await
        .map_err(StoreError::db("write the code"))?;
    let act = ("server", "citizen.code");
    super::record(&transaction, act, person, now, &json!({ "sent": sent + 1 })).await?;
    transaction.commit().await.map_err(StoreError::db("commit the code"))?;
    Ok(Some(code))
}

/// Whether a code is the one that was sent to a person's telephone. Each try counts, also those at several servers at
/// once; a right code is taken once.
///
/// The caller commits, also after a wrong code.
///
/// # Errors
///
/// When the database fails.
pub async fn take<C: ConnectionTrait>(
    db: &C,
    keys: &ColumnKeys,
    person: &str,
    phone: &str,
    code: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let one_more = Expr::col(row::Column::Tries).add(1);
    let counted = row::Entity::update_many()
        .col_expr(row::Column::Tries, one_more)
        .filter(row::Column::PersonId.eq(person))
        .filter(row::Column::ExpiresAt.gt(instant_text(now)))
        .filter(row::Column::Tries.lt(TRIES))
        .exec(db)
        .await
        .map_err(StoreError::db("count a try"))?;
    if counted.rows_affected == 0 {
        return Ok(false);
    }
    let found =
        row::Entity::find_by_id(person).one(db).await.map_err(StoreError::db("read the code"))?;
    let given = token(keys, person, code);
    // The tokens are keyed: how long it takes to compare them tells nothing.
    let Some(_) = found.filter(|found| found.code == given && found.phone == phone) else {
        return Ok(false);
    };
    let spent = row::ActiveModel { tries: ActiveValue::Set(TRIES), ..Default::default() };
    row::Entity::update_many()
        .set(spent)
        .filter(row::Column::PersonId.eq(person))
        .exec(db)
        .await
        .map_err(StoreError::db("spend the code"))?;
    Ok(true)
}

/// Kept as a keyed token, because a plain hash of six digits is found by trying them all.
fn token(keys: &ColumnKeys, person: &str, code: &str) -> String {
    keys.token("citizen_code", &format!("{person}\u{1f}{code}"))
}

fn six_digits() -> Result<Zeroizing<String>, IdentityError> {
    const CODES: u32 = 1_000_000;
    /// Below this each code is equally likely.
    const FAIR: u32 = u32::MAX - u32::MAX % CODES;
    loop {
        let number = getrandom::u32()?;
        if number < FAIR {
            return Ok(Zeroizing::new(format!("{:06}", number % CODES)));
        }
    }
}
