//! Making and changing accounts.

use identity::account::{self, Change, NewAccount};
use identity::grant::{self, NewGrant};
use identity::{IdentityError, Purpose, Role};
use jiff::ToSpan as _;
use rstest::rstest;
use testing::Kind;

use crate::place::{PASSWORD, acts, database, division, make, now};

#[rstest]
#[tokio::test]
async fn an_account_has_roles_of_one_kind_and_an_employer(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, db) = database(kind).await;
    let made = make(&db, "wu", &[Role::CaseWorker]).await.unwrap();
    assert_eq!((made.version, made.display_name.as_str()), (1, "wu"));
    assert!(matches!(make(&db, "wu", &[]).await, Err(IdentityError::UserExists(_))));
    for name in ["Wu", "server", "unknown", "a\0b"] {
        assert!(matches!(make(&db, name, &[]).await, Err(IdentityError::Username(_))), "{name}");
    }
    assert_eq!(account::find(&db, "a\0b").await.unwrap(), None);
    let both = [Role::SystemAdmin, Role::SecurityAdmin];
    assert!(matches!(make(&db, "li", &both).await, Err(IdentityError::RolesTogether)));
    let new = NewAccount {
        username: "li",
        display_name: "李",
        organisation: None,
        roles: &[Role::Auditor],
        must_change_password: false,
    };
    let refused = account::create(&db, new, PASSWORD, "test", now()).await;
    assert!(matches!(refused, Err(IdentityError::NoOrganisation("auditor"))));
    let elsewhere = NewAccount { organisation: Some("mars"), ..new };
    let refused = account::create(&db, elsewhere, PASSWORD, "test", now()).await;
    assert!(matches!(refused, Err(IdentityError::OrganisationUnknown(_))));
    let refused =
        account::create(&db, NewAccount { roles: &[], ..new }, "password1", "test", now());
    assert!(matches!(refused.await, Err(IdentityError::Password(_))));
    assert_eq!(acts(&db).await, ["organisation.create", "organisation.create", "user.create"]);
}

#[rstest]
#[tokio::test]
async fn nobody_changes_what_they_may_do_and_two_changes_at_once_do_not_mix(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, db) = database(kind).await;
    make(&db, "wu", &[Role::SecurityAdmin]).await.unwrap();
    let roles = [Role::AuditAdmin];
    let more = Change { roles: Some(&roles), ..Change::default() };
    let own = account::change(&db, "wu", None, more, "wu", now()).await;
    assert!(matches!(own, Err(IdentityError::Own)));
    let name = Change { display_name: Some("吴"), ..Change::default() };
    let renamed = account::change(&db, "wu", Some(1), name, "wu", now()).await.unwrap();
    assert_eq!((renamed.version, renamed.display_name.as_str()), (2, "吴"));
    let late = account::change(&db, "wu", Some(1), more, "chen", now()).await;
    assert!(matches!(late, Err(IdentityError::Changed)));
    let changed = account::change(&db, "wu", Some(2), more, "chen", now()).await.unwrap();
    assert_eq!(changed.roles, [Role::AuditAdmin]);
    assert_eq!(account::find(&db, "wu").await.unwrap(), Some(changed));
    let nobody = account::change(&db, "nobody", None, name, "chen", now()).await;
    assert!(matches!(nobody, Err(IdentityError::UserUnknown(_))));
}

