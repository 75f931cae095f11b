//! Files with their sums.

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::error::SimError;

/// A file whose sum is taken while it is written.
pub(super) struct SummedFile {
    path: PathBuf,
    file: BufWriter<File>,
    sum: Sha256,
}

impl SummedFile {
    pub(super) fn create(path: &Path) -> Result<Self, SimError> {
        let file = File::create(path).map_err(SimError::file("create", path))?;
        Ok(Self {
            path: path.to_path_buf(),
            file: BufWriter::with_capacity(1 << 18, file),
            sum: Sha256::new(),
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn finish(mut self) -> Result<String, SimError> {
        self.file.flush().map_err(SimError::file("write", &self.path))?;
        Ok(hex(&self.sum.finalize()))
    }
}

impl Write for SummedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write_all(bytes)?;
        self.sum.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// The sum of a file that a library wrote.
pub(super) fn sum_of(path: &Path) -> Result<String, SimError> {
    let mut file = File::open(path).map_err(SimError::file("read", path))?;
    let mut sum = Sha256::new();
    let mut buffer = vec![0; 1 << 18];
    loop {
        let count = file.read(&mut buffer).map_err(SimError::file("read", path))?;
        if count == 0 {
            return Ok(hex(&sum.finalize()));
        }
        sum.update(buffer.get(..count).unwrap_or_default());
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string can't fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
