//! Keys for a service that goes on while they are rotated.

use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use crate::{ColumnKeys, TrustError};

/// The keys of a file, read again when it has changed. Keys that came from elsewhere stay as they are.
#[derive(Debug)]
pub struct WatchedKeys {
    held: RwLock<Arc<ColumnKeys>>,
}

impl From<ColumnKeys> for WatchedKeys {
    fn from(keys: ColumnKeys) -> Self {
        Self { held: RwLock::new(Arc::new(keys)) }
    }
}

impl WatchedKeys {
    /// Reads the key file.
    ///
    /// # Errors
    ///
    /// As [`ColumnKeys::load`].
    pub fn load(path: &Path) -> Result<Self, TrustError> {
        ColumnKeys::load(path).map(Self::from)
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
        let Some(path) = held.changed_file()? else { return Ok(held) };
        let read = Arc::new(ColumnKeys::load(path)?);
        *self.held.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&read);
        Ok(read)
    }
}
