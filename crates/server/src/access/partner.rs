//! Programs of partners. They have no session: each request is signed (HTTP Message Signatures, RFC 9421, with Ed25519).

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequestParts, Request};
use axum::http::header::HOST;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use identity::api_client::key::{self, Signer};
use identity::api_client::subject;
use trust::request::{RequestParts, RequestSignature, SignatureFault, digest_fits};

use crate::app::App;
use crate::limits::Client;
use crate::problem::ApiError;
use crate::router::BODY_MOST;

/// What every signature covers.
const COVERED: [&str; 3] = ["@method", "@authority", "@path"];
const QUERY: &str = "@query";
const DIGEST: &str = "content-digest";

/// A program whose request is signed. Extractor behind [`super::require`].
#[derive(Debug, Clone)]
pub(crate) struct Partner {
    pub(crate) signer: Signer,
}

impl Partner {
    /// Whose a request is, and the request again.
    ///
    /// # Errors
    ///
    /// When it is not signed, its signature does not hold, covers too little or is not of this time, its body is another one
    /// than was signed, or it came before.
    pub(super) async fn of(app: &App, request: Request) -> Result<(Self, Request), ApiError> {
        let (parts, body) = request.into_parts();
        let body = to_bytes(body, BODY_MOST)
            .await
            .map_err(|_| ApiError::of_status(StatusCode::PAYLOAD_TOO_LARGE))?;
        let signature = read(&parts.headers)?;
        if let Some(name) = uncovered(&signature, &parts, !body.is_empty()) {
            return Err(ApiError::signature_without(name));
        }
        let now = app.now();
        if !key::is_timely(&signature, now) {
            return Err(ApiError::signature_not_timely());
        }
        // A key that nobody has is a signature that does not hold.
        let signer = key::signer(&app.db, &signature.key_id, now).await?;
        let signer = signer.ok_or_else(|| ApiError::of_signature(SignatureFault::False))?;
        check(&signature, &signer, &parts, &body)?;
        let partner = Self { signer };
        app.limits.count(&Client::Account(partner.subject()))?;
        if !key::count(&app.db, &signature, now).await? {
            return Err(ApiError::signature_used());
        }
        Ok((partner, Request::from_parts(parts, Body::from(body))))
    }

    /// How it is named in the audit trail.
    pub(crate) fn subject(&self) -> String {
        subject(&self.signer.client.id)
    }
}

fn read(headers: &HeaderMap) -> Result<RequestSignature, ApiError> {
    let (input, signature) = (joined(headers, "signature-input"), joined(headers, "signature"));
    let (input, signature) = input.zip(signature).ok_or_else(ApiError::signature_needed)?;
    RequestSignature::read(&input, &signature).map_err(ApiError::of_signature)
}

/// Whether the signature is the signer's, of this request and this body.
fn check(
    signature: &RequestSignature,
    signer: &Signer,
    parts: &Parts,
    body: &[u8],
) -> Result<(), ApiError> {
    let field = |name: &str| joined(&parts.headers, name);
    let authority = authority(parts).unwrap_or_default();
    let covered = RequestParts {
        method: parts.method.as_str(),
        authority: &authority,
        path: parts.uri.path(),
        query: parts.uri.query(),
        field: &field,
    };
    signature.verify(&signer.key, &covered).map_err(ApiError::of_signature)?;
    if !body.is_empty() && !field(DIGEST).is_some_and(|digest| digest_fits(&digest, body)) {
        return Err(ApiError::digest_wrong());
    }
    Ok(())
}

/// What the signature would have to cover as well.
fn uncovered(signature: &RequestSignature, parts: &Parts, has_body: bool) -> Option<&'static str> {
    let query = parts.uri.query().is_some().then_some(QUERY);
    let digest = has_body.then_some(DIGEST);
    let needed: Vec<&str> = COVERED.into_iter().chain(query).chain(digest).collect();
    signature.uncovered(&needed)
}

/// The value of a field; several lines joined as RFC 9421, section 2.1, says.
fn joined(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines = headers.get_all(name).iter().map(|value| value.to_str().map(str::trim));
    let lines: Vec<&str> = lines.collect::<Result<_, _>>().ok()?;
    (!lines.is_empty()).then(|| lines.join(", "))
}

/// Host and port as the client names them, without the port that goes without saying.
fn authority(parts: &Parts) -> Option<String> {
    let host = parts.headers.get(HOST).and_then(|value| value.to_str().ok());
    let named = host.or_else(|| parts.uri.authority().map(|authority| authority.as_str()))?;
    let named = named.trim().to_ascii_lowercase();
    let short = named.strip_suffix(":443").or_else(|| named.strip_suffix(":80"));
    Some(short.unwrap_or(&named).to_owned())
}

impl<S: Send + Sync> FromRequestParts<S> for Partner {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        parts.extensions.get::<Self>().cloned().ok_or_else(ApiError::signature_needed)
    }
}
