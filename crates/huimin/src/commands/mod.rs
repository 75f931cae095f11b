//! One file a command.

pub(crate) mod audit;
pub(crate) mod batch;
pub(crate) mod config;
pub(crate) mod db;
pub(crate) mod explain;
pub(crate) mod job;
pub(crate) mod organisation;
pub(crate) mod pack;
pub(crate) mod serve;
pub(crate) mod sim;
pub(crate) mod user;
