//! How a log asks a witness.

use std::time::Duration;

use reqwest::StatusCode;
use reqwest::redirect::Policy;
use trust::TrustError;
use trust::log::{Submission, WitnessVerifier};
use url::Url;

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(5);
/// How long one question may take.
const TIMEOUT: Duration = Duration::from_secs(15);
/// Bytes of an answer: some lines with signatures.
const MOST: usize = 16 * 1024;

/// Why a witness has given no answer that says anything.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// A setting that names no witness.
    #[error(
        "`{text}` names no witness; expected its public key, a space, and its address, as in `example.net/witness+2b8a1f60+BA… https://witness.example.net/`"
    )]
    Setting {
        /// The text.
        text: String,
    },
    /// The key in a setting.
    #[error(transparent)]
    Key(#[from] TrustError),
    /// There is no HTTP client.
    #[error("no HTTP client can be made")]
    NoClient(#[source] reqwest::Error),
    /// The witness can't be reached, or breaks off.
    #[error("witness `{witness}` does not answer")]
    Unreachable {
        /// Its name.
        witness: String,
        /// Why.
        #[source]
        source: reqwest::Error,
    },
    /// It has answered something else than the protocol knows.
    #[error("witness `{witness}` has answered {status}: {told}")]
    Refused {
        /// Its name.
        witness: String,
        /// The status.
        status: u16,
        /// What it says, cut.
        told: String,
    },
}

/// What a witness says of a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It has co-signed: lines of a signed note, not checked yet.
    Cosigned(Vec<u8>),
    /// The checkpoint that it has co-signed last has so many leaves.
    Conflict(u64),
    /// The proof does not show that the log only grew.
    Inconsistent,
}

/// A witness to ask.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    address: Url,
    key: WitnessVerifier,
}

impl Client {
    /// From a setting: the witness's public key and its address, a space between them.
    ///
    /// # Errors
    ///
    /// [`ClientError::Setting`], [`ClientError::Key`] and [`ClientError::NoClient`].
    pub fn parse(text: &str) -> Result<Self, ClientError> {
        let wrong = || ClientError::Setting { text: text.to_owned() };
        let (key, address) = text.trim().split_once(char::is_whitespace).ok_or_else(wrong)?;
        let key = WitnessVerifier::parse(key)?;
        let mut address = Url::parse(address.trim()).map_err(|_| wrong())?;
        if !matches!(address.scheme(), "http" | "https") {
            return Err(wrong());
        }
        if !address.path().ends_with('/') {
            address.set_path(&format!("{}/", address.path()));
        }
        let address = address.join("add-checkpoint").map_err(|_| wrong())?;
        let http = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            .timeout(TIMEOUT)
            .redirect(Policy::none())
            .build()
            .map_err(ClientError::NoClient)?;
        Ok(Self { http, address, key })
    }

    /// What its co-signatures are checked with.
    #[must_use]
    pub fn key(&self) -> &WitnessVerifier {
        &self.key
    }

    /// Asks for a co-signature.
    ///
    /// # Errors
    ///
    /// [`ClientError::Unreachable`] and [`ClientError::Refused`].
    pub async fn add_checkpoint(&self, asked: &Submission) -> Result<Answer, ClientError> {
        let unreachable =
            |source| ClientError::Unreachable { witness: self.key.name().to_owned(), source };
        let request = self.http.post(self.address.clone()).body(asked.to_bytes());
        let mut response = request.send().await.map_err(unreachable)?;
        let status = response.status();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
            body.extend_from_slice(&chunk);
            if body.len() > MOST {
                body.truncate(MOST);
                break;
            }
        }
        let size = || String::from_utf8_lossy(&body).trim().parse().ok();
        match status {
            StatusCode::OK => return Ok(Answer::Cosigned(body)),
            StatusCode::UNPROCESSABLE_ENTITY => return Ok(Answer::Inconsistent),
            StatusCode::CONFLICT => {
                if let Some(size) = size() {
                    return Ok(Answer::Conflict(size));
                }
            }
            _ => {}
        }
        let told = String::from_utf8_lossy(&body).chars().take(200).collect::<String>();
        let witness = self.key.name().to_owned();
        Err(ClientError::Refused { witness, status: status.as_u16(), told: told.trim().to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use trust::log::WitnessKey;

    use super::*;

    #[test]
    fn a_setting_names_key_and_address() {
        let key = WitnessKey::from_seed("example.net/w", &[3; 32]).expect("a key").verifier_key();
        let address = |text: &str| Client::parse(text).map(|client| client.address.to_string());
        for (given, expected) in [
            ("https://w.example.net", "https://w.example.net/add-checkpoint"),
            ("https://w.example.net/a", "https://w.example.net/a/add-checkpoint"),
            ("http://127.0.0.1:8/a/", "http://127.0.0.1:8/a/add-checkpoint"),
        ] {
            assert_eq!(address(&format!("{key} {given}")).expect("a setting"), expected);
        }
        for wrong in [
            "",
            "x",
            &key,
            &format!("{key} nowhere"),
            &format!("{key} file:///etc"),
            "a+b+c https://w",
        ] {
            assert!(address(wrong).is_err(), "{wrong}");
        }
    }
}
