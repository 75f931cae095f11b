//! Files that were cut off, lost a line or got one twice: whatever happens to a pack, the loader
//! answers with a pack or with faults that can be shown, and never panics.

#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]

mod common;

use std::collections::BTreeMap;

use common::base;
use huimin_pack::{Style, load_texts};

/// Loads a pack and shows its faults, each of which must have a place inside its file.
fn survives(texts: &BTreeMap<String, String>) {
    let loaded = load_texts(texts.iter().map(|(path, text)| (path.as_str(), text.as_str())));
    if let Err(faults) = loaded {
        assert!(!faults.is_empty());
        assert!(faults.render(Style::Plain).contains("PACK-"));
        for fault in faults.sorted() {
            let text = texts.get(&*fault.span.file).map_or("", String::as_str);
            let end = fault.span.offset + fault.span.len;
            let inside = text.get(fault.span.offset..end).is_some();
            assert!(inside || text.is_empty(), "{} at {:?}", fault.code, fault.span);
        }
    }
}

fn with(texts: &BTreeMap<String, String>, name: &str, text: String) -> BTreeMap<String, String> {
    let mut changed = texts.clone();
    changed.insert(name.to_owned(), text);
    changed
}

#[test]
fn a_file_that_was_cut_off_anywhere() {
    let texts = base();
    for (name, text) in &texts {
        // A prime step, so that cuts fall on all parts of lines.
        for (at, _) in text.char_indices().step_by(31) {
            survives(&with(&texts, name, text.get(..at).unwrap().to_owned()));
        }
    }
}

#[test]
fn a_line_that_is_missing_doubled_or_moved() {
    let texts = base();
    for (name, text) in &texts {
        let lines: Vec<&str> = text.lines().collect();
        for at in 0..lines.len() {
            let mut without = lines.clone();
            let line = without.remove(at);
            survives(&with(&texts, name, without.join("\n")));
            let mut doubled = lines.clone();
            doubled.insert(at, line);
            survives(&with(&texts, name, doubled.join("\n")));
            let mut indented = lines.clone();
            let moved = format!("  {line}");
            indented[at] = &moved;
            survives(&with(&texts, name, indented.join("\n")));
        }
    }
}

#[test]
fn a_value_that_became_something_else() {
    // One for each place in turn: all places with all values take minutes.
    let mut others = [
        "null",
        "[]",
        "{}",
        "\"\"",
        "-1",
        "é\u{20000}",
        "2024-02-30",
        "*x",
        "{ a: b }",
        "\"\\u00e9",
    ]
    .into_iter()
    .cycle();
    let texts = base();
    for (name, text) in &texts {
        for (at, _) in text.match_indices(": ") {
            let (head, rest) = text.split_at(at + 2);
            let end = rest.find(['\n', ',', '}']).unwrap_or(rest.len());
            let changed = format!("{head}{}{}", others.next().unwrap(), rest.get(end..).unwrap());
            survives(&with(&texts, name, changed));
        }
    }
}
