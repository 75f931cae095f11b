//! Entity tags: what is changed has to be what was read (RFC 9110, section 13.1.1).

use axum::Json;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::problem::ApiError;

/// Something with the version that it has, as its entity tag.
pub(crate) fn tagged(version: i64, shown: impl Serialize) -> Response {
    let mut response = Json(shown).into_response();
    // A number between quotes is always a header.
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{version}\"")) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

/// The version that a change is about.
///
/// # Errors
///
/// `TAG-NEEDED` without a tag, `CHANGED` for one that this program has not given.
pub(crate) fn version_of(headers: &HeaderMap) -> Result<i64, ApiError> {
    let tag = headers.get(header::IF_MATCH).ok_or_else(ApiError::tag_needed)?;
    let tag = tag.to_str().unwrap_or_default().trim();
    let version = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"'));
    version.and_then(|version| version.parse().ok()).ok_or_else(ApiError::changed)
}
