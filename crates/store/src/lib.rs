//! The transaction plane: what people and money do, in a relational database.
//!
//! * [`connect`] opens the database that a URL names: an SQLite file by default, PostgreSQL where
//!   a city runs several servers. Domain crates never ask which of the two it is.
//! * [`migrate`] brings the schema up to date from the migrations that each crate hands in.
//! * [`installation`] tells whose database it is, so that a data folder finds its own.
//! * [`begin_write`] starts a transaction that is going to write.
//! * [`bulk`] writes many rows with few statements.
//! * [`change_column`] changes a column of many rows while others work with the table.
//! * [`jobs`] is work that outlives the process that asked for it.
//! * [`idempotency`] gives the answer to a request again, instead of doing it twice.
//! * [`dump`] makes one file of everything, and the other way round.
//! * [`audit`] and [`outbox`] are written in the same transaction as the effect they speak of.
//!
//! The database library is re-exported as [`sea_orm`] and [`sea_orm_migration`], so that its
//! version is chosen once.
//!
//! Invariant: this crate knows no domain, and never reads the clock; instants are arguments.

pub mod audit;
pub mod bulk;
mod connect;
pub mod dump;
mod error;
pub mod idempotency;
mod installation;
mod instant;
pub mod jobs;
mod migrate;
mod migrations;
pub mod outbox;
mod rewrite;

pub use sea_orm;
pub use sea_orm_migration;

pub use connect::{begin_write, checkpoint, connect, sqlite_url};
pub use error::StoreError;
pub use installation::{install, installation};
pub use instant::instant_text;
pub use migrate::{MigrationSet, SchemaStatus, migrate, schema_status};
pub use migrations::migrations;
pub use rewrite::{ChangeText, Changed, TextColumn, change_column};
