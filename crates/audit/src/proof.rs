//! Showing others that the log only grew.

use std::collections::BTreeMap;

use store::sea_orm::ConnectionTrait;
use trust::log::{Hash, prove, tiles_of_proof};

use crate::{AuditError, read};

/// The consistency proof (RFC 6962, section 2.1.2) from the tree of `old` leaves to the one of `new` leaves.
///
/// # Errors
///
/// [`AuditError::Trust`] when `old` is larger than `new`, or the stored tiles have not so many leaves, and failures
/// of the database. Whether the tiles are those that were signed is for whoever checks the proof.
pub async fn consistency<C: ConnectionTrait>(
    db: &C,
    old: u64,
    new: u64,
) -> Result<Vec<Hash>, AuditError> {
    let mut tiles = BTreeMap::new();
    for (level, number) in tiles_of_proof(old, new) {
        let stored = read::tiles(db, level, number..number + 1).await?;
        tiles.extend(stored.into_iter().map(|(number, hashes)| ((level, number), hashes)));
    }
    Ok(prove(old, new, &tiles)?)
}
