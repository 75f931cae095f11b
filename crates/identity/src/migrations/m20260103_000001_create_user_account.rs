//! `user_account`, `user_session` and `sign_in_failure`: who may sign in, and who is.

use store::sea_orm::{self, DeriveIden};
use store::sea_orm_migration;
use store::sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum UserAccount {
    Table,
    /// What is typed at sign-in; lower case.
    Username,
    /// What is shown.
    DisplayName,
    /// `admin`, `clerk`, `approver` or `auditor`.
    Role,
    /// PHC string of argon2id.
    PasswordHash,
    /// The instant, as `store::instant_text`.
    CreatedAt,
    /// When the password was last set.
    PasswordSetAt,
}

#[derive(DeriveIden)]
enum UserSession {
    Table,
    /// BLAKE3 of the token in the cookie.
    TokenHash,
    /// Whose it is.
    Username,
    /// When it began.
    CreatedAt,
    /// When it ends.
    ExpiresAt,
}

#[derive(DeriveIden)]
enum SignInFailure {
    Table,
    /// Hash of what was typed as username.
    UsernameHash,
    /// Wrong passwords in a row.
    Failures,
    /// The last one.
    LastAt,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table(UserAccount::Table)
                    .col(ColumnDef::new(UserAccount::Username).text().not_null().primary_key())
                    .col(ColumnDef::new(UserAccount::DisplayName).text().not_null())
                    .col(ColumnDef::new(UserAccount::Role).text().not_null())
                    .col(ColumnDef::new(UserAccount::PasswordHash).text().not_null())
                    .col(ColumnDef::new(UserAccount::CreatedAt).text().not_null())
                    .col(ColumnDef::new(UserAccount::PasswordSetAt).text().not_null())
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table(UserSession::Table)
                    .col(ColumnDef::new(UserSession::TokenHash).text().not_null().primary_key())
                    .col(ColumnDef::new(UserSession::Username).text().not_null())
                    .col(ColumnDef::new(UserSession::CreatedAt).text().not_null())
                    .col(ColumnDef::new(UserSession::ExpiresAt).text().not_null())
                    .foreign_key(
                        ForeignKey::create()
                            .name("user_session_user")
                            .from(UserSession::Table, UserSession::Username)
                            .to(UserAccount::Table, UserAccount::Username)
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("user_session_by_username")
                    .table(UserSession::Table)
                    .col(UserSession::Username)
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table(SignInFailure::Table)
                    .col(
                        ColumnDef::new(SignInFailure::UsernameHash).text().not_null().primary_key(),
                    )
                    .col(ColumnDef::new(SignInFailure::Failures).integer().not_null())
                    .col(ColumnDef::new(SignInFailure::LastAt).text().not_null())
                    .to_owned(),
            )
            .await
    }
}
