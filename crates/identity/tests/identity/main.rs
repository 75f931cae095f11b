//! Organisations, accounts, second factors, sessions and purposes on both databases; access policies.
#![allow(clippy::unwrap_used, missing_docs)]

extern crate huimin_identity as identity;

mod access;
mod accounts;
mod api_clients;
mod citizens;
mod factors;
mod oidc;
mod organisations;
mod place;
mod sessions;
