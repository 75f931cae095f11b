//! The SMS gateway: a server of its own that shows what it would send.
//!
//! It stands for a carrier. Each message is known by its id, and is shown once however often it is sent.
//!
//! ```text
//! POST /messages        {"to", "template", "parameters"} → 202 | 400 | 401 | 503
//! GET  /messages        → {"messages": [{"id", "to", "template", "parameters"}]}, newest first
//! GET  /                the same for people, as on a telephone
//! ```

mod page;
mod routes;

use std::io::Write as _;
use std::net::SocketAddr;

use tokio::net::TcpListener;

/// How the gateway behaves.
#[derive(Debug, Clone)]
pub struct SmsOptions {
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// What those who send have to prove themselves with; nobody has to without it.
    pub token: Option<String>,
    /// So many requests are answered with 503 before the first message is taken.
    pub refuse_first: u32,
}

/// Why the gateway can't run.
#[derive(Debug, thiserror::Error)]
pub enum SmsError {
    /// The address can't be listened on.
    #[error("can't listen on {listen}; choose another address with --listen")]
    Listen {
        /// The address.
        listen: SocketAddr,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The server broke off.
    #[error("the server of the SMS gateway broke off")]
    Serve(#[source] std::io::Error),
}

/// Runs the gateway until the process is stopped.
///
/// The first line on standard output is `listening on http://ADDRESS`, written when the address takes connections.
///
/// # Errors
///
/// [`SmsError`] when the address can't be used.
pub async fn serve(options: SmsOptions) -> Result<(), SmsError> {
    let listen = options.listen;
    let fault = |source| SmsError::Listen { listen, source };
    let listener = TcpListener::bind(listen).await.map_err(fault)?;
    let address = listener.local_addr().map_err(fault)?;
    let mut out = std::io::stdout().lock();
    // Whoever started the process may not read the line; that is no reason to stop.
    let _ = writeln!(out, "listening on http://{address}");
    let _ = out.flush();
    drop(out);
    serve_on(listener, options).await
}

/// As [`serve`], on an address that is listened on already.
///
/// # Errors
///
/// [`SmsError::Serve`].
pub async fn serve_on(listener: TcpListener, options: SmsOptions) -> Result<(), SmsError> {
    let stop = async {
        // Without a handler for the signal the process simply ends, which is as good.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    axum::serve(listener, routes::router(options))
        .with_graceful_shutdown(stop)
        .await
        .map_err(SmsError::Serve)
}
