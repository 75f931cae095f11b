//! JSON Lines: one flat JSON object (RFC 8259) a line, whose names are the contract's headers.
//!
//! Read by hand, because numbers must come as they are written: through a floating-point number an
//! amount would not be exact any more.

use std::collections::HashMap;

use memchr::memchr_iter;

use super::block::{RowBlock, Span};
use super::text::{Separation, TextFile};
use super::{Feed, Piece, TextPiece, decode};
use crate::code::Codes;
use crate::layout::{self, Layout};
use crate::{Code, IntakeError};

/// Reads a JSON Lines file in pieces of whole lines.
pub(super) fn read(
    feed: &Feed<'_>,
    sink: &mut dyn FnMut(Piece) -> Result<(), IntakeError>,
) -> Result<(), IntakeError> {
    let encoding = feed.layout.contract.encoding;
    let mut file = TextFile::open(*feed, Separation::Lines)?;
    while let Some((bytes, first_line, offset)) = file.piece()? {
        sink(Piece::Jsonl(TextPiece { bytes, first_line, offset, encoding, columns: [].into() }))?;
    }
    Ok(())
}

/// Splits a piece into rows.
pub(super) fn rows(piece: TextPiece, layout: &Layout<'_>) -> RowBlock {
    let TextPiece { bytes, first_line, offset, encoding, .. } = piece;
    let width = layout.fields.len();
    let mut undecodable_at = None;
    let mut bad_lines = Vec::new();
    let text = match decode::strict(&bytes, encoding) {
        Some(text) => text.into_owned(),
        None => {
            // Some bytes are no text: find out in which lines, and spare the others.
            let mut text = String::with_capacity(bytes.len() + 1024);
            let mut start = 0;
            for line in bytes.split_inclusive(|byte| *byte == b'\n') {
                match decode::strict(line, encoding) {
                    Some(decoded) => text.push_str(&decoded),
                    None => {
                        let at = start + decode::valid_up_to(line, encoding);
                        undecodable_at.get_or_insert(offset + at as u64);
                        bad_lines.push(text.len());
                        text.push_str(&decode::lossy(line, encoding));
                    }
                }
                start += line.len();
            }
            text
        }
    };
    let mut names = Names::new(layout);
    let base = text.len();
    let mut block = RowBlock::over(String::new(), width, bytes.len() / 128);
    let mut side = String::new();
    let mut start = 0;
    for (number, end) in memchr_iter(b'\n', text.as_bytes())
        .chain((!text.ends_with('\n')).then_some(base))
        .enumerate()
    {
        let line = text.get(start..end).unwrap_or_default();
        let at = start;
        start = end + 1;
        if line.trim_ascii().is_empty() {
            continue;
        }
        let codes = if bad_lines.binary_search(&at).is_ok() {
            Codes::of(Code::Encoding)
        } else {
            Codes::NONE
        };
        block.start(first_line + number as u64, Span::new(at, end), codes);
        let mut object = Object { line, at: 0, start: at, base, side: &mut side };
        let mut seen = 0_u64;
        let mut unknown = false;
        let read = object.members(|name, span| match names.field(name) {
            Some(field) if seen & bit(field) == 0 => {
                seen |= bit(field);
                block.set(field, span);
                true
            }
            Some(_) => false,
            None => {
                unknown = true;
                true
            }
        });
        block.named |= seen;
        if unknown {
            block.unknown_names += 1;
            block.fault(Code::Columns);
        }
        if read.is_none() {
            block.fault(Code::Json);
        }
    }
    block.put_text(text);
    block.append(&side);
    block.undecodable_at = undecodable_at;
    block
}

/// One bit for each field; contracts have far fewer than 64, and beyond, fields share the last one.
pub(crate) fn bit(field: usize) -> u64 {
    1 << field.min(63)
}

/// Finds fields by name; lines mostly have their names in the same order.
struct Names<'l> {
    exact: Vec<&'l str>,
    by_name: HashMap<String, usize>,
    next: usize,
}

impl<'l> Names<'l> {
    fn new(layout: &'l Layout<'_>) -> Self {
        let exact = layout.contract.fields.iter().map(|field| field.header.as_str()).collect();
        let by_name = layout
            .fields
            .iter()
            .enumerate()
            .map(|(at, field)| (field.header.clone(), at))
            .collect();
        Self { exact, by_name, next: 0 }
    }

    fn field(&mut self, name: &str) -> Option<usize> {
        let guess = self.next % self.exact.len().max(1);
        let field = if self.exact.get(guess) == Some(&name) {
            guess
        } else {
            match self.exact.iter().position(|exact| *exact == name) {
                Some(field) => field,
                None => *self.by_name.get(&layout::header(name))?,
            }
        };
        self.next = field + 1;
        Some(field)
    }
}

/// A cursor in one line.
struct Object<'l, 's> {
    line: &'l str,
    at: usize,
    /// Where the line begins in the text of the block.
    start: usize,
    /// Where `side` will come in the text of the block.
    base: usize,
    side: &'s mut String,
}

