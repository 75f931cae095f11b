//! The linking step of a run.

use std::thread::ScopedJoinHandle;

use engine::{DataFolder, Snapshot, Tables, Versions};
use futures::try_join;
use hashbrown::HashMap;
use jiff::civil::Date;
use pack::Pack;
use serde::Serialize;
use trust::ColumnKeys;

use crate::affected::Affected;
use crate::golden::Golden;
use crate::identity::{self, NOBODY, PersonId};
use crate::index::index;
use crate::kept::{self, About, KeptFiles, Leftover};
use crate::link::{self, Linked, MODEL, NO_CLUSTER};
use crate::records::{sources, string_column};
use crate::rules::Rules;
use crate::start::{Start, begin, go_on};
use crate::tables::{self, Content};
use crate::{RegistryError, households};

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
    /// Whether the model is learnt anew, which changes weights and may move records.
    pub learn: bool,
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
    /// Folder of what the next run can go on from, under `linkage/`.
    pub linkage: String,
    /// Whether everybody was linked, rather than what the news concern.
    pub anew: bool,
    /// Persons that are new, gone, or have other records or values than before.
    pub affected: u64,
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

/// Links the current records and writes the registry's tables and index.
///
/// Where the published run has left what can be gone on from, only what the news concern is linked
/// and written; the outcome is the same. `kept` is that, if there is any. What can be written beside the
/// steps that follow is given back, to be written before a manifest names it.
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
    kept: Option<KeptFiles>,
    progress: &(dyn Fn(&str, u64) + Sync),
) -> Result<(LinkReport, Leftover), RegistryError> {
    let rules = Rules::new(&context.pack.linkage)?;
    let tables = Tables::new(context.folder);
    let snapshot = Snapshot::new(tables.clone(), context.versions.clone(), context.partitions);
    let sources = sources(context.pack);
    let deliveries = kept::deliveries(&snapshot).await?;

    let reading = |rows| progress("reading records", rows);
    let start = match go_on(context, kept, &snapshot, &sources, &deliveries, &reading).await? {
        Some(start) => start,
        None => begin(context, &snapshot, &sources, &reading).await?,
    };
    progress("comparing records", 0);
    let Start { kept, records, gone, model, .. } = &start;
    let linked = link::link(records, gone, &kept.linked, &sources, &rules, model);
    progress("keeping ids", 0);
    let affected = Affected::new(&kept.linked, &linked);
    let identities = identity::assign(records, &sources, &linked, &affected, &start.ids);
    let news = start.news(&linked, &affected, &identities);
    progress("choosing values, finding households", 0);
    let survivorship = &context.pack.survivorship;
    let divisions =
        async { if start.anew { Ok(HashMap::new()) } else { divisions(&snapshot).await } };
    let (golden, members, divisions) = try_join!(
        Golden::choose(&snapshot, &sources, survivorship, records, &linked, &affected),
        households::read(&snapshot, context.pack, &sources, records, &linked, context.known_at),
        divisions,
    )?;

    let content = Content {
        records,
        sources: &sources,
        linked: &linked,
        affected: &affected,
        golden: &golden,
        identities: &identities,
        news: &news,
        members: &members,
        divisions: &divisions,
        run_id: context.run_id,
    };
    progress("writing tables and index", 0);
    // The same run with another model is another content.
    let learnt = if context.learn { "-learnt" } else { "" };
    let folder = format!("run-{}{learnt}", context.run_id);
    // All take the processor or the disk for long, so each has its thread. The tables are written by the
    // runtime's own means of blocking: another executor would share this task's budget of operations, and
    // once that is spent every operation of the runtime's says 'not yet' for ever.
    let runtime = tokio::runtime::Handle::current();
    let base = context.versions;
    let (built, persons, others) = std::thread::scope(|scope| {
        let index = scope.spawn(|| index(context, &folder, start.anew, &content));
        let persons =
            scope.spawn(|| runtime.block_on(tables::write_persons(&tables, base, &content)));
        let others = scope.spawn(|| runtime.block_on(write(&tables, base, &content, &start)));
        (joined(index), joined(persons), joined(others))
    });
    let index = built?;
    let mut versions = persons?;
    let (others, household_count) = others?;
    versions.extend(others);

    let report = LinkReport {
        index: folder.clone(),
        linkage: folder.clone(),
        anew: start.anew,
        affected: (affected.len() + affected.vanished.len()) as u64,
        records: linked.cluster.iter().filter(|cluster| **cluster != NO_CLUSTER).count() as u64,
        persons: identities.person.iter().filter(|person| **person != NOBODY).count() as u64,
        new_persons: identities.new_persons as u64,
        id_events: identities.events.len() as u64,
        households: household_count,
        by_weight: by_weight(&linked),
        uncertain: linked.review.len() as u64,
        skipped_blocks: linked.skipped_blocks as u64,
        tables: versions,
    };
    let links = report.tables.get(tables::LINKS).copied().unwrap_or_default();
    let about =
        About { links, ..About::new(&context.pack.hash, context.known_at, *model, deliveries) };
    let dir = context.folder.linkage_dir().join(&folder);
    let leftover = start.leave(dir, about, linked, identities, &affected, &news);
    Ok((report, Leftover { index, ..leftover }))
}

fn joined<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// Writes all tables but that of the persons.
async fn write(
    tables: &Tables,
    base: &Versions,
    content: &Content<'_>,
    start: &Start,
) -> Result<(Versions, u64), RegistryError> {
    let mut versions = tables::write_links(tables, base, content).await?;
    let (members, households, number) = tables::write_households(tables, base, content).await?;
    versions.insert(tables::MEMBERS.into(), members);
    versions.insert(tables::HOUSEHOLDS.into(), households);
    versions.insert(tables::ID_EVENTS.into(), tables::write_events(tables, base, content).await?);
    versions.insert(tables::REVIEW.into(), tables::write_review(tables, base, content).await?);
    if start.learnt {
        let version = start.model.write(tables, base, content.records).await?;
        versions.insert(MODEL.into(), version);
    }
    Ok((versions, number))
}

/// Division of every person of the run before.
async fn divisions(snapshot: &Snapshot) -> Result<HashMap<PersonId, String>, RegistryError> {
    let mut found = HashMap::new();
    let sql = "SELECT person_id, division FROM persons WHERE division IS NOT NULL";
    for batch in snapshot.query(&[tables::PERSONS], sql).await? {
        let person = string_column(&batch, tables::PERSONS, "person_id")?;
        let division = string_column(&batch, tables::PERSONS, "division")?;
        for at in 0..batch.num_rows() {
            if let Some(person) = identity::parse(person.value(at)) {
                found.insert(person, division.value(at).to_owned());
            }
        }
    }
    Ok(found)
}

fn by_weight(linked: &Linked) -> u64 {
    let by_weight = |rule| matches!(rule, link::Rule::IdNear | link::Rule::Weight);
    linked
        .rule
        .iter()
        .zip(&linked.cluster)
        .filter(|(rule, cluster)| **cluster != NO_CLUSTER && by_weight(**rule))
        .count() as u64
}
