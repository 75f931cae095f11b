//! Hashing and checking passwords with argon2id.

use std::time::Duration;

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

/// Hashings at once: each takes 19 MiB and a processor for some tens of milliseconds.
const AT_ONCE: usize = 2;
/// How long a sign-in waits for its turn.
const WAIT: Duration = Duration::from_secs(10);

static TURNS: Semaphore = Semaphore::const_new(AT_ONCE);

/// A hash that no password has, of the same cost: checked when there is no such user, so that the
/// time of an answer does not tell which usernames exist.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$aHVpbWluLW5vYm9keQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Why hashing failed.
#[derive(Debug, thiserror::Error)]
pub enum HashError {
    /// The operating system gave no random numbers.
    #[error("the operating system gave no random numbers")]
    Random(#[source] getrandom::Error),
    /// The hash function refused.
    #[error("argon2 refused: {0}")]
    Argon2(argon2::password_hash::Error),
}

/// The hash of a password, with a new salt, as a PHC string.
pub(crate) fn hash(password: &str) -> Result<String, HashError> {
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).map_err(HashError::Random)?;
    let salt = SaltString::encode_b64(&salt).map_err(HashError::Argon2)?;
    argon2()
        .hash_password(password.as_bytes(), &salt)
        .map(|hash| hash.to_string())
        .map_err(HashError::Argon2)
}

/// Whether the password has the hash; `None` when too many others are being checked.
///
/// `hash` is `None` for an unknown user: it takes as long and the answer is no.
pub(crate) async fn verify_in_turn(
    password: Zeroizing<String>,
    hash: Option<String>,
) -> Option<bool> {
    let turn = tokio::time::timeout(WAIT, TURNS.acquire()).await.ok()?.ok()?;
    let checked = tokio::task::spawn_blocking(move || {
        let known = hash.is_some();
        let matches = verify(&password, hash.as_deref().unwrap_or(NOBODY));
        known && matches
    })
    .await
    .ok();
    drop(turn);
    checked
}

fn verify(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash)
        .is_ok_and(|hash| argon2().verify_password(password.as_bytes(), &hash).is_ok())
}

/// Argon2id with 19 MiB and two passes, as the OWASP password storage cheat sheet asks.
fn argon2() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::DEFAULT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_has_its_own_hash_only_and_every_hash_its_own_salt() {
        let (first, second) = (hash("correct horse").ok(), hash("correct horse").ok());
        assert_ne!(first, second);
        let first = first.unwrap_or_default();
        assert!(first.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(verify("correct horse", &first));
        assert!(!verify("correct horsf", &first));
    }

    #[test]
    fn the_hash_of_nobody_is_well_formed_and_costs_the_same() {
        let nobody = PasswordHash::new(NOBODY);
        assert!(nobody.is_ok_and(|hash| hash.hash.is_some_and(|output| output.len() == 32)));
        assert!(!verify("", NOBODY));
    }

    #[tokio::test]
    async fn an_unknown_user_never_gets_in() {
        let checked = verify_in_turn(Zeroizing::new("anything".to_owned()), None).await;
        assert_eq!(checked, Some(false));
    }
}
