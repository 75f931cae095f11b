//! `job` and `job_schedule`: work that outlives the process that asked for it.

use sea_orm::DeriveIden;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum Job {
    Table,
    /// Counts up.
    Id,
    /// What is to be done, such as `benefits.send_batch`.
    Kind,
    /// Of one kind and key there is one job at most; null: as many as are asked for.
    Key,
    /// JSON.
    Payload,
    /// `waiting`, `running`, `done` or `dead`.
    State,
    /// Not before this instant, as [`crate::instant_text`].
    DueAt,
    /// How often it was begun.
    Attempts,
    /// How often it may be begun before it is dead.
    MostAttempts,
    /// The worker that has it.
    Worker,
    /// Until when the worker has it.
    LeaseUntil,
    /// Counts up with each worker that takes it; an earlier one is known by its smaller number.
    Fence,
    /// What went wrong the last time.
    Error,
    CreatedAt,
    /// When it was done or died.
    EndedAt,
}

#[derive(DeriveIden)]
enum JobSchedule {
    Table,
    Name,
    /// The kind of the jobs.
    Kind,
    /// JSON, the same for each job.
    Payload,
    /// Such as `daily 03:30`.
    Cadence,
    /// When the next job is due.
    NextAt,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(job()).await?;
        manager.create_table(schedule()).await?;
        for index in [
            Index::create()
                .name("job_once")
                .table(Job::Table)
                .col(Job::Kind)
                .col(Job::Key)
                .unique()
                .to_owned(),
            Index::create()
                .name("job_by_due")
                .table(Job::Table)
                .col(Job::State)
                .col(Job::DueAt)
                .col(Job::Id)
                .to_owned(),
        ] {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

fn job() -> TableCreateStatement {
    Table::create()
        .table(Job::Table)
        .col(ColumnDef::new(Job::Id).big_integer().not_null().auto_increment().primary_key())
        .col(ColumnDef::new(Job::Kind).text().not_null())
        .col(ColumnDef::new(Job::Key).text())
        .col(ColumnDef::new(Job::Payload).text().not_null())
        .col(ColumnDef::new(Job::State).text().not_null())
        .col(ColumnDef::new(Job::DueAt).text().not_null())
        .col(ColumnDef::new(Job::Attempts).integer().not_null())
        .col(ColumnDef::new(Job::MostAttempts).integer().not_null())
        .col(ColumnDef::new(Job::Worker).text())
        .col(ColumnDef::new(Job::LeaseUntil).text())
        .col(ColumnDef::new(Job::Fence).big_integer().not_null())
        .col(ColumnDef::new(Job::Error).text())
        .col(ColumnDef::new(Job::CreatedAt).text().not_null())
        .col(ColumnDef::new(Job::EndedAt).text())
        .to_owned()
}

fn schedule() -> TableCreateStatement {
    Table::create()
        .table(JobSchedule::Table)
        .col(ColumnDef::new(JobSchedule::Name).text().not_null().primary_key())
        .col(ColumnDef::new(JobSchedule::Kind).text().not_null())
        .col(ColumnDef::new(JobSchedule::Payload).text().not_null())
        .col(ColumnDef::new(JobSchedule::Cadence).text().not_null())
        .col(ColumnDef::new(JobSchedule::NextAt).text().not_null())
        .to_owned()
}
