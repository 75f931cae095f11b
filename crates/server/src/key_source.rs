//! Where the keys of an installation come from: files of the data folder, or the environment.

use std::env;
use std::fmt;

use engine::DataFolder;
use trust::log::LogKey;
use trust::{ColumnKeys, Suite, TrustError};
use zeroize::Zeroizing;

/// The environment variable with the keys of the sealed columns.
pub const COLUMN_KEYS: &str = "HUIMIN_COLUMN_KEYS";
/// The environment variable with the key of the audit log.
pub const AUDIT_KEY: &str = "HUIMIN_AUDIT_KEY";

/// Where the keys come from.
#[derive(Clone, Default)]
pub enum KeySource {
    /// Files of the data folder, made where they are needed first.
    #[default]
    Folder,
    /// Texts of the form that these files have, which somebody else keeps.
    Environment {
        /// The keys of the sealed columns.
        column: Zeroizing<String>,
        /// The key of the audit log.
        audit: Zeroizing<String>,
    },
}

/// Why the environment gives no keys.
#[derive(Debug, thiserror::Error)]
pub enum KeySourceError {
    /// One of the two is missing.
    #[error(
        "`{given}` is set and `{missing}` is not; set both, or neither to take the keys from the data folder"
    )]
    Half {
        /// The variable that is there.
        given: &'static str,
        /// The one that is not.
        missing: &'static str,
    },
}

impl KeySource {
    /// The environment, where it has keys, else the data folder.
    ///
    /// # Errors
    ///
    /// [`KeySourceError::Half`].
    pub fn from_environment() -> Result<Self, KeySourceError> {
        let read = |name| {
            let text = env::var(name).unwrap_or_default();
            Some(Zeroizing::new(text)).filter(|text| !text.trim().is_empty())
        };
        match (read(COLUMN_KEYS), read(AUDIT_KEY)) {
            (None, None) => Ok(Self::Folder),
            (Some(column), Some(audit)) => Ok(Self::Environment { column, audit }),
            (Some(_), None) => Err(KeySourceError::Half { given: COLUMN_KEYS, missing: AUDIT_KEY }),
            (None, Some(_)) => Err(KeySourceError::Half { given: AUDIT_KEY, missing: COLUMN_KEYS }),
        }
    }

    /// Whether they are files of the data folder, which this program can make and change.
    #[must_use]
    pub fn is_folder(&self) -> bool {
        matches!(self, Self::Folder)
    }

    /// The keys of the sealed columns, which have to be there.
    ///
    /// # Errors
    ///
    /// As [`ColumnKeys::load`] and [`ColumnKeys::parse`].
    pub fn column(&self, folder: &DataFolder) -> Result<ColumnKeys, TrustError> {
        match self {
            Self::Folder => ColumnKeys::load(&folder.key_file()),
            Self::Environment { column, .. } => ColumnKeys::parse(column, &variable(COLUMN_KEYS)),
        }
    }

    /// The keys of the sealed columns of a folder that may be new.
    ///
    /// # Errors
    ///
    /// As [`ColumnKeys::load_or_create`] and [`ColumnKeys::parse`].
    pub fn column_or_new(&self, folder: &DataFolder) -> Result<ColumnKeys, TrustError> {
        match self {
            Self::Folder => ColumnKeys::load_or_create(&folder.key_file()),
            Self::Environment { .. } => self.column(folder),
        }
    }

    /// The key of the audit log, which has to be there. `name` is that of the log.
    ///
    /// # Errors
    ///
    /// As [`LogKey::load`] and [`LogKey::parse`].
    pub fn audit(&self, folder: &DataFolder, name: &str) -> Result<LogKey, TrustError> {
        match self {
            Self::Folder => LogKey::load(&folder.audit_key_file(), name),
            Self::Environment { audit, .. } => LogKey::parse(audit, &variable(AUDIT_KEY), name),
        }
    }

    /// The key of an audit log that has no entry yet; of the suite of the sealed columns when it is made now.
    ///
    /// # Errors
    ///
    /// As [`LogKey::load_or_create_of`] and [`LogKey::parse`].
    pub fn audit_or_new(&self, folder: &DataFolder, name: &str) -> Result<LogKey, TrustError> {
        match self {
            Self::Folder => {
                let suite = suite(folder)?;
                LogKey::load_or_create_of(&folder.audit_key_file(), suite, name)
            }
            Self::Environment { .. } => self.audit(folder, name),
        }
    }
}

/// The suite of a data folder's keys; the international one before there is any.
fn suite(folder: &DataFolder) -> Result<Suite, TrustError> {
    match ColumnKeys::load(&folder.key_file()) {
        Ok(keys) => Ok(keys.suite()),
        Err(TrustError::Missing { .. }) => Ok(Suite::International),
        Err(error) => Err(error),
    }
}

fn variable(name: &str) -> String {
    format!("environment variable `{name}`")
}

/// Says nothing of a key.
impl fmt::Debug for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_folder() { "Folder" } else { "Environment" })
    }
}
