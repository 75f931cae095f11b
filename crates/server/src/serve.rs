//! Running the server.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use engine::DataFolder;
use jiff::Timestamp;
use tokio::net::TcpListener;
use trust::ColumnKeys;

use crate::app::{App, Clock};
use crate::database::{DatabaseError, open_database};
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
    /// Keys of the sensitive columns.
    pub keys: ColumnKeys,
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
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
    /// The database can't be used.
    #[error(transparent)]
    Database(#[from] DatabaseError),
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
    let ServeOptions { folder, database, pack, keys, listen, on_ready } = options;
    let listener = TcpListener::bind(listen)
        .await
        .map_err(|source| ServerError::Listen { address: listen, source })?;
    let address = listener.local_addr().map_err(ServerError::Serve)?;
    if !address.ip().is_loopback() {
        tracing::warn!(
            %address,
            "this address is reached from outside without TLS; put a proxy with TLS in front"
        );
    }
    let db = open_database(&folder, database.as_deref()).await?;
    // Tables and indexes are opened by the first request that needs them.
    let app = App::new(folder, pack, keys, db, clock);
    let (stopping, mut stopped) = tokio::sync::watch::channel(false);
    let graceful = async move {
        stop.await;
        // Nobody waits any longer when the server has failed before.
        let _ = stopping.send(true);
    };
    on_ready(address);
    let serving = axum::serve(listener, router(app.clone())).with_graceful_shutdown(graceful);
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
    // Written out now, so that a backup of the folder after the end finds one file.
    if let Err(error) = app.db.clone().close().await {
        tracing::warn!(%error, "the database was not closed in order");
    }
    ended
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
