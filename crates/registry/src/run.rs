//! The linking step of a run.

use std::path::Path;

use engine::{DataFolder, Snapshot, Tables, Versions};
use jiff::civil::Date;
use pack::Pack;
use serde::{Deserialize, Serialize};
use trust::ColumnKeys;

use crate::golden::Golden;
use crate::identity::Before;
use crate::link::{self, Linked};
use crate::records::{Records, Source, row_bytes, sources, string_column};
use crate::rules::Rules;
use crate::search::{self, Document, Hit};
use crate::tables::{self, Content, attribute_index};
use crate::{RegistryError, households, identity};

/// What linking works with.
pub struct LinkContext<'a> {
    /// The data folder.
    pub folder: &'a DataFolder,
    /// The city pack.
    pub pack: &'a Pack,
    /// Keys of the sealed columns.
    pub keys: &'a ColumnKeys,
    /// Clean tables of the run in progress, and the registry of the run before.
    pub versions: &'a Versions,
    /// Folder name of the published person search index, if there is one.
    pub index: Option<&'a str>,
    /// The run's id.
    pub run_id: &'a str,
    /// Only what had been received by this day counts.
    pub known_at: Date,
    /// Parallel partitions of queries.
    pub partitions: usize,
}

/// What linking did.
#[derive(Debug, Clone, Default, Serialize)]
pub struct LinkReport {
    /// New versions of the registry's tables.
    #[serde(skip)]
    pub tables: Versions,
    /// Folder of the person search index, under `index/`.
    pub index: String,
    /// Records of people.
    pub records: u64,
    /// Persons.
    pub persons: u64,
    /// Persons without an id before.
    pub new_persons: u64,
    /// Person ids that merged or split.
    pub id_events: u64,
    /// Households of all kinds.
    pub households: u64,
    /// Records linked by weight rather than by identity number.
    pub by_weight: u64,
    /// Pairs that a person should look at.
    pub uncertain: u64,
    /// Blocking keys that were too common to use.
    pub skipped_blocks: u64,
}

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

/// Links all current records and writes the registry's tables and index.
///
/// `progress` is told of each stage when it begins, and of records read.
///
/// # Errors
///
/// When a clean table can't be read, the pack's rules can't be followed, or writing fails. Nothing
/// that readers see has changed then.
///
/// # Panics
///
/// Outside a Tokio runtime.
pub async fn link(
    context: &LinkContext<'_>,
    progress: &(dyn Fn(&str, u64) + Sync),
) -> Result<LinkReport, RegistryError> {
    let rules = Rules::new(&context.pack.linkage)?;
    let tables = Tables::new(context.folder);
    let snapshot = Snapshot::new(tables.clone(), context.versions.clone(), context.partitions);
    let sources = sources(context.pack);

    let records = Records::read(&snapshot, &sources, context.keys, context.known_at, &|rows| {
        progress("reading records", rows);
    })
    .await?;
    progress("comparing records", 0);
    let linked = link::link(&records, &sources, &rules, context.keys);
    progress("keeping ids", 0);
    let before = ids_before(&snapshot, &sources).await?;
    let identities = identity::assign(&records, &sources, &linked, &before);
    drop(before);
    progress("choosing values", 0);
    let golden = Golden::choose(
        &snapshot,
        &sources,
        &context.pack.survivorship,
        &records,
        &linked,
        context.known_at,
    )
    .await?;
    progress("finding households", 0);
    let members =
        households::read(&snapshot, context.pack, &sources, &records, &linked, context.known_at)
            .await?;

    let content = Content {
        records: &records,
        sources: &sources,
        linked: &linked,
        golden: &golden,
        identities: &identities,
        members: &members,
        run_id: context.run_id,
    };
    progress("writing tables and index", 0);
    let index = format!("run-{}", context.run_id);
    let index_dir = context.folder.index_dir().join(&index);
    let published = context.index.map(|name| context.folder.index_dir().join(name));
    // Both take the processor for long, so each has its thread. The tables are written by the runtime's
    // own means of blocking: another executor would share this task's budget of operations, and once
    // that is spent every operation of the runtime's says 'not yet' for ever.
    let runtime = tokio::runtime::Handle::current();
    let (built, written) = std::thread::scope(|scope| {
        let indexing = scope.spawn(|| match &published {
            // The same run again: readers look at this very folder, and nothing in it would change.
            Some(published) if *published == index_dir && published.is_dir() => Ok(()),
            published => build_index(&index_dir, published.as_deref(), &content, context.keys),
        });
        let writing = scope.spawn(|| runtime.block_on(write(&tables, context.versions, &content)));
        let written = writing.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        let built = indexing.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        (built, written)
    });
    built?;
    let (versions, household_count) = written?;

    Ok(LinkReport {
        tables: versions,
        index,
        records: records.len() as u64,
        persons: linked.clusters as u64,
        new_persons: identities.new_persons as u64,
        id_events: identities.events.len() as u64,
        households: household_count,
        by_weight: by_weight(&linked),
        uncertain: linked.review.len() as u64,
        skipped_blocks: linked.skipped_blocks as u64,
    })
}