#[rstest]
#[tokio::test]
async fn accounts_are_listed_by_division_page_by_page(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, db) = database(kind).await;
    for username in ["a", "b", "c"] {
        make(&db, username, &[Role::CaseWorker]).await.unwrap();
    }
    let new = NewAccount {
        username: "d",
        display_name: "",
        organisation: Some("city"),
        roles: &[],
        must_change_password: true,
    };
    account::create(&db, new, PASSWORD, "test", now()).await.unwrap();
    let names = |page: Vec<account::Account>| {
        page.into_iter().map(|account| account.username).collect::<Vec<_>>()
    };
    let (city, district) = (division("440100"), division("440104"));
    assert_eq!(
        names(account::list(&db, Some(&city), None, 10).await.unwrap()),
        ["a", "b", "c", "d"]
    );
    assert_eq!(names(account::list(&db, Some(&district), None, 2).await.unwrap()), ["a", "b"]);
    assert_eq!(names(account::list(&db, Some(&district), Some("b"), 2).await.unwrap()), ["c"]);
    assert!(account::list(&db, Some(&division("440106")), None, 2).await.unwrap().is_empty());
    // An account that nobody has named otherwise is called by its username.
    let named = account::display_names(&db, &["b", "nobody"]).await.unwrap();
    assert_eq!(named, [("b".to_owned(), "b".to_owned())].into());
    assert!(account::display_names(&db, &[]).await.unwrap().is_empty());
}

#[rstest]
#[tokio::test]
async fn a_purpose_is_in_force_from_a_day_to_a_day_or_until_it_is_taken_back(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, db) = database(kind).await;
    make(&db, "wu", &[Role::CaseWorker]).await.unwrap();
    let (from, until) = (now(), now() + 24.hours());
    let new = NewGrant { purpose: Purpose::Casework, from, until, reason: "低保复核" };
    assert!(matches!(grant::create(&db, "wu", new, "wu", now()).await, Err(IdentityError::Own)));
    let empty = NewGrant { reason: " ", ..new };
    assert!(matches!(
        grant::create(&db, "wu", empty, "chen", now()).await,
        Err(IdentityError::Grant)
    ));
    let backwards = NewGrant { until: from, ..new };
    let refused = grant::create(&db, "wu", backwards, "chen", now()).await;
    assert!(matches!(refused, Err(IdentityError::Grant)));
    let made = grant::create(&db, "wu", new, "chen", now()).await.unwrap();

    let at = |when| grant::in_force(&db, "wu", when);
    assert!(at(from - 1.second()).await.unwrap().is_empty());
    assert_eq!(at(from).await.unwrap(), [Purpose::Casework]);
    assert_eq!(at(until - 1.second()).await.unwrap(), [Purpose::Casework]);
    assert!(at(until).await.unwrap().is_empty());
    grant::revoke(&db, "wu", &made.id, "chen", now() + 1.hour()).await.unwrap();
    assert!(at(from).await.unwrap().is_empty());
    let again = grant::revoke(&db, "wu", &made.id, "chen", now()).await;
    assert!(matches!(again, Err(IdentityError::GrantUnknown)));
    let all = grant::list(&db, "wu").await.unwrap();
    assert!(all[0].revoked_at.is_some() && all[0].reason == "低保复核");
}

#[rstest]
#[tokio::test]
async fn of_many_who_make_one_account_at_once_one_does(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, db) = database(kind).await;
    let makes = (0..6).map(|_| make(&db, "wu", &[Role::CaseWorker]));
    let made = futures::future::join_all(makes).await;
    assert_eq!(made.iter().filter(|one| one.is_ok()).count(), 1);
    let refused = made.iter().filter_map(|one| one.as_ref().err());
    assert!(refused.into_iter().all(|error| matches!(error, IdentityError::UserExists(_))));
}

#[rstest]
#[tokio::test]
async fn purposes_end_with_the_employment(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let (_database, db) = database(kind).await;
    make(&db, "wu", &[Role::CaseWorker]).await.unwrap();
    let until = now() + 24.hours();
    let new = NewGrant { purpose: Purpose::Casework, from: now(), until, reason: "低保复核" };
    let moves = [
        Change { organisation: Some("city"), ..Change::default() },
        Change { has_left: Some(true), ..Change::default() },
    ];
    for change in moves {
        grant::create(&db, "wu", new, "chen", now()).await.unwrap();
        account::change(&db, "wu", None, change, "chen", now()).await.unwrap();
        assert!(grant::in_force(&db, "wu", now()).await.unwrap().is_empty(), "{change:?}");
    }
}
