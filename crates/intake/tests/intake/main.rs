//! Intake as its callers see it: feeds in, tables out. One test binary, so that it links once.

#![allow(clippy::unwrap_used, clippy::print_stdout, unreachable_pub)] // A test fails by panicking.

mod common;

mod accounts;
mod bad_files;
mod bad_rows;
mod formats;
mod order;
mod restart;
mod secrecy;
