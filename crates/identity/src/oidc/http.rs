//! How a provider is asked: no redirects, time limits, and answers of limited size.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use openidconnect::http::Response;
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use reqwest::Client;
use reqwest::redirect::Policy;
use url::{Host, Url};

use super::error::chain;

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(5);
/// How long one question may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Bytes of an answer; descriptions and keys of large providers have some 20,000.
const MOST: usize = 512 * 1024;

/// Why a question has no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum HttpError {
    #[error("what it is asked would go over the network for all to read")]
    Plain,
    #[error("{0}")]
    Failed(String),
    #[error("it answered {0}")]
    Status(u16),
    #[error("its answer has more than {MOST} bytes")]
    Large,
}

impl HttpError {
    fn failed(error: reqwest::Error) -> Self {
        // It may be one that the provider has made up.
        Self::Failed(chain(&error.without_url()))
    }
}

/// Whether what is sent to an address can be read on its way: plain HTTP to another machine.
#[must_use]
pub fn goes_in_the_clear(address: &Url) -> bool {
    if address.scheme() != "http" {
        return false;
    }
    match address.host() {
        Some(Host::Ipv4(host)) => !host.is_loopback(),
        Some(Host::Ipv6(host)) => !host.is_loopback(),
        Some(Host::Domain(host)) => host != "localhost",
        None => true,
    }
}

/// The HTTP client that the library is given.
pub(super) struct Http {
    client: Client,
    /// Whether nothing may go over the network for all to read.
    strict: bool,
}

impl Http {
    pub(super) fn new(strict: bool) -> Result<Self, reqwest::Error> {
        let client = Client::builder()
            .connect_timeout(CONNECT)
            .timeout(TIMEOUT)
            // Codes and tokens go nowhere but to the provider itself.
            .redirect(Policy::none())
            .no_proxy()
            .build()?;
        Ok(Self { client, strict })
    }

    async fn ask(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let request = reqwest::Request::try_from(request).map_err(HttpError::failed)?;
        if self.strict && goes_in_the_clear(request.url()) {
            return Err(HttpError::Plain);
        }
        let mut answer = self.client.execute(request).await.map_err(HttpError::failed)?;
        let status = answer.status();
        if status.is_server_error() || status.as_u16() == 429 {
            return Err(HttpError::Status(status.as_u16()));
        }
        let headers = answer.headers().clone();
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(HttpError::failed)? {
            if body.len() + chunk.len() > MOST {
                return Err(HttpError::Large);
            }
            body.extend_from_slice(&chunk);
        }
        let mut response = Response::new(body);
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        Ok(response)
    }
}

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = HttpError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.ask(request))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_asked_in_the_clear() {
        let clear = |address: &str| Url::parse(address).is_ok_and(|url| goes_in_the_clear(&url));
        assert!(clear("http://id.example.gov.cn"));
        assert!(clear("HTTP://id.example.gov.cn"));
        assert!(clear("http://127.0.0.1.example.org"));
        assert!(clear("http://user@127.0.0.1:1@example.org"));
        assert!(!clear("https://id.example.gov.cn"));
        assert!(!clear("http://127.0.0.1:9092/oidc"));
        assert!(!clear("http://[::1]:9092/oidc"));
        assert!(!clear("http://localhost:9092"));
    }
}
