//! Sign-in by OpenID Connect: attempts, who at a provider is which account, and who still has to give a code.

use store::sea_orm::{self, DeriveIden};
use store::sea_orm_migration;
use store::sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum OidcAttempt {
    Table,
    /// Hash of what the provider gives back.
    StateHash,
    /// Hash of what the browser gives back.
    BrowserHash,
    /// `staff` or `citizens`.
    Whom,
    Nonce,
    /// Sealed.
    Verifier,
    /// An address of the application.
    ReturnTo,
    ExpiresAt,
}

#[derive(DeriveIden)]
enum OidcLink {
    Table,
    Username,
    Issuer,
    /// What the provider calls them.
    Subject,
    MadeBy,
    MadeAt,
}

#[derive(DeriveIden)]
enum OidcWaiting {
    Table,
    TokenHash,
    Username,
    ExpiresAt,
}

#[derive(DeriveIden)]
enum UserAccount {
    Table,
    Username,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(attempt()).await?;
        manager.create_table(link()).await?;
        manager.create_table(waiting()).await?;
        let one_account = Index::create()
            .name("oidc_link_by_subject")
            .table(OidcLink::Table)
            .col(OidcLink::Issuer)
            .col(OidcLink::Subject)
            .unique()
            .to_owned();
        manager.create_index(one_account).await
    }
}

fn attempt() -> TableCreateStatement {
    let text = |column: OidcAttempt| ColumnDef::new(column).text().not_null().to_owned();
    Table::create()
        .table(OidcAttempt::Table)
        .col(text(OidcAttempt::StateHash).primary_key())
        .col(text(OidcAttempt::BrowserHash))
        .col(text(OidcAttempt::Whom))
        .col(text(OidcAttempt::Nonce))
        .col(text(OidcAttempt::Verifier))
        .col(text(OidcAttempt::ReturnTo))
        .col(text(OidcAttempt::ExpiresAt))
        .to_owned()
}

fn link() -> TableCreateStatement {
    let text = |column: OidcLink| ColumnDef::new(column).text().not_null().to_owned();
    Table::create()
        .table(OidcLink::Table)
        .col(text(OidcLink::Username).primary_key())
        .col(text(OidcLink::Issuer))
        .col(text(OidcLink::Subject))
        .col(text(OidcLink::MadeBy))
        .col(text(OidcLink::MadeAt))
        .foreign_key(&mut of_account("oidc_link_user", OidcLink::Table, OidcLink::Username))
        .to_owned()
}

fn waiting() -> TableCreateStatement {
    let text = |column: OidcWaiting| ColumnDef::new(column).text().not_null().to_owned();
    Table::create()
        .table(OidcWaiting::Table)
        .col(text(OidcWaiting::TokenHash).primary_key())
        .col(text(OidcWaiting::Username))
        .col(text(OidcWaiting::ExpiresAt))
        .foreign_key(&mut of_account(
            "oidc_waiting_user",
            OidcWaiting::Table,
            OidcWaiting::Username,
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
