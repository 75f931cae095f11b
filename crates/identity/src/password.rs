//! Passwords: which may be used, hashing and checking them with argon2id.

use std::time::Duration;

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;
use zeroize::Zeroizing;
use zxcvbn::{Score, zxcvbn};

use crate::IdentityError;

/// Fewest characters of a password (NIST SP 800-63B-4, section 3.1.1.2, asks for eight beside a second factor).
pub const PASSWORD_MIN: usize = 8;
/// Most bytes of a password, so that hashing it stays cheap.
pub const PASSWORD_MAX: usize = 1024;
/// Most characters that are looked at for whether they are easily guessed; estimating takes longer
/// than in proportion to them.
const LOOKED_AT: usize = 100;

/// Hashings at once: each takes 19 MiB and a processor for some tens of milliseconds.
const AT_ONCE: usize = 2;
/// How long a sign-in waits for its turn.
const WAIT: Duration = Duration::from_secs(10);

static TURNS: Semaphore = Semaphore::const_new(AT_ONCE);

/// A hash that no password has, of the same cost: checked when there is no such user, so that the
/// time of an answer does not tell which usernames exist.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$aHVpbWluLW5vYm9keQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Why a password can't be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordFault {
    /// Fewer characters than [`PASSWORD_MIN`].
    #[error("it has fewer than 8 characters")]
    Short,
    /// More bytes than [`PASSWORD_MAX`].
    #[error("it is longer than 1024 bytes")]
    Long,
    /// A guess or two would find it.
    #[error("it is easily guessed; several words that don't belong together are good")]
    Guessed,
    /// It is the one that was to be replaced.
    #[error("it is the present one")]
    Same,
}

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

/// Refuses a password that is too short, too long, or easily guessed: words of dictionaries and lists of
/// passwords that were used too often, names, dates, sequences, rows of keys, and their usual
/// disguises (zxcvbn, Wheeler 2016).
pub(crate) fn check(password: &str, names: &[&str]) -> Result<(), IdentityError> {
    if password.chars().count() < PASSWORD_MIN {
        return Err(IdentityError::Password(PasswordFault::Short));
    }
    if password.len() > PASSWORD_MAX {
        return Err(IdentityError::Password(PasswordFault::Long));
    }
    let first: String = password.chars().take(LOOKED_AT).collect();
    // The words that are tried first at this program.
    let mut known = vec!["huimin", "minzheng", "guangzhou", "console"];
    known.extend(names);
    if zxcvbn(&first, &known).score() < Score::Three {
        return Err(IdentityError::Password(PasswordFault::Guessed));
    }
    Ok(())
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
pub async fn verify_in_turn(password: Zeroizing<String>, hash: Option<String>) -> Option<bool> {
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
    fn what_is_easily_guessed_is_no_password() {
        let weak = [
            "password",
            "Passw0rd!",
            "12345678",
            "qwertyuiop",
            "huimin2024",
            "1qaz2wsx",
            "liuchunmei",
            "LiuChunmei1!",
            "20240205",
            "aaaaaaaaaaaa",
            "short",
        ];
        for password in weak {
            assert!(check(password, &["liuchunmei"]).is_err(), "{password}");
        }
        for password in ["correct horse battery", "秋天的柿子挂满了树", "vK3#pqLw9-zt"] {
            assert!(check(password, &["liuchunmei"]).is_ok(), "{password}");
        }
        assert!(check(&"a b ".repeat(300), &[]).is_err());
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
