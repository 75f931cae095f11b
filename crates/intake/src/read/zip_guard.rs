//! A look into an XLSX file before it is opened: is it a ZIP bomb?
//!
//! The sizes that a ZIP file declares can be lies, so every part is unpacked once into nothing, and
//! stopped as soon as it passes a bound.

use std::fs::File;
use std::io::{BufReader, Read as _};

use super::Feed;
use crate::IntakeError;

/// What a workbook may unpack to, all parts together. A sheet with the most rows that the format
/// allows (1,048,576) and 20 columns of names and numbers takes about 2 GiB.
const LARGEST: u64 = 4 << 30;
/// Shared strings are held in memory while the sheet is read, so they have a bound of their own.
const LARGEST_STRINGS: u64 = 512 << 20;
/// How many times smaller a packed part may be. Sheets pack to between a fifth and a thirtieth;
/// deflate reaches a thousandth on nothing but repetition.
const LARGEST_RATIO: u64 = 200;
/// Below this size the ratio does not matter.
const SMALL: u64 = 16 << 20;
/// Parts of a workbook; ordinary ones have some dozen.
const MOST_PARTS: usize = 10_000;

/// Refuses a file that would unpack to more than a workbook does.
pub(super) fn check(feed: &Feed<'_>) -> Result<(), IntakeError> {
    let file = File::open(feed.path).map_err(IntakeError::io("open", feed.path))?;
    let mut archive = zip::ZipArchive::new(BufReader::new(file))
        .map_err(|_| feed.format_error("it is not a ZIP container, or it was cut off"))?;
    if archive.len() > MOST_PARTS {
        return Err(bomb(feed, format!("{} parts, at most {MOST_PARTS} are read", archive.len())));
    }
    let mut total = 0_u64;
    let mut nothing = vec![0_u8; 64 << 10];
    for position in 0..archive.len() {
        let mut part = archive
            .by_index(position)
            .map_err(|_| feed.format_error("a part of the ZIP container can't be read"))?;
        let packed = part.compressed_size();
        // The name is for the message only; one that is no text is not worth refusing a file for.
        let name = part.name().map(|name| short_name(&name)).unwrap_or_default();
        let strings = name.ends_with("sharedStrings.xml");
        let over = |size: u64, total: u64| {
            if strings && size > LARGEST_STRINGS {
                Some(format!("{name}: more than {} MiB of strings", LARGEST_STRINGS >> 20))
            } else if total > LARGEST {
                Some(format!("{name}: more than {} GiB in all", LARGEST >> 30))
            } else if size > SMALL && size / LARGEST_RATIO > packed {
                Some(format!("{name}: more than {LARGEST_RATIO} times its packed size"))
            } else {
                None
            }
        };
        // What the file itself declares is enough to refuse it, and not enough to accept it.
        if let Some(reason) = over(part.size(), total.saturating_add(part.size())) {
            return Err(bomb(feed, reason));
        }
        let mut size = 0_u64;
        loop {
            let read = part.read(&mut nothing).map_err(|_| {
                feed.format_error(format!("its part {name} is damaged, or it was cut off"))
            })?;
            if read == 0 {
                break;
            }
            size += read as u64;
            total += read as u64;
            if let Some(reason) = over(size, total) {
                return Err(bomb(feed, reason));
            }
        }
    }
    Ok(())
}

fn bomb(feed: &Feed<'_>, reason: String) -> IntakeError {
    IntakeError::ZipBomb {
        dataset: feed.layout.dataset().to_owned(),
        path: feed.shown.to_owned(),
        reason,
    }
}

fn short_name(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(60).collect()
}
