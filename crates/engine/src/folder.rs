//! The data folder: where everything that the platform keeps on one machine lies.
//!
//! ```text
//! FORMAT            layout version, a number
//! huimin.db         the transaction plane (SQLite), where no database server has it
//! DATABASE          the id of the database that the folder belongs with
//! keys/             key of the sensitive columns
//! raw/ab/abcd…      delivered bytes, by their SHA-256
//! tables/<name>/    Delta tables
//! manifests/<n>.json, CURRENT   what is published
//! index/<run>/      person search
//! linkage/<run>/    what linking goes on from; can be deleted at any time, at the cost of one full run
//! lock              held by the run in progress
//! ```

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::EngineError;

/// The layout version that this program writes. 2: single rows of a table can be closed
/// ([`crate::closed_table`]), which a program of layout 1 would show.
pub const FORMAT_VERSION: u32 = 2;

/// A data folder whose layout version has been checked.
#[derive(Debug, Clone)]
pub struct DataFolder {
    root: PathBuf,
}

/// The right to write into the data folder; given back when dropped, or when the process dies.
#[derive(Debug)]
pub struct RunLock {
    _file: File,
}

impl DataFolder {
    /// Opens a data folder.
    ///
    /// # Errors
    ///
    /// [`EngineError::NoDataFolder`], [`EngineError::NewerFormat`] and [`EngineError::PercentInPath`].
    pub fn open(root: &Path) -> Result<Self, EngineError> {
        check_path(root)?;
        let found = format_of(root)?;
        if found > FORMAT_VERSION {
            return Err(EngineError::NewerFormat {
                path: root.to_owned(),
                found,
                known: FORMAT_VERSION,
            });
        }
        Ok(Self { root: root.to_owned() })
    }

    /// Opens a data folder, making an empty one where there is none.
    ///
    /// # Errors
    ///
    /// As [`DataFolder::open`]; a folder that holds other files is refused as damaged.
    pub fn open_or_create(root: &Path) -> Result<Self, EngineError> {
        if root.join("FORMAT").exists() {
            return Self::open(root);
        }
        check_path(root)?;
        if let Ok(mut entries) = fs::read_dir(root)
            && entries.next().is_some()
        {
            return Err(EngineError::Damaged {
                path: root.to_owned(),
                reason:
                    "the folder is not empty and has no FORMAT file, so it is not a data folder"
                        .to_owned(),
            });
        }
        for folder in ["keys", "raw", "tables", "manifests", "index"] {
            let path = root.join(folder);
            fs::create_dir_all(&path).map_err(EngineError::io("make the folder", path))?;
        }
        // FORMAT comes last: a folder with it is complete.
        write_format(root)?;
        Ok(Self { root: root.to_owned() })
    }

    /// The folder itself.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where the Delta tables lie.
    #[must_use]
    pub fn tables_dir(&self) -> PathBuf {
        self.root.join("tables")
    }

    /// Where delivered bytes lie by their hash.
    #[must_use]
    pub fn raw_dir(&self) -> PathBuf {
        self.root.join("raw")
    }

    /// The key file of the sensitive columns.
    #[must_use]
    pub fn key_file(&self) -> PathBuf {
        self.root.join("keys").join("column.key")
    }

    /// The file of the key that the audit trail's log is signed with.
    #[must_use]
    pub fn audit_key_file(&self) -> PathBuf {
        self.root.join("keys").join("audit.key")
    }

    /// The file of the head of the audit log that was signed here last.
    #[must_use]
    pub fn audit_head_file(&self) -> PathBuf {
        self.root.join("AUDIT")
    }

    /// Remembers the head of the audit log that was signed last. Several programs may do so at once.
    ///
    /// # Errors
    ///
    /// When the file can't be written; it is as it was then.
    pub fn remember_audit_head(&self, note: &[u8]) -> Result<(), EngineError> {
        let file = self.audit_head_file();
        let written = self.temporary("AUDIT", note)?;
        written.persist(&file).map_err(|error| EngineError::io("rename", &file)(error.error))?;
        sync_dir(&self.root)
    }

    /// The SQLite file of the transaction plane.
    #[must_use]
    pub fn database_file(&self) -> PathBuf {
        self.root.join("huimin.db")
    }

