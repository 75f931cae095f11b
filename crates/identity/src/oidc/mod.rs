//! Sign-in by OpenID Connect (Core 1.0): the authorization code flow with PKCE (RFC 7636, S256), `state` and `nonce`.
//!
//! * [`Provider`]: what is asked of a provider, and what of its answers counts.
//! * [`attempt`]: a sign-in that was begun, good once, for ten minutes, in one browser.
//! * [`link`]: who at a provider signs in with which account of the staff.
//! * [`waiting`]: whom a provider has named, and who has to give a code of the second factor yet.
//!
//! A provider says who somebody is *there*. What they are *here* is not its affair: an account is linked by an administrator,
//! and whether a citizen's number and name are somebody's is for the registry to say.

pub mod attempt;
mod error;
mod http;
pub mod link;
mod provider;
pub mod waiting;

pub use self::error::OidcError;
pub use self::http::goes_in_the_clear;
pub use self::provider::{Identity, Provider, Settings};

/// Whom a provider signs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whom {
    /// Accounts of the staff, in the console.
    Staff,
    /// People of the registry, in the portal.
    Citizens,
}

impl Whom {
    /// The word in addresses and settings.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Staff => "staff",
            Self::Citizens => "citizens",
        }
    }

    /// The one that a word stands for.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Staff, Self::Citizens].into_iter().find(|whom| whom.as_str() == word)
    }
}
