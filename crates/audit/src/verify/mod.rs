//! Reading the whole log again: is every entry what was sealed?

mod finding;
mod reading;

use store::audit;
use store::sea_orm::{
    AccessMode, ConnectionTrait, DatabaseConnection, DbBackend, IsolationLevel, TransactionOptions,
    TransactionTrait as _,
};
use trust::log::{Head, LogVerifier, TILE, WitnessVerifier};

pub use self::finding::Finding;
use self::reading::Reading;
use crate::{AuditError, read};

/// Entries that are read at once: some full tiles.
const PAGE: u64 = 32 * TILE as u64;

/// What a verification has seen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// The head that the log says it has; `None` when nothing was ever sealed.
    pub head: Option<Head>,
    /// Entries that were read and compared.
    pub entries: u64,
    /// Stored heads whose signature and root were checked.
    pub checkpoints: u64,
    /// Heads that others have kept and that fit.
    pub kept: u64,
    /// Witnesses' co-signatures on the heads that others have kept.
    pub cosignatures: u64,
    /// Entries that wait for their place.
    pub waiting: u64,
    /// Everything that is wrong, in the order of the log; 50 at most.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Whether the log is what was sealed.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.findings.is_empty()
    }
}

/// Reads the whole log and compares it with what was signed.
///
/// `kept` are checkpoints of the log that others have kept, such as those that witnesses have co-signed: only
/// they show that the whole log was replaced by somebody who has its key. `progress` is told how many leaves
/// were compared, and of how many.
///
/// # Errors
///
/// Failures of the database. What is wrong with the log is no error; it stands in the report.
pub async fn verify(
    db: &DatabaseConnection,
    log: &LogVerifier,
    witnesses: &[WitnessVerifier],
    kept: &[Vec<u8>],
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<Report, AuditError> {
    // All of it as it was at one moment, while others write.
    let isolation_level = match db.get_database_backend() {
        DbBackend::Postgres => Some(IsolationLevel::RepeatableRead),
        _ => None,
    };
    let access_mode = isolation_level.map(|_| AccessMode::ReadOnly);
    let options = TransactionOptions { isolation_level, access_mode, ..Default::default() };
    let snapshot = db
        .begin_with_options(options)
        .await
        .map_err(AuditError::db("start to read the audit log"))?;
    let report = read_all(&snapshot, Reading::new(log, witnesses, kept), progress).await?;
    snapshot.rollback().await.map_err(AuditError::db("end to read the audit log"))?;
    Ok(report)
}

async fn read_all<C: ConnectionTrait>(
    db: &C,
    mut reading: Reading<'_>,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<Report, AuditError> {
    let last = read::last(db).await?.map_or(0, |last| last.size);
    while reading.size() < last && !reading.is_hopeless() {
        let from = reading.size();
        let to = last.min(from + PAGE);
        let entries = audit::sealed(db, read::number(from)?..read::number(to)?).await?;
        let tiles = read::tiles(db, 0, from / TILE as u64..to.div_ceil(TILE as u64)).await?;
        let heads = read::checkpoints(db, from + 1..to + 1).await?;
        for full in reading.page(to, entries, &tiles, heads) {
            let stored = read::tiles(db, full.level, full.number..full.number + 1).await?;
            reading.compare_tile(&full, stored.get(&full.number));
        }
        progress(reading.size(), last);
    }
    if reading.size() == last {
        for partial in reading.edge() {
            let stored = read::tiles(db, partial.level, partial.number..partial.number + 1).await?;
            reading.compare_tile(&partial, stored.get(&partial.number));
        }
        reading.end(read::count_tiles(db).await?);
    }
    // Whatever stands in the column of the leaf, and in whatever type.
    let sealed = audit::count_sealed(db).await?;
    let waiting = audit::count_unsealed(db).await?;
    Ok(reading.report(sealed, last, waiting))
}
