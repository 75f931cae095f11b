//! What a run starts from: everything, or what the run before left and the news since.

use std::collections::BTreeSet;
use std::path::PathBuf;

use engine::{Snapshot, WriteMode};
use hashbrown::HashMap;

use crate::affected::Affected;
use crate::identity::{self, Before, Identities, NOBODY, PersonId};
use crate::kept::{About, Delivery, Kept, KeptFiles, Leftover};
use crate::link::{Linked, Model, NO_CLUSTER};
use crate::records::{self, Records, Source, row_bytes, string_column};
use crate::run::LinkContext;
use crate::tables::{self, News};
use crate::{RegistryError, search};

/// What a run starts from.
pub(crate) struct Start {
    /// What the run before left; empty when everybody is linked.
    pub(crate) kept: Kept,
    /// The records of before, and after them the new ones.
    pub(crate) records: Records,
    /// By record of before: whether it is no longer current.
    pub(crate) gone: Vec<bool>,
    pub(crate) ids: Before,
    pub(crate) model: Model,
    /// Whether the model has been learnt by this run.
    pub(crate) learnt: bool,
    /// Whether everybody is linked.
    pub(crate) anew: bool,
}

impl Start {
    /// Version of the rows that this run writes.
    fn version(&self) -> u32 {
        if self.anew { 0 } else { self.kept.about.version + 1 }
    }

    /// Which rows of `persons` and `links` are written and closed.
    pub(crate) fn news(
        &self,
        linked: &Linked,
        affected: &Affected,
        identities: &Identities,
    ) -> News {
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

    /// What the next run can go on from, and which of its records are gone; without an index.
    pub(crate) fn leave(
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
        Leftover { index: None, dir, kept, gone: self.gone }
    }
}

/// Goes on from what the published run left: its records, and those that have come since. `None` when
/// everybody has to be linked.
pub(crate) async fn go_on(
    context: &LinkContext<'_>,
    files: Option<KeptFiles>,
    snapshot: &Snapshot,
    sources: &[Source<'_>],
    deliveries: &BTreeSet<Delivery>,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Option<Start>, RegistryError> {
    let (Some(files), Some(index), Some(links)) =
        (files, context.index, context.versions.get(tables::LINKS))
    else {
        return Ok(None);
    };
    let usable = !context.learn && search::is_usable(&context.folder.index_dir().join(index));
    let Some(about) = usable
        .then(|| About::read(&files.dir, &context.pack.hash, context.known_at, *links))
        .flatten()
        .filter(|about| !about.is_worn())
    else {
        return Ok(None);
    };
    let Some(datasets) = about.datasets_with_news(deliveries, context.known_at) else {
        return Ok(None);
    };
    let since = (about.known_at, context.known_at);
    let coming = records::fetch_news(snapshot, sources, &datasets, since).await?;
    let closed = about.closed(snapshot, context.known_at).await?;
    let Some(mut kept) = files.read().await else { return Ok(None) };
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
pub(crate) async fn begin(
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
