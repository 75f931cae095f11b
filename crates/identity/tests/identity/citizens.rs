//! Codes and sessions of citizens, and who acts for whom.

use futures::future::join_all;
use identity::IdentityError;
use identity::access::{Access, Affair, Standing};
use identity::citizen::representation::{self, Kind as Acts, NewRepresentation, Representation};
use identity::citizen::{code, session};
use identity::session::Token;
use jiff::{Timestamp, ToSpan as _};
use rstest::rstest;
use store::begin_write;
use store::sea_orm::DatabaseConnection;
use testing::Kind;
use trust::ColumnKeys;

use crate::place::{acts, database, now};

fn keys() -> ColumnKeys {
    ColumnKeys::from_master(&[7; 32])
}

async fn issued(db: &DatabaseConnection, at: Timestamp) -> Option<String> {
    let code = code::issue(db, &keys(), "P1", "phone-1", at).await.unwrap();
    code.map(|code| code.to_string())
}

async fn taken(db: &DatabaseConnection, phone: &str, code: &str, at: Timestamp) -> bool {
    let transaction = begin_write(db).await.unwrap();
    let taken = code::take(&transaction, &keys(), "P1", phone, code, at).await.unwrap();
    transaction.commit().await.unwrap();
    taken == code::Taken::Right
}

/// A code that is not this one.
fn other_than(code: &str) -> String {
    let number: u32 = code.parse().unwrap();
    format!("{:06}", (number + 1) % 1_000_000)
}

#[rstest]
#[tokio::test]
async fn a_code_is_good_once_for_five_minutes_and_on_its_own_telephone(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, db) = database(kind).await;
    let code = issued(&db, now()).await.unwrap();
    assert!(code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()), "{code}");
    assert!(!taken(&db, "phone-2", &code, now()).await);
    assert!(!taken(&db, "phone-1", &code, now() + 5.minutes()).await);
    assert!(taken(&db, "phone-1", &code, now() + 4.minutes()).await);
    assert!(!taken(&db, "phone-1", &code, now() + 4.minutes()).await);
    assert_eq!(acts(&db).await.last().map(String::as_str), Some("citizen.code"));
}

#[rstest]
#[tokio::test]
async fn after_five_tries_the_right_code_is_no_good_also_when_they_come_at_once(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, db) = database(kind).await;
    let code = issued(&db, now()).await.unwrap();
    let wrong = other_than(&code);
    let tries = (0..code::TRIES).map(|_| taken(&db, "phone-1", &wrong, now()));
    assert!(join_all(tries).await.into_iter().all(|taken| !taken));
    assert!(!taken(&db, "phone-1", &code, now()).await);
    // The next one is another code with tries of its own.
    let next = now() + 1.minute();
    let code = issued(&db, next).await.unwrap();
    assert!(taken(&db, "phone-1", &code, next).await);
}

#[rstest]
#[tokio::test]
async fn codes_come_a_minute_apart_and_ten_a_day(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, db) = database(kind).await;
    assert!(issued(&db, now()).await.is_some());
    assert!(issued(&db, now() + 59.seconds()).await.is_none());
    for minute in 1..10 {
        assert!(issued(&db, now() + minute.minutes()).await.is_some(), "{minute}");
    }
    assert!(issued(&db, now() + 10.minutes()).await.is_none());
    assert!(issued(&db, now() + 23.hours()).await.is_none());
    assert!(issued(&db, now() + 24.hours()).await.is_some());
}

#[rstest]
#[tokio::test]
async fn of_requests_at_once_one_gets_a_code_and_one_that_never_left_is_not_counted(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, db) = database(kind).await;
    for minute in 0..2 {
        let at = now() + minute.minutes();
        let sent = join_all((0..8).map(|_| issued(&db, at))).await;
        assert_eq!(sent.iter().flatten().count(), 1, "{minute}");
    }
    let at = now() + 2.minutes();
    for _ in 0..20 {
        let lost = issued(&db, at).await.unwrap();
        code::not_sent(&db, "P1").await.unwrap();
        assert!(!taken(&db, "phone-1", &lost, at).await);
    }
    assert!(issued(&db, at).await.is_some());
}

