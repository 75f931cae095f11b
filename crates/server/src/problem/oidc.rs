//! What sign-in by OpenID Connect refuses, as problems. Those of the way back are codes on the sign-in page.

use axum::http::StatusCode;
use identity::oidc::OidcError;

use super::ApiError;

impl ApiError {
    /// No provider is set for these.
    pub(crate) fn oidc_not_offered() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "OIDC-NOT-OFFERED", "There is no such sign-in")
            .detail("This server has no provider for it; its operator gives one as `oidc`.")
    }

    /// An address to return to that is none of the application's.
    pub(crate) fn bad_return() -> Self {
        Self::bad_body("`next` to be an address of the console")
    }

    /// The attempt has expired, was used, or was begun in another browser; which of them is not said.
    pub(crate) fn oidc_expired() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "OIDC-EXPIRED", "This sign-in is over")
            .detail("It took more than ten minutes, was done already, or was begun in another browser. Begin again.")
    }

    /// Somebody did not want to, at the provider.
    pub(crate) fn oidc_cancelled() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "OIDC-CANCELLED", "The sign-in was cancelled")
            .detail("Nothing was done. Begin again when you want to.")
    }

    /// Nobody is known here by what the provider says.
    pub(crate) fn oidc_not_linked() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "OIDC-NOT-LINKED", "No account belongs to it")
            .detail("Ask the security administrator to link your account, or sign in with username and password.")
    }

    /// The registry knows nobody by the number and the name, or they can't sign in alone.
    pub(crate) fn oidc_no_person() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "OIDC-NO-PERSON", "Nobody can be signed in with it")
            .detail("Number and name are not those of somebody whom the registry knows and who can sign in alone.")
    }

    /// There is no link to take away.
    pub(super) fn no_oidc_link(said: String) -> Self {
        Self::new(StatusCode::NOT_FOUND, "OIDC-NO-LINK", "There is no such link").detail(said)
    }

    /// What went wrong between this server and the provider; how goes to the log.
    pub(super) fn of_oidc(error: OidcError) -> Self {
        let mut answer = match &error {
            OidcError::Unavailable(_) => {
                let title = "The sign-in service does not answer";
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "OIDC-UNAVAILABLE", title)
                    .detail("Try again in a moment, or sign in in another way.")
            }
            _ => {
                let title = "The sign-in service's answer can't be used";
                Self::new(StatusCode::BAD_GATEWAY, "OIDC-REFUSED", title)
                    .detail("Begin again; if it stays, tell the operator when it was.")
            }
        };
        answer.source = Some(error.into());
        answer
    }
}