impl Object<'_, '_> {
    /// Reads all members and gives each name with the place of its value to `member`, which says
    /// whether it may stand there. `None` when the line is not one flat object.
    fn members(&mut self, mut member: impl FnMut(&str, Span) -> bool) -> Option<()> {
        self.token(b'{')?;
        if self.token(b'}').is_some() {
            return self.end();
        }
        loop {
            self.space();
            let line = self.line;
            let name_in_side = self.side.len();
            let (from, to) = self.string()?;
            let name_span = (from, to);
            self.token(b':')?;
            let fits = if to > line.len() {
                // The name was written with escapes, and its text is in the side buffer.
                let name = self.side.get(name_in_side..).unwrap_or_default().to_owned();
                let span = self.value()?;
                member(&name, span)
            } else {
                let span = self.value()?;
                member(line.get(name_span.0..name_span.1).unwrap_or_default(), span)
            };
            if !fits {
                return None;
            }
            if self.token(b',').is_none() {
                self.token(b'}')?;
                return self.end();
            }
        }
    }

    fn end(&mut self) -> Option<()> {
        self.space();
        (self.at == self.line.len()).then_some(())
    }

    fn value(&mut self) -> Option<Span> {
        self.space();
        let bytes = self.line.as_bytes();
        if bytes.get(self.at) == Some(&b'"') {
            let (from, to) = self.string()?;
            return Some(self.span(from, to));
        }
        let rest = self.line.get(self.at..)?;
        let length =
            rest.bytes().take_while(|b| !matches!(b, b',' | b'}' | b' ' | b'\t' | b'\r')).count();
        let word = rest.get(..length)?;
        let from = self.at;
        self.at += length;
        match word {
            "null" => Some(Span::default()),
            "true" | "false" => Some(self.span(from, self.at)),
            _ if is_number(word) => Some(self.span(from, self.at)),
            // Arrays and objects have no place in a row.
            _ => None,
        }
    }

    /// Reads a string and returns where it is: in the line, or behind its end for text that is in
    /// the side buffer because it had escapes.
    fn string(&mut self) -> Option<(usize, usize)> {
        let bytes = self.line.as_bytes();
        if bytes.get(self.at) != Some(&b'"') {
            return None;
        }
        let from = self.at + 1;
        let first = from + memchr::memchr2(b'"', b'\\', bytes.get(from..)?)?;
        if bytes.get(first) == Some(&b'"') {
            self.at = first + 1;
            // Control characters must be escaped (RFC 8259, section 7).
            let plain = bytes.get(from..first)?.iter().all(|byte| *byte >= 0x20);
            return plain.then_some((from, first));
        }
        let side_from = self.side.len();
        let mut at = from;
        loop {
            let special = at + memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
            self.side.push_str(self.line.get(at..special)?);
            if bytes.get(special) == Some(&b'"') {
                self.at = special + 1;
                let beyond = self.line.len() + 1;
                return Some((beyond + side_from, beyond + self.side.len()));
            }
            at = self.escape(special + 1)?;
        }
    }

    fn escape(&mut self, at: usize) -> Option<usize> {
        let character = match self.line.as_bytes().get(at)? {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let first = self.hex(at + 1)?;
                if !(0xd800..0xdc00).contains(&first) {
                    self.side.push(char::from_u32(first)?);
                    return Some(at + 5);
                }
                // Characters outside the basic plane come as two escapes.
                if self.line.get(at + 5..at + 7) != Some("\\u") {
                    return None;
                }
                let second = self.hex(at + 7)?.checked_sub(0xdc00).filter(|low| *low < 0x400)?;
                self.side.push(char::from_u32(0x10000 + ((first - 0xd800) << 10) + second)?);
                return Some(at + 11);
            }
            _ => return None,
        };
        self.side.push(character);
        Some(at + 1)
    }

    fn hex(&self, at: usize) -> Option<u32> {
        let digits = self.line.get(at..at + 4)?;
        digits
            .bytes()
            .all(|b| b.is_ascii_hexdigit())
            .then(|| u32::from_str_radix(digits, 16).ok())?
    }

    fn span(&self, from: usize, to: usize) -> Span {
        match from.checked_sub(self.line.len() + 1) {
            Some(side) => Span::new(self.base + side, self.base + side + (to - from)),
            None => Span::new(self.start + from, self.start + to),
        }
    }

    fn token(&mut self, wanted: u8) -> Option<()> {
        self.space();
        (self.line.as_bytes().get(self.at) == Some(&wanted)).then(|| self.at += 1)
    }

    fn space(&mut self) {
        let rest = self.line.as_bytes().get(self.at..).unwrap_or_default();
        self.at += rest.iter().take_while(|b| matches!(b, b' ' | b'\t' | b'\r')).count();
    }
}

/// A number without exponent; amounts and counts are written out.
fn is_number(word: &str) -> bool {
    let digits = word.strip_prefix('-').unwrap_or(word);
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    all_digits(whole) && all_digits(decimals)
}
