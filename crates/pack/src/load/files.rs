//! The files of a pack.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::fault::Fault;
use crate::read::Sink;
use crate::span::{Sources, Span};
use crate::yaml::{self, Node};

/// Greatest file of a pack. A map of districts has a few hundred kilobytes; ten megabytes is a
/// mistake, such as a delivery copied into the pack.
const FILE_BYTES_MAX: u64 = 10 * 1024 * 1024;

/// Deepest folder; the formats need two.
const FOLDER_DEPTH_MAX: usize = 4;

/// Folders whose files are named after the id inside, with what such a file holds.
const FOLDERS: [(&str, &str); 4] = [
    ("codes/", "a code list"),
    ("datasets/", "a dataset contract"),
    ("policies/", "a policy"),
    ("policies/tests/", "the tests of a policy"),
];

/// Single files at the root.
const ROOT_FILES: [&str; 8] = [
    "pack.yaml",
    "elements.yaml",
    "linkage.yaml",
    "survivorship.yaml",
    "parameters.yaml",
    "variables.yaml",
    "divisions.csv",
    "divisions.geojson",
];

/// The files of a pack: their bytes, and the parsed YAML ones.
#[derive(Debug)]
pub(crate) struct Files {
    pub(crate) root: PathBuf,
    bytes: BTreeMap<String, Vec<u8>>,
    pub(crate) sources: Sources,
    nodes: BTreeMap<String, Node>,
    /// Whether there is no such folder.
    absent: bool,
}

impl Files {
    pub(crate) fn from_folder(root: &Path, sink: &Sink) -> Self {
        let mut bytes = BTreeMap::new();
        if root.is_dir() {
            collect(root, "", 0, &mut bytes, sink);
        } else {
            let name = root.display().to_string();
            sink.push(
                Fault::new(
                    "PACK-FOLDER-MISSING",
                    &Span::file_start(""),
                    format!("there is no folder `{name}`"),
                )
                .expected("the folder of a city pack, with pack.yaml in it"),
            );
        }
        let mut files = Self::new(root.to_owned(), bytes, sink);
        files.absent = !root.is_dir();
        files
    }

    pub(crate) fn from_texts<'a>(
        texts: impl IntoIterator<Item = (&'a str, &'a str)>,
        sink: &Sink,
    ) -> Self {
        let bytes = texts
            .into_iter()
            .map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()))
            .collect();
        Self::new(PathBuf::new(), bytes, sink)
    }

    fn new(root: PathBuf, bytes: BTreeMap<String, Vec<u8>>, sink: &Sink) -> Self {
        let mut files = Self {
            root,
            bytes,
            sources: Sources::default(),
            nodes: BTreeMap::new(),
            absent: false,
        };
        for (path, bytes) in &files.bytes {
            let file: Arc<str> = Arc::from(path.as_str());
            let Ok(text) = std::str::from_utf8(bytes) else {
                sink.push(
                    Fault::new(
                        "PACK-FILE-ENCODING",
                        &Span::file_start(file),
                        format!("{path} is not UTF-8"),
                    )
                    .expected("UTF-8 text; save the file again with this encoding"),
                );
                continue;
            };
            // A byte order mark is invisible to people and would shift every offset by three.
            let text = text.strip_prefix('\u{feff}').unwrap_or(text);
            files.sources.insert(Arc::clone(&file), text);
            check_name(path, sink);
            if has_extension(path, "yaml") {
                let (node, faults) = yaml::parse(&file, text);
                let broken = !faults.is_empty();
                for fault in faults {
                    sink.push(fault);
                }
                match node {
                    Some(node) => drop(files.nodes.insert(path.clone(), node)),
                    None if broken => {}
                    None => sink.push(
                        Fault::new(
                            "PACK-FILE-EMPTY",
                            &Span::file_start(file),
                            format!("{path} is empty"),
                        )
                        .expected("content, or no such file"),
                    ),
                }
            }
        }
        files
    }

    /// A YAML file that every pack has.
    pub(crate) fn required(&self, path: &str, sink: &Sink) -> Option<&Node> {
        self.complain_if_missing(path, sink);
        self.nodes.get(path)
    }

    /// The text of a file that every pack has.
    pub(crate) fn required_text(&self, path: &str, sink: &Sink) -> Option<&Arc<str>> {
        self.complain_if_missing(path, sink);
        self.sources.get(path)
    }

    fn complain_if_missing(&self, path: &str, sink: &Sink) {
        // A folder that is no pack at all has one fault, not one for each file that it should have.
        let expected = path == ROOT_FILES[0] || self.bytes.contains_key(ROOT_FILES[0]);
        if !self.bytes.contains_key(path) && expected && !self.absent {
            sink.push(
                Fault::new(
                    "PACK-FILE-MISSING",
                    &Span::file_start(path),
                    format!("the pack has no file {path}"),
                )
                .expected(format!("a file {path}")),
            );
        }
    }

    /// A YAML file that a pack may have.
    pub(crate) fn optional(&self, path: &str) -> Option<&Node> {
        self.nodes.get(path)
    }

    /// The YAML files directly inside a folder (`codes/`), with their names without extension.
    pub(crate) fn folder<'f>(
        &'f self,
        folder: &'f str,
    ) -> impl Iterator<Item = (&'f str, &'f Node)> {
        self.nodes.iter().filter_map(move |(path, node)| {
            let stem = path.strip_prefix(folder)?.strip_suffix(".yaml")?;
            (!stem.contains('/')).then_some((stem, node))
        })
    }

    /// The text of any file.
    pub(crate) fn text(&self, path: &str) -> Option<&Arc<str>> {
        self.sources.get(path)
    }

    /// BLAKE3 over paths and bytes, sorted by path, each with its length, so that no two different
    /// packs give the same input.
    pub(crate) fn hash(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        hasher.update(b"huimin pack 1\0");
        for (path, bytes) in &self.bytes {
            for part in [path.as_bytes(), bytes.as_slice()] {
                hasher.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
                hasher.update(part);
            }
        }
        hasher.finalize().to_hex().to_string()
    }
}

