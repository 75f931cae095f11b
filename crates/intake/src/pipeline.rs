//! One file through all stages, many pieces at once, in order.
//!
//! ```text
//! reader thread     pieces of the file
//! workers           decode, split, standardise, check        (any order)
//! this thread       decide row by row: new, changed, …       (in order)
//! workers           seal, build columns                      (any order)
//! this thread       write                                    (in order)
//! ```
//!
//! At most [`WINDOW`] pieces are under way, whatever the size of the file.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};

use engine::TableWriter;
use engine::arrow::array::RecordBatch;
use trust::ColumnKeys;

use crate::chunk::{self, BadRow, CleanChunk};
use crate::layout::Layout;
use crate::outputs::{ClosedTable, QuarantineTable};
use crate::read::{self, Feed, Piece};
use crate::rules::Rules;
use crate::state::{Fate, KeySet, State, Turn};
use crate::{Code, DeliveryAccount, Hold, IntakeError, Kind, seal};

/// Pieces under way. A piece takes some ten megabytes in all its forms.
const WINDOW: usize = 6;
/// Closings that are collected before they are written.
const CLOSINGS: usize = 65_536;
/// A file with more undecodable rows than this many, and than this share, is in another encoding.
const UNDECODABLE_ROWS: u64 = 20;
const UNDECODABLE_SHARE: u64 = 100;

/// What all deliveries of a dataset share.
pub(crate) struct Line<'a, 't> {
    pub(crate) layout: &'a Layout<'a>,
    pub(crate) rules: &'a Rules,
    pub(crate) keys: &'a ColumnKeys,
    pub(crate) state: &'a mut State,
    pub(crate) writer: &'a mut TableWriter,
    pub(crate) closed: &'a mut ClosedTable<'t>,
    pub(crate) quarantine: &'a mut QuarantineTable<'t>,
}

enum Event {
    Piece(Piece),
    Clean(usize, Box<Result<CleanChunk, IntakeError>>),
    Built(usize, Result<RecordBatch, IntakeError>),
    End(Result<(), IntakeError>),
}

/// Rows of the file that are not in a clean table, and what the file looked like.
#[derive(Default)]
struct Seen {
    quarantined: KeySet,
    unreadable_keys: u64,
    named: u64,
    unknown_names: u64,
    undecodable: u64,
    undecodable_at: Option<u64>,
}

impl Line<'_, '_> {
    /// Takes in one delivery; `account` comes without counts and leaves with them.
    ///
    /// # Errors
    ///
    /// When the file is refused as a whole. What was written by then belongs to no version.
    pub(crate) fn take_in(
        &mut self,
        feed: &Feed<'_>,
        rows_announced: Option<u64>,
        turn: &Turn,
        account: &mut DeliveryAccount,
        progress: &dyn Fn(u64),
    ) -> Result<(), IntakeError> {
        self.state.begin(turn, rows_announced.unwrap_or_default());
        account.open_before = self.state.open();
        let seen = self.rows(feed, turn, account, progress)?;
        seen.check(feed, account)?;
        if let Some(expected) = rows_announced
            && expected != account.rows_in
        {
            return Err(IntakeError::RowCount {
                dataset: account.dataset.clone(),
                path: feed.shown.to_owned(),
                expected,
                found: account.rows_in,
            });
        }
        if account.kind == Kind::Full {
            self.end_missing(turn, account, &seen);
        }
        self.flush_closings(account, 0)?;
        account.open_after = self.state.open();
        account.check()
    }

