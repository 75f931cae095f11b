#![doc = include_str!("../README.md")]

mod acts;
mod error;
mod migrations;
mod model;
mod query;
mod table;

pub use acts::{Act, act, open};
pub use error::TaskError;
pub use migrations::migrations;
pub use model::{ClosedTask, NewTask, Task, TaskEvent, TaskState};
pub use query::{ClosedFilter, Filter, find, history, list, list_closed};
