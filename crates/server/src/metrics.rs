//! Figures for Prometheus, on an address of their own.

use std::sync::OnceLock;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use metrics::{Unit, describe_counter, describe_gauge, describe_histogram, gauge};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use metrics_process::Collector;

use crate::app::App;

const REQUESTS: &str = "huimin_http_requests_total";
const SECONDS: &str = "huimin_http_request_seconds";
const SMS_FAILURES: &str = "huimin_sms_failures_total";
const UNSEALED: &str = "huimin_audit_unsealed_entries";
const COSIGNED: &str = "huimin_audit_cosigned_entries";
const COSIGNING_FAILURES: &str = "huimin_audit_cosigning_failures_total";

/// Upper bounds of the classes of answering times, in seconds.
const BUCKETS: [f64; 10] = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0];

/// How often figures are summed up.
const UPKEEP: Duration = Duration::from_secs(5);

/// One for the process, however many servers it holds: figures are a process's.
static HANDLE: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Starts counting. Without it nothing is counted, which costs nothing.
fn start() -> Option<&'static PrometheusHandle> {
    let make = || {
        let builder = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Full(SECONDS.to_owned()), &BUCKETS)
            .ok()?;
        let handle = builder.install_recorder().ok()?;
        describe_counter!(REQUESTS, "Requests that were answered, by route and status.");
        describe_histogram!(SECONDS, Unit::Seconds, "Time from a request to its answer, by route.");
        describe_counter!(SMS_FAILURES, "Sign-in codes that could not be sent.");
        describe_gauge!(
            UNSEALED,
            "Entries of the audit trail that wait for their place in the log."
        );
        describe_gauge!(COSIGNED, "Entries of the audit log that a witness has co-signed.");
        describe_counter!(
            COSIGNING_FAILURES,
            "Checkpoints that a witness has not co-signed; `evidence`: it has seen another log."
        );
        Collector::default().describe();
        Some(handle)
    };
    HANDLE.get_or_init(make).as_ref()
}

/// Counts an answer. `route` is the pattern, so that no identifier becomes a label.
pub(crate) fn answered(method: &str, route: &str, status: u16, took: Duration) {
    // Whoever asks chooses the method; a new label for each would fill the memory.
    let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    let method = if known.contains(&method) { method } else { "other" };
    let (method, route) = (method.to_owned(), route.to_owned());
    let status = status.to_string();
    metrics::counter!(REQUESTS, "method" => method.clone(), "route" => route.clone(), "status" => status)
        .increment(1);
    metrics::histogram!(SECONDS, "method" => method, "route" => route).record(took);
}

/// Counts a code that could not be sent.
pub(crate) fn sms_failed() {
    metrics::counter!(SMS_FAILURES).increment(1);
}

/// Notes how far a witness has co-signed.
pub(crate) fn cosigned(witness: &str, size: u64) {
    #[expect(clippy::cast_precision_loss, reason = "a figure for a chart")]
    gauge!(COSIGNED, "witness" => witness.to_owned()).set(size as f64);
}

/// Counts a checkpoint that a witness has not co-signed.
pub(crate) fn cosigning_failed(witness: &str, is_evidence: bool) {
    let reason = if is_evidence { "evidence" } else { "unanswered" };
    metrics::counter!(COSIGNING_FAILURES, "witness" => witness.to_owned(), "reason" => reason)
        .increment(1);
}

/// What answers on the address of the figures.
pub(crate) fn router(app: App) -> Router {
    if let Some(handle) = start() {
        // Without it what is counted between two visits of Prometheus piles up.
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(UPKEEP).await;
                handle.run_upkeep();
            }
        });
    }
    Router::new().route("/metrics", get(figures)).with_state(app)
}

async fn figures(State(app): State<App>) -> Response {
    if let Ok(unsealed) = store::audit::count_unsealed(&app.db).await {
        #[expect(clippy::cast_precision_loss, reason = "a figure for a chart")]
        gauge!(UNSEALED).set(unsealed as f64);
    }
    Collector::default().collect();
    let text = start().map(PrometheusHandle::render).unwrap_or_default();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}
