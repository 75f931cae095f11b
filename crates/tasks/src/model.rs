//! Tasks and what happens to them.

use jiff::civil::Date;
use serde::Serialize;

/// Where a task stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskState {
    /// Nobody has taken it.
    Open,
    /// Somebody works on it.
    Taken,
    /// It is done.
    Done,
    /// There was nothing to do.
    Dropped,
}

impl TaskState {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Open, Self::Taken, Self::Done, Self::Dropped];

    /// The word in the database and in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Taken => "taken",
            Self::Done => "done",
            Self::Dropped => "dropped",
        }
    }

    /// Reads the word; `None` for another one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// A task to be made.
#[derive(Debug, Clone, Copy)]
pub struct NewTask<'a> {
    /// What is to be done, for instance `quarantine`.
    pub kind: &'a str,
    /// About what, `<kind>:<id>`; never a name or a number of a person.
    pub subject: &'a str,
    /// The role whose work it is.
    pub role: &'a str,
    /// Significant digits of the division whose work it is.
    pub division: &'a str,
    /// By when.
    pub due_on: Date,
    /// What the page needs to show it: an object without personal data.
    pub data: &'a serde_json::Value,
}

/// A task.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Task {
    /// Its number.
    pub id: i64,
    /// What is to be done.
    pub kind: String,
    /// About what.
    pub subject: String,
    /// The role whose work it is.
    pub role: String,
    /// The division whose work it is.
    pub division: String,
    /// By when.
    pub due_on: Date,
    /// Where it stands.
    pub state: TaskState,
    /// Who has taken it.
    pub assignee: Option<String>,
    /// What the page needs to show it.
    pub data: serde_json::Value,
    /// When it was made, UTC, RFC 3339.
    pub created_at: String,
    /// Counted up with each act.
    pub version: i64,
}

/// A task that is closed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClosedTask {
    /// The task.
    pub task: Task,
    /// Number of its closing; a later one has a higher number.
    pub closing: i64,
    /// When it was closed, UTC, RFC 3339.
    pub closed_at: String,
}

/// Something that happened to a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TaskEvent {
    /// When, UTC, RFC 3339.
    pub at: String,
    /// The user or program.
    pub who: String,
    /// `open`, `take`, `release`, `note`, `done`, `drop` or `reopen`.
    pub what: String,
    /// What they wrote.
    pub note: String,
}
