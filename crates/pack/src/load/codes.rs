//! `codes/*.yaml`.

use std::collections::{BTreeMap, BTreeSet};

use super::Files;
use super::city::{check_file_name, insert};
use crate::fault::Fault;
use crate::model::{CodeEntry, CodeList, Text};
use crate::read::{IdForm, Sink};

pub(super) fn read(files: &Files, sink: &Sink) -> BTreeMap<String, CodeList> {
    let mut lists = BTreeMap::new();
    for (stem, node) in files.folder("codes/") {
        let map = sink.map(node, "a code list");
        let id = map.id(IdForm::Snake);
        check_file_name(&id, stem, sink);
        let mut entries: Vec<CodeEntry> = Vec::new();
        let mut spellings = BTreeSet::new();
        for item in map.items_required("entries") {
            let map = sink.map(item, "a code");
            let code = map.string("code");
            let aliases = map.strings("aliases");
            for spelling in std::iter::once(&code).chain(&aliases) {
                if !spelling.value.is_empty() && !spellings.insert(spelling.value.clone()) {
                    sink.push(
                        Fault::new(
                            "PACK-ID-DUPLICATE",
                            &spelling.span,
                            format!("`{}` stands twice in the code list", spelling.value),
                        )
                        .expected("a code or spelling that no other code has"),
                    );
                }
            }
            entries.push(CodeEntry {
                code: code.value,
                name: Text { zh: map.string("zh").value, en: map.string("en").value },
                aliases: aliases.into_iter().map(|alias| alias.value).collect(),
                note: map.string_opt("note").map(|note| note.value),
            });
            map.finish();
        }
        let list = CodeList {
            id: id.value.clone(),
            name: map.text("name"),
            standard: map.string_opt("standard").map(|text| text.value),
            entries,
            span: id.span.clone(),
        };
        map.finish();
        insert(&mut lists, &id, list, "code list", sink);
    }
    lists
}
