//! The log on standard error, and traces for a collector where one is named (OpenTelemetry, OTLP over HTTP).
//!
//! Both hold names of steps, routes and figures, and nothing of a person.

use std::time::Duration;

use anyhow::Context as _;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer, fmt};

use crate::cli::{Cli, LogFormat};
use crate::failure::Failure;

/// How long the collector is waited for, also at the end of the program.
const PATIENCE: Duration = Duration::from_secs(5);

/// What was started; what still waits for the collector is sent when it ends.
#[derive(Debug)]
pub(crate) struct Telemetry(Option<SdkTracerProvider>);

impl Telemetry {
    /// Starts the log, and traces.
    ///
    /// # Errors
    ///
    /// When the collector's address is none.
    pub(crate) fn start(cli: &Cli) -> Result<Self, Failure> {
        let levels = levels(&cli.log);
        let endpoint = cli.otlp_endpoint.as_deref().filter(|url| !url.trim().is_empty());
        let Some(endpoint) = endpoint else {
            let levels = EnvFilter::new(levels);
            tracing_subscriber::registry().with(levels).with(log(cli.log_format)).init();
            return Ok(Self(None));
        };
        let provider = provider(endpoint)?;
        let traces = tracing_opentelemetry::layer()
            .with_tracer(provider.tracer("huimin"))
            .with_location(false)
            .with_threads(false)
            // What the libraries below say of themselves is not looked through for personal data.
            .with_filter(Targets::new().with_target("huimin", LevelFilter::INFO));
        // One filter before both, since some libraries write their results to standard output when they think that somebody
        // traces them.
        let either = EnvFilter::new(format!("{levels},huimin=trace"));
        let log = log(cli.log_format).with_filter(EnvFilter::new(levels));
        tracing_subscriber::registry().with(either).with(log).with(traces).init();
        Ok(Self(Some(provider)))
    }
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        // A collector that is not there is no reason to fail.
        if let Some(Err(error)) = self.0.as_ref().map(SdkTracerProvider::shutdown) {
            tracing::warn!(error = error.to_string(), "traces were not sent");
        }
    }
}

/// The log on standard error.
fn log<S>(format: LogFormat) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    let log = fmt::layer().with_writer(std::io::stderr);
    match format {
        LogFormat::Text => log.boxed(),
        LogFormat::Json => log.json().boxed(),
    }
}

/// Sends spans in batches, from a thread of its own, so that nobody waits for the collector.
fn provider(endpoint: &str) -> Result<SdkTracerProvider, Failure> {
    let address = format!("{}/v1/traces", endpoint.trim().trim_end_matches('/'));
    let valid =
        url::Url::parse(&address).ok().filter(|url| ["http", "https"].contains(&url.scheme()));
    valid.with_context(|| {
        format!("--otlp-endpoint `{endpoint}` is no address; for instance http://127.0.0.1:4318")
    })?;
    let client = reqwest::blocking::Client::builder()
        .timeout(PATIENCE)
        .build()
        .context("the HTTP client for traces can't be made")?;
    let exporter = opentelemetry_otlp::SpanExporter::builder()
        .with_http()
        .with_http_client(client)
        .with_endpoint(address)
        .build()
        .context("the exporter of traces can't be made")?;
    Ok(SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_resource(Resource::builder().with_service_name("huimin").build())
        .build())
}

/// What is logged: a level alone is that of our own parts; the libraries below say little at most.
fn levels(asked: &str) -> String {
    match asked.trim().to_ascii_lowercase().as_str() {
        level @ ("info" | "debug" | "trace") => format!("warn,huimin={level}"),
        _ => asked.to_owned(),
    }
}
