//! Keys for a service that goes on while they are rotated.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use crate::{ColumnKeys, TrustError};

/// The keys of a file, read again when it has changed.
#[derive(Debug)]
pub struct WatchedKeys {
    path: PathBuf,
    held: RwLock<Arc<ColumnKeys>>,
}

impl WatchedKeys {
    /// Reads the key file.
    ///
    /// # Errors
    ///
    /// As [`ColumnKeys::load`].
    pub fn load(path: &Path) -> Result<Self, TrustError> {
        let held = RwLock::new(Arc::new(ColumnKeys::load(path)?));
        Ok(Self { path: path.to_owned(), held })
    }

    /// The keys of the file as it is now: it is looked at on every call, and read when it has changed. Take them
    /// once for each piece of work, so that all of it is done with the same keys.
    ///
    /// # Errors
    ///
    /// As [`ColumnKeys::load`]; also while the file is not there or can't be used. Those held before are not
    /// given then: what they seal might never open.
    pub fn current(&self) -> Result<Arc<ColumnKeys>, TrustError> {
        let held = Arc::clone(&self.held.read().unwrap_or_else(PoisonError::into_inner));
        if !held.has_changed()? {
            return Ok(held);
        }
        let read = Arc::new(ColumnKeys::load(&self.path)?);
        *self.held.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&read);
        Ok(read)
    }
}