    fn rows(
        &mut self,
        feed: &Feed<'_>,
        turn: &Turn,
        account: &mut DeliveryAccount,
        progress: &dyn Fn(u64),
    ) -> Result<Seen, IntakeError> {
        let (layout, rules, keys) = (self.layout, self.rules, self.keys);
        let delivery_id = account.delivery_id.clone();
        let stopped = |what| IntakeError::Stopped { dataset: layout.dataset().to_owned(), what };
        let (events, inbox) = channel();
        let (permit, permits) = sync_channel(WINDOW);
        for _ in 0..WINDOW {
            // The channel has room for all of them.
            let _ = permit.send(());
        }
        let mut seen = Seen::default();
        rayon::in_place_scope_fifo(|scope| {
            std::thread::scope(|threads| {
                let pieces = events.clone();
                threads.spawn(move || read_pieces(feed, &pieces, &permits));
                // Dropped at the end of this closure, also by an error: the reader then stops.
                let (inbox, permit): (Receiver<Event>, SyncSender<()>) = (inbox, permit);
                let mut cleaned = HashMap::new();
                let mut built = HashMap::new();
                let (mut read, mut decided, mut written, mut ended) = (0, 0, 0, false);
                while !ended || written < read {
                    match inbox.recv().map_err(|_| stopped("reading"))? {
                        Event::Piece(piece) => {
                            let events = events.clone();
                            let number = read;
                            read += 1;
                            scope.spawn_fifo(move |_| {
                                let chunk = guarded(layout, "standardising", || {
                                    let rows = piece.into_rows(layout);
                                    chunk::standardise(layout, rules, keys, rows)
                                });
                                // Nobody listens any more after an error.
                                let _ = events.send(Event::Clean(number, Box::new(chunk)));
                            });
                        }
                        Event::Clean(number, chunk) => {
                            cleaned.insert(number, (*chunk)?);
                        }
                        Event::Built(number, batch) => {
                            built.insert(number, batch?);
                        }
                        Event::End(result) => {
                            result?;
                            ended = true;
                        }
                    }
                    while let Some(chunk) = cleaned.remove(&decided) {
                        let number = decided;
                        decided += 1;
                        let keep = self.decide(turn, &chunk, account, &mut seen)?;
                        seen.check_early(feed, account)?;
                        let (events, delivery_id, turn) =
                            (events.clone(), delivery_id.clone(), *turn);
                        scope.spawn_fifo(move |_| {
                            let batch = guarded(layout, "sealing", || {
                                seal::rows(layout, keys, &turn, &delivery_id, &chunk, &keep)
                            });
                            let _ = events.send(Event::Built(number, batch));
                        });
                    }
                    while let Some(batch) = built.remove(&written) {
                        written += 1;
                        if batch.num_rows() > 0 {
                            self.writer
                                .write(&batch)
                                .map_err(IntakeError::engine(layout.dataset()))?;
                        }
                        // The reader may have ended.
                        let _ = permit.try_send(());
                        progress(account.rows_in);
                    }
                }
                Ok(())
            })
        })?;
        Ok(seen)
    }

    /// Decides about the rows of a chunk, counts them, and returns those to be stored.
    fn decide(
        &mut self,
        turn: &Turn,
        chunk: &CleanChunk,
        account: &mut DeliveryAccount,
        seen: &mut Seen,
    ) -> Result<Vec<u32>, IntakeError> {
        let mut keep = Vec::with_capacity(chunk.rows.len());
        let mut conflicts = Vec::new();
        for (position, row) in chunk.rows.iter().enumerate() {
            let Some(row) = row else {
                continue;
            };
            let fate = self.state.admit(turn, row.key, row.digest);
            match fate {
                Fate::Inserted => account.inserted += 1,
                Fate::Changed => account.changed += 1,
                Fate::Unchanged | Fate::KnownEarlier => account.unchanged += 1,
                Fate::Duplicate => account.duplicate += 1,
                Fate::Conflict => conflicts.push(BadRow {
                    line: row.line,
                    codes: Code::KeyConflict.as_str().to_owned(),
                    columns: self.layout.contract.key.join(","),
                    original: chunk.block.original(position),
                    key: Some(row.key),
                }),
            }
            if matches!(fate, Fate::Inserted | Fate::Changed | Fate::KnownEarlier) {
                // A piece has far fewer than 2^32 rows.
                keep.extend(u32::try_from(position));
            }
        }
        for bad in [&chunk.bad, &conflicts] {
            for row in bad {
                match row.key {
                    Some(key) => {
                        seen.quarantined.insert(key);
                    }
                    None => seen.unreadable_keys += 1,
                }
            }
            account.quarantined += bad.len() as u64;
            if !bad.is_empty() {
                self.quarantine.write(account, bad)?;
            }
        }
        account.rows_in += chunk.rows.len() as u64;
        account.warn(chunk.warnings);
        seen.named |= chunk.block.named;
        seen.unknown_names += chunk.block.unknown_names;
        seen.undecodable += chunk.undecodable;
        seen.undecodable_at = seen.undecodable_at.or(chunk.block.undecodable_at);
        self.flush_closings(account, CLOSINGS)?;
        Ok(keep)
    }

