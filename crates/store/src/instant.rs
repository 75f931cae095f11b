//! How an instant is written in a column.

use jiff::Timestamp;

/// An instant as it stands in columns: UTC, RFC 3339, always with milliseconds.
///
/// The length is fixed so that the order of the texts is the order of the instants, in either
/// database and without a column type that one of them lacks.
///
/// ```
/// # use huimin_store as store;
/// let at: jiff::Timestamp = "2024-02-05T16:00:00+08:00".parse()?;
/// assert_eq!(store::instant_text(at), "2024-02-05T08:00:00.000Z");
/// # Ok::<(), jiff::Error>(())
/// ```
#[must_use]
pub fn instant_text(at: Timestamp) -> String {
    format!("{at:.3}")
}