#[rstest]
#[tokio::test]
async fn a_session_ends_by_itself_and_by_signing_out(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, db) = database(kind).await;
    let token = Token::random().unwrap();
    session::start(&db, &token, "P1", now()).await.unwrap();
    let person = async |at| session::person(&db, &token, at).await.unwrap();
    assert_eq!(person(now() + 119.minutes()).await.as_deref(), Some("P1"));
    assert_eq!(person(now() + 120.minutes()).await, None);
    session::end(&db, &token, now()).await.unwrap();
    assert_eq!(person(now()).await, None);
    // Harmless again, and not written down again.
    session::end(&db, &token, now()).await.unwrap();
    let acts = acts(&db).await;
    assert!(acts.ends_with(&["citizen.sign_in".to_owned(), "citizen.sign_out".to_owned()]));
}

async fn made(
    db: &DatabaseConnection,
    (principal, representative): (&str, &str),
    kind: Acts,
    until: Timestamp,
) -> Result<Representation, IdentityError> {
    let transaction = begin_write(db).await?;
    let basis = "户口簿第3页";
    let new = NewRepresentation { principal, representative, kind, until, basis };
    let made = representation::create_in(&transaction, new, "person:P1", now()).await?;
    transaction.commit().await.map_err(store::StoreError::db("commit"))?;
    Ok(made)
}

#[rstest]
#[tokio::test]
async fn somebody_acts_until_the_time_is_over_or_it_is_taken_back(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, db) = database(kind).await;
    let until = now() + 1.hour();
    let one = made(&db, ("P1", "P2"), Acts::Entrusted, until).await.unwrap();
    let again = made(&db, ("P1", "P2"), Acts::Entrusted, until).await;
    assert!(matches!(again, Err(IdentityError::RepresentationExists)));
    made(&db, ("P1", "P2"), Acts::Guardian, until).await.unwrap();
    for refused in [
        made(&db, ("P1", "P1"), Acts::Entrusted, until).await,
        made(&db, ("P1", "P3"), Acts::Entrusted, now()).await,
    ] {
        assert!(matches!(refused, Err(IdentityError::Representation)));
    }
    let acting = async |at| {
        let found = representation::of_representatives(&db, &["P0", "P2"], at).await.unwrap();
        found.into_iter().map(|one| one.kind).collect::<Vec<_>>()
    };
    assert_eq!(acting(now()).await.len(), 2);
    assert!(acting(until).await.is_empty());
    // Not by somebody else's name, and not twice.
    let end = async |principal: &str| {
        representation::end(&db, &[principal], &one.id, "person:P1", now()).await
    };
    assert!(matches!(end("P2").await, Err(IdentityError::RepresentationUnknown)));
    end("P1").await.unwrap();
    assert!(matches!(end("P1").await, Err(IdentityError::RepresentationUnknown)));
    assert_eq!(acting(now()).await, [Acts::Guardian]);
    let left = representation::of_principals(&db, &["P1"], now()).await.unwrap();
    assert_eq!(left.len(), 1);
    assert_eq!(acts(&db).await.last().map(String::as_str), Some("representation.end"));
}

#[rstest]
#[tokio::test]
async fn a_crowd_acts_for_nobody(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let (_database, db) = database(kind).await;
    let until = now() + 1.hour();
    for number in 0..representation::MOST {
        let who = format!("P-{number}");
        made(&db, ("P1", &who), Acts::Entrusted, until).await.unwrap();
    }
    let one_more = made(&db, ("P1", "P2"), Acts::Entrusted, until).await;
    assert!(matches!(one_more, Err(IdentityError::Representation)));
}

/// Written by hand: what each standing gives.
const MAY: [(Affair, [bool; 3]); 5] = [
    (Affair::Read, [true, true, true]),
    (Affair::Explain, [true, true, true]),
    (Affair::Readings, [true, true, false]),
    (Affair::Representatives, [true, true, false]),
    (Affair::Entrust, [true, false, false]),
];

#[test]
fn what_a_person_may_ask_follows_from_how_they_stand_to_whom_it_is_about() {
    let access = Access::new().unwrap();
    assert_eq!(MAY.map(|(affair, _)| affair), Affair::ALL);
    for (affair, may) in MAY {
        for (standing, may) in Standing::ALL.into_iter().zip(may) {
            let said = access.allows_person("P1", affair, "P2", standing);
            assert_eq!(said, may, "{} {}", affair.as_str(), standing.as_str());
        }
    }
}
