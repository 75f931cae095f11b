//! Checks that span several files; each of the others stands where its file is read.

mod constants;
mod exclusions;
mod references;
mod tests;

use crate::load::Reference;
use crate::model::Pack;
use crate::read::Sink;

pub(crate) fn all(pack: &Pack, references: &[Reference], sink: &Sink) {
    references::check(pack, references, sink);
    constants::check(pack, sink);
    exclusions::check(pack, sink);
    tests::check(pack, sink);
}
