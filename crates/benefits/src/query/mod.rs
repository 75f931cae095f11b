//! What the lists, batches and payments say, for pages and reports.

mod batches;
pub(crate) mod cells;
mod cursor;
mod export;
mod page;
mod person;
mod summary;

pub use batches::{ApprovalView, BatchView, ReceiptCounts, batches};
pub use export::{ExportNames, export_xlsx};
pub use page::{ListFilter, ListItem, ListPage, PAGE_MAX, page};
pub use person::{PersonPayment, payments_of_person};
pub(crate) use summary::summarise;
pub use summary::{Difference, Summary, summary};
