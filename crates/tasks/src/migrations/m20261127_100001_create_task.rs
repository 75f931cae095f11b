//! `task` and `task_event`: the work inbox.

use store::sea_orm::{self, DeriveIden};
use store::sea_orm_migration;
use store::sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum Task {
    Table,
    Id,
    /// What is to be done.
    Kind,
    /// About what.
    Subject,
    /// The role whose work it is.
    Role,
    /// The division whose work it is, significant digits.
    Division,
    /// By when, `YYYY-MM-DD`.
    DueOn,
    /// `open`, `taken`, `done` or `dropped`.
    State,
    /// Who has taken it.
    Assignee,
    /// JSON.
    Data,
    /// The instant, as `store::instant_text`.
    CreatedAt,
    /// Counted up with each act.
    Version,
}

#[derive(DeriveIden)]
enum TaskEvent {
    Table,
    Id,
    TaskId,
    At,
    Who,
    What,
    Note,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let text = |column: Task| ColumnDef::new(column).text().not_null().to_owned();
        manager
            .create_table(
                Table::create()
                    .table(Task::Table)
                    .col(ColumnDef::new(Task::Id).big_integer().auto_increment().primary_key())
                    .col(text(Task::Kind))
                    .col(text(Task::Subject))
                    .col(text(Task::Role))
                    .col(text(Task::Division))
                    .col(text(Task::DueOn))
                    .col(text(Task::State))
                    .col(ColumnDef::new(Task::Assignee).text())
                    .col(text(Task::Data))
                    .col(text(Task::CreatedAt))
                    .col(ColumnDef::new(Task::Version).big_integer().not_null())
                    .to_owned(),
            )
            .await?;
        for (name, columns, unique) in [
            ("task_by_subject", vec![Task::Kind, Task::Subject], true),
            ("task_by_due", vec![Task::State, Task::DueOn, Task::Id], false),
            ("task_by_assignee", vec![Task::Assignee], false),
        ] {
            let mut index = Index::create().name(name).table(Task::Table).to_owned();
            for column in columns {
                index.col(column);
            }
            if unique {
                index.unique();
            }
            manager.create_index(index).await?;
        }
        let text = |column: TaskEvent| ColumnDef::new(column).text().not_null().to_owned();
        manager
            .create_table(
                Table::create()
                    .table(TaskEvent::Table)
                    .col(ColumnDef::new(TaskEvent::Id).big_integer().auto_increment().primary_key())
                    .col(ColumnDef::new(TaskEvent::TaskId).big_integer().not_null())
                    .col(text(TaskEvent::At))
                    .col(text(TaskEvent::Who))
                    .col(text(TaskEvent::What))
                    .col(text(TaskEvent::Note))
                    .foreign_key(
                        ForeignKey::create()
                            .name("task_event_task")
                            .from(TaskEvent::Table, TaskEvent::TaskId)
                            .to(Task::Table, Task::Id),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("task_event_by_task")
                    .table(TaskEvent::Table)
                    .col(TaskEvent::TaskId)
                    .to_owned(),
            )
            .await
    }
}
