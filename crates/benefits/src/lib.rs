#![doc = include_str!("../README.md")]

pub mod batch;
pub mod cause;
pub mod channel;
mod entity;
mod error;
mod ids;
mod list;
mod migrations;
mod model;
mod programme;
pub mod query;
mod reseal;

pub use error::BenefitsError;
pub use list::{
    DifferenceCount, ListInput, ListReport, PolicyCount, Progress, Registers, Stage, list,
    read_registers,
};
pub use migrations::migrations;
pub use model::{
    BatchState, Delivery, EntryState, ListKind, PaymentState, ReceiptKind, RejectReason, Side,
};
pub use programme::{Mode, Programme, ProgrammeCondition, Programmes, SubjectKind};
pub use reseal::reseal;
