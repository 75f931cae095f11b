//! What can go wrong with tasks.

use store::StoreError;

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
pub enum TaskError {
    /// There is no such task.
    #[error("there is no such task")]
    Unknown,
    /// Somebody else has changed it since it was read.
    #[error("the task was changed by somebody else since it was read; read it again")]
    Changed,
    /// The act does not fit the state of the task.
    #[error("a task that is {state} can't be {act}")]
    State {
        /// Its state.
        state: &'static str,
        /// What was to be done.
        act: &'static str,
    },
    /// Somebody else has taken it.
    #[error("only whoever has taken a task may do this")]
    NotYours,
    /// The note is empty or too long.
    #[error("a note has between 1 and 1000 characters")]
    Note,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
