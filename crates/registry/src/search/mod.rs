//! Person search: an index that answers by name, sound, initials and identity number.
//!
//! Names, birth dates and divisions are in the index in the clear; identity numbers only as keyed
//! tokens and as the masked text that a result list shows.

mod build;
mod query;

pub use query::{Hit, Page, PersonIndex};

pub(crate) use build::{Document, build, is_usable};

use tantivy::schema::{
    Field, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions,
};

/// The fields of the index.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fields {
    /// Exact person id.
    pub(crate) person_id: Field,
    /// Every part of the name, of its sound (prefixes) and its initials, and the token of the
    /// identity number: what a query is looked up in.
    pub(crate) key: Field,
    /// The division and all divisions above it.
    pub(crate) division: Field,
    /// Everything, for browsing without a query.
    pub(crate) all: Field,
    /// What the result list shows, as JSON.
    pub(crate) shown: Field,
    /// The records of the person, as JSON.
    pub(crate) records: Field,
}

impl Fields {
    pub(crate) fn schema() -> (Schema, Self) {
        let mut schema = Schema::builder();
        // No positions or frequencies: a key is there or not.
        let keys = TextOptions::default().set_indexing_options(
            TextFieldIndexing::default()
                .set_tokenizer("raw")
                .set_index_option(IndexRecordOption::Basic)
                .set_fieldnorms(false),
        );
        let fields = Self {
            person_id: schema.add_text_field("person_id", STRING | STORED),
            key: schema.add_text_field("key", keys.clone()),
            division: schema.add_text_field("division", keys.clone()),
            all: schema.add_text_field("all", keys),
            shown: schema.add_text_field("shown", STORED),
            records: schema.add_text_field("records", STORED),
        };
        (schema.build(), fields)
    }
}

/// The search keys of a name: every run of its characters, every beginning of its sound, and of its
/// initials. Names are short, so there are few.
pub(crate) fn name_keys(name: &str) -> Vec<String> {
    let simple = crate::names::simplify(name);
    let characters: Vec<char> = simple.chars().collect();
    let mut keys = Vec::new();
    for from in 0..characters.len().min(12) {
        for to in from + 1..=characters.len().min(12) {
            keys.push(format!("n{}", characters[from..to].iter().collect::<String>()));
        }
    }
    let sound = crate::names::pinyin(&simple);
    for (end, _) in sound.char_indices().skip(1).take(24) {
        keys.push(format!("p{}", &sound[..end]));
    }
    keys.push(format!("p{sound}"));
    let initials = crate::names::initials(&simple);
    if initials.len() > 1 {
        keys.push(format!("i{initials}"));
    }
    // The exact name as a whole, so that it can come before longer names.
    keys.push(format!("x{simple}"));
    keys.push(format!("y{sound}"));
    keys.sort_unstable();
    keys.dedup();
    keys
}
