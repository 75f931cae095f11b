//! An OpenID provider on this machine that says and signs what a test tells it, rightly or not.
//!
//! For what a real provider never does: the real one stands in the browser tests (`web/e2e/oidc.e2e.mjs`).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer as _, SigningKey};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// How an ID token is signed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Signing {
    /// With the provider's key, Ed25519.
    #[default]
    Right,
    /// With another key, under the name of the provider's.
    OtherKey,
    /// With a key that the provider does not publish, under a name of its own.
    UnpublishedKey,
    /// Rightly; what it says was changed afterwards.
    Changed,
    /// With nothing (`alg: none`).
    Nothing,
    /// As if with a secret that both know (`alg: HS256`).
    Secret,
}

/// What the provider does next.
#[derive(Debug, Default)]
pub struct Next {
    /// What the ID token says.
    pub claims: Value,
    /// How it is signed.
    pub signing: Signing,
    /// What user info says.
    pub user_info: Value,
    /// Whether all is answered with 503.
    pub is_down: bool,
    /// The code that is refused with `invalid_grant`.
    pub refused_code: Option<String>,
    /// The number of its key; another number is another key.
    pub key: u8,
    /// Another issuer in its description.
    pub other_issuer: bool,
    /// Where its token endpoint leads on to, instead of answering.
    pub leads_on: Option<String>,
    /// Bytes that its description has more than it should.
    pub padding: usize,
}

/// What it was asked.
#[derive(Debug, Default)]
pub struct Asked {
    /// How often its description was read.
    pub descriptions: usize,
    /// The forms that its token endpoint got.
    pub redeemed: Vec<BTreeMap<String, String>>,
}

#[derive(Debug, Default)]
struct Inner {
    next: Mutex<Next>,
    asked: Mutex<Asked>,
    issuer: String,
}

/// A provider. It ends with the runtime of the test.
#[derive(Debug, Clone)]
pub struct TestProvider(Arc<Inner>);

impl TestProvider {
    /// Starts one.
    ///
    /// # Panics
    ///
    /// When no port is to be had.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("its address");
        let issuer = format!("http://{address}");
        let provider = Self(Arc::new(Inner { issuer, ..Inner::default() }));
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(description))
            .route("/keys", get(keys))
            .route("/token", post(token))
            .route("/me", get(user_info))
            .with_state(provider.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        provider
    }

    /// Its address.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.0.issuer
    }

    /// What it does next, to be changed.
    pub fn next(&self) -> MutexGuard<'_, Next> {
        self.0.next.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What it was asked.
    pub fn asked(&self) -> MutexGuard<'_, Asked> {
        self.0.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key_of(number: u8) -> SigningKey {
    SigningKey::from_bytes(&[number + 1; 32])
}

fn encoded(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn down(provider: &TestProvider) -> Option<Response> {
    provider.next().is_down.then(|| StatusCode::SERVICE_UNAVAILABLE.into_response())
}

async fn description(State(provider): State<TestProvider>) -> Response {
    provider.asked().descriptions += 1;
    if let Some(down) = down(&provider) {
        return down;
    }
    let issuer = provider.issuer();
    let next = provider.next();
    let named = if next.other_issuer { "http://localhost:1" } else { issuer };
    Json(json!({
        "issuer": named,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "userinfo_endpoint": format!("{issuer}/me"),
        "jwks_uri": format!("{issuer}/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        // More than what is taken.
        "id_token_signing_alg_values_supported": ["EdDSA", "HS256", "none"],
        "authorization_response_iss_parameter_supported": true,
        "padding": "x".repeat(next.padding),
    }))
    .into_response()
}

async fn keys(State(provider): State<TestProvider>) -> Response {
    if let Some(down) = down(&provider) {
        return down;
    }
    let number = provider.next().key;
    let public = encoded(key_of(number).verifying_key().as_bytes());
    let key = json!({
        "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": format!("key-{number}"),
        "x": public,
    });
    Json(json!({ "keys": [key] })).into_response()
}

async fn token(State(provider): State<TestProvider>, body: String) -> Response {
    let form: BTreeMap<String, String> =
        url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    let code = form.get("code").cloned();
    provider.asked().redeemed.push(form);
    if let Some(down) = down(&provider) {
        return down;
    }
    let next = provider.next();
    if let Some(elsewhere) = &next.leads_on {
        let to = [(header::LOCATION, elsewhere.clone())];
        return (StatusCode::TEMPORARY_REDIRECT, to).into_response();
    }
    if next.refused_code.is_some() && next.refused_code == code {
        return (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_grant" })))
            .into_response();
    }
    let id_token = signed(&next);
    Json(json!({ "access_token": "a", "token_type": "Bearer", "id_token": id_token }))
        .into_response()
}

async fn user_info(State(provider): State<TestProvider>) -> Response {
    Json(provider.next().user_info.clone()).into_response()
}

fn signed(next: &Next) -> String {
    let kid = match next.signing {
        Signing::UnpublishedKey => "key-none".to_owned(),
        _ => format!("key-{}", next.key),
    };
    let header = match next.signing {
        Signing::Nothing => json!({ "alg": "none" }),
        Signing::Secret => json!({ "alg": "HS256" }),
        _ => json!({ "alg": "EdDSA", "kid": kid }),
    };
    let claims = encoded(next.claims.to_string());
    let said = format!("{}.{claims}", encoded(header.to_string()));
    let key = match next.signing {
        Signing::OtherKey | Signing::UnpublishedKey => key_of(next.key + 100),
        _ => key_of(next.key),
    };
    let signature = key.sign(said.as_bytes());
    match next.signing {
        Signing::Nothing => format!("{said}."),
        Signing::Secret => format!("{said}.{}", encoded([7_u8; 32])),
        Signing::Changed => {
            let mut claims = next.claims.clone();
            claims["sub"] = json!("somebody-else");
            let said = format!("{}.{}", encoded(header.to_string()), encoded(claims.to_string()));
            format!("{said}.{}", encoded(signature.to_bytes()))
        }
        _ => format!("{said}.{}", encoded(signature.to_bytes())),
    }
}
