//! The second factor, and guessing.

use identity::{IdentityError, Role, attempts, second_factor, session};
use jiff::{Timestamp, ToSpan as _};
use rstest::rstest;
use store::sea_orm::DatabaseConnection;
use testing::Kind;
use totp_rs::{Builder, Secret};
use trust::ColumnKeys;

use crate::place::{acts, database, make, now};

fn keys() -> ColumnKeys {
    ColumnKeys::from_master(&[7; 32])
}

/// What the telephone shows.
fn code(secret: &str, at: Timestamp) -> String {
    let secret = Secret::try_from_base32(secret).unwrap();
    let totp = Builder::new()
        .with_secret(secret)
        .with_account_name("wu")
        .with_issuer(Some("test"))
        .build()
        .unwrap();
    totp.generate(at.as_second().try_into().unwrap()).to_string()
}

async fn enrolled(db: &DatabaseConnection) -> (String, Vec<String>) {
    let (own, other) = (session::Token::random().unwrap(), session::Token::random().unwrap());
    for token in [&own, &other] {
        session::start(db, token, "wu", false, now()).await.unwrap();
    }
    let enrolment = second_factor::begin(db, &keys(), "wu", "惠民：广州", now()).await.unwrap();
    assert!(enrolment.uri.starts_with("otpauth://totp/"), "{}", enrolment.uri);
    assert!(enrolment.qr_svg.contains("<svg"));
    assert!(!second_factor::is_used(db, "wu").await.unwrap());
    let wrong = second_factor::confirm(db, &keys(), ("wu", &own), "000000", now()).await;
    assert!(matches!(wrong, Err(IdentityError::Code)));
    let first = code(&enrolment.secret, now());
    let codes = second_factor::confirm(db, &keys(), ("wu", &own), &first, now()).await.unwrap();
    assert!(second_factor::is_used(db, "wu").await.unwrap());
    // Whoever was signed in without a code, with a stolen password say, is out.
    assert!(session::caller(db, &own, now()).await.unwrap().unwrap().by_code);
    assert_eq!(session::caller(db, &other, now()).await.unwrap(), None);
    (enrolment.secret, codes)
}

#[rstest]
#[tokio::test]
async fn each_code_is_taken_once(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let (_database, db) = database(kind).await;
    make(&db, "wu", &[Role::CaseWorker]).await.unwrap();
    let (secret, codes) = enrolled(&db).await;
    let take =
        async |code: &str, at| second_factor::take(&db, &keys(), "wu", code, at).await.unwrap();
    // The one that confirmed it was used; the next one comes half a minute later.
    assert!(!take(&code(&secret, now()), now()).await);
    let next = now() + 30.seconds();
    assert!(take(&code(&secret, next), next).await);
    assert!(!take(&code(&secret, next), next).await);
    // A telephone whose clock is half a minute behind or ahead.
    let later = now() + 5.minutes();
    assert!(take(&code(&secret, later - 30.seconds()), later).await);
    assert!(take(&code(&secret, later + 30.seconds()), later).await);
    assert!(!take(&code(&secret, later - 2.minutes()), later).await);
    for wrong in ["", "abc", "1234567", "aaaa-aaaa-aaaa"] {
        assert!(!take(wrong, later).await, "{wrong}");
    }
    assert_eq!(codes.len(), 10);
    assert!(take(&codes[3].to_uppercase().replace('-', ""), later).await);
    assert!(!take(&codes[3], later).await);
    assert!(!second_factor::take(&db, &keys(), "li", &codes[4], later).await.unwrap());
}

#[rstest]
#[tokio::test]
async fn a_second_factor_is_replaced_only_after_it_was_taken_away(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, db) = database(kind).await;
    make(&db, "wu", &[Role::CaseWorker]).await.unwrap();
    let none = second_factor::reset(&db, "wu", "chen", now()).await;
    assert!(matches!(none, Err(IdentityError::NoSecondFactor)));
    let (_, codes) = enrolled(&db).await;
    let own = second_factor::reset(&db, "wu", "wu", now()).await;
    assert!(matches!(own, Err(IdentityError::Own)));
    let again = second_factor::begin(&db, &keys(), "wu", "test", now()).await;
    assert!(matches!(again, Err(IdentityError::SecondFactorExists)));
    let token = session::Token::random().unwrap();
    session::start(&db, &token, "wu", true, now()).await.unwrap();
    second_factor::reset(&db, "wu", "chen", now()).await.unwrap();
    assert_eq!(session::caller(&db, &token, now()).await.unwrap(), None);
    assert!(!second_factor::take(&db, &keys(), "wu", &codes[0], now()).await.unwrap());
    second_factor::begin(&db, &keys(), "wu", "test", now()).await.unwrap();
    let acts = acts(&db).await;
    for act in ["second_factor.begin", "second_factor.confirm", "second_factor.reset"] {
        assert!(acts.iter().any(|one| one == act), "{act}");
    }
}

#[rstest]
#[tokio::test]
async fn the_secret_is_sealed_to_its_own_account(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, db) = database(kind).await;
    make(&db, "wu", &[Role::CaseWorker]).await.unwrap();
    make(&db, "li", &[Role::CaseWorker]).await.unwrap();
    let (secret, _) = enrolled(&db).await;
    second_factor::begin(&db, &keys(), "li", "test", now()).await.unwrap();
    use store::sea_orm::ConnectionTrait as _;
    let sql = "UPDATE second_factor SET secret = (SELECT secret FROM second_factor WHERE username = 'wu') WHERE username = 'li'";
    db.execute_unprepared(sql).await.unwrap();
    let stolen = second_factor::confirm(
        &db,
        &keys(),
        ("li", &session::Token::random().unwrap()),
        &code(&secret, now()),
        now(),
    )
    .await;
    assert!(matches!(stolen, Err(IdentityError::Secret { .. })));
}

#[rstest]
#[tokio::test]
async fn the_sixth_guess_is_not_heard_for_ten_minutes(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, db) = database(kind).await;
    for guess in 1..=5 {
        assert_eq!(attempts::locked_for(&db, "wu", now()).await.unwrap(), None);
        assert_eq!(attempts::count(&db, "wu", now()).await.unwrap(), guess == 5);
    }
    assert!(attempts::locked_for(&db, "wu", now() + 9.minutes()).await.unwrap().is_some());
    assert!(attempts::locked_for(&db, "wu", now() + 10.minutes()).await.unwrap().is_none());
    assert!(attempts::locked_for(&db, "li", now()).await.unwrap().is_none());
    attempts::forget(&db, "wu").await.unwrap();
    assert!(attempts::locked_for(&db, "wu", now()).await.unwrap().is_none());
}