async fn write(
    tables: &Tables,
    base: &Versions,
    content: &Content<'_>,
) -> Result<(Versions, u64), RegistryError> {
    let mut versions = Versions::new();
    versions.insert(tables::PERSONS.into(), tables::write_persons(tables, base, content).await?);
    versions.insert(tables::LINKS.into(), tables::write_links(tables, base, content).await?);
    let (members, households, number) = tables::write_households(tables, base, content).await?;
    versions.insert(tables::MEMBERS.into(), members);
    versions.insert(tables::HOUSEHOLDS.into(), households);
    versions.insert(tables::ID_EVENTS.into(), tables::write_events(tables, base, content).await?);
    versions.insert(tables::REVIEW.into(), tables::write_review(tables, base, content).await?);
    Ok((versions, number))
}

fn by_weight(linked: &Linked) -> u64 {
    linked
        .rule
        .iter()
        .filter(|rule| matches!(rule, link::Rule::IdNear | link::Rule::Weight))
        .count() as u64
}

/// Person id of each record in the registry of the run before.
async fn ids_before(snapshot: &Snapshot, sources: &[Source<'_>]) -> Result<Before, RegistryError> {
    let mut before = Before::default();
    if !snapshot.has(tables::LINKS) {
        return Ok(before);
    }
    let sql = "SELECT row_id, dataset, role, person_id FROM links";
    for batch in snapshot.query(&[tables::LINKS], sql).await? {
        let column = |name| string_column(&batch, tables::LINKS, name);
        let (row, dataset) = (column("row_id")?, column("dataset")?);
        let (role, person) = (column("role")?, column("person_id")?);
        // Links lie source by source, so that the last one found nearly always fits.
        let mut last: Option<usize> = None;
        for at in 0..batch.num_rows() {
            let id = before.id(person.value(at));
            let fits = |source: &Source<'_>| {
                source.contract.id == dataset.value(at) && source.role.role == role.value(at)
            };
            if !last.is_some_and(|number| fits(&sources[number])) {
                last = sources.iter().position(fits);
            }
            // The dataset may have left the pack; its ids stay taken.
            if let Some(source) = last.and_then(|number| u8::try_from(number).ok()) {
                before.insert(row_bytes(row.value(at)), source, id);
            }
        }
    }
    Ok(before)
}

fn build_index(
    dir: &Path,
    previous: Option<&Path>,
    content: &Content<'_>,
    keys: &ColumnKeys,
) -> Result<(), RegistryError> {
    let mut records_of: Vec<Vec<u32>> = vec![Vec::new(); content.linked.clusters];
    for record in 0..content.records.len() as u32 {
        records_of[content.linked.cluster[record as usize] as usize].push(record);
    }
    let text = |attribute: &str, cluster: usize| {
        content.golden.chosen[attribute_index(attribute)][cluster]
            .as_ref()
            .map(|chosen| chosen.value.to_string())
    };
    let documents = content.by_person_id().into_iter().map(|cluster| {
        let at = cluster as usize;
        let identity = content.golden.chosen[attribute_index("id_number")][at].as_ref();
        let hit = Hit {
            person_id: content.identities.person[at].clone(),
            name: text("name", at),
            sex: text("sex", at),
            birth_date: text("birth_date", at),
            id_number: identity.and_then(|chosen| masked_id(content, chosen, keys)),
            division: text("division", at).or_else(|| text("hukou_division", at)),
            vital_status: content.golden.vital[at].as_str().to_owned(),
            records: content.golden.records[at],
        };
        let records: Vec<RecordLink> = records_of[at]
            .iter()
            .map(|record| {
                let number = *record as usize;
                let source: &Source<'_> = &content.sources[content.records.source[number] as usize];
                RecordLink {
                    dataset: source.contract.id.clone(),
                    record_id: content.records.record_id(*record, content.sources),
                    // A tenth of a bit is enough to read, and does not change with every newcomer.
                    weight: (content.linked.weight[number] * 10.0).round() / 10.0,
                    rule: content.linked.rule[number].as_str().to_owned(),
                    certain: content.linked.certain[number],
                }
            })
            .collect();
        Document {
            person_id: hit.person_id.clone(),
            name: hit.name.clone(),
            former_name: text("former_name", at),
            id_token: identity.map(|chosen| chosen.token.to_string()),
            division: hit.division.clone(),
            shown: json(&hit),
            records: json(&records),
        }
    });
    search::build(dir, previous, documents)
}

fn masked_id(
    content: &Content<'_>,
    chosen: &crate::golden::Chosen,
    keys: &ColumnKeys,
) -> Option<String> {
    let source = &content.sources[content.records.source[chosen.record as usize] as usize];
    let field = crate::records::sealed_field(source, "id_number")?;
    let row = crate::records::row_hex(&content.records.row[chosen.record as usize]);
    let plain = keys.open(&source.contract.id, field, &row, &chosen.value).ok()?;
    Some(vocab::mask::id_number(&plain))
}

/// These types hold text, numbers and booleans only, which always have a JSON form.
fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
