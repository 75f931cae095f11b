//! Broken packs, one fault each: the messages that officials see are pinned here.
//!
//! Each file of `broken/` is a small change to the pack in `base/`, a made-up city with a tennis
//! club, so that real policy may change freely:
//!
//! ```text
//! # One sentence: what is wrong.
//! file: policies/court-grant.yaml
//! - a line of the file, found once
//! + what stands there instead
//! delete: a file
//! add: a file
//! + its lines
//! ```

#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use common::{base, folder};
use huimin_pack::{Faults, Pack, Style};

#[test]
fn the_base_pack_has_no_fault() {
    let pack = load(&base()).unwrap();
    assert_eq!(pack.id, "baseline");
    assert_eq!(pack.policies.len(), 2);
}

#[test]
fn every_broken_pack_has_exactly_its_one_fault() {
    let cases = folder("broken");
    assert!(cases.len() >= 25, "{} broken packs", cases.len());
    let mut wrong = Vec::new();
    for (name, change) in &cases {
        let case = name.trim_end_matches(".txt");
        let faults = match load(&changed(base(), case, change)) {
            Err(faults) if faults.len() == 1 => faults,
            Err(faults) => {
                wrong.push(format!("{case} has {} faults: {faults:?}", faults.len()));
                continue;
            }
            Ok(_) => {
                wrong.push(format!("{case} has no fault"));
                continue;
            }
        };
        let code = faults.sorted()[0].code;
        let sentence = change.lines().next().unwrap_or_default().trim_start_matches("# ");
        insta::with_settings!({ description => sentence, omit_expression => true, prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(case, faults.render(Style::Plain));
        });
        // The name of a case begins with its code, so that each is found from the other.
        let slug = code.trim_start_matches("PACK-").to_lowercase();
        if !case.starts_with(&slug) {
            wrong.push(format!("{case} gives {code}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_code_has_a_broken_pack() {
    // These are about the disk and have tests of their own in `folder.rs`.
    let elsewhere = ["PACK-FOLDER-MISSING", "PACK-FILE-UNREADABLE", "PACK-FILE-ENCODING"];
    let mut tried: BTreeSet<String> = elsewhere.map(String::from).into();
    for (name, change) in folder("broken") {
        if let Err(faults) = load(&changed(base(), &name, &change)) {
            tried.extend(faults.sorted().iter().map(|fault| fault.code.to_owned()));
        }
    }
    let mut written = BTreeSet::new();
    codes_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut written);
    let untried: Vec<&String> = written.difference(&tried).collect();
    assert!(untried.is_empty(), "codes without a broken pack: {untried:?}");
}

#[test]
fn all_faults_are_reported_at_once() {
    let mut texts = base();
    for (name, change) in folder("broken") {
        // Changes of different files can be made together; those that clash are left out.
        if ["department-unknown.txt", "unit.txt", "thresholds.txt", "test-missing.txt", "demo.txt"]
            .contains(&name.as_str())
        {
            texts = changed(texts, &name, &change);
        }
    }
    let faults = load(&texts).unwrap_err();
    let codes: Vec<&str> = faults.sorted().iter().map(|fault| fault.code).collect();
    assert_eq!(
        codes,
        [
            "PACK-DEPARTMENT-UNKNOWN",
            "PACK-THRESHOLDS",
            "PACK-TEST-MISSING",
            "PACK-DEMO",
            "PACK-UNIT"
        ]
    );
}

#[test]
fn faults_are_documents_for_programs_too() {
    let change = &folder("broken")["codelist-unknown.txt"];
    let faults = load(&changed(base(), "codelist-unknown", change)).unwrap_err();
    insta::assert_json_snapshot!(faults.to_json());
}

/// Loads a pack from its texts.
fn load(texts: &BTreeMap<String, String>) -> Result<Pack, Faults> {
    huimin_pack::load_texts(texts.iter().map(|(path, text)| (path.as_str(), text.as_str())))
}

/// Applies a change to the files of a pack.
fn changed(
    mut texts: BTreeMap<String, String>,
    case: &str,
    change: &str,
) -> BTreeMap<String, String> {
    let mut file = String::new();
    let (mut old, mut new) = (Vec::new(), Vec::new());
    for line in change.lines().chain(["end: "]) {
        let marker = line.chars().next().unwrap_or(' ');
        // A group is over when its lines that go follow lines that come, or anything else does.
        if !(old.is_empty() && new.is_empty())
            && (marker == '-' && !new.is_empty() || !"-+".contains(marker))
        {
            replace(&mut texts, case, &file, &old, &new);
            old.clear();
            new.clear();
        }
        match line.split_at(line.len().min(2)) {
            ("- ", rest) => old.push(rest.to_owned()),
            ("+ " | "+", rest) => new.push(rest.to_owned()),
            _ => match line.split_once(": ") {
                Some(("file", path)) => path.clone_into(&mut file),
                Some(("delete", path)) => {
                    texts.remove(path).unwrap_or_else(|| panic!("{case}: no file {path}"));
                }
                Some(("add", path)) => {
                    path.clone_into(&mut file);
                    texts.insert(file.clone(), String::new());
                }
                _ => assert!(line.starts_with("# ") || line == "end: ", "{case}: {line}"),
            },
        }
    }
    texts
}

fn replace(
    texts: &mut BTreeMap<String, String>,
    case: &str,
    file: &str,
    old: &[String],
    new: &[String],
) {
    let text = texts.get_mut(file).unwrap_or_else(|| panic!("{case}: no file {file}"));
    if old.is_empty() {
        text.push_str(&new.join("\n"));
        text.push('\n');
        return;
    }
    // Part of a line may be named, so that a change stays as short as the fault.
    let whole_lines = new.is_empty();
    let (old, new) = (old.join("\n"), new.join("\n"));
    let old = if whole_lines { format!("{old}\n") } else { old };
    assert_eq!(text.matches(&old).count(), 1, "{case}: `{old}` must stand once in {file}");
    *text = text.replacen(&old, &new, 1);
}

/// The codes that the source knows.
fn codes_in(folder: &Path, into: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            codes_in(&path, into);
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        for part in text.split('"').filter(|part| part.starts_with("PACK-")) {
            if part.chars().all(|c| c.is_ascii_uppercase() || c == '-') {
                into.insert(part.to_owned());
            }
        }
    }
}
