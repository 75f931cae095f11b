//! Payment batches.

use axum::Json;
use axum::extract::State;
use benefits::query::BatchView;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use vocab::Period;

use crate::app::App;
use crate::problem::{ApiError, Problem};
use crate::text::Month;

/// All payment batches, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BatchesPage {
    batches: Vec<Batch>,
}

/// A payment batch.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Batch {
    batch_id: String,
    #[schema(inline)]
    period: Month,
    state: BatchState,
    items: u64,
    /// Integer fen (1 CNY = 100 fen).
    amount_fen: i64,
    /// Hash of the batch's content, which the approvals bind.
    hash: String,
    approvals: Vec<Approval>,
    sent_at: Option<Timestamp>,
    receipts: Receipts,
}

/// Life of a payment batch.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum BatchState {
    Prepared,
    Approved,
    Sent,
    Settled,
}

/// One of the two approvals.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Approval {
    user: String,
    at: Timestamp,
}

/// How many items have which answer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Receipts {
    paid: u64,
    rejected: u64,
    returned: u64,
    open: u64,
}

/// Payment batches
#[utoipa::path(
    get, path = "/api/v1/batches", tag = "batches", security(("session" = [])),
    responses(
        (status = 200, description = "Batches.", body = BatchesPage),
        (status = 401, description = "Not signed in, or the session has ended.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list_batches(State(app): State<App>) -> Result<Json<BatchesPage>, ApiError> {
    let found = benefits::query::batches(&app.db).await?;
    // A period or an instant that can't be read was not written by this program.
    Ok(Json(BatchesPage { batches: found.into_iter().filter_map(batch).collect() }))
}

fn batch(view: BatchView) -> Option<Batch> {
    let count = |number: i64| u64::try_from(number).unwrap_or_default();
    Some(Batch {
        period: Month(Period::parse(&view.period).ok()?),
        state: match benefits::BatchState::parse(&view.state)? {
            benefits::BatchState::Prepared => BatchState::Prepared,
            benefits::BatchState::Approved => BatchState::Approved,
            benefits::BatchState::Sent => BatchState::Sent,
            benefits::BatchState::Settled => BatchState::Settled,
        },
        batch_id: view.batch_id,
        items: count(view.items),
        amount_fen: view.amount_fen,
        hash: view.hash,
        approvals: view
            .approvals
            .into_iter()
            .filter_map(|approval| {
                Some(Approval { user: approval.user, at: approval.at.parse().ok()? })
            })
            .collect(),
        sent_at: view.sent_at.and_then(|at| at.parse().ok()),
        receipts: Receipts {
            paid: count(view.receipts.paid),
            rejected: count(view.receipts.rejected),
            returned: count(view.receipts.returned),
            open: count(view.receipts.open),
        },
    })
}
