//! Attributes that a role implies must be values of their code lists.

use crate::fault::Fault;
use crate::model::{FieldKind, Pack};
use crate::read::Sink;

pub(super) fn check(pack: &Pack, sink: &Sink) {
    for contract in pack.datasets.values() {
        for person in &contract.people {
            for (attribute, value) in &person.constants {
                // An attribute's code list is that of the data element with its name.
                let Some(FieldKind::Code(list)) =
                    pack.elements.get(attribute).map(|element| &element.kind)
                else {
                    continue;
                };
                let Some(codes) = pack.codes.get(list) else { continue };
                if !codes.contains(value) {
                    sink.push(
                        Fault::new(
                            "PACK-CODE-UNKNOWN",
                            &person.span,
                            format!(
                                "`{value}` is no code for the {attribute} of the role `{}`",
                                person.role
                            ),
                        )
                        .expected(format!("a code of {list}"))
                        .suggest(value, codes.entries.iter().map(|entry| entry.code.as_str())),
                    );
                }
            }
        }
    }
}
