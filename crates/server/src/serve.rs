//! Running the server.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use engine::DataFolder;
use identity::access::AccessError;
use identity::sms::SmsGateway;
use jiff::Timestamp;
use tokio::net::TcpListener;
use trust::TrustError;

use crate::app::{App, Clock, Parts};
use crate::audit_log::{AuditLog, AuditLogError};
use crate::database::{DatabaseError, open_database};
use crate::exposure::{Exposure, Mode, Unsafe};
use crate::key_source::KeySource;
use crate::oidc::Oidc;
use crate::router::router;

/// How long requests in progress may go on after the server was told to stop.
const GRACE: Duration = Duration::from_secs(10);

/// What the server works with.
pub struct ServeOptions<F> {
    /// The data folder.
    pub folder: DataFolder,
    /// The URL of the database, if it is not a file in the data folder.
    pub database: Option<String>,
    /// The city pack.
    pub pack: pack::Pack,
    /// Where the keys come from.
    pub keys: KeySource,
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// How the server may be reached.
    pub exposure: Exposure,
    /// Where figures for Prometheus are answered; nowhere without it.
    pub metrics: Option<SocketAddr>,
    /// Requests that one account, or one address before signing in, may send a minute; 0: without limit.
    pub requests_per_minute: u32,
    /// Sends messages to telephones; without it citizens can't sign in.
    pub sms: Option<Arc<dyn SmsGateway>>,
    /// Providers that sign people in by OpenID Connect.
    pub oidc: Oidc,
    /// Who co-signs the audit log.
    pub witnesses: Vec<witness::Client>,
    /// Called with the address once requests are answered.
    pub on_ready: F,
}

/// Why the server did not start, or stopped.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The address can't be had.
    #[error(
        "failed to listen on {address}; another program may have the port, give another one with --listen"
    )]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Production mode refuses how it is to be reached.
    #[error(transparent)]
    Unsafe(#[from] Unsafe),
    /// The keys of the sealed columns can't be used.
    #[error(transparent)]
    Keys(#[from] TrustError),
    /// The database can't be used.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The audit trail can't be sealed.
    #[error(transparent)]
    AuditLog(#[from] AuditLogError),
    /// The access policies can't be used.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The server's own loop failed.
    #[error("the server stopped")]
    Serve(#[source] io::Error),
    /// The signals that stop it can't be received.
    #[error("failed to wait for the signals that stop the server")]
    Signals(#[source] io::Error),
}

/// Serves until the process gets SIGINT or SIGTERM, then lets requests in progress end.
///
/// # Errors
///
/// [`ServerError`]; nothing was answered then.
pub async fn serve<F: FnOnce(SocketAddr)>(options: ServeOptions<F>) -> Result<(), ServerError> {
    let stop = stop_signal()?;
    serve_until(options, Arc::new(Timestamp::now), stop).await
}

/// Serves until `stop` is ready. `clock` tells the present instant.
///
/// # Errors
///
/// As [`serve`].
pub async fn serve_until<F: FnOnce(SocketAddr)>(
    options: ServeOptions<F>,
    clock: Clock,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServerError> {
    let ServeOptions {
        folder,
        database,
        pack,
        keys,
        listen,
        exposure,
        metrics,
        requests_per_minute,
        sms,
        oidc,
        witnesses,
        on_ready,
    } = options;
    exposure.check()?;
    let column = keys.column(&folder)?;
    let listener = bind(listen).await?;
    let figures = match metrics {
        Some(address) => Some(bind(address).await?),
        None => None,
    };
    let address = listener.local_addr().map_err(ServerError::Serve)?;
    if !address.ip().is_loopback() && exposure.mode == Mode::Development {
        tracing::warn!(
            %address,
            "this address is reached from outside without TLS; put a proxy with TLS in front"
        );
    }
    let db = open_database(&folder, database.as_deref()).await?;
    let log = AuditLog::open(&folder, &db, &keys).await?;
    // Tables and indexes are opened by the first request that needs them.
    let app = App::new(Parts {
        folder,
        pack,
        keys: column,
        db,
        clock: clock.clone(),
        exposure: exposure.clone(),
        requests_per_minute,
        sms,
        oidc,
    })?;
    let (stopping, mut stopped) = tokio::sync::watch::channel(false);
    let (ending, until_end) = tokio::sync::watch::channel(false);
    let cosigning = tokio::spawn(log.clone().keep_cosigning(witnesses, stopped.clone()));
    let sealing = tokio::spawn(log.keep_sealing(clock, app.sealing.clone(), until_end));
    let graceful = async move {
        stop.await;
        // Nobody waits any longer when the server has failed before.
        let _ = stopping.send(true);
    };
    // They end with the process.
    let figures = figures.map(|figures| {
        let router = crate::metrics::router(app.clone());
        tokio::spawn(async move { axum::serve(figures, router).await })
    });
    on_ready(address);
    let service = router(app.clone(), exposure).into_make_service_with_connect_info::<SocketAddr>();
    let serving = axum::serve(listener, service).with_graceful_shutdown(graceful);
    let deadline = async {
        // An error means that the sender is gone: the server has ended by itself.
        if stopped.wait_for(|stopping| *stopping).await.is_err() {
            std::future::pending::<()>().await;
        }
        tokio::time::sleep(GRACE).await;
    };
    let ended = tokio::select! {
        ended = async { serving.await } => ended.map_err(ServerError::Serve),
        () = deadline => {
            tracing::warn!("requests that did not end in time were cut off");
            Ok(())
        }
    };
    if let Some(figures) = figures {
        figures.abort();
    }
    // What it has not brought about yet, the next start does.
    cosigning.abort();
    // The last requests have written their entries.
    let _ = ending.send(true);
    if let Err(error) = sealing.await {
        tracing::error!(%error, "the audit trail was not sealed at the end");
    }
    // Written out now, so that a backup of the folder after the end finds one file.
    if let Err(error) = app.db.clone().close().await {
        tracing::warn!(%error, "the database was not closed in order");
    }
    ended
}

async fn bind(address: SocketAddr) -> Result<TcpListener, ServerError> {
    TcpListener::bind(address).await.map_err(|source| ServerError::Listen { address, source })
}

/// Ready when the process is told to stop.
#[cfg(unix)]
fn stop_signal() -> Result<impl Future<Output = ()> + Send + 'static, ServerError> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut interrupt = signal(SignalKind::interrupt()).map_err(ServerError::Signals)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(ServerError::Signals)?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Ready when the process is told to stop.
#[cfg(not(unix))]
fn stop_signal() -> Result<impl Future<Output = ()> + Send + 'static, ServerError> {
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}
