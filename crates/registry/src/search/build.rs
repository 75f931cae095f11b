//! Building the index of a run, from that of the run before where there is one.

use std::fs;
use std::path::{Path, PathBuf};

use tantivy::directory::MmapDirectory;
use tantivy::indexer::NoMergePolicy;
use tantivy::{Index, IndexWriter, TantivyDocument, TantivyError, Term};

use super::{Fields, name_keys};
use crate::RegistryError;

/// Memory of the index writer, in bytes, shared by its threads.
const WRITER_BYTES: usize = 160_000_000;

/// Above this number of segments they are merged, since every search looks into each.
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
    fn stored(&self, fields: &Fields) -> TantivyDocument {
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
        document
    }
}

/// Builds an index in `dir`. Whatever a killed run left there is replaced.
///
/// Without `previous`, `documents` are everybody. With it, they are the persons that are new or have
/// changed and `gone` those that are no longer there; all others are taken over from `previous`, file
/// by file, so that a day on which few people change costs little.
pub(crate) fn build(
    dir: &Path,
    previous: Option<&Path>,
    documents: impl Iterator<Item = Document>,
    gone: &[String],
) -> Result<(), RegistryError> {
    let failed = |what: &'static str| {
        let path: PathBuf = dir.to_owned();
        move |source| RegistryError::Index { path, what, source }
    };
    clear(dir)?;
    let index = match previous {
        Some(previous) => {
            take_over(previous, dir)?;
            Index::open_in_dir(dir).map_err(failed("open"))?
        }
        None => create(dir).map_err(failed("create"))?,
    };
    let (_, fields) = Fields::schema();
    // A few changes make one small segment, everybody two large ones.
    let threads = if previous.is_some() { 1 } else { 2 };
    let mut writer: IndexWriter<TantivyDocument> =
        index.writer_with_num_threads(threads, WRITER_BYTES).map_err(failed("open"))?;
    // Few large segments come out of the writer's own memory; merging them would cost a second pass.
    writer.set_merge_policy(Box::new(NoMergePolicy));
    let by_id = |person_id: &str| Term::from_field_text(fields.person_id, person_id);
    for person in documents {
        if previous.is_some() {
            writer.delete_term(by_id(&person.person_id));
        }
        writer.add_document(person.stored(&fields)).map_err(failed("write to"))?;
    }
    for person_id in gone {
        writer.delete_term(by_id(person_id));
    }
    writer.commit().map_err(failed("commit"))?;
    let segments = index.searchable_segment_ids().map_err(failed("read"))?;
    if segments.len() > MOST_SEGMENTS {
        writer.merge(&segments).wait().map_err(failed("merge"))?;
    }
    writer.wait_merging_threads().map_err(failed("finish"))?;
    Ok(())
}

/// Whether an index can be gone on with: it is whole, and its fields are those of this program.
pub(crate) fn is_usable(dir: &Path) -> bool {
    Index::open_in_dir(dir)
        .is_ok_and(|index| index.schema() == Fields::schema().0 && index.reader().is_ok())
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

/// The files of the previous index, in the new folder as well.
fn take_over(previous: &Path, dir: &Path) -> Result<(), RegistryError> {
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
    Ok(())
}

fn io(what: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> RegistryError {
    let path = path.to_owned();
    move |source| RegistryError::Io { what, path, source }
}
