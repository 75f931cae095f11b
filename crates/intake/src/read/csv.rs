//! CSV: one header record, then one record a row (RFC 4180).

use std::sync::Arc;

use memchr::memchr_iter;
use pack::Encoding;

use super::block::{RowBlock, Span};
use super::records::{Records, Shape};
use super::text::{Separation, TextFile};
use super::{Feed, Piece, TextPiece, decode, match_columns};
use crate::code::Codes;
use crate::{Code, IntakeError};

/// Reads a CSV file in pieces of whole records.
pub(super) fn read(
    feed: &Feed<'_>,
    sink: &mut dyn FnMut(Piece) -> Result<(), IntakeError>,
) -> Result<(), IntakeError> {
    let encoding = feed.layout.contract.encoding;
    let mut file = TextFile::open(*feed, Separation::Csv)?;
    let header = file.first()?.unwrap_or_default();
    let columns: Arc<[usize]> = columns(feed, &header)?.into();
    while let Some((bytes, first_line, offset)) = file.piece()? {
        let columns = Arc::clone(&columns);
        sink(Piece::Csv(TextPiece { bytes, first_line, offset, encoding, columns }))?;
    }
    Ok(())
}

fn columns(feed: &Feed<'_>, header: &[u8]) -> Result<Vec<usize>, IntakeError> {
    let declared = feed.layout.contract.encoding;
    let found = decode::strict(header, declared)
        .map(|text| feed.columns(&cells_of(&text).iter().map(String::as_str).collect::<Vec<_>>()));
    if let Some(Ok(columns)) = found {
        return Ok(columns);
    }
    // Nearly always it is the encoding: say so when the header reads well in another one.
    for other in [Encoding::Utf8, Encoding::Gb18030] {
        if let Some(text) = decode::strict(header, other)
            && match_columns(
                feed.layout,
                &cells_of(&text).iter().map(String::as_str).collect::<Vec<_>>(),
            )
            .is_ok()
        {
            return Err(feed.encoding_error(format!("its header is {}", decode::name(other))));
        }
    }
    found.unwrap_or_else(|| {
        let at = decode::valid_up_to(header, declared);
        Err(feed.encoding_error(format!("the header has other bytes (byte {at})")))
    })
}

fn cells_of(header: &str) -> Vec<String> {
    let Some(record) = Records::new(header.as_bytes(), true).next() else {
        return Vec::new();
    };
    let mut side = String::new();
    let text = header.get(record.range).unwrap_or_default();
    let mut cells = Vec::new();
    split(text, 0, header.len(), &mut side, |_, span| cells.push(span));
    let mut block = RowBlock::over(header.to_owned(), cells.len(), 1);
    block.append(&side);
    block.start(1, Span::default(), Codes::NONE);
    for (position, span) in cells.iter().enumerate() {
        block.set(position, *span);
    }
    (0..cells.len()).map(|field| block.cell(0, field).to_owned()).collect()
}

/// Splits a piece into rows of `width` fields.
pub(super) fn rows(piece: TextPiece, width: usize) -> RowBlock {
    let TextPiece { bytes, first_line, offset, encoding, columns } = piece;
    let rough = bytes.len() / 64;
    if let Some(text) = decode::strict(&bytes, encoding) {
        let mut block = RowBlock::over(text.into_owned(), width, rough);
        let records: Vec<_> = Records::new(block.text().as_bytes(), true).collect();
        let records = records.into_iter().map(|record| (record, Codes::NONE));
        fill(&mut block, records, first_line, &columns);
        return block;
    }
    // Some bytes are no text: find out in which records, and spare the others.
    let mut text = String::with_capacity(bytes.len() * 2);
    let mut records = Vec::with_capacity(rough);
    let mut undecodable_at = None;
    for mut record in Records::new(&bytes, true) {
        let raw = bytes.get(record.range.clone()).unwrap_or_default();
        let start = text.len();
        let mut codes = Codes::NONE;
        match decode::strict(raw, encoding) {
            Some(decoded) => text.push_str(&decoded),
            None => {
                codes.add(Code::Encoding);
                let at = record.range.start + decode::valid_up_to(raw, encoding);
                undecodable_at.get_or_insert(offset + at as u64);
                text.push_str(&decode::lossy(raw, encoding));
            }
        }
        record.range = start..text.len();
        records.push((record, codes));
    }
    let mut block = RowBlock::over(text, width, rough);
    block.undecodable_at = undecodable_at;
    fill(&mut block, records.into_iter(), first_line, &columns);
    block
}

fn fill(
    block: &mut RowBlock,
    records: impl Iterator<Item = (super::records::Record, Codes)>,
    first_line: u64,
    columns: &[usize],
) {
    let base = block.text().len();
    let mut side = String::new();
    let mut line = first_line;
    for (record, mut codes) in records {
        let at = line;
        line += record.lines;
        // An empty line between or behind the rows is no row.
        if record.range.is_empty() {
            continue;
        }
        if record.shape == Shape::Broken {
            codes.add(Code::Quote);
        }
        let original = Span::new(record.range.start, record.range.end);
        block.start(at, original, codes);
        let mut found = 0;
        // The text is taken out for a moment, so that cells can be set while it is read.
        let text = block.take_text();
        let row = text.get(record.range.clone()).unwrap_or_default();
        if record.shape == Shape::Quoted {
            split(row, record.range.start, base, &mut side, |position, span| {
                found = position + 1;
                if let Some(field) = columns.get(position) {
                    block.set(*field, span);
                }
            });
        } else {
            let mut start = 0;
            for end in memchr_iter(b',', row.as_bytes()).chain([row.len()]) {
                if let Some(field) = columns.get(found) {
                    let from = record.range.start + start;
                    block.set(*field, Span::new(from, record.range.start + end));
                }
                found += 1;
                start = end + 1;
            }
        }
        block.put_text(text);
        if found != columns.len() {
            block.fault(Code::Columns);
        }
    }
    block.append(&side);
}

/// Splits a record with quoted cells.
///
/// A cell is a part of the text, which begins at `start`; where doubled quotation marks had to be
/// made single ones, it is a part of `side`, which will come at `base`.
fn split(
    record: &str,
    start: usize,
    base: usize,
    side: &mut String,
    mut cell: impl FnMut(usize, Span),
) {
    let bytes = record.as_bytes();
    let mut at = 0;
    let mut position = 0;
    loop {
        let (span, end) = if bytes.get(at) == Some(&b'"') {
            let mut end = at + 1;
            let mut doubled = false;
            while let Some(distance) = memchr::memchr(b'"', bytes.get(end..).unwrap_or_default()) {
                end += distance;
                if bytes.get(end + 1) != Some(&b'"') {
                    break;
                }
                doubled = true;
                end += 2;
            }
            let inner = record.get(at + 1..end).unwrap_or_default();
            let span = if doubled {
                let from = base + side.len();
                side.push_str(&inner.replace("\"\"", "\""));
                Span::new(from, base + side.len())
            } else {
                Span::new(start + at + 1, start + end)
            };
            (span, end + 1)
        } else {
            let rest = bytes.get(at..).unwrap_or_default();
            let end = at + memchr::memchr(b',', rest).unwrap_or(rest.len());
            (Span::new(start + at, start + end), end)
        };
        cell(position, span);
        position += 1;
        if bytes.get(end) != Some(&b',') {
            return;
        }
        at = end + 1;
    }
}
