//! CSV files in the encodings that departments use.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::sums::SummedFile;
use super::{Line, Shape};
use crate::dataset::{Encoding, Spec};
use crate::error::SimError;

pub(super) struct CsvFile {
    path: PathBuf,
    writer: csv::Writer<Encoded>,
}

impl CsvFile {
    pub(super) fn create(path: &Path, spec: &Spec) -> Result<Self, SimError> {
        let mut file = SummedFile::create(path)?;
        if spec.encoding == Encoding::Utf8Bom {
            file.write_all("\u{feff}".as_bytes()).map_err(SimError::file("write", path))?;
        }
        let gb18030 =
            (spec.encoding == Encoding::Gb18030).then(|| encoding_rs::GB18030.new_encoder());
        // Files of office programs end their lines with CR LF.
        let terminator = if spec.encoding == Encoding::Utf8 {
            csv::Terminator::Any(b'\n')
        } else {
            csv::Terminator::CRLF
        };
        let mut writer = csv::WriterBuilder::new()
            .terminator(terminator)
            .flexible(true)
            .from_writer(Encoded { file, gb18030, rest: Vec::new() });
        writer
            .write_record(spec.columns.iter().map(|(header, _)| header))
            .map_err(|error| failed(path, error))?;
        Ok(Self { path: path.to_path_buf(), writer })
    }

    pub(super) fn write(&mut self, line: &Line) -> Result<(), SimError> {
        let count = match line.shape {
            Shape::MissingColumn => line.len().saturating_sub(1),
            _ => line.len(),
        };
        let extra = (line.shape == Shape::ExtraColumn).then_some("补录");
        self.writer
            .write_record(line.cells().take(count).chain(extra))
            .map_err(|error| failed(&self.path, error))
    }

    pub(super) fn finish(self) -> Result<String, SimError> {
        let path = self.path;
        let encoded = self.writer.into_inner().map_err(|error| SimError::File {
            action: "write",
            path,
            source: io::Error::other(error.error().to_string()),
        })?;
        encoded.file.finish()
    }
}

fn failed(path: &Path, error: csv::Error) -> SimError {
    SimError::File { action: "write", path: path.to_path_buf(), source: error.into() }
}

/// Passes UTF-8 on to a file, in another encoding if there is one.
struct Encoded {
    file: SummedFile,
    gb18030: Option<encoding_rs::Encoder>,
    /// The beginning of a character whose end hasn't come yet.
    rest: Vec<u8>,
}

impl Write for Encoded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(encoder) = &mut self.gb18030 else {
            self.file.write_all(bytes)?;
            return Ok(bytes.len());
        };
        self.rest.extend_from_slice(bytes);
        let whole = match std::str::from_utf8(&self.rest) {
            Ok(text) => text,
            // Up to there it has just been found to be text.
            Err(error) => {
                std::str::from_utf8(self.rest.get(..error.valid_up_to()).unwrap_or_default())
                    .unwrap_or_default()
            }
        };
        let mut out = Vec::with_capacity(
            encoder.max_buffer_length_from_utf8_if_no_unmappables(whole.len()).unwrap_or(64),
        );
        // GB 18030 has a code for every character, hence nothing is unmappable.
        let _ = encoder.encode_from_utf8_to_vec(whole, &mut out, false);
        self.file.write_all(&out)?;
        let used = whole.len();
        self.rest.drain(..used);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
