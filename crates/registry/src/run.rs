//! The linking step of a run.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use engine::{DataFolder, Snapshot, Tables, Versions, WriteMode};
use hashbrown::{HashMap, HashSet};
use jiff::civil::Date;
use pack::Pack;
use serde::{Deserialize, Serialize};
use trust::ColumnKeys;

use crate::affected::Affected;
use crate::golden::{Chosen, Golden};
use crate::identity::{self, Before, Identities, NOBODY, PersonId};
use crate::kept::{self, About, Delivery, Kept, Leftover};
use crate::link::{self, Linked, MODEL, Model, NO_CLUSTER};
use crate::records::{self, Records, Source, row_bytes, sources, string_column};
use crate::rules::Rules;
use crate::search::{self, Document, Hit};
use crate::tables::{self, Content, News};
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
    /// Folder name of what the published run left to go on from, if there is one.
    pub linkage: Option<&'a str>,
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

/// Links the current records and writes the registry's tables and index.
///
/// Where the published run has left what can be gone on from, only what the news concern is linked
/// and written; the outcome is the same. What the next run goes on from is given back, to be written
/// before a manifest names it.
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
) -> Result<(LinkReport, Leftover), RegistryError> {
    let rules = Rules::new(&context.pack.linkage)?;
    let tables = Tables::new(context.folder);
    let snapshot = Snapshot::new(tables.clone(), context.versions.clone(), context.partitions);
    let sources = sources(context.pack);
    let deliveries = kept::deliveries(&snapshot).await?;

    let reading = |rows| progress("reading records", rows);
    let start = match go_on(context, &snapshot, &sources, &deliveries, &reading).await? {
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
    progress("choosing values", 0);
    let golden = Golden::choose(
        &snapshot,
        &sources,
        &context.pack.survivorship,
        records,
        &linked,
        &affected,
    )
    .await?;
    progress("finding households", 0);
    let members =
        households::read(&snapshot, context.pack, &sources, records, &linked, context.known_at)
            .await?;
    let divisions = if start.anew { HashMap::new() } else { divisions(&snapshot).await? };

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
    // Both take the processor for long, so each has its thread. The tables are written by the runtime's
    // own means of blocking: another executor would share this task's budget of operations, and once
    // that is spent every operation of the runtime's says 'not yet' for ever.
    let runtime = tokio::runtime::Handle::current();
    let (built, written) = std::thread::scope(|scope| {
        let indexing = scope.spawn(|| index(context, &folder, start.anew, &content));
        let writing =
            scope.spawn(|| runtime.block_on(write(&tables, context.versions, &content, &start)));
        let written = writing.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        let built = indexing.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        (built, written)
    });
    built?;
    let (versions, household_count) = written?;

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
    Ok((report, leftover))
}

/// Deletes what earlier runs left to go on from; `keep` is what the published one left.
///
/// # Errors
///
/// When a folder can't be read or deleted. Nothing that anybody reads is lost then.
pub fn forget_earlier(folder: &DataFolder, keep: Option<&str>) -> Result<(), RegistryError> {
    let dir = folder.linkage_dir();
    if !dir.exists() {
        return Ok(());
    }
    let io = |what: &'static str, path: &Path| {
        let path = path.to_owned();
        move |source| RegistryError::Io { what, path, source }
    };
    for entry in std::fs::read_dir(&dir).map_err(io("read", &dir))? {
        let path = entry.map_err(io("read", &dir))?.path();
        if path.file_name().and_then(|name| name.to_str()) != keep {
            std::fs::remove_dir_all(&path).map_err(io("delete", &path))?;
        }
    }
    Ok(())
}

/// What a run starts from.
struct Start {
    /// What the run before left; empty when everybody is linked.
    kept: Kept,
    /// The records of before, and after them the new ones.
    records: Records,
    /// By record of before: whether it is no longer current.
    gone: Vec<bool>,
    ids: Before,
    model: Model,
    /// Whether the model has been learnt by this run.
    learnt: bool,
    /// Whether everybody is linked.
    anew: bool,
}

impl Start {
    /// Version of the rows that this run writes.
    fn version(&self) -> u32 {
        if self.anew { 0 } else { self.kept.about.version + 1 }
    }

