//! The HTTP API over a real socket.
#![allow(clippy::unwrap_used, missing_docs)]

extern crate huimin_server as server;

mod accounts;
mod app;
mod audit_log;
mod divisions;
mod http;
mod inbox;
mod language;
mod link_reviews;
mod matrix;
mod oidc;
mod openapi;
mod operation;
mod partners;
mod people;
mod portal;
mod results;
mod session;
mod shell;
mod town;
