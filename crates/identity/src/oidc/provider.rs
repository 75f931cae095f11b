//! A provider: what it is asked, and what of its answers counts.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use jiff::{SignedDuration, Timestamp};
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreClaimName, CoreClaimType,
    CoreClientAuthMethod, CoreErrorResponseType, CoreGenderClaim, CoreGrantType, CoreJsonWebKey,
    CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreJwsSigningAlgorithm,
    CoreResponseMode, CoreResponseType, CoreRevocableToken, CoreRevocationErrorResponse,
    CoreSubjectIdentifierType, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AdditionalClaims, AdditionalProviderMetadata, AuthType, AuthorizationCode,
    ClaimsVerificationError, ClientId, ClientSecret, CsrfToken, EmptyExtraTokenFields,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, IdTokenFields, IssuerUrl, Nonce,
    OAuth2TokenResponse as _, PkceCodeChallenge, PkceCodeVerifier, ProviderMetadata, RedirectUrl,
    Scope, SignatureVerificationError, StandardErrorResponse, StandardTokenResponse,
    TokenResponse as _, UserInfoClaims,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tokio::sync::Mutex;
use url::Url;
use zeroize::Zeroizing;

use super::OidcError;
use super::attempt::{Attempt, Taken};
use super::http::{Http, goes_in_the_clear};

/// How long a provider's description and keys are good. A key that is not among them is looked for earlier.
const FRESH: SignedDuration = SignedDuration::from_hours(1);
/// How long a provider that did not answer, or a key that was not found, is not asked for again.
const PAUSE: SignedDuration = SignedDuration::from_secs(10);
/// How far the clock of a provider may be ahead.
const AHEAD: SignedDuration = SignedDuration::from_mins(2);

/// Ways of signing that a token may have: those with a key pair. With the others whoever knows the client's secret could
/// sign as well.
const SIGNED: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// Values of `amr` that say that something was given besides a password, or in the place of one (RFC 8176, section 2).
const SECOND: [&str; 5] = ["mfa", "otp", "hwk", "swk", "sc"];

/// What a provider is asked with.
pub struct Settings<'a> {
    /// Its address, as it writes it itself.
    pub issuer: &'a str,
    /// What it calls this program.
    pub client_id: &'a str,
    /// What this program proves itself with; empty for a client without one.
    pub secret: Zeroizing<String>,
    /// Where it leads back to, as it is registered there.
    pub redirect: &'a str,
    /// What is asked for besides `openid`.
    pub scopes: &'a [String],
    /// Whether nothing may go over the network for all to read.
    pub strict: bool,
}

/// A provider.
pub struct Provider {
    issuer: IssuerUrl,
    client_id: ClientId,
    secret: Option<ClientSecret>,
    redirect: RedirectUrl,
    scopes: Vec<Scope>,
    strict: bool,
    http: Http,
    known: Mutex<Known>,
}

/// What is known of it.
#[derive(Default)]
struct Known {
    metadata: Option<(Arc<Metadata>, Timestamp)>,
    /// When it was asked last, with or without an answer.
    asked_at: Option<Timestamp>,
}

/// Who somebody is at a provider. Nothing of it is for a log.
pub struct Identity {
    /// The provider.
    pub issuer: String,
    /// What it calls them; stays the same.
    pub subject: String,
    /// Whether a second factor was given there, or a key of their own.
    pub by_code: bool,
    claims: Map<String, Value>,
}

impl Identity {
    /// A text that the provider says of them, trimmed.
    #[must_use]
    pub fn claim(&self, name: &str) -> Option<&str> {
        self.claims.get(name)?.as_str().map(str::trim).filter(|text| !text.is_empty())
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Identity").field("by_code", &self.by_code).finish_non_exhaustive()
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Provider").field("issuer", &self.issuer()).finish_non_exhaustive()
    }
}

impl Provider {
    /// A provider. It is not asked for anything before somebody signs in.
    ///
    /// # Errors
    ///
    /// [`OidcError::Issuer`] and [`OidcError::Redirect`].
    pub fn new(settings: Settings<'_>) -> Result<Self, OidcError> {
        let Settings { issuer, client_id, secret, redirect, scopes, strict } = settings;
        for (address, fault) in [(issuer, OidcError::Issuer), (redirect, OidcError::Redirect)] {
            if !Url::parse(address).is_ok_and(|address| is_plain_address(&address)) {
                return Err(fault);
            }
        }
        let has_secret = !secret.is_empty();
        Ok(Self {
            // Not the parsed address: the issuer is compared letter by letter.
            issuer: IssuerUrl::new(issuer.to_owned()).map_err(|_| OidcError::Issuer)?,
            client_id: ClientId::new(client_id.to_owned()),
            secret: has_secret.then(|| ClientSecret::new(secret.as_str().to_owned())),
            redirect: RedirectUrl::new(redirect.to_owned()).map_err(|_| OidcError::Redirect)?,
            scopes: scopes.iter().cloned().map(Scope::new).collect(),
            strict,
            http: Http::new(strict).map_err(|error| OidcError::Unavailable(error.to_string()))?,
            known: Mutex::default(),
        })
    }

