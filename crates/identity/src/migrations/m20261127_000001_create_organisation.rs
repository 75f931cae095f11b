//! Organisations, several roles an account, purposes, second factors.

use store::sea_orm::{self, DeriveIden};
use store::sea_orm_migration;
use store::sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum Organisation {
    Table,
    /// Lower-case letters, digits, dots and dashes.
    Id,
    /// In Chinese.
    NameZh,
    /// In English; empty where nobody has given one.
    NameEn,
    /// `civil_affairs`, `department`, `charity` or `audit`.
    Kind,
    /// Significant digits of the division that it works in.
    Division,
    /// The organisation above.
    ParentId,
    /// The instant, as `store::instant_text`.
    CreatedAt,
}

#[derive(DeriveIden)]
enum UserAccount {
    Table,
    Username,
    /// Words of roles, separated by spaces.
    Roles,
    /// Where the account is employed.
    OrganisationId,
    /// Whether its owner has left.
    HasLeft,
    /// Whether the password was chosen by somebody else.
    MustChangePassword,
    /// Counted up with each change.
    Version,
}

#[derive(DeriveIden)]
enum PurposeGrant {
    Table,
    /// Random.
    Id,
    Username,
    /// The word of the purpose.
    Purpose,
    /// From this instant on.
    FromAt,
    /// Before this instant.
    UntilAt,
    /// Why.
    Reason,
    /// By whom.
    GrantedBy,
    GrantedAt,
    /// When it was taken back.
    RevokedAt,
}

#[derive(DeriveIden)]
enum SecondFactor {
    Table,
    Username,
    /// Sealed.
    Secret,
    /// When its first code was given; none while it waits for that.
    ConfirmedAt,
    /// The step of the code that was used last.
    LastStep,
}

#[derive(DeriveIden)]
enum RecoveryCode {
    Table,
    Username,
    /// Hash of the code.
    CodeHash,
}

/// What the earlier roles have become. `admin` could see everything; the administrator that makes
/// accounts sees no person. Whoever is signed in signs in again.
const ROLES: &[&str] = &[
    "UPDATE user_account SET roles = CASE role WHEN 'admin' THEN 'security_admin' \
     WHEN 'clerk' THEN 'case_worker' WHEN 'approver' THEN 'finance_officer' \
     WHEN 'auditor' THEN 'auditor' ELSE '' END",
    "ALTER TABLE user_account DROP COLUMN role",
    "DELETE FROM user_session",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(organisation()).await?;
        let columns = [
            ColumnDef::new(UserAccount::Roles).text().not_null().default("").to_owned(),
            ColumnDef::new(UserAccount::OrganisationId).text().to_owned(),
            ColumnDef::new(UserAccount::HasLeft).boolean().not_null().default(false).to_owned(),
            ColumnDef::new(UserAccount::MustChangePassword)
                .boolean()
                .not_null()
                .default(false)
                .to_owned(),
            ColumnDef::new(UserAccount::Version).big_integer().not_null().default(1).to_owned(),
        ];
        // SQLite adds one column a statement.
        for column in columns {
            let table = Table::alter().table(UserAccount::Table).add_column(column).to_owned();
            manager.alter_table(table).await?;
        }
        for statement in ROLES {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        manager
            .create_index(
                Index::create()
                    .name("user_account_by_organisation")
                    .table(UserAccount::Table)
                    .col(UserAccount::OrganisationId)
                    .to_owned(),
            )
            .await?;
        manager.create_table(purpose_grant()).await?;
        manager
            .create_index(
                Index::create()
                    .name("purpose_grant_by_username")
                    .table(PurposeGrant::Table)
                    .col(PurposeGrant::Username)
                    .to_owned(),
            )
            .await?;
        manager.create_table(second_factor()).await?;
        manager.create_table(recovery_code()).await
    }
}

fn organisation() -> TableCreateStatement {
    Table::create()
        .table(Organisation::Table)
        .col(ColumnDef::new(Organisation::Id).text().not_null().primary_key())
        .col(ColumnDef::new(Organisation::NameZh).text().not_null())
        .col(ColumnDef::new(Organisation::NameEn).text().not_null())
        .col(ColumnDef::new(Organisation::Kind).text().not_null())
        .col(ColumnDef::new(Organisation::Division).text().not_null())
        .col(ColumnDef::new(Organisation::ParentId).text())
        .col(ColumnDef::new(Organisation::CreatedAt).text().not_null())
        .foreign_key(
            ForeignKey::create()
                .name("organisation_parent")
                .from(Organisation::Table, Organisation::ParentId)
                .to(Organisation::Table, Organisation::Id),
        )
        .to_owned()
}

fn purpose_grant() -> TableCreateStatement {
    let text = |column: PurposeGrant| ColumnDef::new(column).text().not_null().to_owned();
    Table::create()
        .table(PurposeGrant::Table)
        .col(text(PurposeGrant::Id).primary_key())
        .col(text(PurposeGrant::Username))
        .col(text(PurposeGrant::Purpose))
        .col(text(PurposeGrant::FromAt))
        .col(text(PurposeGrant::UntilAt))
        .col(text(PurposeGrant::Reason))
        .col(text(PurposeGrant::GrantedBy))
        .col(text(PurposeGrant::GrantedAt))
        .col(ColumnDef::new(PurposeGrant::RevokedAt).text())
        .foreign_key(&mut of_account(
            "purpose_grant_user",
            PurposeGrant::Table,
            PurposeGrant::Username,
        ))
        .to_owned()
}

fn second_factor() -> TableCreateStatement {
    Table::create()
        .table(SecondFactor::Table)
        .col(ColumnDef::new(SecondFactor::Username).text().not_null().primary_key())
        .col(ColumnDef::new(SecondFactor::Secret).text().not_null())
        .col(ColumnDef::new(SecondFactor::ConfirmedAt).text())
        .col(ColumnDef::new(SecondFactor::LastStep).big_integer().not_null())
        .foreign_key(&mut of_account(
            "second_factor_user",
            SecondFactor::Table,
            SecondFactor::Username,
        ))
        .to_owned()
}

fn recovery_code() -> TableCreateStatement {
    Table::create()
        .table(RecoveryCode::Table)
        .col(ColumnDef::new(RecoveryCode::Username).text().not_null())
        .col(ColumnDef::new(RecoveryCode::CodeHash).text().not_null())
        .primary_key(Index::create().col(RecoveryCode::Username).col(RecoveryCode::CodeHash))
        .foreign_key(&mut of_account(
            "recovery_code_user",
            RecoveryCode::Table,
            RecoveryCode::Username,
        ))
        .to_owned()
}

/// A row goes with the account that it belongs to.
fn of_account<T: IntoIden + IntoTableRef + 'static, C: IntoIden>(
    name: &str,
    table: T,
    column: C,
) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(name)
        .from(table, column)
        .to(UserAccount::Table, UserAccount::Username)
        .on_delete(ForeignKeyAction::Cascade)
        .to_owned()
}
