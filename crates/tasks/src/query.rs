//! Finding tasks.

use jiff::civil::Date;
use store::StoreError;
use store::sea_orm::entity::prelude::*;
use store::sea_orm::{ExprTrait as _, QueryOrder, QuerySelect, QueryTrait as _};
use vocab::DivisionCode;

use crate::table::{event, task};
use crate::{Act, ClosedTask, Task, TaskError, TaskEvent, TaskState};

/// Which tasks.
#[derive(Debug, Clone, Copy)]
pub struct Filter<'a> {
    /// Those for these roles.
    pub roles: &'a [&'a str],
    /// Those within this division.
    pub division: &'a DivisionCode,
    /// Those in one of these states.
    pub states: &'a [TaskState],
    /// Only those that this user has taken.
    pub assignee: Option<&'a str>,
    /// From after this task on, by due date and number.
    pub after: Option<(Date, i64)>,
    /// So many at most.
    pub limit: u64,
}

/// Tasks, by due date and number.
///
/// # Errors
///
/// When the database fails.
pub async fn list<C: ConnectionTrait>(db: &C, filter: &Filter<'_>) -> Result<Vec<Task>, TaskError> {
    use task::Column;

    let mut query = task::Entity::find()
        .filter(Column::Role.is_in(filter.roles.iter().copied()))
        .filter(Column::Division.starts_with(filter.division.as_str()))
        .filter(Column::State.is_in(filter.states.iter().map(|state| state.as_str())))
        .order_by_asc(Column::DueOn)
        .order_by_asc(Column::Id)
        .limit(filter.limit);
    if let Some(assignee) = filter.assignee {
        query = query.filter(Column::Assignee.eq(assignee));
    }
    if let Some((due, id)) = filter.after {
        let due = due.to_string();
        let later = Column::DueOn
            .gt(due.as_str())
            .or(Column::DueOn.eq(due.as_str()).and(Column::Id.gt(id)));
        query = query.filter(later);
    }
    let rows = query.all(db).await.map_err(StoreError::db("read the tasks"))?;
    Ok(rows.into_iter().filter_map(read).collect())
}

/// Which closed tasks.
#[derive(Debug, Clone, Copy)]
pub struct ClosedFilter<'a> {
    /// Those for these roles.
    pub roles: &'a [&'a str],
    /// Those within this division.
    pub division: &'a DivisionCode,
    /// Only those that were closed before this closing.
    pub before: Option<i64>,
    /// So many at most.
    pub limit: u64,
}

/// Closed tasks, the one that was closed last first.
///
/// # Errors
///
/// When the database fails.
pub async fn list_closed<C: ConnectionTrait>(
    db: &C,
    filter: &ClosedFilter<'_>,
) -> Result<Vec<ClosedTask>, TaskError> {
    // Whoever opens a task again may close it again: the last closing counts. Numbers of events go up.
    let closings = event::Entity::find()
        .select_only()
        .column_as(event::Column::Id.max(), "closing")
        .filter(event::Column::What.is_in(Act::CLOSING.map(Act::as_str)))
        .group_by(event::Column::TaskId)
        .into_query();
    let closed = [TaskState::Done, TaskState::Dropped].map(TaskState::as_str);
    let mut query = event::Entity::find()
        .find_both_related(task::Entity)
        .filter(event::Column::Id.in_subquery(closings))
        .filter(task::Column::Role.is_in(filter.roles.iter().copied()))
        .filter(task::Column::Division.starts_with(filter.division.as_str()))
        .filter(task::Column::State.is_in(closed))
        .order_by_desc(event::Column::Id)
        .limit(filter.limit);
    if let Some(before) = filter.before {
        query = query.filter(event::Column::Id.lt(before));
    }
    let rows = query.all(db).await.map_err(StoreError::db("read the closed tasks"))?;
    Ok(rows
        .into_iter()
        .filter_map(|(event, task)| {
            Some(ClosedTask { task: read(task)?, closing: event.id, closed_at: event.at })
        })
        .collect())
}

/// A task, or `None`.
///
/// # Errors
///
/// When the database fails.
pub async fn find<C: ConnectionTrait>(db: &C, id: i64) -> Result<Option<Task>, TaskError> {
    let row = task::Entity::find_by_id(id).one(db).await.map_err(StoreError::db("read a task"))?;
    Ok(row.and_then(read))
}

/// What happened to a task, oldest first.
///
/// # Errors
///
/// When the database fails.
pub async fn history<C: ConnectionTrait>(db: &C, id: i64) -> Result<Vec<TaskEvent>, TaskError> {
    let rows = event::Entity::find()
        .filter(event::Column::TaskId.eq(id))
        .order_by_asc(event::Column::Id)
        .all(db)
        .await
        .map_err(StoreError::db("read the history of a task"))?;
    Ok(rows
        .into_iter()
        .map(|row| TaskEvent { at: row.at, who: row.who, what: row.what, note: row.note })
        .collect())
}

/// A row that no version of this program has written is no task.
pub(crate) fn read(row: task::Model) -> Option<Task> {
    Some(Task {
        state: TaskState::parse(&row.state)?,
        due_on: row.due_on.parse().ok()?,
        data: serde_json::from_str(&row.data).ok()?,
        id: row.id,
        kind: row.kind,
        subject: row.subject,
        role: row.role,
        division: row.division,
        assignee: row.assignee,
        created_at: row.created_at,
        version: row.version,
    })
}
