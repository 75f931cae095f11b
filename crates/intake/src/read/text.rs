//! Text files in pieces of whole records.

use std::fs::File;
use std::io::Read as _;

use memchr::{memchr, memchr_iter, memrchr};

use super::records::Records;
use super::{Feed, LONGEST_RECORD, decode};
use crate::IntakeError;

/// Bytes of a piece: some thousand rows, so that the work on a piece outweighs handing it over.
const PIECE: usize = 1 << 20;

/// How the file's records are separated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Separation {
    /// A line is a record.
    Lines,
    /// A record is a line unless a quoted cell goes on.
    Csv,
}

/// A text file that is read in pieces of whole records.
pub(super) struct TextFile<'a> {
    feed: Feed<'a>,
    separation: Separation,
    file: File,
    /// What has been read and not been handed on.
    buffer: Vec<u8>,
    ended: bool,
    /// Line number of the buffer's first byte.
    pub(super) line: u64,
    /// Position of the buffer's first byte in the file.
    pub(super) offset: u64,
}

impl<'a> TextFile<'a> {
    /// Opens the file and skips its byte order mark.
    pub(super) fn open(feed: Feed<'a>, separation: Separation) -> Result<Self, IntakeError> {
        let file = File::open(feed.path).map_err(IntakeError::io("open", feed.path))?;
        let mut text =
            Self { feed, separation, file, buffer: Vec::new(), ended: false, line: 1, offset: 0 };
        text.fill(PIECE)?;
        let skip = decode::mark(&text.buffer, feed.layout.contract.encoding)
            .map_err(|reason| feed.encoding_error(reason))?;
        text.take(skip);
        Ok(text)
    }

    /// Takes the first record, with its line end.
    pub(super) fn first(&mut self) -> Result<Option<Vec<u8>>, IntakeError> {
        loop {
            let end = match self.separation {
                Separation::Lines => memchr(b'\n', &self.buffer).map(|at| at + 1),
                Separation::Csv => {
                    let mut records = Records::new(&self.buffer, self.ended);
                    records.next().map(|_| records.position())
                }
            };
            match end {
                Some(end) => return Ok(Some(self.take(end))),
                None if self.ended => {
                    let rest = self.buffer.len();
                    return Ok((rest > 0).then(|| self.take(rest)));
                }
                None => self.more()?,
            }
        }
    }

    /// Takes the next piece: its bytes, the line number and the position of the first one.
    pub(super) fn piece(&mut self) -> Result<Option<(Vec<u8>, u64, u64)>, IntakeError> {
        self.fill(PIECE)?;
        loop {
            if self.ended {
                let rest = self.buffer.len();
                if rest == 0 {
                    return Ok(None);
                }
                self.check_end()?;
                let (line, offset) = (self.line, self.offset);
                return Ok(Some((self.take(rest), line, offset)));
            }
            let end = self.complete();
            if end > 0 {
                let (line, offset) = (self.line, self.offset);
                return Ok(Some((self.take(end), line, offset)));
            }
            self.more()?;
        }
    }

    /// The end of the last complete record.
    fn complete(&self) -> usize {
        // Without a quotation mark the last line end is the last record's.
        if self.separation == Separation::Lines || memchr(b'"', &self.buffer).is_none() {
            return memrchr(b'\n', &self.buffer).map_or(0, |at| at + 1);
        }
        let mut records = Records::new(&self.buffer, false);
        while records.next().is_some() {}
        records.position()
    }

    /// A file whose bytes are not known to be all that was sent must end with a line end or a whole
    /// record; a JSON object is whole when it is closed.
    fn check_end(&self) -> Result<(), IntakeError> {
        if self.feed.whole || self.buffer.ends_with(b"\n") {
            return Ok(());
        }
        let start = memrchr(b'\n', &self.buffer).map_or(0, |at| at + 1);
        let last = self.buffer.get(start..).unwrap_or_default();
        let torn = match self.separation {
            Separation::Lines => !last.trim_ascii_end().ends_with(b"}"),
            Separation::Csv => {
                let cells = memchr_iter(b',', last).count() + 1;
                !last.contains(&b'"') && cells < self.feed.layout.fields.len()
            }
        };
        if torn {
            return Err(IntakeError::TornLine {
                dataset: self.feed.layout.dataset().to_owned(),
                path: self.feed.shown.to_owned(),
                line: self.line + memchr_iter(b'\n', &self.buffer).count() as u64,
            });
        }
        Ok(())
    }

    /// Reads on until the buffer holds `size` bytes or the file ends.
    fn fill(&mut self, size: usize) -> Result<(), IntakeError> {
        while !self.ended && self.buffer.len() < size {
            let wanted = (size - self.buffer.len()) as u64;
            let read = (&mut self.file)
                .take(wanted)
                .read_to_end(&mut self.buffer)
                .map_err(IntakeError::io("read", self.feed.path))?;
            self.ended = read == 0;
        }
        Ok(())
    }

    /// Reads on because no record is complete yet.
    fn more(&mut self) -> Result<(), IntakeError> {
        if self.buffer.len() >= LONGEST_RECORD {
            return Err(self.feed.format_error(format!(
                "line {} is longer than {} MiB",
                self.line,
                LONGEST_RECORD >> 20
            )));
        }
        self.fill(self.buffer.len() + PIECE)
    }

    fn take(&mut self, length: usize) -> Vec<u8> {
        let rest = self.buffer.split_off(length.min(self.buffer.len()));
        let taken = std::mem::replace(&mut self.buffer, rest);
        self.line += memchr_iter(b'\n', &taken).count() as u64;
        self.offset += taken.len() as u64;
        taken
    }
}
