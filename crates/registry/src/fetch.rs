//! Queries that run beside one another.

use engine::arrow::array::RecordBatch;
use engine::{EngineError, Snapshot};
use futures::StreamExt as _;
use tokio::sync::mpsc::{Receiver, channel};

/// Batches that wait for their reader at most, so that memory stays bounded.
const WAITING: usize = 16;

/// Begins a query over tables that are registered. The rows come while others are still being read;
/// a reader that goes away ends it.
///
/// Must be called within a Tokio runtime.
pub(crate) fn fetch(
    snapshot: &Snapshot,
    sql: String,
    what: String,
) -> Receiver<Result<RecordBatch, EngineError>> {
    let (sender, receiver) = channel(WAITING);
    let context = snapshot.context().clone();
    tokio::spawn(async move {
        let failed = || EngineError::query(what.as_str());
        let begun = async { context.sql(&sql).await?.execute_stream().await };
        match begun.await {
            Ok(mut stream) => {
                while let Some(batch) = stream.next().await {
                    if sender.send(batch.map_err(failed())).await.is_err() {
                        return;
                    }
                }
            }
            // Nobody to tell is nobody to mind.
            Err(error) => drop(sender.send(Err(failed()(error))).await),
        }
    });
    receiver
}
