//! The row account: every row of a delivery goes to exactly one exit, and the sum is checked.
//!
//! Two sums must close, or the run stops with an error:
//!
//! * rows: `rows_in = inserted + changed + unchanged + ended + duplicate + quarantined`.
//!   `ended` counts rows *of the file* that say of themselves that they end. No contract has such
//!   rows today, so it is zero; it stands in the sum so that the account keeps its meaning when one
//!   comes.
//! * keys: `open_before + inserted - missing_ended = open_after`, where *open* counts the rows that
//!   the source lists. `missing_ended` counts rows of which a full delivery says, by not listing
//!   them, that the source lists them no longer. They are no rows of the file and so no part of the
//!   first sum. When endings are held, `held_endings` counts them and nothing ends.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use vocab::Period;

use crate::{IntakeError, Warnings};

/// What a delivery holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The whole dataset: what it does not list, the source no longer lists.
    Full,
    /// New and changed rows only.
    Delta,
}

impl Kind {
    /// As manifests and the deliveries table write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Delta => "delta",
        }
    }
}

/// Why the endings of a full delivery are held for a steward.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hold {
    /// Rows whose key can't be read are in the quarantine: any missing row may be one of them.
    UnreadableKeys,
    /// More rows are missing than the contract's bound allows: the file may not be whole.
    Shrink,
}

impl Hold {
    /// As the deliveries table writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UnreadableKeys => "unreadable_keys",
            Self::Shrink => "shrink",
        }
    }
}

/// A delivery and what became of its rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeliveryAccount {
    /// Hash of dataset, as-of date, sequence and bytes; 32 hexadecimal digits.
    pub delivery_id: String,
    /// The dataset.
    pub dataset: String,
    /// The period whose manifest announced it.
    pub period: Period,
    /// The file's name.
    pub file: String,
    /// Full or delta.
    pub kind: Kind,
    /// The day whose state it shows.
    pub as_of: Date,
    /// The day on which it was received.
    pub received: Date,
    /// Order among deliveries of one as-of date.
    pub sequence: u32,
    /// SHA-256 of the bytes, 64 hexadecimal digits.
    pub raw_sha256: String,
    /// Rows of the file.
    pub rows_in: u64,
    /// Rows that the source did not list before.
    pub inserted: u64,
    /// Rows that say something else than before.
    pub changed: u64,
    /// Rows that say the same as before.
    pub unchanged: u64,
    /// Rows that say of themselves that they end.
    pub ended: u64,
    /// Rows that came before in the same file.
    pub duplicate: u64,
    /// Rows in the quarantine.
    pub quarantined: u64,
    /// Rows that the source no longer lists.
    pub missing_ended: u64,
    /// Rows that would have ended, had the endings not been held.
    pub held_endings: u64,
    /// Why they were held.
    pub hold: Option<Hold>,
    /// Cells that were kept although they are wrong in themselves.
    pub warnings: u64,
    /// Rows that the source listed before.
    pub open_before: u64,
    /// Rows that the source lists now.
    pub open_after: u64,
}

impl DeliveryAccount {
    /// Whether the rows are all accounted for.
    #[must_use]
    pub fn rows_close(&self) -> bool {
        self.rows_in == self.rows_out()
    }

    fn rows_out(&self) -> u64 {
        self.inserted
            + self.changed
            + self.unchanged
            + self.ended
            + self.duplicate
            + self.quarantined
    }

    /// Checks both sums.
    ///
    /// # Errors
    ///
    /// [`IntakeError::Account`] with the sum that does not close.
    pub fn check(&self) -> Result<(), IntakeError> {
        let fault = |reason: String| IntakeError::Account {
            dataset: self.dataset.clone(),
            as_of: self.as_of,
            reason,
        };
        if !self.rows_close() {
            return Err(fault(format!("{} rows in, {} out", self.rows_in, self.rows_out())));
        }
        let open = (self.open_before + self.inserted).checked_sub(self.missing_ended + self.ended);
        if open != Some(self.open_after) {
            return Err(fault(format!(
                "{} listed + {} inserted - {} ended is not {}",
                self.open_before,
                self.inserted,
                self.missing_ended + self.ended,
                self.open_after
            )));
        }
        Ok(())
    }

    /// The place of the delivery in the order in which its dataset is built.
    pub(crate) fn order(&self) -> (Date, u32, Date, &str) {
        (self.as_of, self.sequence, self.received, &self.delivery_id)
    }

    /// The delivery with nothing counted yet.
    pub(crate) fn cleared(&self) -> Self {
        Self {
            rows_in: 0,
            inserted: 0,
            changed: 0,
            unchanged: 0,
            ended: 0,
            duplicate: 0,
            quarantined: 0,
            missing_ended: 0,
            held_endings: 0,
            hold: None,
            warnings: 0,
            open_before: 0,
            open_after: 0,
            ..self.clone()
        }
    }

    pub(crate) fn warn(&mut self, warnings: Warnings) {
        self.warnings += warnings.total();
    }
}
