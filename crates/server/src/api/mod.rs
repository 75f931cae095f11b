//! The operations of the API, one resource a file.

pub(crate) mod batches;
pub(crate) mod citizen;
pub(crate) mod client_agreements;
pub(crate) mod client_keys;
pub(crate) mod clients;
pub(crate) mod decision;
pub(crate) mod divisions;
pub(crate) mod exchange;
pub(crate) mod grants;
pub(crate) mod lists;
pub(crate) mod map;
pub(crate) mod meta;
pub(crate) mod names;
pub(crate) mod oidc;
pub(crate) mod organisations;
pub(crate) mod overview;
pub(crate) mod own_account;
pub(crate) mod people;
pub(crate) mod person;
pub(crate) mod quarantine;
pub(crate) mod representatives;
pub(crate) mod reveal;
pub(crate) mod session;
pub(crate) mod tasks;
pub(crate) mod trail;
pub(crate) mod users;
