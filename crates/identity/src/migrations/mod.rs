//! The schema of this crate.

mod m20260103_000001_create_user_account;
mod m20261127_000001_create_organisation;
mod m20261127_000002_session_by_code;
mod m20261127_000003_create_citizen;
mod m20261127_000004_create_api_client;
mod m20261127_000005_create_oidc;

use store::MigrationSet;

/// The migrations of this crate, for [`store::migrate`].
#[must_use]
pub fn migrations() -> MigrationSet {
    vec![
        Box::new(m20260103_000001_create_user_account::Migration),
        Box::new(m20261127_000001_create_organisation::Migration),
        Box::new(m20261127_000002_session_by_code::Migration),
        Box::new(m20261127_000003_create_citizen::Migration),
        Box::new(m20261127_000004_create_api_client::Migration),
        Box::new(m20261127_000005_create_oidc::Migration),
    ]
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use store::sea_orm::ConnectionTrait as _;
    use testing::{Kind, TestDatabase};

    use super::*;
    use crate::{Role, account};

    fn first() -> MigrationSet {
        vec![Box::new(m20260103_000001_create_user_account::Migration)]
    }

    #[rstest]
    #[tokio::test]
    async fn accounts_of_before_keep_what_they_may_do_but_for_the_sight_of_persons(
        #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
    ) {
        let database = TestDatabase::new(kind).await;
        let db = database.connect().await;
        store::migrate(&db, &[first]).await.expect("the first schema");
        let at = "2024-02-05T08:00:00Z";
        for role in ["admin", "clerk", "approver", "auditor", "odd"] {
            let rows = [
                format!(
                    "INSERT INTO user_account VALUES ('{role}', 'n', '{role}', 'h', '{at}', '{at}')"
                ),
                format!("INSERT INTO user_session VALUES ('t-{role}', '{role}', '{at}', '2099')"),
            ];
            for row in rows {
                db.execute_unprepared(&row).await.expect("a row");
            }
        }
        store::migrate(&db, &[migrations]).await.expect("the new schema");
        let accounts = account::list(&db, None, None, 10).await.expect("the accounts");
        let roles: Vec<(&str, &[Role])> =
            accounts.iter().map(|one| (one.username.as_str(), one.roles.as_slice())).collect();
        assert_eq!(
            roles,
            [
                ("admin", &[Role::SecurityAdmin][..]),
                ("approver", &[Role::FinanceOfficer][..]),
                ("auditor", &[Role::Auditor][..]),
                ("clerk", &[Role::CaseWorker][..]),
                ("odd", &[][..]),
            ]
        );
        assert!(accounts.iter().all(|one| one.version == 1 && !one.has_left));
        let left = "SELECT token_hash FROM user_session";
        let statement = store::sea_orm::Statement::from_string(db.get_database_backend(), left);
        assert!(db.query_all_raw(statement).await.expect("an answer").is_empty());
    }
}
