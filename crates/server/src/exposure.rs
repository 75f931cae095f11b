//! How the server is reached. In production only through a proxy that ends TLS.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, Request, State};
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::Response;
use ipnet::IpNet;

use crate::problem::ApiError;

/// Whether real people are behind the data.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mode {
    /// For trying out: plain HTTP is answered.
    #[default]
    Development,
    /// What is not safe is refused at the start, and each request that did not come by TLS.
    Production,
}

/// How the server may be reached.
#[derive(Debug, Clone, Default)]
pub struct Exposure {
    /// Whether real people are behind the data.
    pub mode: Mode,
    /// The proxies whose word counts on where a request came from and by which protocol.
    pub trusted_proxies: Vec<IpNet>,
}

/// Why a server is not started in production mode.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Unsafe {
    /// Nobody ends TLS.
    #[error(
        "production mode needs a proxy that ends TLS: name its address by --trusted-proxy, for instance 127.0.0.1/32"
    )]
    NoProxy,
    /// Everybody would count as a proxy.
    #[error("--trusted-proxy {net} is nearly everybody; name the addresses of the proxies")]
    WideProxy {
        /// The network.
        net: IpNet,
    },
}

impl Exposure {
    /// Whether a server may be started so.
    ///
    /// # Errors
    ///
    /// [`Unsafe`], in production mode.
    pub fn check(&self) -> Result<(), Unsafe> {
        if self.mode == Mode::Development {
            return Ok(());
        }
        if self.trusted_proxies.is_empty() {
            return Err(Unsafe::NoProxy);
        }
        let wide = |net: &&IpNet| net.prefix_len() < if net.addr().is_ipv4() { 8 } else { 16 };
        match self.trusted_proxies.iter().find(wide) {
            Some(net) => Err(Unsafe::WideProxy { net: *net }),
            None => Ok(()),
        }
    }

    /// Whether cookies may go over TLS only.
    pub(crate) fn secure_cookies(&self) -> bool {
        self.mode == Mode::Production
    }

    /// Whether every account needs a second factor.
    pub(crate) fn needs_second_factor(&self) -> bool {
        self.mode == Mode::Production
    }

    fn is_proxy(&self, address: IpAddr) -> bool {
        self.trusted_proxies.iter().any(|net| net.contains(&address.to_canonical()))
    }

    /// Where a request came from: what the nearest proxy that is trusted says, else the other end itself.
    pub(crate) fn client(&self, peer: SocketAddr, headers: &HeaderMap) -> IpAddr {
        let peer = peer.ip();
        if !self.is_proxy(peer) {
            return peer;
        }
        // Each proxy adds the address that it sees at the end; what stands before may be the client's invention.
        let said = headers.get_all("x-forwarded-for").iter();
        let said = said.map(|value| value.to_str().unwrap_or_default());
        let hops: Vec<&str> = said.flat_map(|line| line.split(',')).map(str::trim).collect();
        let mut nearest = peer;
        for hop in hops.into_iter().rev() {
            // Some proxies write the port as well. Beyond what can't be read nothing is trusted.
            let with_port = || hop.parse::<SocketAddr>().map(|hop| hop.ip());
            let Ok(address) = hop.parse::<IpAddr>().or_else(|_| with_port()) else { break };
            nearest = address;
            if !self.is_proxy(address) {
                break;
            }
        }
        nearest
    }

    fn came_by_tls(&self, peer: SocketAddr, headers: &HeaderMap) -> bool {
        let trusted = self.is_proxy(peer.ip());
        // One value only: a proxy that adds its own to that of the client says nothing.
        let mut protocols = headers.get_all("x-forwarded-proto").iter();
        let protocol = protocols.next().and_then(|value| value.to_str().ok());
        trusted && protocol == Some("https") && protocols.next().is_none()
    }
}

/// Refuses what did not come by TLS, in production mode. Those that only ask whether the server lives may.
pub(crate) async fn require_tls(
    State(exposure): State<Exposure>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let asks_for_health = matches!(request.uri().path(), "/healthz" | "/readyz");
    if exposure.mode == Mode::Development
        || asks_for_health
        || exposure.came_by_tls(peer, request.headers())
    {
        return Ok(next.run(request).await);
    }
    Err(ApiError::not_by_tls())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn production(proxies: &[&str]) -> Exposure {
        let trusted_proxies = proxies.iter().map(|net| net.parse().unwrap()).collect();
        Exposure { mode: Mode::Production, trusted_proxies }
    }

    #[test]
    fn a_client_is_whom_the_nearest_trusted_proxy_names() {
        let exposure = production(&["127.0.0.1/32", "10.0.0.0/8"]);
        let client = |peer: &str, forwarded: &[&str]| {
            let mut headers = HeaderMap::new();
            for line in forwarded {
                headers.append("x-forwarded-for", line.parse().unwrap());
            }
            let peer = SocketAddr::new(peer.parse().unwrap(), 1);
            exposure.client(peer, &headers).to_string()
        };
        assert_eq!(client("192.0.2.7", &["198.51.100.1"]), "192.0.2.7");
        assert_eq!(client("127.0.0.1", &["203.0.113.9, 198.51.100.1"]), "198.51.100.1");
        assert_eq!(client("127.0.0.1", &["198.51.100.1", "10.1.2.3"]), "198.51.100.1");
        assert_eq!(client("127.0.0.1", &[]), "127.0.0.1");
        assert_eq!(client("127.0.0.1", &["203.0.113.9, 198.51.100.1:5123"]), "198.51.100.1");
        assert_eq!(client("127.0.0.1", &["203.0.113.9, unknown"]), "127.0.0.1");
    }

    #[test]
    fn production_needs_proxies_that_are_few() {
        assert_eq!(Exposure::default().check(), Ok(()));
        assert_eq!(production(&[]).check(), Err(Unsafe::NoProxy));
        assert_eq!(production(&["10.1.0.0/16", "::1/128"]).check(), Ok(()));
        for everybody in ["0.0.0.0/0", "::/0", "0.0.0.0/1"] {
            let net = everybody.parse().unwrap();
            assert_eq!(
                production(&["127.0.0.1/32", everybody]).check(),
                Err(Unsafe::WideProxy { net })
            );
        }
    }

    #[test]
    fn only_a_proxy_can_say_that_a_request_came_by_tls() {
        let exposure = production(&["127.0.0.1/32"]);
        let mut headers = HeaderMap::new();
        let came = |headers: &HeaderMap, peer: &str| {
            exposure.came_by_tls(SocketAddr::new(peer.parse().unwrap(), 1), headers)
        };
        assert!(!came(&headers, "127.0.0.1"));
        headers.insert("x-forwarded-proto", "https".parse().unwrap());
        assert!(came(&headers, "127.0.0.1") && came(&headers, "::ffff:127.0.0.1"));
        assert!(!came(&headers, "127.0.0.2"));
        headers.append("x-forwarded-proto", "http".parse().unwrap());
        assert!(!came(&headers, "127.0.0.1"));
        headers.insert("x-forwarded-proto", "http".parse().unwrap());
        assert!(!came(&headers, "127.0.0.1"));
    }
}
