//! Building the index of a run.

use std::fs;
use std::path::{Path, PathBuf};

use tantivy::directory::MmapDirectory;
use tantivy::indexer::NoMergePolicy;
use tantivy::{Index, IndexWriter, TantivyDocument};

use super::{Fields, name_keys};
use crate::RegistryError;

/// Memory of the index writer, in bytes, shared by its threads.
const WRITER_BYTES: usize = 160_000_000;

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

/// Builds a fresh index in `dir` from `documents`. Whatever a killed run left there is replaced.
pub(crate) fn build(
    dir: &Path,
    documents: impl Iterator<Item = Document>,
) -> Result<(), RegistryError> {
    if dir.exists() {
        fs::remove_dir_all(dir).map_err(io("clear", dir))?;
    }
    fs::create_dir_all(dir).map_err(io("make", dir))?;
    let failed = |what: &'static str| {
        let path: PathBuf = dir.to_owned();
        move |source| RegistryError::Index { path, what, source }
    };
    let (schema, fields) = Fields::schema();
    let directory = MmapDirectory::open(dir).map_err(|error| failed("open")(error.into()))?;
    let index = Index::builder()
        .schema(schema)
        .settings(tantivy::IndexSettings {
            docstore_compress_dedicated_thread: false,
            ..tantivy::IndexSettings::default()
        })
        .open_or_create(directory)
        .map_err(failed("create"))?;
    let mut writer: IndexWriter<TantivyDocument> =
        index.writer_with_num_threads(2, WRITER_BYTES).map_err(failed("open"))?;
    // Few large segments come out of the writer's own memory; merging them would cost a second pass.
    writer.set_merge_policy(Box::new(NoMergePolicy));
    for person in documents {
        let mut document = TantivyDocument::new();
        document.add_text(fields.person_id, &person.person_id);
        document.add_text(fields.all, "1");
        for name in [&person.name, &person.former_name].into_iter().flatten() {
            for key in name_keys(name) {
                document.add_text(fields.key, key);
            }
        }
        if let Some(token) = &person.id_token {
            document.add_text(fields.key, format!("t{token}"));
        }
        if let Some(division) = &person.division {
            for length in [4, 6, 9, 12] {
                if let Some(above) = division.get(..length) {
                    document.add_text(fields.division, above);
                }
            }
        }
        document.add_text(fields.shown, &person.shown);
        document.add_text(fields.records, &person.records);
        writer.add_document(document).map_err(failed("write to"))?;
    }
    writer.commit().map_err(failed("commit"))?;
    writer.wait_merging_threads().map_err(failed("finish"))?;
    Ok(())
}

fn io(what: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> RegistryError {
    let path = path.to_owned();
    move |source| RegistryError::Io { what, path, source }
}
