//! Whether the server lives, and whether it can answer: for balancers and monitoring, without a session.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use store::sea_orm::ConnectionTrait as _;
use utoipa::ToSchema;

use crate::app::App;

/// How long the database may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// Whether the server can answer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Readiness {
    ready: bool,
    /// The database answers.
    database: bool,
    /// What is published can be read, or nothing is published yet.
    published: bool,
    /// The audit trail is sealed in time.
    audit_log: bool,
}

/// Whether the server lives
#[utoipa::path(
    get, path = "/healthz", tag = "operation",
    responses((status = 200, description = "It does.", body = String, content_type = "text/plain"))
)]
pub(crate) async fn get_health() -> &'static str {
    "ok\n"
}

/// Whether the server can answer
#[utoipa::path(
    get, path = "/readyz", tag = "operation",
    responses(
        (status = 200, description = "It can.", body = Readiness),
        (status = 503, description = "It can't now; the log says why.", body = Readiness),
    )
)]
pub(crate) async fn get_readiness(State(app): State<App>) -> (StatusCode, Json<Readiness>) {
    let asked = tokio::time::timeout(PATIENCE, app.db.execute_unprepared("SELECT 1")).await;
    let database = matches!(asked, Ok(Ok(_)));
    let published = app.published().await.is_ok();
    let audit_log = app.sealing.works();
    let ready = database && published && audit_log;
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    if !ready {
        tracing::warn!(database, published, audit_log, "not ready");
    }
    (status, Json(Readiness { ready, database, published, audit_log }))
}
