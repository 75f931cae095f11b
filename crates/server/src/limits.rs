//! How much one client may ask for, and how many requests are worked on at once. Beyond it the answer is quick: 429 or
//! 503 with `Retry-After`, so that what is in progress gets done.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use tokio::sync::Semaphore;

use crate::app::App;
use crate::problem::ApiError;
use crate::router::BODY_MOST;

/// Requests of the API that are worked on at once. More would only wait for each other.
const AT_ONCE: usize = 256;
/// Sign-ins among them, which wait for each other longest.
const ENTERING: usize = 64;
/// How long the body of a request may take to arrive.
const BODY_WAIT: Duration = Duration::from_secs(10);
/// The share of a minute's requests that may come at once.
const BURST: u32 = 4;
/// After so many requests, clients that have been away are forgotten.
const SWEEP: u32 = 10_000;

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Client {
    /// Somebody who is signed in.
    Account(String),
    /// An address that nobody has signed in from yet.
    Address(IpAddr),
}

/// What is counted.
#[derive(Debug)]
pub(crate) struct Limits {
    /// `None` where nothing is limited.
    clients: Option<DefaultKeyedRateLimiter<Client>>,
    counted: AtomicU32,
    at_once: Semaphore,
    entering: Semaphore,
}

impl Client {
    /// An address. Whoever has an IPv6 address has the 2^64 of its network as well.
    pub(crate) fn at(address: IpAddr) -> Self {
        Self::Address(match address.to_canonical() {
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
            }
            address => address,
        })
    }
}

impl Limits {
    /// So many requests a minute and client, a quarter of them at once; 0: without limit.
    pub(crate) fn new(requests_per_minute: u32) -> Self {
        let burst = NonZeroU32::new(requests_per_minute.div_ceil(BURST));
        let quota = NonZeroU32::new(requests_per_minute)
            .zip(burst)
            .map(|(minute, burst)| Quota::per_minute(minute).allow_burst(burst));
        Self {
            clients: quota.map(RateLimiter::keyed),
            counted: AtomicU32::new(0),
            at_once: Semaphore::new(AT_ONCE),
            entering: Semaphore::new(ENTERING),
        }
    }

    /// Counts a request of a client.
    ///
    /// # Errors
    ///
    /// 429 when it was one too many, with the time after which another one is heard.
    pub(crate) fn count(&self, client: &Client) -> Result<(), ApiError> {
        let Some(clients) = &self.clients else { return Ok(()) };
        if self.counted.fetch_add(1, Ordering::Relaxed) % SWEEP == SWEEP - 1 {
            clients.retain_recent();
        }
        clients.check_key(client).map_err(|not_until| {
            let wait = not_until.wait_time_from(DefaultClock::default().now());
            ApiError::too_many_requests(i64::try_from(wait.as_secs()).unwrap_or(60) + 1)
        })
    }
}

/// Lets no more requests in than can be worked on. The body is there before, so that nobody holds a place by sending
/// slowly.
pub(crate) async fn shed(
    State(app): State<App>,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let (parts, body) = request.into_parts();
    let arriving = tokio::time::timeout(BODY_WAIT, to_bytes(body, BODY_MOST));
    let bytes = match arriving.await {
        Err(_) => return Err(ApiError::of_status(StatusCode::REQUEST_TIMEOUT)),
        // A connection that was cut does not hear the answer.
        Ok(Err(_)) => return Err(ApiError::of_status(StatusCode::PAYLOAD_TOO_LARGE)),
        Ok(Ok(bytes)) => bytes,
    };
    let request = Request::from_parts(parts, Body::from(bytes));
    let Ok(_turn) = app.limits.at_once.try_acquire() else { return Err(ApiError::overloaded()) };
    Ok(next.run(request).await)
}

/// Counts what comes before anybody is signed in, by address.
pub(crate) async fn by_address(
    State(app): State<App>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let address = app.exposure.client(peer, request.headers());
    app.limits.count(&Client::at(address))?;
    let Ok(_turn) = app.limits.entering.try_acquire() else { return Err(ApiError::overloaded()) };
    Ok(next.run(request).await)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_has_its_own_count_and_is_told_how_long_to_wait() {
        let limits = Limits::new(4);
        let (one, other) =
            (Client::Account("wu".to_owned()), Client::Address(IpAddr::from([127, 0, 0, 1])));
        assert!(limits.count(&one).is_ok());
        let refused = limits.count(&one).map_err(|error| error.problem().code);
        assert_eq!(refused, Err("TOO-MANY-REQUESTS"));
        assert!(limits.count(&other).is_ok());
    }

    #[test]
    fn a_network_of_ipv6_is_one_client() {
        let at = |text: &str| Client::at(text.parse().unwrap());
        assert_eq!(at("2001:db8:1:2:3::4"), at("2001:db8:1:2::"));
        assert_ne!(at("2001:db8:1:3::"), at("2001:db8:1:2::"));
        assert_eq!(at("::ffff:192.0.2.1"), at("192.0.2.1"));
    }

    #[test]
    fn without_a_limit_nothing_is_counted() {
        let limits = Limits::new(0);
        let client = Client::Account("wu".to_owned());
        assert!((0..1000).all(|_| limits.count(&client).is_ok()));
    }
}
