//! One person, one record: from the clean rows of all departments to persons and households.
//!
//! [`link()`] reads the current rows as known at a day, or the news since the run before (`kept/`), links
//! the records that speak of one person (`link/`), keeps person ids stable (`identity`), chooses a golden value per attribute
//! (`golden`), reads households (`households`), writes the tables (`tables`) and builds the
//! person search index (`search/`). [`PersonFile`] shows one person with all competing values.
//!
//! Invariant: the outcome depends on the set of records, the pack and the ids of the run before only,
//! never on the order of rows, the clock or the number of threads.

mod affected;
mod claim;
mod error;
mod fetch;
mod golden;
mod households;
mod identity;
mod index;
mod kept;
mod link;
mod names;
mod person;
mod records;
mod reseal;
mod rules;
mod run;
mod search;
mod start;
mod tables;

pub use claim::{Claim, all_ids, claimed};
pub use error::RegistryError;
pub use index::RecordLink;
pub use kept::{KeptFiles, Leftover, forget_earlier, read_kept};
pub use link::MODEL;
pub use person::{AttributeFile, Competing, Located, PersonFile, Sensitive, locate, person_file};
pub use reseal::Reseal;
pub use run::{LinkContext, LinkReport, link};
pub use search::{Hit, Page, PersonIndex};
pub use tables::{HOUSEHOLDS, ID_EVENTS, LINKS, MEMBERS, PERSONS, REVIEW};