fn has_extension(path: &str, extension: &str) -> bool {
    Path::new(path).extension().is_some_and(|found| found == extension)
}

/// Complains about a file that no part of the platform will ever read: most likely its name is
/// wrong, and the rule in it would silently be missing.
fn check_name(path: &str, sink: &Sink) {
    let (folder, name) = match path.rfind('/') {
        Some(at) => path.split_at(at + 1),
        None => ("", path),
    };
    let documentation = has_extension(path, "md") || name == "NOTICE" || name == "LICENSE";
    let known = documentation
        || ROOT_FILES.contains(&path)
        || (FOLDERS.iter().any(|(known, _)| *known == folder) && has_extension(path, "yaml"));
    if known {
        return;
    }
    let fault = Fault::new(
        "PACK-FILE-UNKNOWN",
        &Span::file_start(path),
        format!("a pack knows no file {path}"),
    );
    let expected = FOLDERS.iter().find(|(known, _)| *known == folder).map_or_else(
        || {
            let folders = FOLDERS.map(|(known, _)| format!("{known}*.yaml")).join(", ");
            format!("one of {}, {folders}", ROOT_FILES.join(", "))
        },
        |(known, what)| format!("{what} in {known}<id>.yaml"),
    );
    sink.push(fault.expected(expected));
}

/// Reads the files below `root`/`prefix` into `bytes`, leaving out hidden files and editors'
/// backup copies.
fn collect(
    root: &Path,
    prefix: &str,
    depth: usize,
    bytes: &mut BTreeMap<String, Vec<u8>>,
    sink: &Sink,
) {
    let unreadable = |path: &str, err: &dyn std::fmt::Display| {
        sink.push(
            Fault::new(
                "PACK-FILE-UNREADABLE",
                &Span::file_start(path),
                format!("can't read {path}: {err}"),
            )
            .expected("a readable file"),
        );
    };
    let entries = match fs::read_dir(root.join(prefix)) {
        Ok(entries) => entries,
        Err(err) => return unreadable(prefix, &err),
    };
    for entry in entries {
        let entry = match entry {
            Ok(entry) => entry,
            Err(err) => return unreadable(prefix, &err),
        };
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') || name.ends_with('~') {
            continue;
        }
        let path = format!("{prefix}{name}");
        // `metadata` of the path follows links, so that a pack may be assembled from linked files.
        let metadata = match fs::metadata(entry.path()) {
            Ok(metadata) => metadata,
            Err(err) => {
                unreadable(&path, &err);
                continue;
            }
        };
        if metadata.is_dir() {
            if depth < FOLDER_DEPTH_MAX {
                collect(root, &format!("{path}/"), depth + 1, bytes, sink);
            }
        } else if metadata.len() > FILE_BYTES_MAX {
            unreadable(&path, &format!("it has more than {FILE_BYTES_MAX} bytes"));
        } else {
            match fs::read(entry.path()) {
                Ok(content) => drop(bytes.insert(path, content)),
                Err(err) => unreadable(&path, &err),
            }
        }
    }
}
