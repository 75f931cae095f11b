//! A database with two organisations.

use identity::account::{self, Account, NewAccount};
use identity::organisation::{self, Kind as Does, NewOrganisation};
use identity::{IdentityError, Role};
use jiff::Timestamp;
use store::sea_orm::DatabaseConnection;
use testing::{Kind, TestDatabase};
use vocab::DivisionCode;

pub(crate) const PASSWORD: &str = "correct horse battery";

/// 2024-02-05T08:00:00Z.
pub(crate) fn now() -> Timestamp {
    Timestamp::from_second(1_707_120_000).unwrap()
}

pub(crate) fn division(code: &str) -> DivisionCode {
    DivisionCode::parse(code).unwrap()
}

/// The city's bureau and that of one district.
pub(crate) async fn database(kind: Kind) -> (TestDatabase, DatabaseConnection) {
    let database = TestDatabase::new(kind).await;
    let db = database.connect().await;
    store::migrate(&db, &[identity::migrations]).await.unwrap();
    let bureau = |id, name_zh, code, parent| NewOrganisation {
        id,
        name_zh,
        name_en: "",
        kind: Does::CivilAffairs,
        division: division(code),
        parent,
    };
    let both = [
        bureau("city", "广州市民政局", "440100", None),
        bureau("yuexiu", "越秀区民政局", "440104", Some("city")),
    ];
    organisation::create(&db, &both, "test", now()).await.unwrap();
    (database, db)
}

pub(crate) async fn make(
    db: &DatabaseConnection,
    username: &str,
    roles: &[Role],
) -> Result<Account, IdentityError> {
    let new = NewAccount {
        username,
        display_name: "",
        organisation: Some("yuexiu"),
        roles,
        must_change_password: false,
    };
    account::create(db, new, PASSWORD, "test", now()).await
}

/// The acts in the audit trail.
pub(crate) async fn acts(db: &DatabaseConnection) -> Vec<String> {
    let entries = store::audit::list(db, None, 0, 1000).await.unwrap();
    entries.into_iter().map(|entry| entry.what).collect()
}
