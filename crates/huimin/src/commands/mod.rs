//! One file a command.

pub(crate) mod audit;
pub(crate) mod batch;
pub(crate) mod config;
pub(crate) mod db;
pub(crate) mod explain;
pub(crate) mod job;
pub(crate) mod keys;
pub(crate) mod organisation;
pub(crate) mod pack;
pub(crate) mod reseal;
pub(crate) mod serve;
pub(crate) mod sim;
pub(crate) mod user;
pub(crate) mod witness;

/// Who acts, in the audit trail. Whoever may use a command has all rights on the machine anyway.
const BY: &str = "command line";
