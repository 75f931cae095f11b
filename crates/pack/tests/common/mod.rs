//! What the tests of this crate share.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A folder of this crate's tests.
pub(crate) fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name)
}

/// The files below a folder of the tests by relative path.
pub(crate) fn folder(name: &str) -> BTreeMap<String, String> {
    let mut texts = BTreeMap::new();
    collect(&path(name), "", &mut texts);
    texts
}

/// The made-up city.
pub(crate) fn base() -> BTreeMap<String, String> {
    folder("base")
}

fn collect(folder: &Path, prefix: &str, into: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{prefix}{}", path.file_name().unwrap().to_string_lossy());
        if path.is_dir() {
            collect(&path, &format!("{name}/"), into);
        } else {
            into.insert(name, fs::read_to_string(&path).unwrap());
        }
    }
}
