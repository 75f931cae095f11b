//! What can go wrong between this program and a provider.

use std::error::Error;

use openidconnect::core::CoreErrorResponseType;
use openidconnect::{
    ClaimsVerificationError, DiscoveryError, RequestTokenError, SignatureVerificationError,
    StandardErrorResponse, UserInfoError,
};

use super::http::HttpError;

/// An error of a provider, or about one. Holds no claim, code or token.
#[derive(Debug, thiserror::Error)]
pub enum OidcError {
    /// No address of a provider.
    #[error(
        "this is no address of a provider; expected https://HOST/PATH, without user, password, `?` and `#`"
    )]
    Issuer,
    /// No address that the provider may lead back to.
    #[error("this is no address that a provider can lead back to; expected https://HOST")]
    Redirect,
    /// It does not answer, or not with what a provider answers. It may another time.
    #[error("the provider did not answer: {0}")]
    Unavailable(String),
    /// It does not take the code, or not from this client.
    #[error("the provider did not take the code: {0}")]
    Refused(String),
    /// What it says about somebody can't be trusted.
    #[error("the provider's answer can't be trusted: {0}")]
    Untrusted(String),
}

impl OidcError {
    pub(super) fn of_discovery(error: DiscoveryError<HttpError>) -> Self {
        use DiscoveryError as E;

        Self::Unavailable(match error {
            E::Request(error) => error.to_string(),
            E::Parse(error) => format!("its description has a fault at `{}`", error.path()),
            E::Response(status, _, _) => format!("it answered {status}, or not with JSON"),
            E::Validation(_) => "its description names another issuer".to_owned(),
            other => other.to_string(),
        })
    }

    pub(super) fn of_token(error: RequestTokenError<HttpError, Answered>) -> Self {
        use RequestTokenError as E;

        match error {
            E::Request(error) => Self::Unavailable(error.to_string()),
            // Of its words the one of the standard alone (RFC 6749, section 5.2).
            E::ServerResponse(answer) => Self::Refused(match answer.error() {
                CoreErrorResponseType::Extension(_) => "for a reason of its own".to_owned(),
                known => known.as_ref().to_owned(),
            }),
            E::Parse(error, _) => {
                Self::Refused(format!("its answer has a fault at `{}`", error.path()))
            }
            E::Other(_) => Self::Refused("its answer was empty".to_owned()),
        }
    }

    pub(super) fn of_user_info(error: UserInfoError<HttpError>) -> Self {
        use UserInfoError as E;

        match error {
            E::Request(error) => Self::Unavailable(error.to_string()),
            E::ClaimsVerification(error) => Self::of_claims(&error),
            E::Parse(error) => {
                Self::Untrusted(format!("user info has a fault at `{}`", error.path()))
            }
            E::Response(status, _, _) => {
                Self::Refused(format!("user info was answered with {status}"))
            }
            _ => Self::Refused("user info could not be asked for".to_owned()),
        }
    }

    /// Tells the kind alone: the library's words may hold what the token says.
    pub(super) fn of_claims(error: &ClaimsVerificationError) -> Self {
        use ClaimsVerificationError as E;

        let what = match error {
            E::Expired(_) => "it has expired, or is of the future",
            E::InvalidAudience(_) => "it is for another client",
            E::InvalidIssuer(_) => "it is of another issuer",
            E::InvalidNonce(_) => "it answers another request",
            E::InvalidSubject(_) => "it is about somebody else",
            E::SignatureVerification(error) => return Self::of_signature(error),
            _ => "it has a form that is not known",
        };
        Self::Untrusted(what.to_owned())
    }

    fn of_signature(error: &SignatureVerificationError) -> Self {
        use SignatureVerificationError as E;

        let what = match error {
            E::NoSignature => "it is not signed",
            E::NoMatchingKey => "it is signed with a key that the provider does not have",
            E::AmbiguousKeyId(_) => "it does not say with which key it is signed",
            E::DisallowedAlg(_) => "it is signed in a way that is not taken",
            _ => "its signature is wrong",
        };
        Self::Untrusted(what.to_owned())
    }
}

/// An answer that refuses.
type Answered = StandardErrorResponse<CoreErrorResponseType>;

/// An error and its causes, without the address, which may hold a secret.
pub(super) fn chain(error: &(dyn Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| (*error).source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
