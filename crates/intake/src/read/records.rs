//! Where the records of a CSV file begin and end (RFC 4180).
//!
//! Works on bytes before decoding: no byte of a character of several bytes is a comma, a quotation
//! mark or a line end, neither in UTF-8 nor in GB 18030, whose later bytes are 0x30 to 0x39 or 0x40
//! and above.

use std::ops::Range;

use memchr::{memchr, memchr2};

/// Longest quoted record. A quotation mark that is not closed within it is taken for a fault of its
/// line, so that it can't swallow the rest of the file.
const LONGEST_QUOTED: usize = 64 << 10;

/// A record, without its line end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) range: Range<usize>,
    pub(super) shape: Shape,
    /// Lines that it takes up.
    pub(super) lines: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// No quotation mark at all.
    Plain,
    /// Some cells may be quoted.
    Quoted,
    /// A quotation mark is not closed, or is closed in the middle of a cell; the record is then one
    /// line.
    Broken,
}

/// The records of a piece of a file.
pub(super) struct Records<'b> {
    bytes: &'b [u8],
    at: usize,
    /// Whether nothing follows the bytes.
    last: bool,
}

enum Scan {
    End(usize),
    Broken,
    Incomplete,
}

impl<'b> Records<'b> {
    pub(super) fn new(bytes: &'b [u8], last: bool) -> Self {
        Self { bytes, at: 0, last }
    }

    /// Where the next record begins, which is the end of all complete ones.
    pub(super) fn position(&self) -> usize {
        self.at
    }

    fn quoted(&self) -> Scan {
        let mut at = self.at;
        loop {
            let after = if self.bytes.get(at) == Some(&b'"') {
                match self.closing(at + 1) {
                    Ok(after) => after,
                    Err(scan) => return scan,
                }
            } else {
                match self.bytes.get(at..).and_then(|rest| memchr2(b',', b'\n', rest)) {
                    Some(distance) => at + distance,
                    None if self.last => return Scan::End(self.bytes.len()),
                    None => return Scan::Incomplete,
                }
            };
            match self.bytes.get(after) {
                Some(b',') => at = after + 1,
                Some(_) => return Scan::End(after),
                None => return Scan::End(self.bytes.len()),
            }
        }
    }

    /// From behind an opening quotation mark to the comma or line end behind the closing one.
    fn closing(&self, start: usize) -> Result<usize, Scan> {
        let limit = self.at + LONGEST_QUOTED;
        let mut at = start;
        loop {
            let window = self.bytes.get(at..limit.min(self.bytes.len())).unwrap_or_default();
            let Some(distance) = memchr(b'"', window) else {
                let may_come = !self.last && self.bytes.len() < limit;
                return Err(if may_come { Scan::Incomplete } else { Scan::Broken });
            };
            let mark = at + distance;
            match (self.bytes.get(mark + 1), self.bytes.get(mark + 2)) {
                (Some(b'"'), _) => at = mark + 2,
                (Some(b',' | b'\n'), _) => return Ok(mark + 1),
                (Some(b'\r'), Some(b'\n')) => return Ok(mark + 2),
                (Some(b'\r') | None, None) if self.last => return Ok(self.bytes.len()),
                (Some(b'\r') | None, None) => return Err(Scan::Incomplete),
                _ => return Err(Scan::Broken),
            }
        }
    }
}

impl Iterator for Records<'_> {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        let rest = self.bytes.get(self.at..).filter(|rest| !rest.is_empty())?;
        let line = match memchr(b'\n', rest) {
            Some(distance) => self.at + distance,
            None if self.last => self.bytes.len(),
            None => return None,
        };
        let (end, shape) = match memchr(b'"', self.bytes.get(self.at..line).unwrap_or_default()) {
            None => (line, Shape::Plain),
            Some(_) => match self.quoted() {
                Scan::End(end) => (end, Shape::Quoted),
                Scan::Broken => (line, Shape::Broken),
                Scan::Incomplete => return None,
            },
        };
        let text = self.bytes.get(self.at..end).unwrap_or_default();
        let lines =
            if end == line { 1 } else { 1 + memchr::memchr_iter(b'\n', text).count() as u64 };
        let range = self.at..end - usize::from(text.ends_with(b"\r"));
        self.at = (end + 1).min(self.bytes.len());
        Some(Record { range, shape, lines })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, last: bool, expected: &[(&str, Shape)], left: &str) {
        let mut records = Records::new(text.as_bytes(), last);
        let found: Vec<_> =
            records.by_ref().map(|record| (&text[record.range], record.shape)).collect();
        assert_eq!(found, expected, "{text:?}");
        assert_eq!(&text[records.position()..], left, "{text:?}");
    }

    #[test]
    fn a_record_is_a_line_unless_a_quoted_cell_goes_on() {
        check("a,b\nc,d\r\n", false, &[("a,b", Shape::Plain), ("c,d", Shape::Plain)], "");
        check(
            "a,\"b\nb\",c\nd\n",
            false,
            &[("a,\"b\nb\",c", Shape::Quoted), ("d", Shape::Plain)],
            "",
        );
        check(
            "a,\"b\"\"\n\"\"\"\r\nd\n",
            false,
            &[("a,\"b\"\"\n\"\"\"", Shape::Quoted), ("d", Shape::Plain)],
            "",
        );
        check("a,b\"c,d\n", false, &[("a,b\"c,d", Shape::Quoted)], "");
        check("\"\",\"\"\n", false, &[("\"\",\"\"", Shape::Quoted)], "");
    }

    #[test]
    fn what_is_incomplete_waits_for_more_unless_nothing_follows() {
        check("a\nb", false, &[("a", Shape::Plain)], "b");
        check("a\nb", true, &[("a", Shape::Plain), ("b", Shape::Plain)], "");
        check("a\n\"b", false, &[("a", Shape::Plain)], "\"b");
        check("a\n\"b\"", false, &[("a", Shape::Plain)], "\"b\"");
        check("a\n\"b\"", true, &[("a", Shape::Plain), ("\"b\"", Shape::Quoted)], "");
        check("a\n\"b\"\r", true, &[("a", Shape::Plain), ("\"b\"", Shape::Quoted)], "");
        check("", true, &[], "");
        check("\n\n", true, &[("", Shape::Plain), ("", Shape::Plain)], "");
    }

    #[test]
    fn a_quotation_mark_that_is_not_closed_costs_its_own_line_only() {
        check(
            "a,\"b\nc,\"d\"\n",
            true,
            &[("a,\"b", Shape::Broken), ("c,\"d\"", Shape::Quoted)],
            "",
        );
        check("a,\"b\nc,d\n", true, &[("a,\"b", Shape::Broken), ("c,d", Shape::Plain)], "");
        check("a,\"b\"x\nc\n", true, &[("a,\"b\"x", Shape::Broken), ("c", Shape::Plain)], "");
        let long = format!("a,\"b\n{}", "c,d\n".repeat(LONGEST_QUOTED / 4 + 1));
        let first = Records::new(long.as_bytes(), false).next();
        assert_eq!(first, Some(Record { range: 0..4, shape: Shape::Broken, lines: 1 }));
    }
}
