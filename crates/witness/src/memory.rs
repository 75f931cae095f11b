//! What a witness has seen: a folder with a file for each log, the checkpoint that was co-signed last.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::WitnessError;

/// The folder, held for one program.
#[derive(Debug)]
pub(crate) struct Memory {
    folder: PathBuf,
    /// Let go with the program.
    _lock: File,
}

impl Memory {
    /// Opens the folder, or makes it.
    pub(crate) fn open(folder: &Path) -> Result<Self, WitnessError> {
        fs::create_dir_all(folder).map_err(WitnessError::io("make", folder))?;
        let path = folder.join("lock");
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(WitnessError::io("open", &path))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { folder: folder.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(WitnessError::Held { path: folder.to_owned() }),
            Err(TryLockError::Error(source)) => Err(WitnessError::io("lock", path)(source)),
        }
    }

    /// The checkpoint of a log that was co-signed last, and its file; `None` before there was one.
    pub(crate) fn last(&self, origin: &str) -> Result<Option<(PathBuf, Vec<u8>)>, WitnessError> {
        let path = self.file(origin);
        match fs::read(&path) {
            Ok(note) => Ok(Some((path, note))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(WitnessError::io("read", path)(source)),
        }
    }

    /// Remembers a checkpoint; on disk when this is done.
    pub(crate) fn remember(&self, origin: &str, note: &[u8]) -> Result<(), WitnessError> {
        let path = self.file(origin);
        let failed = |what| WitnessError::io(what, &path);
        let mut file =
            tempfile::NamedTempFile::new_in(&self.folder).map_err(failed("write beside"))?;
        file.write_all(note).map_err(failed("write"))?;
        file.as_file().sync_all().map_err(failed("flush"))?;
        file.persist(&path).map_err(|error| failed("replace")(error.error))?;
        let folder = File::open(&self.folder).map_err(WitnessError::io("open", &self.folder))?;
        folder.sync_all().map_err(WitnessError::io("flush", &self.folder))
    }

    /// An origin may have any signs in it, so that its hash names the file.
    fn file(&self, origin: &str) -> PathBuf {
        self.folder.join(format!("{:x}.checkpoint", Sha256::digest(origin)))
    }
}
