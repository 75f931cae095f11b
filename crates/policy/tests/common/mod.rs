//! What the tests of this crate share: a made-up tennis club as a city pack.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use pack::{Faults, Pack};

pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/club")
}

pub(crate) fn club() -> Pack {
    pack::load(&folder()).unwrap()
}

/// The files of the club by relative path.
#[allow(dead_code)]
pub(crate) fn texts() -> BTreeMap<String, String> {
    let mut texts = BTreeMap::new();
    collect(&folder(), "", &mut texts);
    texts
}

fn collect(folder: &Path, prefix: &str, into: &mut BTreeMap<String, String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{prefix}{}", path.file_name().unwrap().to_string_lossy());
        if path.is_dir() {
            collect(&path, &format!("{name}/"), into);
        } else {
            into.insert(name, std::fs::read_to_string(&path).unwrap());
        }
    }
}

/// The faults of the club's rules after replacing a text in one of its files.
#[allow(dead_code)]
pub(crate) fn faults_with(file: &str, old: &str, new: &str) -> Faults {
    let mut texts = texts();
    let text = texts.get_mut(file).unwrap();
    assert!(text.contains(old), "{file} does not contain `{old}`");
    *text = text.replacen(old, new, 1);
    let pack = pack::load_texts(texts.iter().map(|(path, text)| (path.as_str(), text.as_str())))
        .expect("the pack itself checks");
    huimin_policy::compile(&pack).expect_err("the rules have a fault")
}
