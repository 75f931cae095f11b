//! Names: by ear, in other characters, with spaces.

use super::{Kind, Tally, among, share};
use crate::draw::{Hashed, Random};
use crate::names::{Name, NameTables, Variants};
use crate::profile::Errors;

/// What a clerk writes for a name.
pub(crate) fn write(
    name: Name,
    tables: &NameTables,
    variants: &Variants,
    errors: &Errors,
    mut draw: Hashed,
    tally: &mut Tally,
    out: &mut String,
) {
    let point = draw.unit();
    let mut limit = 0.0;
    let mut falls = |rate: f64| {
        let low = limit;
        limit += rate;
        (low..limit).contains(&point)
    };
    let similar = falls(errors.name_similar);
    let traditional = falls(among(errors.name_traditional, share::HAS_TRADITIONAL));
    let outside = falls(errors.name_outside_bmp);
    let spacing = falls(errors.name_spacing);
    let written = if similar {
        variants.similar(name, tables, &mut draw)
    } else if traditional {
        variants.traditional(name, tables, &mut draw)
    } else if outside {
        variants.outside_bmp(name, tables, &mut draw)
    } else if spacing {
        let mut text = String::new();
        name.write(tables, &mut text);
        Some(Variants::spaced(&text, &mut draw))
    } else {
        None
    };
    let done = written.is_some();
    tally.count(Kind::NameSimilar, similar && done);
    tally.count(Kind::NameTraditional, traditional && done);
    tally.count(Kind::NameOutsideBmp, outside && done);
    tally.count(Kind::NameSpacing, spacing && done);
    match written {
        Some(text) => out.push_str(&text),
        None => name.write(tables, out),
    }
}
