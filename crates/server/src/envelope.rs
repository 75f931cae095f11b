//! What every answer has: a request id, security headers, and errors as problem documents in
//! the reader's language.

use std::any::Any;
use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tracing::Instrument as _;

use crate::problem::{ApiError, BilingualProblem, Language, render};

/// Scripts and styles come from here alone. Element Plus and the charts set inline styles.
const POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data:; font-src 'self' data:; connect-src 'self'; object-src 'none'; \
     base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, &str); 7] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
];

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Wraps every request.
///
/// The log has method, route and status. The address stays out of it, since it may hold a name or an
/// identity number.
pub(crate) async fn wrap(request: Request, next: Next) -> Response {
    let id = request_id();
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let route = request.extensions().get::<MatchedPath>();
    let route = route.map_or_else(|| "other".to_owned(), |route| route.as_str().to_owned());
    let language = Language::wanted(request.headers());
    let is_api = path == "/api" || path.starts_with("/api/");
    let started = Instant::now();
    // Not the address itself: what is typed into it may be a number of a person.
    let span = tracing::info_span!("request", id, %method, path = route);
    let mut response = next.run(request).instrument(span.clone()).await;

    let status = response.status();
    let failed = status.is_client_error() || status.is_server_error();
    if is_api && failed && response.extensions().get::<BilingualProblem>().is_none() {
        response.extensions_mut().insert(ApiError::of_status(status).problem().clone());
    }
    let mut response = render(response, language, &id);
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if is_api {
        // Personal data stays out of caches, the browser's own included.
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if let Ok(value) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, value);
    }
    crate::metrics::answered(method.as_str(), &route, status.as_u16(), started.elapsed());
    let ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    span.in_scope(|| tracing::info!(status = status.as_u16(), ms, "answered"));
    response
}

/// What a panic of a handler is answered with. The panic itself is in the log.
pub(crate) fn after_panic(_: Box<dyn Any + Send + 'static>) -> Response {
    ApiError::internal("a handler panicked").into_response()
}

/// 16 hexadecimal digits; without random numbers the id says so, which is no reason to fail.
fn request_id() -> String {
    let mut bytes = [0; 8];
    match getrandom::fill(&mut bytes) {
        Ok(()) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        Err(_) => "no-random-numbers".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use axum::Router;
    use axum::http::StatusCode;
    use axum::middleware::from_fn;
    use axum::routing::get;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::{TcpListener, TcpStream};
    use tower_http::catch_panic::CatchPanicLayer;

    use super::*;

    async fn panics() -> StatusCode {
        panic!("on purpose")
    }

    async fn varies() -> Response {
        ([(header::VARY, "cookie")], ApiError::overloaded()).into_response()
    }

    async fn ask(address: SocketAddr, path: &str, language: &str) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\naccept-language: {language}\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn a_panic_is_told_in_the_language_of_the_reader_and_other_headers_stay() {
        let routes = Router::new()
            .route("/api/panics", get(panics))
            .route("/api/varies", get(varies))
            .layer(CatchPanicLayer::custom(after_panic))
            .layer(from_fn(wrap));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = tokio::spawn(async move { axum::serve(listener, routes).await });
        for (asked, tag, title) in
            [("zh-CN", "zh", "服务器未能应答"), ("en", "en", "The server could not answer")]
        {
            let answer = ask(address, "/api/panics", asked).await;
            assert!(answer.starts_with("HTTP/1.1 500 "), "{answer}");
            assert!(answer.contains(&format!("\r\ncontent-language: {tag}\r\n")), "{answer}");
            assert!(answer.contains("\r\nvary: accept-language\r\n"), "{answer}");
            assert!(answer.contains(title) && answer.contains("\"INTERNAL\""), "{answer}");
        }
        let answer = ask(address, "/api/varies", "zh").await;
        for header in ["vary: cookie", "vary: accept-language", "retry-after: 1"] {
            assert!(answer.contains(&format!("\r\n{header}\r\n")), "{header} in {answer}");
        }
        server.abort();
    }
}