    /// Which rows of `persons` and `links` are written and closed.
    fn news(&self, linked: &Linked, affected: &Affected, identities: &Identities) -> News {
        let before = &self.kept.linked;
        let known = before.cluster.len();
        let version = self.version();
        let mut news = News {
            mode: if self.anew { WriteMode::Overwrite } else { WriteMode::Append },
            version,
            links: Vec::new(),
            closed_links: Vec::new(),
            closed_persons: Vec::new(),
        };
        for record in 0..linked.cluster.len() {
            let is_gone = linked.cluster[record] == NO_CLUSTER;
            if record < known {
                let same = !is_gone
                    && self.ids.of(record as u32)
                        == identities.person[linked.cluster[record] as usize]
                    && before.weight[record].to_bits() == linked.weight[record].to_bits()
                    && before.rule[record] == linked.rule[record]
                    && before.certain[record] == linked.certain[record];
                if same {
                    continue;
                }
                news.closed_links.push((record as u32, self.kept.link_version[record]));
            }
            if !is_gone {
                news.links.push(record as u32);
            }
        }
        news.closed_persons = affected
            .clusters
            .iter()
            .chain(&affected.vanished)
            .filter(|cluster| (**cluster as usize) < self.kept.person.len())
            .map(|cluster| {
                let at = *cluster as usize;
                (self.kept.person[at], self.kept.person_version[at])
            })
            .collect();
        news
    }

    /// What the next run can go on from, and which of its records are gone.
    fn leave(
        self,
        dir: PathBuf,
        mut about: About,
        linked: Linked,
        identities: Identities,
        affected: &Affected,
        news: &News,
    ) -> Leftover {
        let mut link_version = self.kept.link_version;
        link_version.resize(self.records.len(), news.version);
        for record in &news.links {
            link_version[*record as usize] = news.version;
        }
        let mut person_version = self.kept.person_version;
        person_version.resize(linked.clusters, news.version);
        for cluster in &affected.clusters {
            person_version[*cluster as usize] = news.version;
        }
        about.version = news.version;
        about.link_rows = self.kept.about.link_rows + news.links.len() as u64;
        about.person_rows = self.kept.about.person_rows + affected.len() as u64;
        about.closed_links = self.kept.about.closed_links + news.closed_links.len() as u64;
        about.closed_persons = self.kept.about.closed_persons + news.closed_persons.len() as u64;
        let kept = Kept {
            about,
            records: self.records,
            linked,
            link_version,
            person: identities.person,
            person_version,
        };
        Leftover { dir, kept, gone: self.gone }
    }
}

