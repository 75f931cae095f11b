//! The database of a data folder: a file in it, or one on a server.

use std::fmt;
use std::path::PathBuf;

use engine::{DataFolder, EngineError};
use store::sea_orm::DatabaseConnection;
use store::{MigrationSet, SchemaStatus, StoreError};

/// The tables of all crates above the store, lowest floor first.
const SETS: [fn() -> MigrationSet; 4] =
    [audit::migrations, identity::migrations, tasks::migrations, benefits::migrations];

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
    /// The database belongs with another data folder.
    #[error(
        "this database belongs with another data folder than `{folder}`; give that one by --data, or an empty database by --database or HUIMIN_DATABASE"
    )]
    Taken {
        /// The data folder.
        folder: PathBuf,
    },
    /// The data folder's own database file is gone.
    #[error(
        "`{file}` is missing, which says who was paid; restore it from a backup of the data folder"
    )]
    Lost {
        /// The database file.
        file: PathBuf,
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
/// As [`open_database`]; the database is as it was then.
pub async fn migrate_database(
    folder: &DataFolder,
    url: Option<&str>,
) -> Result<(DatabaseConnection, Vec<String>), DatabaseError> {
    let (db, bond) = connect(folder, url).await?;
    let of = || folder.root().to_owned();
    // Remembered before the database is touched, so that a kill in between can be gone on from.
    let bond = match bond {
        Some(bond) if bond.made => bond,
        bond => {
            let fresh = || Ok(Bond { own: url.is_none(), made: false, id: fresh_id()? });
            let bond = bond.map_or_else(fresh, Ok::<_, DatabaseError>)?;
            Bond::parse(folder, &folder.remember_first_database(&bond.to_string())?)?
        }
    };
    let applied = store::migrate(&db, &SETS).await?;
    if !bond.made {
        if store::install(&db, &bond.id).await? != bond.id {
            return Err(DatabaseError::Taken { folder: of() });
        }
        folder.remember_database(&Bond { made: true, ..bond }.to_string())?;
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
    if url.is_none() && !folder.database_file().exists() && folder.database()?.is_none() {
        return Err(DatabaseError::None { folder: folder.root().to_owned() });
    }
    let (db, _) = connect(folder, url).await?;
    Ok(store::schema_status(&db, &SETS).await?)
}

/// What a data folder remembers of its database.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Bond {
    /// Whether it is a file in the folder.
    own: bool,
    /// Whether the database has the id as well.
    made: bool,
    id: String,
}

impl fmt::Display for Bond {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.own { "own" } else { "server" };
        write!(f, "{kind} {}{}", if self.made { "" } else { "pending " }, self.id)
    }
}

impl Bond {
    fn read(folder: &DataFolder) -> Result<Option<Self>, DatabaseError> {
        folder.database()?.map(|text| Self::parse(folder, &text)).transpose()
    }

    fn parse(folder: &DataFolder, text: &str) -> Result<Self, DatabaseError> {
        let (own, made, id) = match *text.split(' ').collect::<Vec<_>>() {
            [kind @ ("own" | "server"), "pending", id] => (kind == "own", false, id),
            [kind @ ("own" | "server"), id] => (kind == "own", true, id),
            _ => {
                let path = folder.root().join("DATABASE");
                let reason = "expected `own` or `server` and an id".to_owned();
                return Err(EngineError::Damaged { path, reason }.into());
            }
        };
        Ok(Self { own, made, id: id.to_owned() })
    }
}

/// Opens the database and checks that it is the folder's, before anything is written into it.
async fn connect(
    folder: &DataFolder,
    url: Option<&str>,
) -> Result<(DatabaseConnection, Option<Bond>), DatabaseError> {
    let own = folder.database_file();
    let of = || folder.root().to_owned();
    let bond = Bond::read(folder)?;
    match (&bond, url) {
        (_, Some(_)) if own.exists() => return Err(DatabaseError::OwnFile { folder: of() }),
        (Some(bond), Some(_)) if bond.own => return Err(DatabaseError::Lost { file: own }),
        (Some(bond), None) if !bond.own => return Err(DatabaseError::Other { folder: of() }),
        (Some(bond), None) if bond.made && !own.exists() => {
            return Err(DatabaseError::Lost { file: own });
        }
        _ => {}
    }
    let db = match url {
        Some(url) => store::connect(url).await?,
        None => store::connect(&store::sqlite_url(&own)).await?,
    };
    let found = store::installation(&db).await?;
    match (bond, found) {
        (Some(bond), Some(found)) if bond.id == found => Ok((db, Some(bond))),
        (Some(bond), None) if !bond.made => Ok((db, Some(bond))),
        (Some(_), _) => Err(DatabaseError::Other { folder: of() }),
        (None, None) => Ok((db, None)),
        // A file in the folder is the folder's; a database elsewhere is somebody else's.
        (None, Some(id)) if url.is_none() => Ok((db, Some(Bond { own: true, made: false, id }))),
        (None, Some(_)) => Err(DatabaseError::Taken { folder: of() }),
    }
}

fn fresh_id() -> Result<String, DatabaseError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