    /// What the folder remembers of its database; `None` before it was opened with one.
    ///
    /// # Errors
    ///
    /// When the file can't be read.
    pub fn database(&self) -> Result<Option<String>, EngineError> {
        let path = self.root.join("DATABASE");
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Some(text.trim().to_owned())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(EngineError::io("read", path)(error)),
        }
    }

    /// Remembers something of its database if it remembers nothing yet, and returns what it remembers:
    /// of two programs that start at once, both get the same.
    ///
    /// # Errors
    ///
    /// When the file can't be written or read.
    pub fn remember_first_database(&self, text: &str) -> Result<String, EngineError> {
        let path = self.root.join("DATABASE");
        let written = self.temporary("DATABASE", format!("{text}\n").as_bytes())?;
        match written.persist_noclobber(&path).map_err(|error| error.error) {
            Ok(_) => sync_dir(&self.root)?,
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(EngineError::io("write", path)(error)),
        }
        Ok(self.database()?.unwrap_or_default())
    }

    /// A small file that the disk has, under a name that no other program gives: in containers each is process 1.
    fn temporary(&self, prefix: &str, bytes: &[u8]) -> Result<NamedTempFile, EngineError> {
        use std::io::Write as _;

        let failed = |what| EngineError::io(what, &self.root);
        let mut file = tempfile::Builder::new()
            .prefix(&format!("{prefix}."))
            .suffix(".tmp")
            .tempfile_in(&self.root)
            .map_err(failed("create a file in"))?;
        file.write_all(bytes).map_err(EngineError::io("write", file.path()))?;
        file.as_file().sync_all().map_err(EngineError::io("flush", file.path()))?;
        Ok(file)
    }

    /// Remembers something of its database, on one line.
    ///
    /// # Errors
    ///
    /// When the file can't be written.
    pub fn remember_database(&self, text: &str) -> Result<(), EngineError> {
        write_atomically(&self.root.join("DATABASE"), format!("{text}\n").as_bytes())
    }

    /// Where person search indexes lie, one folder a run.
    #[must_use]
    pub fn index_dir(&self) -> PathBuf {
        self.root.join("index")
    }

    /// Where the linking step keeps what the next run goes on from, one folder a run. It is made from
    /// the tables and can be deleted at any time.
    #[must_use]
    pub fn linkage_dir(&self) -> PathBuf {
        self.root.join("linkage")
    }

    /// Marks an older folder as being of this program's layout, so that an older program leaves it alone.
    fn raise_format(&self) -> Result<(), EngineError> {
        if format_of(&self.root)? < FORMAT_VERSION {
            write_format(&self.root)?;
        }
        Ok(())
    }

    /// Takes the run lock, without waiting. From then on the folder is of this program's layout.
    ///
    /// The operating system gives it back when the process ends in whatever way, so a killed run
    /// never leaves a stale lock.
    ///
    /// # Errors
    ///
    /// [`EngineError::Locked`] when another process holds it.
    pub fn lock(&self) -> Result<RunLock, EngineError> {
        let path = self.root.join("lock");
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(EngineError::io("open", &path))?;
        match file.try_lock() {
            Ok(()) => {
                self.raise_format()?;
                Ok(RunLock { _file: file })
            }
            Err(TryLockError::WouldBlock) => Err(EngineError::Locked { path: self.root.clone() }),
            Err(TryLockError::Error(source)) => Err(EngineError::Io { what: "lock", path, source }),
        }
    }
}

fn write_format(root: &Path) -> Result<(), EngineError> {
    write_atomically(&root.join("FORMAT"), format!("{FORMAT_VERSION}\n").as_bytes())
}

/// Tables are addressed by URL, and the Delta library decodes a path once more than it encodes it, so
/// that `%20` in a folder's name would lead to another folder.
fn check_path(root: &Path) -> Result<(), EngineError> {
    let path = std::path::absolute(root).map_err(EngineError::io("find", root))?;
    if path.as_os_str().as_encoded_bytes().contains(&b'%') {
        return Err(EngineError::PercentInPath { path });
    }
    Ok(())
}

/// The layout version that stands in a folder.
fn format_of(root: &Path) -> Result<u32, EngineError> {
    let path = root.join("FORMAT");
    let text = fs::read_to_string(&path).map_err(|error| {
        if error.kind() == std::io::ErrorKind::NotFound {
            EngineError::NoDataFolder { path: root.to_owned() }
        } else {
            EngineError::Io { what: "read", path: path.clone(), source: error }
        }
    })?;
    text.trim().parse().map_err(|_| EngineError::Damaged {
        path,
        reason: "a layout version number was expected".to_owned(),
    })
}

/// Writes a small file so that readers see the old or the new content, also after a power cut.
pub(crate) fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), EngineError> {
    let temporary = path.with_extension("tmp");
    write_durably(&temporary, bytes)?;
    fs::rename(&temporary, path).map_err(EngineError::io("rename", path))?;
    if let Some(parent) = path.parent() {
        sync_dir(parent)?;
    }
    Ok(())
}

/// Writes a small file and waits until the disk has it.
fn write_durably(path: &Path, bytes: &[u8]) -> Result<(), EngineError> {
    use std::io::Write as _;

    let mut file = File::create(path).map_err(EngineError::io("create", path))?;
    file.write_all(bytes).map_err(EngineError::io("write", path))?;
    file.sync_all().map_err(EngineError::io("flush", path))
}

/// Makes the names in a folder durable.
pub(crate) fn sync_dir(path: &Path) -> Result<(), EngineError> {
    File::open(path)
        .and_then(|dir| dir.sync_all())
        .map_err(EngineError::io("flush the folder", path))
}