    /// Its address, as it writes it itself.
    #[must_use]
    pub fn issuer(&self) -> &str {
        self.issuer.as_str()
    }

    /// The address at the provider where somebody says who they are.
    ///
    /// # Errors
    ///
    /// [`OidcError::Unavailable`].
    pub async fn authorization(&self, attempt: &Attempt, now: Timestamp) -> Result<Url, OidcError> {
        let metadata = self.metadata(now, FRESH).await?;
        if self.strict && goes_in_the_clear(metadata.authorization_endpoint().url()) {
            let what = "its page would go over the network for all to read";
            return Err(OidcError::Unavailable(what.to_owned()));
        }
        let verifier = PkceCodeVerifier::new(attempt.verifier.to_string());
        let (state, nonce) = (attempt.state().to_owned(), attempt.nonce.to_string());
        let client = self.client(&metadata);
        let request = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                || CsrfToken::new(state),
                || Nonce::new(nonce),
            )
            .add_scopes(self.scopes.iter().cloned())
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
        Ok(request.url().0)
    }

    /// Whether an answer that says it is of `issuer` (RFC 9207; `None` if it does not say) is of this provider.
    ///
    /// # Errors
    ///
    /// [`OidcError::Untrusted`] when it is not, [`OidcError::Unavailable`].
    pub async fn check_sender(
        &self,
        issuer: Option<&str>,
        now: Timestamp,
    ) -> Result<(), OidcError> {
        let says = self.metadata(now, FRESH).await?;
        let says = says.additional_metadata().authorization_response_iss_parameter_supported;
        let is_ours = issuer.map_or(!says, |issuer| issuer == self.issuer());
        let other = || OidcError::Untrusted("it is of another issuer".to_owned());
        if is_ours { Ok(()) } else { Err(other()) }
    }

    /// Redeems the code of an answer: who somebody is. `wanted` are claims that are looked for at the provider's user info if the ID token
    /// lacks one.
    ///
    /// # Errors
    ///
    /// [`OidcError`]: the code is not taken, the ID token can't be trusted, or no answer came.
    pub async fn redeem(
        &self,
        code: &str,
        taken: &Taken,
        wanted: &[&str],
        now: Timestamp,
    ) -> Result<Identity, OidcError> {
        let metadata = self.metadata(now, FRESH).await?;
        let client = self.client(&metadata);
        let no_endpoint = |_| OidcError::Refused("it has no token endpoint".to_owned());
        let tokens = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(no_endpoint)?
            .set_pkce_verifier(PkceCodeVerifier::new(taken.verifier.to_string()))
            .request_async(&self.http)
            .await
            .map_err(OidcError::of_token)?;
        let unsigned = || OidcError::Untrusted("it has no ID token".to_owned());
        let id_token = tokens.id_token().ok_or_else(unsigned)?;
        let nonce = Nonce::new(taken.nonce.to_string());
        let verified = |metadata: &Metadata| self.verified(metadata, id_token, &nonce, now);
        let claims = match verified(&metadata) {
            // It may have changed its keys since they were read.
            Err(ClaimsVerificationError::SignatureVerification(
                SignatureVerificationError::NoMatchingKey,
            )) => verified(&*self.metadata(now, PAUSE).await?),
            other => other,
        };
        let (mut identity, methods) = claims.map_err(|error| OidcError::of_claims(&error))?;
        identity.by_code = methods.iter().any(|method| SECOND.contains(&method.as_str()));
        let lacks = |identity: &Identity| wanted.iter().any(|name| identity.claim(name).is_none());
        if lacks(&identity) && metadata.userinfo_endpoint().is_some() {
            let subject = openidconnect::SubjectIdentifier::new(identity.subject.clone());
            let asked = client.user_info(tokens.access_token().clone(), Some(subject));
            let asked = asked.map_err(|_| unsigned())?;
            let more: UserInfoClaims<Others, CoreGenderClaim> =
                asked.request_async(&self.http).await.map_err(OidcError::of_user_info)?;
            for (name, value) in texts(&more)? {
                // What is signed comes first.
                identity.claims.entry(name).or_insert(value);
            }
        }
        Ok(identity)
    }

    fn verified(
        &self,
        metadata: &Metadata,
        id_token: &IdToken,
        nonce: &Nonce,
        now: Timestamp,
    ) -> Result<(Identity, Vec<String>), ClaimsVerificationError> {
        let client = self.client(metadata);
        let offered = metadata.id_token_signing_alg_values_supported();
        let taken = SIGNED.into_iter().filter(|way| offered.contains(way));
        let at = instant(now);
        let latest = instant(now.saturating_add(AHEAD).unwrap_or(now));
        let verifier = client
            .id_token_verifier()
            .set_allowed_algs(taken)
            .set_time_fn(move || at)
            .set_issue_time_verifier_fn(move |issued| {
                if issued <= latest { Ok(()) } else { Err("of the future".to_owned()) }
            });
        let claims = id_token.claims(&verifier, nonce)?;
        let methods = claims.auth_method_refs().into_iter().flatten();
        let methods = methods.map(|method| method.as_str().to_owned()).collect();
        let unreadable = |_| ClaimsVerificationError::Other("no object".to_owned());
        let identity = Identity {
            issuer: claims.issuer().as_str().to_owned(),
            subject: claims.subject().as_str().to_owned(),
            by_code: false,
            claims: texts(claims).map_err(unreadable)?,
        };
        Ok((identity, methods))
    }

    fn client(&self, metadata: &Metadata) -> Client {
        let (id, secret) = (self.client_id.clone(), self.secret.clone());
        let client = Client::from_provider_metadata(metadata.clone(), id, secret)
            .set_redirect_uri(self.redirect.clone());
        // RFC 6749 recommends the header, which is what a provider that says nothing takes.
        let in_the_body = metadata.token_endpoint_auth_methods_supported().is_some_and(|ways| {
            !ways.contains(&CoreClientAuthMethod::ClientSecretBasic)
                && ways.contains(&CoreClientAuthMethod::ClientSecretPost)
        });
        if in_the_body { client.set_auth_type(AuthType::RequestBody) } else { client }
    }

    /// The provider's description with its keys, not older than `fresh`.
    async fn metadata(
        &self,
        now: Timestamp,
        fresh: SignedDuration,
    ) -> Result<Arc<Metadata>, OidcError> {
        // One request reads it, the others wait for it.
        let mut known = self.known.lock().await;
        let is_within = |at: Timestamp, span| now.duration_since(at) < span;
        if let Some((metadata, read_at)) = &known.metadata
            && is_within(*read_at, fresh)
        {
            return Ok(metadata.clone());
        }
        if known.asked_at.is_some_and(|at| is_within(at, PAUSE)) {
            let pausing = "it did not a moment ago, and is asked again in some seconds";
            return Err(OidcError::Unavailable(pausing.to_owned()));
        }
        known.asked_at = Some(now);
        let read = Metadata::discover_async(self.issuer.clone(), &self.http).await;
        let read = Arc::new(read.map_err(OidcError::of_discovery)?);
        known.metadata = Some((read.clone(), now));
        Ok(read)
    }
}

