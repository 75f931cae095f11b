//! The checkpoints that witnesses have co-signed.

use store::sea_orm::sea_query::OnConflict;
use store::sea_orm::{ActiveValue, ConnectionTrait, EntityTrait as _, QueryOrder as _};

use crate::entity::cosigned;
use crate::{AuditError, read};

/// A checkpoint with the co-signature of a witness.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cosigned {
    /// The witness's name.
    pub witness: String,
    /// How many leaves the tree had.
    pub size: u64,
    /// The checkpoint with the signatures of the log and the witness.
    pub note: String,
}

/// Keeps what a witness has co-signed last, in the place of what it has co-signed before.
///
/// # Errors
///
/// When the database fails.
pub async fn keep_cosigned<C: ConnectionTrait>(
    db: &C,
    cosigned: &Cosigned,
) -> Result<(), AuditError> {
    let row = cosigned::ActiveModel {
        witness: ActiveValue::Set(cosigned.witness.clone()),
        size: ActiveValue::Set(read::number(cosigned.size)?),
        note: ActiveValue::Set(cosigned.note.clone()),
    };
    let replace = OnConflict::column(cosigned::Column::Witness)
        .update_columns([cosigned::Column::Size, cosigned::Column::Note])
        .to_owned();
    cosigned::Entity::insert(row)
        .on_conflict(replace)
        .exec_without_returning(db)
        .await
        .map_err(AuditError::db("store a co-signed checkpoint"))?;
    Ok(())
}

/// What each witness has co-signed last, by the witness's name.
///
/// # Errors
///
/// When the database fails.
pub async fn cosigned<C: ConnectionTrait>(db: &C) -> Result<Vec<Cosigned>, AuditError> {
    let rows = cosigned::Entity::find()
        .order_by_asc(cosigned::Column::Witness)
        .all(db)
        .await
        .map_err(AuditError::db("read the co-signed checkpoints"))?;
    let read = |row: cosigned::Model| Cosigned {
        witness: row.witness,
        size: u64::try_from(row.size).unwrap_or(u64::MAX),
        note: row.note,
    };
    Ok(rows.into_iter().map(read).collect())
}
