//! The tables of this crate, as rows.

pub(crate) mod batch;
pub(crate) mod batch_approval;
pub(crate) mod due_item;
pub(crate) mod enrolment;
pub(crate) mod list_entry;
pub(crate) mod list_run;
pub(crate) mod payee;
pub(crate) mod payment;
pub(crate) mod period_list;
pub(crate) mod receipt;
