//! The database of a data folder: a file in it, or one on a server.

use std::path::PathBuf;

use engine::{DataFolder, EngineError};
use store::sea_orm::DatabaseConnection;
use store::{MigrationSet, SchemaStatus, StoreError};

/// The tables of all crates above the store, lowest floor first.
const SETS: [fn() -> MigrationSet; 2] = [benefits::migrations, crate::migrations];

/// Why the database of a data folder can't be used.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// The database is another one than before.
    #[error(
        "data folder `{folder}` belongs with another database; give the URL of the one that it was made with by --database or HUIMIN_DATABASE"
    )]
    Other {
        /// The data folder.
        folder: PathBuf,
    },
    /// The data folder has a database file of its own, and another database was given.
    #[error(
        "data folder `{folder}` has its own database file `huimin.db`; leave --database and HUIMIN_DATABASE out"
    )]
    OwnFile {
        /// The data folder.
        folder: PathBuf,
    },
    /// There is no database yet.
    #[error("data folder `{folder}` has no database yet; `huimin db migrate` makes it")]
    None {
        /// The data folder.
        folder: PathBuf,
    },
    /// No random number can be had for the id.
    #[error("the operating system gave no random number")]
    Random(#[from] getrandom::Error),
    /// The data folder failed.
    #[error(transparent)]
    Folder(#[from] EngineError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Opens the database of a data folder with the schema of all parts of the program: the one that `url`
/// names, else a file in the folder. From the first time on, the folder is opened with this one only.
///
/// Every command that uses the database opens it here, since a schema is refused by a program that
/// does not know all of it.
///
/// # Errors
///
/// [`DatabaseError`]: it is not the folder's, can't be opened, or was written by a newer program.
pub async fn open_database(
    folder: &DataFolder,
    url: Option<&str>,
) -> Result<DatabaseConnection, DatabaseError> {
    Ok(migrate_database(folder, url).await?.0)
}

/// As [`open_database`]; tells the migrations that were applied as well.
///
/// # Errors
///
/// As [`open_database`].
pub async fn migrate_database(
    folder: &DataFolder,
    url: Option<&str>,
) -> Result<(DatabaseConnection, Vec<String>), DatabaseError> {
    let db = connect(folder, url).await?;
    let applied = store::migrate(&db, &SETS).await?;
    let mut fresh = [0; 16];
    getrandom::fill(&mut fresh)?;
    let fresh: String = fresh.iter().map(|byte| format!("{byte:02x}")).collect();
    let id = store::installation(&db, &fresh).await?;
    match folder.database_id()? {
        Some(remembered) if remembered == id => {}
        Some(_) => return Err(DatabaseError::Other { folder: folder.root().to_owned() }),
        None => folder.remember_database(&id)?,
    }
    Ok((db, applied))
}

/// Which migrations the database of a data folder has. Changes nothing.
///
/// # Errors
///
/// As [`open_database`], but a schema of a newer program is told and not refused.
pub async fn database_status(
    folder: &DataFolder,
    url: Option<&str>,
) -> Result<SchemaStatus, DatabaseError> {
    if url.is_none() && !folder.database_file().exists() && folder.database_id()?.is_none() {
        return Err(DatabaseError::None { folder: folder.root().to_owned() });
    }
    let db = connect(folder, url).await?;
    Ok(store::schema_status(&db, &SETS).await?)
}

async fn connect(
    folder: &DataFolder,
    url: Option<&str>,
) -> Result<DatabaseConnection, DatabaseError> {
    let own = folder.database_file();
    let of = || folder.root().to_owned();
    match url {
        Some(_) if own.exists() => Err(DatabaseError::OwnFile { folder: of() }),
        // A new file would not be the database that the folder remembers.
        None if !own.exists() && folder.database_id()?.is_some() => {
            Err(DatabaseError::Other { folder: of() })
        }
        Some(url) => Ok(store::connect(url).await?),
        None => Ok(store::connect(&store::sqlite_url(&own)).await?),
    }
}
