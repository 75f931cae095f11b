//! A folder → a checked [`Pack`], or everything that is wrong with it.
//!
//! Three passes, each of which goes on after faults: read the files ([`files`]), read values out of
//! each file (the other modules here), then check what spans several of them ([`crate::check`]).
//! References from one file to another are noted while reading, with the place that makes them, and
//! resolved at the end, when all targets are known.

mod city;
mod codes;
pub(crate) mod dataset;
mod divisions;
mod files;
mod linkage;
pub(crate) mod parameter;
pub(crate) mod policy;
mod reference;
pub(crate) mod test;
pub(crate) mod variable;

use std::path::Path;

pub(crate) use files::Files;
pub(crate) use reference::{Reference, Target};
pub(crate) use test::day_of;

use crate::check;
use crate::fault::Faults;
use crate::model::Pack;
use crate::read::Sink;

/// Loads and checks the pack in a folder.
///
/// # Errors
///
/// All faults of the pack, each with its place.
pub fn load(root: &Path) -> Result<Pack, Faults> {
    let sink = Sink::default();
    let files = Files::from_folder(root, &sink);
    finish(&files, sink)
}

/// Loads and checks a pack that is given as texts by relative path, as if it lay in a folder.
///
/// # Errors
///
/// All faults of the pack, each with its place.
pub fn load_texts<'a>(texts: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Pack, Faults> {
    let sink = Sink::default();
    let files = Files::from_texts(texts, &sink);
    finish(&files, sink)
}

fn finish(files: &Files, sink: Sink) -> Result<Pack, Faults> {
    let (pack, references) = read(files, &sink);
    check::all(&pack, &references, &sink);
    let mut faults = Faults::new(&files.root, pack.sources.clone());
    faults.extend(sink.into_faults());
    faults.into_result(pack)
}

fn read(files: &Files, sink: &Sink) -> (Pack, Vec<Reference>) {
    let mut references = Vec::new();
    let city = city::read(files, sink);
    let elements = city::read_elements(files, sink, &mut references);
    let codes = codes::read(files, sink);
    let datasets = dataset::read(files, sink, &city, &elements, &mut references);
    let parameters = parameter::read_shared(files, sink);
    let variables = variable::read(files, sink, &datasets, &mut references);
    let policies = policy::read(files, sink, &city, &parameters, &mut references);
    let tests = test::read(files, sink, &variables, &policies, &mut references);
    let divisions = divisions::read(files, sink, city.division.as_ref());
    let pack = Pack {
        map: divisions::read_map(files, sink, &divisions),
        divisions,
        id: city.id,
        name: city.name,
        version: city.version,
        division: city.division.unwrap_or_else(city::stand_in_division),
        currency: city.currency,
        departments: city.departments,
        lines: city.lines,
        retention: city.retention,
        elements,
        codes,
        datasets,
        linkage: linkage::read(files, sink),
        survivorship: linkage::read_survivorship(files, sink),
        parameters,
        variables,
        policies,
        tests,
        hash: files.hash(),
        root: files.root.clone(),
        sources: files.sources.clone(),
    };
    (pack, references)
}
