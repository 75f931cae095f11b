//! The SQL of a city pack: a checked subset of SQL expressions, compiled to `DataFusion`.
//!
//! Three steps, each in its own file:
//!
//! 1. [`parse`] reads the text with the SQL parser that `DataFusion` uses, so that what passes is SQL;
//! 2. [`check`] gives every part a type over a [`Scope`] of names and gathers all faults, each with its
//!    place in the pack's file; the result is a [`Typed`] tree;
//! 3. [`lower`] turns the tree into a `DataFusion` expression for one day, with the dated parameters
//!    of that day in their places.
//!
//! What the types promise, a run can rely on: no floating point, no overflow (a decimal that could
//! need more than 38 digits is a fault), no division by zero (it is unknown), no rounding but by a
//! named function, and no null that turns into zero or false by accident.

pub(crate) mod check;
mod dimension;
mod functions;
pub(crate) mod lower;
mod parse;
mod scope;
mod tree;
mod types;

pub(crate) use check::{Expected, check};
pub(crate) use dimension::Dimension;
pub(crate) use lower::{Lowering, lower};
pub(crate) use scope::{Binding, Scope};
pub(crate) use tree::Typed;
pub(crate) use types::Type;
