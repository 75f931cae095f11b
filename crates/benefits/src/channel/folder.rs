//! A folder into which instruction files are laid, and one from which receipts are taken.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::{
    Channel, ChannelError, InstructionFile, ReceiptLine, at_path, instruction_bytes, parse_receipts,
};
use crate::model::ReceiptKind;

/// The fiscal platform behind two folders: somebody, or a transfer service, carries the files.
#[derive(Debug, Clone)]
pub struct FiscalFolder {
    out: PathBuf,
    back: PathBuf,
}

impl FiscalFolder {
    /// Instruction files go into `out` as `<batch>.<n>.csv`; receipt files are read from `back`,
    /// those whose name begins with the batch's id and ends in `.csv`.
    #[must_use]
    pub fn new(out: &Path, back: &Path) -> Self {
        Self { out: out.to_owned(), back: back.to_owned() }
    }

    fn files(folder: &Path, batch_id: &str) -> Result<Vec<PathBuf>, ChannelError> {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(at_path(folder)(error)),
        };
        let mut found = Vec::new();
        for entry in entries {
            let path = entry.map_err(at_path(folder))?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let rest = name.strip_prefix(batch_id).and_then(|rest| rest.strip_suffix(".csv"));
            // `2024-01-01` must not take the files of `2024-01-010`.
            if rest.is_some_and(|rest| !rest.starts_with(|first: char| first.is_ascii_digit())) {
                found.push(path);
            }
        }
        found.sort();
        Ok(found)
    }
}

#[async_trait::async_trait]
impl Channel for FiscalFolder {
    fn name(&self) -> &'static str {
        "fiscal-folder"
    }

    async fn send(&self, file: &InstructionFile) -> Result<(), ChannelError> {
        fs::create_dir_all(&self.out).map_err(at_path(&self.out))?;
        let number = Self::files(&self.out, &file.batch_id)?.len() + 1;
        let path = self.out.join(format!("{}.{number}.csv", file.batch_id));
        write_whole(&path, &instruction_bytes(file)).map_err(at_path(&path))
    }

    async fn ask(&self, batch_id: &str) -> Result<Vec<ReceiptLine>, ChannelError> {
        let mut lines = Vec::new();
        for path in Self::files(&self.out, batch_id)? {
            let bytes = fs::read(&path).map_err(at_path(&path))?;
            lines.extend(accepted(&path, &bytes)?);
        }
        for path in Self::files(&self.back, batch_id)? {
            let bytes = fs::read(&path).map_err(at_path(&path))?;
            lines.extend(parse_receipts(&path.display().to_string(), &bytes)?);
        }
        Ok(lines)
    }
}

/// The instructions of a file that was laid out: they have arrived.
fn accepted(path: &Path, bytes: &[u8]) -> Result<Vec<ReceiptLine>, ChannelError> {
    let fault = |reason: String| ChannelError::Answer { place: path.display().to_string(), reason };
    let mut lines = Vec::new();
    for record in csv::ReaderBuilder::new().from_reader(bytes).records() {
        let record = record.map_err(|error| fault(error.to_string()))?;
        let instruction =
            record.get(2).ok_or_else(|| fault("an instruction file was expected".to_owned()))?;
        lines.push(ReceiptLine {
            instruction_id: instruction.to_owned(),
            receipt_no: String::new(),
            kind: ReceiptKind::Accepted,
            reason: None,
            amount_fen: 0,
            on: String::new(),
        });
    }
    Ok(lines)
}

/// Writes a file so that whoever looks finds the whole of it or nothing, also after a power cut.
fn write_whole(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let temporary = path.with_extension("tmp");
    let mut file = File::create(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&temporary, path)?;
    if let Some(folder) = path.parent() {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}