/// Goes on from what the published run left: its records, and those that have come since. `None` when
/// everybody has to be linked.
async fn go_on(
    context: &LinkContext<'_>,
    snapshot: &Snapshot,
    sources: &[Source<'_>],
    deliveries: &BTreeSet<Delivery>,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Option<Start>, RegistryError> {
    let (Some(linkage), Some(index), Some(links)) =
        (context.linkage, context.index, context.versions.get(tables::LINKS))
    else {
        return Ok(None);
    };
    let dir = context.folder.linkage_dir().join(linkage);
    let usable = !context.learn && search::is_usable(&context.folder.index_dir().join(index));
    let Some(about) = usable
        .then(|| About::read(&dir, &context.pack.hash, context.known_at, *links))
        .flatten()
        .filter(|about| !about.is_worn())
    else {
        return Ok(None);
    };
    let Some(datasets) = about.datasets_with_news(deliveries, context.known_at) else {
        return Ok(None);
    };
    // The files are read while the news are fetched.
    let reading = tokio::task::spawn_blocking(move || Kept::read(&dir));
    let since = (about.known_at, context.known_at);
    let coming = records::fetch_news(snapshot, sources, &datasets, since).await?;
    let closed = about.closed(snapshot, context.known_at).await?;
    // A panic while reading is no other than files that can't be read.
    let Some(mut kept) = reading.await.ok().flatten() else { return Ok(None) };
    let gone = kept.gone(&closed);
    let mut records = std::mem::take(&mut kept.records);
    progress(records.len() as u64);
    for fetched in coming {
        records.take(fetched, sources, Some(&closed), context.keys, progress).await?;
    }
    let model = kept.about.model;
    if !model.fits(records.len()) {
        return Ok(None);
    }
    let person = |cluster: &u32| kept.person[*cluster as usize];
    let mut of_record: Vec<PersonId> = kept.linked.cluster.iter().map(person).collect();
    // A row that has changed is a new record in place of one that is gone, of the same person.
    let key = |record: usize| (records.row[record], records.source[record]);
    let replaced: HashMap<([u8; 12], u8), PersonId> = (0..of_record.len())
        .filter(|record| gone[*record])
        .map(|record| (key(record), of_record[record]))
        .collect();
    of_record.extend(
        (of_record.len()..records.len())
            .map(|record| replaced.get(&key(record)).copied().unwrap_or(NOBODY)),
    );
    let ids = Before {
        of_record,
        of_cluster: kept.person.clone(),
        taken: kept.person.iter().copied().collect(),
    };
    Ok(Some(Start { kept, records, gone, ids, model, learnt: false, anew: false }))
}

/// Starts with all records.
async fn begin(
    context: &LinkContext<'_>,
    snapshot: &Snapshot,
    sources: &[Source<'_>],
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Start, RegistryError> {
    let mut records = Records::default();
    records.read(snapshot, sources, context.keys, context.known_at, progress).await?;
    let kept_model = match context.learn {
        true => None,
        false => Model::read(snapshot, &mut records).await?,
    };
    let fitting = kept_model.filter(|model| model.fits(records.len()));
    let learnt = fitting.is_none();
    let model = fitting.unwrap_or_else(|| Model::learn(&mut records));
    let ids = ids_before(snapshot, sources, &records).await?;
    let kept = Kept::default();
    Ok(Start { kept, records, gone: Vec::new(), ids, model, learnt, anew: true })
}

async fn write(
    tables: &Tables,
    base: &Versions,
    content: &Content<'_>,
    start: &Start,
) -> Result<(Versions, u64), RegistryError> {
    let mut versions = Versions::new();
    versions.extend(tables::write_persons(tables, base, content).await?);
    versions.extend(tables::write_links(tables, base, content).await?);
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

/// Person id of each record in the registry of the run before, from its tables.
async fn ids_before(
    snapshot: &Snapshot,
    sources: &[Source<'_>],
    records: &Records,
) -> Result<Before, RegistryError> {
    let mut before = Before::default();
    if !snapshot.has(tables::LINKS) {
        return Ok(before);
    }
    let mut of: HashMap<([u8; 12], u8), PersonId> = HashMap::new();
    let sql = "SELECT row_id, dataset, role, person_id FROM links";
    for batch in snapshot.query(&[tables::LINKS], sql).await? {
        let column = |name| string_column(&batch, tables::LINKS, name);
        let (row, dataset) = (column("row_id")?, column("dataset")?);
        let (role, person) = (column("role")?, column("person_id")?);
        // Links lie source by source, so that the last one found nearly always fits.
        let mut last: Option<usize> = None;
        for at in 0..batch.num_rows() {
            let Some(id) = identity::parse(person.value(at)) else { continue };
            before.taken.insert(id);
            let fits = |source: &Source<'_>| {
                source.contract.id == dataset.value(at) && source.role.role == role.value(at)
            };
            if !last.is_some_and(|number| fits(&sources[number])) {
                last = sources.iter().position(fits);
            }
            // The dataset may have left the pack; its ids stay taken.
            if let Some(source) = last.and_then(|number| u8::try_from(number).ok()) {
                of.insert((row_bytes(row.value(at)), source), id);
            }
        }
    }
    before.of_record = (0..records.len())
        .map(|at| of.get(&(records.row[at], records.source[at])).copied().unwrap_or(NOBODY))
        .collect();
    Ok(before)
}

/// Writes the person search index, unless readers look at this very folder: then the same run is made
/// again, and nothing in it would change.
fn index(
    context: &LinkContext<'_>,
    folder: &str,
    anew: bool,
    content: &Content<'_>,
) -> Result<(), RegistryError> {
    let dir = context.folder.index_dir().join(folder);
    if context.index == Some(folder) && search::is_usable(&dir) {
        return Ok(());
    }
    let previous =
        context.index.filter(|_| !anew).map(|name| context.folder.index_dir().join(name));
    let stay: HashSet<PersonId> = content
        .affected
        .clusters
        .iter()
        .map(|cluster| content.identities.person[*cluster as usize])
        .collect();
    let gone: Vec<String> = content
        .news
        .closed_persons
        .iter()
        .filter(|(person, _)| !stay.contains(person))
        .map(|(person, _)| identity::shown(*person))
        .collect();
    let documents =
        content.by_person_id().into_iter().map(|cluster| document(content, cluster, context.keys));
    search::build(&dir, previous.as_deref(), documents, &gone)
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
    let field = crate::records::sealed_field(source, "id_number")?;
    let row = crate::records::row_hex(&content.records.row[chosen.record as usize]);
    let plain = keys.open(&source.contract.id, field, &row, &chosen.value).ok()?;
    Some(vocab::mask::id_number(&plain))
}

/// These types hold text, numbers and booleans only, which always have a JSON form.
fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
