//! The data plane: versioned Delta Lake tables in a data folder, queried by DataFusion.
//!
//! * [`DataFolder`] is the folder on disk, with its layout version and its run lock.
//! * [`Tables`] opens and writes Delta tables; a write makes a new version that no reader sees.
//! * [`Manifest`] names one version of every table. Publishing it is one atomic rename, and every
//!   reader starts from the published manifest, so nobody sees half a run.
//! * [`Snapshot`] is a set of table versions with a DataFusion session over them.
//!
//! `DataFusion`, Arrow and Parquet are re-exported, so that their versions are chosen once.
//!
//! Invariant: this crate knows nothing of persons, policies or money, and never reads the clock.

pub mod clean;
mod error;
mod folder;
mod hash;
mod manifest;
mod rewrite;
mod session;
mod snapshot;
mod tables;
mod writer;

pub use arrow;
pub use datafusion;
pub use parquet;

pub use error::EngineError;
pub use folder::{DataFolder, FORMAT_VERSION, RunLock};
pub use hash::content_hash;
pub use manifest::{Manifest, PeriodRun, Stage, Step};
pub use rewrite::{ChangeRows, Rewritten, remove_unread, rewrite};
pub use session::session;
pub use snapshot::{Snapshot, Versions, closed_table};
pub use tables::Tables;
pub use writer::{TableWriter, WriteMode};
