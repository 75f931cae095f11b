//! Building the index of a run, from that of the run before where there is one.

use std::fs;
use std::path::{Path, PathBuf};

use hashbrown::HashMap;
use tantivy::directory::MmapDirectory;
use tantivy::indexer::NoMergePolicy;
use tantivy::{Index, IndexWriter, TantivyDocument, TantivyError, Term};

use super::{Fields, name_keys};
use crate::RegistryError;

/// Memory of the index writer, in bytes, shared by its threads.
const WRITER_BYTES: usize = 160_000_000;

/// Above this number of segments everything is written anew, since every search looks into each.
const MOST_SEGMENTS: usize = 24;

/// What the index keeps of a person.
pub(crate) struct Document {
    pub(crate) person_id: String,
    pub(crate) name: Option<String>,
    pub(crate) former_name: Option<String>,
    pub(crate) id_token: Option<String>,
    pub(crate) division: Option<String>,
    /// JSON of [`super::Hit`].
    pub(crate) shown: String,
    /// JSON of the person's records.
    pub(crate) records: String,
}

impl Document {
    fn fingerprint(&self) -> u64 {
        let mut hasher = blake3::Hasher::new();
        let parts = [
            Some(&self.person_id),
            self.name.as_ref(),
            self.former_name.as_ref(),
            self.id_token.as_ref(),
            self.division.as_ref(),
            Some(&self.shown),
            Some(&self.records),
        ];
        for part in parts {
            // The length keeps neighbours apart; a missing part is not an empty one.
            let length = part.map_or(u64::MAX, |text| text.len() as u64);
            hasher.update(&length.to_le_bytes());
            hasher.update(part.map_or("", String::as_str).as_bytes());
        }
        let mut first = [0; 8];
        first.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
        u64::from_le_bytes(first)
    }

    fn stored(&self, fields: &Fields, fingerprint: u64) -> TantivyDocument {
        let mut document = TantivyDocument::new();
        document.add_text(fields.person_id, &self.person_id);
        document.add_text(fields.all, "1");
        for name in [&self.name, &self.former_name].into_iter().flatten() {
            for key in name_keys(name) {
                document.add_text(fields.key, key);
            }
        }
        if let Some(token) = &self.id_token {
            document.add_text(fields.key, format!("t{token}"));
        }
        if let Some(division) = &self.division {
            for length in [4, 6, 9, 12] {
                if let Some(above) = division.get(..length) {
                    document.add_text(fields.division, above);
                }
            }
        }
        document.add_text(fields.shown, &self.shown);
        document.add_text(fields.records, &self.records);
        document.add_u64(fields.fingerprint, fingerprint);
        document
    }
}

/// Builds an index in `dir` from `documents`. Whatever a killed run left there is replaced.
///
/// What `previous` holds already is taken over from there, file by file, so that a month in which
/// few people change costs little.
pub(crate) fn build(
    dir: &Path,
    previous: Option<&Path>,
    documents: impl Iterator<Item = Document>,
) -> Result<(), RegistryError> {
    let failed = |what: &'static str| {
        let path: PathBuf = dir.to_owned();
        move |source| RegistryError::Index { path, what, source }
    };
    clear(dir)?;
    let (index, mut known) = match previous.filter(|previous| previous.is_dir()) {
        Some(previous) => match kept(previous, dir)? {
            Some(kept) => kept,
            None => {
                clear(dir)?;
                (create(dir).map_err(failed("create"))?, HashMap::new())
            }
        },
        None => (create(dir).map_err(failed("create"))?, HashMap::new()),
    };
    let (_, fields) = Fields::schema();
    let mut writer: IndexWriter<TantivyDocument> =
        index.writer_with_num_threads(2, WRITER_BYTES).map_err(failed("open"))?;
    // Few large segments come out of the writer's own memory; merging them would cost a second pass.
    writer.set_merge_policy(Box::new(NoMergePolicy));
    for person in documents {
        let fingerprint = person.fingerprint();
        match known.remove(&person.person_id) {
            Some(before) if before == fingerprint => continue,
            Some(_) => {
                writer.delete_term(Term::from_field_text(fields.person_id, &person.person_id));
            }
            None => {}
        }
        writer.add_document(person.stored(&fields, fingerprint)).map_err(failed("write to"))?;
    }
    for gone in known.keys() {
        writer.delete_term(Term::from_field_text(fields.person_id, gone));
    }
    writer.commit().map_err(failed("commit"))?;
    writer.wait_merging_threads().map_err(failed("finish"))?;
    Ok(())
}

fn create(dir: &Path) -> Result<Index, TantivyError> {
    let (schema, _) = Fields::schema();
    Index::builder()
        .schema(schema)
        .settings(tantivy::IndexSettings {
            docstore_compress_dedicated_thread: false,
            ..tantivy::IndexSettings::default()
        })
        .open_or_create(MmapDirectory::open(dir)?)
}

fn clear(dir: &Path) -> Result<(), RegistryError> {
    if dir.exists() {
        fs::remove_dir_all(dir).map_err(io("clear", dir))?;
    }
    fs::create_dir_all(dir).map_err(io("make", dir))
}

/// The previous index in its new folder, with the fingerprint of each person; none when it can't be
/// gone on with: it is of another program, damaged, or in too many pieces.
fn kept(
    previous: &Path,
    dir: &Path,
) -> Result<Option<(Index, HashMap<String, u64>)>, RegistryError> {
    for entry in fs::read_dir(previous).map_err(io("read", previous))? {
        let entry = entry.map_err(io("read", previous))?;
        let (from, name) = (entry.path(), entry.file_name());
        let to = dir.join(&name);
        let name = name.to_string_lossy();
        if name.ends_with(".lock") {
            continue;
        }
        // Segments never change, so both folders may name the same file; the lists of them do.
        if name.ends_with(".json") || fs::hard_link(&from, &to).is_err() {
            fs::copy(&from, &to).map_err(io("copy", &to))?;
        }
    }
    Ok(fingerprints(dir).ok().flatten())
}

fn fingerprints(dir: &Path) -> Result<Option<(Index, HashMap<String, u64>)>, TantivyError> {
    let index = Index::open_in_dir(dir)?;
    if index.schema() != Fields::schema().0 {
        return Ok(None);
    }
    let searcher = index.reader()?.searcher();
    if searcher.segment_readers().len() > MOST_SEGMENTS {
        return Ok(None);
    }
    let mut known = HashMap::new();
    for segment in searcher.segment_readers() {
        let columns = segment.fast_fields();
        let (Some(ids), fingerprints) = (columns.str("person_id")?, columns.u64("fingerprint")?)
        else {
            return Ok(None);
        };
        for document in segment.doc_ids_alive() {
            let (Some(ordinal), Some(fingerprint)) =
                (ids.ords().first(document), fingerprints.first(document))
            else {
                return Ok(None);
            };
            let mut id = String::new();
            ids.ord_to_str(ordinal, &mut id)?;
            known.insert(id, fingerprint);
        }
    }
    Ok(Some((index, known)))
}

fn io(what: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> RegistryError {
    let path = path.to_owned();
    move |source| RegistryError::Io { what, path, source }
}
