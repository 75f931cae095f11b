//! Names that have to exist elsewhere in the pack.

use crate::fault::Fault;
use crate::load::{Reference, Target};
use crate::model::Pack;
use crate::read::Sink;

pub(super) fn check(pack: &Pack, references: &[Reference], sink: &Sink) {
    for reference in references {
        let name = reference.name.value.as_str();
        let (code, what, folder, known): (_, _, _, Vec<&str>) = match reference.target {
            Target::CodeList => (
                "PACK-CODELIST-UNKNOWN",
                "code list",
                "codes/",
                pack.codes.keys().map(String::as_str).collect(),
            ),
            Target::Dataset => (
                "PACK-DATASET-UNKNOWN",
                "dataset",
                "datasets/",
                pack.datasets.keys().map(String::as_str).collect(),
            ),
            Target::Policy => (
                "PACK-POLICY-UNKNOWN",
                "policy",
                "policies/",
                pack.policies.iter().map(|policy| policy.id.as_str()).collect(),
            ),
        };
        // A file that can't be read has a fault of its own; what it defines is not missing.
        let written = pack.sources.get(&format!("{folder}{name}.yaml")).is_some();
        if !name.is_empty() && !known.contains(&name) && !written {
            sink.push(
                Fault::new(code, &reference.name.span, format!("there is no {what} `{name}`"))
                    .expected(format!("a {what} of {folder}"))
                    .suggest(name, known),
            );
        }
    }
}
