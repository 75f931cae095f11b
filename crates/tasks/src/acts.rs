//! What can be done with tasks.

use jiff::Timestamp;
use serde_json::json;
use store::sea_orm::entity::prelude::*;
use store::sea_orm::sea_query::OnConflict;
use store::sea_orm::{ActiveValue, DatabaseConnection, DatabaseTransaction};
use store::{StoreError, audit, begin_write, instant_text};

use crate::query::find;
use crate::table::{event, task};
use crate::{NewTask, Task, TaskError, TaskState};

/// Longest note, in characters.
const NOTE: usize = 1000;

/// What somebody does with a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Takes it, to work on it.
    Take,
    /// Gives it back.
    Release,
    /// Writes something about it.
    Note,
    /// Has done it.
    Done,
    /// Has found that there is nothing to do.
    Drop,
    /// Opens it again.
    Reopen,
}

impl Act {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Take, Self::Release, Self::Note, Self::Done, Self::Drop, Self::Reopen];

    /// Those that close a task.
    pub const CLOSING: [Self; 2] = [Self::Done, Self::Drop];

    /// The word in the history and in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Take => "take",
            Self::Release => "release",
            Self::Note => "note",
            Self::Done => "done",
            Self::Drop => "drop",
            Self::Reopen => "reopen",
        }
    }

    /// Whether it says why, so that it needs a note.
    fn needs_note(self) -> bool {
        matches!(self, Self::Note | Self::Drop | Self::Reopen)
    }
}

/// Makes a task, in the transaction of what it follows from, unless there is one of this kind and subject. Returns
/// whether it was made.
///
/// # Errors
///
/// When the database fails.
pub async fn open(
    transaction: &DatabaseTransaction,
    new: &NewTask<'_>,
    by: &str,
    now: Timestamp,
) -> Result<bool, TaskError> {
    let row = task::ActiveModel {
        id: ActiveValue::NotSet,
        kind: ActiveValue::Set(new.kind.to_owned()),
        subject: ActiveValue::Set(new.subject.to_owned()),
        role: ActiveValue::Set(new.role.to_owned()),
        division: ActiveValue::Set(new.division.to_owned()),
        due_on: ActiveValue::Set(new.due_on.to_string()),
        state: ActiveValue::Set(TaskState::Open.as_str().to_owned()),
        assignee: ActiveValue::Set(None),
        data: ActiveValue::Set(new.data.to_string()),
        created_at: ActiveValue::Set(instant_text(now)),
        version: ActiveValue::Set(1),
    };
    let columns = [task::Column::Kind, task::Column::Subject];
    let inserted = task::Entity::insert(row)
        .on_conflict(OnConflict::columns(columns).do_nothing().to_owned())
        .exec_without_returning(transaction)
        .await
        .map_err(StoreError::db("write a task"))?;
    if inserted == 0 {
        return Ok(false);
    }
    let made = task::Entity::find()
        .filter(task::Column::Kind.eq(new.kind))
        .filter(task::Column::Subject.eq(new.subject))
        .one(transaction)
        .await
        .map_err(StoreError::db("read the new task"))?;
    let made = made.ok_or(TaskError::Unknown)?;
    happened(transaction, made.id, "open", "", by, now).await?;
    Ok(true)
}

/// Does something with a task that still has `version`, on behalf of `by`.
///
/// # Errors
///
/// [`TaskError`]: no such task, another version, an act that does not fit its state or is somebody else's to do, a note
/// that is missing or too long.
pub async fn act(
    db: &DatabaseConnection,
    id: i64,
    version: i64,
    act: Act,
    note: &str,
    by: &str,
    now: Timestamp,
) -> Result<Task, TaskError> {
    let note = note.trim();
    if note.chars().count() > NOTE || (act.needs_note() && note.is_empty()) {
        return Err(TaskError::Note);
    }
    let transaction = begin_write(db).await?;
    let before = find(&transaction, id).await?.ok_or(TaskError::Unknown)?;
    if before.version != version {
        return Err(TaskError::Changed);
    }
    let after = applied(before, act, by, !note.is_empty())?;
    let row = task::ActiveModel {
        state: ActiveValue::Set(after.state.as_str().to_owned()),
        assignee: ActiveValue::Set(after.assignee.clone()),
        version: ActiveValue::Set(after.version),
        ..Default::default()
    };
    let changed = task::Entity::update_many()
        .set(row)
        .filter(task::Column::Id.eq(id))
        // On a server two may have read the same version.
        .filter(task::Column::Version.eq(version))
        .exec(&transaction)
        .await
        .map_err(StoreError::db("write the task"))?;
    if changed.rows_affected == 0 {
        return Err(TaskError::Changed);
    }
    happened(&transaction, id, act.as_str(), note, by, now).await?;
    transaction.commit().await.map_err(StoreError::db("commit the task"))?;
    Ok(after)
}

fn applied(mut task: Task, act: Act, by: &str, has_note: bool) -> Result<Task, TaskError> {
    use TaskState as S;

    let is_mine = task.assignee.as_deref() == Some(by);
    let (state, assignee) = match (task.state, act) {
        (S::Open, Act::Take) => (S::Taken, Some(by.to_owned())),
        // Whoever has taken it may have left: others give it back if they say why.
        (S::Taken, Act::Release) if !is_mine && has_note => (S::Open, None),
        (S::Taken, Act::Release | Act::Done | Act::Drop) if !is_mine => {
            return Err(TaskError::NotYours);
        }
        (S::Taken, Act::Release) => (S::Open, None),
        (S::Taken, Act::Done) => (S::Done, task.assignee),
        (S::Taken, Act::Drop) => (S::Dropped, task.assignee),
        (S::Done | S::Dropped, Act::Reopen) => (S::Open, None),
        (state, Act::Note) => (state, task.assignee),
        (state, act) => {
            return Err(TaskError::State { state: state.as_str(), act: act.as_str() });
        }
    };
    task.state = state;
    task.assignee = assignee;
    task.version += 1;
    Ok(task)
}

/// Writes what happened into the history and the audit trail. What was written about it stays in the history.
async fn happened(
    transaction: &DatabaseTransaction,
    id: i64,
    what: &str,
    note: &str,
    by: &str,
    now: Timestamp,
) -> Result<(), TaskError> {
    let row = event::ActiveModel {
        id: ActiveValue::NotSet,
        task_id: ActiveValue::Set(id),
        at: ActiveValue::Set(instant_text(now)),
        who: ActiveValue::Set(by.to_owned()),
        what: ActiveValue::Set(what.to_owned()),
        note: ActiveValue::Set(note.to_owned()),
    };
    event::Entity::insert(row)
        .exec_without_returning(transaction)
        .await
        .map_err(StoreError::db("write the history of a task"))?;
    let (subject, what) = (format!("task:{id}"), format!("task.{what}"));
    let entry = audit::Act { who: by, what: &what, subject: &subject, at: now, purpose: "inbox" };
    audit::record(transaction, entry, &json!({})).await?;
    Ok(())
}
