//! The person search index of a run: a document a person.

use std::fmt;
use std::path::PathBuf;

use hashbrown::HashSet;
use serde::{Deserialize, Serialize};
use trust::ColumnKeys;

use crate::RegistryError;
use crate::golden::Chosen;
use crate::identity::{self, PersonId};
use crate::records::{Source, row_hex, sealed_field};
use crate::run::LinkContext;
use crate::search::{self, Document, Hit};
use crate::tables::Content;

/// A record of a person, as the search index keeps it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RecordLink {
    /// The dataset.
    pub dataset: String,
    /// Row id and role.
    pub record_id: String,
    /// Match weight in bits.
    pub weight: f32,
    /// `id_exact`, `id_near`, `fellegi_sunter` or `single`.
    pub rule: String,
    /// Whether the identity is certain.
    pub certain: bool,
}

/// An index that is still to be built: that of the run before, and the persons that are new, have
/// changed or are gone.
pub(crate) struct IndexNews {
    dir: PathBuf,
    previous: PathBuf,
    documents: Vec<Document>,
    gone: Vec<String>,
}

impl IndexNews {
    /// Builds the index.
    pub(crate) fn build(self) -> Result<(), RegistryError> {
        search::build(&self.dir, Some(&self.previous), self.documents.into_iter(), &self.gone)
    }
}

impl fmt::Debug for IndexNews {
    /// Without the persons.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("IndexNews")
            .field("dir", &self.dir)
            .field("documents", &self.documents.len())
            .field("gone", &self.gone.len())
            .finish_non_exhaustive()
    }
}

/// Builds the person search index of everybody, or tells which news are to be put into that of the run
/// before. Neither when readers look at this very folder: then the same run is made again, and nothing in
/// it would change.
pub(crate) fn index(
    context: &LinkContext<'_>,
    folder: &str,
    anew: bool,
    content: &Content<'_>,
) -> Result<Option<IndexNews>, RegistryError> {
    let dir = context.folder.index_dir().join(folder);
    if context.index == Some(folder) && search::is_usable(&dir) {
        return Ok(None);
    }
    let documents =
        content.by_person_id().into_iter().map(|cluster| document(content, cluster, context.keys));
    match context.index {
        // Of everybody they would be too many to hold in memory.
        Some(previous) if !anew => Ok(Some(IndexNews {
            dir,
            previous: context.folder.index_dir().join(previous),
            documents: documents.collect(),
            gone: gone(content),
        })),
        _ => search::build(&dir, None, documents, &[]).map(|()| None),
    }
}

/// Ids of the persons that have no records any more.
fn gone(content: &Content<'_>) -> Vec<String> {
    let stay: HashSet<PersonId> = content
        .affected
        .clusters
        .iter()
        .map(|cluster| content.identities.person[*cluster as usize])
        .collect();
    content
        .news
        .closed_persons
        .iter()
        .filter(|(person, _)| !stay.contains(person))
        .map(|(person, _)| identity::shown(*person))
        .collect()
}

fn document(content: &Content<'_>, cluster: u32, keys: &ColumnKeys) -> Document {
    let text =
        |attribute: &str| content.value(attribute, cluster).map(|chosen| chosen.value.to_string());
    let records = content.affected.records(cluster);
    let identity = content.value("id_number", cluster);
    let hit = Hit {
        person_id: identity::shown(content.identities.person[cluster as usize]),
        name: text("name"),
        sex: text("sex"),
        birth_date: text("birth_date"),
        id_number: identity.and_then(|chosen| masked_id(content, chosen, keys)),
        division: text("division").or_else(|| text("hukou_division")),
        vital_status: content
            .affected
            .place(cluster)
            .map_or(String::new(), |at| content.golden.vital[at].as_str().to_owned()),
        records: records.len() as u32,
    };
    let records: Vec<RecordLink> = records
        .iter()
        .map(|record| {
            let number = *record as usize;
            let source: &Source<'_> = &content.sources[content.records.source[number] as usize];
            RecordLink {
                dataset: source.contract.id.clone(),
                record_id: content.records.record_id(*record, content.sources),
                // A tenth of a bit is enough to read.
                weight: (content.linked.weight[number] * 10.0).round() / 10.0,
                rule: content.linked.rule[number].as_str().to_owned(),
                certain: content.linked.certain[number],
            }
        })
        .collect();
    Document {
        person_id: hit.person_id.clone(),
        name: hit.name.clone(),
        former_name: text("former_name"),
        id_token: identity.map(|chosen| chosen.token.to_string()),
        division: hit.division.clone(),
        shown: json(&hit),
        records: json(&records),
    }
}

fn masked_id(content: &Content<'_>, chosen: &Chosen, keys: &ColumnKeys) -> Option<String> {
    let source = &content.sources[content.records.source[chosen.record as usize] as usize];
    let field = sealed_field(source, "id_number")?;
    let row = row_hex(&content.records.row[chosen.record as usize]);
    let plain = keys.open(&source.contract.id, field, &row, &chosen.value).ok()?;
    Some(vocab::mask::id_number(&plain))
}

/// These types hold text, numbers and booleans only, which always have a JSON form.
fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
