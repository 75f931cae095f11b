//! Partners' programs, their keys, what they may ask about, and the nonces of signed requests.

use store::sea_orm::{self, DeriveIden};
use store::sea_orm_migration;
use store::sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum ApiClient {
    Table,
    Id,
    Name,
    OrganisationId,
    MadeBy,
    MadeAt,
    EndedAt,
}

#[derive(DeriveIden)]
enum ApiClientKey {
    Table,
    /// Random.
    Id,
    ClientId,
    /// 32 bytes in Base64.
    PublicKey,
    MadeBy,
    MadeAt,
    /// Before this instant.
    UntilAt,
    RevokedAt,
}

#[derive(DeriveIden)]
enum ApiClientNonce {
    Table,
    KeyId,
    NonceHash,
    KeptUntil,
}

#[derive(DeriveIden)]
enum Agreement {
    Table,
    /// Random.
    Id,
    ClientId,
    Policy,
    /// The law or the paper that it rests on.
    Basis,
    /// Before this instant.
    UntilAt,
    MadeBy,
    MadeAt,
    /// When it was ended early.
    EndedAt,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(client()).await?;
        manager.create_table(key()).await?;
        manager.create_table(nonce()).await?;
        manager.create_table(agreement()).await?;
        for index in [
            Index::create()
                .name("api_client_key_by_client")
                .table(ApiClientKey::Table)
                .col(ApiClientKey::ClientId)
                .to_owned(),
            Index::create()
                .name("api_client_nonce_by_time")
                .table(ApiClientNonce::Table)
                .col(ApiClientNonce::KeptUntil)
                .to_owned(),
            Index::create()
                .name("agreement_by_client")
                .table(Agreement::Table)
                .col(Agreement::ClientId)
                .to_owned(),
        ] {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

fn client() -> TableCreateStatement {
    let text = |column: ApiClient| ColumnDef::new(column).text().not_null().to_owned();
    Table::create()
        .table(ApiClient::Table)
        .col(text(ApiClient::Id).primary_key())
        .col(text(ApiClient::Name))
        .col(text(ApiClient::OrganisationId))
        .col(text(ApiClient::MadeBy))
        .col(text(ApiClient::MadeAt))
        .col(ColumnDef::new(ApiClient::EndedAt).text())
        .to_owned()
}

fn key() -> TableCreateStatement {
    let text = |column: ApiClientKey| ColumnDef::new(column).text().not_null().to_owned();
    Table::create()
        .table(ApiClientKey::Table)
        .col(text(ApiClientKey::Id).primary_key())
        .col(text(ApiClientKey::ClientId))
        .col(text(ApiClientKey::PublicKey).unique_key())
        .col(text(ApiClientKey::MadeBy))
        .col(text(ApiClientKey::MadeAt))
        .col(text(ApiClientKey::UntilAt))
        .col(ColumnDef::new(ApiClientKey::RevokedAt).text())
        .to_owned()
}

fn nonce() -> TableCreateStatement {
    let text = |column: ApiClientNonce| ColumnDef::new(column).text().not_null().to_owned();
    Table::create()
        .table(ApiClientNonce::Table)
        .col(text(ApiClientNonce::KeyId))
        .col(text(ApiClientNonce::NonceHash))
        .col(text(ApiClientNonce::KeptUntil))
        .primary_key(Index::create().col(ApiClientNonce::KeyId).col(ApiClientNonce::NonceHash))
        .to_owned()
}

fn agreement() -> TableCreateStatement {
    let text = |column: Agreement| ColumnDef::new(column).text().not_null().to_owned();
    Table::create()
        .table(Agreement::Table)
        .col(text(Agreement::Id).primary_key())
        .col(text(Agreement::ClientId))
        .col(text(Agreement::Policy))
        .col(text(Agreement::Basis))
        .col(text(Agreement::UntilAt))
        .col(text(Agreement::MadeBy))
        .col(text(Agreement::MadeAt))
        .col(ColumnDef::new(Agreement::EndedAt).text())
        .to_owned()
}