/// HTTP or HTTPS, and nothing in it that is secret or gets lost.
fn is_plain_address(address: &Url) -> bool {
    matches!(address.scheme(), "http" | "https")
        && address.username().is_empty()
        && address.password().is_none()
        && address.query().is_none()
        && address.fragment().is_none()
}

/// What a provider says, by name.
fn texts(claims: &impl Serialize) -> Result<Map<String, Value>, OidcError> {
    match serde_json::to_value(claims) {
        Ok(Value::Object(claims)) => Ok(claims),
        _ => Err(OidcError::Untrusted("it is no object".to_owned())),
    }
}

fn instant(at: Timestamp) -> DateTime<Utc> {
    DateTime::from_timestamp(at.as_second(), 0).unwrap_or_default()
}

/// Claims that the library does not know by name.
#[derive(Clone, Default, Deserialize, Serialize)]
struct Others {
    #[serde(flatten)]
    all: Map<String, Value>,
}

impl fmt::Debug for Others {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Others")
    }
}

impl AdditionalClaims for Others {}

/// What a provider says of itself that the library does not know by name.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
struct Announced {
    /// RFC 9207, section 3.
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

impl AdditionalProviderMetadata for Announced {}

type Metadata = ProviderMetadata<
    Announced,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

type IdToken = openidconnect::IdToken<
    Others,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;

type Fields = IdTokenFields<
    Others,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;

type Client = openidconnect::Client<
    Others,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    StandardTokenResponse<Fields, CoreTokenType>,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;
