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
pub use model::{NewTask, Task, TaskEvent, TaskState};
pub use query::{Filter, find, history, list};
