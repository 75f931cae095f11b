//! The work inbox.

use std::collections::HashMap;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use identity::access::Action;
use identity::account;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tasks::{Act, ClosedFilter, ClosedTask, Filter, Task, TaskEvent, TaskState};
use utoipa::{IntoParams, ToSchema};
use vocab::DivisionCode;

use super::names::RoleName;
use crate::access::Caller;
use crate::app::App;
use crate::paging::{cut, rows_to_read};
use crate::params::{ApiQuery, FromQuery, QueryText, body};
use crate::problem::{ApiError, Problem};
use crate::tags::{tagged, version_of};
use crate::text::Text;

/// Where a task stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TaskStateName {
    Open,
    Taken,
    Done,
    Dropped,
}

impl From<TaskState> for TaskStateName {
    fn from(state: TaskState) -> Self {
        match state {
            TaskState::Open => Self::Open,
            TaskState::Taken => Self::Taken,
            TaskState::Done => Self::Done,
            TaskState::Dropped => Self::Dropped,
        }
    }
}

/// What somebody does with a task. `drop` (there is nothing to do), `note` and `reopen` need a note.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TaskActName {
    Take,
    Release,
    Note,
    Done,
    Drop,
    Reopen,
}

impl From<TaskActName> for Act {
    fn from(act: TaskActName) -> Self {
        match act {
            TaskActName::Take => Self::Take,
            TaskActName::Release => Self::Release,
            TaskActName::Note => Self::Note,
            TaskActName::Done => Self::Done,
            TaskActName::Drop => Self::Drop,
            TaskActName::Reopen => Self::Reopen,
        }
    }
}

/// Which tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "its variants are named by the description")]
pub(crate) enum Inbox {
    Open,
    Mine,
    Taken,
    Closed,
}

/// A task of the inbox.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TaskItem {
    task_id: i64,
    /// What is to be done: `quarantine` (rows that were put aside), `link_review` (pairs that may be one person).
    kind: String,
    /// About what, `<kind>:<id>`.
    subject: String,
    role: RoleName,
    /// Significant digits of the division's code.
    division: String,
    division_name: Option<Text>,
    due_on: Date,
    /// Whether that day is over.
    overdue: bool,
    state: TaskStateName,
    assignee: Option<String>,
    /// What is shown for that account.
    assignee_name: Option<String>,
    /// What the page needs to show it; by kind.
    data: serde_json::Value,
    /// Counted up with each act; the entity tag.
    version: i64,
    #[schema(format = DateTime)]
    created_at: String,
    /// When it was closed last; null unless it is.
    #[schema(format = DateTime)]
    closed_at: Option<String>,
}

/// Tasks, by due date; closed ones by when they were closed, the last first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TasksPage {
    tasks: Vec<TaskItem>,
    /// Cursor of the next page; null on the last.
    next: Option<String>,
}

/// Something that happened to a task.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TaskHappening {
    #[schema(format = DateTime)]
    at: String,
    who: String,
    /// `open`, `take`, `release`, `note`, `done`, `drop` or `reopen`.
    what: String,
    note: String,
}

/// A task and what happened to it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TaskFile {
    task: TaskItem,
    /// Oldest first.
    history: Vec<TaskHappening>,
}

/// What is to be done with a task.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TaskActDraft {
    act: TaskActName,
    /// At most 1000 characters.
    #[serde(default)]
    note: String,
}

/// Parameters of the inbox.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct InboxQuery {
    /// `open` (nobody has taken them; if left out), `mine`, `taken` (by anybody), `closed`.
    #[param(value_type = Option<Inbox>)]
    show: &'static str,
    /// Division code whose tasks to show.
    #[param(value_type = Option<String>)]
    division: Option<DivisionCode>,
    /// Page size; 50 if left out.
    #[param(required = false, minimum = 1, maximum = 200)]
    limit: u32,
    /// `next` of the page before.
    cursor: Option<String>,
}

const SHOWN: [(&str, &str); 4] =
    [("open", "open"), ("mine", "mine"), ("taken", "taken"), ("closed", "closed")];