    /// Ends what a full delivery does not list, or holds the endings for a steward.
    fn end_missing(&mut self, turn: &Turn, account: &mut DeliveryAccount, seen: &Seen) {
        let missing = self.state.missing(turn, &seen.quarantined);
        let bound = u64::from(self.layout.contract.shrink_max_permille);
        account.hold = if missing == 0 {
            None
        } else if seen.unreadable_keys > 0 {
            Some(Hold::UnreadableKeys)
        } else if missing * 1000 > bound * account.open_before {
            Some(Hold::Shrink)
        } else {
            None
        };
        if account.hold.is_some() {
            account.held_endings = missing;
        } else {
            account.missing_ended = self.state.end_missing(turn, &seen.quarantined);
        }
    }

    fn flush_closings(
        &mut self,
        account: &DeliveryAccount,
        at_least: usize,
    ) -> Result<(), IntakeError> {
        if self.state.closings_waiting() <= at_least {
            return Ok(());
        }
        let closings = self.state.take_closings();
        self.closed.write(&account.dataset, &account.delivery_id, &closings)
    }
}

impl Seen {
    /// Stops early in a file that is in another encoding.
    fn check_early(&self, feed: &Feed<'_>, account: &DeliveryAccount) -> Result<(), IntakeError> {
        let many = self.undecodable > UNDECODABLE_ROWS
            && self.undecodable * UNDECODABLE_SHARE > account.rows_in;
        if !many {
            return Ok(());
        }
        let at = self.undecodable_at.unwrap_or_default();
        Err(feed.encoding_error(format!(
            "{} of the first {} rows have other bytes, the first near byte {at}",
            self.undecodable, account.rows_in
        )))
    }

    /// Looks at the whole file once it is read.
    fn check(&self, feed: &Feed<'_>, account: &DeliveryAccount) -> Result<(), IntakeError> {
        if account.rows_in == 0 || feed.layout.contract.format != pack::Format::Jsonl {
            return Ok(());
        }
        // JSON Lines has no header: the names of all rows together are its columns.
        if self.unknown_names == account.rows_in {
            return Err(feed.columns_error("every row has a name that is not in the contract"));
        }
        let fields = feed.layout.contract.fields.iter().enumerate();
        let missing: Vec<String> = fields
            .filter(|(position, _)| self.named & read::bit(*position) == 0)
            .map(|(_, field)| format!("no row names `{}`", field.header))
            .collect();
        if missing.is_empty() { Ok(()) } else { Err(feed.columns_error(missing.join(", "))) }
    }
}

fn read_pieces(feed: &Feed<'_>, events: &Sender<Event>, permits: &Receiver<()>) {
    let stopped =
        || IntakeError::Stopped { dataset: feed.layout.dataset().to_owned(), what: "the pipeline" };
    let result = guarded(feed.layout, "reading", || {
        read::read(feed, &mut |piece| {
            permits.recv().map_err(|_| stopped())?;
            events.send(Event::Piece(piece)).map_err(|_| stopped())
        })
    });
    let _ = events.send(Event::End(result));
}

/// A panic on another thread becomes an error here, instead of a wait without end.
fn guarded<T>(
    layout: &Layout<'_>,
    what: &'static str,
    act: impl FnOnce() -> Result<T, IntakeError>,
) -> Result<T, IntakeError> {
    catch_unwind(AssertUnwindSafe(act)).unwrap_or_else(|_| {
        Err(IntakeError::Stopped { dataset: layout.dataset().to_owned(), what })
    })
}
