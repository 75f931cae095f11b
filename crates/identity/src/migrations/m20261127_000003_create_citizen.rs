//! Codes and sessions of citizens, and who acts for whom.

use store::sea_orm::{self, DeriveIden};
use store::sea_orm_migration;
use store::sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum CitizenCode {
    Table,
    PersonId,
    /// Token of the telephone number that it was sent to.
    Phone,
    /// Token of person and code.
    Code,
    SentAt,
    ExpiresAt,
    /// Tries so far.
    Tries,
    /// Codes that were sent since `counted_from`.
    Sent,
    CountedFrom,
}

#[derive(DeriveIden)]
enum CitizenSession {
    Table,
    TokenHash,
    PersonId,
    CreatedAt,
    ExpiresAt,
}

#[derive(DeriveIden)]
enum Representation {
    Table,
    /// Random.
    Id,
    /// The person who is acted for.
    Principal,
    /// The person who acts.
    Representative,
    /// `guardian` or `entrusted`.
    Kind,
    /// Before this instant.
    UntilAt,
    /// The paper that proves it.
    Basis,
    MadeBy,
    MadeAt,
    /// When it was ended early.
    EndedAt,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(code()).await?;
        manager.create_table(session()).await?;
        manager.create_table(representation()).await?;
        for (name, column) in [
            ("representation_by_principal", Representation::Principal),
            ("representation_by_representative", Representation::Representative),
        ] {
            let index =
                Index::create().name(name).table(Representation::Table).col(column).to_owned();
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

fn code() -> TableCreateStatement {
    let text = |column: CitizenCode| ColumnDef::new(column).text().not_null().to_owned();
    let number = |column: CitizenCode| ColumnDef::new(column).integer().not_null().to_owned();
    Table::create()
        .table(CitizenCode::Table)
        .col(text(CitizenCode::PersonId).primary_key())
        .col(text(CitizenCode::Phone))
        .col(text(CitizenCode::Code))
        .col(text(CitizenCode::SentAt))
        .col(text(CitizenCode::ExpiresAt))
        .col(number(CitizenCode::Tries))
        .col(number(CitizenCode::Sent))
        .col(text(CitizenCode::CountedFrom))
        .to_owned()
}

fn session() -> TableCreateStatement {
    let text = |column: CitizenSession| ColumnDef::new(column).text().not_null().to_owned();
    Table::create()
        .table(CitizenSession::Table)
        .col(text(CitizenSession::TokenHash).primary_key())
        .col(text(CitizenSession::PersonId))
        .col(text(CitizenSession::CreatedAt))
        .col(text(CitizenSession::ExpiresAt))
        .to_owned()
}

fn representation() -> TableCreateStatement {
    let text = |column: Representation| ColumnDef::new(column).text().not_null().to_owned();
    Table::create()
        .table(Representation::Table)
        .col(text(Representation::Id).primary_key())
        .col(text(Representation::Principal))
        .col(text(Representation::Representative))
        .col(text(Representation::Kind))
        .col(text(Representation::UntilAt))
        .col(text(Representation::Basis))
        .col(text(Representation::MadeBy))
        .col(text(Representation::MadeAt))
        .col(ColumnDef::new(Representation::EndedAt).text())
        .to_owned()
}
