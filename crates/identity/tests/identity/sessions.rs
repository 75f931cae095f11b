//! Sessions end at once when what their owner may do changes.

use identity::account::{self, Change};
use identity::session::{self, Token};
use identity::{Role, second_factor};
use jiff::ToSpan as _;
use rstest::rstest;
use store::sea_orm::DatabaseConnection;
use testing::Kind;

use crate::place::{database, division, make, now};

async fn start(db: &DatabaseConnection, username: &str) -> Token {
    let token = Token::random().unwrap();
    session::start(db, &token, username, false, now()).await.unwrap();
    token
}

#[rstest]
#[tokio::test]
async fn a_session_tells_who_it_is_and_what_for_until_it_ends(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, db) = database(kind).await;
    make(&db, "wu", &[Role::CaseWorker, Role::FinanceOfficer]).await.unwrap();
    let token = start(&db, "wu").await;
    let caller = session::caller(&db, &token, now()).await.unwrap().unwrap();
    assert_eq!(caller.roles, [Role::CaseWorker, Role::FinanceOfficer]);
    assert_eq!(caller.division, Some(division("440104")));
    assert_eq!(caller.organisation.as_deref(), Some("yuexiu"));
    assert!(!caller.must_change_password && !caller.has_second_factor);
    assert_eq!(session::caller(&db, &Token::random().unwrap(), now()).await.unwrap(), None);
    let late = session::caller(&db, &token, now() + session::LASTS).await.unwrap();
    assert_eq!(late, None);
    session::end(&db, &token).await.unwrap();
    assert_eq!(session::caller(&db, &token, now()).await.unwrap(), None);
}

#[rstest]
#[tokio::test]
async fn a_change_of_password_role_employer_or_employment_ends_all_sessions_at_once(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, db) = database(kind).await;
    make(&db, "wu", &[Role::CaseWorker]).await.unwrap();
    make(&db, "li", &[Role::CaseWorker]).await.unwrap();
    let other = start(&db, "li").await;
    let roles = [Role::FinanceOfficer];
    let changes = [
        Change { roles: Some(&roles), ..Change::default() },
        Change { organisation: Some("city"), ..Change::default() },
        Change { has_left: Some(true), ..Change::default() },
    ];
    for change in changes {
        let tokens = [start(&db, "wu").await, start(&db, "wu").await];
        account::change(&db, "wu", None, change, "chen", now()).await.unwrap();
        for token in &tokens {
            assert_eq!(session::caller(&db, token, now()).await.unwrap(), None, "{change:?}");
        }
    }
    // Whoever has left has no session, even if one began.
    let token = start(&db, "wu").await;
    assert_eq!(session::caller(&db, &token, now()).await.unwrap(), None);
    let back = Change { has_left: Some(false), ..Change::default() };
    account::change(&db, "wu", None, back, "chen", now()).await.unwrap();

    let token = start(&db, "wu").await;
    let name = Change { display_name: Some("吴"), ..Change::default() };
    account::change(&db, "wu", None, name, "chen", now()).await.unwrap();
    assert!(session::caller(&db, &token, now()).await.unwrap().is_some());
    let password = "another horse and battery";
    account::set_password(&db, "wu", password, true, "chen", now()).await.unwrap();
    assert_eq!(session::caller(&db, &token, now()).await.unwrap(), None);
    let token = start(&db, "wu").await;
    let caller = session::caller(&db, &token, now()).await.unwrap().unwrap();
    assert!(caller.must_change_password);
    assert!(!second_factor::is_used(&db, "wu").await.unwrap());
    let other = session::caller(&db, &other, now() + 1.hour()).await.unwrap();
    assert_eq!(other.unwrap().username, "li");
}
