//! What can go wrong with accounts and organisations.

use store::StoreError;
use trust::TrustError;

use crate::password::{HashError, PasswordFault};

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// The username has characters that none may have.
    #[error(
        "`{0}` is not a username; use 1 to 64 lower-case letters, digits, `.`, `-` and `_`, beginning with a letter"
    )]
    Username(String),
    /// The id of an organisation has characters that none may have.
    #[error(
        "`{0}` is not an id of an organisation; use 1 to 64 lower-case letters, digits, `.`, `-` and `_`"
    )]
    OrganisationId(String),
    /// A name is empty or too long.
    #[error("a name has between 1 and 100 characters")]
    Name,
    /// There is such a user already.
    #[error("there is a user `{0}` already")]
    UserExists(String),
    /// There is no such user.
    #[error("there is no user `{0}`; `huimin user list` shows all")]
    UserUnknown(String),
    /// There is such an organisation already.
    #[error("there is an organisation `{0}` already")]
    OrganisationExists(String),
    /// There is no such organisation.
    #[error("there is no organisation `{0}`; `huimin organisation list` shows all")]
    OrganisationUnknown(String),
    /// The division of an organisation does not lie in that of the one above.
    #[error("the division of an organisation lies in that of the organisation above it")]
    OutsideParent,
    /// The role is not one that this program knows.
    #[error("`{0}` is not a role; use one of {known}", known = crate::role::names())]
    Role(String),
    /// Roles that nobody may hold together.
    #[error("who is an administrator has no other role: one person would share two powers")]
    RolesTogether,
    /// An account of the staff belongs to an organisation.
    #[error("the role `{0}` needs an organisation, whose division it works in")]
    NoOrganisation(&'static str),
    /// The purpose is not one that this program knows.
    #[error("`{0}` is not a purpose; use one of {known}", known = crate::grant::names())]
    Purpose(String),
    /// A grant without a reason, or one that ends before it begins.
    #[error("a purpose is granted for a reason of 1 to 500 characters, and until after it begins")]
    Grant,
    /// There is no such grant, or it was taken back.
    #[error("there is no such grant in force")]
    GrantUnknown,
    /// Nobody acts for themselves, without a basis, for ever, or in a crowd.
    #[error(
        "somebody acts for another person on a basis of 1 to 500 characters, until an instant to come, and at most ten do"
    )]
    Representation,
    /// The same person acts for the same person already.
    #[error("this person may act already; end that first")]
    RepresentationExists,
    /// There is no such representation, or it has ended.
    #[error("there is no such representation in force")]
    RepresentationUnknown,
    /// The id of an API client has characters that none may have.
    #[error(
        "`{0}` is not an id of an API client; use 1 to 64 lower-case letters, digits, `.`, `-` and `_`"
    )]
    ApiClientId(String),
    /// There is such an API client already.
    #[error("there is an API client `{0}` already")]
    ApiClientExists(String),
    /// There is no such API client, or it has ended.
    #[error("there is no such API client, or it has ended")]
    ApiClientUnknown,
    /// A text that is no public key of Ed25519.
    #[error(
        "this is no public key of Ed25519 in PEM; `openssl genpkey -algorithm ed25519` makes a key, `openssl pkey -pubout` writes its public part"
    )]
    ApiClientKey,
    /// The end of a key is past, or too late.
    #[error("a key ends at an instant to come, within two years")]
    ApiClientKeyTime,
    /// One key too many.
    #[error("three keys count already; take one back first")]
    ApiClientKeys,
    /// The key was written down before.
    #[error(
        "this key was written down before; each program has keys of its own, and none comes back"
    )]
    ApiClientKeyExists,
    /// There is no such key, or it was taken back.
    #[error("there is no such key in force")]
    ApiClientKeyUnknown,
    /// An agreement without a basis, or with an end that is past.
    #[error("an agreement has a basis of 1 to 500 characters, and lasts until an instant to come")]
    Agreement,
    /// The client may ask about the policy already.
    #[error("there is an agreement about this policy in force; end that first")]
    AgreementExists,
    /// There is no such agreement, or it has ended.
    #[error("there is no such agreement in force")]
    AgreementUnknown,
    /// Nobody changes what they may do themselves.
    #[error(
        "nobody changes what their own account may do, nor resets it; another administrator does"
    )]
    Own,
    /// Somebody else has changed the account since it was read.
    #[error("the account was changed by somebody else since it was read; read it again")]
    Changed,
    /// The password is too short, too long, or easily guessed.
    #[error("this password can't be used: {0}")]
    Password(PasswordFault),
    /// The second factor is in use already.
    #[error("a second factor is in use already; it is taken away before another one is set up")]
    SecondFactorExists,
    /// No second factor waits for its first code.
    #[error("no second factor waits to be confirmed; begin with a new one")]
    NoSecondFactor,
    /// The code is not the one of this moment.
    #[error("this code is not right, or was used before")]
    Code,
    /// The secret of a second factor can't be opened.
    #[error("the second factor of `{username}` can't be read")]
    Secret {
        /// Whose it is.
        username: String,
        /// Why.
        #[source]
        source: TrustError,
    },
    /// The library for codes refused.
    #[error("the second factor could not be made: {0}")]
    Totp(String),
    /// Hashing failed.
    #[error("the password could not be hashed")]
    Hash(#[from] HashError),
    /// What a provider calls somebody has a form of its own.
    #[error(
        "a provider names somebody by 1 to 255 visible ASCII characters, the `sub` of its tokens"
    )]
    OidcSubject,
    /// Somebody at the provider signs in with one account.
    #[error("this name at the provider belongs to another account; take it away there first")]
    OidcLinkExists,
    /// Nobody at a provider signs in with the account.
    #[error("nobody at a provider signs in with this account")]
    NoOidcLink,
    /// The verifier of an attempt can't be opened.
    #[error("the verifier of an attempt to sign in can't be read")]
    OidcVerifier(#[source] TrustError),
    /// The operating system gave no random numbers.
    #[error("the operating system gave no random numbers")]
    Random(#[from] getrandom::Error),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