impl FromQuery for InboxQuery {
    fn from_query(query: &QueryText) -> Result<Self, ApiError> {
        Ok(Self {
            show: query.choice("show", &SHOWN)?.unwrap_or("open"),
            division: query.division()?,
            limit: query.limit(50)?,
            cursor: query.text("cursor")?.map(str::to_owned),
        })
    }
}

/// The work inbox
#[utoipa::path(
    get, path = "/api/v1/tasks", tag = "tasks", params(InboxQuery), security(("session" = [])),
    responses(
        (status = 200, description = "Tasks for one's own roles, within one's own division.", body = TasksPage),
        (status = 400, description = "A parameter is not valid.", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "Not signed in, or the session has ended.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "Not for this account.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list_tasks(
    State(app): State<App>,
    caller: Caller,
    ApiQuery(query): ApiQuery<InboxQuery>,
) -> Result<Json<TasksPage>, ApiError> {
    let division = caller.scope(&app, Action::TaskRead, query.division)?;
    let division = division.unwrap_or(app.pack.division);
    let roles: Vec<&str> = caller.who.roles.iter().map(|role| role.as_str()).collect();
    let cursor = query.cursor.as_deref();
    let limit = rows_to_read(query.limit);
    if query.show == "closed" {
        let before = cursor.map(closing).transpose()?;
        let filter = ClosedFilter { roles: &roles, division: &division, before, limit };
        let mut found = tasks::list_closed(&app.db, &filter).await?;
        let next = cut(&mut found, query.limit, |last| last.closing.to_string());
        let found =
            found.into_iter().map(|ClosedTask { task, closed_at, .. }| (task, Some(closed_at)));
        return page(&app, found.collect(), next).await;
    }
    let (states, assignee): (&[TaskState], _) = match query.show {
        "mine" => (&[TaskState::Taken], Some(caller.who.username.as_str())),
        "taken" => (&[TaskState::Taken], None),
        _ => (&[TaskState::Open], None),
    };
    let filter = Filter {
        roles: &roles,
        division: &division,
        states,
        assignee,
        after: cursor.map(place).transpose()?,
        limit,
    };
    let mut found = tasks::list(&app.db, &filter).await?;
    let next = cut(&mut found, query.limit, |last| format!("{}~{}", last.due_on, last.id));
    page(&app, found.into_iter().map(|task| (task, None)).collect(), next).await
}

/// Tasks, each with when it was closed, as a page.
async fn page(
    app: &App,
    found: Vec<(Task, Option<String>)>,
    next: Option<String>,
) -> Result<Json<TasksPage>, ApiError> {
    let assignees: Vec<&str> =
        found.iter().filter_map(|(task, _)| task.assignee.as_deref()).collect();
    let names = account::display_names(&app.db, &assignees).await?;
    let tasks =
        found.into_iter().filter_map(|(task, closed_at)| shown(app, task, &names, closed_at));
    Ok(Json(TasksPage { tasks: tasks.collect(), next }))
}

/// A task and its history
#[utoipa::path(
    get, path = "/api/v1/tasks/{task_id}", tag = "tasks", security(("session" = [])),
    params(("task_id" = i64, Path, description = "Number of the task.")),
    responses(
        (status = 200, description = "The task; its version is the entity tag.", body = TaskFile),
        (status = 401, description = "Not signed in, or the session has ended.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "There is no such task.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn get_task(
    State(app): State<App>,
    caller: Caller,
    Path(task_id): Path<String>,
) -> Result<Response, ApiError> {
    let task = reachable(&app, &caller, Action::TaskRead, &task_id).await?;
    answer(&app, task).await
}

/// Take a task, give it back, write a note, close it, open it again
#[utoipa::path(
    post, path = "/api/v1/tasks/{task_id}/acts", tag = "tasks", security(("session" = [])),
    params(
        ("task_id" = i64, Path, description = "Number of the task."),
        ("if-match" = String, Header, description = "Entity tag of the task that was read."),
    ),
    request_body = TaskActDraft,
    responses(
        (status = 200, description = "Done.", body = TaskFile),
        (status = 400, description = "The body is not valid.", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "Not signed in, or the session has ended.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "There is no such task.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The task's state does not allow it, or somebody else has taken it.", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "It was changed since it was read.", body = Problem, content_type = "application/problem+json"),
        (status = 428, description = "No entity tag was given.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn act_on_task(
    State(app): State<App>,
    caller: Caller,
    Path(task_id): Path<String>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Response, ApiError> {
    let task = reachable(&app, &caller, Action::TaskWork, &task_id).await?;
    let version = version_of(&headers)?;
    let draft: TaskActDraft = body(
        &bytes,
        "应为 JSON 对象，含 `act`，需要时另含 `note`",
        "a JSON object with `act`, and `note` where needed",
    )?;
    let by = caller.who.username.as_str();
    let act = draft.act.into();
    let task = tasks::act(&app.db, task.id, version, act, &draft.note, by, app.now()).await?;
    answer(&app, task).await
}

/// A task that the caller may see; any other is as if it were not there.
async fn reachable(
    app: &App,
    caller: &Caller,
    action: Action,
    task_id: &str,
) -> Result<Task, ApiError> {
    let id = task_id.parse().map_err(|_| ApiError::task_unknown())?;
    let task = tasks::find(&app.db, id).await?.ok_or_else(ApiError::task_unknown)?;
    let is_theirs = caller.who.roles.iter().any(|role| role.as_str() == task.role);
    if is_theirs && caller.may_at(app, action, Some(&task.division), 2) {
        return Ok(task);
    }
    Err(ApiError::task_unknown())
}

async fn answer(app: &App, task: Task) -> Result<Response, ApiError> {
    let history = tasks::history(&app.db, task.id).await?;
    let version = task.version;
    let names = account::display_names(&app.db, task.assignee.as_deref().as_slice()).await?;
    let closings = Act::CLOSING.map(Act::as_str);
    let closing = history.iter().rfind(|event| closings.contains(&event.what.as_str()));
    let closed_at = closing.filter(|_| is_closed(&task)).map(|event| event.at.clone());
    let task = shown(app, task, &names, closed_at).ok_or_else(ApiError::task_unknown)?;
    Ok(tagged(version, TaskFile { task, history: history.into_iter().map(happening).collect() }))
}

fn happening(event: TaskEvent) -> TaskHappening {
    TaskHappening { at: event.at, who: event.who, what: event.what, note: event.note }
}

/// A task for a role that this program does not know is not shown.
fn shown(
    app: &App,
    task: Task,
    names: &HashMap<String, String>,
    closed_at: Option<String>,
) -> Option<TaskItem> {
    let today = app.today();
    Some(TaskItem {
        role: identity::Role::parse(&task.role).ok()?.into(),
        division_name: division_name(app, &task.division),
        overdue: !is_closed(&task) && task.due_on < today,
        assignee_name: task.assignee.as_ref().and_then(|username| names.get(username)).cloned(),
        task_id: task.id,
        kind: task.kind,
        subject: task.subject,
        division: task.division,
        due_on: task.due_on,
        state: task.state.into(),
        assignee: task.assignee,
        data: task.data,
        version: task.version,
        created_at: task.created_at,
        closed_at,
    })
}

fn is_closed(task: &Task) -> bool {
    matches!(task.state, TaskState::Done | TaskState::Dropped)
}

fn division_name(app: &App, digits: &str) -> Option<Text> {
    let code = DivisionCode::parse(digits).ok()?;
    app.labels.division(code.as_str()).cloned()
}

fn place(cursor: &str) -> Result<(Date, i64), ApiError> {
    let parts =
        cursor.split_once('~').and_then(|(due, id)| Some((due.parse().ok()?, id.parse().ok()?)));
    parts.ok_or_else(ApiError::bad_cursor)
}

fn closing(cursor: &str) -> Result<i64, ApiError> {
    cursor.parse().map_err(|_| ApiError::bad_cursor())
}
