//! One-time codes: six digits that are sent to a telephone, good for five minutes and five tries.
//!
//! A million codes, five tries each, at most ten of them a day: whoever guesses for one person is right once in 20,000 days.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use store::sea_orm::entity::prelude::*;
use store::sea_orm::sea_query::ExprTrait as _;
use store::sea_orm::{ActiveValue, DatabaseConnection, Statement};
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
    let code = six_digits()?;
    let before = |span: SignedDuration| instant_text(now.saturating_sub(span).unwrap_or(now));
    let values = [
        person.into(),
        phone.into(),
        token(keys, person, &code).into(),
        instant_text(now).into(),
        instant_text(now.saturating_add(LASTS).unwrap_or(now)).into(),
        before(COUNTED).into(),
        before(PAUSE).into(),
        MOST.into(),
    ];
    let statement = Statement::from_sql_and_values(db.get_database_backend(), ISSUE, values);
    let written =
        transaction.execute_raw(statement).await.map_err(StoreError::db("write the code"))?;
    if written.rows_affected() == 0 {
        return Ok(None);
    }
    let act = ("server", "citizen.code");
    super::record(&transaction, act, person, now, &json!({})).await?;
    transaction.commit().await.map_err(StoreError::db("commit the code"))?;
    Ok(Some(code))
}

/// In one statement, so that of requests at several servers at once one gets a code.
const ISSUE: &str = "INSERT INTO citizen_code \
     (person_id, phone, code, sent_at, expires_at, tries, sent, counted_from) \
     VALUES ($1, $2, $3, $4, $5, 0, 1, $4) \
     ON CONFLICT (person_id) DO UPDATE SET \
     phone = excluded.phone, code = excluded.code, sent_at = excluded.sent_at, \
     expires_at = excluded.expires_at, tries = 0, \
     sent = CASE WHEN citizen_code.counted_from <= $6 THEN 1 ELSE citizen_code.sent + 1 END, \
     counted_from = CASE WHEN citizen_code.counted_from <= $6 THEN excluded.counted_from \
     ELSE citizen_code.counted_from END \
     WHERE citizen_code.sent_at <= $7 \
     AND (citizen_code.sent < $8 OR citizen_code.counted_from <= $6)";

/// Takes back that a code was sent which never left: it is no good, is not counted, and another one may follow at once.
///
/// # Errors
///
/// When the database fails.
pub async fn not_sent<C: ConnectionTrait>(db: &C, person: &str) -> Result<(), StoreError> {
    row::Entity::update_many()
        .col_expr(row::Column::Sent, Expr::col(row::Column::Sent).sub(1))
        .col_expr(row::Column::Tries, Expr::value(TRIES))
        .col_expr(row::Column::SentAt, Expr::value(""))
        .filter(row::Column::PersonId.eq(person))
        .exec(db)
        .await
        .map_err(StoreError::db("take back that a code was sent"))?;
    Ok(())
}

/// What became of a code that was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It was right, and is spent.
    Right,
    /// It was wrong, and counted.
    Wrong,
    /// No code waits for an answer.
    NoneWaits,
}

/// Tries a code for a person's telephone. Each try counts, also those at several servers at
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
) -> Result<Taken, StoreError> {
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
        return Ok(Taken::NoneWaits);
    }
    let found =
        row::Entity::find_by_id(person).one(db).await.map_err(StoreError::db("read the code"))?;
    let given = token(keys, person, code);
    // The tokens are keyed: how long it takes to compare them tells nothing.
    let Some(_) = found.filter(|found| found.code == given && found.phone == phone) else {
        return Ok(Taken::Wrong);
    };
    let spent = row::ActiveModel { tries: ActiveValue::Set(TRIES), ..Default::default() };
    row::Entity::update_many()
        .set(spent)
        .filter(row::Column::PersonId.eq(person))
        .exec(db)
        .await
        .map_err(StoreError::db("spend the code"))?;
    Ok(Taken::Right)
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
