//! The web application: files embedded in the program.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use rust_embed::{Embed, EmbeddedFile};

use crate::problem::ApiError;

/// The built web application.
#[derive(Embed)]
#[folder = "../../web/dist"]
struct Files;

/// Files whose name holds a hash of their content never change.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// Others are asked for again each time; their hash says whether they have changed.
const ASK_AGAIN: &str = "no-cache";

/// Answers whatever is no route of the API: a file, or the page of the application, whose router
/// then looks at the address. Under `/api` there is nothing but the API.
pub(crate) async fn serve(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path();
    if path == "/api" || path.starts_with("/api/") {
        return ApiError::route_unknown().into_response();
    }
    if method != Method::GET && method != Method::HEAD {
        return (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET, HEAD")]).into_response();
    }
    let name = path.trim_start_matches('/');
    if let Some(file) = Files::get(name).filter(|_| !name.is_empty()) {
        return answer(name, &file, &headers);
    }
    // An address with an extension is a file that is not there, not a page; but for those of the console, which end with
    // usernames and the like.
    let last = name.rsplit('/').next().unwrap_or_default();
    if last.contains('.') && !name.starts_with("console/") {
        return (StatusCode::NOT_FOUND, "There is no such file.\n").into_response();
    }
    match Files::get("index.html") {
        Some(page) => answer("index.html", &page, &headers),
        None => {
            (StatusCode::NOT_FOUND, "The web application is not in this build.\n").into_response()
        }
    }
}

fn answer(name: &str, file: &EmbeddedFile, headers: &HeaderMap) -> Response {
    let hashed = name.starts_with("assets/");
    let etag = format!("\"{}\"", hex(&file.metadata.sha256_hash()));
    let cache = HeaderValue::from_static(if hashed { FOR_EVER } else { ASK_AGAIN });
    // A strong tag would claim equal bytes, which compression does not keep.
    let weak = format!("W/{etag}");
    let known = headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|tag| tag.trim().trim_start_matches("W/") == etag);
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let mut response = Body::from(file.data.clone()).into_response();
        if let Ok(kind) = HeaderValue::from_str(&content_type(file.metadata.mimetype())) {
            response.headers_mut().insert(header::CONTENT_TYPE, kind);
        }
        response
    };
    response.headers_mut().insert(header::CACHE_CONTROL, cache);
    if let Ok(etag) = HeaderValue::from_str(&weak) {
        response.headers_mut().insert(header::ETAG, etag);
    }
    response
}

/// All our text files are UTF-8.
fn content_type(kind: &str) -> String {
    let is_text = kind.starts_with("text/")
        || ["application/javascript", "application/json", "image/svg+xml"].contains(&kind);
    if is_text { format!("{kind}; charset=utf-8") } else { kind.to_owned() }
}

fn hex(bytes: &[u8; 32]) -> String {
    bytes.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}
